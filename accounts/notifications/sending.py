"""The one door into inboxes: rows for people, an original for everybody or a group.

What somebody does to themselves tells them nothing, nor does what somebody does whom they have muted, nor a
kind that they have switched off.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any
from urllib.parse import unquote

from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from accounts.models import DELETED, Audience, Kind, Mute, Notification, User
from realtime.database import is_storable
from realtime.errors import ErrorCode, Refused
from realtime.publish import publish_on_commit
from realtime.sql import marks

from . import choices
from .events import EVERYBODY, NAMESPACE, NotificationEvent, group_room, original_payload
from .notices import noticed, stale

# Recipients that are looked up and written together.
AT_ONCE = 500
# Unread ones of a group that somebody may have. More would only be a number, and a row for each of a hundred
# thousand reactions.
GROUP_LIMIT = 100
TEXT_LIMIT = 1_000
# What a notification says if nobody says otherwise.
ACTIONS: Mapping[str, str] = {
    Kind.MENTION: "mentioned",
    Kind.LIKE: "reacted",
    Kind.COMMENT: "replied",
    Kind.FOLLOW: "followed",
    Kind.MESSAGE: "wrote",
    Kind.SYSTEM: "announced",
    Kind.MODERATION: "decided",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What one person is to be told. See `Notification` for the fields; of its group they may have `limit`
    unread, beyond which nothing is added."""

    user_id: int
    kind: str
    action: str = ""
    actor_id: int | None = None
    group: str = ""
    source: str | None = None
    path: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    limit: int = GROUP_LIMIT


def send(
    kind: Kind | str,
    *,
    to_user: int | None = None,
    to_many: Iterable[int] | None = None,
    to_all: bool = False,
    to_group: Group | None = None,
    to_each: Iterable[Letter] | None = None,
    actor: int | None = None,
    action: str = "",
    group: str = "",
    source: str | None = None,
    path: str = "",
    about: Mapping[str, Any] | None = None,
) -> int:
    """Tell somebody, many, a group of Django's or everybody; to how many people of those named it was new.

    One of the `to_` has to be given; `to_each` are letters that differ. `actor` is who did it, `action` which
    sentence of `texts` says so, `about` what the sentence names; those of one `group` are shown as one, and
    of one `source` nobody is told twice. What is for all or for a group is one row, however many they are.
    """
    told = [each is not None for each in (to_user, to_many, to_group, to_each)]
    if sum([*told, to_all]) != 1:
        raise TypeError("send to one of to_user, to_many, to_all, to_group, to_each")
    details = dict(about or {})
    if not is_storable(json.dumps(details, ensure_ascii=False) + path):
        raise Refused(ErrorCode.INVALID)
    if to_all or to_group is not None:
        _announce(Kind(kind), to_group, actor, action or ACTIONS[kind], path, details)
        return 0
    if to_each is not None:
        return _deliver(to_each)
    letter = Letter(0, Kind(kind), action, actor, group, source, path, details)
    return _deliver(
        replace(letter, user_id=pk) for pk in ([to_user] if to_user is not None else to_many or ())
    )


def announce(
    text: str,
    *,
    acting_user: User,
    audience: Audience | str,
    path: str = "",
    group: Group | None = None,
    people: Sequence[int] = (),
) -> Notification:
    """What admins have to say, to all, to a group or to some people; the row that stands for it.

    Raises `Refused`: `forbidden` without the permission to add a `SystemNotice`, `invalid`, `too_long`.
    """
    if not (acting_user.is_active and acting_user.has_perm("accounts.add_systemnotice")):
        raise Refused(ErrorCode.FORBIDDEN)
    text = text.strip()
    if not text or not is_storable(text + path) or audience not in Audience.values:
        raise Refused(ErrorCode.INVALID)
    if path and (not path.startswith("/") or path.startswith("//")):
        raise Refused(ErrorCode.INVALID)
    if len(text) > TEXT_LIMIT or len(path) > 300:
        raise Refused(ErrorCode.TOO_LONG)
    if (audience == Audience.GROUP) != (group is not None) or (audience == Audience.PEOPLE) != bool(people):
        raise Refused(ErrorCode.INVALID)
    about = {"text": text}
    with transaction.atomic():
        signed = {**about, "by": acting_user.username}  # for the admin alone
        if audience != Audience.PEOPLE:
            return _announce(Kind.SYSTEM, group, None, ACTIONS[Kind.SYSTEM], path, signed)
        original = _original(Kind.SYSTEM, Audience.PEOPLE, None, None, ACTIONS[Kind.SYSTEM], path, signed)
        letter = Letter(0, Kind.SYSTEM, path=path, group=f"system:{original.pk}", about=about)
        _deliver((replace(letter, user_id=pk) for pk in people), original)
    return original


