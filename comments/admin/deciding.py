"""From a list's selection to a decision, by way of a page that asks for the reason.

A few are decided about at once, and only as they were when the moderator saw them; more than one transaction
takes are ordered as a bulk decision. "All that match" means all that matched when the page was made:
what is written meanwhile nobody has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import sanctions
from accounts.models import SanctionKind, User
from accounts.reasons import Reason
from accounts.widgets import DateAndTime
from comments import bulk, moderation
from comments.models import BulkDecision, Comment, Verdict
from realtime.errors import Refused

from .base import acting, refused_once_each

# Of a selection the page shows the first few.
SHOWN = 10
# How long the request that orders a bulk decision works on it itself.
FIRST = 1.0
NO_REASON = ("", gettext_lazy("— none —"))
CHOOSE = ("", gettext_lazy("— please choose —"))


def newest_comment() -> int:
    return Comment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


class SelectionForm(ActionForm):
    """The list's own form; it knows the newest comment that there was when it was shown."""

    up_to = forms.IntegerField(label="", required=False, widget=forms.HiddenInput, initial=newest_comment)


class ReasonForm(forms.Form):
    """Why: for the author, and for colleagues."""

    reason = forms.ChoiceField(
        label=gettext_lazy("reason"), choices=[NO_REASON, *Reason.choices], required=False
    )
    explanation = forms.CharField(
        label=gettext_lazy("explanation to the author"),
        required=False,
        max_length=moderation.TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text=gettext_lazy("The author reads it. Write in the language of their comment."),
    )
    note = forms.CharField(
        label=gettext_lazy("note for colleagues"),
        required=False,
        max_length=moderation.TEXT_LIMIT,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=gettext_lazy("Kept with the decision."),
    )

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if needs_reason:
            self.fields["reason"] = forms.ChoiceField(label=_("reason"), choices=[CHOOSE, *Reason.choices])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == Reason.OTHER and not cleaned.get("explanation", "").strip():
            self.add_error("explanation", _("Please say what the other reason is."))
        return cleaned


ENDS = [
    ("1", gettext_lazy("in an hour")),
    ("3", gettext_lazy("in 3 hours")),
    ("24", gettext_lazy("in a day")),
    ("168", gettext_lazy("in 7 days")),
    ("never", gettext_lazy("never, until it is lifted")),
    ("other", gettext_lazy("at another time:")),
]


