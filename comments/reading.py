"""The reads: a post that somebody may see, a page of its comments, its changes since a version.

Each is bounded and follows an index, whatever the database believes about its tables; none counts or
scans.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BigIntegerField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.models import User
from realtime.errors import ErrorCode, Refused

from .models import HIDDEN, Comment, Decision, Flag, Post, Remover, Status
from .models.expressions import DESK_OF_POST, IS_HIDDEN, IS_OFF_DESK

# A reader more versions behind than this gets the newest page instead: it is shorter than the changes.
CHANGES_LIMIT = 300


# What a page of comments may weigh in UTF-8, both texts counted. Servers bound a websocket message (daphne
# at 1 MiB), and whoever asks for many pages without reading them must not fill the memory.
PAGE_BYTES = 400_000

# How long an author finds on the page what was decided about their comment.
DECISIONS_SHOWN_FOR = timedelta(days=30)
# Hidden comments whose places whoever may restore them sees on one page.
HIDDEN_SHOWN = 20


# The ids of a page, one step along the index `comment_page` each. Asked for all of them at once, a
# PostgreSQL that has not yet noticed how much a post has grown may prefer to read the whole post and sort
# it; asked for one row it never does.
_STEPS = """
    WITH RECURSIVE step (number, id) AS (
        SELECT 0, CAST(%s AS bigint)
        UNION ALL
        SELECT number + 1, (
            SELECT id FROM comments_comment AS other
            WHERE CAST(CASE status WHEN 'published' THEN post_id END AS bigint) = %s
                AND (-other.id) {towards} (-step.id)
            ORDER BY (-other.id) {order} LIMIT 1
        )
        FROM step WHERE number < %s AND id IS NOT NULL
    )
    SELECT id FROM step WHERE number > 0
"""
_EARLIER = _STEPS.format(towards=">", order="ASC")
_LATER = _STEPS.format(towards="<", order="DESC")


@dataclass(frozen=True, slots=True)
class Page:
    """Published comments, oldest first, whether older ones exist and whether newer ones may."""

    comments: list[Comment]
    has_more: bool
    has_later: bool = False

    @property
    def before(self) -> int | None:
        """What to ask for the page before this one."""
        return self.comments[0].pk if self.comments else None

    @property
    def after(self) -> int | None:
        """What to ask for the page after this one."""
        return self.comments[-1].pk if self.comments else None


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody's comments that wait for a moderator, and the decisions that keep others from readers: each
    with its `comment`, and its `appeal` if there is one. Both in the order of the comments."""

    held: list[Comment]
    decisions: list[Decision]


def reachable_post(post_id: int) -> Post:
    """A post that readers may see, as it is now. Raises `Refused`."""
    post = Post.objects.reachable().filter(pk=post_id).first()
    if post is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return post


def page(post: Post, *, before: int | None = None, size: int | None = None) -> Page:
    """The newest page of comments, or the one that ends before comment `before`."""
    size = size or settings.COMMENTS_PER_PAGE
    end = BigIntegerField.MAX_BIGINT if before is None else before
    rows = list(_at(RawSQL(_EARLIER, (end, post.pk, size + 1))).order_by("-pk"))  # noqa: S611 (nobody's text)
    fitting = _fitting(rows[:size])
    return Page(_under(post, fitting[::-1]), len(rows) > len(fitting), before is not None)


def page_after(post: Post, after: int) -> Page:
    """The page that begins after comment `after`."""
    size = settings.COMMENTS_PER_PAGE
    rows = list(_at(RawSQL(_LATER, (after, post.pk, size + 1))).order_by("pk"))  # noqa: S611 (nobody's text)
    fitting = _fitting(rows[:size])
    start = fitting[0].pk if fitting else after + 1
    has_more = Comment.objects.shown_in(post.pk, before=start).exists()
    return Page(_under(post, fitting), has_more, len(rows) > len(fitting))


def page_with(comment: Comment) -> Page:
    """The page in which `comment` is the newest but for half a page."""
    half = settings.COMMENTS_PER_PAGE // 2
    after = list(
        Comment.objects.shown_in(comment.post_id, back_to=comment.pk)
        .reverse()
        .values_list("pk", flat=True)[: half + 1]
    )
    found = page(comment.post, before=(after[:half][-1] if after[:half] else comment.pk) + 1)
    return replace(found, has_later=len(after) > half)


def end_of_next(post: Post, last: int) -> int | None:
    """What to ask for the page after the one that ends with comment `last`; None: that is the newest."""
    size = settings.COMMENTS_PER_PAGE
    after = Comment.objects.shown_in(post.pk, back_to=last + 1).reverse().values_list("pk", flat=True)
    ids = list(after[: size + 1])
    return ids[size] if len(ids) > size else None


