"""The database fails in mid-traffic: requests fail or wait, sockets stay, nothing is lost or doubled."""

import asyncio
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import Site

from .crowd import Crowd, gathered
from .town import ENVIRONMENT, Place, Town

pytestmark = pytest.mark.xdist_group("faults: database")


def connections(crowd: Crowd) -> int:
    return sum(page.connections for page in crowd.pages)


def slowest(crowd: Crowd) -> float:
    """Seconds that the slowest answer took."""
    return max(took for page in crowd.pages for _, took in page.answers)


async def test_postgresql_is_restarted(town: Town) -> None:
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
        crowd.start_writing(12)
        await asyncio.sleep(1)
        before = connections(crowd)

        await asyncio.to_thread(town.postgres.stop)
        await asyncio.sleep(1)
        await asyncio.to_thread(town.postgres.start)
        await asyncio.sleep(0.5)

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        # It was away for a second: nobody noticed but by waiting, or by being asked to try again.
        assert slowest(crowd) > 0.8 or verdict.attempts > verdict.confirmed
        assert {code for page in crowd.pages for code in page.refusals} <= {"internal", "not_found"}
        assert connections(crowd) == before, "somebody had to reconnect"
        assert "Traceback" not in town.first.log.text()


async def test_postgresql_crashes(town: Town) -> None:
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
        crowd.start_writing(12)
        for _ in range(2):
            await asyncio.sleep(0.7)
            await asyncio.to_thread(town.postgres.stop, signal.SIGQUIT)
            await asyncio.to_thread(town.postgres.start)

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()


async def test_whoever_comes_while_postgresql_is_away_gets_in_later(town: Town) -> None:
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 6) as crowd:
        await asyncio.to_thread(town.postgres.stop)
        for page in crowd.pages:
            page.drop()
            page.write("Written while everything was gone")
        await asyncio.sleep(1)
        assert not any(page.is_live for page in crowd.pages)
        await asyncio.to_thread(town.postgres.start)

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        assert verdict.confirmed == len(crowd.pages)


@pytest.fixture(scope="module")
def village() -> Iterator[Place]:
    """One process on SQLite."""
    with tempfile.TemporaryDirectory(prefix="postroom-") as directory:
        site = Site(Path(directory) / "var", environment=ENVIRONMENT)
        site.prepare()
        try:
            site.start()
            yield Place(f"sqlite:///{site.var_dir / 'db.sqlite3'}", [site])
        finally:
            site.close()


async def test_sqlite_is_locked_by_somebody_else(village: Place) -> None:
    async with gathered(village, [lambda: village.first.url], 24) as crowd:
        crowd.start_writing(12)
        await asyncio.sleep(1)
        before = connections(crowd)

        with closing(sqlite3.connect(village.database_url.removeprefix("sqlite:///"))) as database:
            database.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(4)
            database.rollback()
        await asyncio.sleep(0.5)

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        assert verdict.attempts > verdict.confirmed, "nothing had to be tried again"
        assert connections(crowd) == before, "somebody had to reconnect"
        assert "Traceback" not in village.first.log.text()
