"""Reading somebody's inbox, and what they do in it. All of it is reached through their own rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, Count, Max, Q, QuerySet
from django.utils import timezone

from accounts.models import Audience, Inbox, Notification, User
from realtime.errors import ErrorCode, Refused
from realtime.publish import publish_on_commit
from realtime.session import user_room

from . import choices, memberships, notices, sending
from .entries import SHOWN, Entry
from .events import NAMESPACE, NotificationEvent

PAGE = 20
# How far back a list reaches, in notifications; beyond it the oldest are out of reach until others are read.
REACH = 5_000
# Of one group so many are looked at to tell who did it.
LOOKED_AT = sending.GROUP_LIMIT
# So old what is for many has to be before somebody counts as having all up to it: ids are not committed in
# their order, and one that was given out earlier may still be on its way.
SETTLED = timedelta(minutes=10)
PRUNED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, unread ones first; what to ask for the next page, None: there is none; what is unread."""

    entries: list[Entry]
    cursor: str | None
    unread: "Unread"


class Unread(NamedTuple):
    """How many entries somebody has not read, and the newest row of them: what differs where these differ."""

    entries: int = 0
    newest: int = 0


def page(user: User, cursor: str = "") -> Page:
    """Somebody's newest entries, or those after `cursor`. Raises `Refused`: `invalid` for what is none."""
    section, before = _read_cursor(cursor)
    if not cursor:
        catch_up([user.pk])
    found: list[Entry] = []
    further: str | None = None
    if section == "u":
        found = _entries(user, before, is_read=False)
        section, before = ("r", None) if len(found) <= PAGE else ("u", before)
    if section == "r" and len(found) <= PAGE:
        found += _entries(user, before, is_read=True)
    if len(found) > PAGE:
        last = found[PAGE - 1]
        further = f"{'r' if last.is_read else 'u'}{last.cursor}"
        if not last.is_read and found[PAGE].is_read:
            further = "r"
    return Page(found[:PAGE], further, unread([user.pk]).get(user.pk, Unread()))


def unread_count(user: User) -> int:
    """How many entries somebody has not read."""
    return unread([user.pk]).get(user.pk, Unread()).entries


def unread(user_ids: Collection[int]) -> dict[int, Unread]:
    """The same for many; who has none is left out. What is for everybody counts after `catch_up`."""
    # Every group is one of these; asked so, SQLite does not walk through what has been read.
    waiting = Notification.objects.unread().filter(user__in=user_ids, group_key__gte="")
    rows = waiting.order_by().values_list("user_id")
    counted = rows.annotate(entries=Count("group_key", distinct=True), newest=Max("pk"))
    return {user_id: Unread(entries, newest) for user_id, entries, newest in counted if user_id is not None}


def unread_entries(wanted: Iterable[tuple[int, str]]) -> dict[int, list[Entry]]:
    """What is unread of these groups of these people, by person, the oldest first."""
    pairs = set(wanted)
    found_rows = Notification.objects.unread().filter(
        user__in={user_id for user_id, _ in pairs}, group_key__in={group for _, group in pairs}
    )
    by_group: dict[tuple[int, str], list[Notification]] = defaultdict(list)
    for row in found_rows.order_by("-id"):
        if row.user_id is not None and (row.user_id, row.group_key) in pairs:
            by_group[row.user_id, row.group_key].append(row)
    actors = {key: [each.actor_id for each in rows if each.actor_id] for key, rows in by_group.items()}
    people = _people(actors.values())
    found: dict[int, list[Entry]] = defaultdict(list)
    for key, group in sorted(by_group.items(), key=lambda each: each[1][0].pk):
        found[key[0]].append(Entry.of(group[0], actors[key], people))
    return found


def newest_original() -> int:
    """The latest that was sent to everybody or to a group; 0: none."""
    return _originals().values_list("pk", flat=True).first() or 0


def _originals() -> QuerySet[Notification]:
    return Notification.objects.filter(user__isnull=True).order_by("-id")


def wire_ids(pks: Collection[int]) -> dict[int, int]:
    """What these rows are called on the wire."""
    rows = Notification.objects.filter(pk__in=pks).values_list("pk", "original_id")
    return {pk: original_id or pk for pk, original_id in rows}


