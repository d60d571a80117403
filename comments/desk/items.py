"""What a moderator sees of a comment: who wrote it and how that went so far, who reported it and why, what
was decided last. Read for a whole page at once, with a bounded number of rows however much there is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils.text import Truncator

from accounts.models import shown_name
from accounts.reasons import Reason
from accounts.sanctions import CLEAR, Standing, standing
from comments.models import Appeal, Comment, Decision, Flag, Status
from comments.moderation import seen_token
from comments.queues import Queue, loaded, queues_of

# Somebody's history is their latest comments; that many are enough to tell a person from a nuisance.
HISTORY = 50
FLAGS_SHOWN = 8
PARENT_SHOWN = 140


@dataclass(frozen=True, slots=True)
class History:
    """How an author's latest comments fared."""

    total: int = 0
    published: int = 0
    hidden: int = 0  # rejected, spam, or removed

    @property
    def is_full(self) -> bool:
        return self.total >= HISTORY


@dataclass(frozen=True, slots=True)
class OpenFlag:
    reason: str
    note: str
    by: str
    at: datetime

    def get_reason_display(self) -> str:
        return str(Reason(self.reason).label)


@dataclass(frozen=True, slots=True)
class Item:
    """A comment on the desk. `last` is the last decision about it, `appeal` one that waits for an answer."""

    comment: Comment
    history: History
    standing: Standing
    flags: list[OpenFlag]
    last: Decision | None
    appeal: Appeal | None

    @property
    def seen(self) -> str:
        return seen_token(self.comment)

    @property
    def queues(self) -> list[Queue]:
        found = queues_of(self.comment)
        return [*found, Queue.APPEALS] if self.appeal is not None else found

    @property
    def more_flags(self) -> int:
        return self.comment.flag_count - len(self.flags)

    @property
    def parent_excerpt(self) -> str:
        parent = self.comment.parent
        return "" if parent is None else Truncator(parent.content).chars(PARENT_SHOWN)

    @property
    def main_reason(self) -> str:
        """The reason to offer first: what most of those say who reported it, or what holds it."""
        reasons = [flag.reason for flag in self.flags]
        return max(reasons, key=reasons.count) if reasons else str(self.comment.reason)


def described(comments: Sequence[Comment], appeals: Mapping[int, Appeal] | None = None) -> list[Item]:
    """Items for comments that `queues` has loaded; open appeals are looked for where none are given."""
    histories = _histories({comment.author_id for comment in comments})
    marked = [comment.author_id for comment in comments if comment.author.is_sanctioned]
    standings = standing(marked) if marked else {}
    flags = _flags([comment.pk for comment in comments if comment.flag_count])
    decisions = _decisions([comment.pk for comment in comments])
    if appeals is None:
        appeals = _appeals([comment.pk for comment in comments])
    return [
        Item(
            comment=comment,
            history=histories.get(comment.author_id, History()),
            standing=standings.get(comment.author_id, CLEAR),
            flags=flags.get(comment.pk, []),
            last=decisions.get(comment.pk),
            appeal=appeals.get(comment.pk),
        )
        for comment in comments
    ]


def items(comment_ids: Sequence[int]) -> list[Item]:
    """Items by their comments' ids; what does not exist is left out."""
    return described(loaded(comment_ids))


def _histories(author_ids: Iterable[int]) -> dict[int, History]:
    found: dict[int, dict[str, int]] = {}
    latest = {
        author_id: Comment.objects.filter(author=author_id)
        .order_by("-created_at", "-id")
        .values("author_id", "status")[:HISTORY]
        for author_id in author_ids
    }
    for author_id, status, count in _each(
        latest.values(), "SELECT author_id, status, COUNT(*) FROM ({}) AS part GROUP BY author_id, status"
    ):
        found.setdefault(author_id, {})[status] = count
    return {
        author_id: History(
            total=sum(by_status.values()),
            published=by_status.get(Status.PUBLISHED, 0),
            hidden=sum(by_status.get(status, 0) for status in (Status.REJECTED, Status.SPAM, Status.REMOVED)),
        )
        for author_id, by_status in found.items()
    }


def _flags(comment_ids: Sequence[int]) -> dict[int, list[OpenFlag]]:
    newest = [
        Flag.objects.filter(comment=pk, outcome="").order_by("-id").values("id")[:FLAGS_SHOWN]
        for pk in comment_ids
    ]
    ids = [row[0] for row in _each(newest, "SELECT id FROM ({}) AS part")]
    found: dict[int, list[OpenFlag]] = {}
    for flag in Flag.objects.filter(pk__in=ids).select_related("reporter").order_by("-id"):
        shown = OpenFlag(flag.reason, flag.note, shown_name(flag.reporter), flag.created_at)
        found.setdefault(flag.comment_id, []).append(shown)
    return found


def _decisions(comment_ids: Sequence[int]) -> dict[int, Decision]:
    by_comment = Decision.objects.filter(comment__in=comment_ids).order_by().values("comment")
    last = by_comment.annotate(last=Max("pk")).values_list("last", flat=True)
    found = Decision.objects.filter(pk__in=list(last)).select_related("moderator").defer("content")
    return {each.comment_id: each for each in found}


def _appeals(comment_ids: Sequence[int]) -> dict[int, Appeal]:
    waiting = Appeal.objects.filter(decision__comment__in=comment_ids, answered_at__isnull=True)
    return {each.decision.comment_id: each for each in waiting.select_related("decision")}


def _each(parts: Iterable[QuerySet[Any, Any]], around: str) -> list[tuple[Any, ...]]:
    """The rows of many small queries, asked as one. `around` has `{}` in place of one of them."""
    # One by one each follows its index and stops; no single condition would say the same to a planner.
    statements = [part.query.sql_with_params() for part in parts]
    if not statements:
        return []
    sql = " UNION ALL ".join(f"SELECT * FROM ({around.format(part)}) AS one" for part, _ in statements)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, values in statements for value in values])
        return list(cursor.fetchall())
