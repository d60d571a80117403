"""Who gets in: a session that stands, and nobody else."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import websockets

from tests.servers import Person, Site

from .conftest import Cast, Connect, complaints, report_with, wait_for_report
from .raw import Raw, RawWebSocket, frames_until_closed, query, raw_connection, say_connect
from .reader import Reader, Transport, refusal

Open = Callable[..., Awaitable[Raw]]


@pytest.fixture
async def open_raw(site: Site, transport: Transport) -> AsyncIterator[Open]:
    """`await open_raw(person, **headers)` opens the engine's connection and says nothing on it."""
    opened: list[Raw] = []

    async def open_(person: Person | None, **headers: str) -> Raw:
        raw = raw_connection(site, person, transport, **headers)
        opened.append(raw)
        await raw.open()
        return raw

    yield open_
    for raw in opened:
        await raw.hang_up()


async def test_a_reader_with_a_session_is_let_in(connect: Connect, cast: Cast) -> None:
    reader = await connect(cast.owner)

    assert reader.client.connected
    assert reader.refusals == []


async def test_the_server_announces_its_whole_seconds_of_patience(site: Site, transport: Transport) -> None:
    raw = raw_connection(site, None, transport)

    opened = await raw.open()
    await raw.hang_up()

    assert opened["pingInterval"] == 25_000
    assert opened["pingTimeout"] == 20_000
    assert opened["upgrades"] == (["websocket"] if transport == "polling" else [])


async def test_without_a_session_one_must_sign_in(site: Site, transport: Transport) -> None:
    refused = await refusal(site, None, transport)

    assert refused["data"]["code"] == "sign_in"
    assert refused["message"] == refused["data"]["message"] == "Please log in first."


@pytest.mark.parametrize(
    "language", [{"Accept-Language": "ko-KR,ko;q=0.9"}, {"Cookie": "django_language=ko"}]
)
async def test_the_refusal_speaks_the_readers_language(
    site: Site, transport: Transport, language: dict[str, str]
) -> None:
    refused = await refusal(site, None, transport, **language)

    assert refused["message"] == "먼저 로그인해 주세요."


SESSIONS = {
    "expired": {"expires_in": -1},
    "with a wrong hash": {"_auth_user_hash": "0" * 64},
    "without a hash": {"_auth_user_hash": ""},
    "of nobody": {"_auth_user_id": "999999"},
    "of something strange": {"_auth_user_id": "²"},
    "by a backend that is gone": {"_auth_user_backend": "gone.Backend"},
}


@pytest.mark.parametrize("contents", [pytest.param(value, id=name) for name, value in SESSIONS.items()])
async def test_a_session_that_does_not_stand_is_refused(
    site: Site, cast: Cast, transport: Transport, contents: dict[str, Any]
) -> None:
    refused = await refusal(site, site.session(cast.owner, **contents), transport)

    assert refused["data"]["code"] == "sign_in"


async def test_a_session_is_good_until_it_expires(site: Site, cast: Cast, transport: Transport) -> None:
    reader = Reader(site, site.session(cast.owner, expires_in=60), transport)

    await reader.open()
    await reader.close()


async def test_someone_who_was_switched_off_is_refused(site: Site, transport: Transport) -> None:
    person = site.person("switched-off")
    site.ask_clerk("change_person", user_id=person.id, is_active=False)

    refused = await refusal(site, person, transport)

    assert refused["data"]["code"] == "sign_in"


TAMPERED = {
    "one letter changed": lambda key: ("a" if key[0] != "a" else "b") + key[1:],
    "cut short": lambda key: key[:-1],
    "empty": lambda key: "",
    "capitals": str.upper,
    "a wildcard": lambda key: "%",
    "SQL": lambda key: "' OR 1=1 --",
    "NUL": lambda key: '"' + key + '\\000"',
    "bytes": lambda key: "\u00ff\u00fe",
    "long": lambda key: key * 100,
}


@pytest.mark.parametrize("tamper", [pytest.param(value, id=name) for name, value in TAMPERED.items()])
async def test_a_tampered_cookie_is_refused(
    site: Site, cast: Cast, transport: Transport, open_raw: Open, tamper: Callable[[str], str]
) -> None:
    key = tamper(cast.owner.session)

    raw = await open_raw(None, Cookie=f"sessionid={key}; django_language={'x' * 2000}")
    await raw.send("40")

    [error, *_] = await frames_until_closed(raw)
    assert isinstance(error, str)
    assert json.loads(error.removeprefix("44"))["data"]["code"] == "sign_in"


async def test_after_a_refusal_the_server_closes_the_transport(site: Site, open_raw: Open) -> None:
    raw = await open_raw(None)
    await raw.send("40")

    frames = await frames_until_closed(raw)

    assert len(frames) == 2
    assert str(frames[0]).startswith("44{")
    assert frames[1] == "1"


async def test_a_refused_client_is_not_listened_to_any_more(
    site: Site, connect: Connect, cast: Cast, post_id: int, open_raw: Open
) -> None:
    await connect(cast.stranger)
    before = await report_with(site, sockets=1)
    raw = await open_raw(None)

    await raw.send("40", f'42["new_comment",{{"postId":{post_id},"content":"Hello"}}]', "4garbage")
    await frames_until_closed(raw)

    await wait_for_report(site, before)
    assert site.stored(post_id) == []


