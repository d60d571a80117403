"""A reader's browser as a test sees it: python-socketio's client, and everything it has heard."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

import aiohttp
import pytest
import socketio
import socketio.exceptions
import socketio.packet

from tests.servers import Person, Site
from tests.tasks import patience

Transport = Literal["websocket", "polling"]
WITHIN = 5.0  # seconds for an answer or an event


class _Packet(socketio.packet.Packet):  # type: ignore[misc]
    """With JSON as other programs write it; our server's own, once imported, would apply to us too."""

    json = json


def limit(within: float | None) -> AbstractAsyncContextManager[Any]:
    """Seconds that are named are a promise of the server's, and wall-clock ones; without, one is patient."""
    return patience(WITHIN) if within is None else asyncio.timeout(within)


class Reader:
    """One connection of one person."""

    def __init__(self, site: Site, person: Person | None, transport: Transport) -> None:
        self.site = site
        self.person = person
        self.transport = transport
        self._answers: list[aiohttp.ClientResponse] = []
        note = aiohttp.TraceConfig()
        note.on_request_end.append(self._note_answer)
        self._http = aiohttp.ClientSession(trace_configs=[note])
        self.client = socketio.AsyncClient(reconnection=False, http_session=self._http, serializer=_Packet)
        self.client.on("*", self._hear)
        self.client.on("connect_error", self._refused)
        self.heard: list[tuple[str, tuple[Any, ...]]] = []
        self.refusals: list[dict[str, Any]] = []
        self._read = 0
        self._news = asyncio.Event()

    async def open(self, headers: dict[str, str] | None = None) -> "Reader":
        """Connect; raises `socketio.exceptions.ConnectionError` when refused."""
        cookies = {} if self.person is None else {"Cookie": f"sessionid={self.person.session}"}
        await self.client.connect(
            self.site.url,
            headers={**cookies, **(headers or {})},
            transports=[self.transport],
            wait_timeout=WITHIN,
        )
        return self

    async def close(self) -> None:
        await self.client.disconnect()
        for answer in self._answers:  # the library drops those that tell it of a closed connection
            answer.close()
        await self._http.close()

    async def wait_until_closed(self, within: float | None = None) -> None:
        """Until the server has closed the transport itself."""
        async with limit(within):
            while self.client.connected or self.client.eio.state != "disconnected":
                await asyncio.sleep(0.01)

    # --- Asking ------------------------------------------------------------------------------

    async def ask(self, event: str, *arguments: Any) -> dict[str, Any]:
        """Send a request and return its ack."""
        answer: dict[str, Any] = await self.client.call(event, arguments, timeout=WITHIN)
        return answer

    async def tell(self, event: str, *arguments: Any) -> None:
        """Send a request without asking for an ack."""
        await self.client.emit(event, arguments)

    async def join(self, post_id: int, **details: Any) -> tuple[list[Any], dict[str, Any]]:
        """Enter a post's room; the comments and what came with them."""
        await self.ask("join_post", {"postId": post_id, **details})
        comments, meta = await self.next("load_comments")
        return comments, meta

    async def write(self, post_id: int, content: str, **details: Any) -> dict[str, Any]:
        """Publish a comment and return it as the ack has it."""
        request = {"postId": str(post_id), "content": content, **details}
        answer = await self.ask("new_comment", request)
        assert answer["ok"], answer
        comment: dict[str, Any] = answer["comment"]
        return comment

    # --- Hearing -----------------------------------------------------------------------------

    async def next(
        self, event: str, where: Callable[..., bool] = lambda *_: True, within: float | None = None
    ) -> tuple[Any, ...]:
        """The arguments of the next such event; what came before it counts as read."""
        try:
            async with limit(within):
                while True:
                    while self._read < len(self.heard):
                        name, arguments = self.heard[self._read]
                        self._read += 1
                        if name == event and where(*arguments):
                            return arguments
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {event} among {self.heard}") from None

    async def settle(self) -> None:
        """Until everything that the server had for this reader has arrived.

        What it sends to one connection arrives in order, so an answer comes after all before it.
        """
        await self.ask("load_more", {"postId": "1", "before": "1"})
        await asyncio.sleep(0)

    def all(self, event: str) -> list[Any]:
        """The first argument of every such event so far."""
        return [arguments[0] for name, arguments in self.heard if name == event]

    def names(self) -> set[str]:
        """Every event heard so far."""
        return {name for name, _ in self.heard}

    async def _note_answer(self, _: object, __: object, params: aiohttp.TraceRequestEndParams) -> None:
        self._answers.append(params.response)

    async def _hear(self, event: str, *arguments: Any) -> None:
        self.heard.append((event, arguments))
        self._news.set()

    async def _refused(self, data: dict[str, Any]) -> None:
        self.refusals.append(data)


def ids(comments: list[Any]) -> list[str]:
    return [comment["_id"] for comment in comments]


async def refusal(site: Site, person: Person | None, transport: Transport, **headers: str) -> dict[str, Any]:
    """How a connection is refused."""
    reader = Reader(site, person, transport)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await reader.open(headers)
    await reader.close()
    [refused] = reader.refusals
    return refused
