"""Decisions about thousands of comments: noted first, then made batch by batch.

Whoever orders one waits for the first second of it. The rest is done by whichever process comes by, so it
goes on if the browser is closed, and after a process has died: a batch and the note that it is done are
one transaction. Of two that come by one works and the other goes on its way.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.reasons import Reason
from realtime.errors import ErrorCode, Refused

from .models import BulkDecision, Verdict
from .moderation import AT_ONCE, Judgement, decide_all, may_moderate, ordered, to_purge

# Nobody has read more than this of what they decide about, and a mistake can still be put right.
MOST = 20_000
# How long somebody holds a decision without having finished a batch, before another takes it over.
CLAIM = timedelta(seconds=30)
# Between two batches, in seconds: SQLite has no queue; who waits for a turn there looks now and then only.
REST = 0.05
STOPPED = "stopped"


def begin(
    comment_ids: Iterable[int],
    verdict: Verdict | str,
    *,
    acting_user: User,
    reason: Reason | str = "",
    explanation: str = "",
    note: str = "",
) -> BulkDecision:
    """Note that all these are to be decided about; `advance` does it.

    Raises `Refused`: `forbidden` without the permission `comments.moderate`, `invalid` for what is no
    judgement and for more than `MOST`, `too_long`.
    """
    may_moderate(acting_user)
    judgement = Judgement.of(verdict, reason, explanation, note)
    ids = ordered(comment_ids)
    if len(ids) > MOST:
        raise Refused(ErrorCode.INVALID)
    return BulkDecision.objects.create(
        by=acting_user,
        verdict=judgement.verdict,
        reason=judgement.reason,
        explanation=explanation,
        note=note,
        comment_ids=ids,
        total=len(ids),
        finished_at=None if ids else timezone.now(),
    )


def purge(
    user_ids: Sequence[int],
    *,
    acting_user: User,
    reason: Reason | str = Reason.SPAM,
    explanation: str = "",
    note: str = "",
) -> BulkDecision | None:
    """Note that everything is to be rejected which these people wrote and readers can see, or moderators have
    not decided about; of more than `MOST` the oldest. None where there is nothing.

    Raises `Refused`: `forbidden` without both `comments.moderate` and `accounts.sanction_users`, and for
    what staff wrote unless a superuser acts; `not_found`, and what `begin` raises.
    """
    Judgement.of(Verdict.REJECT, reason, explanation, note)
    ids = to_purge(user_ids, acting_user=acting_user)[:MOST]
    if not ids:
        return None
    return begin(
        ids, Verdict.REJECT, acting_user=acting_user, reason=reason, explanation=explanation, note=note
    )


def advance(bulk_id: int, *, seconds: float) -> BulkDecision:
    """Go on for about so long, for a batch at least, unless somebody else is at it; how it stands then.

    It is done in the name of whoever ordered it, with the permissions they have by now: without them it ends
    there. Raises `Refused` with `not_found`.
    """
    end = time.monotonic() + seconds
    claim = _claim(bulk_id)
    if claim is not None:
        try:
            claim = _next(bulk_id, claim)
            while claim is not None and time.monotonic() < end:
                time.sleep(REST)
                claim = _next(bulk_id, claim)
        finally:
            BulkDecision.objects.filter(pk=bulk_id, claimed_until=claim).update(claimed_until=None)
    return _found(bulk_id)


def carry_on(seconds: float = 1.0) -> int:
    """Go on with the oldest that nobody is at; how many wait."""
    waiting = list(_free().order_by("pk").values_list("pk", flat=True)[:10])
    if waiting:
        advance(waiting[0], seconds=seconds)
    return len(waiting)


def stop(bulk_id: int, *, acting_user: User) -> BulkDecision:
    """Leave the rest as it is; what has been decided stays so. Raises `Refused`: `forbidden`, `not_found`."""
    may_moderate(acting_user)
    with transaction.atomic():
        bulk = _held(bulk_id)
        if bulk.finished_at is None:
            _finish(bulk, STOPPED)
    return bulk


def _claim(bulk_id: int) -> datetime | None:
    until = timezone.now() + CLAIM
    return until if _free().filter(pk=bulk_id).update(claimed_until=until) else None


def _next(bulk_id: int, claim: datetime) -> datetime | None:
    """Do one batch; the claim for the next, or None if there is none, or it is somebody else's."""
    with transaction.atomic():
        bulk = _held(bulk_id)
        if bulk.finished_at is not None or bulk.claimed_until != claim:
            return None
        part = bulk.comment_ids[bulk.done : bulk.done + AT_ONCE]
        try:
            with transaction.atomic():
                if bulk.by is None:
                    raise Refused(ErrorCode.FORBIDDEN)
                for progress in decide_all(
                    part,
                    bulk.verdict,
                    acting_user=bulk.by,
                    reason=bulk.reason,
                    explanation=bulk.explanation,
                    note=bulk.note,
                ):
                    bulk.changed += progress.changed
                    bulk.refused += progress.refused
        except Refused as refusal:
            _finish(bulk, refusal.code)
            return None
        bulk.done += len(part)
        if bulk.done >= bulk.total:
            _finish(bulk)
            return None
        bulk.claimed_until = timezone.now() + CLAIM
        bulk.save(update_fields=["done", "changed", "refused", "claimed_until"])
        return bulk.claimed_until


def _finish(bulk: BulkDecision, problem: str = "") -> None:
    bulk.finished_at, bulk.problem = timezone.now(), problem
    bulk.comment_ids, bulk.claimed_until = [], None
    bulk.save()


def _free() -> QuerySet[BulkDecision]:
    is_free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=timezone.now())
    return BulkDecision.objects.filter(is_free, finished_at__isnull=True)


def _held(bulk_id: int) -> BulkDecision:
    bulk = BulkDecision.objects.select_for_update().filter(pk=bulk_id).first()
    if bulk is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return bulk


def _found(bulk_id: int) -> BulkDecision:
    bulk = BulkDecision.objects.defer("comment_ids").filter(pk=bulk_id).first()
    if bulk is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return bulk