class SanctionForm(ReasonForm):
    """What is imposed on somebody, until when, and why."""

    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=SanctionKind)
    ends = forms.ChoiceField(
        label=gettext_lazy("ends"),
        choices=ENDS,
        initial="24",
        help_text=gettext_lazy("A warning ends when it is acknowledged."),
    )
    until = forms.SplitDateTimeField(
        label=gettext_lazy("until"), required=False, widget=DateAndTime, help_text=""
    )
    purge = forms.BooleanField(
        label=gettext_lazy("Also reject everything they wrote"),
        required=False,
        help_text=gettext_lazy("What readers can see and what waits; each comment can be restored."),
    )

    def __init__(self, *args: Any, may_purge: bool, **kwargs: Any) -> None:
        super().__init__(*args, needs_reason=True, **kwargs)
        self.fields["explanation"].label = _("explanation to the person")
        self.fields["explanation"].help_text = _("They read it. Write in their language.")
        self.fields["note"].help_text = _("Kept with the sanction.")
        if not may_purge:
            del self.fields["purge"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == SanctionKind.WARNING:
            return cleaned
        ends = cleaned.get("ends")
        if ends == "never" and cleaned.get("kind") == SanctionKind.SUSPENSION:
            self.add_error("ends", _("A suspension needs an end."))
        until = cleaned.get("until")
        if ends == "other" and "until" not in self.errors:
            if until is None:
                self.add_error("until", _("Please say when it ends."))
            elif until <= timezone.now():
                self.add_error("until", _("The end is in the past."))
        return cleaned

    def impose(self, user: User, *, acting_user: User, concerns: str = "") -> None:
        """Impose it on somebody. Raises `Refused`."""
        given = self.cleaned_data
        ends = "never" if given["kind"] == SanctionKind.WARNING else given["ends"]
        sanctions.impose(
            user.pk,
            given["kind"],
            acting_user=acting_user,
            reason=given["reason"],
            until=given["until"] if ends == "other" else None,
            duration=timedelta(hours=int(ends)) if ends.isdecimal() else None,
            explanation=given["explanation"],
            note=given["note"],
            concerns=concerns,
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a list was selected: ids, and whether there are more than may be decided about at once."""

    ids: list[int]
    is_cut: bool
    across: bool
    up_to: str

    @classmethod
    def of(cls, request: HttpRequest, queryset: QuerySet[Comment]) -> "Selection":
        across = request.POST.get("select_across") == "1"
        up_to = request.POST.get("up_to", "")
        if across and up_to.isdecimal():
            queryset = queryset.filter(pk__lte=int(up_to))
        ids = list(dict.fromkeys(queryset.order_by("-pk").values_list("pk", flat=True)[: bulk.MOST + 1]))
        return cls(ids[: bulk.MOST], len(ids) > bulk.MOST, across, up_to)

    @property
    def is_large(self) -> bool:
        return len(self.ids) > moderation.AT_ONCE

    def shown(self) -> list[Comment]:
        """What the page shows of it; with each its token, if there are few enough to look at each."""
        rows = Comment.objects.select_related("author", "post").defer("post__body", "html")
        found = rows.in_bulk(self.ids[:SHOWN])
        return [found[pk] for pk in self.ids[:SHOWN] if pk in found]

    def seen(self) -> list[str]:
        if self.is_large:
            return []
        rows = Comment.objects.filter(pk__in=self.ids).only("status", "edited_at", "reviewed_at")
        return [f"{each.pk}:{moderation.seen_token(each)}" for each in rows]

    def fields(self) -> list[tuple[str, object]]:
        """Hidden fields that name it again. Of "all that match" one stands for all: the list finds them."""
        named = self.ids[:1] if self.across else self.ids
        return [
            *((ACTION_CHECKBOX_NAME, pk) for pk in named),
            ("select_across", int(self.across)),
            ("up_to", self.up_to or newest_comment()),
            *(("seen", token) for token in self.seen()),
        ]


def read_seen(request: HttpRequest) -> dict[int, str]:
    """The tokens that the page had, by id."""
    pairs = (each.partition(":") for each in request.POST.getlist("seen"))
    return {int(pk): token for pk, _sep, token in pairs if pk.isdecimal()}


def decide(
    request: HttpRequest, selection: Selection, verdict: Verdict, given: dict[str, str]
) -> HttpResponse:
    """Decide about a selection; where to go then."""
    user = acting(request)
    # In the order in which they were written, which is that of the versions they get.
    try:
        if selection.is_large:
            return order(request, sorted(selection.ids), verdict, given)
        seen = read_seen(request)
        outcomes = moderation.decide(sorted(selection.ids), verdict, acting_user=user, seen=seen, **given)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return way_back(request)
    changed = sum(outcome.decision is not None for outcome in outcomes)
    refusals = [(f"#{each.comment_id}", each.refusal) for each in outcomes if each.refusal is not None]
    if changed or not refusals:
        text = ngettext("%(count)d comment changed.", "%(count)d comments changed.", changed)
        messages.success(request, text % {"count": changed})
    refused_once_each(request, refusals)
    return way_back(request)


def order(request: HttpRequest, ids: Sequence[int], verdict: Verdict, given: dict[str, str]) -> HttpResponse:
    """Order a bulk decision and begin with it. Raises `Refused`."""
    return begun(bulk.begin(ids, verdict, acting_user=acting(request), **given))


def begun(work: BulkDecision) -> HttpResponse:
    """Begin with a bulk decision, and go where its progress is shown."""
    bulk.advance(work.pk, seconds=FIRST)
    return HttpResponseRedirect(reverse("admin:comments_bulkdecision_change", args=[work.pk]))


def way_back(request: HttpRequest) -> HttpResponse:
    """To the page that asked, if it is one of ours, or to the list as it was filtered."""
    there = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure()):
        there = request.get_full_path()
    return HttpResponseRedirect(there)
