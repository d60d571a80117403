"""People whom somebody follows. They hear of these people's status, and nothing that others cannot read.

Whom they follow, those are told, once; nobody else is shown it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from realtime.errors import ErrorCode, Refused
from realtime.publish import notify_on_commit, publish_on_commit
from realtime.session import user_room

from . import mutes, notifications
from .models import Kind, LastSeen, PersonFollow, User
from .sanctions import standing_of
from .status.events import FOLLOWED, NAMESPACE, StatusEvent, followed_payload

# More than anybody keeps in view; what one reader costs a process has a bound.
AT_MOST = 1_000
# What a notification calls the group of all who have followed somebody since they looked.
FOLLOWERS = "followers"


@dataclass(frozen=True, slots=True)
class Followed:
    """Somebody one follows. `last_seen` is None where they do not want to be named, or have not been seen."""

    person: User
    last_seen: datetime | None


def follow(user_id: int, *, on: bool, acting_user: User) -> User:
    """Follow a person, or no more; doing it twice changes nothing. That person.

    Whom that person has muted makes no difference, here or in what is told later: nobody can tell by it.
    Raises `Refused`: `not_found`; `forbidden` for oneself, and beyond `AT_MOST` people.
    """
    with transaction.atomic():
        person = User.objects.filter(pk=user_id, is_active=True).first()
        own = PersonFollow.objects.filter(user=acting_user)
        # Who is gone can still be taken off one's list.
        if person is None and not on:
            person = User.objects.filter(pk=user_id, pk__in=own.values("person_id")).first()
        if person is None or person.is_deleted:
            raise Refused(ErrorCode.NOT_FOUND)
        if person.pk == acting_user.pk:
            raise Refused(ErrorCode.FORBIDDEN)
        if not on:
            changed = own.filter(person=person).delete()[0] > 0
        else:
            _, changed = own.get_or_create(person=person, defaults={"user": acting_user})
            if changed and own.count() > AT_MOST:
                raise Refused(ErrorCode.FORBIDDEN)
        if changed:
            notify_on_commit(FOLLOWED, user=acting_user.pk, person=person.pk, on=on)
            publish_on_commit(
                StatusEvent.PERSON_FOLLOWED,
                followed_payload(person, on=on),
                room=user_room(acting_user.pk),
                namespace=NAMESPACE,
            )
        if changed and on:
            _tell(person, acting_user)
    return person


def find(user_id: int, *, acting_user: User) -> User:
    """Whom one may follow by an account's number: whom one follows or knows, as `mutes.is_known` says. To
    anybody else it would tell the names of all numbers; whoever knows a username needs none.

    Raises `Refused`: `not_found`.
    """
    person = User.objects.filter(pk=user_id).first()
    if person is not None and (person.pk == acting_user.pk or mutes.is_known(person, to=acting_user)):
        return person
    raise Refused(ErrorCode.NOT_FOUND)


def is_known(reader: User, person: User) -> bool:
    """Whether one of the two follows the other: who is followed is told so, with the name."""
    rows = PersonFollow.objects.filter(Q(user=reader, person=person) | Q(user=person, person=reader))
    return rows.exists()


def _tell(person: User, follower: User) -> None:
    """Tell somebody who follows them, once: to stop and begin anew is no news. Who may not write here may not
    make anybody's bell ring by this either."""
    if standing_of(follower).silencing is None:
        notifications.send(
            Kind.FOLLOW,
            to_user=person.pk,
            actor=follower.pk,
            group=FOLLOWERS,
            source=notifications.follow_source(follower.pk),
            path=reverse("comments:person", args=[follower.username]),
        )


def follows(user: User, person: User) -> bool:
    """Whether somebody follows a person."""
    return PersonFollow.objects.filter(user=user, person=person).exists()


def followed_by(user: User) -> list[Followed]:
    """Whom somebody follows, the latest first."""
    rows = PersonFollow.objects.filter(user=user).select_related("person").order_by("-id")
    people = [row.person for row in rows]
    seen = dict(LastSeen.objects.filter(user__in=[each.pk for each in people]).values_list("pk", "at"))
    return [Followed(each, seen.get(each.pk) if may_be_seen(each) else None) for each in people]


def seen(person: User) -> Followed:
    """The same of one person."""
    at = LastSeen.objects.filter(pk=person.pk).values_list("at", flat=True).first()
    return Followed(person, at if may_be_seen(person) else None)


def followed_ids(user_ids: Sequence[int]) -> list[frozenset[int]]:
    """Whom each of these users follows, in one query for all."""
    found: dict[int, set[int]] = {}
    rows = PersonFollow.objects.filter(user__in=set(user_ids)).values_list("user_id", "person_id")
    for user_id, person_id in rows.order_by():
        found.setdefault(user_id, set()).add(person_id)
    return [frozenset(found.get(user_id, ())) for user_id in user_ids]


def may_be_seen(person: User) -> bool:
    """Whether others may know when they were here. Who is invisible may be seen to have been here before."""
    return person.is_active and person.is_shown
