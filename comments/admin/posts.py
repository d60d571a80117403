"""Posts, and on each post's page the controls of its room."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.widgets import DateAndTime
from comments import actions, controls, room_controls
from comments.models import Post, PostKind, RoomState
from realtime.errors import Refused

from .base import OursAdmin, acting, begin_labels_large, native
from .site_control import may_control

CONTROLS = (
    "room_state", "pre_moderation", "hold_newcomers", "slow_mode", "auto_slow_above", "auto_slow_seconds",
)  # fmt: skip
# As the panel has them, line by line.
LINES = ("room_state", CONTROLS[1:3], "slow_mode", CONTROLS[4:])


class RoomForm(forms.ModelForm):  # type: ignore[type-arg]
    room_state = forms.ChoiceField(
        label=gettext_lazy("comments are"), choices=RoomState, widget=forms.RadioSelect
    )

    class Meta:
        model = Post
        fields = CONTROLS

    prefix = "room"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = {
            "slow_mode": (_("Slow mode"), room_controls.SLOWEST),
            "auto_slow_above": (_("By itself above"), room_controls.BUSIEST),
            "auto_slow_seconds": (_("Slow mode then"), room_controls.SLOWEST),
        }
        for name, (label, most) in limits.items():
            # A new field: what a model's has is made for as much as the database takes.
            self.fields[name] = forms.IntegerField(
                label=label, help_text=self.fields[name].help_text, min_value=0, max_value=most
            )
        begin_labels_large(self)
        for field in self.fields.values():
            # What counts as changed is measured by what the page showed, not by what holds by now.
            field.show_hidden_initial = True


class ControlledAdmin(OursAdmin[Post]):
    """What has a room, and on its page the controls of that."""

    search_fields = ("title", "body")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("version", "comment_count")
    date_hierarchy = "published_at"
    formfield_overrides = {
        models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime},
    }
    change_form_template = "admin/comments/post_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.control))
        name = f"comments_{self.opts.model_name}_room"
        return [path("<int:post_id>/room/", view, name=name), *super().get_urls()]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_control(request) or super().has_view_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Post, form: Any, change: bool) -> None:
        if change:
            # What rooms are like has verbs of its own, and may have been changed since this row was read.
            if form.changed_data:
                obj.save(update_fields=form.changed_data)
            if "published_at" in form.changed_data:
                obj.refresh_from_db()
                actions.announce_post(obj)
        else:
            super().save_model(request, obj, form, change)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        post: Post | None = kwargs.get("obj") or context.get("original")
        if post is not None and post.pk is not None:
            context.setdefault("room_form", RoomForm(instance=post))
            context |= self._room(request, post)
            context["room"] = native(context["room_form"], [(None, {"fields": LINES})])
        return super().render_change_form(request, context, *args, **kwargs)

    def control(self, request: HttpRequest, post_id: int) -> HttpResponse:
        """Change what was touched of a room; what others changed meanwhile stays."""
        here = reverse(f"admin:comments_{self.opts.model_name}_change", args=[post_id])
        if not may_control(request):
            raise PermissionDenied
        post = get_object_or_404(self.get_queryset(request), pk=post_id)
        form = RoomForm(request.POST, instance=Post(**{name: getattr(post, name) for name in CONTROLS}))
        if not form.is_valid():
            request.method = "GET"
            return self.change_view(request, str(post_id), extra_context={"room_form": form})
        try:
            changed = {name: form.cleaned_data[name] for name in form.changed_data}
            room_controls.set_room(post_id, acting_user=acting(request), **changed)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        else:
            if changed:
                self.log_change(request, post, [{"changed": {"fields": list(changed)}}])
            messages.success(request, _("The room is as you wish; open pages know."))
        return HttpResponseRedirect(here)

    def _room(self, request: HttpRequest, post: Post) -> dict[str, Any]:
        """What the page shows of the post's room."""
        now = timezone.now()
        until = post.auto_slow_until
        return {
            "may_control_room": may_control(request),
            "room_url": reverse(f"admin:comments_{self.opts.model_name}_room", args=[post.pk]),
            "comments_url": f"{reverse('admin:comments_comment_changelist')}?post__id__exact={post.pk}",
            "site": controls.current(),
            "rush_until": until if until is not None and until > now else None,
            "slow_now": post.slow_seconds(now),
        }


@admin.register(Post)
class PostAdmin(ControlledAdmin):
    list_display = ("title", "author", "published_at", "room_state", "comment_count", "version")
    list_filter = ("room_state", "language", "published_at")
    autocomplete_fields = ("author",)
    fields = ("title", "slug", "body", "author", "language", "published_at", "version", "comment_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        """Rooms of the chat have pages of their own."""
        return super().get_queryset(request).filter(kind=PostKind.POST)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"author": str(request.user.pk), **super().get_changeform_initial_data(request)}
