"""Every decision, as a file that a spreadsheet opens."""

import csv
from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User

from .models import Decision, PrivateMessage, Status, Verdict
from .moderation import may_moderate

# A heading of its own for programs that read it: the same in every language.
COLUMNS = (
    "decision", "made_at", "verdict", "by", "rule", "comment", "post", "author", "before", "after", "reason",
    "explanation", "note", "undoes", "text",
)  # fmt: skip
# What makes a spreadsheet take a cell for a formula, also behind spaces. People wrote these cells.
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")  # noqa: RUF001 (full width: some spreadsheets take these, too)
ROWS_AT_ONCE = 1_000
# When it was made, and its cells.
Row = tuple[datetime, tuple[object, ...]]


def csv_lines(
    *,
    acting_user: User,
    since: datetime | None = None,
    until: datetime | None = None,
    among: QuerySet[Decision] | None = None,
    with_private: bool = True,
) -> Iterator[str]:
    """Decisions made from `since` until before `until`, oldest first, as lines of CSV with a heading: all,
    or those `among` some; and `with_private` those about reported private messages, which have no comment.

    Nothing is kept in memory, so it may be streamed however many there are. No cell begins like a formula.
    Raises `Refused` at once: `forbidden` without the permission `comments.moderate`.
    """
    may_moderate(acting_user)
    decisions = Decision.objects.all() if among is None else among
    decisions = decisions.select_related("moderator", "comment__author")
    private = PrivateMessage.objects.filter(reported_at__isnull=False, handled_at__isnull=False)
    if since is not None:
        decisions = decisions.filter(made_at__gte=since)
        private = private.filter(handled_at__gte=since)
    if until is not None:
        decisions = decisions.filter(made_at__lt=until)
        private = private.filter(handled_at__lt=until)
    found = _about_comments(decisions.order_by("made_at", "id"))
    if with_private and private.exists():
        about_private = private.select_related("sender", "handled_by").order_by("handled_at", "id")
        found = merge(found, _about_private(about_private), key=lambda row: row[0])
    return _lines(found)


def safe_cell(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _lines(rows: Iterator[Row]) -> Iterator[str]:
    writer = csv.writer(_Passing())
    # A byte order mark: without it spreadsheets take Korean for something else.
    yield "\ufeff" + _line(writer, COLUMNS)
    for _, cells in rows:
        yield _line(writer, cells)


def _about_comments(decisions: QuerySet[Decision]) -> Iterator[Row]:
    for decision in decisions.iterator(chunk_size=ROWS_AT_ONCE):
        comment, moderator = decision.comment, decision.moderator
        cells = (
            decision.pk,
            _time(decision.made_at),
            decision.verdict,
            moderator.username if moderator is not None else "",
            decision.rule,
            comment.pk,
            comment.post_id,
            comment.author.username,
            decision.before,
            decision.after,
            decision.reason,
            decision.explanation,
            decision.note,
            decision.undoes_id,
            decision.content,
        )
        yield decision.made_at, cells


def _about_private(messages: QuerySet[PrivateMessage]) -> Iterator[Row]:
    """The reason is the reporter's; the text is what was reported, unless its writer's account is gone."""
    for message in messages.iterator(chunk_size=ROWS_AT_ONCE):
        made_at, moderator = message.handled_at, message.handled_by
        if made_at is None:
            continue
        cells = (
            f"private {message.pk}",
            _time(made_at),
            message.verdict,
            moderator.username if moderator is not None else "",
            "",
            "",
            "",
            message.sender.username,
            Status.PUBLISHED.value,
            Status.REMOVED.value if message.verdict == Verdict.REMOVE else Status.PUBLISHED.value,
            message.report_reason,
            "",
            "",
            "",
            message.content,
        )
        yield made_at, cells


def _time(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _line(writer: Any, cells: tuple[object, ...]) -> str:
    # It returns what `_Passing.write` does, which its type does not know.
    return str(writer.writerow([safe_cell(cell) for cell in cells]))


class _Passing:
    """A file that keeps nothing: what is written comes back to the writer."""

    def write(self, line: str) -> str:
        return line
