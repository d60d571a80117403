"""The bell: what one person does rings for another, in every tab, once; its panel by mouse and by keys."""

import asyncio
from itertools import count

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.servers import Person, Site
from tests.tasks import patience

from . import announcing
from .announcing import Notify
from .conftest import Cast, MakePost, Visit
from .groups import LIVE
from .inspection import inspect
from .tab import Post, Tab

pytestmark = LIVE
_numbers = count(1)


@pytest.fixture
def rita(site: Site) -> Person:
    """Somebody whose inbox is empty."""
    number = next(_numbers)
    return site.person(f"rita{number}", name="Rita Reader")


@pytest.fixture
def wu(site: Site) -> Person:
    return site.person(f"wu{next(_numbers)}", name="Wu Writer")


@pytest_asyncio.fixture(loop_scope="session")
async def ritas(visit: Visit, rita: Person) -> Tab:
    """Rita on the front page, with a socket."""
    tab = await visit(rita)
    await go(tab, "/")
    return tab


async def go(tab: Tab, path: str) -> None:
    """Open a page and wait until its bell has heard of what there is."""
    async with tab.page.expect_websocket(lambda socket: "/socket.io/" in socket.url) as opened:
        await tab.go(path)
    socket = await opened.value
    if not tab.page.is_closed():
        await socket.wait_for_event("framereceived", lambda frame: "notifications_list" in str(frame))


@pytest.fixture
def notify(site: Site, cast: Cast) -> Notify:
    return announcing.by(cast.moderator, site)


def bell(tab: Tab) -> Locator:
    return tab.page.locator("[data-bell]")


async def rings(tab: Tab, unread: int) -> None:
    name = f"Notifications, {unread} unread" if unread else "Notifications"
    await expect(bell(tab)).to_have_accessible_name(name)
    counter = tab.page.locator("[data-bell-count]")
    if unread:
        await expect(counter).to_have_text(str(unread))
    else:
        await expect(counter).to_be_hidden()


async def test_somebody_else_hears_nothing(visit: Visit, ritas: Tab, wu: Person, notify: Notify) -> None:
    other = await visit(wu)
    await go(other, "/")
    await rings(ritas, 0)
    await notify(wu, "For Wu alone")
    await rings(other, 1)
    await rings(ritas, 0)


async def test_a_mention_rings_in_every_tab_and_is_read_in_every_tab(
    visit: Visit, ritas: Tab, rita: Person, wu: Person, make_post: MakePost
) -> None:
    second = await ritas.another()
    await go(second, "/accounts/settings/")
    writer = await visit(wu)
    await writer.read(make_post(title="A garden"))
    await writer.send(f"Look, @{rita.username}!")
    for tab in (ritas, second):
        await rings(tab, 1)

    await bell(ritas).click()
    entry = ritas.page.locator("[data-inbox-panel] [data-notice]")
    await expect(entry.locator("[data-text]")).to_have_text("Wu Writer mentioned you under “A garden”.")
    await entry.get_by_role("link").click()
    await ritas.is_live()
    await expect(ritas.page.locator(":target [data-text]")).to_have_text(f"Look, @{rita.username}!")
    for tab in (ritas, second):
        await rings(tab, 0)


async def test_what_one_looks_at_does_not_ring(
    visit: Visit, rita: Person, wu: Person, make_post: MakePost
) -> None:
    post = make_post()
    reader = await visit(rita)
    await reader.read(post)
    await reader.say("A question")
    writer = await visit(wu)
    await writer.read(post)
    await reader.page.bring_to_front()

    await writer.reply("A question", "An answer")
    await reader.shows("A question", "An answer")

    await asyncio.sleep(1.5)
    await rings(reader, 0)
    await reader.go("/notifications/")
    await expect(reader.page.locator("[data-notice]")).to_have_count(1)
    await expect(reader.page.locator("[data-notice].is-unread")).to_have_count(0)


async def test_reactions_are_one_entry(
    visit: Visit, rita: Person, wu: Person, site: Site, make_post: MakePost
) -> None:
    post = make_post(title="A garden")
    comment = site.ask_clerk("write", post_id=post.id, user_id=rita.id, content="A comment")
    ritas = await visit(rita)
    await go(ritas, "/")
    for number, person in enumerate((wu, site.person(f"vi{next(_numbers)}", name="Vi Visitor"))):
        tab = await visit(person)
        await tab.read(post)
        await tab.page.locator(f"#comment-{comment}").hover()
        await tab.page.locator(f"#comment-{comment} [data-action=react]").click()
        picker = tab.page.get_by_role("group", name="Choose a reaction")
        await picker.get_by_role("button").first.click()
        await rings(ritas, 1)
        await bell(ritas).click()
        text = "Vi Visitor and Wu Writer" if number else "Wu Writer"
        await expect(ritas.page.locator("[data-notice] [data-text]")).to_have_text(
            f"{text} reacted to your comment on “A garden”."
        )
        await ritas.page.keyboard.press("Escape")


