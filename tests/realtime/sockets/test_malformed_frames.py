"""Whatever one client sends: the others notice nothing, the log says it once, and nothing stays.

Each test is one connection that breaks the protocol while two other readers sit in the room it is in.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import websockets

from tests.servers import Site

from .conftest import Cast, Connect, complaints, report_with, wait_for_report
from .frames import BREACHES, EARLY_BREACHES, ODDITIES
from .raw import (
    Closed,
    Frame,
    Raw,
    RawPolling,
    RawWebSocket,
    frames_until_closed,
    headers_of,
    query,
    raw_connection,
    say_connect,
)
from .reader import Transport, ids

# An answer within this time is one to the frame, and not the end of CONNECT_WITHIN.
AT_ONCE = 1.5


class Room:
    """A post with two readers in it, and what the server looked like before somebody misbehaved."""

    def __init__(self, site: Site, cast: Cast, connect_over: Connect, post_id: int) -> None:
        self.site = site
        self.cast = cast
        self.post_id = post_id
        self._connect = connect_over

    async def fill(self) -> None:
        self.writer = await self._connect("websocket", self.cast.owner, join=self.post_id)
        self.reader = await self._connect("polling", self.cast.author, join=self.post_id)
        self.before = await report_with(self.site, sockets=2)
        self.log_position = self.site.log.position

    async def assert_undisturbed(self, *, warnings: int) -> None:
        """The readers still hear each other, and heard nothing else; the server holds nothing more."""
        comment = await self.writer.write(self.post_id, "Is anybody here?")
        for reader in (self.writer, self.reader):
            await reader.next("comment_added")
            await reader.settle()
            assert ids(reader.all("comment_added")) == [comment["_id"]]
            assert reader.names() <= {"load_comments", "presence", "comment_added", "comment_confirmed"}
        assert len(self.site.stored(self.post_id)) == 1
        await self.assert_nothing_left()
        said = complaints(self.site, self.log_position)
        assert len(said) == warnings, said
        assert all("postroom.misbehaviour" in line and "closed connection" in line for line in said), said

    async def assert_nothing_left(self) -> None:
        await wait_for_report(self.site, self.before)


@pytest.fixture
async def room(site: Site, cast: Cast, connect_over: Connect, post_id: int) -> Room:
    room = Room(site, cast, connect_over, post_id)
    await room.fill()
    return room


@pytest.fixture
async def raw(site: Site, cast: Cast, transport: Transport, room: Room) -> AsyncIterator[Raw]:
    """A connection of the stranger's, opened and not yet connected."""
    raw = raw_connection(site, cast.stranger, transport)
    await raw.open()
    yield raw
    await raw.hang_up()


async def send(raw: Raw, frames: list[Frame], room: Room) -> None:
    """Send frames; the connection may end before the last one."""
    values = {"session": room.cast.moderator.session, "post": room.post_id}
    for frame in frames:
        if isinstance(frame, str) and "%(" in frame:
            frame = frame % values
        with suppress(websockets.ConnectionClosed):
            await raw.send(frame)


def named(cases: dict[str, Any]) -> list[Any]:
    return [pytest.param(case, id=name) for name, case in cases.items()]


@pytest.mark.parametrize("frames", named(BREACHES))
async def test_a_breach_of_the_protocol_ends_the_connection_that_made_it(
    room: Room, raw: Raw, frames: list[Frame]
) -> None:
    await say_connect(raw)

    await send(raw, frames, room)
    said = await frames_until_closed(raw, AT_ONCE)

    # It may hear why; nothing that it asked for is answered.
    assert all(str(frame).startswith(("1", "6", '42["connection_error",')) for frame in said), said
    await room.assert_undisturbed(warnings=1)


@pytest.mark.parametrize("frames", named(EARLY_BREACHES))
async def test_a_breach_before_connect_ends_the_connection_too(
    room: Room, raw: Raw, frames: list[Frame]
) -> None:
    await send(raw, frames, room)
    said = await frames_until_closed(raw, AT_ONCE)

    assert not any(str(frame).startswith("4") for frame in said), said
    await room.assert_undisturbed(warnings=1)


@pytest.mark.parametrize(
    ("frames", "answer"), [pytest.param(*case, id=name) for name, case in ODDITIES.items()]
)
async def test_what_is_only_odd_is_answered(room: Room, raw: Raw, frames: list[Frame], answer: str) -> None:
    await say_connect(raw)

    await send(raw, frames, room)
    said = str(await raw.receive())
    await raw.send('4299["leave_post",1]')
    frame = str(await raw.receive())
    while not frame.startswith("4399["):
        frame = str(await raw.receive())

    assert said.startswith(answer), said[:200]
    await raw.hang_up()
    await room.assert_undisturbed(warnings=0)


