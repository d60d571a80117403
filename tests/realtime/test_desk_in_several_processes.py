"""Moderators in different processes and on different machines share one desk."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.servers import Person, Site, postgres_server, redis_server, running_site
from tests.tasks import patience

from .sockets.conftest import ENVIRONMENT
from .sockets.moderator import Moderator
from .sockets.reader import Reader

pytestmark = pytest.mark.xdist_group("several processes")


@pytest.fixture(scope="module")
def sites() -> Iterator[list[Site]]:
    """Two machines, one of them with two workers, on one database and one Redis."""
    with ExitStack() as stack:
        environment = {
            **ENVIRONMENT,
            "SWEEP_INTERVAL": "1",
            "DATABASE_URL": stack.enter_context(postgres_server()),
            "REDIS_URL": stack.enter_context(redis_server()),
        }
        yield [
            stack.enter_context(running_site(environment=environment, arguments=["--workers", str(workers)]))
            for workers in (2, 1)
        ]


@pytest.fixture(scope="module")
def moderators(sites: list[Site]) -> list[Person]:
    people = [sites[0].person(f"moderator{n}", name=f"Moderator {n}", is_staff=True) for n in range(4)]
    for person in people:
        sites[0].ask_clerk("put_in_group", user_id=person.id, name="moderators")
    return people


@pytest.fixture(scope="module")
def owner(sites: list[Site]) -> Person:
    return sites[0].person("owner", name="Omar Owner")


@pytest.fixture
async def desk(sites: list[Site], moderators: list[Person]) -> AsyncIterator[list[Moderator]]:
    """Three at one machine, so that both of its workers are likely to have one, and one at the other."""
    where = [sites[0], sites[0], sites[0], sites[1]]
    here = [await Moderator(site, person).open() for site, person in zip(where, moderators, strict=True)]
    yield here
    for each in here:
        await each.close()


def about(comment_id: int) -> Any:
    return lambda said: (said.get("item") or said)["id"] == str(comment_id)


async def test_everybody_hears_of_an_item_and_of_who_decided(
    sites: list[Site], owner: Person, desk: list[Moderator]
) -> None:
    for moderator in desk:
        await moderator.watch("reported")
    post_id = sites[0].post(author=owner)
    reader = await Reader(sites[1], owner, "websocket").open()
    comment_id = int((await reader.write(post_id, "A comment"))["_id"])

    await desk[0].ask("report_comment", {"commentId": comment_id, "reason": "spam"})

    items = [(await each.next("item_changed", about(comment_id)))[0]["item"] for each in desk]
    assert all(item == items[0] for item in items)
    answer = await desk[3].desk(
        "decide", {"commentId": comment_id, "verdict": "spam", "seen": items[3]["seen"]}
    )
    assert answer["ok"]
    for each in desk:
        [gone] = await each.next("item_gone", about(comment_id))
        assert (gone["by"], gone["verdict"]) == ("Moderator 3", "spam")
    async with patience(5):  # counters come a second later at most
        while any(each.all("queue_counts")[-1]["reported"] for each in desk):
            await asyncio.sleep(0.05)
    await reader.close()


async def test_of_two_who_decide_at_once_one_is_told_what_the_other_did(
    sites: list[Site], owner: Person, desk: list[Moderator]
) -> None:
    post_id = sites[0].post(author=owner)
    comment_id = sites[0].ask_clerk("write", post_id=post_id, user_id=owner.id, content="Mine or yours")
    found = [item for item in (await desk[0].watch("unreviewed"))["items"] if item["id"] == str(comment_id)]

    def decide(each: Moderator, verdict: str) -> Any:
        wanted = {"commentId": comment_id, "verdict": verdict, "seen": found[0]["seen"]}
        return each.desk("decide", wanted)

    await desk[3].next("let in")
    answers = await asyncio.gather(decide(desk[0], "approve"), decide(desk[3], "reject"))

    [won] = [answer for answer in answers if answer["ok"]]
    [lost] = [answer for answer in answers if not answer["ok"]]
    assert lost["code"] == "conflict"
    assert lost["changed"]["status"] == won["status"]
    assert lost["changed"]["by"].startswith("Moderator")


async def test_who_looks_is_known_everywhere_and_forgotten_with_the_socket(
    sites: list[Site], owner: Person, desk: list[Moderator]
) -> None:
    post_id = sites[0].post(author=owner)
    comment_id = sites[0].ask_clerk("write", post_id=post_id, user_id=owner.id, content="Look")
    for moderator in desk:
        await moderator.watch("unreviewed")

    await desk[3].desk("look_at", {"commentId": comment_id})

    for moderator in desk[:3]:
        [said] = await moderator.next("looking", about(comment_id))
        assert [person["name"] for person in said["people"]] == ["Moderator 3"]
    await desk[3].close()
    for moderator in desk[:3]:
        [said] = await moderator.next("looking", about(comment_id))
        assert said["people"] == []


async def test_what_a_command_changes_reaches_the_desks_and_what_is_too_much_is_told_as_stale(
    sites: list[Site], owner: Person, desk: list[Moderator]
) -> None:
    """The clerk is a process without sockets, as a management command is one."""
    for moderator in desk:
        await moderator.watch("unreviewed")
    post_id = sites[0].post(author=owner)

    comment_id = sites[0].ask_clerk("write", post_id=post_id, user_id=owner.id, content="One")
    for moderator in desk:
        await moderator.next("item_changed", about(comment_id))

    sites[0].fill(post_id, author=owner, contents=[f"Comment {number}" for number in range(150)])
    for moderator in desk:
        [said] = await moderator.next("queue_stale")
        assert said == {"queue": "unreviewed"}


async def test_a_permission_taken_away_ends_the_namespace_everywhere(
    sites: list[Site], desk: list[Moderator], moderators: list[Person]
) -> None:
    for moderator in desk:
        await moderator.watch("reported")
    former = moderators[0]
    elsewhere = await Moderator(sites[1], sites[0].session(former)).open()
    await elsewhere.watch("reported")

    sites[0].ask_clerk("put_in_group", user_id=former.id, name="moderators", inside=False)

    for each in (desk[0], elsewhere):
        [said] = await each.next("connection_error")
        assert said["code"] == "forbidden"
        await each.next("put out")
        assert each.client.connected, "the readers' namespace goes on"
    sites[0].ask_clerk("put_in_group", user_id=former.id, name="moderators")
    assert all("put out" not in each.names() for each in desk[1:])
    await elsewhere.close()
