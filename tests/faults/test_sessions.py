"""What ends a session on one server closes its sockets on another within a second, and says why first."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import pytest

from tests.browser.mail import link_in, newest_to
from tests.realtime.sockets.reader import Reader, refusal
from tests.servers import Person

from .town import Town, founded_town, restart
from .visitor import Visitor

pytestmark = pytest.mark.xdist_group("faults: sessions")

PASSWORD = "correct horse battery"
WITHIN = 1.0  # seconds from the answer to whoever caused it
SWEPT_WITHIN = 3.0  # where no signal tells, and the sweep comes every second


@pytest.fixture(scope="module")
def standing_town() -> Iterator[Town]:
    with founded_town(workers=(1, 1)) as town:
        town.first.person("admin", password=PASSWORD, is_staff=True, is_superuser=True)
        yield town


@pytest.fixture
def reader_name(town: Town, request: pytest.FixtureRequest) -> str:
    """A user of this test's own, with a password."""
    name = f"r{abs(hash(request.node.name)) % 10**9}"
    town.first.person(name, password=PASSWORD)
    return name


@asynccontextmanager
async def listening(town: Town, person: Person) -> AsyncIterator[Reader]:
    """A socket of this session on the second server."""
    reader = await Reader(town.second, person, "websocket").open()
    try:
        yield reader
    finally:
        await reader.close()


async def ended(reader: Reader, reason: str, within: float = WITHIN) -> None:
    """The reader is told this reason, and then nothing but that the socket is closed."""
    began_at = time.monotonic()
    [payload] = await reader.next("session_ended", within=within)
    assert payload == {"reason": reason}
    await reader.wait_until_closed(within=within - (time.monotonic() - began_at))
    assert reader.heard[-1][0] == "session_ended"


def user_id(town: Town, name: str) -> int:
    return town.first.person(name).id


# --- By signal: each cause on the first server, the socket on the second ---------------------------

Cause = Callable[[Town, Visitor, str], Awaitable[None]]


async def logs_out(town: Town, visitor: Visitor, name: str) -> None:
    await visitor.fill("/accounts/logout/")


async def is_switched_off(town: Town, visitor: Visitor, name: str) -> None:
    async with Visitor(town.first) as admin:
        await admin.log_in("admin", PASSWORD)
        await admin.fill(f"/admin/accounts/user/{user_id(town, name)}/change/", is_active=None)


async def is_deleted(town: Town, visitor: Visitor, name: str) -> None:
    async with Visitor(town.first) as admin:
        await admin.log_in("admin", PASSWORD)
        await admin.fill(f"/admin/accounts/user/{user_id(town, name)}/delete/", post="yes")


async def loses_the_row(town: Town, visitor: Visitor, name: str) -> None:
    code = f"from django.contrib.sessions.models import Session; Session.objects.get(pk={visitor.session!r})"
    await asyncio.to_thread(town.first.manage, "shell", "--no-imports", "-c", f"{code}.delete()")


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (logs_out, "logged_out"),
        (is_switched_off, "deactivated"),
        (is_deleted, "deleted"),
        (loses_the_row, "logged_out"),
    ],
)
async def test_whoever(town: Town, reader_name: str, cause: Cause, reason: str) -> None:
    async with Visitor(town.first) as visitor, Visitor(town.first) as bystander:
        session = await visitor.log_in(reader_name, PASSWORD)
        other = await bystander.log_in("admin", PASSWORD)
        async with listening(town, session) as reader, listening(town, other) as unconcerned:
            await cause(town, visitor, reader_name)

            await ended(reader, reason)
            await unconcerned.settle()
            assert unconcerned.all("session_ended") == []


# --- What ends a person's other sessions ------------------------------------------------------------


async def logs_out_elsewhere(town: Town, visitor: Visitor, name: str) -> None:
    await visitor.fill("/accounts/sessions/")


async def changes_the_password(town: Town, visitor: Visitor, name: str) -> None:
    new = {"oldpassword": PASSWORD, "password1": "another " + PASSWORD, "password2": "another " + PASSWORD}
    await visitor.fill("/accounts/password/change/", **new)