def own(notification_id: int, user: User) -> Notification:
    """One of somebody's own, or what was for them among many. Raises `Refused` with `not_found`."""
    found = _find(notification_id, user)
    if found is None:
        catch_up([user.pk])
        found = _find(notification_id, user)
    if found is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return found


def mark_read(notification_id: int, *, acting_user: User) -> Notification:
    """Note that somebody has read one of theirs, and what of its group came before; twice is once.

    What of the group comes after it stays unread: nobody has seen that. Raises `Refused` with `not_found`.
    """
    with transaction.atomic():
        found = own(notification_id, acting_user)
        group = Notification.objects.unread().filter(
            user=acting_user, group_key=found.group_key, pk__lte=found.pk
        )
        if group.update(read_at=timezone.now(), mail_due=None):
            _tell(
                NotificationEvent.NOTIFICATION_MARKED_READ,
                {"id": str(found.wire_id), "group": found.group_key},
                acting_user,
            )
    return found


def mark_all_read(*, acting_user: User, up_to: int | None = None) -> int:
    """Note that somebody has read all, or all that is no newer than one of theirs; how many there were."""
    with transaction.atomic():
        catch_up([acting_user.pk])
        unread = Notification.objects.unread().filter(user=acting_user)
        if up_to is not None:
            newest = own(up_to, acting_user)
            unread = unread.filter(pk__lte=newest.pk)
        count = unread.update(read_at=timezone.now(), mail_due=None)
        if count:
            about = {"upTo": None if up_to is None else str(up_to)}
            _tell(NotificationEvent.ALL_NOTIFICATIONS_READ, about, acting_user)
    return count


def catch_up(user_ids: Collection[int]) -> int:
    """Give each of these people a row of their own of what was sent to everybody, or to a group of theirs,
    since they are here; how many that were. Whoever comes by does it: nobody has to for all at once."""
    newest = newest_original()
    if not newest:
        return 0
    reached = dict(Inbox.objects.filter(pk__in=user_ids).values_list("pk", "caught_up_to"))
    behind = {pk: reached.get(pk, 0) for pk in user_ids if reached.get(pk, 0) < newest}
    if not behind:
        return 0
    # Asked before those that are read: what comes between the two has its turn the next time.
    settled = (
        _originals().filter(created_at__lt=timezone.now() - SETTLED).values_list("pk", flat=True).first()
    )
    # No transaction: it would hold SQLite for everybody who comes by. What is done twice meets the same rows.
    count = _catch_up(behind)
    _reach(behind, settled or 0)
    return count


def _reach(behind: Mapping[int, int], settled: int) -> None:
    """Note how far these people are, so that nobody looks at it again."""
    further = sorted(pk for pk, before in behind.items() if before < settled)
    known = User.objects.filter(pk__in=further).order_by("pk").values_list("pk", flat=True)
    rows = [Inbox(user_id=pk, caught_up_to=settled) for pk in known] if further else []
    if rows:
        Inbox.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["user"], update_fields=["caught_up_to"]
        )


def _catch_up(behind: Mapping[int, int]) -> int:
    now = timezone.now()
    originals = list(
        Notification.objects.filter(
            user__isnull=True,
            audience__in=[Audience.ALL, Audience.GROUP],
            created_at__gt=now - timedelta(days=settings.NOTIFICATION_DAYS),
            pk__gt=min(behind.values()),
        ).order_by("pk")
    )
    if not originals:
        return 0
    groups = {each.group_id for each in originals if each.group_id is not None}
    ids = [each.pk for each in originals]
    has = set(
        Notification.objects.filter(original__in=ids, user__in=behind).values_list("user_id", "original_id")
    )
    inside: set[tuple[int, int]] = set()
    since: Mapping[tuple[int, int], datetime] = {}
    if groups:
        since = memberships.since(behind, groups)
        members = User.groups.through.objects.filter(user__in=behind, group__in=groups)
        inside = set(members.values_list("user_id", "group_id"))
    # In one order, whoever writes: two who give the same people the same would else wait for each other.
    people = User.objects.filter(pk__in=behind, is_active=True).order_by("pk")
    rows = []
    for pk, joined, zone, chosen in people.values_list("pk", "date_joined", "time_zone", "inbox__choices"):
        for original in originals:
            if original.pk <= behind[pk]:
                continue
            here_since = joined
            if original.group_id is not None:
                member = (pk, original.group_id)
                if member not in inside:
                    continue
                here_since = since.get(member, joined)
            if (pk, original.pk) in has or original.created_at < here_since:
                continue
            choice = choices.read(chosen, original.kind)
            rows.append(
                Notification(
                    user_id=pk,
                    kind=original.kind,
                    action=original.action,
                    actor_id=original.actor_id,
                    group_key=original.group_key,
                    path=original.path,
                    about={key: said for key, said in original.about.items() if key != "by"},
                    created_at=original.created_at,
                    mail_due=choices.mail_due(choice, zone, original.created_at),
                    original=original,
                )
            )
    for start in range(0, len(rows), sending.AT_ONCE):
        sending.insert(rows[start : start + sending.AT_ONCE])
    return len(rows)


