"""What readers say about others' comments."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.reasons import Reason
from accounts.sanctions import refusal, standing_of
from realtime.database import is_storable
from realtime.errors import ErrorCode, Refused

from . import priority, rules
from .actions import lock_comment
from .desk.notices import noticed
from .models import Comment, Flag, Post, Status

NOTE_LIMIT = 500


def flag(comment_id: int, reason: Reason | str, note: str = "", *, acting_user: User) -> Flag:
    """Report somebody else's published comment to the moderators; once per person, again changes nothing.

    Raises `Refused`: `not_found` for what this reader cannot see, `forbidden` for one's own comment,
    `banned`, `invalid` for an unknown reason or `other` without a note, `too_long` beyond `NOTE_LIMIT`
    characters.
    """
    check_report(reason, note)
    with transaction.atomic():
        comment = lock_comment(comment_id)
        user = rules.check_author(User.objects.filter(pk=acting_user.pk).first())
        ban = standing_of(user).ban
        if ban is not None:
            raise refusal(ban)
        if comment.status != Status.PUBLISHED or not _is_reachable(comment):
            raise Refused(ErrorCode.NOT_FOUND)
        if comment.author_id == user.pk:
            raise Refused(ErrorCode.FORBIDDEN)
        known = Flag.objects.filter(comment=comment, reporter=user).first()
        if known is not None:
            return known
        given = Flag.objects.create(
            comment=comment, reporter=user, reason=reason, note=note, weight=priority.weight_of(user)
        )
        comment.flag_count += 1
        comment.priority += given.weight
        comment.save(update_fields=["flag_count", "priority"])
        noticed([comment.pk])
    return given


def check_report(reason: str, note: str) -> None:
    """What a report says must be understood. Raises `Refused`."""
    if reason not in Reason.values:
        raise Refused(ErrorCode.INVALID)
    if len(note) > NOTE_LIMIT:
        raise Refused(ErrorCode.TOO_LONG)
    if not is_storable(note):
        raise Refused(ErrorCode.INVALID)
    if reason == Reason.OTHER and not note.strip():
        raise Refused(ErrorCode.INVALID, _("Please say what the other reason is."))


def _is_reachable(comment: Comment) -> bool:
    return Post.objects.reachable().filter(pk=comment.post_id).exists()
