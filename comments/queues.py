"""The moderators' queues: what lies where, in which order, filtered, searched and counted.

Each query follows an index and reads a bounded number of rows, whatever the database believes about its
tables. Counters stop at `COUNTED`; a search looks through `SEARCHED` items a page and says where to go on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import connection, models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from realtime.errors import ErrorCode, Refused

from .models import Appeal, Comment, Flag, PrivateMessage, Status
from .models.expressions import (
    DESK,
    DESK_FOR_REASON,
    DESK_OF_POST,
    HAS_REASON,
    IS_OFF_DESK,
    IS_REPORTED,
    IS_URGENT,
    NEWEST_FIRST,
    PUBLISHED_IN,
)
from .moderation import may_moderate

# What a counter counts up to: a desk says "1,000+" beyond.
COUNTED = 1_000
# Items that one page of a search looks through.
SEARCHED = 2_000
PAGE = 50
# What the counters call reported private messages that wait: they are no queue of the desk.
PRIVATE = "private"


class Queue(models.TextChoices):
    REPORTED = "reported", _("Reported")
    PENDING = "pending", _("Pending")
    UNREVIEWED = "unreviewed", _("Unreviewed")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    SPAM = "spam", _("Spam")
    APPEALS = "appeals", _("Appeals")


class Order(models.TextChoices):
    NEWEST = "newest", _("newest first")
    OLDEST = "oldest", _("oldest first")
    PRIORITY = "priority", _("most urgent first")


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a queue somebody wants to see; empty fields leave everything in.

    `reason` is a code of `accounts.reasons`: in Reported of an open flag, elsewhere of what put the comment
    there. `rule` is a code of `comments.models.Rule` that holds it, or rejected it unseen. `since` and
    `until` bound `created_at` (`until` is not in it). `search` looks into texts and authors' names, without
    regard to case.
    """

    post_id: int | None = None
    author_id: int | None = None
    reason: str = ""
    rule: str = ""
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Page:
    """Items of a queue in their order, and the cursor of the page after it; None: this is the last. The page
    after it may turn out to be empty.

    In the queue of appeals `appeals` has the appeal about each item, by the comment's id; its `decision`
    is there, too.
    """

    items: list[Comment]
    cursor: str | None
    appeals: dict[int, Appeal]


def page(
    queue: Queue | str,
    *,
    acting_user: User,
    filters: Filters = EVERYTHING,
    order: Order | str = Order.NEWEST,
    cursor: str = "",
    size: int = PAGE,
) -> Page:
    """One page of a queue; each comment comes with `author`, `post` and `parent.author`.

    With a search a page may be short, or empty, and have a cursor all the same: the search goes on there.
    Raises `Refused`: `forbidden` without the permission `comments.moderate`, `invalid` for an unknown queue
    or order and for a cursor that this queue in this order did not give.
    """
    may_moderate(acting_user)
    if queue not in Queue.values or order not in Order.values or size < 1:
        raise Refused(ErrorCode.INVALID)
    if queue == Queue.APPEALS:
        return _appeals(filters, Order(order), cursor, size)
    walks = _walks(Queue(queue), filters, Order(order))
    number, after = _read_cursor(cursor, queue, order, len(walks))
    found: list[int] = []
    end: str | None = None
    while number < len(walks):
        if len(found) == size:
            # Full, and the next way not begun: whether there is anything on it shows then.
            end = _cursor(queue, order, number, None)
            break
        rows, after = walks[number].step(after, size - len(found), filters.search)
        found += rows
        if after is not None:
            end = _cursor(queue, order, number, after)
            break
        number += 1
    return Page(loaded(found), end, {})


def ids(
    queue: Queue | str, *, acting_user: User, filters: Filters = EVERYTHING, limit: int = 10_000
) -> list[int]:
    """The ids of up to `limit` comments of a queue, the oldest first: what `moderation.decide_all` takes.

    A search is not looked at. Raises `Refused` as `page` does, and `invalid` for the queue of appeals.
    """
    may_moderate(acting_user)
    if queue not in Queue.values or queue == Queue.APPEALS or filters.search:
        raise Refused(ErrorCode.INVALID)
    [walk] = _walks(Queue(queue), filters, Order.OLDEST)
    return walk.ids(None, limit)


def counts(*, acting_user: User) -> dict[str, int]:
    """By queue how many items it has, and how many reported private messages wait, up to `COUNTED`, in one
    query. Raises `Refused`: `forbidden`."""
    may_moderate(acting_user)
    return counted()


