"""A handshake at one glance is answered as one that took the ordinary way, byte by byte.

What comes in two pieces always takes the ordinary way. So each request is sent twice, whole and in two, and
the two answers are compared: on `serve` they are two pieces of code, on `runserver` one.
"""

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from tests.servers import Site
from tests.tasks import patience

from ..test_opening import HEADERS, PATH
from ..test_opening import request as make
from .conftest import Cast, complaints
from .reader import WITHIN

ACCEPTED = "HTTP/1.1 101"


@dataclass
class Answer:
    """What a server said to a handshake; ids and the time of day are left out."""

    first_line: str
    headers: dict[str, str]
    rest: str


class Line:
    """A connection on which a test says what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, site: Site) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", site.port))

    async def say(self, data: bytes, *, in_pieces: int = 1) -> None:
        size = len(data) // in_pieces + 1
        for start in range(0, len(data), size):
            if start > 0:
                await asyncio.sleep(0.05)
            self._writer.write(data[start : start + size])
            await self._writer.drain()

    async def tell(self, *texts: str) -> None:
        """Send text messages, all in one write."""
        frames = [Frame(Opcode.TEXT, text.encode()).serialize(mask=True) for text in texts]
        await self.say(b"".join(frames))

    async def answer(self) -> Answer:
        head = (await self._within(self._reader.readuntil(b"\r\n\r\n"))).decode()
        first_line, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        pairs = [line.split(": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs if name.lower() != "date"}
        rest = await self.hear() if first_line.startswith(ACCEPTED) else await self.rest()
        return Answer(first_line, headers, _without_id(rest))

    async def hear(self) -> str:
        """The next message."""
        first, length = await self._within(self._reader.readexactly(2))
        assert first == 0x81, hex(first)
        if length == 126:
            length = int.from_bytes(await self._within(self._reader.readexactly(2)))
        return (await self._within(self._reader.readexactly(length))).decode()

    async def rest(self) -> str:
        """All until the server closes."""
        return (await self._within(self._reader.read())).decode()

    async def close(self) -> None:
        self._writer.close()

    async def _within(self, reading: Any) -> bytes:
        async with patience(WITHIN):
            read: bytes = await reading
            return read


def _without_id(text: str) -> str:
    return re.sub(r'"sid":"[^"]+"', '"sid":""', text)


async def both_ways(site: Site, data: bytes) -> tuple[Answer, Answer]:
    answers = []
    for pieces in (1, 2):
        line = await Line.open(site)
        await line.say(data, in_pieces=pieces)
        answers.append(await line.answer())
        await line.close()
    return answers[0], answers[1]


def headers(site: Site, **more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {**HEADERS, "Host": f"127.0.0.1:{site.port}", **named}


USUAL: dict[str, dict[str, str]] = {
    "nothing more": {},
    "keep-alive": {"Connection": "keep-alive, Upgrade"},
    "WebSocket": {"Upgrade": "WebSocket"},
    "the site's origin": {"Origin": "http://127.0.0.1:{port}"},
    "an offer of compression": {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"},
    "several cookies": {"Cookie": 'csrftoken=x; sessionid=none; other="a b"'},
    "a long cookie": {"Cookie": "x=" + "y" * 6_000},
    "a very long cookie": {"Cookie": "x=" + "y" * 7_990},
    "a language": {"Accept_Language": "ko-KR,ko;q=0.9"},
    "a proxy": {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "http"},
}


@pytest.mark.parametrize("more", [pytest.param(value, id=name) for name, value in USUAL.items()])
async def test_who_is_let_in_hears_the_same(site: Site, more: dict[str, str]) -> None:
    sent = {name: value.format(port=site.port) for name, value in more.items()}

    whole, in_two = await both_ways(site, make(headers(site, **sent)))

    assert whole == in_two
    assert whole.first_line.startswith(ACCEPTED)
    assert json.loads(whole.rest[1:])["upgrades"] == []


@pytest.mark.parametrize("capitals", [str.lower, str.upper])
async def test_capitals_mean_nothing(site: Site, capitals: Any) -> None:
    sent = {capitals(name): value for name, value in headers(site, Origin=site.url).items()}

    whole, in_two = await both_ways(site, make(sent))

    assert whole == in_two
    assert whole.first_line.startswith(ACCEPTED)


UNUSUAL: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "another's page": ({}, {"Origin": "https://evil.example"}),
    "no page": ({}, {"Origin": "null"}),
    "the wrong scheme": ({}, {"Origin": "https://127.0.0.1:{port}"}),
    "a host that is not ours": ({}, {"Origin": "http://evil.example", "Host": "evil.example"}),
    "a bad key": ({}, {"Sec_WebSocket_Key": "x"}),
    "an old version": ({}, {"Sec_WebSocket_Version": "12"}),
    "an id of nobody": ({"path": PATH + "&sid=nobody"}, {}),
    "polling": ({"path": "/socket.io/?EIO=4&transport=polling"}, {}),
    "an unknown transport": ({"path": "/socket.io/?EIO=4&transport=pigeons"}, {}),
    "no transport": ({"path": "/socket.io/?EIO=4"}, {}),
    "an old protocol": ({"path": "/socket.io/?EIO=3&transport=websocket"}, {}),
    "JSONP": ({"path": PATH + "&j=1"}, {}),
    "elsewhere": ({"path": "/elsewhere/"}, {}),
}
# What the servers themselves do not agree about.
AS_THE_SERVER_LIKES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "HTTP/1.0": ({"first": "GET {} HTTP/1.0"}, {}),
    "a site of which a proxy says that it has TLS": (
        {},
        {"Origin": "http://127.0.0.1:{port}", "X_Forwarded_Proto": "https"},
    ),
    "an empty header": ({}, {"Cookie": ""}),
    "a subprotocol": ({}, {"Sec_WebSocket_Protocol": "chat"}),
    "no body": ({}, {"Content_Length": "0"}),
}


@pytest.mark.parametrize(("how", "more"), [pytest.param(*value, id=name) for name, value in UNUSUAL.items()])
async def test_who_is_turned_away_hears_the_same(
    site: Site, how: dict[str, Any], more: dict[str, str]
) -> None:
    sent = {name: value.format(port=site.port) for name, value in more.items()}
    position = site.log.position

    whole, in_two = await both_ways(site, make(headers(site, **sent), **how))

    assert whole == in_two
    assert not whole.first_line.startswith(ACCEPTED)
    assert all("ERROR" not in line or "origin" in line for line in complaints(site, position))


@pytest.mark.parametrize(
    ("how", "more"), [pytest.param(*value, id=name) for name, value in AS_THE_SERVER_LIKES.items()]
)
async def test_the_short_way_has_no_opinion_of_its_own(
    site: Site, how: dict[str, Any], more: dict[str, str]
) -> None:
    sent = {name: value.format(port=site.port) for name, value in more.items()}

    whole, in_two = await both_ways(site, make(headers(site, **sent), **how))

    assert whole == in_two


async def test_what_is_said_afterwards_is_answered_the_same(site: Site, cast: Cast, post_id: int) -> None:
    heard = []
    for pieces in (1, 2):
        line = await Line.open(site)
        cookie = f"sessionid={cast.stranger.session}"
        await line.say(make(headers(site, Cookie=cookie, Origin=site.url)), in_pieces=pieces)
        await line.answer()
        await line.tell("40")
        texts = [await line.hear()]
        await line.tell(f'427["join_post",{{"postId":"{post_id}"}}]', '428["leave_post",1]', '429["nothing"]')
        texts += [await line.hear() for _ in range(6)]
        heard.append([_without_id(text) for text in texts])
        await line.close()

    assert heard[0] == heard[1]
    assert [text[:4] for text in heard[0]] == ['40{"', '42["', '42["', "437[", "438[", '42["', "439["]


async def test_a_first_message_right_behind_the_request_harms_nothing(site: Site) -> None:
    """No client may send it so early; the answer to the request must not suffer."""
    early = Frame(Opcode.TEXT, b"40").serialize(mask=True)

    for pieces in (1, 2):
        line = await Line.open(site)
        await line.say(make(headers(site)) + early, in_pieces=pieces)
        answer = await line.answer()
        assert answer.first_line.startswith(ACCEPTED)
        await line.close()
