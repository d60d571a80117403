"""When a process that serves sockets tells people of what was done under posts; `telling` says what."""

import asyncio
import logging
import time

from django.db import DatabaseError

from realtime.database import in_database

from . import telling

logger = logging.getLogger("postroom.realtime")

# How long hints are gathered, in seconds: what is written together is told together.
GATHER = 0.05
# Between two turns at least so long, and so many times as long as a turn took: however much is written, no
# more than a small part of the time goes into telling of it.
PAUSE = 0.5
REST = 10.0
# How often posts are looked for that somebody has changed and nobody told of, in seconds: in a process that
# died, or one that serves no sockets.
LOOK = 30.0


class Teller:
    """Tells of posts that this process was hinted at. One turn at a time."""

    def __init__(self) -> None:
        self._due: set[int] = set()
        self._turns: asyncio.Task[None] | None = None

    def hint(self, post_id: int) -> None:
        """Something has changed under a post. Call it on the loop."""
        self._due.add(post_id)
        if self._turns is None:
            self._turns = asyncio.create_task(self._work())

    async def look(self) -> None:
        """Find what nobody has told of."""
        for post_id in await in_database(telling.behind):
            self.hint(post_id)

    async def _work(self) -> None:
        try:
            await asyncio.sleep(GATHER)
            while self._due:
                posts, self._due = self._due, set()
                began = time.monotonic()
                try:
                    self._due |= set(await in_database(telling.tell, posts))
                except DatabaseError as problem:
                    # They are found again: their versions are ahead of what was told.
                    logger.warning("notifications could not be written: %s", problem)
                await asyncio.sleep(max(PAUSE, (time.monotonic() - began) * REST))
        finally:
            self._turns = None
