"""What the desk's pages and its sockets do alike."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts import sanctions
from accounts.models import Sanction, User
from comments import moderation
from comments.models import Comment
from comments.moderation import Progress, may_moderate
from realtime.errors import ErrorCode, Refused

from .notices import noticed


def may_be_at_the_desk(user: User) -> bool:
    """Staff with the permission; one without the other opens no page of the admin."""
    return user.is_active and user.is_staff and user.has_perm("comments.moderate")


def sanction_the_author(
    comment_id: int,
    kind: str,
    *,
    acting_user: User,
    reason: str,
    until: datetime | None = None,
    duration: timedelta | None = None,
    explanation: str = "",
    note: str = "",
    purge: bool = False,
) -> tuple[Sanction, Iterator[Progress] | None]:
    """Sanction whoever wrote a comment, because of it; with `purge` also the work, which is the caller's to
    go through, of rejecting everything they wrote. Raises `Refused` as `accounts.sanctions.impose` and
    `moderation.purge` do, and has done nothing then."""
    may_moderate(acting_user)
    comment = Comment.objects.filter(pk=comment_id).first()
    if comment is None:
        raise Refused(ErrorCode.NOT_FOUND)
    work = None
    if purge:
        work = moderation.purge(
            comment.author_id, acting_user=acting_user, reason=reason, explanation=explanation, note=note
        )
    sanction = sanctions.impose(
        comment.author_id,
        kind,
        acting_user=acting_user,
        reason=reason,
        until=until,
        duration=duration,
        explanation=explanation,
        note=note,
        concerns=comment.get_absolute_url(),
    )
    noticed([comment.pk])
    return sanction, work
