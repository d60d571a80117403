"""Both servers, both transports, and the standing cast that meets on them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

import pytest

from tests.servers import Command, Person, Site, running_site
from tests.tasks import patience

from .reader import WITHIN, Reader, Transport

# Small pages and few rooms keep the tests short; nothing limits how fast they write.
ENVIRONMENT = {
    "BUDGETS": "off",
    "COMMENTS_PER_PAGE": "10",
    "COMMENT_MAX_LENGTH": "200",
    "ROOMS_PER_SOCKET": "4",
    "HEARTBEAT_INTERVAL": "3600",
}


SERVERS = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in get_args(Command)]


@pytest.fixture(scope="session", params=SERVERS)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A real server, once production's and once development's, shared by all tests."""
    with running_site(request.param, environment=ENVIRONMENT, watched=True) as site:
        assert site.post(author=site.person("founder")) == 1, "the one that `Reader.settle` asks about"
        yield site


@pytest.fixture(params=get_args(Transport))
def transport(request: pytest.FixtureRequest) -> Transport:
    chosen: Transport = request.param
    return chosen


@dataclass(frozen=True, slots=True)
class Cast:
    """The author writes the posts, the owner comments, the stranger is another reader."""

    author: Person
    owner: Person
    stranger: Person
    moderator: Person


@pytest.fixture(scope="session")
def cast(site: Site) -> Cast:
    return Cast(
        author=site.person("author", name="Ana Author"),
        owner=site.person("owner", name="Omar Owner"),
        stranger=site.person("stranger", name="Sue Stranger"),
        moderator=site.person("moderator", name="Mo Moderator", is_staff=True, is_superuser=True),
    )


@pytest.fixture
def post_id(site: Site, cast: Cast) -> int:
    """A post of this test's own."""
    return site.post(author=cast.author)


def complaints(site: Site, since: int) -> list[str]:
    """The warnings and errors in a server's log, without runserver's record of each request."""
    return [
        line
        for line in site.log.text(since).splitlines()
        if any(level in line for level in (" WARNING ", " ERROR ", " CRITICAL "))
        and "django.channels.server" not in line
    ]


async def report_with(site: Site, sockets: int) -> dict[str, Any]:
    """The server's report once it has this many connections, at rest; earlier tests' may be ending."""
    report = site.report()
    try:
        async with patience(WITHIN):
            while not all(report.get(key) == sockets for key in ("sockets", "environs", "at_rest")):
                await asyncio.sleep(0.01)
                report = site.report()
    except TimeoutError:
        raise AssertionError(f"not {sockets} connections: {report}") from None
    return report


async def wait_for_report(site: Site, wanted: dict[str, Any]) -> None:
    """Until the server holds exactly what it held before; of tasks, no more."""
    differing = _differing(site.report(), wanted)
    try:
        async with patience(WITHIN):
            while differing:
                await asyncio.sleep(0.01)
                differing = _differing(site.report(), wanted)
    except TimeoutError:
        raise AssertionError("; ".join(differing)) from None


def _differing(report: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    differing = [
        f"{key}: {report[key]} instead of {before}"
        for key, before in wanted.items()
        if key not in {"tasks", "websockets"} and report[key] != before
    ]
    # One of another test may have been about to end when the first report was made.
    left = Counter(report["tasks"]) - Counter(wanted["tasks"])
    left["open websockets"] = max(0, report["websockets"] - wanted["websockets"])
    left = +left
    return [*differing, *([f"tasks left: {dict(left)}"] if left else [])]


@pytest.fixture(autouse=True)
def quiet_log(site: Site) -> Iterator[None]:
    """Whatever a client does, the server's log has no traceback."""
    position = site.log.position
    yield
    written = site.log.text(position)
    assert "Traceback" not in written, written


Connect = Callable[..., Awaitable[Reader]]


@pytest.fixture
async def connect_over(site: Site) -> AsyncIterator[Connect]:
    """`await connect_over("polling", person)` opens a connection that is closed after the test."""
    readers: list[Reader] = []

    async def open_reader(over: Transport, person: Person | None, *, join: int | None = None) -> Reader:
        reader = Reader(site, person, over)
        readers.append(reader)
        await reader.open()
        if join is not None:
            await reader.join(join)
        return reader

    yield open_reader
    for reader in readers:
        await reader.close()


@pytest.fixture
def connect(connect_over: Connect, transport: Transport) -> Connect:
    """`await connect(person)` connects over the transport under test."""
    return partial(connect_over, transport)
