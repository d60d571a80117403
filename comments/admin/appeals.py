"""Appeals, the open ones first; a moderator answers each once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from comments import appeals, moderation
from comments.models import Appeal
from realtime.errors import DEFAULT_MESSAGES, ErrorCode

from .base import OursAdmin, acting, begin_labels_large, link_to, may_look


class Answered(admin.SimpleListFilter):
    title = _("answer")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("accepted", _("accepted")), ("declined", _("turned down"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appeal]) -> QuerySet[Appeal]:
        match self.value():
            case "open":
                return queryset.filter(answered_at__isnull=True)
            case "accepted" | "declined" as answer:
                return queryset.filter(accepted=answer == "accepted")
        return queryset


class AnswerForm(forms.ModelForm):  # type: ignore[type-arg]
    answer = forms.ChoiceField(
        label=_("answer"),
        choices=[
            ("accept", _("Accept: the comment is restored")),
            ("decline", _("Turn down: it stays away")),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("note for colleagues"),
        required=False,
        max_length=moderation.TEXT_LIMIT,
        help_text=_("Kept with the decision."),
    )

    class Meta:
        model = Appeal
        fields = ("explanation",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        begin_labels_large(self)
        if "explanation" in self.fields:  # whoever may only look is shown it as text
            explanation = self.fields["explanation"]
            explanation.widget.attrs |= {"rows": 4, "maxlength": moderation.TEXT_LIMIT}
            explanation.help_text = _("The author reads it. Write in the language of their appeal.")


@admin.register(Appeal)
class AppealAdmin(OursAdmin[Appeal]):
    form = AnswerForm
    list_display = ("created_at", "beginning", "author", "decided", "state", "answered_by")
    list_filter = (Answered, "decision__reason", "created_at")
    list_select_related = ("decision__comment__author", "decision__moderator", "answered_by")
    search_fields = ("text", "decision__content", "decision__comment__author__username")
    ordering = (F("answered_at").desc(nulls_first=True), "-id")
    readonly_fields = (
        "created_at", "author", "text", "decided", "decision_reason", "decision_explanation", "as_it_stood",
        "state", "answered_by", "answered_at",
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Appeal | None = None) -> Any:
        about = ("created_at", "author", "text")
        decision = ("decided", "decision_reason", "decision_explanation", "as_it_stood")
        answered = ("state", "answered_by", "answered_at", "explanation")
        mine = ("answer", "explanation", "note")
        is_open = self.has_change_permission(request, obj)
        return [
            (None, {"fields": about}),
            (_("The decision"), {"fields": decision}),
            (_("The answer"), {"fields": mine if is_open else answered}),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm  # nothing to answer with
        return super().get_form(request, obj, change=change, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_look(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Appeal | None = None) -> bool:
        return may_look(request) and (obj is None or obj.answered_at is None)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Whoever answers second is shown the first answer."""
        if request.method == "POST" and may_look(request) and object_id is not None:
            appeal = self.get_object(request, object_id)
            if appeal is not None and appeal.answered_at is not None:
                messages.warning(request, str(DEFAULT_MESSAGES[ErrorCode.CONFLICT]))
                return HttpResponseRedirect(request.get_full_path())
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Appeal, form: Any, change: bool) -> None:
        given = form.cleaned_data
        answered = appeals.answer_appeal(
            obj.pk,
            given["answer"] == "accept",
            acting_user=acting(request),
            explanation=given["explanation"],
            note=given["note"],
        )
        obj.answered_at, obj.accepted = answered.answered_at, answered.accepted

    @admin.display(description=_("appeal"))
    def beginning(self, appeal: Appeal) -> str:
        return Truncator(appeal.text).chars(140)

    @admin.display(description=_("author"), ordering="decision__comment__author")
    def author(self, appeal: Appeal) -> SafeString | str:
        author = appeal.decision.comment.author
        return link_to(author, author.shown_name)

    @admin.display(description=_("decision"), ordering="decision")
    def decided(self, appeal: Appeal) -> SafeString | str:
        decision = appeal.decision
        by = decision.get_rule_display() if decision.rule else decision.moderator or "—"
        return link_to(decision, f"{decision.get_verdict_display()} · {getattr(by, 'shown_name', by)}")

    @admin.display(description=_("reason"))
    def decision_reason(self, appeal: Appeal) -> str:
        return appeal.decision.get_reason_display() or "—"

    @admin.display(description=_("explanation to the author"))
    def decision_explanation(self, appeal: Appeal) -> str:
        return appeal.decision.explanation or "—"

    @admin.display(description=_("text as it stood"))
    def as_it_stood(self, appeal: Appeal) -> SafeString | str:
        return link_to(appeal.decision.comment, appeal.decision.content)

    @admin.display(description=_("answer"), ordering="accepted")
    def state(self, appeal: Appeal) -> Any:
        if appeal.accepted is None:
            return _("open")
        return _("accepted") if appeal.accepted else _("turned down")
