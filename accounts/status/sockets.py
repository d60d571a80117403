"""The socket's face of statuses, in the namespace of what concerns one reader wherever they are."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from accounts import follows, preferences
from accounts.models import User
from realtime import wire_json
from realtime.budgets import CHOOSING, STATUSES
from realtime.database import in_database, is_storable
from realtime.errors import ErrorCode, Refused
from realtime.requests import Caller, Id, Payload, Reply, request
from realtime.server import sio

from .events import (
    FOLLOWED,
    NAMESPACE,
    StatusEvent,
    StatusRequest,
    own_status_payload,
    status_payload,
)
from .live import Live, encoded_statuses

REFUSED_AS = StatusEvent.STATUS_ERROR
# How often it is noted who went, and of everybody that they are here, in seconds.
NOTE = 10.0
NOTE_ALL = 600.0


def _username(value: str) -> str:
    if len(value) > 150 or not is_storable(value):
        raise ValueError("not a username")
    return value


class UpdateStatus(Payload):
    """What somebody chooses to be; or, without choosing anything, whether they move at this page."""

    status: StrictStr | None = None
    idle: StrictBool | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.status is None) == (self.idle is None):
            raise PydanticCustomError("one_of", "status or idle")
        return self


class GetStatuses(Payload):
    pass


class FollowPerson(Payload):
    """By username, or by the number of somebody whom one knows; see `follows.find`."""

    user_id: Id | None = None
    username: Annotated[StrictStr, AfterValidator(_username)] | None = None
    on: StrictBool = True

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if self.user_id is None and self.username is None:
            raise PydanticCustomError("one_of", "userId or username")
        return self


@request(
    StatusRequest.UPDATE_STATUS,
    takes=UpdateStatus,
    bare="status",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=STATUSES,
)
async def update_status(caller: Caller, wanted: UpdateStatus) -> Reply:
    if wanted.idle is not None:
        sio.statuses.idles(caller, on=wanted.idle)
        return {"idle": wanted.idle}
    sio.statuses.idles(caller, on=False)  # whoever chooses is there
    return {**await in_database(_choose, caller.user_id, wanted.status or "")}


@request(
    StatusRequest.GET_STATUSES,
    takes=GetStatuses,
    bare="nothing",  # whoever asks need not bring anything
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=STATUSES,
)
async def get_statuses(caller: Caller, wanted: GetStatuses) -> Reply:
    """Everybody one follows, as they are now; what changes from then on comes by itself."""
    own, people = await in_database(_followed, caller.user_id)
    await live.know(caller.user_id)
    # From here on in one turn of the loop: what is read and what comes after it fit together.
    payloads = [
        status_payload(each.person.pk, sio.statuses.of(each.person.pk), each.last_seen) for each in people
    ]
    caller.tell_encoded(encoded_statuses([wire_json.dumps(payload) for payload in payloads]))
    return {**own}


@request(
    StatusRequest.FOLLOW_PERSON,
    takes=FollowPerson,
    bare="userId",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=CHOOSING,
)
async def follow_person(caller: Caller, wanted: FollowPerson) -> Reply:
    seen = await in_database(_follow, caller.user_id, wanted)
    person_id = seen.person.pk
    if wanted.on:
        payload = status_payload(person_id, sio.statuses.of(person_id), seen.last_seen)
        caller.tell(StatusEvent.FRIEND_STATUS_CHANGED, payload)
    return {"userId": str(person_id), "on": wanted.on}


# --- In a database thread --------------------------------------------------------------------------------


def _acting_user(user_id: int) -> User:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Refused(ErrorCode.SIGN_IN)
    return user


def _choose(user_id: int, status: str) -> Any:
    return own_status_payload(preferences.choose_status(status, acting_user=_acting_user(user_id)))


def _followed(user_id: int) -> tuple[Any, list[follows.Followed]]:
    user = _acting_user(user_id)
    return own_status_payload(user), follows.followed_by(user)


def _follow(user_id: int, wanted: FollowPerson) -> follows.Followed:
    user = _acting_user(user_id)
    if wanted.username is not None:
        person = User.objects.filter(username=wanted.username).first()
    else:
        person = follows.find(wanted.user_id or 0, acting_user=user)
    if person is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return follows.seen(follows.follow(person.pk, on=wanted.on, acting_user=user))


# --- Between processes -----------------------------------------------------------------------------------


def _follow_changed(said: dict[str, Any]) -> None:
    live.follows_changed(int(said["user"]), int(said["person"]), on=bool(said["on"]))


live = Live(sio)
sio.on_admit.append(live.arrived)
sio.on_forget.append(live.forgotten)
sio.statuses.listeners.append(live.changed)
sio.manager.listeners[FOLLOWED] = _follow_changed
sio.manager.on_heard_again.append(live.reload)
sio.every(NOTE, live.note)
sio.every(NOTE_ALL, live.note_all)
