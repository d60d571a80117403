"""The admins' face of posts and comments. What readers see is changed through the actions only."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from realtime.errors import Refused

from . import actions, moderation
from .forms import CommentField
from .models import Comment, Decision, Post

if TYPE_CHECKING:
    PostAdminBase = admin.ModelAdmin[Post]
    CommentAdminBase = admin.ModelAdmin[Comment]
    DecisionInlineBase = admin.TabularInline[Decision, Comment]
else:
    PostAdminBase = CommentAdminBase = admin.ModelAdmin
    DecisionInlineBase = admin.TabularInline


# What the open pages of a post are told when it changes.
SHOWN_IN_ROOMS = {"room_state", "published_at", "slow_mode", "pre_moderation"}


@admin.register(Post)
class PostAdmin(PostAdminBase):
    list_display = ("title", "author", "published_at", "room_state", "comment_count", "version")
    list_filter = ("room_state", "language", "published_at")
    search_fields = ("title", "body")
    prepopulated_fields = {"slug": ("title",)}
    autocomplete_fields = ("author",)
    readonly_fields = ("version", "comment_count")
    date_hierarchy = "published_at"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"author": str(request.user.pk), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Post, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and SHOWN_IN_ROOMS & set(form.changed_data):
            actions.announce_post(obj)


class DecisionInline(DecisionInlineBase):
    model = Decision
    extra = 0
    can_delete = False
    readonly_fields = ("verdict", "moderator", "rule", "reason", "explanation", "note", "content", "made_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CommentForm(forms.ModelForm):  # type: ignore[type-arg]
    content = CommentField(label=_("text"), widget=forms.Textarea(attrs={"rows": 8, "cols": 80}))
    note = forms.CharField(
        label=_("note for colleagues"), required=False, help_text=_("Kept with the decision.")
    )

    class Meta:
        model = Comment
        fields = ("content",)


@admin.register(Comment)
class CommentAdmin(CommentAdminBase):
    form = CommentForm
    list_display = ("beginning", "author", "post_title", "status", "created_at")
    list_filter = ("status", "created_at", "post")
    list_select_related = ("author", "post")
    search_fields = ("content", "author__username", "author__name")
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    actions = ("hide", "restore", "remove")
    fields = ("content", "note", "post", "author", "parent_link", "status", "created_at", "edited_at")
    readonly_fields = ("post", "author", "parent_link", "status", "created_at", "edited_at")
    inlines = (DecisionInline,)

    class Media:
        css = {"all": ["css/admin.css"]}

    @admin.display(description=_("text"), ordering="id")
    def beginning(self, comment: Comment) -> str:
        return Truncator(comment.content).chars(140)

    @admin.display(description=_("post"), ordering="post")
    def post_title(self, comment: Comment) -> str:
        return Truncator(comment.post.title).chars(32)

    @admin.display(description=_("in reply to"))
    def parent_link(self, comment: Comment) -> str:
        return str(comment.parent) if comment.parent else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Deleting a row would leave open pages with a comment nobody can ever take away.
        return False

    def save_model(self, request: HttpRequest, obj: Comment, form: Any, change: bool) -> None:
        if "content" not in form.changed_data:
            return
        user: Any = request.user
        note = form.cleaned_data.get("note", "")
        try:
            moderation.edit_comment(obj.pk, obj.content, acting_user=user, note=note)
        except Refused as refusal:
            messages.error(request, str(refusal.message))

    @admin.action(description=_("Hide the selected comments"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self._decide(request, queryset, moderation.hide_comment)

    @admin.action(description=_("Restore the selected comments"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self._decide(request, queryset, moderation.restore_comment)

    @admin.action(description=_("Delete the selected comments"), permissions=["change"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self._decide(request, queryset, moderation.remove_comment)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Comment], verb: Callable[..., Comment]
    ) -> None:
        done = 0
        for comment_id, before in queryset.order_by("pk").values_list("pk", "status"):
            try:
                done += verb(comment_id, acting_user=request.user).status != before
            except Refused as refusal:
                messages.error(request, f"{comment_id}: {refusal.message}")
        text = ngettext("%(count)d comment changed.", "%(count)d comments changed.", done)
        messages.success(request, text % {"count": done})
