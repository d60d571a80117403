"""A server that crashes or is replaced under load: nothing is lost, doubled or out of order."""

import asyncio
import time

import psycopg
import pytest

from .crowd import gathered
from .page import Page
from .town import Town, kill_a_worker, restart

pytestmark = pytest.mark.xdist_group("faults: processes")


async def test_a_crashed_server_loses_nothing(town: Town) -> None:
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
        crowd.start_writing(12)
        await asyncio.sleep(1)

        await restart(town.first, gently=False)
        await asyncio.sleep(0.5)

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        assert verdict.confirmed > 50, verdict


async def test_a_crashed_worker_loses_nothing(town: Town) -> None:
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
        crowd.start_writing(12)
        for _ in range(2):
            await asyncio.sleep(1)
            kill_a_worker(town.second)
        await asyncio.sleep(1)

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        assert verdict.confirmed > 50, verdict


async def test_an_answer_under_way_is_given_before_a_server_leaves(town: Town) -> None:
    post_id, [person] = town.post(), town.people(1)
    async with Page(lambda: town.first.url, person, post_id) as page:
        await page.live()
        with psycopg.connect(town.database_url) as database:
            database.execute("SELECT 1 FROM comments_post WHERE id = %s FOR UPDATE", [post_id])
            draft = {"postId": post_id, "content": "In the last moment", "clientId": "last"}
            answer = asyncio.create_task(page.request("new_comment", draft))
            await asyncio.sleep(0.2)
            stopping = asyncio.create_task(asyncio.to_thread(town.first.stop))
            await asyncio.sleep(1.5)  # longer than it takes to send everybody else away
            assert not answer.done()
            assert not stopping.done()
            database.rollback()

        assert (await answer)["comment"]["content"] == "In the last moment"
        async with asyncio.timeout(5):
            await stopping


async def test_servers_are_replaced_one_after_the_other_under_load(town: Town) -> None:
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
        crowd.start_writing(12)
        for site in town.sites:
            await asyncio.sleep(0.5)
            began_at = time.monotonic()
            await restart(site, gently=True)
            assert time.monotonic() - began_at < 15

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        assert verdict.confirmed > 50, verdict
