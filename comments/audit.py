"""Every decision, as a file that a spreadsheet opens."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User

from .models import Decision
from .moderation import may_moderate

# A heading of its own for programs that read it: the same in every language.
COLUMNS = (
    "decision", "made_at", "verdict", "by", "rule", "comment", "post", "author", "before", "after", "reason",
    "explanation", "note", "undoes", "text",
)  # fmt: skip
# What makes a spreadsheet take a cell for a formula, also behind spaces. People wrote these cells.
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")  # noqa: RUF001 (full width: some spreadsheets take these, too)
ROWS_AT_ONCE = 1_000


def csv_lines(
    *,
    acting_user: User,
    since: datetime | None = None,
    until: datetime | None = None,
    among: QuerySet[Decision] | None = None,
) -> Iterator[str]:
    """Decisions made from `since` until before `until`, oldest first, as lines of CSV with a heading: all,
    or those `among` some.

    Nothing is kept in memory, so it may be streamed however many there are. No cell begins like a formula.
    Raises `Refused` at once: `forbidden` without the permission `comments.moderate`.
    """
    may_moderate(acting_user)
    decisions = Decision.objects.all() if among is None else among
    decisions = decisions.select_related("moderator", "comment__author")
    if since is not None:
        decisions = decisions.filter(made_at__gte=since)
    if until is not None:
        decisions = decisions.filter(made_at__lt=until)
    return _lines(decisions.order_by("made_at", "id"))


def safe_cell(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _lines(decisions: QuerySet[Decision]) -> Iterator[str]:
    writer = csv.writer(_Passing())
    # A byte order mark: without it spreadsheets take Korean for something else.
    yield "\ufeff" + _line(writer, COLUMNS)
    for decision in decisions.iterator(chunk_size=ROWS_AT_ONCE):
        comment, moderator = decision.comment, decision.moderator
        yield _line(
            writer,
            (
                decision.pk,
                timezone.localtime(decision.made_at).isoformat(timespec="seconds"),
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
            ),
        )


def _line(writer: Any, cells: tuple[object, ...]) -> str:
    # It returns what `_Passing.write` does, which its type does not know.
    return str(writer.writerow([safe_cell(cell) for cell in cells]))


class _Passing:
    """A file that keeps nothing: what is written comes back to the writer."""

    def write(self, line: str) -> str:
        return line
