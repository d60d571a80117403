"""The network between a browser and a server, which a test can cut, dam and mend."""

import asyncio
from types import TracebackType
from typing import Self

from tests.tasks import end

CHUNK = 65_536


class Proxy:
    """Passes bytes on to a port. Use it as an async context manager.

    `cut` resets every connection and refuses new ones; `dam` lets connections stand and nothing pass,
    as a train in a tunnel does; `mend` ends both. What a dam has held back flows on when it is mended,
    unless `cut` followed. `break_off` cuts the next answer that has these words, right before them.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._refuses = False
        self._breaks_at = b""
        self.port = 0

    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.reset()
        await end(self._links)

    # --- Faults ------------------------------------------------------------------------------

    def reset(self) -> None:
        """Cut what is open; new connections succeed."""
        for writer in self._writers:
            writer.transport.abort()

    def cut(self) -> None:
        self._refuses = True
        self._open.set()
        self.reset()

    def dam(self) -> None:
        self._open.clear()

    def break_off(self, before: str) -> None:
        self._breaks_at = before.encode()

    def mend(self) -> None:
        self._refuses = False
        self._open.set()

    # --- Passing on --------------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        task.add_done_callback(self._links.discard)
        if self._refuses:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            await self._open.wait()
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the server is down: so is the connection to it
            writer.transport.abort()
            return
        finally:
            self._writers.discard(writer)
        self._writers |= {writer, their_writer}
        try:
            await asyncio.gather(self._pass(reader, their_writer), self._pass(their_reader, writer))
        except asyncio.CancelledError:  # the test is over; asyncio would write a traceback for it
            return
        finally:
            self._writers -= {writer, their_writer}
            for side in (writer, their_writer):
                side.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                await self._open.wait()
                is_cut = self._breaks_at and self._breaks_at in data
                writer.write(data.partition(self._breaks_at)[0] if is_cut else data)
                await writer.drain()
                if is_cut:
                    self._breaks_at = b""
                    await asyncio.sleep(0.1)  # the other side has read it by then
                    writer.transport.abort()
                    return
            if writer.can_write_eof():
                writer.write_eof()
        except OSError:
            writer.transport.abort()
