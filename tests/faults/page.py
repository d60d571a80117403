"""A reader's open page without a browser: python-socketio's client and what static/js does around it.

It comes back whenever it lost its connection, keeps what it writes in an outbox until the server has
confirmed or refused it, and holds the post's comments in a `Room`.
"""

import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self
from uuid import uuid4

import aiohttp
import socketio
import socketio.exceptions
import socketio.packet

from tests.servers import Person
from tests.tasks import end

from .room import Comment, Room

Transport = Literal["websocket", "polling"]
# The browser is more patient with each of these, which would only make tests longer.
REQUEST_TIMEOUT = 3.0
CONNECT_TIMEOUT = 5.0
RETRY = 0.3
ROOM_EVENTS = ("comment_added", "comment_updated", "comment_removed")
PASSING = {"internal", "rate_limited"}


class Packet(socketio.packet.Packet):  # type: ignore[misc]
    """With JSON as other programs write it; our server's own, once imported, would apply to us too."""

    json = json


class NoAnswer(Exception):
    """Nobody knows whether the server did it."""


class Refusal(Exception):
    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(answer)
        self.code = str(answer["code"])
        self.retry_after = float(answer.get("retryAfter", 0))


@dataclass(slots=True)
class Entry:
    """One comment that its writer wants to publish."""

    content: str
    client_id: str = field(default_factory=lambda: str(uuid4()))


