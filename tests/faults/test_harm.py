"""Load that means harm: others feel nothing, and nothing is left behind."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.realtime.sockets.raw import RawPolling, say_connect
from tests.realtime.sockets.reader import Reader
from tests.servers import Person, Site, running_site
from tests.tasks import end

from .wires import Wire, open_wires

pytestmark = pytest.mark.xdist_group("faults: harm")

ENVIRONMENT = {
    "DEBUG": "0",
    "BUDGETS": "off",
    "PING_INTERVAL": "2",
    "PING_TIMEOUT": "4",
}
GONE_WITHIN = 30.0  # seconds after which nothing may be left of anybody
JOINS = int(os.environ.get("JOINS", "1000"))
FLOOD = 5_000
CROWD = 1_200
BACKLOG = 2_000  # packets that wait for a reader before it is closed


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site(environment=ENVIRONMENT, watched=True) as site:
        yield site


@pytest.fixture(scope="module")
def people(site: Site) -> list[Person]:
    return [site.person(f"reader{number}") for number in range(10)]


@pytest.fixture
def post_id(site: Site, people: list[Person]) -> int:
    return site.post(author=people[0])


@pytest.fixture
async def baseline(site: Site, people: list[Person]) -> AsyncIterator[None]:
    """What the server holds is counted before a test, once anybody has been there, and after it."""
    first = await Reader(site, people[0], "websocket").open()
    await first.close()
    before = await settled(site, lambda report: report["sockets"] == report["websockets"] == 0)
    position = site.log.position
    yield
    Wire.all_vanish()
    after = await settled(site, lambda report: report == before)
    assert after == before
    assert "Traceback" not in site.log.text(position)


async def settled(site: Site, is_settled: Any) -> dict[str, Any]:
    deadline = time.monotonic() + GONE_WITHIN
    while not is_settled(report := await asyncio.to_thread(site.report)) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    return report


@asynccontextmanager
async def bystander(site: Site, person: Person, post_id: int) -> AsyncIterator[list[float]]:
    """Somebody else who asks and writes all the while; how long each answer took. None takes a second,
    and at the end everything written has been heard once, in order."""
    reader = await Reader(site, person, "websocket").open()
    await reader.join(post_id)
    took: list[float] = []
    written: list[str] = []

    async def read_on() -> None:
        while True:
            began_at = time.monotonic()
            written.append((await reader.write(post_id, f"Undisturbed {len(took)}"))["_id"])
            took.append(time.monotonic() - began_at)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(read_on())
    try:
        yield took
        await asyncio.sleep(0.1)
    finally:
        await end([task])
        await reader.settle()
        own = [
            comment["_id"] for comment in reader.all("comment_added") if comment["userId"] == str(person.id)
        ]
        await reader.close()
    assert own[: len(written)] == written
    assert max(took) < 1, sorted(took)[-5:]


def memory(site: Site) -> float:
    """What the server takes, in MB."""
    status = Path(f"/proc/{site.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.mark.usefixtures("baseline")
async def test_a_flood_of_requests(site: Site, people: list[Person], post_id: int) -> None:
    async with bystander(site, people[0], post_id):
        floods = await open_wires(site, people[1:2], 4)
        frames = [f'42{number}["leave_post",{post_id}]' for number in range(FLOOD)]

        async def pour(wire: Wire) -> None:
            # Its answers are read meanwhile: it is no slow reader.
            answered = asyncio.create_task(wire.ack(FLOOD - 1))
            await wire.say(*frames)
            assert (await answered)["ok"], "a flood is answered like any other request"
            wire.vanish()

        await asyncio.gather(*map(pour, floods))


@pytest.mark.usefixtures("baseline")
async def test_messages_without_measure(site: Site, people: list[Person], post_id: int) -> None:
    async with bystander(site, people[0], post_id):
        before = memory(site)
        for _ in range(10):
            wire = await Wire(site, people[1]).open()
            with suppress(OSError):
                await wire.say('42["new_comment","' + "x" * 5_000_000 + '"]')
            await wire.until_closed()
            wire.vanish()
            polling = RawPolling(site, {"Cookie": f"sessionid={people[1].session}"})
            await polling.open()
            with suppress(aiohttp.ClientError):
                assert await polling.post(b"4" * 5_000_000) == 400
            await polling.close()
        assert memory(site) - before < 50


@pytest.mark.usefixtures("baseline")
async def test_thousands_of_joins_and_leaves(site: Site, people: list[Person], post_id: int) -> None:
    async with bystander(site, people[0], post_id):
        wires = await open_wires(site, people[1:], 9)
        rounds = JOINS // len(wires)

        async def leaf_through(wire: Wire) -> None:
            for number in range(rounds):
                await wire.say(f'42["join_post",{post_id}]', f'42{number}["leave_post",{post_id}]')
                assert (await wire.ack(number))["ok"]

        await asyncio.gather(*map(leaf_through, wires))
        for wire in wires:
            wire.vanish()


@pytest.mark.usefixtures("baseline")
async def test_transports_that_never_say_connect(site: Site, people: list[Person], post_id: int) -> None:
    async with bystander(site, people[0], post_id):
        wires = [await Wire(site, people[1]).open(connect=False) for _ in range(100)]
        pollers = [RawPolling(site, {}) for _ in range(50)]
        for polling in pollers:
            await polling.open()
        await asyncio.gather(*(wire.until_closed() for wire in wires))
        for polling in pollers:
            await polling.close()
        for wire in wires:
            wire.vanish()


@pytest.mark.usefixtures("baseline")
async def test_polling_readers_who_vanish(site: Site, people: list[Person], post_id: int) -> None:
    async with bystander(site, people[0], post_id):
        for number in range(50):
            person = people[1 + number % 9]
            polling = RawPolling(site, {"Cookie": f"sessionid={person.session}"})
            await polling.open()
            await say_connect(polling)
            await polling.send(f'42["join_post",{post_id}]')
            await polling.close()


@pytest.mark.usefixtures("baseline")
async def test_a_thousand_who_leave_at_once(site: Site, people: list[Person], post_id: int) -> None:
    wires = await open_wires(site, people[1:], CROWD)
    for start in range(0, CROWD, 100):
        await asyncio.gather(*(wire.ask(0, "join_post", post_id) for wire in wires[start : start + 100]))
    assert site.report()["rooms"][f"/ post_{post_id}"] == CROWD

    async with bystander(site, people[0], site.post(author=people[0])) as took:
        await asyncio.sleep(0.5)
        for wire in wires:
            wire.vanish()
        await settled(site, lambda report: report["sockets"] == 1)
        assert len(took) > 10


@pytest.mark.usefixtures("baseline")
async def test_a_reader_who_stops_reading(site: Site, people: list[Person], post_id: int) -> None:
    """It goes on answering pings, as a page would that hangs while its browser does not."""
    before = memory(site)
    position = site.log.position
    other_post = site.post(author=people[0])
    slow = await Wire(site, people[1], narrow=True).open()
    await slow.say(f'42["join_post",{post_id}]')
    await asyncio.sleep(0.2)
    writer = await Wire(site, people[2]).open()
    text = "x" * 2_500

    async def pong() -> None:
        with suppress(OSError):
            while True:
                await slow.say("3")
                await asyncio.sleep(0.5)

    def is_closed() -> bool:
        return "it does not read" in site.log.text(position)

    answering = asyncio.create_task(pong())
    async with bystander(site, people[0], other_post):
        for start in range(0, BACKLOG + 4_000, 100):
            numbers = range(start, start + 100)
            await writer.say(
                *(f'42{n}["new_comment",{{"postId":{post_id},"content":"{n} {text}"}}]' for n in numbers)
            )
            for number in numbers:
                await writer.ack(number)
            if is_closed():
                break
    assert is_closed()
    answering.cancel()
    slow.vanish()
    writer.vanish()
    await asyncio.sleep(0)
    assert memory(site) - before < 120
