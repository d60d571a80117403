"""A page that missed how its post was closed finds out, and does not go on offering to write."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, WebSocketRoute, expect

from tests.servers import Site, running_site

from .conftest import ENVIRONMENT
from .groups import LIVE
from .tab import Post, Tab
from .visitors import Visitors

pytestmark = LIVE

MODERATOR = {"name": "Mo Moderator", "is_staff": True, "is_superuser": True}


@pytest.fixture(scope="module")
def site_with_a_pulse() -> Iterator[Site]:
    with running_site("serve", environment={**ENVIRONMENT, "HEARTBEAT_INTERVAL": "1"}) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def deaf(browser: Browser, site_with_a_pulse: Site) -> AsyncIterator[Tab]:
    """A reader whom no `post_state` reaches."""
    visitors = Visitors(browser, site_with_a_pulse)
    tab = await visitors.come(site_with_a_pulse.person("omar"), "en", {})
    tab.is_disposable = True

    def lose(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if "post_state" not in str(message):
                socket.send(message)

        server.on_message(pass_on)

    await tab.page.route_web_socket("**/socket.io/**", lose)
    yield tab
    assert await visitors.leave() == []


@pytest.mark.parametrize("room", ["read_only", "closed"])
async def test_the_heartbeat_tells_a_page_what_it_missed(
    deaf: Tab, browser: Browser, site_with_a_pulse: Site, room: str
) -> None:
    visitors = Visitors(browser, site_with_a_pulse)
    desk = await visitors.come(site_with_a_pulse.person("mo", **MODERATOR), "en", {})
    desk.is_disposable = True
    slug = f"lost-{room}"
    post_id = site_with_a_pulse.post(author=site_with_a_pulse.person("author"), slug=slug)
    await deaf.read(Post(post_id, f"/posts/{slug}/"))
    await deaf.field.fill("Half a thought")

    async def say(state: str) -> None:
        await desk.go(f"/admin/comments/post/{post_id}/change/")
        await desk.page.get_by_label(state, exact=True).check()
        await desk.page.get_by_role("button", name="Apply to the room").click()
        await expect(desk.page.locator(".messagelist .success")).to_be_visible()

    await say(room.replace("_", "-"))
    await expect(deaf.closed).to_be_visible()
    await expect(deaf.closed).not_to_be_empty()
    await expect(deaf.field).to_be_hidden()
    await say("open")
    await expect(deaf.field).to_be_visible()
    await expect(deaf.field).to_have_value("Half a thought")
    assert await visitors.leave() == []
