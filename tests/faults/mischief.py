"""Everything that can go wrong with a town, at random moments, repeatably."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from signal import SIGQUIT

from tests.servers import Site

from .crowd import Crowd, gathered
from .proxy import Proxy
from .town import Town, kill_a_worker, restart

Fault = Callable[[], Awaitable[None]]


class Mischief:
    """Injects faults until it is stopped. What is broken is mended before the same thing breaks again,
    but several things may be broken at once. `longest` is in seconds."""

    def __init__(
        self, town: Town, proxies: Sequence[Proxy], random_: random.Random, *, longest: float = 1.5
    ) -> None:
        self.injected: Counter[str] = Counter()
        self._random = random_
        self._longest = longest
        self._locks: dict[object, asyncio.Lock] = {}
        self._faults: list[tuple[str, object, Fault]] = [
            ("Redis is killed", town.redis, partial(self._redis_dies, town)),
            ("Redis hangs", town.redis, partial(self._redis_hangs, town)),
            ("PostgreSQL is restarted", town.postgres, partial(self._postgres_restarts, town)),
            ("PostgreSQL crashes", town.postgres, partial(self._postgres_crashes, town)),
            ("PostgreSQL hangs", town.postgres, partial(self._postgres_hangs, town)),
            ("a server is replaced", town.first, partial(restart, town.first, gently=True)),
            ("a server crashes", town.first, partial(restart, town.first, gently=False)),
            ("a worker crashes", town.second, partial(self._worker_dies, town.second)),
            ("several workers are replaced", town.second, partial(restart, town.second, gently=True)),
        ]
        for proxy in proxies:
            self._faults += [
                ("connections are reset", proxy, partial(self._reset, proxy)),
                ("the network is cut", proxy, partial(self._cut, proxy)),
                ("the network swallows everything", proxy, partial(self._dam, proxy)),
            ]

    @asynccontextmanager
    async def at_work(self, imps: int = 2, pause: float = 1.0) -> AsyncIterator[None]:
        """So many at once, each resting about `pause` seconds between two; all is mended at the end."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(imps):
                group.create_task(self._roam(stop, pause))
            try:
                yield
            finally:
                stop.set()

    async def _roam(self, stop: asyncio.Event, pause: float) -> None:
        while not stop.is_set():
            await asyncio.sleep(self._random.uniform(0, 2 * pause))
            name, target, fault = self._random.choice(self._faults)
            async with self._locks.setdefault(target, asyncio.Lock()):
                if stop.is_set():
                    return
                self.injected[name] += 1
                await fault()

    async def _wait(self) -> None:
        await asyncio.sleep(self._random.uniform(0.1, self._longest))

    async def _redis_dies(self, town: Town) -> None:
        town.redis.kill()
        await self._wait()
        await asyncio.to_thread(town.redis.start)

    async def _redis_hangs(self, town: Town) -> None:
        town.redis.pause()
        await self._wait()
        town.redis.resume()

    async def _postgres_restarts(self, town: Town) -> None:
        await asyncio.to_thread(town.postgres.stop)
        await self._wait()
        await asyncio.to_thread(town.postgres.start)

    async def _postgres_crashes(self, town: Town) -> None:
        await asyncio.to_thread(town.postgres.stop, SIGQUIT)
        await asyncio.to_thread(town.postgres.start)

    async def _postgres_hangs(self, town: Town) -> None:
        town.postgres.pause()
        await self._wait()
        town.postgres.resume()

    async def _worker_dies(self, site: Site) -> None:
        kill_a_worker(site)

    async def _reset(self, proxy: Proxy) -> None:
        proxy.reset()

    async def _cut(self, proxy: Proxy) -> None:
        proxy.cut()
        await self._wait()
        proxy.mend()

    async def _dam(self, proxy: Proxy) -> None:
        proxy.dam()
        await self._wait()
        proxy.mend()


@asynccontextmanager
async def proxied_crowd(
    town: Town, number: int, *, seed: int = 0
) -> AsyncIterator[tuple[list[Proxy], Crowd]]:
    """A crowd that reaches each server through a proxy."""
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(Proxy(site.port)) for site in town.sites]
        addresses = [proxy.address for proxy in proxies]
        yield proxies, await stack.enter_async_context(gathered(town, addresses, number, seed=seed))
