"""Whichever way a packet takes to a socket, each reader gets the same, in the order in which it happened."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from engineio import packet
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.protocol import State
from websockets.uri import parse_uri

from realtime import protocol
from realtime.delivery import Delivery
from realtime.protocol import BACKLOG_LENGTH, Engine, Socket

ROOMS = ("post_1", "post_2")


class Clockwork:
    """As much of an engine as a socket needs."""

    ping_interval = 25.0
    ping_timeout = 20.0
    reason = Engine.reason

    def __init__(self) -> None:
        self.sockets: dict[str, Socket] = {}
        self.misbehaved_: list[str] = []
        self.flush: Callable[[], None] = lambda: None

    def create_queue(self) -> "asyncio.Queue[Any]":
        return asyncio.Queue()

    def misbehaved(self, socket: Socket, what: str) -> None:
        socket.refused = True
        self.misbehaved_.append(socket.sid)

    def close_soon(self, socket: Socket, *arguments: Any, **options: Any) -> None: ...


class Cable:
    """What a server offers of a connection; keeps what was written."""

    def __init__(self) -> None:
        self.written = b""
        self.waiting = 0
        self.finished = False

    def adopt(self, receiver: Socket) -> Callable[[bytes], None]:
        return self._write

    def _write(self, data: bytes) -> None:
        assert not self.finished, "written after the farewell"
        self.written += data

    def backlog(self) -> int:
        return self.waiting

    def finish(self) -> None:
        self.finished = True

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def abort(self) -> None: ...

    def texts(self) -> list[str]:
        client = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN, max_size=None)
        client.receive_data(self.written)
        return [bytes(event.data).decode() for event in client.events_received() if isinstance(event, Frame)]


class Reader:
    """A socket of one of the ways, and what reached it."""

    def __init__(self, engine: Clockwork, number: int, way: str) -> None:
        self.socket = Socket(cast(Engine, engine), f"sid{number}")
        self.cable = Cable()
        if way != "queued":
            self.socket.wire = self.cable
            self.socket._go_straight(self.cable)
        if way == "behind":
            self.socket.writing_paused()

    def got(self) -> list[str]:
        if self.socket.is_straight:
            return self.cable.texts()
        queue = self.socket.queue
        return [queue.get_nowait().encode() for _ in range(queue.qsize())]


WAYS = st.sampled_from(["straight", "behind", "queued"])
READER = st.integers(0, 3)
STEP = st.one_of(
    st.tuples(st.just("room"), st.sampled_from(ROOMS)),
    st.tuples(st.just("tell"), READER),
    st.tuples(st.just("enter"), READER, st.sampled_from(ROOMS)),
    st.tuples(st.just("leave"), READER, st.sampled_from(ROOMS)),
    st.tuples(st.just("pause"), READER),
    st.tuples(st.just("resume"), READER),
    st.tuples(st.just("turn")),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WAYS, min_size=4, max_size=4), st.lists(STEP, max_size=40))
def test_any_traffic_reaches_each_reader_in_its_order(ways: list[str], steps: list[tuple[Any, ...]]) -> None:
    async def run() -> None:
        engine = Clockwork()
        readers = [Reader(engine, number, way) for number, way in enumerate(ways)]
        members: dict[str, dict[int, Socket]] = {room: {} for room in ROOMS}
        delivery = Delivery(lambda namespace, room: list(members[room].values()))
        expected: list[list[str]] = [[] for _ in readers]
        for number, (kind, *details) in enumerate(steps):
            text = f'2["event",{number},"한글 {"x" * (number * 7)}"]'
            if kind == "room":
                delivery.add("/", details[0], text)
                for member in members[details[0]]:
                    expected[member].append("4" + text)
            elif kind == "tell":
                delivery.tell(readers[details[0]].socket, text)
                expected[details[0]].append("4" + text)
            elif kind in ("enter", "leave"):
                delivery.flush()
                reader, room = details
                if kind == "enter":
                    members[room][reader] = readers[reader].socket
                else:
                    members[room].pop(reader, None)
            elif kind == "pause":
                readers[details[0]].socket.writing_paused()
            elif kind == "resume":
                readers[details[0]].socket.writing_resumed()
            else:
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [reader.got() for reader in readers] == expected

    asyncio.run(run())


async def test_events_of_one_turn_are_one_write() -> None:
    reader = Reader(Clockwork(), 1, "straight")
    writes: list[bytes] = []
    reader.socket.write = writes.append
    delivery = Delivery(lambda namespace, room: [reader.socket])

    for number in range(16):
        delivery.add("/", "post_1", f'2["event",{number}]')
    assert writes == []
    await asyncio.sleep(0)

    assert len(writes) == 1


async def test_a_farewell_comes_after_everything_else() -> None:
    engine = Clockwork()
    reader = Reader(engine, 1, "straight")
    delivery = Delivery(lambda namespace, room: [reader.socket])
    engine.flush = delivery.flush

    delivery.add("/", "post_1", '2["session_ended"]')
    reader.socket.refuse()
    await asyncio.sleep(0)
    delivery.add("/", "post_1", '2["too late"]')
    await asyncio.sleep(0)

    assert reader.cable.texts() == ['42["session_ended"]', packet.Packet(packet.CLOSE).encode()]
    assert reader.cable.finished
    reader.socket.keep()


async def test_who_is_too_far_behind_is_closed_and_others_are_not() -> None:
    engine = Clockwork()
    slow, quick = Reader(engine, 1, "behind"), Reader(engine, 2, "straight")
    slow.cable.waiting = BACKLOG_LENGTH + 1
    delivery = Delivery(lambda namespace, room: [slow.socket, quick.socket])

    for number in range(3):
        delivery.add("/", "post_1", f'2["event",{number}]')
        await asyncio.sleep(0)

    assert engine.misbehaved_ == ["sid1"]
    assert len(quick.cable.texts()) == 3


async def test_a_queue_is_bounded_in_packets_and_in_length() -> None:
    engine = Clockwork()
    many, long = Reader(engine, 1, "queued"), Reader(engine, 2, "queued")
    for _ in range(protocol.BACKLOG_LIMIT + 1):
        many.socket.post(packet.Packet(packet.MESSAGE, "x"))
    assert engine.misbehaved_ == ["sid1"]
    # A packet's type counts too, so the fourth of these is a little more than fits and the last one taken.
    for _ in range(6):
        long.socket.post(packet.Packet(packet.MESSAGE, "x" * (BACKLOG_LENGTH // 4)))
    assert engine.misbehaved_ == ["sid1", "sid2"]
    assert long.socket.queue.qsize() == 4


async def test_a_socket_that_is_lost_in_the_middle_harms_nobody() -> None:
    engine = Clockwork()
    lost, other = Reader(engine, 1, "straight"), Reader(engine, 2, "straight")
    delivery = Delivery(lambda namespace, room: [lost.socket, other.socket])

    delivery.add("/", "post_1", '2["one"]')
    lost.socket.connection_lost()
    delivery.tell(lost.socket, '2["two"]')
    await asyncio.sleep(0)
    delivery.add("/", "post_1", '2["three"]')
    await asyncio.sleep(0)

    assert lost.cable.texts() == []
    assert other.cable.texts() == ['42["one"]', '42["three"]']


async def test_packets_that_are_bytes_are_binary_frames() -> None:
    reader = Reader(Clockwork(), 1, "straight")
    reader.socket.post(packet.Packet(packet.MESSAGE, b"\x00\x81"))
    assert reader.cable.written == b"\x82\x02\x00\x81"
