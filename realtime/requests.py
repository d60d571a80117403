"""A plain coroutine becomes an answered request.

    @request("leave_post", takes=LeavePost, bare="postId", refused_as="comment_error", budget=JOINING)
    async def leave_post(caller: Caller, wanted: LeavePost) -> Reply: ...

Whatever happens, the client hears: its ack if it asked for one, and the refusal event when it was
refused. What a client sends is read through a pydantic model: known keys only, in known forms.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import override
from prometheus_client import Histogram
from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictStr, ValidationError
from pydantic.alias_generators import to_camel

from . import metrics
from .budgets import MISTAKES, Budget, spend
from .errors import ErrorCode, Refused
from .logs import name_of

if TYPE_CHECKING:
    from .server import Server

logger = logging.getLogger("postroom.realtime")

Reply = dict[str, Any]
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)  # 18 digits always fit into the database's 64 bits


def read_id(value: object) -> int:
    """A positive id as clients of this kind write it: 7, "7" or "\\"7\\"". Raises ValueError."""
    if isinstance(value, str):
        if len(value) > 2 and value[0] == value[-1] == '"':
            value = value[1:-1]
        if _ID.fullmatch(value) and int(value) > 0:
            return int(value)
    elif isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**18:
        return value
    raise ValueError("not an id")


def read_client_id(value: object) -> object:
    """A client's own id for a comment: a short printable string, ideally a UUID."""
    if isinstance(value, str) and 0 < len(value) <= 64 and value.isascii() and value.isprintable():
        return value
    raise ValueError("not a client id")


Id = Annotated[int, BeforeValidator(read_id)]
ClientId = Annotated[StrictStr, BeforeValidator(read_client_id)]


class Payload(BaseModel):
    """Base of all that clients send: camelCase keys, unknown ones ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


Wanted = TypeVar("Wanted", bound=Payload)


@dataclass(slots=True)
class Caller:
    """One socket of one user in one namespace. Everything here comes from the session.

    `is_shown` is whether others may be told that they are here: who is not is counted, and never named.
    `status` is what they want to be to others, and `browser_language` what the handshake asked for.
    `is_versed` is whether the handshake said for whom its page was made, as only those do who know this site.
    """

    server: "Server"
    sid: str
    connection: str
    namespace: str
    user_id: int
    name: str
    session: str
    session_key: str  # to verify the session again; it never leaves the process
    language: str
    browser_language: str = "en"
    is_shown: bool = True
    status: str = "online"
    is_versed: bool = False

    def enter(self, room: str) -> None:
        """Join a room. Raises `Refused` beyond `ROOMS_PER_SOCKET`, and while the process leaves."""
        rooms = self.server.manager.get_rooms(self.sid, self.namespace)
        # Two rooms are not the client's choice: its user's and its session's.
        if room in rooms or not self.is_connected:
            return
        if self.server.eio.draining:
            raise Refused(ErrorCode.INTERNAL, _("The server is restarting."), retry_after=1)
        if len(rooms) >= settings.ROOMS_PER_SOCKET + 2:
            raise Refused(ErrorCode.FORBIDDEN, _("This connection is in too many rooms."))
        self.server.manager.basic_enter_room(self.sid, self.namespace, room)
        self.server.presence.entered(room, self)

    def leave(self, room: str) -> None:
        if room not in self.server.manager.get_rooms(self.sid, self.namespace):
            return
        self.server.manager.basic_leave_room(self.sid, self.namespace, room)
        self.server.presence.left(room, self)
        self.server.typists.left(room, self)

    def tell(self, event: str, *arguments: Any) -> None:
        """Send an event to this socket only."""
        self.server.tell(self, event, *arguments)

    def tell_encoded(self, packet: str) -> None:
        """Send an event that `delivery.encode_event` or `encode_event_raw` has made."""
        self.server.post(self.connection, packet)

    @property
    def is_connected(self) -> bool:
        return bool(self.server.manager.is_connected(self.sid, self.namespace))


Handler = Callable[[Caller, Any], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Request:
    """A registered handler. `bare` names the key that a payload without keys stands for; where that is what
    somebody says (`is_text`), it may begin with a brace.

    The requests of one socket are done one after the other; one that is `pipelined` only starts in
    its turn, so that many of them can share a transaction.
    """

    event: str
    namespace: str
    takes: type[Payload]
    handler: Handler
    refused_as: str
    bare: str | None
    pipelined: bool
    budget: Budget
    is_text: bool = False

    def read(self, arguments: list[Any]) -> Payload:
        """The first argument as the request's model; more arguments are ignored. Raises `Refused`."""
        value = arguments[0] if arguments else None
        if isinstance(value, str) and value.lstrip()[:1] == "{":
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as problem:
                if not self.is_text:
                    raise Refused(ErrorCode.INVALID) from problem
        if not isinstance(value, dict):
            if self.bare is None:
                raise Refused(ErrorCode.INVALID)
            value = {self.bare: value}
        try:
            return self.takes.model_validate(value)
        except ValidationError as problem:
            keys = ", ".join(
                sorted({str((error["loc"] or (error["msg"],))[0]) for error in problem.errors()})
            )
            message = _("This request could not be understood: %(keys)s") % {"keys": keys}
            raise Refused(ErrorCode.INVALID, message) from problem


