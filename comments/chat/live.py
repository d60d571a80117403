"""What the chat's sockets hear of their rooms in this process.

A room of the chat is a post's: what its page hears in the default namespace, the chat's sockets hear here, in
words of their own (`Echo`). Who came and who went is worked out by each process from who is there, for small
rooms; large ones hear a number.
"""

import asyncio
import time
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from comments.events import POST_ROOMS
from realtime import wire_json
from realtime.delivery import encode_event, encode_event_raw
from realtime.protocol import Socket
from realtime.requests import Caller
from realtime.server import Server

from .events import ECHOES, NAMESPACE, ChatEvent, PresentPayload

# More people than these are a number.
SMALL = 50
# Whoever is back within so many seconds was never gone: a page that is loaded anew, say.
GRACE = 2.0

GUESTS = "guests"  # of the lobby: who may be a textbook's client, and has entered no room yet
ONLOOKERS = "onlookers"  # who hears of comings and goings alone: a page that has the messages from elsewhere
TEXT, OBJECT = "text", "object"
_SPELLINGS = ("chat message", "message")
# Which spelling and form the sockets of a room hear beside `chat_message`, by what its name ends with.
_HEARD = {f"{spelling}/{form}": (spelling, form) for spelling in _SPELLINGS for form in (TEXT, OBJECT)}


def guests_of(room: str) -> str:
    return f"{room}/{GUESTS}"


def onlookers_of(room: str) -> str:
    return f"{room}/{ONLOOKERS}"


def speakers_of(room: str, spelling: str, form: str) -> str:
    """Those in a room who spell messages so, and say them as a text or as an object."""
    return f"{room}/{spelling}/{form}"


class RoomEcho:
    """See `realtime.bus.Echo`."""

    def rooms(self, room: str) -> Iterable[str]:
        if not room.startswith(POST_ROOMS):
            return ()
        return (room, guests_of(room), *(f"{room}/{ending}" for ending in _HEARD))

    def packets(self, room: str, encoded: str) -> Iterable[tuple[str, str]]:
        name, _, rest = encoded.removeprefix('2["').partition('"')
        event = ECHOES.get(name)
        if event is None:
            return
        packet = f'2{NAMESPACE},["{event}"{rest}'
        yield room, packet
        yield guests_of(room), packet
        if event == ChatEvent.CHAT_MESSAGE:
            payload = wire_json.loads(f"[null{rest}")[1]
            text, said = payload["content"], wire_json.dumps(payload)
            for ending, (spelling, form) in _HEARD.items():
                told = wire_json.dumps(text) if form == TEXT else said
                yield f"{room}/{ending}", encode_event_raw(spelling, told, namespace=NAMESPACE)
            for spelling in _SPELLINGS:
                yield guests_of(room), encode_event(spelling, text, namespace=NAMESPACE)


@dataclass(slots=True)
class _Missing:
    """Somebody who may be back in a moment: since when they are gone, and who has entered since. For these
    they never were here, whoever else in this process still waits for them."""

    since: float
    newcomers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Known:
    """Who is in a room, as its sockets know, and who is missing."""

    slug: str
    people: dict[int, str] = field(default_factory=dict)
    missing: dict[int, _Missing] = field(default_factory=dict)
    is_large: bool = False
    timer: asyncio.TimerHandle | None = None  # when somebody has been missing for long enough


class Live:
    """Tells the rooms of this process who came and who went."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[str, _Known] = {}

    def entering(self, room: str, slug: str, sid: str) -> None:
        """Somebody is about to enter: whoever is there already is no news to them."""
        if room in self._known:
            self.look(room)
        if room not in self._known:
            people = self._people(room)
            self._known[room] = _Known(slug, people or {}, is_large=people is None)
        if sid not in self._members(room):
            for missing in self._known[room].missing.values():
                missing.newcomers.add(sid)

    def look(self, room: str) -> None:
        """Somebody may have come or gone."""
        known = self._known.get(room)
        if known is None:
            return
        if known.timer is not None:
            known.timer.cancel()
            known.timer = None
        if not self._members(room):
            del self._known[room]
            return
        people = self._people(room)
        if people is None:
            known.is_large = True
            return
        count, _ = self._server.presence.people(room)
        if known.is_large:  # few again: who they are is no news
            known.people, known.missing, known.is_large = people, {}, False
            return
        everybody = self._members(room).keys()
        for user_id in people.keys() - known.people.keys():
            self._tell(room, known.slug, ChatEvent.USER_JOINED, user_id, people[user_id], count, everybody)
        now = time.monotonic()
        for user_id, name in list(known.people.items()):
            if user_id in people:
                back = known.missing.pop(user_id, None)
                if back is not None:
                    event, told = ChatEvent.USER_JOINED, back.newcomers & everybody
                    self._tell(room, known.slug, event, user_id, people[user_id], count, told)
                continue
            missing = known.missing.setdefault(user_id, _Missing(now))
            if now - missing.since >= GRACE:
                told = everybody - missing.newcomers
                self._tell(room, known.slug, ChatEvent.USER_LEFT, user_id, name, count, told)
                del known.missing[user_id]
            else:
                people[user_id] = name
        known.people = people
        if known.missing:
            first = next(iter(known.missing.values())).since
            delay = max(0.0, first + GRACE - now) + 0.05
            known.timer = asyncio.get_running_loop().call_later(delay, self.look, room)

    def _people(self, room: str) -> dict[int, str] | None:
        """Those in a small room who may be named; None of a large one."""
        count, _ = self._server.presence.people(room)
        return None if count > SMALL else self._server.presence.named(room)

    def _tell(
        self, room: str, slug: str, event: ChatEvent, user_id: int, name: str, count: int, told: Set[str]
    ) -> None:
        """These sockets, but none of the one it is about."""
        payload: PresentPayload = {
            "postId": room.removeprefix(POST_ROOMS),
            "room": slug,
            "userId": str(user_id),
            "name": name,
            "count": count,
        }
        others = [
            socket
            for sid, socket in self._members(room).items()
            if sid in told and not self._is(self._server.callers.get(sid), user_id)
        ]
        self._server.manager.delivery.add_to(others, encode_event(event, payload, namespace=NAMESPACE))

    def _members(self, room: str) -> dict[str, Socket]:
        rooms = self._server.manager.rooms.get(NAMESPACE, {})
        return {**rooms.get(room, {}), **rooms.get(onlookers_of(room), {})}

    @staticmethod
    def _is(caller: Caller | None, user_id: int) -> bool:
        return caller is not None and caller.user_id == user_id
