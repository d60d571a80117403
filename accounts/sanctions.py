"""What may be imposed on somebody, how it ends, and what it means while it lasts.

There is no sanction that its person does not hear of: each is told, with its reason and its end, the moment
it is imposed. One that is past its end counts as lifted at once, whatever `User.is_sanctioned` says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from realtime.database import is_storable
from realtime.errors import ErrorCode, Refused
from realtime.events import EndReason
from realtime.publish import end_sockets_on_commit, publish_on_commit
from realtime.session import user_room

from . import notifications
from .events import AccountEvent, sanction_payload
from .models import Kind, Sanction, SanctionKind, User
from .reasons import Reason

# What a moderator is offered; any other end may be given, too.
SUSPENSIONS = (timedelta(hours=1), timedelta(hours=3), timedelta(hours=24), timedelta(days=7))
# A date beyond this is a slip of the pen; and no calendar reaches far enough to show just any.
LONGEST = timedelta(days=36_525)
TEXT_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds against somebody now; each is the sanction, or None. The ban or suspension is the one
    that ends last, the warning the oldest that is not acknowledged."""

    ban: Sanction | None = None
    suspension: Sanction | None = None
    warning: Sanction | None = None
    hold_first: Sanction | None = None

    @property
    def silencing(self) -> Sanction | None:
        """The sanction that keeps this person from writing, the heaviest first."""
        return self.ban or self.suspension or self.warning

    @property
    def in_force(self) -> list[Sanction]:
        """All of them, the heaviest first."""
        return [each for each in (self.ban, self.suspension, self.warning, self.hold_first) if each]


CLEAR = Standing()


def impose(
    user_id: int,
    kind: SanctionKind | str,
    *,
    acting_user: User,
    reason: Reason | str,
    until: datetime | None = None,
    duration: timedelta | None = None,
    explanation: str = "",
    note: str = "",
    concerns: str = "",
) -> Sanction:
    """Impose a sanction and tell its person; a ban ends their sockets in every process.

    `until` or `duration` says when it ends; a suspension needs one of them, a warning takes neither (it
    ends when it is acknowledged), the others last until they are lifted where neither is given.
    `concerns` is the path of what it is about. Raises `Refused`: `forbidden` without the permission
    `accounts.sanction_users`, for oneself, and for staff unless a superuser acts; `not_found`; `invalid`.
    """
    may_sanction(acting_user)
    if kind not in SanctionKind.values or reason not in Reason.values:
        raise Refused(ErrorCode.INVALID)
    if max(len(explanation), len(note)) > TEXT_LIMIT or len(concerns) > 200:
        raise Refused(ErrorCode.TOO_LONG)
    if not is_storable(explanation + note + concerns):
        raise Refused(ErrorCode.INVALID)
    now = timezone.now()
    end = _end_of(SanctionKind(kind), until, duration, now)
    with transaction.atomic():
        user = _held(user_id)
        if user.pk == acting_user.pk or (user.is_staff and not acting_user.is_superuser):
            raise Refused(ErrorCode.FORBIDDEN)
        sanction = Sanction.objects.create(
            user=user,
            kind=kind,
            reason=reason,
            explanation=explanation,
            note=note,
            concerns=concerns,
            by=acting_user,
            created_at=now,
            until=end,
        )
        User.objects.filter(pk=user.pk).update(is_sanctioned=True)
        _tell(sanction, "imposed")
        if kind == SanctionKind.BAN:
            end_sockets_on_commit(user_room(user.pk), EndReason.BANNED)
    return sanction


def lift(sanction_id: int, *, acting_user: User) -> Sanction:
    """End a sanction by hand and tell its person; one that has ended stays as it is.

    Raises `Refused`: `forbidden` without the permission `accounts.sanction_users`, `not_found`.
    """
    may_sanction(acting_user)
    with transaction.atomic():
        sanction = _held_sanction(Sanction.objects.filter(pk=sanction_id))
        if sanction.user_id == acting_user.pk and not acting_user.is_superuser:
            raise Refused(ErrorCode.FORBIDDEN)
        if sanction.is_in_force():
            sanction.lifted_at = timezone.now()
            sanction.lifted_by = acting_user
            sanction.save(update_fields=["lifted_at", "lifted_by"])
            _tell(sanction, "lifted")
            _keep_flag(sanction.user_id)
    return sanction


def acknowledge(sanction_id: int, *, acting_user: User) -> Sanction:
    """Note that somebody has read their warning, so that they may write again; twice is once.

    Raises `Refused` with `not_found` for what is not a warning of their own.
    """
    with transaction.atomic():
        own = Sanction.objects.filter(pk=sanction_id, user=acting_user.pk, kind=SanctionKind.WARNING)
        sanction = _held_sanction(own)
        if sanction.is_in_force():
            sanction.acknowledged_at = timezone.now()
            sanction.save(update_fields=["acknowledged_at"])
            _tell(sanction, "acknowledged")
            _keep_flag(sanction.user_id)
    return sanction