async def test_a_forged_disconnect_throws_nobody_out(site: Site, room: Room, raw: Raw, cast: Cast) -> None:
    await say_connect(raw)
    before = site.report()["callers"]
    assert cast.owner.id in before

    await raw.send(json.dumps(["disconnect", room.writer.client.sid]).join(("42", "")))
    await frames_until_closed(raw, AT_ONCE)

    await room.assert_undisturbed(warnings=1)


# --- One websocket at a time -----------------------------------------------------------------------


@pytest.fixture
async def ws(site: Site, cast: Cast, room: Room) -> AsyncIterator[RawWebSocket]:
    ws = RawWebSocket(site, headers_of(cast.stranger))
    await ws.open()
    yield ws
    await ws.hang_up()


@pytest.mark.parametrize("connected", [True, False])
async def test_an_empty_frame_ends_the_connection(room: Room, ws: RawWebSocket, connected: bool) -> None:
    if connected:
        await say_connect(ws)

    await ws.send("")
    await frames_until_closed(ws, AT_ONCE)

    await room.assert_undisturbed(warnings=1)


async def test_a_frame_that_is_no_text_ends_the_connection(room: Room, ws: RawWebSocket) -> None:
    await say_connect(ws)

    await ws.ws.send(b"42[\xff\xfe]", text=True)
    await frames_until_closed(ws, AT_ONCE)

    # The websocket library ends it, so what the log says is the server's affair.
    said = complaints(room.site, room.log_position)
    room.log_position = room.site.log.position
    assert len(said) <= 1
    await room.assert_undisturbed(warnings=0)


@pytest.mark.parametrize("first", [[], ["40"], ["40", '42["join_post",%(post)s]']])
async def test_a_connection_that_is_cut_leaves_nothing(
    room: Room, ws: RawWebSocket, first: list[Frame]
) -> None:
    await send(ws, first, room)

    await ws.hang_up()

    await room.assert_undisturbed(warnings=0)


async def test_a_thousand_breaches_at_once_are_one_line(room: Room, ws: RawWebSocket) -> None:
    await say_connect(ws)

    await send(ws, ["4abc"] * 1000, room)
    await frames_until_closed(ws, AT_ONCE)

    await room.assert_undisturbed(warnings=1)


async def test_a_frame_too_long_ends_the_connection(room: Room, ws: RawWebSocket) -> None:
    await say_connect(ws)

    await send(ws, ['42["new_comment","' + "x" * 1_100_000 + '"]'], room)
    await frames_until_closed(ws, AT_ONCE)

    await room.assert_nothing_left()
    assert len(complaints(room.site, room.log_position)) <= 1


# --- What only polling can do ----------------------------------------------------------------------


@pytest.fixture
async def polling(site: Site, cast: Cast, room: Room) -> AsyncIterator[RawPolling]:
    polling = RawPolling(site, headers_of(cast.stranger))
    await polling.open()
    yield polling
    await polling.hang_up()


BAD_BODIES = {
    "invalid UTF-8": b"42[\xff\xfe]",
    "bad base64": b"b$$$",
    "empty frames": b"\x1e",
    "too many packets": b"\x1e".join([b"3"] * 257),
    "too long": b"4" + b"x" * 1_100_000,
    "good and bad": b'42["leave_post",1]\x1e4abc',
}


@pytest.mark.parametrize("body", named(BAD_BODIES))
async def test_a_bad_body_ends_the_connection(room: Room, polling: RawPolling, body: bytes) -> None:
    await say_connect(polling)

    assert await polling.post(body) == 400

    with pytest.raises(Closed):
        while True:
            await polling.receive()
    await room.assert_undisturbed(warnings=1)


async def test_a_body_of_many_packets_is_fine_up_to_the_limit(room: Room, polling: RawPolling) -> None:
    await say_connect(polling)

    status = await polling.post(b"\x1e".join([b'427["leave_post",1]'] * 256))
    answers = [await polling.receive() for _ in range(256)]

    assert status == 200
    assert all(str(answer).startswith("437[") for answer in answers)
    await polling.hang_up()
    await room.assert_undisturbed(warnings=0)


