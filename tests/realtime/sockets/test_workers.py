"""Several workers on one port: whoever polls is served by the one that knows them."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator

import aiohttp
import pytest

from tests.faults.town import kill_a_worker, workers_of
from tests.servers import Site, redis_server, running_site
from tests.tasks import patience

from .raw import RawPolling, headers_of, query, say_connect
from .reader import Reader

pytestmark = pytest.mark.xdist_group("workers")

TOKEN = "only Prometheus knows"
CROWD = 40  # polling readers who ask at the same moment; the kernel queues ten for one worker


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with (
        redis_server() as redis,
        running_site(
            "serve",
            environment={"REDIS_URL": redis, "BUDGETS": "off", "METRICS_TOKEN": TOKEN},
            arguments=["--workers", "3"],
        ) as site,
    ):
        yield site


async def test_polling_readers_on_three_workers_hear_each_other_exactly_once(site: Site) -> None:
    author = site.person("author")
    post_id = site.post(author=author)
    readers = [Reader(site, site.person(f"reader{number}"), "polling") for number in range(6)]
    try:
        for reader in readers:
            await reader.open()
            await reader.join(post_id)
        for number, reader in enumerate(readers):
            await reader.write(post_id, f"from {number}")
        async with patience(10):
            for reader in readers:
                while len(reader.all("comment_added")) < len(readers):
                    await asyncio.sleep(0.05)
        for reader in readers:
            contents = [added["content"] for added in reader.all("comment_added")]
            assert sorted(contents) == [f"from {number}" for number in range(len(readers))]
    finally:
        for reader in readers:
            await reader.close()
    assert "Traceback" not in site.log.text()


async def ask_once(site: Site, sid: str, body: bytes, *, in_two_writes: bool) -> str:
    """A POST on a connection of its own; the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    head = (
        f"POST {query(transport='polling', sid=sid)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    if in_two_writes:
        writer.write(head)
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(body)
    else:
        writer.write(head + body)
    async with patience(10):
        answer = await reader.read()
    writer.close()
    return answer[9:12].decode()


@pytest.mark.parametrize("in_two_writes", [False, True], ids=["one write", "two writes"])
async def test_a_burst_of_polling_readers_is_served(site: Site, in_two_writes: bool) -> None:
    polling = [RawPolling(site, headers_of(site.person(f"reader{number}"))) for number in range(CROWD)]
    position = site.log.position
    for each in polling:
        await each.open()
        await say_connect(each)
    body = b'42["leave_post","1"]'
    statuses: Counter[str] = Counter()

    for _ in range(5):
        statuses.update(
            await asyncio.gather(
                *(ask_once(site, each.sid, body, in_two_writes=in_two_writes) for each in polling)
            )
        )

    for each in polling:
        await each.hang_up()
    assert statuses == {"200": 5 * CROWD}
    assert "Invalid HTTP" not in site.log.text(position)


async def shown_sockets(site: Site) -> set[int]:
    """What /metrics says when asked often enough to meet all workers, each time on a new connection."""
    found = set()
    for _ in range(12):
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
            http.get(f"{site.url}/metrics") as answer,
        ):
            found.update(re.findall(r"^postroom_sockets (\d+)", await answer.text(), re.MULTILINE))
    return set(map(int, found))


async def until_all_show(site: Site, wanted: int) -> None:
    shown: set[int] = set()
    try:
        async with patience(15):
            while shown != {wanted}:
                shown = await shown_sockets(site)
    except TimeoutError:
        raise AssertionError(f"{shown} instead of {wanted}") from None


# Last, as it kills a worker.
async def test_every_worker_shows_the_figures_of_all_that_live(site: Site) -> None:
    person = site.person("owner")
    readers = [await Reader(site, person, "websocket").open() for _ in range(12)]
    await until_all_show(site, 12)

    before = workers_of(site)
    kill_a_worker(site)
    async with patience(20):
        while len(workers_of(site)) < len(before) or workers_of(site) == before:
            await asyncio.sleep(0.1)
    for reader in readers:
        await reader.close()

    await until_all_show(site, 0)
