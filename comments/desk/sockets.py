"""The socket's face of the desk: the namespace `/moderation` beside `/` on the same connection."""

from collections.abc import Callable, Sequence
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, AwareDatetime, StrictBool, StrictStr

from accounts.models import User
from accounts.reasons import Reason
from comments import appeals, bulk, moderation, queues
from comments.models import Rule
from comments.queues import Filters, Queue
from realtime.budgets import DECIDING, WATCHING
from realtime.database import in_database, is_storable
from realtime.delivery import encode_event
from realtime.errors import ErrorCode, Refused
from realtime.requests import Caller, Id, Payload, Reply, request
from realtime.server import sio

from .acts import may_be_at_the_desk, sanction_the_author
from .events import DESK_ROOM, NAMESPACE, DeskEvent, DeskRequest, ItemPayload, item_payload, queue_room
from .items import described
from .live import COUNT_AGAIN, Live
from .looking import REPEAT, Looking, Person
from .notices import NOTICE

LOOKING_NOTICE = "desk_looking"  # between processes
SEARCH_LIMIT = 100
REFUSED_AS = DeskEvent.DESK_ERROR


def _in_range(moment: datetime) -> datetime:
    # The first and the last days that there are begin in no other time zone.
    if not MINYEAR < moment.year < MAXYEAR:
        raise ValueError("out of range")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]


class WantedFilters(Payload):
    post_id: Id | None = None
    author_id: Id | None = None
    reason: StrictStr = ""
    rule: StrictStr = ""
    since: Moment | None = None
    until: Moment | None = None
    search: StrictStr = ""

    def read(self) -> Filters:
        if self.reason not in ("", *Reason.values) or self.rule not in ("", *Rule.values):
            raise Refused(ErrorCode.INVALID)
        if len(self.search) > SEARCH_LIMIT or not is_storable(self.search):
            raise Refused(ErrorCode.INVALID)
        return Filters(
            self.post_id, self.author_id, self.reason, self.rule, self.since, self.until, self.search
        )


class WatchQueue(Payload):
    queue: StrictStr = ""  # none: the counters only
    filters: WantedFilters = WantedFilters()
    order: StrictStr = "newest"
    cursor: StrictStr = ""


class LookAt(Payload):
    comment_id: Id | None = None


class Decide(Payload):
    comment_id: Id
    verdict: StrictStr
    reason: StrictStr = ""
    explanation: StrictStr = ""
    note: StrictStr = ""
    seen: StrictStr


class Undo(Payload):
    decision_id: Id


class AnswerAppeal(Payload):
    appeal_id: Id
    accepted: StrictBool
    explanation: StrictStr = ""
    note: StrictStr = ""


class SanctionAuthor(Payload):
    """About whoever wrote a comment; `seconds` or `until` say how long, where the kind needs it."""

    comment_id: Id
    kind: StrictStr
    reason: StrictStr
    seconds: int | None = None
    until: Moment | None = None
    explanation: StrictStr = ""
    note: StrictStr = ""
    purge: StrictBool = False


def doors(user_ids: Sequence[int]) -> list[Refused | None]:
    """Who of these users may be at the desk: staff with the permission, as they are now."""
    users = User.objects.in_bulk(set(user_ids))
    allowed = {pk for pk, user in users.items() if may_be_at_the_desk(user)}
    return [None if user_id in allowed else Refused(ErrorCode.FORBIDDEN) for user_id in user_ids]


# --- Requests --------------------------------------------------------------------------------------------


def desk_request(event: DeskRequest, **options: Any) -> Callable[[Any], Any]:
    return request(event, refused_as=REFUSED_AS, namespace=NAMESPACE, **options)


@desk_request(DeskRequest.WATCH_QUEUE, takes=WatchQueue, bare="queue", budget=WATCHING)
async def watch_queue(caller: Caller, wanted: WatchQueue) -> Reply:
    """Hear of one queue and of none else; enter its room first, so that nothing falls between."""
    if wanted.queue and wanted.queue not in Queue.values:
        raise Refused(ErrorCode.INVALID)
    filters = wanted.filters.read()
    if not wanted.cursor:
        for queue in Queue:
            if queue != wanted.queue:
                caller.leave(queue_room(queue))
        caller.enter(DESK_ROOM)
        if wanted.queue:
            caller.enter(queue_room(wanted.queue))
    counts, items, cursor = await in_database(_page, caller.user_id, wanted, filters)
    live.counts = None  # who has just come was told these, and has to hear of any others
    reply: Reply = {
        "counts": counts,
        "lookers": {str(item): _people(people) for item, people in looking.now().items()},
    }
    if wanted.queue:
        reply |= {"queue": wanted.queue, "items": items, "cursor": cursor}
    return reply


@desk_request(DeskRequest.LOOK_AT, takes=LookAt, bare="commentId", budget=WATCHING)
async def look_at(caller: Caller, wanted: LookAt) -> Reply:
    if caller.is_connected:  # not one whose goodbye overtook this
        looking.look(caller.sid, caller.user_id, caller.name, wanted.comment_id)
    return {"commentId": None if wanted.comment_id is None else str(wanted.comment_id)}


