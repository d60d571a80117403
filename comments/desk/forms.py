"""What the desk's pages take without JavaScript. Forms shape input; what may be done the verbs say."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import SanctionKind, User
from accounts.reasons import Reason
from comments.models import Post, Verdict
from comments.moderation import TEXT_LIMIT
from comments.queues import Filters, Order
from realtime.database import is_storable

# Posts that one can choose from; any other's comments are filtered by a click on its title.
POSTS_OFFERED = 40
SEARCH_LIMIT = 100

AGES: dict[str, tuple[timedelta | None, timedelta | None]] = {
    # Not older than, and older than.
    "hour": (timedelta(hours=1), None),
    "day": (timedelta(days=1), None),
    "week": (timedelta(days=7), None),
    "over_day": (None, timedelta(days=1)),
    "over_week": (None, timedelta(days=7)),
}
AGE_CHOICES = [
    ("", _("any age")),
    ("hour", _("the last hour")),
    ("day", _("the last day")),
    ("week", _("the last week")),
    ("over_day", _("more than a day ago")),
    ("over_week", _("more than a week ago")),
]

SENTENCES = [
    ("3600", _("Suspension for 1 hour")),
    ("10800", _("Suspension for 3 hours")),
    ("86400", _("Suspension for 24 hours")),
    ("604800", _("Suspension for 7 days")),
    ("until", _("Suspension until…")),
    (SanctionKind.WARNING.value, _("Warning, to be acknowledged before the next comment")),
    (SanctionKind.HOLD_FIRST.value, _("Hold every comment first")),
    (SanctionKind.BAN.value, _("Ban")),
]


def _storable(value: str) -> None:
    if not is_storable(value):
        raise forms.ValidationError(_("This text cannot be stored."))


class FilterForm(forms.Form):
    """What of a queue to show; what is not understood is left out."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=SEARCH_LIMIT,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    post = forms.TypedChoiceField(label=_("Post"), required=False, coerce=int, empty_value=None)
    author = forms.CharField(
        label=_("Author"), required=False, max_length=150, widget=forms.TextInput(attrs={"size": 12})
    )
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", _("any reason")), *Reason.choices]
    )
    age = forms.ChoiceField(label=_("Age"), required=False, choices=AGE_CHOICES)
    order = forms.ChoiceField(label=_("Order"), required=False, choices=Order.choices)

    def __init__(self, data: Any, **options: Any) -> None:
        super().__init__(data, **options)
        self.author_found: User | None = None
        wanted = data.get("post", "")
        offered = list(
            Post.objects.order_by("-published_at", "-id").values_list("pk", "title")[:POSTS_OFFERED]
        )
        is_id = wanted.isascii() and wanted.isdecimal() and len(wanted) < 19
        if is_id and int(wanted) not in dict(offered):
            offered += Post.objects.filter(pk=int(wanted)).values_list("pk", "title")
        self.fields["post"].choices = [("", _("all posts")), *offered]  # type: ignore[attr-defined]

    def clean_q(self) -> str:
        search = str(self.cleaned_data["q"]).strip()
        _storable(search)
        return search

    def clean_author(self) -> str:
        username = str(self.cleaned_data["author"]).strip().removeprefix("@")
        if username:
            _storable(username)
            self.author_found = User.objects.filter(username=username).first()
            if self.author_found is None:
                raise forms.ValidationError(_("Nobody has this username."))
        return username

    @property
    def order_chosen(self) -> Order:
        return Order(self.cleaned_data.get("order") or Order.NEWEST)

    def filters(self) -> Filters:
        """What was understood. Call it after `is_valid`, whatever that says."""
        said = self.cleaned_data
        younger, older = AGES.get(said.get("age", ""), (None, None))
        now = timezone.now()
        return Filters(
            post_id=said.get("post"),
            author_id=None if self.author_found is None else self.author_found.pk,
            reason=said.get("reason", ""),
            since=None if younger is None else now - younger,
            until=None if older is None else now - older,
            search=said.get("q", ""),
        )

    @property
    def chosen(self) -> dict[str, str]:
        """The fields that leave something out or change the order, for links to the same view."""
        said = self.cleaned_data
        values = {name: "" if said.get(name) is None else str(said.get(name, "")) for name in self.fields}
        if values["order"] == Order.NEWEST:
            del values["order"]
        return {name: value for name, value in values.items() if value}


class DecisionForm(forms.Form):
    """A verdict; with `is_full` the reason and the words to the author as well."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    seen = forms.CharField(max_length=100)
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=Reason.choices, widget=forms.RadioSelect
    )
    explanation = forms.CharField(
        label=_("Explanation to the author"),
        required=False,
        max_length=TEXT_LIMIT,
        validators=[_storable],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(
        label=_("Note for colleagues"), required=False, max_length=TEXT_LIMIT, validators=[_storable]
    )


class AnswerForm(forms.Form):
    accepted = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")], coerce=lambda value: value == "yes"
    )
    explanation = DecisionForm.base_fields["explanation"]
    note = DecisionForm.base_fields["note"]


class SanctionForm(forms.Form):
    """A sanction for whoever wrote a comment."""

    sentence = forms.ChoiceField(label=pgettext_lazy("moderation", "Sanction"), choices=SENTENCES)
    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices)
    explanation = forms.CharField(
        label=_("Explanation to the person"),
        required=False,
        max_length=TEXT_LIMIT,
        validators=[_storable],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(
        label=_("Note for colleagues"), required=False, max_length=TEXT_LIMIT, validators=[_storable]
    )
    purge = forms.BooleanField(label=_("Reject everything they wrote, too"), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("sentence") == "until" and said.get("until") is None and "until" not in self.errors:
            self.add_error("until", _("A suspension needs an end."))
        return said

    def terms(self) -> dict[str, Any]:
        """What `acts.sanction_the_author` takes of it."""
        said = self.cleaned_data
        sentence = said["sentence"]
        end: datetime | None = said["until"] if sentence == "until" else None
        seconds = int(sentence) if sentence.isdecimal() else None
        is_suspension = sentence == "until" or seconds is not None
        return {
            "kind": SanctionKind.SUSPENSION.value if is_suspension else sentence,
            "until": end,
            "duration": None if seconds is None else timedelta(seconds=seconds),
            "reason": said["reason"],
            "explanation": said["explanation"],
            "note": said["note"],
            "purge": said["purge"],
        }