def withdraw(*, sources: Collection[str]) -> int:
    """Take back what people were told of what is there no more; how many notifications that were."""
    with transaction.atomic():
        rows = list(Notification.objects.filter(source__in=sources).values_list("pk", "user_id"))
        if rows:
            Notification.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
            stale({user_id for _, user_id in rows if user_id is not None})
    return len(rows)


def suspend(*, sources: Collection[str]) -> int:
    """The same for what may come again with `resume`, as often as somebody likes: the rows stay, out of
    sight, so that it rings for nobody twice. What was read stays as it is."""
    unread = Notification.objects.unread().filter(source__in=sources)
    return _turn(unread.values_list("pk", "user_id"), is_withdrawn=True, read_at=timezone.now())


def resume(*, sources: Collection[str]) -> int:
    """Have what was suspended stand in inboxes again, unread, without a word; how many that were. Not what
    `send` would not tell any more."""
    muted = Mute.objects.filter(user=OuterRef("user"), muted=OuterRef("actor"))
    suspended = Notification.objects.filter(~Exists(muted), source__in=sources, is_withdrawn=True)
    found = suspended.values_list("pk", "user_id", "kind", "user__inbox__choices")
    wanted = [(pk, user_id) for pk, user_id, kind, chosen in found if choices.read(chosen, kind).page]
    return _turn(wanted, is_withdrawn=False, read_at=None)


def _turn(found: Iterable[tuple[int, int | None]], **fields: Any) -> int:
    with transaction.atomic():
        rows = list(found)
        if rows:
            Notification.objects.filter(pk__in=[pk for pk, _ in rows]).update(**fields)
            stale({user_id for _, user_id in rows if user_id is not None})
    return len(rows)


def take_back(original: Notification) -> None:
    """Take what admins have said from everybody's inbox."""
    with transaction.atomic():
        people = list(Notification.objects.filter(original=original.pk).values_list("user_id", flat=True))
        Notification.objects.filter(pk=original.pk).delete()
        if original.audience == Audience.PEOPLE:
            stale(user_id for user_id in people if user_id is not None)
        else:  # whoever has heard of it, with or without a row yet
            room = EVERYBODY if original.group_id is None else group_room(original.group_id)
            gone = {"stale": True}
            publish_on_commit(NotificationEvent.UNREAD_COUNT, gone, room=room, namespace=NAMESPACE)


def follow_source(follower_id: int) -> str:
    """What people are told of one follower has this source: each of them once."""
    return f"follow:{follower_id}"


def forget(user: User) -> None:
    """Empty somebody's inbox, and take out of others' what would go on saying who they were."""
    Notification.objects.filter(user=user).delete()
    withdraw(sources=[follow_source(user.pk)])
    _rename_in_paths(user)
    for original in Notification.objects.filter(user__isnull=True, about__by=user.username):
        original.about = {**original.about, "by": f"{DELETED}{user.pk}"}
        original.save(update_fields=["about"])


def _rename_in_paths(user: User) -> None:
    """Have what leads to what somebody wrote in private lead there under the name that they have from now on.

    No index finds who did it, for that is asked once in an account's life.
    """
    found = Notification.objects.filter(actor=user, kind=Kind.MESSAGE)
    told = set(found.values_list("user_id", flat=True))
    for path in set(found.values_list("path", flat=True)):
        way, _, name = path.rstrip("/").rpartition("/")
        if unquote(name) == user.username:
            found.filter(path=path).update(path=f"{way}/{DELETED}{user.pk}/")
    stale(user_id for user_id in told if user_id is not None)


# --- For somebody -----------------------------------------------------------------------------------


def _deliver(letters: Iterable[Letter], original: Notification | None = None) -> int:
    left, count = iter(letters), 0
    with transaction.atomic():
        while some := list(islice(left, AT_ONCE)):
            told = _write(some, original)
            noticed(told)
            count += len({user_id for user_id, _ in told})
    return count


