"""The heartbeat tells what a room that missed an event could not know."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.servers import Site, running_site

from .conftest import ENVIRONMENT, Connect

pytestmark = pytest.mark.xdist_group("serve")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """One whose heart beats every second."""
    with running_site("serve", environment={**ENVIRONMENT, "HEARTBEAT_INTERVAL": "1"}) as site:
        yield site


async def test_each_room_hears_its_own_version_and_state(site: Site, connect_over: Connect) -> None:
    author = site.person("author")
    posts = {state: site.post(author=author, room_state=state) for state in ("open", "read_only", "closed")}
    site.fill(posts["read_only"], author=author, contents=["One", "Two"])
    reader = await connect_over("websocket", site.person("reader"))
    for post_id in posts.values():
        await reader.join(post_id)

    heard = []
    for post_id in posts.values():
        [payload] = await reader.next("post_version", where=partial(_is_about, post_id))
        heard.append(payload)

    assert heard == [
        {"postId": str(posts["open"]), "version": 0, "room": "open"},
        {"postId": str(posts["read_only"]), "version": 2, "room": "read_only"},
        {"postId": str(posts["closed"]), "version": 0, "room": "closed"},
    ]


async def test_a_state_that_changed_without_a_word_is_told(site: Site, connect_over: Connect) -> None:
    post_id = site.post(author=site.person("author"))
    reader = await connect_over("websocket", site.person("reader"), join=post_id)
    site.manage(
        "shell",
        "-c",
        f"from comments.models import Post\nPost.objects.filter(pk={post_id}).update(room_state='closed')",
    )

    await reader.next("post_version", where=lambda told: told["room"] == "closed")

    assert reader.all("post_state") == []


def _is_about(post_id: int, payload: dict[str, Any]) -> bool:
    return bool(payload["postId"] == str(post_id))
