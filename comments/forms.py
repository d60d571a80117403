"""The composer without JavaScript."""

from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class CommentForm(forms.Form):
    """Only shapes input; what may be published is for the actions to say.

    `client_id` makes a form that is sent twice one comment.
    """

    content = forms.CharField(
        label=_("Your comment"),
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 1,
                "maxlength": settings.COMMENT_MAX_LENGTH,
                "placeholder": _("Write a comment…"),
                "autocomplete": "off",
            }
        ),
        error_messages={"required": _("The comment is empty.")},
    )
    client_id = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    parent_id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    @classmethod
    def fresh(cls, *, parent_id: int | None = None) -> "CommentForm":
        return cls(initial={"client_id": str(uuid4()), "parent_id": parent_id})

    def clean_content(self) -> str:
        # Forms send CRLF; the socket's clients do not.
        return str(self.cleaned_data["content"]).replace("\r\n", "\n")


class EditForm(forms.Form):
    content = forms.CharField(
        label=_("Your comment"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": settings.COMMENT_MAX_LENGTH}),
        error_messages={"required": _("The comment is empty.")},
    )

    def clean_content(self) -> str:
        return str(self.cleaned_data["content"]).replace("\r\n", "\n")