def prune() -> int:
    """Let go of what is older than `NOTIFICATION_DAYS`, a batch; how many there were."""
    before = timezone.now() - timedelta(days=settings.NOTIFICATION_DAYS)
    old = Notification.objects.filter(created_at__lt=before).order_by("created_at")
    ids = list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    if ids:
        Notification.objects.filter(pk__in=ids).delete()
    return len(ids)


def _tell(event: NotificationEvent, payload: Mapping[str, object], user: User) -> None:
    """All of somebody's tabs, and then what is left to read: that is counted after the commit, for of two who
    mark at once neither sees the other."""
    publish_on_commit(event, payload, room=user_room(user.pk), namespace=NAMESPACE)
    notices.read([user.pk])


def _find(notification_id: int, user: User) -> Notification | None:
    if not 0 < notification_id <= BigIntegerField.MAX_BIGINT:
        return None
    theirs = Notification.objects.filter(user=user, is_withdrawn=False)
    return theirs.filter(Q(pk=notification_id) | Q(original=notification_id)).first()


def _entries(user: User, before: int | None, *, is_read: bool) -> list[Entry]:
    """A page of entries and one more, the newest first."""
    theirs = Notification.objects.filter(user=user, read_at__isnull=not is_read, is_withdrawn=False)
    reached = theirs.filter(pk__in=theirs.order_by("-id").values("pk")[:REACH])
    if is_read:
        # A group of which there is something new stands among the unread ones, and says all.
        unread = Notification.objects.unread().filter(user=user)
        reached = reached.exclude(group_key__in=unread.values("group_key"))
    groups = reached.order_by().values_list("group_key").annotate(newest=Max("pk"))
    if before is not None:
        groups = groups.filter(newest__lt=before)
    newest = dict(groups.order_by("-newest")[: PAGE + 1])
    rows = Notification.objects.in_bulk(newest.values())
    # One that has thousands must not take the place of all others.
    acted = theirs.filter(group_key__in=newest, actor__isnull=False).order_by("-id")
    actors: dict[str, list[int]] = {group: [] for group in newest}
    for group, actor_id in acted.values_list("group_key", "actor_id")[: LOOKED_AT * (PAGE + 1)]:
        if actor_id is not None:
            actors[group].append(actor_id)
    for group, pk in newest.items():
        of_newest = rows[pk].actor_id
        if of_newest is not None and not actors[group]:
            actors[group] = [of_newest]
    people = _people(actors.values())
    return [Entry.of(rows[pk], actors[group], people) for group, pk in newest.items()]


def _people(acted: Iterable[Sequence[int]]) -> dict[int, User]:
    """Those who did it, the latest first in each, as many as are shown: in one query."""
    shown = {actor for actors in acted for actor in list(dict.fromkeys(actors))[:SHOWN]}
    return User.objects.only("username", "name", "picture").in_bulk(shown) if shown else {}


def _read_cursor(cursor: str) -> tuple[str, int | None]:
    if not cursor:
        return "u", None
    section, number = cursor[:1], cursor[1:]
    if section not in ("u", "r") or not (number == "" or (number.isdecimal() and len(number) < 19)):
        raise Refused(ErrorCode.INVALID)
    return section, int(number) if number else None
