"""However much of a page talks to the server: one websocket carries all of it."""

import pytest
from playwright.async_api import WebSocket, expect

from tests.servers import Person, Site

from . import announcing
from .conftest import Cast, Visit
from .groups import LIVE
from .tab import Post, Tab

pytestmark = LIVE


@pytest.fixture(scope="module")
def moderator(site: Site) -> Person:
    person = site.person("one-connection", name="Una", is_staff=True)
    site.ask_clerk("put_in_group", user_id=person.id, name="moderators")
    return person


async def opened(tab: Tab, path: str, *, namespaces: set[str]) -> list[WebSocket]:
    """The websockets that a page has opened by the time it is in all of these namespaces, and a while on."""
    sockets: list[WebSocket] = []
    let_in: set[str] = set()

    def hear(frame: str | bytes) -> None:
        text = str(frame)
        if text.startswith("40"):
            let_in.add(text[2:].split(",")[0] if text.startswith("40/") else "/")

    def note(socket: WebSocket) -> None:
        sockets.append(socket)
        socket.on("framereceived", hear)

    tab.page.on("websocket", note)
    await tab.go(path)
    for _ in range(100):
        if namespaces <= let_in:
            break
        await tab.page.wait_for_timeout(100)
    assert let_in == namespaces
    await tab.page.wait_for_timeout(1_500)
    return sockets


async def test_whoever_is_logged_out_has_none(visit: Visit, post: Post) -> None:
    tab = await visit()
    for path in ("/", post.path):
        assert await opened(tab, path, namespaces=set()) == []


async def test_the_page_of_a_post_has_one(visit: Visit, cast: Cast, post: Post) -> None:
    tab = await visit(cast.owner)
    assert len(await opened(tab, post.path, namespaces={"/", "/notifications"})) == 1


@pytest.mark.parametrize("path", ["/", "/following/", "/notifications/", "/people/author/"])
async def test_other_pages_have_one(visit: Visit, cast: Cast, path: str) -> None:
    tab = await visit(cast.owner)
    assert len(await opened(tab, path, namespaces={"/notifications"})) == 1


async def test_the_desk_has_one_and_its_bell_rings(
    visit: Visit, site: Site, cast: Cast, moderator: Person
) -> None:
    tab = await visit(moderator)
    both = {"/moderation", "/notifications"}
    assert len(await opened(tab, "/admin/moderation/reported/", namespaces=both)) == 1

    counter = tab.page.locator("[data-bell-count]")
    await expect(counter).to_be_hidden()
    await announcing.by(cast.moderator, site)(moderator, "Hello")
    await expect(counter).to_have_text("1")
    await tab.page.get_by_role("link", name="Notifications, 1 unread").click()
    await expect(tab.page.locator("[data-notice] [data-text]")).to_have_text("Hello")


async def test_after_the_network_was_away_it_is_one_again(visit: Visit, cast: Cast, post: Post) -> None:
    tab = await visit(cast.owner)
    sockets = await opened(tab, post.path, namespaces={"/", "/notifications"})
    await tab.offline()
    await tab.is_in("offline")
    await tab.offline(False)
    await tab.page.evaluate("dispatchEvent(new Event('online'))")
    await tab.is_live()
    await tab.page.wait_for_timeout(2_000)
    assert len([socket for socket in sockets if not socket.is_closed()]) == 1
