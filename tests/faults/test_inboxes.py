"""Notifications under faults: whatever was confirmed is told, once, and every tab counts alike in the end."""

import asyncio

import pytest

from tests.realtime.sockets.inbox import InboxTab
from tests.servers import Person, Site

from .page import Page
from .town import Town, restart

pytestmark = pytest.mark.xdist_group("faults: inboxes")

# Posts of which nobody has told are looked for every half minute.
FOUND_WITHIN = 45.0


async def opened(site: Site, person: Person) -> InboxTab:
    tab = await InboxTab(site, person).open()
    await tab.next("let in")
    return tab


async def written(town: Town, post_id: int, writer: Person, count: int) -> set[str]:
    """The ids of comments that were confirmed at the first machine."""
    async with Page(lambda: town.first.url, writer, post_id) as page:
        await page.live()
        answers = [
            await page.request(
                "new_comment",
                {"postId": post_id, "content": f"Comment {number}", "clientId": f"{post_id}-{number}"},
            )
            for number in range(count)
        ]
    return {str(answer["comment"]["_id"]) for answer in answers}


async def told_of(town: Town, person: Person, comments: set[str], within: float) -> list[str]:
    """The comments that somebody was told of, once there are all of these or the time is over."""
    sources: list[str] = []
    try:
        async with asyncio.timeout(within):
            while len(sources) < len(comments):
                await asyncio.sleep(0.2)
                rows = await asyncio.to_thread(town.first.ask_clerk, "inbox_of", user_id=person.id)
                known = [str(row["source"]).removeprefix("comment:") for row in rows]
                sources = [source for source in known if source in comments]
    except TimeoutError:
        pass
    return sources


async def agrees(tab: InboxTab, within: float) -> None:
    """Until what a tab was told last is what it gets when it asks."""
    async with asyncio.timeout(within):
        while (await tab.inbox("get_notifications"))["unread"] != tab.unread:
            await asyncio.sleep(0.2)


async def test_a_process_that_dies_after_it_has_confirmed_loses_no_notification(town: Town) -> None:
    author, writer = town.people(2)
    post_id = town.second.post(author=author)
    tab = await opened(town.second, author)
    before = (await tab.inbox("get_notifications"))["unread"]

    # It tells at most twice a second: some of these are confirmed and not told of when it dies.
    comments = await written(town, post_id, writer, 20)
    await restart(town.first, gently=False)

    told = await told_of(town, author, comments, FOUND_WITHIN)
    assert sorted(told) == sorted(comments)
    await agrees(tab, 10)
    assert tab.unread == before + 1  # one entry: the comments on one post
    await tab.close()


async def test_what_redis_swallows_is_made_up_for_when_it_is_back(town: Town) -> None:
    author, writer = town.people(2)
    post_id = town.first.post(author=author)
    tab = await opened(town.second, author)
    first = await tab.inbox("get_notifications")

    town.redis.pause()
    try:
        comments = await written(town, post_id, writer, 5)
        await asyncio.sleep(4)
    finally:
        town.redis.resume()

    told = await told_of(town, author, comments, FOUND_WITHIN)
    assert sorted(told) == sorted(comments)
    async with asyncio.timeout(20):
        while tab.unread != first["unread"] + 1:
            await asyncio.sleep(0.1)
    await tab.close()


async def test_postgresql_that_restarts_loses_none_either(town: Town) -> None:
    author, writer = town.people(2)
    post_id = town.first.post(author=author)
    comments = await written(town, post_id, writer, 3)
    town.postgres.kill()
    town.postgres.start()

    told = await told_of(town, author, comments, FOUND_WITHIN)

    assert sorted(told) == sorted(comments)
