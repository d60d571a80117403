"""A usual websocket behaves as uvicorn's own, whatever is said on it; everybody else comes in as ever."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from realtime import doors, uvicorn_protocols
from realtime.doors import Door, House, StraightWebSocket
from realtime.opening import Opening
from realtime.uvicorn_protocols import HttpProtocol, WebSocketProtocol

from .test_opening import HEADERS, changed, request

LONGEST = 5_000  # of a message, in bytes


@pytest.fixture(autouse=True, scope="module")
def nobody_else_stops() -> Iterator[None]:
    """A connection that is shut down takes it for the end of its process; the tests' own goes on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvicorn_protocols, "on_stop", [])
        patch.setattr(uvicorn_protocols, "_is_stopping", False)
        yield


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Never asked: nothing here is uvicorn's to answer."""


def house(**options: Any) -> House:
    config = Config(
        application,
        http=Door,
        ws=WebSocketProtocol,
        ws_max_size=LONGEST,
        ws_ping_interval=None,
        **{"ws_per_message_deflate": False, "lifespan": "off", "log_config": None, **options},
    )
    return House(config, ServerState(), {})


class Cable(asyncio.Transport):
    """A connection without a network: what was written, who reads, whether it still does."""

    def __init__(self, client: tuple[str, int] = ("10.0.0.7", 1)) -> None:
        super().__init__({"peername": client, "sockname": ("127.0.0.1", 80)})
        self.protocol: Any = None
        self.written = b""
        self.is_closed = self.is_aborted = self.is_paused = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: Any) -> None:
        assert not self.is_closed, "written after the end"
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def get_write_buffer_size(self) -> int:
        return len(self.written)

    def says(self, data: bytes) -> None:
        """The other side says this, if anybody still listens."""
        if not self.is_closed:
            self.protocol.data_received(data)


class Listener:
    """A receiver that remembers; a message may make it act on its connection."""

    def __init__(self) -> None:
        self.wire: Any = None
        self.heard: list[object] = []

    def message_received(self, message: str | bytes) -> None:
        self.heard.append(message)
        if message == "pause":
            self.wire.pause_reading()
        elif message == "resume":
            self.wire.resume_reading()

    def writing_paused(self) -> None:
        self.heard.append(("paused",))

    def writing_resumed(self) -> None:
        self.heard.append(("resumed",))

    def writing_ended(self) -> None:
        self.heard.append(("ended",))

    def connection_lost(self) -> None:
        self.heard.append(("lost",))


@pytest.fixture(autouse=True)
def nobody_else_decides() -> Iterator[None]:
    before = doors._welcome
    yield
    doors._welcome = before


# --- Once it is open -------------------------------------------------------------------------------


def straight(shared: House) -> tuple[Cable, Listener]:
    cable, listener = Cable(), Listener()
    wire = StraightWebSocket(shared, cable)
    shared.connections.add(wire)
    cable.set_protocol(wire)
    listener.wire = wire
    wire.adopt(listener)
    return cable, listener


def ordinary(shared: House) -> tuple[Cable, Listener]:
    """The same on uvicorn's protocol from the beginning."""
    cable, listener = Cable(), Listener()
    protocol = shared.websocket()
    protocol.take_place(cable, listener, is_paused=False)
    cable.set_protocol(protocol)
    listener.wire = protocol
    return cable, listener


