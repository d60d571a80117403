"""A polling connection moves to a websocket, or does not; nothing stays of an attempt."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import websockets

from tests.servers import Site

from .conftest import Cast, report_with, wait_for_report
from .raw import Closed, RawPolling, RawWebSocket, headers_of, say_connect


@pytest.fixture
async def polling(site: Site, cast: Cast) -> AsyncIterator[RawPolling]:
    connection = RawPolling(site, headers_of(cast.owner))
    yield connection
    await connection.close()


@pytest.fixture
async def ws(site: Site, cast: Cast) -> AsyncIterator[RawWebSocket]:
    connection = RawWebSocket(site, headers_of(cast.owner))
    yield connection
    await connection.hang_up()


@pytest.fixture
async def before(site: Site) -> dict[str, Any]:
    """What the server holds when nobody is there, once somebody has been."""
    first = RawPolling(site, {})
    await first.open()
    await first.hang_up()
    return await report_with(site, sockets=0)


async def closed(ws: RawWebSocket, within: float) -> None:
    """Until the server has ended a websocket that says nothing."""
    with pytest.raises(Closed):
        async with asyncio.timeout(within):
            await ws.receive()


async def test_a_second_attempt_is_refused_and_the_first_goes_on(
    site: Site, polling: RawPolling, ws: RawWebSocket, cast: Cast, before: dict[str, Any]
) -> None:
    await polling.open()
    await ws.open_for(polling.sid)
    await ws.send("2probe")
    assert await ws.receive() == "3probe"

    second = RawWebSocket(site, headers_of(cast.owner))
    with pytest.raises(websockets.InvalidStatus):
        await second.open_for(polling.sid)

    await ws.send("5")
    assert await ws.receive() == "6"  # would have ended a poll
    await say_connect(ws)
    await ws.hang_up()
    await wait_for_report(site, before)


async def test_an_attempt_ends_with_its_connection(
    site: Site, polling: RawPolling, ws: RawWebSocket, cast: Cast, before: dict[str, Any]
) -> None:
    await polling.open()
    await say_connect(polling)
    await ws.open_for(polling.sid)
    with pytest.raises(websockets.InvalidStatus):
        await RawWebSocket(site, headers_of(cast.owner)).open_for(polling.sid)

    await polling.hang_up()

    await closed(ws, within=1)
    await ws.hang_up()
    await wait_for_report(site, before)


async def test_an_attempt_that_says_nothing_is_given_up_and_polling_goes_on(
    site: Site, polling: RawPolling, ws: RawWebSocket, before: dict[str, Any]
) -> None:
    await polling.open()
    await say_connect(polling)
    await ws.open_for(polling.sid)

    await closed(ws, within=4)  # `tests.watched` has shortened the patience

    await polling.send('420["leave_post","1"]')
    assert str(await polling.receive()).startswith("430[")
    await ws.hang_up()
    await polling.hang_up()
    await wait_for_report(site, before)
