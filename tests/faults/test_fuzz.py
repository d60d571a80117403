"""Whatever a client sends: each request is answered, others feel nothing, the log has no traceback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.events import ClientEvent
from tests.realtime.sockets.reader import Reader
from tests.servers import Person, Site, running_site

from .wires import Wire

pytestmark = pytest.mark.xdist_group("faults: fuzz")

ENVIRONMENT = {"DEBUG": "0", "BUDGETS": "off", "ROOMS_PER_SOCKET": "4"}
WITHIN = 5.0  # seconds for an answer
FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
ODD = st.sampled_from(
    ["\x00", "\ud800", '"7"', "０", "1e3", "-1", "{}", "[]", "null", "{" * 50, "a\x00b", "9" * 30, "\u202e"]
)
NUMBER = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(10**400))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBER, TEXT, ODD),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["postId", "commentId", "content", "parentId", "clientId", "since", "before", "on", "userId", "author",
     "status", "version", "__proto__", "_placeholder", "num", "post_id"]
)  # fmt: skip
# Near enough to what is right that it gets past the first door.
PAYLOAD = st.one_of(
    JSON,
    st.dictionaries(KEYS, st.one_of(JSON, st.integers(0, 50), st.integers(0, 50).map(str)), max_size=6),
    st.dictionaries(KEYS, JSON, max_size=4).map(json.dumps),
)
EVENT = st.one_of(st.sampled_from(sorted(ClientEvent)), st.text(max_size=20))
RESERVED = {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site(environment=ENVIRONMENT, watched=True) as site:
        yield site


@pytest.fixture(scope="module")
def stranger(site: Site) -> Person:
    return site.person("stranger")


@pytest.fixture
async def bystander(site: Site) -> AsyncIterator[Reader]:
    """Somebody under a post that nobody else may touch; at the end it is as it was."""
    owner = site.person("owner")
    post_id = site.post(author=owner, room_state="read_only")
    site.fill(post_id, author=owner, contents=["Left alone"])
    position = site.log.position
    reader = await Reader(site, owner, "websocket").open()
    [before], _ = await reader.join(post_id)
    yield reader
    await reader.settle()
    ours = [arguments[0] for name, arguments in reader.heard if name.startswith(("comment_", "session_"))]
    assert [heard for heard in ours if heard.get("postId") == str(post_id)] == []
    assert reader.all("session_ended") == reader.all("connection_error") == []
    assert (await reader.join(post_id))[0] == [before]
    await reader.close()
    Wire.all_vanish()
    assert "Traceback" not in site.log.text(position), site.log.text(position)


async def for_each(try_: Callable[..., Awaitable[None]], *strategies: st.SearchStrategy[Any]) -> None:
    """Have hypothesis, which knows no event loop, call a coroutine of ours from a thread."""
    loop = asyncio.get_running_loop()

    @FUZZ
    @given(st.tuples(*strategies))
    def example(values: tuple[Any, ...]) -> None:
        async def run() -> None:
            await try_(*values)

        asyncio.run_coroutine_threadsafe(run(), loop).result()

    await asyncio.to_thread(example)


async def test_every_request_is_answered(site: Site, stranger: Person, bystander: Reader) -> None:
    wire = await Wire(site, stranger).open()
    number = 0

    async def ask(event: str, payloads: list[object]) -> None:
        nonlocal number
        number += 1
        async with asyncio.timeout(WITHIN):
            await wire.say(f"42{number}{json.dumps([event, *payloads])}")
            answer = await wire.ack(number)
        assert answer["ok"] or (answer["code"] != "internal" and answer["message"]), answer

    await for_each(ask, EVENT.filter(lambda name: name not in RESERVED), st.lists(PAYLOAD, max_size=3))


HEADS = ("4", "40", "41", "42", "421", "43", "44", "451-", "452-", "461-", "42/x,", "40/x,", "b", "1", "3")
FRAME = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.binary(max_size=60),
    st.builds(
        lambda head, body: head + body,
        st.sampled_from(
            [
                "4",
                "40",
                "41",
                "42",
                "421",
                "43",
                "44",
                "451-",
                "452-",
                "461-",
                "42/x,",
                "40/x,",
                "b",
                "1",
                "3",
            ]
        ),
        st.one_of(st.text(st.characters(codec="utf-8"), max_size=30), JSON.map(json.dumps)),
    ),
    st.lists(JSON, min_size=1, max_size=3).map(lambda data: "42" + json.dumps(data)),
)


@pytest.mark.parametrize("connect", [True, False])
async def test_any_frames_harm_only_their_sender(
    site: Site, stranger: Person, bystander: Reader, connect: bool
) -> None:
    async def send(frames: list[str | bytes]) -> None:
        async with asyncio.timeout(WITHIN):
            wire = await Wire(site, stranger).open(connect=connect)
            try:
                await wire.say(*frames)
                # It is answered, or the connection is closed; but it is not left hanging.
                await wire.say('42999["leave_post",1]', "40" if not connect else "3", "x")
                await wire.until_closed()
            except OSError:
                pass
            finally:
                wire.vanish()
            await bystander.settle()

    await for_each(send, st.lists(FRAME, min_size=1, max_size=4))
