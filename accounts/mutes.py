"""Whose comments somebody does not want to see: a choice of theirs alone.

Whoever is muted hears of it nowhere: no event reaches them, nothing they can read changes, and they may go on
answering. So nothing here may ever be asked for by anybody but the one who muted.
"""

from collections.abc import Callable

from django.db import transaction

from realtime.errors import ErrorCode, Refused
from realtime.publish import publish_on_commit
from realtime.session import user_room

from .events import AccountEvent, muted_payload
from .models import Mute, User

# More than anybody keeps in mind; a list without an end would make every page of theirs slower.
AT_MOST = 1_000
# Ways to be known: floors above this one say of whom a reader can see something, reader first.
_known: list[Callable[[User, User], bool]] = []


def count_as_known(test: Callable[[User, User], bool]) -> None:
    """Let those be muted, blocked, followed and written to by number of whom `test(reader, person)` says
    that this reader can see or has seen something they wrote, or knows their name otherwise."""
    _known.append(test)


def is_known(person: User, *, to: User) -> bool:
    """Whether a reader knows a person's name already; a number alone is no acquaintance."""
    return any(test(to, person) for test in _known)


def find(user_id: int, *, acting_user: User) -> User:
    """Whom one may mute or has muted: others are as good as not there, or account numbers would tell names.

    Raises `Refused`: `not_found`.
    """
    person = User.objects.filter(pk=user_id).first()
    if person is None:
        raise Refused(ErrorCode.NOT_FOUND)
    if person.pk == acting_user.pk or is_known(person, to=acting_user):
        return person
    if Mute.objects.filter(user=acting_user, muted=person).exists():
        return person
    raise Refused(ErrorCode.NOT_FOUND)


def mute(user_id: int, *, on: bool, acting_user: User) -> User:
    """Fold away what a person writes, or show it again; doing it twice changes nothing. That person.

    Raises `Refused`: `not_found`, also for whom this reader does not know; `forbidden` for oneself, and
    beyond `AT_MOST` people.
    """
    with transaction.atomic():
        person = find(user_id, acting_user=acting_user)
        if person.pk == acting_user.pk:
            raise Refused(ErrorCode.FORBIDDEN)
        own = Mute.objects.filter(user=acting_user)
        if not on:
            changed = own.filter(muted=person).delete()[0] > 0
        else:
            _, changed = own.get_or_create(muted=person, defaults={"user": acting_user})
            if changed and own.count() > AT_MOST:
                raise Refused(ErrorCode.FORBIDDEN)
        if changed:
            # The reader's own tabs, and nobody else.
            publish_on_commit(
                AccountEvent.PERSON_MUTED, muted_payload(person, on=on), room=user_room(acting_user.pk)
            )
    return person


def mutes(user: User, person: User) -> bool:
    """Whether somebody has muted a person."""
    return Mute.objects.filter(user=user, muted=person).exists()


def muted_by(user: User) -> list[User]:
    """Whom somebody has muted, the latest first."""
    rows = Mute.objects.filter(user=user).select_related("muted").order_by("-id")
    return [row.muted for row in rows]


def muted_ids(user: User) -> frozenset[int]:
    """The same, as their ids."""
    return frozenset(Mute.objects.filter(user=user).values_list("muted_id", flat=True))
