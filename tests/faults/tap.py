"""Between the servers and Redis: passes messages on, or loses, doubles and delays some of them."""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.servers import free_port

MESSAGE = b"$7\r\nmessage\r\n"


class Tap:
    """A Redis to its clients. Each of `loses`, `doubles` and `delays` is a share of all messages
    published, from 0 to 1; everything else that is said passes unchanged."""

    def __init__(self, target: int, random_: random.Random) -> None:
        self.loses = self.doubles = self.delays = 0.0
        self.tampered = 0
        self._target = target
        self._port = free_port()
        self._random = random_

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def tamper(self, *, loses: float = 0, doubles: float = 0, delays: float = 0) -> None:
        self.loses, self.doubles, self.delays = loses, doubles, delays

    async def serve(self, stop: asyncio.Event) -> None:
        async with await asyncio.start_server(self._accept, "127.0.0.1", self._port):
            await stop.wait()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._ask(reader, their_writer))
                both.create_task(self._answer(their_reader, writer))
        except* (OSError, asyncio.IncompleteReadError):
            pass  # one side has gone: so has the connection
        finally:
            for side in (writer, their_writer):
                side.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            reply = await _read_reply(reader)
            if MESSAGE not in reply[:32]:
                writer.write(reply)
                continue
            fate = self._random.random()
            if fate < self.loses + self.doubles + self.delays:
                self.tampered += 1
            if fate < self.loses:
                continue
            if fate < self.loses + self.doubles:
                writer.write(reply)
            elif fate < self.loses + self.doubles + self.delays:
                delay = self._random.uniform(0.01, 0.6)
                asyncio.get_running_loop().call_later(delay, writer.write, reply)
                continue
            writer.write(reply)


async def _read_reply(reader: asyncio.StreamReader) -> bytes:
    """One whole reply in Redis' protocol, as it came."""
    line = await reader.readline()
    if not line:
        raise ConnectionResetError
    kind, size = line[:1], line[1:-2]
    if kind in b"$=!" and int(size) >= 0:
        return line + await reader.readexactly(int(size) + 2)
    if kind in b"*>~%" and int(size) >= 0:
        number = int(size) * (2 if kind == b"%" else 1)
        return line + b"".join([await _read_reply(reader) for _ in range(number)])
    return line


@contextmanager
def tapped(target: int, seed: int = 0) -> Iterator[Tap]:
    """A tap that runs in a thread until the block ends: servers outlive the loops of tests."""
    tap = Tap(target, random.Random(seed))
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(tap.serve(stop))
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield tap
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