class Page:
    """Use it as an async context manager: it is live inside the block.

    `url` is asked for the address at each attempt, so a page can come back elsewhere. `source` is the
    address that its own connections come from.
    """

    namespace = "/"

    def __init__(
        self,
        url: Callable[[], str],
        person: Person,
        post_id: int,
        *,
        transport: Transport = "websocket",
        source: str = "127.0.0.1",
    ) -> None:
        self.person = person
        self.post_id = post_id
        self.room = Room(on_gap=lambda: self._start(self._join()))
        self.sent: dict[str, Entry] = {}
        self.confirmed: dict[str, Comment] = {}
        self.refused: dict[str, str] = {}
        self.outbox: deque[Entry] = deque()
        self.connections = 0
        self.attempts = 0
        # Of each answered request: when it was asked, and how many seconds that took.
        self.answers: list[tuple[float, float]] = []
        self.refusals: Counter[str] = Counter()
        self.session_ended: dict[str, Any] | None = None
        # The texts of this reader's own comments by id; None where nobody knows whether an edit counted.
        self.texts: dict[str, str | None] = {}
        # Edits that were not answered. One may wait for the database in a process that lost us, and count
        # after a later one that was answered; the reader who sees that edits again.
        self.unanswered: dict[str, set[str]] = {}
        self._url = url
        self._transport = transport
        self._source = source
        self._client: socketio.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending: set[asyncio.Future[dict[str, Any]]] = set()
        self._lost = asyncio.Event()
        self._live = asyncio.Event()
        self._written = asyncio.Event()
        self._is_joining = False
        self.is_ended = False

    async def __aenter__(self) -> Self:
        self._start(self._stay_connected())
        self._start(self._send())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.room.close()
        await end(self._tasks)

    async def live(self, within: float = 15.0) -> None:
        """Until it is in its room."""
        async with asyncio.timeout(within):
            await self._live.wait()

    @property
    def is_live(self) -> bool:
        return self._live.is_set()

    def drop(self) -> None:
        """Lose the connection; the page comes back by itself."""
        self._lost.set()

    # --- Writing -----------------------------------------------------------------------------

    def write(self, content: str) -> Entry:
        """Put a comment into the outbox, from where it is sent until it is confirmed or refused."""
        entry = Entry(content)
        self.sent[entry.client_id] = entry
        self.outbox.append(entry)
        self._written.set()
        return entry

    async def edit(self, comment_id: str, content: str) -> None:
        """Change one's own comment, if that is possible just now."""
        self.texts[comment_id] = None
        unanswered = self.unanswered.setdefault(comment_id, set())
        unanswered.add(content)
        with suppress(NoAnswer, Refusal):
            answer = await self.request("edit_comment", {"commentId": comment_id, "content": content})
            unanswered.remove(content)
            self.texts[comment_id] = content
            self.room.know(answer["comment"])

    async def remove(self, comment_id: str) -> None:
        self.texts[comment_id] = None
        with suppress(NoAnswer, Refusal):
            await self.request("delete_comment", {"commentId": comment_id})

    async def _send(self) -> None:
        while True:
            self._written.clear()
            if not self.outbox:
                await self._written.wait()
                continue
            await self._live.wait()
            entry = self.outbox[0]
            draft = {"postId": str(self.post_id), "content": entry.content, "clientId": entry.client_id}
            self.attempts += 1
            try:
                comment = (await self.request("new_comment", draft))["comment"]
            except NoAnswer:
                await asyncio.sleep(RETRY)
                continue
            except Refusal as refusal:
                if refusal.code in PASSING:
                    await asyncio.sleep(max(RETRY, min(refusal.retry_after, 1)))
                    continue
                self.refused[entry.client_id] = refusal.code
            else:
                self.confirmed[entry.client_id] = comment
                self.texts[comment["_id"]] = entry.content
                self.room.know(comment)
            self.outbox.popleft()

    def spoken(self, event: str, data: Any) -> tuple[str, Any]:
        """How this page's namespace says it."""
        return event, data

    def understood(self, answer: dict[str, Any]) -> dict[str, Any]:
        """And its answer, as that of a post's."""
        return answer

    async def request(self, event: str, data: Any) -> dict[str, Any]:
        """The ack; raises `Refusal` or `NoAnswer`."""
        event, data = self.spoken(event, data)
        client = self._client
        if client is None or not client.connected or self._lost.is_set():
            raise NoAnswer
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._pending.add(future)
        asked_at = time.monotonic()
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                await client.emit(
                    event, data, self.namespace, callback=lambda *answer: _settle(future, answer)
                )
                answer = await future
        except (TimeoutError, socketio.exceptions.SocketIOError) as problem:
            raise NoAnswer from problem
        finally:
            self._pending.discard(future)
        self.answers.append((asked_at, time.monotonic() - asked_at))
        if not answer["ok"]:
            self.refusals[answer["code"]] += 1
            raise Refusal(answer)
        return self.understood(answer)

    # --- The connection ----------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        while not self.is_ended:
            with suppress(socketio.exceptions.ConnectionError, TimeoutError, aiohttp.ClientError, OSError):
                await self._connect_once()
            if not self.is_ended:
                await asyncio.sleep(random.uniform(0.05, 0.5))

    async def _connect_once(self) -> None:
        answers: list[aiohttp.ClientResponse] = []
        note = aiohttp.TraceConfig()

        async def keep(_: object, __: object, params: aiohttp.TraceRequestEndParams) -> None:
            answers.append(params.response)

        note.on_request_end.append(keep)
        self._lost.clear()
        connector = aiohttp.TCPConnector(local_addr=(self._source, 0))
        async with aiohttp.ClientSession(trace_configs=[note], connector=connector) as http:
            client = socketio.AsyncClient(reconnection=False, http_session=http, serializer=Packet)
            client.on("*", self._hear, namespace=self.namespace)
            client.on("disconnect", self._disconnected, namespace=self.namespace)
            client.on("connect_error", self._refuse, namespace=self.namespace)
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    await client.connect(
                        self._url(),
                        headers={"Cookie": f"sessionid={self.person.session}"},
                        transports=[self._transport],
                        namespaces=[self.namespace],
                        wait_timeout=CONNECT_TIMEOUT,
                    )
                # An answer that breaks off in its middle ends a task of the library's, which tells nobody.
                for task in (client.eio.read_loop_task, client.eio.write_loop_task):
                    task.add_done_callback(partial(self._came_to_its_end, client))
                self._client = client
                self.connections += 1
                self._start(self._join())
                await self._lost.wait()
            finally:
                self._forget()
                with suppress(TimeoutError, aiohttp.ClientError, OSError):
                    async with asyncio.timeout(1):
                        await client.disconnect()
                for answer in answers:  # the library drops those that tell it of a closed connection
                    answer.close()

    def _forget(self) -> None:
        self._client = None
        self._live.clear()
        for future in self._pending:
            if not future.done():
                future.set_exception(NoAnswer())

    def _came_to_its_end(self, client: socketio.AsyncClient, task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            task.exception()  # nobody else asks for it
        if self._client is client:
            self._lost.set()

    async def _disconnected(self, reason: str) -> None:
        self._lost.set()

    async def _refuse(self, error: dict[str, Any]) -> None:
        data = error.get("data") if isinstance(error, dict) else None
        if data and data.get("code") == "sign_in":
            self.is_ended = True

    async def _join(self) -> None:
        if self._is_joining or self._client is None:
            return
        self._is_joining = True
        self.room.asking()
        since = {"since": self.room.version} if self.room.version else {}
        try:
            await self.request("join_post", {"postId": str(self.post_id), **since})
            await self._refresh()
            self._live.set()
        except (NoAnswer, Refusal):
            self.room.ask_again(RETRY)
            if self._client is not None:
                asyncio.get_running_loop().call_later(RETRY, lambda: self._start(self._join()))
        finally:
            self._is_joining = False

    async def _refresh(self) -> None:
        while (before := self.room.unsure) is not None:
            version = self.room.version
            answer = await self.request("load_more", {"postId": str(self.post_id), "before": str(before)})
            self.room.refresh(answer["comments"], before=before, has_more=answer["hasMore"], version=version)

    async def load_earlier(self) -> None:
        """Fetch what is before the page's first comment, all of it."""
        while self.room.has_earlier:
            before = str(self.room.first)
            answer = await self.request("load_more", {"postId": str(self.post_id), "before": before})
            self.room.add_earlier(answer["comments"], has_more=answer["hasMore"])

    async def _hear(self, event: str, *arguments: Any) -> None:
        payload = arguments[0]
        if event in ROOM_EVENTS:
            self.room.receive(event, payload)
        elif event == "post_version":
            self.room.hear(payload["version"])
        elif event == "load_comments":
            self.room.load(payload, arguments[1])
        elif event == "session_ended":
            self.session_ended = payload
            self.is_ended = True

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _settle(future: "asyncio.Future[dict[str, Any]]", answer: tuple[Any, ...]) -> None:
    if not future.done():
        future.set_result(answer[0])
