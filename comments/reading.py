"""The reads: a post that somebody may see, a page of its comments, its changes since a version.

Each is bounded and follows an index, whatever the database believes about its tables; none counts or
scans.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import BigIntegerField, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import User
from realtime.errors import ErrorCode, Refused

from .models import Comment, Post, Status

# A reader more versions behind than this gets the newest page instead: it is shorter than the changes.
CHANGES_LIMIT = 300


# What a page of comments may weigh in UTF-8, both texts counted. Servers bound a websocket message (daphne
# at 1 MiB), and whoever asks for many pages without reading them must not fill the memory.
PAGE_BYTES = 400_000


# The ids of a page, one step along the index `comment_page` each. Asked for all of them at once, a
# PostgreSQL that has not yet noticed how much a post has grown may prefer to read the whole post and sort
# it; asked for one row it never does.
_PAGE = """
    WITH RECURSIVE step (number, id) AS (
        SELECT 0, CAST(%s AS bigint)
        UNION ALL
        SELECT number + 1, (
            SELECT id FROM comments_comment AS earlier
            WHERE CAST(CASE status WHEN 'published' THEN post_id END AS bigint) = %s
                AND (-earlier.id) > (-step.id)
            ORDER BY (-earlier.id) LIMIT 1
        )
        FROM step WHERE number < %s AND id IS NOT NULL
    )
    SELECT id FROM step WHERE number > 0
"""


@dataclass(frozen=True, slots=True)
class Page:
    """Published comments, oldest first, and whether older ones exist."""

    comments: list[Comment]
    has_more: bool

    @property
    def before(self) -> int | None:
        """What to ask for the page before this one."""
        return self.comments[0].pk if self.comments else None


def reachable_post(post_id: int) -> Post:
    """A post that readers may see, as it is now. Raises `Refused`."""
    post = Post.objects.reachable().filter(pk=post_id).first()
    if post is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return post


def page(post: Post, *, before: int | None = None) -> Page:
    """The newest page of comments, or the one that ends before comment `before`."""
    size = settings.COMMENTS_PER_PAGE
    end = BigIntegerField.MAX_BIGINT if before is None else before
    ids = RawSQL(_PAGE, (end, post.pk, size + 1))  # noqa: S611 (nobody's text is in it)
    rows = list(_with_people().filter(pk__in=ids).order_by("-pk"))
    fitting = _fitting(rows[:size])
    for row in fitting:
        row.post = post
    return Page(fitting[::-1], len(rows) > len(fitting))


def page_with(comment: Comment) -> Page:
    """The page in which `comment` is the newest but for half a page."""
    size = settings.COMMENTS_PER_PAGE
    after = list(
        Comment.objects.shown_in(comment.post_id, back_to=comment.pk)
        .reverse()
        .values_list("pk", flat=True)[: size // 2]
    )
    return page(comment.post, before=(after[-1] if after else comment.pk) + 1)


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


def waiting(post: Post, author: User) -> list[Comment]:
    """Somebody's own comments under a post that wait for a moderator, oldest first; a page at most."""
    rows = _with_people().filter(author=author, post=post, status=Status.PENDING)
    found = list(rows.order_by("created_at", "id")[: settings.COMMENTS_PER_PAGE])
    for row in found:
        row.post = post
    return found


def _fitting(rows: list[Comment]) -> list[Comment]:
    """As many of the first rows as weigh no more than `PAGE_BYTES`, but one at least."""
    weight = 0
    for index, row in enumerate(rows):
        weight += len(row.content.encode()) + len(row.html.encode())
        if weight > PAGE_BYTES and index > 0:
            return rows[:index]
    return rows


def _with_people() -> QuerySet[Comment]:
    return Comment.objects.select_related("author", "parent__author")
