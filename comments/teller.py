"""When a process that serves sockets tells people of what was done under posts; `telling` says what."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial

from django.db import DatabaseError

from realtime.database import in_database
from realtime.resting import again_after, rest_after

from . import telling

logger = logging.getLogger("postroom.realtime")

# How long hints are gathered, in seconds: what is written together is told together.
GATHER = 0.05
# Between two turns at least so long, and so many times as long as a turn took: however much is written, no
# more than a small part of the time goes into telling of it.
PAUSE = 0.5
REST = 10.0
# The same for those who follow a post: each of them waits for those before them, and they may be thousands.
FOLLOWERS_PAUSE = 0.05
FOLLOWERS_REST = 4.0
# How often posts are looked for that somebody has changed and nobody told of, in seconds: in a process that
# died, or one that serves no sockets.
LOOK = 30.0


class _Lane:
    """Tells of posts in turns, one at a time. `tell` does one, and gives those of which there is more."""

    def __init__(self, tell: Callable[[Iterable[int]], list[int]], *, pause: float, times: float) -> None:
        self._tell = tell
        self._rest_after = partial(rest_after, times=times, at_least=pause)
        self._due: dict[int, None] = {}  # the longest waiting first
        self._turns: asyncio.Task[None] | None = None
        self._failures = 0  # in a row

    def hint(self, post_id: int) -> None:
        self._due[post_id] = None
        if self._turns is None:
            self._turns = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            await asyncio.sleep(GATHER)
            while self._due:
                rest = await self._turn()
                await asyncio.sleep(rest)
        finally:
            self._turns = None

    async def _turn(self) -> float:
        """One of them; how long to rest after it."""
        # After a failure one alone, and after its own behind all others: it may be that one which fails.
        posts = list(self._due)[: 1 if self._failures else None]
        for post_id in posts:
            del self._due[post_id]
        began = time.monotonic()
        try:
            left = await in_database(self._tell, posts)
        except DatabaseError as problem:
            if not self._failures:  # while the database is away this would be all that the log has
                logger.warning("notifications could not be written: %s", problem)
            self._failures += 1
            self._due.update(dict.fromkeys(posts))
            return again_after(self._failures)
        self._failures = 0
        self._due = dict.fromkeys([*left, *self._due])
        return self._rest_after(time.monotonic() - began)


class Teller:
    """Tells of posts that this process was hinted at: whom something concerns, and in turns of their own
    those who follow the post, for they may be a mass."""

    def __init__(self) -> None:
        self._lanes = (
            _Lane(telling.tell, pause=PAUSE, times=REST),
            _Lane(telling.tell_followers, pause=FOLLOWERS_PAUSE, times=FOLLOWERS_REST),
        )

    def hint(self, post_id: int) -> None:
        """Something has changed under a post. Call it on the loop."""
        for lane in self._lanes:
            lane.hint(post_id)

    async def look(self) -> None:
        """Find what nobody has told of."""
        for post_id in await in_database(telling.behind):
            self.hint(post_id)
