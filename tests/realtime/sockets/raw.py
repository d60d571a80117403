"""Connections that speak frame by frame, so that a test can say what no client library would."""

import base64
import json
from collections import deque
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
import websockets

from tests.servers import Person, Site
from tests.tasks import patience

from .reader import WITHIN, Transport, limit

Frame = str | bytes
Headers = dict[str, str]


class Raw(Protocol):
    """One Engine.IO connection. Frames are whole: "4" and what follows, or bytes."""

    async def open(self) -> dict[str, Any]:
        """The engine's handshake; what the server said about the connection."""

    async def send(self, *frames: Frame) -> None: ...

    async def receive(self) -> Frame:
        """The next frame; raises `Closed` when the server has ended the connection."""

    async def hang_up(self) -> None:
        """Go away as a closed browser does."""


class Closed(Exception):
    """The server has ended this connection."""


def headers_of(person: Person | None) -> Headers:
    return {} if person is None else {"Cookie": f"sessionid={person.session}"}


def query(**parameters: str) -> str:
    return "/socket.io/?" + urlencode({"EIO": "4", **parameters})


class RawWebSocket:
    def __init__(self, site: Site, headers: Headers) -> None:
        self._url = site.url.replace("http", "ws", 1)
        self._headers = headers
        self._ws: websockets.ClientConnection | None = None

    async def open(self) -> dict[str, Any]:
        await self.open_at(query(transport="websocket"))
        return _read_open(await self.receive())

    async def open_for(self, sid: str) -> None:
        """A websocket to which the polling connection `sid` may move."""
        await self.open_at(query(transport="websocket", sid=sid))

    async def open_at(self, path: str) -> None:
        self._ws = await websockets.connect(
            self._url + path,
            additional_headers=self._headers,
            compression=None,
            ping_interval=None,
            max_size=None,
        )

    @property
    def ws(self) -> websockets.ClientConnection:
        assert self._ws is not None, "not open yet"
        return self._ws

    async def send(self, *frames: Frame) -> None:
        for frame in frames:
            await self.ws.send(frame)

    async def receive(self) -> Frame:
        try:
            async with patience(WITHIN):
                return await self.ws.recv()
        except websockets.ConnectionClosed as end:
            raise Closed from end

    async def hang_up(self) -> None:
        if self._ws is not None:
            self._ws.transport.abort()
            await self._ws.wait_closed()


class RawPolling:
    def __init__(self, site: Site, headers: Headers) -> None:
        self._http = aiohttp.ClientSession(base_url=site.url, headers=headers)
        self._frames: deque[Frame] = deque()
        self.sid = ""

    async def open(self) -> dict[str, Any]:
        async with self._http.get(query(transport="polling")) as answer:
            assert answer.status == 200, await answer.text()
            opened = _read_open(await answer.text())
        self.sid = opened["sid"]
        return opened

    async def send(self, *frames: Frame) -> None:
        encoded = [
            "b" + base64.b64encode(frame).decode() if isinstance(frame, bytes) else frame for frame in frames
        ]
        await self.post("\x1e".join(encoded).encode())

    async def post(self, body: bytes) -> int:
        """Send any body; the status it was answered with."""
        async with self._http.post(self._url, data=BytesIO(body)) as answer:
            return answer.status

    async def receive(self) -> Frame:
        while not self._frames:
            timeout = aiohttp.ClientTimeout(total=WITHIN)
            async with self._http.get(self._url, timeout=timeout) as answer:
                if answer.status != 200:
                    raise Closed
                text = await answer.text()
                self._frames.extend(_decoded(frame) for frame in text.split("\x1e") if frame)
        return self._frames.popleft()

    async def hang_up(self) -> None:
        if self.sid and not self._http.closed:
            await self.post(b"1")
        await self.close()

    async def close(self) -> None:
        """Go away without a word."""
        await self._http.close()

    @property
    def _url(self) -> str:
        return query(transport="polling", sid=self.sid)


def raw_connection(site: Site, person: Person | None, transport: Transport, **headers: str) -> Raw:
    kind = RawWebSocket if transport == "websocket" else RawPolling
    return kind(site, {**headers_of(person), **headers})


async def say_connect(raw: Raw) -> str:
    """Connect to the default namespace as an admitted reader; the socket's id."""
    await raw.send("40")
    frame = await raw.receive()
    assert isinstance(frame, str)
    assert frame.startswith("40{"), frame
    return str(json.loads(frame[2:])["sid"])


async def frames_until_closed(raw: Raw, within: float | None = None) -> list[Frame]:
    """What the server still says before it ends the connection; fails if it does not end it."""
    frames = []
    try:
        async with limit(within):
            while True:
                frames.append(await raw.receive())
    except Closed:
        return frames
    except TimeoutError:
        raise AssertionError(f"still open after {within or WITHIN} s, having said {frames}") from None


def _read_open(frame: Frame) -> dict[str, Any]:
    assert isinstance(frame, str)
    assert frame.startswith("0{"), frame
    opened: dict[str, Any] = json.loads(frame[1:])
    return opened


def _decoded(frame: str) -> Frame:
    return base64.b64decode(frame[1:]) if frame.startswith("b") else frame
