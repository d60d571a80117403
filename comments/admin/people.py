"""Sanctions: imposed, lifted, never rewritten. They stand here, because to ban may mean to purge."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts import sanctions
from accounts.models import Sanction, User
from accounts.reports import state_of
from realtime.errors import Refused

from .base import OursAdmin, acting, link_to, may_look, native, refused_once_each
from .comments import purge
from .deciding import SanctionForm


class InForce(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("in_force", _("in force")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Sanction]) -> QuerySet[Sanction]:
        over = Q(until__lte=timezone.now()) | Q(lifted_at__isnull=False) | Q(acknowledged_at__isnull=False)
        match self.value():
            case "in_force":
                return queryset.exclude(over)
            case "over":
                return queryset.filter(over)
        return queryset


class PersonField(forms.CharField):
    """Somebody, by the name they log in with."""

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        person = User.objects.filter(username=name).first()
        if person is None:
            raise forms.ValidationError(_("Nobody has this username."))
        return person


class ImposeForm(SanctionForm):
    person = PersonField(label=gettext_lazy("username"), max_length=150)
    concerns = forms.CharField(
        label=gettext_lazy("concerns"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("The address of what it is about, a comment's for example."),
    )


@admin.register(Sanction)
class SanctionAdmin(OursAdmin[Sanction]):
    list_display = ("person", "kind", "state", "until", "reason", "imposed_by", "created_at")
    list_filter = (InForce, "kind", "reason", "created_at")
    list_select_related = ("user", "by", "lifted_by")
    search_fields = ("user__username", "user__name", "explanation", "note")
    ordering = ("-id",)
    date_hierarchy = "created_at"
    actions = ("lift_selected",)
    change_form_template = "admin/comments/sanction_form.html"
    fields = (
        "person_link", "kind", "reason", "explanation", "note", "concerns_link", "imposed_by", "created_at",
        "until", "state",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.lift))
        return [path("<int:sanction_id>/lift/", view, name="accounts_sanction_lift"), *super().get_urls()]

    # --- Who may -------------------------------------------------------------------------------------

    def has_sanction_permission(self, request: HttpRequest) -> bool:
        user = acting(request)
        return user.is_active and user.has_perm("accounts.sanction_users")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_sanction_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_sanction_permission(request) or super().has_view_permission(request, obj)

    # --- What is shown -------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("person"), ordering="user")
    def person(self, sanction: Sanction) -> str:
        return sanction.user.shown_name

    @admin.display(description=gettext_lazy("person"))
    def person_link(self, sanction: Sanction) -> SafeString | str:
        return link_to(sanction.user, sanction.user.shown_name)

    @admin.display(description=gettext_lazy("imposed by"), ordering="by")
    def imposed_by(self, sanction: Sanction) -> str:
        return sanction.by.shown_name if sanction.by is not None else "—"

    @admin.display(description=gettext_lazy("concerns"))
    def concerns_link(self, sanction: Sanction) -> SafeString | str:
        concerns = sanction.concerns
        if concerns.startswith("/") and not concerns.startswith("//"):
            return format_html('<a href="{}">{}</a>', concerns, concerns)
        return concerns or "—"

    @admin.display(description=gettext_lazy("state"))
    def state(self, sanction: Sanction) -> str:
        return state_of(sanction)

    # --- Imposing and lifting ------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked_for = request.GET.get("user", "")
        person = User.objects.filter(pk=asked_for).first() if asked_for.isdecimal() else None
        posted = request.method == "POST"
        form = ImposeForm(
            request.POST if posted else None,
            initial={"person": person.username if person is not None else ""},
            may_purge=may_look(request),
        )
        if posted and form.is_valid():
            target: User = form.cleaned_data["person"]
            try:
                form.impose(target, acting_user=acting(request), concerns=form.cleaned_data["concerns"])
            except Refused as refusal:
                form.add_error(None, str(refusal.message))
            else:
                text = ngettext("%(count)d person sanctioned.", "%(count)d people sanctioned.", 1)
                messages.success(request, text % {"count": 1})
                there = purge(request, [target], form) if form.cleaned_data.get("purge") else None
                return there or HttpResponseRedirect(reverse("admin:accounts_sanction_changelist"))
        fields = ["person", "kind", "ends", "until", "reason", "explanation", "note", "concerns"]
        context = self.page_context(
            request,
            _("Impose a sanction"),
            adminform=native(
                form,
                [(None, {"fields": fields}), *([(None, {"fields": ["purge"]})] if may_look(request) else [])],
            ),
            errors=form.errors,
            media=self.media + form.media,
            back=reverse("admin:accounts_sanction_changelist"),
            button=_("Impose"),
        )
        return TemplateResponse(request, "admin/comments/decide.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Whose it is says more than its number."""
        sanction = self.get_object(request, object_id)
        named = (
            {}
            if sanction is None
            else {"subtitle": f"{sanction.get_kind_display()} · {sanction.user.shown_name}"}
        )
        return super().change_view(request, object_id, form_url, {**named, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        sanction = context.get("original")
        if sanction is not None and sanction.is_in_force() and self.has_sanction_permission(request):
            context["lift_url"] = reverse("admin:accounts_sanction_lift", args=[sanction.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    def lift(self, request: HttpRequest, sanction_id: int) -> HttpResponse:
        try:
            sanctions.lift(sanction_id, acting_user=acting(request))
            messages.success(request, _("The sanction is lifted; its person knows."))
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        return HttpResponseRedirect(reverse("admin:accounts_sanction_change", args=[sanction_id]))

    @admin.action(description=gettext_lazy("Lift the selected sanctions"), permissions=["sanction"])
    def lift_selected(self, request: HttpRequest, queryset: QuerySet[Sanction]) -> None:
        lifted = 0
        refusals: list[tuple[object, Refused]] = []
        for sanction in queryset.order_by("pk")[: self.list_max_show_all]:
            was_in_force = sanction.is_in_force()
            try:
                lifted += (
                    was_in_force
                    and not sanctions.lift(sanction.pk, acting_user=acting(request)).is_in_force()
                )
            except Refused as refusal:
                refusals.append((sanction.user.shown_name, refusal))
        if lifted or not refusals:
            text = ngettext("%(count)d sanction lifted.", "%(count)d sanctions lifted.", lifted)
            messages.success(request, text % {"count": lifted})
        refused_once_each(request, refusals)