def framed(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


TEXT = st.one_of(
    st.sampled_from(["2", "3", "pause", "resume", "", "x" * 125, "x" * 126, "한" * 1_400, "x" * LONGEST]),
    st.text(max_size=300),
)
USUAL = st.one_of(
    st.builds(lambda text: framed(Opcode.TEXT, text.encode(errors="replace")), TEXT),
    st.builds(lambda data: framed(Opcode.BINARY, data), st.binary(max_size=300)),
)
UNUSUAL = st.one_of(
    st.sampled_from(
        [
            framed(Opcode.PING, b"are you there"),
            framed(Opcode.PONG, b""),
            framed(Opcode.CLOSE, b""),
            framed(Opcode.CLOSE, b"\x03\xe9bye"),
            framed(Opcode.CLOSE, b"\x00"),
            framed(Opcode.TEXT, b"half", fin=False) + framed(Opcode.CONT, b" and half"),
            framed(Opcode.TEXT, b"half", fin=False) + framed(Opcode.TEXT, b"another"),
            framed(Opcode.CONT, b"of nothing"),
            framed(Opcode.TEXT, b"x" * (LONGEST + 1)),
            framed(Opcode.BINARY, b"x" * 70_000)[:20],
            Frame(Opcode.TEXT, b"not masked").serialize(mask=False),
            b"\xc1\x81abcdx",  # a reserved bit
            b"\x83\x80abcd",
            b"\x81\xff" + (2**63).to_bytes(8) + b"abcd",
            b"\x81\xfe\x00\x05abcd12345",  # a short length, written at length
            b"GET / HTTP/1.1\r\n\r\n",
        ]
    ),
    st.binary(min_size=1, max_size=30),
)


def pieces(said: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    places = sorted({min(cut, len(said)) for cut in cuts})
    for start, end in zip([0, *places], [*places, len(said)], strict=True):
        if end > start:
            yield said[start:end]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(USUAL, max_size=6),
    st.lists(st.one_of(USUAL, UNUSUAL), max_size=4),
    st.lists(st.integers(0, 9_000), max_size=12),
    st.lists(st.integers(0, 9_000), max_size=3),
    st.booleans(),
    st.sampled_from(["nothing", "finish", "abort", "lost", "shutdown"]),
)
def test_both_hear_and_say_the_same(
    usual: list[bytes],
    rest: list[bytes],
    cuts: list[int],
    other_cuts: list[int],
    is_broken: bool,
    at_the_end: str,
) -> None:
    async def run() -> None:
        shared = house()
        both = [straight(shared), ordinary(shared)]
        # Last: what comes with it is answered or not, as the network cuts it.
        said = b"".join([*usual, *rest, *([framed(Opcode.TEXT, b"\xff\xfe")] if is_broken else [])])
        # However the network cuts it.
        for (cable, listener), places in zip(both, (cuts, other_cuts), strict=True):
            for piece in pieces(said, places):
                cable.says(piece)
            cable.protocol.pause_writing()
            cable.protocol.resume_writing()
            if at_the_end == "lost":
                cable.protocol.connection_lost(None)
            elif at_the_end == "shutdown":
                cable.protocol.shutdown()
            elif at_the_end != "nothing":
                getattr(listener.wire, at_the_end)()
                cable.says(framed(Opcode.CLOSE, b"\x03\xe8"))
        (cable, listener), (reference, expected) = both
        assert listener.heard == expected.heard
        assert cable.written == reference.written
        assert cable.is_closed == reference.is_closed or at_the_end == "lost"
        assert cable.is_aborted == reference.is_aborted
        assert cable.is_paused == reference.is_paused
        assert len(shared.connections) == (0 if at_the_end == "lost" else 2)

    asyncio.run(run())


async def test_usual_messages_leave_it_small() -> None:
    cable, listener = straight(house())

    for piece in pieces(
        framed(Opcode.TEXT, b"Hello") + framed(Opcode.BINARY, b"x" * 200) * 20, range(0, 4_000, 7)
    ):
        cable.says(piece)

    assert listener.heard == ["Hello", *[b"x" * 200] * 20]
    assert type(cable.protocol) is StraightWebSocket
    assert not hasattr(cable.protocol, "__dict__") or not cable.protocol.__dict__


async def test_a_ping_is_answered_by_uvicorns_protocol_from_then_on() -> None:
    cable, listener = straight(house())

    cable.says(framed(Opcode.TEXT, b"before") + framed(Opcode.PING, b"!") + framed(Opcode.TEXT, b"after"))

    assert listener.heard == ["before", "after"]
    assert cable.written == b"\x8a\x01!"
    assert isinstance(cable.protocol, WebSocketProtocol)
    assert listener.wire is cable.protocol


@pytest.mark.parametrize("make", [straight, ordinary])
async def test_after_text_that_is_none_nothing_counts(make: Any) -> None:
    cable, listener = make(house())

    broken = framed(Opcode.TEXT, b"\xff\xfe")
    cable.says(framed(Opcode.TEXT, b"Hello") + broken + framed(Opcode.PING, b"!") + framed(Opcode.TEXT, b"x"))
    cable.says(framed(Opcode.CLOSE, b""))

    assert listener.heard == ["Hello", ("ended",)]
    assert cable.is_closed
    cable, listener = make(house())
    cable.says(broken + framed(Opcode.CLOSE, b"\x03\xe8"))
    assert set(listener.heard) == {("ended",)}
    assert cable.is_closed


@pytest.mark.parametrize("make", [straight, ordinary])
async def test_after_a_farewell_nothing_more_is_written(make: Any) -> None:
    cable, listener = make(house())

    cable.says(framed(Opcode.TEXT, b"Hello") + framed(Opcode.CLOSE, b"\x03\xe8"))

    # What is written may still wait for its turn in the transport: whatever came now would follow it.
    assert listener.heard == ["Hello", ("ended",)]
    assert cable.written == Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=False)


async def test_what_waits_to_be_sent_is_known() -> None:
    cable, listener = straight(house())
    cable.written = b"12345"
    assert listener.wire.backlog() == 5


# --- Who comes in ----------------------------------------------------------------------------------


class Host:
    """Lets everybody in, or nobody, and remembers who asked."""

    def __init__(self, greeting: bytes | None) -> None:
        self.greeting = greeting
        self.asked: list[tuple[str, bool]] = []
        self.listener = Listener()

    def __call__(
        self, opening: Opening, wire: StraightWebSocket, *, address: str, is_secure: bool
    ) -> bytes | None:
        self.asked.append((address, is_secure))
        if self.greeting is not None:
            wire.adopt(self.listener)
        return self.greeting


