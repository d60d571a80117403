"""Websockets as bare TCP: cheap enough for a thousand, and able to do what no client library would."""

import asyncio
import base64
import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from tests.servers import Person, Site

REQUEST = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
    "Host: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{cookie}\r\n"
)


class Wire:
    """One connection. `narrow` gives it the smallest buffer, for one that will not read."""

    _alive: ClassVar[set["Wire"]] = set()

    def __init__(self, site: Site, person: Person | None = None, *, narrow: bool = False) -> None:
        self._port = site.port
        self._person = person
        self._socket = socket.socket()
        self._socket.setblocking(False)
        if narrow:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._unread = b""
        self._alive.add(self)

    async def open(self, *, connect: bool = True) -> Self:
        """The websocket, and with `connect` the default namespace too."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        key = base64.b64encode(os.urandom(16)).decode()
        cookie = f"Cookie: sessionid={self._person.session}\r\n" if self._person else ""
        await self._send(REQUEST.format(port=self._port, key=key, cookie=cookie).encode())
        while b"\r\n\r\n" not in self._unread:
            await self._read_more()
        head, self._unread = self._unread.split(b"\r\n\r\n", 1)
        assert b" 101 " in head, head
        assert (await self.read()).startswith("0{")
        if connect:
            await self.say("40")
            assert (await self.read()).startswith("40{")
        return self

    async def say(self, *frames: str | bytes) -> None:
        """Send frames, strings as text."""
        await self._send(b"".join(map(_masked, frames)))

    async def read(self) -> str:
        """The next text frame; the server's pings are answered. Raises EOFError at the end."""
        while True:
            code, data = await self._read_frame()
            if code == 8:
                raise EOFError
            text = data.decode()
            if text == "2":
                await self.say("3")
            else:
                return text

    async def ask(self, number: int, event: str, *arguments: Any) -> dict[str, Any]:
        """A request's ack; events in between are passed over."""
        await self.say(f"42{number}{json.dumps([event, *arguments])}")
        return await self.ack(number)

    async def ack(self, number: int) -> dict[str, Any]:
        start = f"43{number}["
        while not (frame := await self.read()).startswith(start):
            pass
        answer: dict[str, Any] = json.loads(frame[len(start) - 1 :])[0]
        return answer

    async def until_closed(self) -> list[str]:
        """What still comes before the server ends the connection."""
        frames = []
        try:
            while True:
                frames.append(await self.read())
        except (EOFError, OSError):
            return frames

    def vanish(self) -> None:
        """Reset the connection."""
        self._alive.discard(self)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    @classmethod
    def all_vanish(cls) -> None:
        """At the end of a test, however it ended."""
        for wire in list(cls._alive):
            wire.vanish()

    async def _send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def _read_more(self) -> None:
        data = await asyncio.get_running_loop().sock_recv(self._socket, 65_536)
        if not data:
            raise EOFError
        self._unread += data

    async def _read_frame(self) -> tuple[int, bytes]:
        while True:
            size, start = _size(self._unread)
            if start and len(self._unread) >= start + size:
                frame = self._unread[start : start + size]
                code = self._unread[0] & 0x0F
                self._unread = self._unread[start + size :]
                return code, frame
            await self._read_more()


def _size(data: bytes) -> tuple[int, int]:
    """How long a frame's content is and where it starts; (0, 0) where too little has come to know."""
    if len(data) < 2:
        return 0, 0
    short = data[1] & 0x7F
    if short < 126:
        return short, 2
    form, end = ("!H", 4) if short == 126 else ("!Q", 10)
    return (struct.unpack(form, data[2:end])[0], end) if len(data) >= end else (0, 0)


def _masked(frame: str | bytes) -> bytes:
    data = frame.encode() if isinstance(frame, str) else frame
    first = 0x81 if isinstance(frame, str) else 0x82
    if len(data) < 126:
        head = struct.pack("!BB", first, 0x80 | len(data))
    elif len(data) < 65_536:
        head = struct.pack("!BBH", first, 0xFE, len(data))
    else:
        head = struct.pack("!BBQ", first, 0xFF, len(data))
    return head + b"\0\0\0\0" + data  # a mask of zeros changes nothing


async def open_wires(site: Site, people: Sequence[Person], number: int) -> list[Wire]:
    """So many admitted connections, of these people in turn, a few at a time."""
    wires = [Wire(site, people[index % len(people)]) for index in range(number)]
    for start in range(0, number, 50):
        await asyncio.gather(*(wire.open() for wire in wires[start : start + 50]))
    return wires
