"""Asking the request handlers without a socket.

`ask(owner, "join_post", 7)` does what the server does with a packet, in an event loop of its own; a
`StandIn` takes the place of the socket and keeps what it was told.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, cast

import accounts.notifications.sockets
import accounts.status.sockets  # noqa: F401  (these register their requests)
import comments.chat.sockets
import comments.desk.sockets
import comments.sockets  # noqa: F401
from accounts.models import User
from realtime.requests import Caller, answer


@dataclass(slots=True)
class StandIn:
    """A caller who is in no real room."""

    user_id: int
    name: str = ""
    language: str = "en"
    browser_language: str = "en"
    is_shown: bool = True
    status: str = "online"
    sid: str = "sid"
    connection: str = "connection"
    namespace: str = "/"
    session: str = "session"
    rooms: list[str] = field(default_factory=list)
    told: list[tuple[Any, ...]] = field(default_factory=list)
    is_connected: bool = True

    def enter(self, room: str) -> None:
        self.rooms.append(room)

    def leave(self, room: str) -> None:
        if room in self.rooms:
            self.rooms.remove(room)

    def tell(self, event: str, *arguments: Any) -> None:
        self.told.append((str(event), *arguments))

    def tell_encoded(self, packet: str) -> None:
        prefix = "2" if self.namespace == "/" else f"2{self.namespace},"
        self.told.append(tuple(json.loads(packet.removeprefix(prefix))))


@dataclass(frozen=True, slots=True)
class Answer:
    """The ack, and all that the caller heard."""

    ack: dict[str, Any]
    told: list[tuple[Any, ...]]
    rooms: list[str]

    @property
    def ok(self) -> bool:
        return bool(self.ack["ok"])

    @property
    def code(self) -> str:
        """Why it was refused; checks that the ack and the event say the same."""
        assert self.ack["ok"] is False, self.ack
        [(event, refusal)] = self.told
        assert event in {"comment_error", "desk_error", "notification_error", "status_error", "chat_error"}
        assert refusal["code"] == self.ack["code"]
        assert refusal["message"] == refusal["error"] == self.ack["message"]
        return str(self.ack["code"])

    def heard(self, event: str) -> tuple[Any, ...]:
        """The arguments of the one event of this name."""
        [arguments] = [arguments for name, *arguments in self.told if name == event]
        return tuple(arguments)


def ask(user: User, event: str, *arguments: Any, language: str = "en", namespace: str = "/") -> Answer:
    caller = StandIn(user_id=user.pk, name=user.shown_name, language=language, namespace=namespace)
    ack = asyncio.run(answer(cast(Caller, caller), event, list(arguments)))
    return Answer(ack, caller.told, caller.rooms)