def counted() -> dict[str, int]:
    """The same for the rooms of moderators, which ask on nobody's behalf."""
    waiting: list[QuerySet[Any, Any]] = [_base(queue) for queue in Queue if queue != Queue.APPEALS]
    waiting.append(_open_appeals())
    waiting.append(PrivateMessage.objects.filter(reported_at__isnull=False, handled_at__isnull=True))
    bounded = [each.order_by().annotate(one=models.Value(1)).values("one")[:COUNTED] for each in waiting]
    statements = [part.query.sql_with_params() for part in bounded]
    columns = [f"(SELECT COUNT(*) FROM ({part}) AS part{n})" for n, (part, _) in enumerate(statements)]  # noqa: S608
    with connection.cursor() as cursor:
        sql, values = ", ".join(columns), [value for _, values in statements for value in values]
        cursor.execute(f"SELECT {sql}", values)
        row = cursor.fetchone()
    return dict(zip([*(queue.value for queue in Queue), PRIVATE], row, strict=True))


def queues_of(comment: Comment) -> list[Queue]:
    """The queues that a comment is in, the most pressing first; that of appeals apart."""
    if comment.status != Status.PUBLISHED:
        return [Queue(comment.status)] if comment.status in Queue.values else []
    desk = Queue.UNREVIEWED if comment.reviewed_at is None else Queue.APPROVED
    return [Queue.REPORTED, desk] if comment.flag_count else [desk]


# --- Walking along an index ------------------------------------------------------------------------------

Key = list[Any]


@dataclass(frozen=True, slots=True)
class _Walk:
    """A way through comments along one index: ordered by `keys`, up or down."""

    rows: QuerySet[Comment]
    keys: tuple[str, ...]
    down: bool

    def ids(self, after: Key | None, limit: int) -> list[int]:
        return [row[-1] for row in self._keys(after, limit)]

    def step(self, after: Key | None, size: int, search: str) -> tuple[list[int], Key | None]:
        """Up to `size` ids, and the key to go on after; None at the end of the way."""
        if not search:
            found = self._keys(after, size + 1)
            rest = found[size - 1][:-1] if len(found) > size else None
            return [row[-1] for row in found[:size]], rest
        looked_at = self._keys(after, SEARCHED + 1)
        inside = looked_at[:SEARCHED]
        wanted = Q(content__icontains=search)
        wanted |= Q(author__username__icontains=search) | Q(author__name__icontains=search)
        hits = Comment.objects.filter(wanted, pk__in=[row[-1] for row in inside])
        matching = set(hits.order_by().values_list("pk", flat=True))
        found = [row for row in inside if row[-1] in matching]
        if len(found) > size:
            return [row[-1] for row in found[:size]], found[size - 1][:-1]
        return [row[-1] for row in found], inside[-1][:-1] if len(looked_at) > SEARCHED else None

    def _keys(self, after: Key | None, limit: int) -> list[Key]:
        """The next keys, each with the comment's id behind it."""
        rows = self.rows if after is None else self.rows.filter(self._beyond(after))
        order = [F(key).desc() if self.down else F(key).asc() for key in self.keys]
        return [list(row) for row in rows.order_by(*order).values_list(*self.keys, "pk")[:limit]]

    def _beyond(self, after: Key) -> Q:
        side = "lt" if self.down else "gt"
        first, last = self.keys[0], self.keys[-1]
        if len(self.keys) == 1:
            return Q(**{f"{first}__{side}": after[0]})
        # The first condition alone is what an index can begin with; the others pick within one moment.
        return Q(**{f"{first}__{side}e": after[0]}) & (
            Q(**{f"{first}__{side}": after[0]}) | Q(**{f"{last}__{side}": after[-1]})
        )


def _walks(queue: Queue, filters: Filters, order: Order) -> list[_Walk]:
    """The ways to go one after the other: the urgent first, if that is asked for, then all the rest."""
    rows = _filtered(queue, filters)
    down = order != Order.OLDEST
    if order == Order.PRIORITY:
        urgent = _Walk(rows.filter(IS_URGENT), ("priority", "id"), down=True)
        if queue == Queue.REPORTED:
            return [urgent]  # each flag has a weight
        return [urgent, _Walk(rows.filter(priority=0), ("created_at", "id"), down=True)]
    if queue == Queue.UNREVIEWED and filters.post_id is not None and filters.author_id is None:
        # Nearly all that is published under a post: the index of its pages leads there.
        return [_Walk(rows.annotate(newest_first=NEWEST_FIRST), ("newest_first",), down=not down)]
    return [_Walk(rows, ("created_at", "id"), down=down)]


def _base(queue: Queue) -> QuerySet[Comment]:
    if queue == Queue.REPORTED:
        return Comment.objects.filter(IS_REPORTED)
    return Comment.objects.alias(desk=DESK).filter(desk=queue.value)


