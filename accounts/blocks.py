"""Who may not write to somebody in private any more: a choice of the recipient's alone.

Whoever is blocked cannot tell: what they send is answered as ever, and nobody gets it.
"""

from collections.abc import Sequence

from django.db import transaction

from realtime.errors import ErrorCode, Refused

from . import mutes
from .models import MessageBlock, User

AT_MOST = 1_000


def find(user_id: int, *, acting_user: User) -> User:
    """Whom one may block or has blocked, by an account's number: as `mutes.find`, or a list of blocked people
    would tell the names of all numbers. Whoever knows a username needs no number.

    Raises `Refused`: `not_found`.
    """
    own = MessageBlock.objects.filter(user=acting_user, blocked_id=user_id)
    known = own.select_related("blocked").first()
    return known.blocked if known is not None else mutes.find(user_id, acting_user=acting_user)


def block(user_id: int, *, on: bool, acting_user: User) -> User:
    """Get no private messages from a person, or get them again; doing it twice changes nothing. That person.

    Raises `Refused`: `not_found`; `forbidden` for oneself, and beyond `AT_MOST` people.
    """
    with transaction.atomic():
        person = User.objects.filter(pk=user_id).first()
        own = MessageBlock.objects.filter(user=acting_user)
        if person is None or (person.is_deleted and on):
            raise Refused(ErrorCode.NOT_FOUND)
        if person.pk == acting_user.pk:
            raise Refused(ErrorCode.FORBIDDEN)
        if not on:
            own.filter(blocked=person).delete()
        else:
            _, is_new = own.get_or_create(blocked=person, defaults={"user": acting_user})
            if is_new and own.count() > AT_MOST:
                raise Refused(ErrorCode.FORBIDDEN)
    return person


def blocks(user: User, person: User) -> bool:
    """Whether somebody has blocked a person."""
    return MessageBlock.objects.filter(user=user, blocked=person).exists()


def blocked_by(user: User) -> Sequence[User]:
    """Whom somebody has blocked, the latest first."""
    rows = MessageBlock.objects.filter(user=user).select_related("blocked").order_by("-id")
    return [row.blocked for row in rows]


def is_unheard(sender: User, recipient: User) -> bool:
    """Whether nothing of this sender's reaches the recipient: blocked, or muted."""
    return blocks(recipient, sender) or mutes.mutes(recipient, sender)
