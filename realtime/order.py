"""Changes of a room reach its sockets in the order of their versions, as far as waiting for it is short.

A change made here is delivered at once, one made in another process comes over the bus a moment later; so
version 8 may be here before version 7. Browsers put that right by themselves. Simpler clients that append
whatever they hear are spared by a short wait.
"""

import asyncio
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
Key = tuple[str, str]  # namespace and room


class InOrder:
    """Passes on messages with a `version`; `deliver(message)` sends one to this process's sockets.

    One that `covers` several changes comes in the place of all of them. A change waits for the one before it
    for `wait` seconds at most: what takes longer is lost or late, and clients find out by the version.
    """

    def __init__(self, deliver: Callable[[Message], None], *, wait: float) -> None:
        self._deliver = deliver
        self._longest = wait
        self._last: dict[Key, int] = {}
        self._held: dict[Key, dict[int, Message]] = {}
        self._timers: dict[Key, asyncio.TimerHandle] = {}

    def seen(self, namespace: str, room: str, version: int) -> None:
        """Somebody has entered who knows the room up to `version`. Where nothing was known of it before,
        order can be kept from there on; where it was, those who are in it may still miss something older.
        """
        self._last.setdefault((namespace, room), version)

    def forget(self, namespace: str, room: str) -> None:
        """Nobody of this process is in the room any more."""
        key = (namespace, room)
        self._last.pop(key, None)
        self._held.pop(key, None)
        self._stop_waiting(key)

    def take(self, message: Message, *, may_wait: bool) -> None:
        """Deliver now, or as soon as what comes before is here; without `may_wait` now in any case."""
        key = (message["namespace"], message["room"])
        version = message["version"]
        last = self._last.get(key)
        if last is not None and version > last + _covered(message) and may_wait:
            self._held.setdefault(key, {})[version] = message
            if key not in self._timers:
                self._wait(key)
            return
        self._deliver(message)
        self._last[key] = max(version, last or 0)
        if key in self._held:
            self._go_on(key)

    def _go_on(self, key: Key) -> None:
        """Deliver what was held and follows now."""
        held = self._held[key]
        if self._next_of(key) is None:
            return
        # Whatever is still missing after this is another one than before, and has its own time to come.
        self._stop_waiting(key)
        while (version := self._next_of(key)) is not None:
            self._deliver(held.pop(version))
            self._last[key] = max(version, self._last[key])
        if held:
            self._wait(key)
        else:
            del self._held[key]

    def _next_of(self, key: Key) -> int | None:
        """The version of a held message with which nothing is missing any more."""
        held, last = self._held[key], self._last[key]
        return next((version for version in sorted(held) if version - _covered(held[version]) <= last), None)

    def _wait(self, key: Key) -> None:
        self._timers[key] = asyncio.get_running_loop().call_later(self._longest, self._release, key)

    def _stop_waiting(self, key: Key) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _release(self, key: Key) -> None:
        del self._timers[key]
        for version, message in sorted(self._held.pop(key, {}).items()):
            self._deliver(message)
            self._last[key] = max(version, self._last.get(key, 0))


def _covered(message: Message) -> int:
    """How many versions the message tells of; the last of them is its own."""
    return int(message.get("covers", 1))