def standing(user_ids: Iterable[int], now: datetime | None = None) -> dict[int, Standing]:
    """What holds against these people at `now`, in one query; nobody is missing from the answer.

    Ask it only for people whose `is_sanctioned` is true: for all others the answer is `CLEAR`.
    """
    wanted = set(user_ids)
    found: dict[int, dict[str, Sanction]] = {user_id: {} for user_id in wanted}
    if wanted:
        # The oldest first: of several the one that stays in the end is the one that lasts longest.
        for each in Sanction.objects.in_force(now).filter(user__in=wanted).order_by("id"):
            mine = found[each.user_id]
            known = mine.get(each.kind)
            if known is None or (each.kind != SanctionKind.WARNING and _lasts_longer(each, known)):
                mine[each.kind] = each
    return {
        user_id: Standing(
            ban=mine.get(SanctionKind.BAN),
            suspension=mine.get(SanctionKind.SUSPENSION),
            warning=mine.get(SanctionKind.WARNING),
            hold_first=mine.get(SanctionKind.HOLD_FIRST),
        )
        for user_id, mine in found.items()
    }


def standing_of(user: User, now: datetime | None = None) -> Standing:
    """What holds against one person at `now`; costs a query only where their row says that something may."""
    return standing([user.pk], now)[user.pk] if user.is_sanctioned else CLEAR


def refusal(sanction: Sanction) -> Refused:
    """How its person is told why they may not write: a code, a sentence, and what a page shows."""
    code = {
        SanctionKind.BAN: ErrorCode.BANNED,
        SanctionKind.SUSPENSION: ErrorCode.SUSPENDED,
        SanctionKind.WARNING: ErrorCode.WARNED,
    }[SanctionKind(sanction.kind)]
    wait = None if sanction.until is None else (sanction.until - timezone.now()).total_seconds()
    return Refused(
        code,
        retry_after=None if wait is None else max(1.0, round(wait, 1)),
        details={"sanction": dict(sanction_payload(sanction))},
    )


def bars(users: Iterable[User]) -> dict[int, Refused]:
    """Who of these may open no socket, and why; `realtime.session` asks at each handshake."""
    marked = [user.pk for user in users if user.is_sanctioned]
    if not marked:
        return {}
    return {user_id: refusal(each.ban) for user_id, each in standing(marked).items() if each.ban is not None}


def settle() -> int:
    """Take the mark from people whose sanctions have all ended by time; how many there were.

    A mark that is left over costs its person's comments a query and nothing else, so this may come late.
    """
    marked = User.objects.filter(is_sanctioned=True).exclude(
        pk__in=Sanction.objects.in_force().values("user")
    )
    settled = 0
    for user_id in list(marked.values_list("pk", flat=True)[:1_000]):
        with transaction.atomic():
            _held(user_id)
            settled += not _keep_flag(user_id)
    return settled


def may_sanction(user: User) -> None:
    """Raises `Refused` for whoever may not impose and lift sanctions."""
    if not (user.is_active and user.has_perm("accounts.sanction_users")):
        raise Refused(ErrorCode.FORBIDDEN)


def _end_of(
    kind: SanctionKind, until: datetime | None, duration: timedelta | None, now: datetime
) -> datetime | None:
    if until is not None and duration is not None:
        raise Refused(ErrorCode.INVALID)
    if max(duration or timedelta(), until - now if until is not None else timedelta()) > LONGEST:
        raise Refused(ErrorCode.INVALID)
    end = now + duration if duration is not None else until
    if kind == SanctionKind.WARNING and end is not None:
        raise Refused(ErrorCode.INVALID, _("A warning ends when it is acknowledged."))
    if kind == SanctionKind.SUSPENSION and end is None:
        raise Refused(ErrorCode.INVALID, _("A suspension needs an end."))
    if end is not None and end <= now:
        raise Refused(ErrorCode.INVALID, _("The end is in the past."))
    return end


def _held(user_id: int) -> User:
    """A person, held until the transaction ends; their comments go on meanwhile, for no key changes."""
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return user


def _held_sanction(found: QuerySet[Sanction]) -> Sanction:
    user_id = found.values_list("user", flat=True).first()
    if user_id is None:
        raise Refused(ErrorCode.NOT_FOUND)
    _held(user_id)  # before the sanction is read: nobody else changes any of this person's now
    return found.get()


def _keep_flag(user_id: int) -> bool:
    """Make a held person's mark say whether anything is in force; returns that."""
    is_sanctioned = Sanction.objects.in_force().filter(user=user_id).exists()
    User.objects.filter(pk=user_id).update(is_sanctioned=is_sanctioned)
    return is_sanctioned


def _lasts_longer(one: Sanction, other: Sanction) -> bool:
    if one.until is None or other.until is None:
        return one.until is None
    return one.until >= other.until


def _tell(sanction: Sanction, state: str) -> None:
    payload = {**sanction_payload(sanction), "state": state}
    publish_on_commit(AccountEvent.SANCTION_CHANGED, payload, room=user_room(sanction.user_id))
    if state == "acknowledged":
        return  # they have just done that themselves
    notifications.send(
        Kind.MODERATION,
        to_user=sanction.user_id,
        action="sanctioned" if state == "imposed" else "lifted",
        group=f"sanction:{sanction.pk}:{state}",
        source=f"sanction:{sanction.pk}:{state}",
        path=sanction.concerns if sanction.concerns.startswith("/") else "",
        about={"sanction": str(sanction.kind), "reason": str(sanction.reason) if state == "imposed" else ""},
    )
