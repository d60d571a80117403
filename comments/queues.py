"""The moderators' queues: what lies where, in which order, filtered, searched and counted.

Each query follows an index and reads a bounded number of rows, whatever the database believes about its
tables. Counters stop at `COUNTED`; a search looks through `SEARCHED` items a page and says where to go on.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User

from .models import Appeal, Comment

# What a counter counts up to: a desk says "1,000+" beyond.
COUNTED = 1_000
# Items that one page of a search looks through.
SEARCHED = 2_000
PAGE = 50


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


class Age(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a queue somebody wants to see; empty fields leave everything in.

    `reason` is a code of `accounts.reasons`: in Reported of a flag, elsewhere of what put the comment there.
    `rule` is a code of `comments.models.Rule` that held or rejected it. `since` and `until` bound
    `created_at`. `search` looks into texts and authors' names, without regard to case.
    """

    post_id: int | None = None
    author_id: int | None = None
    reason: str = ""
    rule: str = ""
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Items of a queue in their order, and the cursor of the page after it; None: this is the last.

    In the queue of appeals `appeals` has the appeal of each item, by the comment's id.
    """

    items: list[Comment]
    cursor: str | None
    appeals: dict[int, Appeal]


def page(
    queue: Queue | str,
    *,
    acting_user: User,
    filters: Filters | None = None,
    order: Order | str = Order.NEWEST,
    cursor: str = "",
    size: int = PAGE,
) -> Page:
    """One page of a queue; each comment comes with `author`, `post` and `parent.author`.

    With a search a page may be short, or empty, and have a cursor all the same: the search goes on there.
    Raises `Refused`: `forbidden` without the permission `comments.moderate`, `invalid` for a cursor that
    this queue, order and filters did not give.
    """
    raise NotImplementedError


def ids(
    queue: Queue | str, *, acting_user: User, filters: Filters | None = None, limit: int = 10_000
) -> list[int]:
    """The ids of up to `limit` comments of a queue, the oldest first: what `moderation.decide_all` takes."""
    raise NotImplementedError


def counts(*, acting_user: User) -> dict[str, int]:
    """By queue how many items it has, up to `COUNTED`, in one query."""
    raise NotImplementedError


def queues_of(comment: Comment) -> list[Queue]:
    """The queues that a comment is in; that of appeals apart."""
    raise NotImplementedError
