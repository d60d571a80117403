"""The composer without JavaScript."""

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason
from realtime.errors import Refused
from realtime.requests import read_id

from .appeals import TEXT_LIMIT as APPEAL_LIMIT
from .flags import NOTE_LIMIT
from .moderation import TEXT_LIMIT as EXPLANATION_LIMIT
from .rules import check_message, check_text

# What readers report; a banned word is found without them.
REPORTED_FOR = [each for each in Reason if each != Reason.BANNED_WORD]


class CommentField(forms.CharField):
    """A comment's text, as every form takes it: its lines end as the socket's do, and the rules hold, of a
    message in the chat those of messages."""

    default_error_messages = {"required": _("The comment is empty.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Your comment"))
        super().__init__(strip=False, **options)
        self.is_message = False

    def clean(self, value: Any) -> str:
        text = str(value or "" if self.is_message else super().clean(value)).replace("\r\n", "\n")
        try:
            if self.is_message:
                return check_message(text)
            check_text(text)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal.message), code=refusal.code) from refusal
        return text


class IdField(forms.CharField):
    """An id within the same bounds as over the socket; None where there is none."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        try:
            return read_id(text) if text else None
        except ValueError as problem:
            raise forms.ValidationError(_("This does not exist, or no longer.")) from problem


class _TextForm(forms.Form):
    """A text under a post, or with `is_message` in a room of the chat."""

    def __init__(self, *arguments: Any, is_message: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        content = self.fields["content"]
        if isinstance(content, CommentField):
            content.is_message = is_message


class CommentForm(_TextForm):
    """Only shapes input; what may be published is for the actions to say.

    `client_id` makes a form that is sent twice one comment.
    """

    content = CommentField(
        widget=forms.Textarea(
            attrs={
                "rows": 1,
                "maxlength": settings.COMMENT_MAX_LENGTH,
                "placeholder": _("Write a comment…"),
                "autocomplete": "off",
            }
        ),
    )
    client_id = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    parent_id = IdField(widget=forms.HiddenInput, required=False)

    @classmethod
    def fresh(cls, *, parent_id: int | None = None) -> "CommentForm":
        return cls(initial={"client_id": str(uuid4()), "parent_id": parent_id})


class EditForm(_TextForm):
    content = CommentField(widget=forms.Textarea(attrs={"rows": 6, "maxlength": settings.COMMENT_MAX_LENGTH}))


class Lines(forms.CharField):
    """A text whose lines end as the socket's do, so that its length is counted alike."""

    def __init__(self, limit: int, **options: Any) -> None:
        super().__init__(strip=False, **options)
        self.limit = limit

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).replace("\r\n", "\n")


class ReportForm(forms.Form):
    """These three only shape input, too: what is right for a flag, an appeal, a decision is said there."""

    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=[(each.value, each.label) for each in REPORTED_FOR],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a reason.")},
    )
    note = Lines(NOTE_LIMIT, label=_("Anything to add?"), required=False)


class AppealForm(forms.Form):
    text = Lines(APPEAL_LIMIT, label=_("Why was the decision wrong?"), required=False)


class HideForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a reason.")},
    )
    explanation = Lines(EXPLANATION_LIMIT, label=_("An explanation for the author"), required=False)