registry: dict[tuple[str, str], Request] = {}
# How the requests of each namespace are refused when not even their name is known.
refusal_events: dict[str, str] = {}


def request(
    event: str,
    *,
    takes: type[Wanted],
    refused_as: str,
    budget: Budget,
    namespace: str = "/",
    bare: str | None = None,
    pipelined: bool = False,
    is_text: bool = False,
) -> Callable[
    [Callable[[Caller, Wanted], Awaitable[Reply | None]]],
    Callable[[Caller, Wanted], Awaitable[Reply | None]],
]:
    """Register the coroutine that answers `event`; what it returns goes into the ack."""

    def register(
        handler: Callable[[Caller, Wanted], Awaitable[Reply | None]],
    ) -> Callable[[Caller, Wanted], Awaitable[Reply | None]]:
        key = (namespace, str(event))
        if key in registry:
            raise RuntimeError(f"{key} has two handlers")
        registry[key] = Request(
            str(event), namespace, takes, handler, refused_as, bare, pipelined, budget, is_text
        )
        refusal_events.setdefault(namespace, refused_as)
        return handler

    return register


async def answer(caller: Caller, event: str, arguments: list[Any]) -> Reply:
    """Do what a client asked and return its ack; never raises for anything that it sent."""
    with override(caller.language):
        known = registry.get((caller.namespace, event))
        try:
            return {"ok": True, **await _do(known, caller, arguments)}
        except Refused as problem:
            refusal = problem.as_answer()
        except (OperationalError, InterfaceError) as problem:
            # The database is away or locked; one line says as much as a traceback per request.
            logger.warning("%s failed on connection %s: %s", event, name_of(caller.connection), problem)
            refusal = Refused(ErrorCode.INTERNAL, retry_after=2).as_answer()
        except Exception:
            # The boundary between handlers and the wire: a bug is ours to read and not the client's.
            logger.exception("%s failed on connection %s", event, name_of(caller.connection))
            refusal = Refused(ErrorCode.INTERNAL).as_answer()
        metrics.refusals.labels(refusal["code"]).inc()
        refused_as = known.refused_as if known else refusal_events[caller.namespace]
        # Half a character, which JSON can carry and UTF-8 cannot, would break what is sent to the client.
        asked = event[:64].encode(errors="replace").decode()
        caller.tell(refused_as, {**refusal, "error": refusal["message"], "event": asked})
        return {"ok": False, **refusal}


async def _do(known: Request | None, caller: Caller, arguments: list[Any]) -> Reply:
    try:
        if known is None:
            raise Refused(ErrorCode.INVALID, _("There is no such request."))
        wanted = known.read(arguments)
    except Refused:
        await spend(MISTAKES, caller.user_id)
        raise
    await spend(known.budget, caller.user_id)
    with _stopwatch(known.event).time():
        return await known.handler(caller, wanted) or {}


@cache
def _stopwatch(event: str) -> Histogram:
    return metrics.requests.labels(event)