async def forgets_the_password(town: Town, visitor: Visitor, name: str) -> None:
    async with Visitor(town.first) as forgetful:
        await forgetful.fill("/accounts/password/reset/", email=f"{name}@example.com")
        link = link_in(newest_to(town.first, f"{name}@example.com"), town.first)
        await forgetful.fill(link, password1="another " + PASSWORD, password2="another " + PASSWORD)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [(logs_out_elsewhere, "logged_out"), (changes_the_password, "password_changed")],
)
async def test_other_sessions_end_and_not_ones_own_when_somebody(
    town: Town, reader_name: str, cause: Cause, reason: str
) -> None:
    async with Visitor(town.first) as here, Visitor(town.first) as elsewhere:
        own = await here.log_in(reader_name, PASSWORD)
        other = await elsewhere.log_in(reader_name, PASSWORD)
        async with listening(town, own) as own_reader, listening(town, other) as reader:
            await cause(town, here, reader_name)

            await ended(reader, reason)
            await asyncio.sleep(0.5)
            assert own_reader.all("session_ended") == []
        # The session may have got a new key; then its sockets came back with that.
        async with listening(town, replace(own, session=here.session)) as own_reader:
            await own_reader.settle()


async def test_all_sessions_end_when_somebody_forgot_the_password(town: Town, reader_name: str) -> None:
    async with Visitor(town.first) as visitor:
        session = await visitor.log_in(reader_name, PASSWORD)
        async with listening(town, session) as reader:
            await forgets_the_password(town, visitor, reader_name)

            await ended(reader, "password_changed")


# --- Without a signal -------------------------------------------------------------------------------


async def test_an_expired_session_is_swept_out(town: Town) -> None:
    session = town.first.session(town.first.person("reader"), expires_in=1)
    async with listening(town, session) as reader:
        await ended(reader, "expired", within=1 + SWEPT_WITHIN)


async def test_a_row_deleted_behind_djangos_back_is_swept_out(town: Town) -> None:
    session = town.first.person("reader")
    async with listening(town, session) as reader:
        with psycopg.connect(town.postgres.url, autocommit=True) as database:
            database.execute("DELETE FROM django_session WHERE session_key = %s", [session.session])

        await ended(reader, "logged_out", within=SWEPT_WITHIN)


async def test_a_user_switched_off_behind_djangos_back_is_swept_out(town: Town) -> None:
    session = town.first.person("soon-gone")
    async with listening(town, session) as reader:
        town.first.ask_clerk("change_person", user_id=session.id, is_active=False)

        await ended(reader, "deactivated", within=SWEPT_WITHIN)


# --- What ends nothing ------------------------------------------------------------------------------


async def test_an_unpublished_post_empties_its_room_and_keeps_the_sockets(town: Town) -> None:
    post_id = town.post()
    reader_person, writer_person = town.people(2)
    async with listening(town, reader_person) as reader, Visitor(town.first) as admin:
        await reader.join(post_id)
        await admin.log_in("admin", PASSWORD)
        path = f"/admin/comments/post/{post_id}/change/"

        await admin.fill(path, published_at_0="", published_at_1="")

        [heard] = await reader.next("post_state", within=WITHIN)
        assert heard["state"]["canWrite"] is False
        writer = await Reader(town.first, writer_person, "websocket").open()
        assert (await reader.ask("join_post", post_id))["code"] == "not_found"
        await admin.fill(path, published_at_0="2024-01-01", published_at_1="00:00:00")
        await writer.write(post_id, "Only who enters again hears this")
        await asyncio.sleep(0.5)
        assert reader.all("comment_added") == []
        await writer.close()
        assert reader.client.connected


async def test_a_rotated_secret_keeps_everybody(town: Town) -> None:
    """Django signs a session anew, under another key, with the first page after the rotation; a socket of
    the same browser comes back with that."""
    person = town.first.person("reader")
    old = town.first.environment["SECRET_KEY"]
    for site in town.sites:
        site.environment |= {"SECRET_KEY": "another secret of the tests", "SECRET_KEY_FALLBACKS": old}
        await restart(site, gently=True)
    async with Visitor(town.first, person) as visitor, listening(town, person) as reader:
        await asyncio.sleep(1.2)  # the sweep has come by
        await reader.settle()

        assert "/accounts/logout/" in await visitor.read("/")

        assert visitor.session != person.session
        await reader.wait_until_closed(within=WITHIN)
        assert reader.all("session_ended") == []
        for site in town.sites:
            site.environment["SECRET_KEY_FALLBACKS"] = ""
            await restart(site, gently=True)
        async with listening(town, replace(person, session=visitor.session)) as again:
            await again.settle()
    refused = await refusal(town.second, person, "websocket")
    assert refused["data"]["code"] == "sign_in"
