"""Readers at their pages, some of whom write without pause, until a test says it is enough."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tests.tasks import end

from .oracle import Oracle, Verdict
from .page import Page
from .town import Place


class Crowd:
    """Pages of one post. `random_` makes what they write repeatable."""

    def __init__(self, place: Place, post_id: int, pages: Sequence[Page], random_: random.Random) -> None:
        self.place = place
        self.post_id = post_id
        self.pages = list(pages)
        self._random = random_
        self._writers: list[asyncio.Task[None]] = []

    def start_writing(self, number: int, *, pause: float = 0.25) -> None:
        """So many of them write, each about every `pause` seconds."""
        for page in self.pages[:number]:
            self._writers.append(asyncio.create_task(self._write(page, pause)))

    async def _write(self, page: Page, pause: float) -> None:
        number = 0
        while True:
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * pause)
            own = [comment["_id"] for comment in page.confirmed.values()]
            choice = self._random.random()
            if own and choice < 0.1:
                id_ = self._random.choice(own)
                await page.edit(id_, f"edited {number} of {page.person.username}")
            elif own and choice < 0.15:
                await page.remove(self._random.choice(own))
            elif len(page.outbox) < 20:
                page.write(f"comment {number} of {page.person.username}")
            number += 1

    async def stop_writing(self) -> None:
        await end(self._writers)
        self._writers.clear()

    async def verdict(self, *, within: float = 20.0) -> Verdict:
        """Stop writing and compare all pages with the database."""
        await self.stop_writing()
        return await Oracle(self.place.database_url, self.post_id).judge(self.pages, within=within)


@asynccontextmanager
async def gathered(
    place: Place,
    addresses: Sequence[Callable[[], str]],
    number: int,
    *,
    seed: int = 0,
    post_id: int | None = None,
    kind: type[Page] = Page,
) -> AsyncIterator[Crowd]:
    """So many pages of a new post, or of that one, dealt out to `addresses`; every sixth of them polls."""
    post_id = place.post() if post_id is None else post_id
    people = place.people(number)
    async with AsyncExitStack() as stack:
        pages = [
            kind(
                addresses[index % len(addresses)],
                person,
                post_id,
                transport="polling" if index % 6 == 5 else "websocket",
            )
            for index, person in enumerate(people)
        ]
        for page in pages:
            await stack.enter_async_context(page)
        await asyncio.gather(*(page.live() for page in pages))
        crowd = Crowd(place, post_id, pages, random.Random(seed))
        try:
            yield crowd
        finally:
            await crowd.stop_writing()
