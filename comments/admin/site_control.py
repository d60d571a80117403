"""All rooms at once: paused, or every comment held; in one click from the admin's first page."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comments import room_controls
from comments.models import SiteControl
from realtime.errors import Refused

from .base import OursAdmin, acting

SAID = {"pause": {"paused": True}, "go_on": {"paused": False}, "hold": {"hold_everything": True},
        "let_through": {"hold_everything": False}}  # fmt: skip


@admin.register(SiteControl)
class SiteControlAdmin(OursAdmin[SiteControl]):
    list_display = ("__str__", "paused", "hold_everything", "changed_by", "changed_at")
    fields = ("paused", "hold_everything", "changed_by", "changed_at")
    readonly_fields = ("changed_by", "changed_at")
    actions = None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.control))
        return [path("control/", view, name="comments_sitecontrol_control"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_control(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_control(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, str] | None = None
    ) -> HttpResponse:
        """There is one row: its page is what somebody looks for."""
        row = SiteControl.objects.order_by("pk").first()
        if row is not None and self.has_view_or_change_permission(request):
            return HttpResponseRedirect(reverse("admin:comments_sitecontrol_change", args=[row.pk]))
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # The only row has no name beside its kind's.
        return super().change_view(request, object_id, form_url, {"subtitle": None, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: SiteControl, form: Any, change: bool) -> None:
        room_controls.set_site(
            acting_user=acting(request), paused=obj.paused, hold_everything=obj.hold_everything
        )

    def control(self, request: HttpRequest) -> HttpResponse:
        wanted = SAID.get(request.POST.get("do", ""), {})
        try:
            site = room_controls.set_site(acting_user=acting(request), **wanted)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        else:
            if wanted:
                self.log_change(request, site, [{"changed": {"fields": list(wanted)}}])
                messages.success(request, _said(site))
        return HttpResponseRedirect(reverse("admin:index"))


def may_control(request: HttpRequest) -> bool:
    user = acting(request)
    return user.is_active and user.has_perm("comments.manage_rooms")


def _said(site: SiteControl) -> str:
    if site.paused:
        return _("Everything is paused: nobody but staff may write.")
    if site.hold_everything:
        return _("Readers may write; every comment waits for a moderator.")
    return _("Readers may write again.")
