"""The lobby under faults: what the chat's sockets hold in the end is what was said, in its order."""

import asyncio
import urllib.request
from typing import Any

import psycopg
import pytest

from .crowd import gathered
from .page import Page
from .room import Room
from .town import Town, kill_a_worker

pytestmark = pytest.mark.xdist_group("faults: chat")

ASKED = {
    "join_post": "join_room",
    "new_comment": "chat_message",
    "edit_comment": "edit_message",
    "delete_comment": "delete_message",
}
HEARD = {
    "chat_message": "comment_added",
    "message_updated": "comment_updated",
    "message_removed": "comment_removed",
    "room_version": "post_version",
    "load_messages": "load_comments",
}
FIELDS = {"postId": "room", "commentId": "messageId"}
ANSWERED = {"message": "comment", "messages": "comments"}


class LobbyRoom(Room):
    """The chat counts the people of a room, and not what was said there."""

    @property
    def count(self) -> int:
        return len(self.comments)

    @count.setter
    def count(self, value: int) -> None:
        pass


class Chatter(Page):
    """A page that is in the lobby by the chat's namespace alone, and keeps it as others keep a post."""

    namespace = "/chat"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.room = LobbyRoom(on_gap=lambda: self._start(self._join()))

    def spoken(self, event: str, data: Any) -> tuple[str, Any]:
        return ASKED.get(event, event), {FIELDS.get(name, name): value for name, value in data.items()}

    def understood(self, answer: dict[str, Any]) -> dict[str, Any]:
        return {ANSWERED.get(name, name): value for name, value in answer.items()}

    async def _hear(self, event: str, *arguments: Any) -> None:
        await super()._hear(HEARD.get(event, event), *arguments)


def lobby_of(town: Town) -> int:
    urllib.request.urlopen(f"{town.first.url}/chat/", timeout=10).close()  # it is made when somebody comes
    with psycopg.connect(town.database_url) as database:
        [found] = database.execute("SELECT id FROM comments_post WHERE kind = 'lobby'").fetchall()
    return int(found[0])


async def test_a_lobby_over_two_workers_survives_a_killed_one_and_a_redis_that_restarts(town: Town) -> None:
    places = [lambda: town.second.url]
    async with gathered(town, places, 12, post_id=lobby_of(town), kind=Chatter) as crowd:
        crowd.start_writing(6)
        await asyncio.sleep(1)
        kill_a_worker(town.second)
        await asyncio.sleep(1)
        town.redis.kill()
        await asyncio.sleep(1)
        town.redis.start()
        kill_a_worker(town.second)
        await asyncio.sleep(1)

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        assert verdict.confirmed > 25, verdict
