"""A whole deployment of one's own: PostgreSQL, Redis and two servers, the second with two workers."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers import Person, Site

from .machines import Postgres, Redis, postgres_machine, redis_machine

# Production's settings but for patience: what a reader would wait a quarter of a minute for comes
# every second, so that tests need not wait either.
ENVIRONMENT = {
    "DEBUG": "0",
    "BUDGETS": "off",
    "HEARTBEAT_INTERVAL": "1",
    "SWEEP_INTERVAL": "1",
    "DRAIN_SECONDS": "1",
    "PING_INTERVAL": "3",
    "PING_TIMEOUT": "4",
}


class Place:
    """Servers that share a database."""

    def __init__(self, database_url: str, sites: Sequence[Site]) -> None:
        self.database_url = database_url
        self.sites = list(sites)

    @property
    def first(self) -> Site:
        return self.sites[0]

    def people(self, number: int) -> list[Person]:
        """So many readers, each with a session."""
        return [self.first.person(f"reader{index}") for index in range(number)]

    def post(self) -> int:
        return self.first.post(author=self.first.person("author"))


class Town(Place):
    """`first` is one process, `second` two workers on one port; both share `postgres` and `redis`."""

    def __init__(self, postgres: Postgres, redis: Redis, sites: Sequence[Site]) -> None:
        super().__init__(postgres.url, sites)
        self.postgres = postgres
        self.redis = redis

    @property
    def second(self) -> Site:
        return self.sites[1]

    def heal(self) -> None:
        """Everything runs, whatever was done to it."""
        self.postgres.heal()
        self.redis.heal()
        for site in self.sites:
            if not site.is_running:
                site.start()


@contextmanager
def founded_town(
    environment: Mapping[str, str] | None = None, *, workers: Sequence[int] = (1, 2), watched: bool = False
) -> Iterator[Town]:
    """A town whose servers run until the block ends; `workers` has the number of each. What stands in
    `environment` goes over ours: the address of Redis, say."""
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_machine())
        redis = stack.enter_context(redis_machine())
        shared = {
            **ENVIRONMENT,
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            **(environment or {}),
        }
        sites = []
        for number in workers:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="postroom-"))
            arguments = ["--workers", str(number)] if number > 1 else []
            site = Site(Path(directory) / "var", environment=shared, arguments=arguments, watched=watched)
            sites.append(site)
        sites[0].prepare()  # they share a database: migrating it once is enough
        for site in sites:
            site.var_dir.mkdir(exist_ok=True)
            stack.callback(site.close)
        with ThreadPoolExecutor() as threads:
            list(threads.map(Site.start, sites))
        town = Town(postgres, redis, sites)
        stack.callback(town.heal)
        yield town


def workers_of(site: Site) -> list[int]:
    """The processes that serve a site, if it has several workers."""
    children = Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text().split()
    return [pid for pid in map(int, children) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def kill_a_worker(site: Site) -> None:
    """End one of several workers without a word; their parent starts another."""
    os.kill(workers_of(site)[0], signal.SIGKILL)


async def restart(site: Site, *, gently: bool) -> None:
    """As a service manager does it: SIGTERM and a new one; or a crash and a new one."""
    await asyncio.to_thread(site.stop if gently else site.kill)
    await asyncio.to_thread(site.start)
