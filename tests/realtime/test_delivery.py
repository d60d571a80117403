"""Whichever way a packet takes to a socket, each reader gets the same, in the order in which it happened."""

import asyncio
import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from engineio import packet
from hypothesis import example, given, settings
from hypothesis import strategies as st
from socketio import packet as socketio_packet
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.protocol import State
from websockets.uri import parse_uri

from realtime import protocol
from realtime.delivery import Delivery, encode_ack, encode_connected
from realtime.frames import text_frame
from realtime.protocol import BACKLOG_LENGTH, Engine, Socket
from realtime.server import read_event, sio

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

    async def _trigger_event(self, *arguments: Any, **options: Any) -> None:
        """Nobody cares."""

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
@example(
    ["straight", "behind", "queued", "straight"],
    [
        *(("enter", reader, room) for reader in range(3) for room in ROOMS),
        *(("room", room) for room in ("post_2", "post_1", "post_2", "post_1")),
    ],
)
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


async def test_all_that_one_socket_is_answered_is_one_write() -> None:
    reader, other = Reader(Clockwork(), 1, "straight"), Reader(Clockwork(), 2, "straight")
    writes: list[bytes] = []
    reader.socket.write = writes.append
    delivery = Delivery(lambda namespace, room: [])

    delivery.tell(reader.socket, '2["load_comments"]')
    delivery.tell(other.socket, '2["to somebody else"]')
    delivery.flush_rooms()  # nothing waits for any
    delivery.tell(reader.socket, "31[]")
    assert writes == []
    await asyncio.sleep(0)

    assert writes == [text_frame('42["load_comments"]') + text_frame("431[]")]
    assert other.cable.texts() == ['42["to somebody else"]']


async def test_who_is_closed_has_heard_everything_before() -> None:
    engine = Clockwork()
    reader = Reader(engine, 1, "straight")
    delivery = Delivery(lambda namespace, room: [])
    engine.flush = delivery.flush

    delivery.tell(reader.socket, '2["connection_error"]')
    await reader.socket.close()

    assert reader.cable.texts() == ['42["connection_error"]', packet.Packet(packet.CLOSE).encode()]


async def test_a_farewell_comes_after_everything_else() -> None:
    engine = Clockwork()
    reader = Reader(engine, 1, "straight")
    delivery = Delivery(lambda namespace, room: [reader.socket])
    engine.flush = delivery.flush

    delivery.add("/", "post_1", '2["session_ended"]')
    reader.socket.refuse()
    await asyncio.sleep(0)
    delivery.add("/", "post_1", '2["too late"]')
    delivery.flush()
    reader.socket.writing_resumed()
    await reader.socket.close()

    assert reader.cable.texts() == ['42["session_ended"]', packet.Packet(packet.CLOSE).encode()]
    assert reader.cable.finished


async def test_nothing_is_written_once_the_farewell_is_under_way() -> None:
    reader = Reader(Clockwork(), 1, "straight")

    reader.socket.writing_ended()
    reader.socket.post(packet.Packet(packet.MESSAGE, "too late"))
    await reader.socket.close()

    assert reader.cable.written == b""


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


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["/", "/chat"]),
    st.integers(0, 10**20),
    st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.integers(-9, 9), st.none(), st.booleans())),
)
def test_packets_are_encoded_as_the_library_would(namespace: str, number: int, reply: dict[str, Any]) -> None:
    def encoded(kind: int, data: Any, **more: Any) -> str:
        made: str = sio.packet_class(kind, data, namespace=namespace, **more).encode()
        return made

    assert encode_ack(number, reply, namespace=namespace) == encoded(socketio_packet.ACK, [reply], id=number)
    assert encode_connected("a-sid", namespace=namespace) == encoded(
        socketio_packet.CONNECT, {"sid": "a-sid"}
    )


EVENTS = [
    '2["a"]',
    '20["a",{"b":[1]}]',
    '212["a-b"]',
    "2[]",
    '2["a"',
    "2[NaN]",
    "2[1]x",
    '2007["a"]',
    "2[" * 9,
]
OTHERS = [
    "2",
    "2{}",
    "0",
    "0{}",
    "3[]",
    '2/chat,["a"]',
    '51-["a"]',
    '2١["a"]',
    "2" + "1" * 16 + "[]",
    "",
    b"2[]",
]


@pytest.mark.parametrize("data", EVENTS)
def test_events_are_read_as_the_library_would(data: str) -> None:
    try:
        expected = sio.packet_class(encoded_packet=data)
    except ValueError as problem:
        with pytest.raises(type(problem), match=re.escape(str(problem))):
            read_event(data)
        return
    assert read_event(data) == (expected.id, expected.data)
    assert expected.packet_type == socketio_packet.EVENT
    assert expected.namespace in (None, "/")


@pytest.mark.parametrize("data", OTHERS)
def test_other_packets_are_left_to_the_library(data: str | bytes) -> None:
    assert read_event(data) is None
