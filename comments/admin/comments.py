"""Comments, and what moderators decide about them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.sanctions import standing
from comments import bulk, moderation
from comments.forms import CommentField
from comments.models import Comment, Decision, Flag, Post, Verdict
from realtime.errors import Refused

from .base import (
    HistoryInline,
    OursAdmin,
    acting,
    begin_labels_large,
    link_to,
    may_look,
    native,
    refused_once_each,
)
from .base import beginning as beginning_of
from .deciding import ReasonForm, SanctionForm, Selection, SelectionForm, begun, decide, way_back

# How many people one page sanctions: each is somebody of whom a moderator has an opinion.
PEOPLE = 20
# How many of the newest posts the list offers to filter by; a post's own page leads to its comments, too.
POSTS = 20


class DecisionInline(HistoryInline[Decision, Comment]):
    model = Decision
    template = "admin/history_inline.html"
    fields = ("made_at", "verdict", "by", "shown_reason", "explanation", "note", "content", "appeal_text")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).select_related("moderator", "appeal")

    @admin.display(description=gettext_lazy("by"))
    def by(self, decision: Decision) -> str:
        if decision.rule:
            return _("rule: %(rule)s") % {"rule": decision.get_rule_display()}
        return decision.moderator.shown_name if decision.moderator is not None else "—"

    @admin.display(description=gettext_lazy("reason"))
    def shown_reason(self, decision: Decision) -> str:
        return decision.get_reason_display() or "—"

    @admin.display(description=gettext_lazy("appeal"))
    def appeal_text(self, decision: Decision) -> SafeString | str:
        appeal = getattr(decision, "appeal", None)
        if appeal is None:
            return "—"
        states = {None: _("open"), True: _("accepted"), False: _("turned down")}
        return link_to(appeal, f"{Truncator(appeal.text).chars(80)} ({states[appeal.accepted]})")


class FlagInline(HistoryInline[Flag, Comment]):
    model = Flag
    template = "admin/history_inline.html"
    fields = ("created_at", "reporter_link", "reason", "note", "shown_outcome")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flag]:
        return super().get_queryset(request).select_related("reporter")

    @admin.display(description=gettext_lazy("reported by"))
    def reporter_link(self, flag: Flag) -> SafeString | str:
        return link_to(flag.reporter, flag.reporter.shown_name)

    @admin.display(description=gettext_lazy("outcome"))
    def shown_outcome(self, flag: Flag) -> str:
        return flag.get_outcome_display() if flag.outcome else _("open")


class CommentForm(forms.ModelForm):  # type: ignore[type-arg]
    content = CommentField(label=gettext_lazy("text"), widget=forms.Textarea(attrs={"rows": 8, "cols": 80}))
    note = forms.CharField(
        label=gettext_lazy("note for colleagues"),
        required=False,
        max_length=moderation.TEXT_LIMIT,
        help_text=gettext_lazy("Kept with the decision."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Comment
        fields = ("content",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        begin_labels_large(self)
        if "seen" in self.fields:
            self.fields["seen"].initial = moderation.seen_token(self.instance)


class PostFilter(admin.SimpleListFilter):
    """The newest posts and the one that was asked for: a blog has more posts than a page has room."""

    title = gettext_lazy("post")
    parameter_name = "post__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        rows = Post.objects.order_by("-pk").values_list("pk", "title")
        posts = dict(rows[:POSTS])
        wanted = self.value() or ""
        if wanted.isdecimal() and int(wanted) not in posts:
            posts |= dict(rows.filter(pk=int(wanted)))
        return [(str(pk), Truncator(title).chars(32)) for pk, title in posts.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        wanted = self.value()
        if wanted is None:
            return queryset
        return queryset.filter(post=int(wanted)) if wanted.isdecimal() else queryset.none()


class Flagged(admin.SimpleListFilter):
    title = gettext_lazy("flags")
    parameter_name = "flags"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("with open flags"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        return queryset.filter(flag_count__gt=0) if self.value() == "open" else queryset


@admin.register(Comment)
class CommentAdmin(OursAdmin[Comment]):
    form = CommentForm
    action_form = SelectionForm
    list_display = ("beginning", "status", "why", "author", "post_title", "created_at")
    list_filter = ("status", Flagged, "held_for", "reason", "created_at", PostFilter)
    list_select_related = ("author", "post")
    search_fields = ("content", "author__username", "author__name")
    ordering = ("-id",)
    date_hierarchy = "created_at"
    actions = ("approve", "reject", "spam", "restore", "remove", "sanction")
    actions_selection_counter = True
    change_form_template = "admin/comments/comment_form.html"
    change_list_template = "admin/comments/comment_list.html"
    fields = (
        "content", "note", "seen", "author_link", "post_link", "parent_link", "status", "shown_held_for",
        "shown_reason", "created_at", "edited_at", "reviewed_at", "flag_count",
    )  # fmt: skip
    readonly_fields = fields[3:]
    inlines = (DecisionInline, FlagInline)

    # --- The list ------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("text"), ordering="id")
    def beginning(self, comment: Comment) -> str:
        return beginning_of(comment)

    @admin.display(description=gettext_lazy("post"), ordering="post")
    def post_title(self, comment: Comment) -> str:
        return Truncator(comment.post.title).chars(32)

    @admin.display(description=gettext_lazy("why"))
    def why(self, comment: Comment) -> str:
        flags = comment.flag_count
        parts = [
            comment.get_held_for_display() if comment.held_for else "",
            comment.get_reason_display() if comment.reason else "",
            ngettext("%(count)d flag", "%(count)d flags", flags) % {"count": flags} if flags else "",
        ]
        return " · ".join(dict.fromkeys(filter(None, parts))) or "—"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, str] | None = None
    ) -> HttpResponse:
        # Without JavaScript "all that match" is a box beside Django's hidden field. And it needs no single
        # one ticked; Django asks for one all the same.
        if request.method == "POST" and "1" in request.POST.getlist("select_across"):
            given: QueryDict = request.POST.copy()
            given["select_across"] = "1"
            given.setlistdefault(ACTION_CHECKBOX_NAME, ["0"])
            request.POST = given  # type: ignore[assignment]
        return super().changelist_view(request, extra_context)

    # --- One comment ---------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("in reply to"))
    def parent_link(self, comment: Comment) -> SafeString | str:
        return link_to(comment.parent, comment.parent and beginning_of(comment.parent))

    @admin.display(description=gettext_lazy("author"))
    def author_link(self, comment: Comment) -> SafeString | str:
        return link_to(comment.author, comment.author.shown_name)

    @admin.display(description=gettext_lazy("post"))
    def post_link(self, comment: Comment) -> SafeString | str:
        return link_to(comment.post)

    @admin.display(description=gettext_lazy("held for"))
    def shown_held_for(self, comment: Comment) -> str:
        return comment.get_held_for_display() or "—"

    @admin.display(description=gettext_lazy("reason"))
    def shown_reason(self, comment: Comment) -> str:
        return comment.get_reason_display() or "—"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fields
        return [name for name in self.fields if name not in ("note", "seen")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        return super().get_queryset(request).select_related("parent")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {
            "verbs": self.get_action_choices(request, []),
            "back_here": request.get_full_path(),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "seen_token": moderation.seen_token(context["original"]) if context.get("original") else "",
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Deleting a row would leave open pages with a comment nobody can ever take away.
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_look(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Another text is a decision like any other.
        return may_look(request) and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Comment, form: Any, change: bool) -> None:
        if "content" not in form.changed_data:
            return
        given = form.cleaned_data
        moderation.edit_comment(
            obj.pk,
            obj.content,
            acting_user=acting(request),
            note=given.get("note", ""),
            seen=given.get("seen") or None,
        )

    # --- Decisions -----------------------------------------------------------------------------------

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return may_look(request)

    def has_sanction_permission(self, request: HttpRequest) -> bool:
        return acting(request).has_perm("accounts.sanction_users")

    @admin.action(description=gettext_lazy("Approve"), permissions=["moderate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        return self._decide(request, queryset, Verdict.APPROVE)

    @admin.action(description=gettext_lazy("Reject…"), permissions=["moderate"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        return self._decide(request, queryset, Verdict.REJECT, asks=True)

    @admin.action(description=gettext_lazy("Mark as spam"), permissions=["moderate"])
    def spam(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        return self._decide(request, queryset, Verdict.SPAM)

    @admin.action(description=gettext_lazy("Restore"), permissions=["moderate"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        return self._decide(request, queryset, Verdict.RESTORE)

    @admin.action(description=gettext_lazy("Remove…"), permissions=["moderate"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        return self._decide(request, queryset, Verdict.REMOVE, asks=True)

    @admin.action(description=gettext_lazy("Sanction the author…"), permissions=["sanction"])
    def sanction(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        """Whoever wrote the selected comments; each of them is told what it is about."""
        selection = Selection.of(request, queryset)
        newest: dict[int, Comment] = {}
        written: dict[int, int] = {}
        rows = Comment.objects.filter(pk__in=selection.ids[: moderation.AT_ONCE])
        for comment in rows.select_related("author").order_by("-pk"):
            newest.setdefault(comment.author_id, comment)
            written[comment.author_id] = written.get(comment.author_id, 0) + 1
        if selection.is_large or len(newest) > PEOPLE:
            text = _("Please select comments of up to %(count)d people.") % {"count": PEOPLE}
            messages.error(request, text)
            return way_back(request)
        is_asked = "confirmed" in request.POST
        form = SanctionForm(request.POST if is_asked else None, may_purge=may_look(request))
        if is_asked and form.is_valid():
            return self._impose(request, form, newest)
        people = [each.author for each in newest.values()]
        standings = standing(person.pk for person in people)
        context = self.page_context(
            request,
            _("Sanction the author") if len(people) == 1 else _("Sanction the authors"),
            **_asked(request, "sanction", selection),
            adminform=native(
                form,
                [
                    (None, {"fields": ["kind", "ends", "until", "reason", "explanation", "note"]}),
                    *([(None, {"fields": ["purge"]})] if "purge" in form.fields else []),
                ],
            ),
            errors=form.errors,
            media=self.media + form.media,
            people=[(person, written[person.pk], standings[person.pk]) for person in people],
            button=_("Impose"),
        )
        return TemplateResponse(request, "admin/comments/decide.html", context)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Comment], verdict: Verdict, asks: bool = False
    ) -> HttpResponse:
        selection = Selection.of(request, queryset)
        if not (asks or selection.is_large):
            return decide(request, selection, verdict, {})
        is_asked = "confirmed" in request.POST
        form = ReasonForm(request.POST if is_asked else None, needs_reason=verdict == Verdict.REJECT)
        if is_asked and form.is_valid():
            return decide(request, selection, verdict, form.cleaned_data)
        title, button = _titles(verdict, len(selection.ids))
        context = self.page_context(
            request,
            title,
            **_asked(request, verdict, selection),
            adminform=native(form, [(None, {"fields": list(form.fields)})]),
            errors=form.errors,
            media=self.media + form.media,
            comments=selection.shown(),
            more=max(0, len(selection.ids) - len(selection.shown())),
            is_cut=selection.is_cut,
            is_large=selection.is_large,
            button=button,
        )
        return TemplateResponse(request, "admin/comments/decide.html", context)

    def _impose(self, request: HttpRequest, form: SanctionForm, about: dict[int, Comment]) -> HttpResponse:
        imposed: list[User] = []
        refusals: list[tuple[object, Refused]] = []
        for comment in about.values():
            try:
                form.impose(comment.author, acting_user=acting(request), concerns=comment.get_absolute_url())
                imposed.append(comment.author)
            except Refused as refusal:
                refusals.append((comment.author.shown_name, refusal))
        if imposed:
            text = ngettext("%(count)d person sanctioned.", "%(count)d people sanctioned.", len(imposed))
            messages.success(request, text % {"count": len(imposed)})
        refused_once_each(request, refusals)
        if imposed and form.cleaned_data.get("purge"):
            return purge(request, imposed, form) or way_back(request)
        return way_back(request)


def purge(request: HttpRequest, people: list[User], form: SanctionForm) -> HttpResponse | None:
    """Reject everything that people wrote who were just sanctioned; None where there is nothing, or where
    it was refused, which is said."""
    given = {name: form.cleaned_data[name] for name in ("reason", "explanation", "note")}
    try:
        work = bulk.purge([person.pk for person in people], acting_user=acting(request), **given)
        return begun(work) if work is not None else None
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return None


def _asked(request: HttpRequest, action: str, selection: Selection) -> dict[str, Any]:
    """What a page between a list and a decision hands on."""
    there = request.POST.get("next", "")
    return {
        "action": action,
        "hidden": [*selection.fields(), ("next", there)],
        "back": there if there.startswith("/") and not there.startswith("//") else request.get_full_path(),
    }


def _titles(verdict: Verdict, count: int) -> tuple[str, str]:
    """What a page asks, and its button."""
    match verdict:
        case Verdict.REJECT:
            asks, button = (
                ngettext("Reject %(count)d comment", "Reject %(count)d comments", count),
                _("Reject"),
            )
        case Verdict.REMOVE:
            asks, button = (
                ngettext("Remove %(count)d comment", "Remove %(count)d comments", count),
                _("Remove"),
            )
        case Verdict.SPAM:
            asks = ngettext("Mark %(count)d comment as spam", "Mark %(count)d comments as spam", count)
            button = _("Mark as spam")
        case Verdict.RESTORE:
            asks = ngettext("Restore %(count)d comment", "Restore %(count)d comments", count)
            button = _("Restore")
        case _other:
            asks = ngettext("Approve %(count)d comment", "Approve %(count)d comments", count)
            button = _("Approve")
    return asks % {"count": count}, button