@desk_request(DeskRequest.DECIDE, takes=Decide, budget=DECIDING)
async def decide(caller: Caller, wanted: Decide) -> Reply:
    return await in_database(_decide, caller.user_id, wanted)


@desk_request(DeskRequest.UNDO, takes=Undo, bare="decisionId", budget=DECIDING)
async def undo(caller: Caller, wanted: Undo) -> Reply:
    return await in_database(_undo, caller.user_id, wanted)


@desk_request(DeskRequest.ANSWER_APPEAL, takes=AnswerAppeal, budget=DECIDING)
async def answer_appeal(caller: Caller, wanted: AnswerAppeal) -> Reply:
    return await in_database(_answer, caller.user_id, wanted)


@desk_request(DeskRequest.SANCTION_AUTHOR, takes=SanctionAuthor, budget=DECIDING)
async def sanction_author(caller: Caller, wanted: SanctionAuthor) -> Reply:
    """Impose a sanction; a purge goes on by itself after the answer."""
    return await in_database(_sanction, caller.user_id, wanted)


# --- In a database thread --------------------------------------------------------------------------------


def _acting_user(user_id: int) -> User:
    """The socket's user as of now: what they may do is asked anew each time."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Refused(ErrorCode.SIGN_IN)
    if not may_be_at_the_desk(user):
        raise Refused(ErrorCode.FORBIDDEN)
    return user


def _page(
    user_id: int, wanted: WatchQueue, filters: Filters
) -> tuple[dict[str, int], list[ItemPayload], str | None]:
    user = _acting_user(user_id)
    counts = queues.counts(acting_user=user)
    if not wanted.queue:
        return counts, [], None
    page = queues.page(
        wanted.queue, acting_user=user, filters=filters, order=wanted.order, cursor=wanted.cursor
    )
    appeals_there = page.appeals if wanted.queue == Queue.APPEALS else None
    return counts, [item_payload(item) for item in described(page.items, appeals_there)], page.cursor


def _decide(user_id: int, wanted: Decide) -> Reply:
    [outcome] = moderation.decide(
        [wanted.comment_id],
        wanted.verdict,
        acting_user=_acting_user(user_id),
        reason=wanted.reason,
        explanation=wanted.explanation,
        note=wanted.note,
        seen={wanted.comment_id: wanted.seen},
    )
    if outcome.refusal is not None or outcome.comment is None:
        raise outcome.refusal or Refused(ErrorCode.NOT_FOUND)
    return {
        "commentId": str(wanted.comment_id),
        "status": str(outcome.comment.status),
        "decisionId": None if outcome.decision is None else str(outcome.decision.pk),
    }


def _undo(user_id: int, wanted: Undo) -> Reply:
    taken = moderation.undo(wanted.decision_id, acting_user=_acting_user(user_id))
    return {
        "decisionId": str(wanted.decision_id),
        "commentId": str(taken.comment_id),
        "status": str(taken.after),
    }


def _answer(user_id: int, wanted: AnswerAppeal) -> Reply:
    answered = appeals.answer_appeal(
        wanted.appeal_id,
        wanted.accepted,
        acting_user=_acting_user(user_id),
        explanation=wanted.explanation,
        note=wanted.note,
    )
    return {"appealId": str(answered.pk), "accepted": wanted.accepted}


def _sanction(user_id: int, wanted: SanctionAuthor) -> Reply:
    user = _acting_user(user_id)
    sanction, work = sanction_the_author(
        wanted.comment_id,
        wanted.kind,
        acting_user=user,
        reason=wanted.reason,
        until=wanted.until,
        duration=None if wanted.seconds is None else timedelta(seconds=max(-1, min(wanted.seconds, 10**10))),
        explanation=wanted.explanation,
        note=wanted.note,
        purge=wanted.purge,
    )
    if work is not None:
        bulk.advance(work.pk, seconds=0)  # its first batch
    return {"sanctionId": str(sanction.pk), "kind": str(sanction.kind), "message": _("Done.")}


# --- Between processes -----------------------------------------------------------------------------------


def _people(people: Sequence[Person]) -> list[dict[str, str]]:
    return [{"id": str(user_id), "name": name} for user_id, name in people]


def _tell_looking(item: int, people: list[Person]) -> None:
    payload = {"id": str(item), "people": _people(people)}
    event = encode_event(DeskEvent.LOOKING, payload, namespace=NAMESPACE)
    sio.manager.deliver(DESK_ROOM, event, namespace=NAMESPACE)


def _forget(caller: Caller) -> None:
    if caller.namespace == NAMESPACE:
        looking.forget(caller.sid)


async def _repeat_looking() -> None:
    looking.repeat()


async def _doubt() -> None:
    live.doubt()
    looking.repeat()


live = Live(sio)
looking = Looking(
    send=lambda people: sio.manager.send({"method": LOOKING_NOTICE, "people": people}), tell=_tell_looking
)
sio.guard(NAMESPACE, doors)
sio.on_forget.append(_forget)
sio.manager.listeners[NOTICE] = lambda said: live.noticed(said["ids"], are_new=said["new"])
sio.manager.listeners[LOOKING_NOTICE] = lambda said: looking.heard(said["host"], said["people"])
sio.manager.on_heard_again.append(_doubt)
sio.every(COUNT_AGAIN, live.count_again)
sio.every(REPEAT, _repeat_looking)