def _write(letters: Sequence[Letter], original: Notification | None) -> list[tuple[int, str]]:
    """Store those that are wanted; whom and in which group that was new to."""
    now = timezone.now()
    wanted = {each.user_id for each in letters if each.user_id != each.actor_id}
    people = {
        pk: (zone, chosen)
        for pk, zone, chosen in User.objects.filter(pk__in=wanted, is_active=True).values_list(
            "pk", "time_zone", "inbox__choices"
        )
    }
    actors = {each.actor_id for each in letters if each.actor_id is not None}
    muted = (
        set(Mute.objects.filter(user__in=wanted, muted__in=actors).values_list("user_id", "muted_id"))
        if actors
        else set()
    )
    rows: list[Notification] = []
    room = _room_left(letters) if original is None else {}
    for each in letters:
        if each.user_id not in people or each.user_id == each.actor_id:
            continue
        zone, chosen = people[each.user_id]
        choice = choices.read(chosen, each.kind)
        group = each.group or f"{each.kind}:{each.path}"[:60]
        left = room.get((each.user_id, group), each.limit)
        if not choice.page or (each.user_id, each.actor_id) in muted or left <= 0:
            continue
        room[each.user_id, group] = left - 1
        rows.append(
            Notification(
                user_id=each.user_id,
                kind=each.kind,
                action=each.action or ACTIONS[each.kind],
                actor_id=each.actor_id,
                group_key=group,
                source=each.source,
                path=each.path,
                about=dict(each.about),
                created_at=now,
                mail_due=choices.mail_due(choice, zone, now),
                original=original,
            )
        )
    # In one order, whoever writes: two who tell the same people would else wait for each other.
    rows.sort(key=lambda row: (row.source or "", row.user_id or 0))
    return insert(rows)


def _room_left(letters: Sequence[Letter]) -> dict[tuple[int, str], int]:
    """How many more of its group each of these may add, where there are any yet."""
    grouped = {each.group: each for each in letters if each.group}
    if not grouped:
        return {}
    limits = {(each.user_id, each.group): each.limit for each in letters}
    known = Notification.objects.unread().filter(
        user__in={each.user_id for each in letters}, group_key__in=grouped
    )
    counted = known.order_by().values_list("user_id", "group_key").annotate(there=Count("pk"))
    return {
        (user_id, group): limits.get((user_id, group), GROUP_LIMIT) - there
        for user_id, group, there in counted
    }


_FIELDS = [each for each in Notification._meta.concrete_fields if not each.primary_key]
_COLUMNS = ", ".join(f'"{each.column}"' for each in _FIELDS)


def insert(rows: Sequence[Notification]) -> list[tuple[int, str]]:
    """Store rows but those that are there already; whom and in which group that was new to.

    Of rows that it leaves out because they are there, the ORM does not say which they were.
    """
    if not rows:
        return []
    places = ", ".join([f"({marks(_FIELDS)})"] * len(rows))
    sql = (
        f'INSERT INTO "{Notification._meta.db_table}" ({_COLUMNS}) VALUES {places}'  # noqa: S608
        ' ON CONFLICT DO NOTHING RETURNING "user_id", "group_key"'
    )
    values = [_stored(each, row) for row in rows for each in _FIELDS]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(int(user_id), str(group)) for user_id, group in cursor.fetchall()]


def _stored(each: "models.Field[Any, Any]", row: Notification) -> Any:
    return each.get_db_prep_save(getattr(row, each.attname), connection)


# --- For everybody, or a group ----------------------------------------------------------------------


def _announce(
    kind: Kind, group: Group | None, actor: int | None, action: str, path: str, about: dict[str, Any]
) -> Notification:
    audience = Audience.ALL if group is None else Audience.GROUP
    with transaction.atomic():
        original = _original(kind, audience, group, actor, action, path, about)
        room = EVERYBODY if group is None else group_room(group.pk)
        publish_on_commit(
            NotificationEvent.NOTIFICATION, original_payload(original), room=room, namespace=NAMESPACE
        )
    return original


def _original(
    kind: Kind,
    audience: Audience,
    group: Group | None,
    actor: int | None,
    action: str,
    path: str,
    about: dict[str, Any],
) -> Notification:
    original = Notification.objects.create(
        kind=kind,
        action=action,
        actor_id=actor,
        group_key="",
        path=path,
        about=about,
        audience=audience,
        group=group,
    )
    original.group_key = f"system:{original.pk}"
    original.save(update_fields=["group_key"])
    return original
