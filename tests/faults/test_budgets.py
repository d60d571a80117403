"""Processes share budgets through Redis; each counts for itself while that is away."""

import time
from collections.abc import Iterator

import pytest

from realtime.budgets import FAILED_HANDSHAKES, WRITING
from tests.realtime.sockets.reader import Reader, refusal
from tests.servers import Person

from .conftest import Connect
from .town import Town, founded_town
from .visitor import Visitor

pytestmark = pytest.mark.xdist_group("faults: budgets")

SLOW = 1.0  # seconds that no request may take because of Redis


@pytest.fixture(scope="module")
def standing_town() -> Iterator[Town]:
    with founded_town({"BUDGETS": "on"}, workers=(1, 1)) as town:
        yield town


async def answers(reader: Reader, post_id: int, number: int) -> list[tuple[dict[str, object], float]]:
    """The acks of so many comments, one after the other, and how many seconds each took."""
    found = []
    for _ in range(number):
        began_at = time.monotonic()
        answer = await reader.ask("new_comment", {"postId": post_id, "content": "Once more"})
        found.append((answer, time.monotonic() - began_at))
    return found


def assert_spent(answer: dict[str, object], seconds: float = WRITING.seconds) -> None:
    assert answer["ok"] is False
    assert answer["code"] == "rate_limited"
    assert isinstance(answer["retryAfter"], (int, float))
    assert 0 < answer["retryAfter"] <= seconds


async def test_writing_on_two_servers_spends_one_budget(town: Town, connect: Connect) -> None:
    post_id, [person] = town.post(), town.people(1)
    readers = [await connect(site, person) for site in town.sites]

    for reader in readers:
        for answer, _ in await answers(reader, post_id, WRITING.amount // 2):
            assert answer["ok"], answer

    for reader in readers:
        [(answer, _)] = await answers(reader, post_id, 1)
        assert_spent(answer)
        assert (await reader.ask("load_more", {"postId": post_id, "before": 1}))["ok"]  # another budget


async def test_bad_cookies_are_locked_out_on_both_servers(town: Town, connect: Connect) -> None:
    nobody = Person(0, "nobody", "n" * 32)
    for number in range(FAILED_HANDSHAKES.amount):
        refused = await refusal(town.sites[number % 2], nobody, "websocket")
        assert refused["data"]["code"] == "sign_in"
    await refusal(town.first, nobody, "websocket")

    for site in town.sites:
        refused = await refusal(site, nobody, "websocket")
        assert_spent({"ok": False, **refused["data"]}, FAILED_HANDSHAKES.locked_for)
    # Who shares the address only is not concerned.
    await connect(town.first, town.first.person("neighbour"))


@pytest.mark.parametrize("fault", ["killed", "paused"])
async def test_without_redis_each_process_counts_for_itself(town: Town, connect: Connect, fault: str) -> None:
    post_id, person = town.post(), town.first.person(f"writer while {fault}")
    reader = await connect(town.first, person)
    if fault == "killed":
        town.redis.kill()
    else:
        town.redis.pause()

    found = await answers(reader, post_id, WRITING.amount + 1)

    assert all(answer["ok"] for answer, _ in found[: WRITING.amount])
    assert_spent(found[WRITING.amount][0])
    assert max(seconds for _, seconds in found) < SLOW
    await connect(town.first, town.first.person(f"reader while {fault}"))


@pytest.mark.parametrize("fault", ["killed", "paused"])
async def test_pages_do_without_redis(town: Town, fault: str) -> None:
    """Logging in counts its attempts in the cache, and a form's comment is told to other processes."""
    if fault == "killed":
        town.redis.kill()
    else:
        town.redis.pause()
    name = f"logs in while {fault}".replace(" ", "")
    person = town.first.person(name, password="correct horse battery")
    post_id = town.first.post(author=person, slug=name)
    assert post_id
    async with Visitor(town.first) as visitor:
        began_at = time.monotonic()
        await visitor.log_in(name, "correct horse battery")
        await visitor.fill(f"/posts/{name}/", to=f"/posts/{name}/comments/", content="By form")
        took = time.monotonic() - began_at
    assert [row["content"] for row in town.first.stored(post_id)] == ["By form"]
    assert took < 4 * SLOW  # four requests