def _by_author(queue: Queue, author_id: int) -> QuerySet[Comment]:
    """In words that the index of the desks does not know: the one to follow is that of authors."""
    theirs = Comment.objects.filter(author=author_id)
    if queue == Queue.REPORTED:
        return theirs.filter(status=Status.PUBLISHED, flag_count__gte=1)
    if queue in (Queue.UNREVIEWED, Queue.APPROVED):
        return theirs.filter(status=Status.PUBLISHED, reviewed_at__isnull=queue == Queue.UNREVIEWED)
    return theirs.filter(status=queue.value)


def _filtered(queue: Queue, filters: Filters) -> QuerySet[Comment]:
    """The most selective of the filters leads to its index, the others pick from what is there."""
    post_id, reason = filters.post_id, filters.reason
    if filters.author_id is not None:
        rows = _by_author(queue, filters.author_id)
    elif post_id is not None and queue == Queue.UNREVIEWED:
        rows = Comment.objects.alias(published_in=PUBLISHED_IN)
        rows = rows.filter(published_in=post_id, reviewed_at__isnull=True)
    elif post_id is not None and queue != Queue.REPORTED:
        rows = Comment.objects.alias(place=DESK_OF_POST)
        rows = rows.filter(IS_OFF_DESK, place=f"{queue.value}:{post_id}")
    elif reason and queue != Queue.REPORTED:
        rows = Comment.objects.alias(place=DESK_FOR_REASON)
        rows = rows.filter(HAS_REASON, place=f"{queue.value}:{reason}")
    else:
        rows = _base(queue)
    # Said once: who reads it twice has the choice of another index.
    if post_id is not None and (filters.author_id is not None or queue == Queue.REPORTED):
        rows = rows.filter(post=post_id)
    if reason and queue == Queue.REPORTED:
        open_flags = Flag.objects.filter(comment=models.OuterRef("pk"), outcome="", reason=reason)
        rows = rows.filter(models.Exists(open_flags))
    elif reason:
        rows = rows.filter(reason=reason)
    if filters.rule:
        rows = rows.filter(held_for=filters.rule)
    if filters.since is not None:
        rows = rows.filter(created_at__gte=filters.since)
    if filters.until is not None:
        rows = rows.filter(created_at__lt=filters.until)
    return rows


def loaded(found: Sequence[int]) -> list[Comment]:
    """Comments by their ids, in that order, with what `page` brings with them."""
    rows = Comment.objects.select_related("author", "post", "parent__author").defer("post__body")
    by_id = rows.in_bulk(found)
    return [by_id[pk] for pk in found if pk in by_id]


# --- Appeals ---------------------------------------------------------------------------------------------


def _open_appeals() -> QuerySet[Appeal]:
    return Appeal.objects.filter(answered_at__isnull=True)


def _appeals(filters: Filters, order: Order, cursor: str, size: int) -> Page:
    """Appeals have their own time and no urgency: the most urgent is who has waited longest."""
    if filters.search:
        raise Refused(ErrorCode.INVALID)
    rows = _open_appeals().select_related("decision")
    conditions: dict[str, object] = {
        "decision__comment__post": filters.post_id,
        "decision__comment__author": filters.author_id,
        "decision__reason": filters.reason or None,
        "decision__rule": filters.rule or None,
        "created_at__gte": filters.since,
        "created_at__lt": filters.until,
    }
    rows = rows.filter(**{name: value for name, value in conditions.items() if value is not None})
    down = order == Order.NEWEST
    _, after = _read_cursor(cursor, Queue.APPEALS, order, 1)
    if after is not None:
        rows = rows.filter(pk__lt=after[0]) if down else rows.filter(pk__gt=after[0])
    found = list(rows.order_by("-pk" if down else "pk")[: size + 1])
    shown = found[:size]
    by_comment = {appeal.decision.comment_id: appeal for appeal in shown}
    end = _cursor(Queue.APPEALS, order, 0, [shown[-1].pk]) if len(found) > size else None
    return Page(loaded(list(by_comment)), end, by_comment)


# --- Cursors ---------------------------------------------------------------------------------------------

# Signed, so that what comes back is what was given: keys of one queue in one order.
_signer = Signer(salt="comments.queues")


def _cursor(queue: str, order: str, number: int, after: Key | None) -> str:
    values = after and [value.isoformat() if isinstance(value, datetime) else value for value in after]
    return _signer.sign(json.dumps([str(queue), str(order), number, values]))


def _read_cursor(cursor: str, queue: str, order: str, walks: int) -> tuple[int, Key | None]:
    if not cursor:
        return 0, None
    try:
        of_queue, of_order, number, values = json.loads(_signer.unsign(cursor))
    except BadSignature as problem:
        raise Refused(ErrorCode.INVALID) from problem
    if (of_queue, of_order) != (queue, order) or number >= walks:
        raise Refused(ErrorCode.INVALID)
    return number, values and [
        datetime.fromisoformat(each) if isinstance(each, str) else each for each in values
    ]