def knock(
    data: bytes,
    *,
    greeting: bytes | None = b"hello",
    client: tuple[str, int] = ("10.0.0.7", 1),
    **options: Any,
) -> tuple[Cable, Host, House]:
    """Say this to a door behind which a host waits."""
    host = Host(greeting)
    doors.welcome_with(host)
    shared = house(**options)
    shared.state.default_headers = [(b"date", b"today")]
    cable = Cable(client)
    Door._known = shared
    door = Door(shared.config, shared.state, {})
    door.connection_made(cable)
    assert shared.connections == {door}
    cable.set_protocol(door)
    cable.says(data)
    return cable, host, shared


async def test_a_usual_opening_is_a_websocket_at_once() -> None:
    cable, host, shared = knock(request(HEADERS))

    assert cable.written.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert cable.written.endswith(b"\r\ndate: today\r\n\r\nhello")
    assert type(cable.protocol) is StraightWebSocket
    assert shared.connections == {cable.protocol}
    cable.says(framed(Opcode.TEXT, b"2"))
    assert host.listener.heard == ["2"]


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\nHost: x\r\n", request(HEADERS)[:-2], b"G", changed(Cookie="")[:-2]]
)
async def test_everything_else_is_http(data: bytes) -> None:
    cable, host, shared = knock(data)

    assert host.asked == []
    assert isinstance(cable.protocol, HttpProtocol)
    assert shared.connections == {cable.protocol}
    assert cable.written == b""


async def test_whom_the_host_does_not_let_in_comes_in_as_ever() -> None:
    cable, host, shared = knock(request(HEADERS), greeting=None)

    assert len(host.asked) == 1
    assert isinstance(cable.protocol, WebSocketProtocol)  # uvicorn asks the application now
    assert shared.connections == {cable.protocol}
    assert cable.written == b""
    await asyncio.sleep(0)


@pytest.mark.parametrize("options", [{"root_path": "/blog"}, {"ws_per_message_deflate": True}])
async def test_a_server_of_another_kind_has_no_short_way(options: dict[str, Any]) -> None:
    cable, host, _ = knock(request(HEADERS), **options)

    assert host.asked == []
    assert isinstance(cable.protocol, WebSocketProtocol)
    await asyncio.sleep(0)


async def test_who_wants_connections_in_the_log_gets_them_there(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "uvicorn.error")

    _, host, _ = knock(request(HEADERS))

    assert host.asked == []
    await asyncio.sleep(0)


async def test_a_connection_that_says_nothing_is_closed_with_the_process() -> None:
    cable, _, shared = knock(b"")
    door = cable.protocol
    door.connection_made(cable)

    door.shutdown()
    door.connection_lost(None)

    assert cable.is_closed
    assert shared.connections == set()


FORWARDED: dict[str, dict[str, str | None]] = {
    "nothing": {},
    "an address": {"X_Forwarded_For": "203.0.113.9"},
    "an address with a port": {"X_Forwarded_For": "203.0.113.9:4711"},
    "several": {"X_Forwarded_For": "198.51.100.1, 203.0.113.9, 10.0.0.8"},
    "an address of the sixth kind": {"X_Forwarded_For": "[2001:db8::1]:80"},
    "only proxies": {"X_Forwarded_For": "10.0.0.8, 10.0.0.7"},
    "nonsense": {"X_Forwarded_For": "unknown"},
    "commas": {"X_Forwarded_For": ",,"},
    "TLS": {"X_Forwarded_Proto": "https"},
    "TLS for websockets": {"X_Forwarded_Proto": "wss", "X_Forwarded_For": "203.0.113.9"},
    "no TLS": {"X_Forwarded_Proto": "http"},
    "a scheme that is none": {"X_Forwarded_Proto": "gopher"},
}


@pytest.mark.parametrize("headers", [pytest.param(value, id=name) for name, value in FORWARDED.items()])
@pytest.mark.parametrize("trusted", [["10.0.0.0/24"], ["127.0.0.1"], "*", [], ["10.0.0.7", "203.0.113.9"]])
@pytest.mark.parametrize("proxy_headers", [True, False])
async def test_a_proxy_is_believed_as_on_the_ordinary_way(
    headers: dict[str, str | None], trusted: Any, proxy_headers: bool
) -> None:
    scopes: list[Any] = []

    async def remember(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    data = changed(**headers)
    named = [
        (name.lower().replace("_", "-").encode(), str(value).encode()) for name, value in headers.items()
    ]
    asked = ProxyHeadersMiddleware(remember, trusted) if proxy_headers else remember
    await asked(
        cast(Any, {"type": "websocket", "client": ("10.0.0.7", 1), "scheme": "ws", "headers": named}),
        cast(Any, None),
        cast(Any, None),
    )

    _, host, _ = knock(data, proxy_headers=proxy_headers, forwarded_allow_ips=trusted)

    [scope] = scopes
    assert host.asked == [(scope["client"][0], scope["scheme"] == "wss")]