def changes(post: Post, since: int) -> list[Comment] | None:
    """Comments changed after version `since`, in the order of their changes; None: too many to send."""
    # No two changes have the same version, so there are no more rows than this to be read.
    if post.version - since > CHANGES_LIMIT:
        return None
    rows = list(_with_people().filter(post=post, version__gt=since).order_by("version")[: CHANGES_LIMIT + 1])
    if len(rows) > CHANGES_LIMIT or len(_fitting(rows)) < len(rows):
        return None
    for row in rows:
        row.post = post
    return rows


def latest_comments(post: Post, author_ids: set[int], since: datetime) -> dict[int, datetime]:
    """When each of these people last wrote under a post, of those who did after `since`."""
    rows = (
        Comment.objects.filter(post=post, author_id__in=author_ids, created_at__gt=since)
        .order_by("created_at")
        .values_list("author_id", "created_at")
    )
    return dict(rows)


def own(post: Post, author: User) -> Own:
    """What of somebody's own under a post nobody else is shown: what waits, and what was decided lately.

    A page at most, the newest. What a rule rejected is left out, unless they have appealed: they were told
    when they wrote it, it never stood here, and they may have written it otherwise since.
    """
    rows = _with_people().filter(IS_HIDDEN, author=author, post=post)
    found = [row for row in rows.order_by("-id")[: settings.COMMENTS_PER_PAGE] if not _was_taken_back(row)]
    for row in found:
        row.post = post
    held = [row for row in found if row.status == Status.PENDING]
    hidden = {row.pk: row for row in found if row.status in HIDDEN}
    decisions: dict[int, Decision] = {}
    if hidden:
        lately = timezone.now() - DECISIONS_SHOWN_FOR
        made = Decision.objects.filter(comment__in=hidden, made_at__gt=lately).select_related("appeal")
        for each in made.order_by("-id"):
            decisions.setdefault(each.comment_id, each)
    for each in decisions.values():
        each.comment = hidden[each.comment_id]
    told = [each for each in decisions.values() if each.is_adverse and _is_news(each)]
    return Own(held[::-1], sorted(told, key=lambda each: each.comment_id))


def hidden_by_moderators(post: Post, shown: Sequence[Comment], *, is_newest: bool) -> list[Comment]:
    """What moderators took from between these comments of a post, without its text; a few, the newest."""
    if not shown and not is_newest:
        return []
    found: list[Comment] = []
    for status in HIDDEN:
        there = Comment.objects.alias(desk=DESK_OF_POST).filter(IS_OFF_DESK, desk=f"{status}:{post.pk}")
        there = there.filter(version__gt=0, removed_by=Remover.MODERATOR)
        if shown:
            there = there.filter(pk__gte=shown[0].pk)
        if not is_newest:
            there = there.filter(pk__lte=shown[-1].pk)
        found += there.defer("content", "html").order_by("-created_at", "-id")[:HIDDEN_SHOWN]
    for row in found:
        row.post = post
    return sorted(found, key=lambda row: row.pk)[-HIDDEN_SHOWN:]


def reported(comments: Iterable[Comment], reader: User) -> set[int]:
    """Which of these comments somebody has reported."""
    asked = [comment.pk for comment in comments if comment.author_id != reader.pk]
    flags = Flag.objects.filter(reporter=reader, comment__in=asked) if asked else Flag.objects.none()
    return set(flags.values_list("comment_id", flat=True))


def _was_taken_back(comment: Comment) -> bool:
    return comment.status == Status.REMOVED and comment.removed_by == Remover.AUTHOR


def _is_news(decision: Decision) -> bool:
    return not decision.rule or hasattr(decision, "appeal")


def _fitting(rows: list[Comment]) -> list[Comment]:
    """As many of the first rows as weigh no more than `PAGE_BYTES`, but one at least."""
    weight = 0
    for index, row in enumerate(rows):
        weight += len(row.content.encode()) + len(row.html.encode())
        if weight > PAGE_BYTES and index > 0:
            return rows[:index]
    return rows


def _at(ids: RawSQL) -> QuerySet[Comment]:
    return _with_people().filter(pk__in=ids)


def _under(post: Post, comments: list[Comment]) -> list[Comment]:
    for comment in comments:
        comment.post = post
    return comments


def _with_people() -> QuerySet[Comment]:
    return Comment.objects.select_related("author", "parent__author")
