"""Going invisible cannot be told from leaving: compared packet by packet, and when each of them came."""

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from realtime.statuses import GRACE
from tests.servers import Person, Site

from . import chatter, follower
from .chatter import Chatter

_numbers = count(1)
# How far apart the same may come, in seconds: everything is told once a second.
APART = 2.0
# What all of it takes: the grace, and what is gathered before and after it.
ALL_OF_IT = GRACE + 4.0


class Onlooker(Chatter):
    """Somebody in all namespaces, who notes when they heard what."""

    def __init__(self, site: Site, person: Person) -> None:
        super().__init__(site, person)
        self.client.on("*", self._hear, namespace=follower.NAMESPACE)
        self.times: list[float] = []

    async def open(self, headers: dict[str, str] | None = None) -> "Onlooker":
        assert self.person is not None
        await self.client.connect(
            self.site.url,
            headers={"Cookie": f"sessionid={self.person.session}"},
            transports=["websocket"],
            namespaces=["/", chatter.NAMESPACE, follower.NAMESPACE],
            wait_timeout=5,
        )
        return self

    async def own(self, event: str, *payload: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.client.call(event, payload, namespace=follower.NAMESPACE)
        return answer

    async def _hear(self, event: str, *arguments: Any) -> None:
        self.times.append(time.monotonic())
        await super()._hear(event, *arguments)


class Scene:
    """A room and a post with a fan, somebody else, and the one whom the fan follows."""

    def __init__(self, site: Site, author: Person) -> None:
        number = next(_numbers)
        self.site = site
        self.room: str = site.ask_clerk("room")["slug"]
        self.room_id = self.title = ""
        self.post = site.post(author=author)
        self.friend = site.person(f"shy{number}", name="Shy Friend")
        self._fan = site.person(f"fan{number}", name="A Fan")
        self._third = site.person(f"third{number}", name="A Third")
        self.people: list[Onlooker] = []

    async def open(self) -> "Scene":
        for person in (self._fan, self._third, self.friend):
            self.people.append(await Onlooker(self.site, person).open())
        self.fan, self.third, self.theirs = self.people
        await self.fan.own("follow_person", {"username": self.friend.username})
        await self.fan.next("friend_status_changed", lambda told: told["status"] == "online")
        for each in self.people:
            await self.come(each)
        await self.fan.next("user_joined", lambda told: told["name"] == "Shy Friend")
        return self

    async def come(self, person: Onlooker) -> dict[str, Any]:
        await person.join(self.post)
        joined = await person.enter(self.room)
        self.room_id, self.title = joined["postId"], joined["name"]
        return joined

    async def types(self) -> None:
        await self.theirs.tell("typing", {"postId": self.post, "on": True})
        await self.theirs.chat("typing", {"room": self.room, "on": True})
        await asyncio.sleep(1.5)

    async def gone(self, how: Any) -> list[tuple[str, str, float]]:
        """All that the fan hears of it, and after how many seconds."""
        await asyncio.sleep(2)  # until nobody has anything to say any more
        await self.types()
        already, start = len(self.fan.heard), time.monotonic()
        await how()
        await asyncio.sleep(ALL_OF_IT)
        heard = zip(self.fan.heard[already:], self.fan.times[already:], strict=True)
        return sorted(
            (event, repr(self._as_everywhere(arguments)), at - start) for (event, arguments), at in heard
        )

    async def newcomer(self) -> list[Any]:
        """What somebody is told who comes then."""
        other = await Onlooker(self.site, self.site.person(f"late{next(_numbers)}", name="Late")).open()
        self.people.append(other)
        joined = await self.come(other)
        [here] = await other.next("presence")
        found = [each for each in (await other.chat("get_rooms", {}))["rooms"] if each["room"] == self.room]
        await self.fan.own("get_statuses", {})
        [told] = await self.fan.next("friend_statuses")
        found_by_all: list[Any] = self._as_everywhere([joined, here, found, told["statuses"]])
        return found_by_all

    def _as_everywhere(self, said: Any) -> Any:
        """The same in both scenes: what is one scene's own goes by what it is."""
        if isinstance(said, list | tuple):
            return [self._as_everywhere(each) for each in said]
        if not isinstance(said, dict):
            return said
        own = {"room": "", "name": self.title, "userId": str(self.friend.id), "postId": str(self.post)}
        return {
            key: bool(value) if key == "lastSeen" else self._as_everywhere(value)
            for key, value in said.items()
            if key not in own or value not in (own[key], self.room, self.room_id)
        }

    async def close(self) -> None:
        for each in self.people:
            await each.close()


@pytest.fixture
async def scenes(site: Site) -> AsyncIterator[list[Scene]]:
    author = site.person("author", name="Ana Author")
    scenes = [Scene(site, author) for _ in range(2)]
    yield [await scene.open() for scene in scenes]
    for scene in scenes:
        await scene.close()


async def test_nobody_can_tell_who_became_invisible_from_who_left(scenes: list[Scene]) -> None:
    leaving, hiding = scenes

    async def hide() -> None:
        answer = await hiding.theirs.own("update_status", "invisible")
        assert answer["ok"], answer

    left, hid = await asyncio.gather(leaving.gone(leaving.theirs.close), hiding.gone(hide))

    assert {event for event, _, _ in left} == {
        "presence", "room_count", "user_left", "user_typing", "friend_status_changed",
    }  # fmt: skip
    assert [each[:2] for each in hid] == [each[:2] for each in left]
    for (event, said, at), (_, _, other_at) in zip(left, hid, strict=True):
        assert abs(at - other_at) < APART, f"{event} {said}: {at:.1f} s and {other_at:.1f} s"

    # Nor by what they do from then on.
    heard = len(hiding.fan.heard)
    await hiding.types()
    await hiding.theirs.chat("leave_room", hiding.room)
    await hiding.come(hiding.theirs)
    await asyncio.sleep(3.5)
    assert hiding.fan.heard[heard:] == []
    assert await hiding.newcomer() == await leaving.newcomer()
    heard = len(hiding.fan.heard)
    await hiding.theirs.close()
    await asyncio.sleep(3.5)
    assert all("Shy" not in repr(each) and each[0] != "user_left" for each in hiding.fan.heard[heard:])
    assert all(told["count"] == 3 for told in hiding.fan.all("presence")[-1:])
