"""Who is put out of a room hears nothing of it any more, in whatever words."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from comments.chat.live import OBJECT, TEXT, RoomEcho, guests_of, onlookers_of, speakers_of
from realtime.bus import Bus
from realtime.ending import Endings
from realtime.requests import Caller, refusal_events
from realtime.server import Server


class Process:
    """A server with nothing in it but rooms, each socket in one of them."""

    def __init__(self) -> None:
        self.manager = Bus()
        self.manager.echoes["/chat"] = RoomEcho()
        self.manager.server = self
        self.eio = SimpleNamespace(sockets={})
        self.presence = self.typists = SimpleNamespace(left=lambda room, caller: None)
        self.callers: dict[str, Caller] = {}
        self.endings = Endings(cast(Server, self))

    def enter(self, room: str, namespace: str = "/chat") -> Caller:
        connection = f"c{len(self.callers)}"
        self.eio.sockets[connection] = SimpleNamespace()
        sid = f"s{len(self.callers)}"
        self.manager.connections[namespace, sid] = connection
        details: dict[str, Any] = dict.fromkeys(("name", "session", "session_key", "language"), "")
        caller = Caller(
            server=cast(Server, self),
            sid=sid,
            connection=connection,
            namespace=namespace,
            user_id=1,
            **details,
        )
        self.callers[sid] = caller
        self.manager.basic_enter_room(sid, namespace, room)
        return caller

    @property
    def rooms(self) -> set[str]:
        return {room for rooms in self.manager.rooms.values() for room in rooms}


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    for namespace in ("/", "/chat"):
        monkeypatch.setitem(refusal_events, namespace, "an_error")
    return Process()


async def test_it_is_left_with_all_that_is_beside_it(process: Process) -> None:
    process.enter("post_7", "/")
    beside = (guests_of, onlookers_of, lambda room: speakers_of(room, "message", TEXT))
    for room in ("post_7", "post_70"):
        process.enter(room)
        process.enter(speakers_of(room, "chat message", OBJECT))
        for each in beside:
            process.enter(each(room))

    process.endings.evict("post_7")

    assert process.rooms == {
        "post_70",
        "post_70/guests",
        "post_70/onlookers",
        "post_70/message/text",
        "post_70/chat message/object",
    }