async def test_an_empty_body_does_nothing(room: Room, polling: RawPolling) -> None:
    assert await polling.post(b"") == 200

    await say_connect(polling)
    await polling.hang_up()
    await room.assert_undisturbed(warnings=0)


@pytest.mark.parametrize("at_once", [True, False], ids=["one body", "two bodies"])
async def test_leaving_while_being_admitted_leaves_no_ghost(
    room: Room, polling: RawPolling, at_once: bool
) -> None:
    if at_once:
        await polling.post(b"40\x1e1")
    else:
        await asyncio.gather(polling.post(b"40"), polling.post(b"1"))

    await room.assert_undisturbed(warnings=0)


async def test_a_poll_under_way_ends_when_its_client_leaves(room: Room, polling: RawPolling) -> None:
    await say_connect(polling)
    poll = asyncio.create_task(polling.receive())
    await asyncio.sleep(0.1)

    await polling.post(b"1")

    with pytest.raises(Closed):
        async with asyncio.timeout(AT_ONCE):
            await poll
            await polling.receive()
    await room.assert_undisturbed(warnings=0)


async def test_connecting_from_two_requests_at_once_admits_one_socket_at_most(
    site: Site, room: Room, polling: RawPolling, cast: Cast
) -> None:
    await asyncio.gather(*(polling.post(b"40") for _ in range(5)))

    assert site.report()["callers"].count(cast.stranger.id) <= 1
    await polling.hang_up()
    await room.assert_nothing_left()
    assert len(complaints(site, room.log_position)) <= 1


# --- Who never says CONNECT, or nothing at all -----------------------------------------------------


async def test_a_connection_that_never_says_connect_is_dropped(room: Room, raw: Raw) -> None:
    started = asyncio.get_running_loop().time()

    await frames_until_closed(raw, within=4)

    assert asyncio.get_running_loop().time() - started > 1.5
    await room.assert_undisturbed(warnings=0)


async def test_a_connection_that_is_refused_a_namespace_and_stays_is_dropped(room: Room, raw: Raw) -> None:
    await raw.send("40/nowhere,")

    await frames_until_closed(raw, within=4)

    await room.assert_undisturbed(warnings=0)


async def test_a_connection_that_leaves_its_namespace_and_stays_is_dropped(room: Room, raw: Raw) -> None:
    await say_connect(raw)
    await raw.send("41")

    await frames_until_closed(raw, within=4)

    await room.assert_undisturbed(warnings=0)


async def test_whoever_leaves_a_namespace_may_come_back(room: Room, raw: Raw) -> None:
    first = await say_connect(raw)
    await raw.send("41")
    second = await say_connect(raw)
    await asyncio.sleep(2.5)  # longer than a connection may stay without a namespace

    await raw.send('427["leave_post",1]')
    answer = await raw.receive()

    assert first != second
    assert str(answer).startswith("437[")
    await raw.hang_up()
    await room.assert_undisturbed(warnings=0)


async def test_leaving_twice_is_leaving_once(room: Room, raw: Raw) -> None:
    await say_connect(raw)

    await send(raw, ["41", "41", "41/nowhere,"], room)
    await raw.hang_up()

    await room.assert_undisturbed(warnings=0)


async def test_a_polling_client_that_does_not_poll_again_is_dropped(
    site: Site, room: Room, polling: RawPolling
) -> None:
    await polling.post(b"42[]")

    await polling.close()

    await room.assert_undisturbed(warnings=1)


async def test_a_body_of_unknown_length_is_not_read(
    site: Site, cast: Cast, room: Room, polling: RawPolling
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    chunks = b"5\r\n4nons\r\n0\r\n\r\n"
    path = query(transport="polling", sid=polling.sid)
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunks
    )

    async with asyncio.timeout(5):
        answer = await reader.readline()

    writer.close()
    await polling.hang_up()
    assert b" 411 " in answer
    await room.assert_undisturbed(warnings=0)


async def test_no_line_of_the_log_holds_a_connections_id(
    site: Site, cast: Cast, room: Room, polling: RawPolling
) -> None:
    """Whoever knows it can poll in its reader's place."""
    nobody = RawPolling(site, {})
    await nobody.open()
    await nobody.send("40")
    await frames_until_closed(nobody)
    await say_connect(polling)

    await polling.send('42["no such request"]', "4abc")
    await frames_until_closed(polling)
    await polling.post(b"4")
    await nobody.close()

    written = site.log.text(room.log_position)
    assert "closed connection" in written
    assert polling.sid not in written
    assert nobody.sid not in written
