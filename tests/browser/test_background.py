"""A tab that nobody looked at for long: browsers stop its clock, servers give it up; then it is right."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.servers import Site, running_site
from tests.tasks import patience

from .conftest import ENVIRONMENT
from .groups import LIVE
from .tab import Post, Tab
from .visitors import Visitors

pytestmark = LIVE


@pytest.fixture(scope="module")
def impatient() -> Iterator[Site]:
    """A server that gives up in two seconds what takes others three quarters of a minute."""
    impatience = {"PING_INTERVAL": "1", "PING_TIMEOUT": "1"}
    with running_site("serve", environment={**ENVIRONMENT, **impatience}, watched=True) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def pair(browser: Browser, impatient: Site) -> AsyncIterator[tuple[Tab, Tab]]:
    """Two people who read the same new post."""
    omar, sue = impatient.person("omar"), impatient.person("sue")
    post = Post(impatient.post(author=omar, slug="for-long"), "/posts/for-long/")
    visitors = Visitors(browser, impatient)
    tabs = [await visitors.come(person, "en", {}) for person in (omar, sue)]
    for tab in tabs:
        await tab.read(post)
    yield tabs[0], tabs[1]
    for tab in tabs:
        tab.is_disposable = True
    assert await visitors.leave() == []


async def test_a_tab_whose_clock_stood_still_is_right_when_it_returns(
    pair: tuple[Tab, Tab], impatient: Site
) -> None:
    omar, sue = pair
    for text in ("Stays", "Is changed", "Goes"):
        await omar.say(text)
    await sue.shows("Stays", "Is changed", "Goes")
    await sue.field.fill("Half a thought")

    devtools = await sue.page.context.new_cdp_session(sue.page)
    await devtools.send("Debugger.enable")
    await devtools.send("Debugger.pause")  # no timer fires, no message is heard, as in a machine that sleeps
    async with patience(10):
        while impatient.report()["sockets"] > 1:
            await asyncio.sleep(0.1)
    await omar.edit("Is changed", "Was changed")
    await omar.delete("Goes")
    await omar.say("Comes")
    await devtools.send("Debugger.disable")

    await sue.shows("Stays", "Was changed", "Comes")
    await sue.is_live()
    await expect(sue.count).to_have_text("3 comments")
    await expect(sue.field).to_have_value("Half a thought")
    await sue.say("Awake")
    await omar.shows("Stays", "Was changed", "Comes", "Awake")
