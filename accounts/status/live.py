"""Telling statuses to the followers who are in this process.

What has changed comes once a tick (see `realtime.statuses`), for all people together. Each follower gets what
concerns them in one packet, or in a few; nothing is read for it, and nobody else hears anything.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime

from django.db import DatabaseError
from django.utils import timezone

from accounts import follows, last_seen
from realtime import wire_json
from realtime.batch import Batch
from realtime.database import in_database
from realtime.delivery import encode_event_raw
from realtime.requests import Caller
from realtime.server import Server
from realtime.session import user_room
from realtime.statuses import Status

from .events import NAMESPACE, StatusEvent, status_payload

# So many changes a follower hears one by one, as `friend_status_changed`, each encoded once for all; of more
# they hear in one packet of their own.
SINGLY = 3
# For so many seconds a change of whom somebody follows is kept: what is being read may be older than it.
READING = 30.0


class Live:
    """The followers of one process, and whom they follow."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._follows: dict[int, set[int]] = {}
        self._followers: dict[int, set[int]] = {}
        self._read = Batch[int, frozenset[int]](follows.followed_ids, trips=server.arrivals)
        self._tasks: set[asyncio.Task[None]] = set()
        self._lately: list[tuple[float, int, int, bool]] = []  # when, who, whom, whether
        # Who went, and when: until it is noted.
        self._unnoted: dict[int, datetime] = {}

    # --- Followers come and go ---------------------------------------------------------------

    def arrived(self, caller: Caller) -> None:
        """Somebody's socket is in the namespace from now on."""
        if caller.namespace == NAMESPACE and caller.user_id not in self._follows:
            task = asyncio.create_task(self._welcome(caller.user_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def forgotten(self, caller: Caller) -> None:
        """One of the sockets is about to go; with the last one everything about a follower."""
        if caller.namespace != NAMESPACE:
            return
        sids = self._server.manager.sids_in(user_room(caller.user_id), namespace=NAMESPACE)
        if set(sids) <= {caller.sid}:
            for person in self._follows.pop(caller.user_id, ()):
                self._unlink(caller.user_id, person)

    async def know(self, user_id: int) -> None:
        """Until this process knows whom a follower who is here follows."""
        if user_id not in self._follows:
            self._link(user_id, await self._read(user_id))

    async def reload(self) -> None:
        """A change of whom somebody follows may have got lost on the bus."""
        for user_id in list(self._follows):
            self._link(user_id, await self._read(user_id))

    def follows_changed(self, user_id: int, person: int, *, on: bool) -> None:
        """Somebody follows a person, or does so no more; in whatever process that was decided."""
        if not self._is_here(user_id):
            return
        now = time.monotonic()
        self._lately = [each for each in self._lately if now - each[0] < READING]
        self._lately.append((now, user_id, person, on))
        if user_id in self._follows:
            self._change(user_id, person, on=on)

    async def _welcome(self, user_id: int) -> None:
        with suppress(DatabaseError):  # they hear nothing until they ask, or come back
            await self.know(user_id)

    def _link(self, user_id: int, people: frozenset[int]) -> None:
        if not self._is_here(user_id):
            return  # gone meanwhile
        for person in self._follows.get(user_id, set()) - people:
            self._unlink(user_id, person)
        self._follows[user_id] = set(people)
        for person in people:
            self._followers.setdefault(person, set()).add(user_id)
        for _, follower, person, on in self._lately:
            if follower == user_id:
                self._change(user_id, person, on=on)

    def _change(self, user_id: int, person: int, *, on: bool) -> None:
        if on:
            self._follows[user_id].add(person)
            self._followers.setdefault(person, set()).add(user_id)
        else:
            self._follows[user_id].discard(person)
            self._unlink(user_id, person)

    def _is_here(self, user_id: int) -> bool:
        return bool(self._server.manager.sids_in(user_room(user_id), namespace=NAMESPACE))

    def _unlink(self, user_id: int, person: int) -> None:
        followers = self._followers.get(person, set())
        followers.discard(user_id)
        if not followers:
            self._followers.pop(person, None)

    # --- What they hear ----------------------------------------------------------------------

    def changed(self, statuses: Mapping[int, Status], last_here: Collection[int]) -> None:
        """These people are something else from now on; `last_here` were in this process before."""
        now = timezone.now()
        self._unnoted |= {pk: now for pk in last_here if statuses[pk] == Status.OFFLINE}
        for_each: dict[int, list[int]] = {}
        for person in statuses:
            for follower in self._followers.get(person, ()):
                for_each.setdefault(follower, []).append(person)
        texts: dict[int, str] = {}
        packets: dict[int, str] = {}
        for follower, people in for_each.items():
            for person in people:
                if person not in texts:
                    texts[person] = wire_json.dumps(status_payload(person, statuses[person], now))
            if len(people) > SINGLY:
                self._deliver(follower, encoded_statuses([texts[person] for person in people]))
                continue
            for person in people:
                if person not in packets:
                    packets[person] = encode_event_raw(
                        StatusEvent.FRIEND_STATUS_CHANGED, texts[person], namespace=NAMESPACE
                    )
                self._deliver(follower, packets[person])

    def _deliver(self, follower: int, packet: str) -> None:
        self._server.manager.deliver(user_room(follower), packet, namespace=NAMESPACE)

    # --- When they were last here ------------------------------------------------------------

    async def note(self) -> None:
        """Note who went."""
        unnoted, self._unnoted = self._unnoted, {}
        if unnoted:
            try:
                await in_database(last_seen.note, unnoted)
            except DatabaseError:
                self._unnoted = unnoted | self._unnoted
                raise

    async def note_all(self) -> None:
        """Note who is here: should all processes end at once, nobody would."""
        here = self._server.statuses.here()
        if here:
            await in_database(last_seen.note, dict.fromkeys(here, timezone.now()))


def encoded_statuses(texts: list[str]) -> str:
    """`friend_statuses` of payloads that are JSON already."""
    payload = f'{{"statuses":[{",".join(texts)}]}}'
    return encode_event_raw(StatusEvent.FRIEND_STATUSES, payload, namespace=NAMESPACE)