async def test_a_refused_client_that_fetches_nothing_is_dropped(
    site: Site, connect_over: Connect, cast: Cast
) -> None:
    await connect_over("websocket", cast.owner)
    before = await report_with(site, sockets=1)
    raw = raw_connection(site, None, "polling")
    await raw.open()

    await raw.send("40")

    await wait_for_report(site, before)
    await raw.hang_up()


async def test_what_a_client_says_about_itself_counts_for_nothing(
    site: Site, cast: Cast, post_id: int, open_raw: Open
) -> None:
    raw = await open_raw(cast.owner)
    claim = json.dumps({"userId": cast.moderator.id, "session": cast.moderator.session})
    await raw.send("40" + claim)
    await raw.receive()

    await raw.send(f'42["new_comment",{{"postId":{post_id},"content":"Me","userId":{cast.moderator.id}}}]')
    await raw.receive()

    assert [row["author_id"] for row in site.stored(post_id)] == [cast.owner.id]


async def test_a_page_that_was_made_for_somebody_else_is_not_let_in(
    site: Site, cast: Cast, open_raw: Open
) -> None:
    raw = await open_raw(cast.owner)
    await raw.send("40" + json.dumps({"readerId": str(cast.stranger.id)}))
    answer = await raw.receive()
    assert isinstance(answer, str)
    assert answer.startswith("44")
    assert json.loads(answer[2:])["data"]["code"] == "sign_in"

    raw = await open_raw(cast.owner)
    await raw.send("40" + json.dumps({"readerId": str(cast.owner.id)}))
    answer = await raw.receive()
    assert isinstance(answer, str)
    assert answer.startswith("40{"), answer


async def test_an_unknown_namespace_is_refused_and_harms_nothing(
    site: Site, cast: Cast, open_raw: Open
) -> None:
    raw = await open_raw(cast.owner)
    await raw.send("40/nowhere,")

    error = str(await raw.receive())
    await say_connect(raw)

    assert error.startswith("44/nowhere,")
    assert json.loads(error.removeprefix("44/nowhere,"))["data"]["code"] == "not_found"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "https://{host}"])
async def test_a_page_of_another_origin_cannot_connect(
    site: Site, cast: Cast, transport: Transport, origin: str
) -> None:
    origin = origin.format(host=site.url.removeprefix("http://"))
    raw = raw_connection(site, cast.owner, transport, Origin=origin)

    with pytest.raises((AssertionError, websockets.InvalidStatus)):
        await raw.open()

    await raw.hang_up()


async def test_the_sites_own_pages_can_connect(site: Site, cast: Cast, transport: Transport) -> None:
    raw = raw_connection(site, cast.owner, transport, Origin=site.url)

    await raw.open()
    await say_connect(raw)
    await raw.hang_up()


# --- What no client of ours sends, turned away at the door -----------------------------------------

BAD_REQUESTS = {
    "JSONP": ("GET", "EIO=4&transport=polling&j=0"),
    "JSONP for a poll": ("GET", "EIO=4&transport=polling&j=0&sid=x"),
    "no protocol version": ("GET", "transport=polling"),
    "an old protocol": ("GET", "EIO=3&transport=polling"),
    "an unknown transport": ("GET", "EIO=4&transport=flashsocket"),
    "a websocket that is none": ("GET", "EIO=4&transport=websocket"),
    "no such connection": ("GET", "EIO=4&transport=polling&sid=nobody"),
    "a POST to nobody": ("POST", "EIO=4&transport=polling&sid=nobody"),
    "a POST without one": ("POST", "EIO=4&transport=polling"),
    "PUT": ("PUT", "EIO=4&transport=polling"),
    "DELETE": ("DELETE", "EIO=4&transport=polling"),
    "bytes": ("GET", "EIO=4&transport=polling&sid=%ff%00"),
}


@pytest.mark.parametrize(
    ("method", "parameters"), [pytest.param(*value, id=name) for name, value in BAD_REQUESTS.items()]
)
async def test_a_request_that_is_none_of_ours_is_turned_away(
    site: Site, method: str, parameters: str
) -> None:
    position = site.log.position

    async with (
        aiohttp.ClientSession() as http,
        http.request(method, f"{site.url}/socket.io/?{parameters}", data=b"") as answer,
    ):
        assert answer.status == 400

    assert complaints(site, position) == []


BAD_WEBSOCKETS = {
    "without a transport": "/socket.io/?EIO=4",
    "as polling": "/socket.io/?EIO=4&transport=polling",
    "with JSONP": query(transport="websocket", j="0"),
    "without a version": "/socket.io/?transport=websocket",
    "of nobody": query(transport="websocket", sid="nobody"),
    "elsewhere": "/ws/comments/",
}


@pytest.mark.parametrize("path", [pytest.param(value, id=name) for name, value in BAD_WEBSOCKETS.items()])
async def test_a_websocket_that_is_none_of_ours_is_turned_away(site: Site, cast: Cast, path: str) -> None:
    raw = RawWebSocket(site, {})

    with pytest.raises(websockets.InvalidStatus):
        await raw.open_at(path)
