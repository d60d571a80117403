"""A town for each file of tests, whole again before each of them."""

from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Protocol

import pytest

from tests.realtime.sockets.reader import Reader, Transport
from tests.servers import Person, Site

from .town import Town, founded_town


@pytest.fixture(scope="module")
def standing_town() -> Iterator[Town]:
    with founded_town() as town:
        yield town


@pytest.fixture
def town(standing_town: Town) -> Iterator[Town]:
    yield standing_town
    standing_town.heal()


class Connect(Protocol):
    def __call__(
        self, site: Site, person: Person, transport: Transport = "websocket"
    ) -> Awaitable[Reader]: ...


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """`await connect(site, person)` opens a connection that is closed after the test."""
    readers: list[Reader] = []

    async def open_reader(site: Site, person: Person, transport: Transport = "websocket") -> Reader:
        reader = Reader(site, person, transport)
        readers.append(reader)
        return await reader.open()

    yield open_reader
    for reader in readers:
        await reader.close()
