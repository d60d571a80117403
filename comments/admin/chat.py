"""The rooms of the chat, and private messages that their recipients have reported."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments.chat import private
from comments.chat.urls import TAKEN
from comments.models import Post, PostKind, PrivateMessage, Room, Verdict
from realtime.errors import Refused

from .base import ReadOnlyAdmin, acting, link_to, refused_once_each
from .posts import ControlledAdmin
from .site_control import may_control


class RoomTextForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if slug in TAKEN:
            raise forms.ValidationError(_("No room can have this address."))
        return slug


@admin.register(Room)
class RoomAdmin(ControlledAdmin):
    """For whoever controls rooms."""

    form = RoomTextForm
    list_display = ("title", "published_at", "room_state", "comment_count", "version")
    list_filter = ("room_state", "published_at")
    fields = ("title", "slug", "body", "language", "published_at", "version", "comment_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        return super().get_queryset(request).exclude(kind=PostKind.POST)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"published_at": timezone.now(), **super().get_changeform_initial_data(request)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "body" in form.base_fields:
            form.base_fields["body"].required = False
            form.base_fields["body"].label = gettext_lazy("What it is for")
        return form

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_control(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_control(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not the lobby; nor, as with posts, where somebody has said something."""
        is_lobby = obj is not None and obj.kind == PostKind.LOBBY
        return may_control(request) and not is_lobby

    def save_model(self, request: HttpRequest, obj: Post, form: Any, change: bool) -> None:
        if not change:
            obj.kind = PostKind.ROOM
        super().save_model(request, obj, form, change)


class Handled(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("handled", _("decided"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PrivateMessage]) -> QuerySet[PrivateMessage]:
        wanted = self.value()
        return queryset if wanted is None else queryset.filter(handled_at__isnull=wanted == "open")


@admin.register(PrivateMessage)
class ReportedMessageAdmin(ReadOnlyAdmin[PrivateMessage]):
    """Only what was reported can be read here, and nothing else of what the two have written."""

    list_display = ("reported_at", "report_reason", "report_note", "content", "by", "to", "state")
    list_filter = (Handled, "report_reason", "reported_at")
    list_select_related = ("sender", "recipient", "handled_by")
    ordering = ("-reported_at",)
    fields = (
        "reported_at", "report_reason", "report_note", "content", "created_at", "removed_at", "by", "to",
        "state", "handled_by_link", "handled_at",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("take_away", "leave")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivateMessage]:
        return private.reported()

    @admin.display(description=gettext_lazy("sender"))
    def by(self, message: PrivateMessage) -> SafeString | str:
        return link_to(message.sender, message.sender.shown_name)

    @admin.display(description=gettext_lazy("reported by"))
    def to(self, message: PrivateMessage) -> SafeString | str:
        return link_to(message.recipient, message.recipient.shown_name)

    @admin.display(description=gettext_lazy("state"))
    def state(self, message: PrivateMessage) -> str:
        if message.handled_at is None:
            return _("open")
        return _("removed") if message.verdict == Verdict.REMOVE else _("left")

    @admin.display(description=gettext_lazy("moderator"))
    def handled_by_link(self, message: PrivateMessage) -> SafeString | str:
        return link_to(message.handled_by)

    @admin.action(description=gettext_lazy("Take the messages away"))
    def take_away(self, request: HttpRequest, queryset: QuerySet[PrivateMessage]) -> None:
        self._decide(request, queryset, is_removed=True)

    @admin.action(description=gettext_lazy("Leave the messages"))
    def leave(self, request: HttpRequest, queryset: QuerySet[PrivateMessage]) -> None:
        self._decide(request, queryset, is_removed=False)

    def _decide(self, request: HttpRequest, queryset: QuerySet[PrivateMessage], *, is_removed: bool) -> None:
        refusals: list[tuple[object, Refused]] = []
        count = 0
        for message in queryset:
            try:
                private.decide(message.pk, is_removed=is_removed, acting_user=acting(request))
                count += 1
            except Refused as refusal:
                refusals.append((message, refusal))
        if count:
            sentence = ngettext("%(count)d report is answered.", "%(count)d reports are answered.", count)
            messages.success(request, sentence % {"count": count})
        refused_once_each(request, refusals)
