"""What the desk's pages and its sockets do alike."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts import sanctions
from accounts.models import Sanction, User
from comments import bulk
from comments.models import BulkDecision, Comment
from comments.moderation import may_moderate
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
) -> tuple[Sanction, BulkDecision | None]:
    """Sanction whoever wrote a comment, because of it; with `purge` also order that everything they wrote is
    rejected: `bulk.advance` does it. Raises `Refused` as `accounts.sanctions.impose` and `bulk.purge` do, and
    has done nothing then."""
    may_moderate(acting_user)
    comment = Comment.objects.filter(pk=comment_id).first()
    if comment is None:
        raise Refused(ErrorCode.NOT_FOUND)
    with transaction.atomic():
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
        work = None
        if purge:
            # After the sanction, so that nothing is missed which was written until then.
            work = bulk.purge(
                [comment.author_id],
                acting_user=acting_user,
                reason=reason,
                explanation=explanation,
                note=note,
            )
        noticed([comment.pk])
    return sanction, work