async def test_the_panel_by_keys_alone(ritas: Tab, rita: Person, notify: Notify) -> None:
    for text in ("First", "Second"):
        await notify(rita, text)
    await rings(ritas, 2)
    page = ritas.page
    panel = page.locator("[data-inbox-panel]")

    await bell(ritas).focus()
    await expect(bell(ritas)).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Enter")
    await expect(panel).to_be_focused()
    await expect(bell(ritas)).to_have_attribute("aria-expanded", "true")
    await expect(panel).to_have_accessible_name("Notifications")
    await expect(panel.locator("[data-text]")).to_have_text(["Second", "First"])
    for _ in range(3):  # "Mark all as read", the first entry, its button
        await page.keyboard.press("Tab")
    await expect(panel.get_by_role("button", name="Mark as read").first).to_be_focused()
    await page.keyboard.press("Enter")
    await rings(ritas, 1)
    await expect(panel.get_by_role("link", name="Second")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(bell(ritas)).to_be_focused()


async def test_the_panel_closes_for_whoever_goes_elsewhere(ritas: Tab) -> None:
    panel = ritas.page.locator("[data-inbox-panel]")
    await bell(ritas).click()
    await expect(panel.get_by_text("Nothing yet.")).to_be_visible()
    await ritas.page.locator("main").click(position={"x": 5, "y": 5})
    await expect(panel).to_have_count(0)
    await bell(ritas).click()
    await bell(ritas).click()
    await expect(panel).to_have_count(0)


async def test_everything_is_marked_at_once(ritas: Tab, rita: Person, notify: Notify) -> None:
    second = await ritas.another()
    await go(second, "/")
    for text in ("First", "Second", "Third"):
        await notify(rita, text)
    await rings(second, 3)
    await bell(ritas).click()
    await ritas.page.get_by_role("button", name="Mark all as read").click()
    for tab in (ritas, second):
        await rings(tab, 0)
    await expect(ritas.page.locator("[data-notice].is-unread")).to_have_count(0)


async def test_what_was_missed_is_there_when_the_network_is(ritas: Tab, rita: Person, notify: Notify) -> None:
    await ritas.offline()
    for text in ("First", "Second"):
        await notify(rita, text)
    await asyncio.sleep(0.5)
    await rings(ritas, 0)
    await ritas.offline(False)
    await ritas.page.evaluate("dispatchEvent(new Event('online'))")
    await rings(ritas, 2)
    await expect(ritas.page.locator("[data-inbox-announcer]")).to_contain_text("(+1)")


async def test_nobody_is_asked_by_the_browser_unless_they_press_for_it(
    visit: Visit, rita: Person, notify: Notify
) -> None:
    tab = await visit(rita)
    tab.is_disposable = True
    await tab.page.add_init_script(
        """
        window.asked = 0;
        Object.defineProperty(Notification, 'permission', { get: () => window.given ?? 'default' });
        Notification.requestPermission = async () => { asked += 1; window.given = 'granted'; };
        """
    )
    await go(tab, "/")
    await notify(rita, "Hello")
    await rings(tab, 1)
    assert await tab.page.evaluate("asked") == 0
    await bell(tab).click()
    await tab.page.get_by_role("button", name="Allow my browser to tell me").click()
    assert await tab.page.evaluate("asked") == 1
    await expect(tab.page.locator("[data-ask]")).to_be_hidden()


async def test_a_page_in_the_background_has_the_browser_tell(
    visit: Visit, rita: Person, notify: Notify
) -> None:
    tab = await visit(rita)
    tab.is_disposable = True
    await tab.page.add_init_script(
        """
        window.noted = [];
        window.Notification = class extends EventTarget {
          static permission = 'granted';
          constructor(title, options) { super(); noted.push([title, options.body, options.tag]); }
          close() {}
        };
        Object.defineProperty(document, 'hidden', { get: () => window.isAway ?? false });
        """
    )
    await go(tab, "/")
    await notify(rita, "Seen at once")
    await rings(tab, 1)
    await tab.page.evaluate("isAway = true")
    await notify(rita, "Seen later")
    await rings(tab, 2)
    async with patience(10):
        while not await tab.page.evaluate("noted.length"):
            await asyncio.sleep(0.1)
    [[title, body, tag]] = await tab.page.evaluate("noted")
    assert (title, body) == ("Postroom", "Seen later")
    assert tag.startswith("postroom-system:")


async def test_without_javascript_there_is_the_page(visit: Visit, rita: Person, notify: Notify) -> None:
    tab = await visit(rita, java_script_enabled=False)
    for text in ("First", "Second"):
        await notify(rita, text)
    await tab.go("/")
    await rings(tab, 2)
    await bell(tab).click()
    await expect(tab.page.locator("[data-text]")).to_have_text(["Second", "First"])
    await tab.page.get_by_role("button", name="Mark as read").first.click()
    await rings(tab, 1)
    await tab.page.get_by_role("button", name="Mark all as read").click()
    await rings(tab, 0)


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_they_stand_up_to_inspection(
    visit: Visit, rita: Person, wu: Person, site: Site, notify: Notify, language: str
) -> None:
    tab = await visit(rita, language=language)
    for number in range(3):
        await notify(rita, f"News number {number}", path="/")
    site.ask_clerk("notify", kind="follow", to_user=rita.id, actor=wu.id, path="/")
    await go(tab, "/notifications/")
    await inspect(tab)
    await bell(tab).click()
    await expect(tab.page.locator("[data-inbox-panel] [data-notice]")).to_have_count(4)
    await inspect(tab)
    await tab.go("/accounts/notifications/")
    await inspect(tab)


async def test_a_post_page_with_unread_ones_moves_nothing_when_it_is_opened(
    visit: Visit, rita: Person, notify: Notify, make_post: MakePost
) -> None:
    post: Post = make_post()
    tab = await visit(rita)
    await notify(rita, "Hello")
    await tab.read(post)
    before = await tab.page.locator("h1").bounding_box()
    await notify(rita, "Hello again")
    await rings(tab, 2)
    assert await tab.page.locator("h1").bounding_box() == before
