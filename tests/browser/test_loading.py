"""How a post's page arrives: light, in one piece, readable before any script, and from this site alone."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, WebSocketRoute, expect

from tests.servers import Person, Site, running_site
from tests.tasks import patience

from .conftest import ENVIRONMENT
from .groups import LIVE
from .tab import Post, Tab
from .visitors import Visitors

pytestmark = LIVE

KIB = 1024
# Everything a reader who is logged in gets with the first page, as it is on the wire, headers included.
LIMIT = 100_000
# A telephone far from the next mast: milliseconds of latency, bytes a second.
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 60 * KIB, "uploadThroughput": 60 * KIB}
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    window.shifts.push([value, sources.map(({ node }) => node?.className || node?.nodeName)]);
  }
}).observe({ type: 'layout-shift', buffered: true });
"""
# Scripts that are on their way must not be waited for.
FIRST_PAINT = """new Promise((resolve) => new PerformanceObserver((list) => {
  if (list.getEntriesByName('first-contentful-paint').length) resolve();
}).observe({ type: 'paint', buffered: true }))"""
TEXTS = [f"Comment {number} " + "with some more words to it " * (number * 7 % 9) for number in range(60)]


@dataclass(slots=True)
class Wire:
    """What came over it, by address, in bytes."""

    addresses: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    async def listen(self, devtools: CDPSession) -> None:
        def begins(event: dict[str, Any]) -> None:
            self.addresses[event["requestId"]] = event["request"]["url"]

        def ends(event: dict[str, Any]) -> None:
            address = self.addresses.get(event["requestId"], "")
            self.sizes[address] = self.sizes.get(address, 0) + int(event["encodedDataLength"])

        devtools.on("Network.requestWillBeSent", begins)
        devtools.on("Network.loadingFinished", ends)
        await devtools.send("Network.enable")

    @property
    def total(self) -> int:
        return sum(self.sizes.values())


@dataclass(frozen=True, slots=True)
class Place:
    site: Site
    post: Post
    owner: Person


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A site with pages of fifty comments, as an installation has them."""
    with running_site("serve", environment={**ENVIRONMENT, "COMMENTS_PER_PAGE": "50"}) as site:
        author = site.person("author", name="Ana Author")
        post = Post(site.post(author=author, slug="usual", body="A paragraph.\n\n" * 12), "/posts/usual/")
        site.fill(post.id, author=author, contents=TEXTS)
        yield Place(site, post, site.person("owner", name="Omar Owner"))


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(browser: Browser, place: Place) -> AsyncIterator[Visitors]:
    visitors = Visitors(browser, place.site)
    yield visitors
    assert await visitors.leave() == []


async def fresh(visitors: Visitors, person: Person | None, **options: Any) -> tuple[Tab, CDPSession, Wire]:
    """A browser that was never here."""
    tab = await visitors.come(person, "en", {"viewport": {"width": 1000, "height": 700}, **options})
    devtools = await tab.page.context.new_cdp_session(tab.page)
    wire = Wire()
    await wire.listen(devtools)
    return tab, devtools, wire


async def test_the_first_page_with_everything_is_light(visitors: Visitors, place: Place) -> None:
    tab, _, wire = await fresh(visitors, place.owner)
    await tab.read(place.post)
    await asyncio.sleep(1)
    assert len(wire.sizes) > 5
    assert wire.total < LIMIT, sorted(wire.sizes.items(), key=lambda each: -each[1])
    visitor, _, wire = await fresh(visitors, None)
    await visitor.go(place.post.path)
    await asyncio.sleep(1)
    assert wire.total < LIMIT / 2, wire.sizes


async def test_it_can_be_read_before_any_script_is_here(visitors: Visitors, place: Place) -> None:
    tab, _, _ = await fresh(visitors, place.owner)
    arrived = asyncio.Event()

    async def late(route: Any) -> None:
        await arrived.wait()
        await route.continue_()

    await tab.page.route("**/*.js", late)
    await tab.page.goto(place.site.url + place.post.path, wait_until="commit")
    await expect(tab.page.get_by_text("Comment 59 ")).to_be_visible()
    await expect(tab.state).to_be_hidden()
    # Nothing that could not work yet, and nothing that says it is broken.
    await expect(tab.page.get_by_role("button", name="Pause")).to_be_hidden()
    async with patience(10):
        await tab.page.evaluate(FIRST_PAINT)
    arrived.set()
    await tab.is_live()
    await expect(tab.page.get_by_role("button", name="Pause")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("query", ["", "?view=live", "?order=newest"])
@pytest.mark.parametrize("anchor", ["", "#comments"])
async def test_nothing_moves_while_it_arrives_over_a_slow_network(
    visitors: Visitors, place: Place, width: int, query: str, anchor: str
) -> None:
    tab, devtools, _ = await fresh(visitors, place.owner, viewport={"width": width, "height": 700})
    tab.page.set_default_timeout(60_000)
    await devtools.send("Network.emulateNetworkConditions", SLOW)
    await tab.page.add_init_script(WATCH_SHIFTS)
    await tab.page.goto(place.site.url + place.post.path + query + anchor, timeout=60_000)
    await expect(tab.page.locator("[data-live][data-state=live]")).to_be_attached(timeout=60_000)
    await asyncio.sleep(1.5)
    assert await tab.page.evaluate("shifts") == []


@pytest.mark.parametrize("width", [360, 1000])
async def test_nothing_moves_when_a_slow_connection_stands_at_last(
    visitors: Visitors, place: Place, width: int
) -> None:
    tab, _, _ = await fresh(visitors, place.owner, viewport={"width": width, "height": 700})
    may_connect = asyncio.Event()

    async def late(route: WebSocketRoute) -> None:
        await may_connect.wait()
        route.connect_to_server()

    await tab.page.route_web_socket(re.compile(r"/socket\.io/"), late)
    await tab.page.add_init_script(WATCH_SHIFTS)
    await tab.page.goto(f"{place.site.url}{place.post.path}#comments")
    await expect(tab.page.locator("[data-live-text]")).to_have_text("Connecting…")
    may_connect.set()
    await expect(tab.page.locator("[data-live-text]")).to_have_text("Live")
    await asyncio.sleep(0.5)
    assert await tab.page.evaluate("shifts") == []


async def test_a_second_reader_who_comes_and_types_moves_nothing(visitors: Visitors, place: Place) -> None:
    tab, _, _ = await fresh(visitors, place.owner, viewport={"width": 360, "height": 700})
    await tab.page.add_init_script(WATCH_SHIFTS)
    await tab.read(Post(place.post.id, f"{place.post.path}#comments"))
    other = await visitors.come(place.site.person("stranger", name="Sue Stranger"), "en", {})
    await other.read(place.post)
    await other.field.press_sequentially("Hello")
    await expect(tab.page.locator("[data-typing]")).to_contain_text("is typing…")
    await expect(tab.here).to_be_visible()
    await other.say("Below what is read")
    await expect(tab.page.locator("[data-new-below]")).to_be_visible()
    assert await tab.page.evaluate("shifts") == []


async def test_the_state_keeps_quiet_about_a_moment_and_tells_the_truth_about_a_while(
    visitors: Visitors, place: Place
) -> None:
    tab, _, _ = await fresh(visitors, place.owner)
    await tab.without_websockets()
    await tab.read(place.post)
    await tab.cut_off()
    await tab.page.evaluate("dispatchEvent(new Event('offline'))")
    await tab.is_in("offline")
    await expect(tab.here).to_be_hidden()
    await tab.cut_off(False)
    await tab.page.evaluate("dispatchEvent(new Event('online'))")
    await tab.is_live()


async def test_times_are_those_of_the_readers_zone(visitors: Visitors, place: Place) -> None:
    titles = []
    for zone in ("Asia/Seoul", "America/New_York"):
        tab, _, _ = await fresh(visitors, place.owner, timezone_id=zone)
        await tab.read(place.post)
        titles.append(await tab.page.locator("[data-threads] time").first.get_attribute("title"))
    assert titles[0] != titles[1]


async def test_on_paper_there_is_the_post_and_what_people_said(visitors: Visitors, place: Place) -> None:
    tab, _, _ = await fresh(visitors, place.owner)
    await tab.read(place.post)
    await tab.page.emulate_media(media="print")
    controls = (
        "[data-reading-bar]",
        "[data-composer]",
        "[data-live]",
        ".live-rest",
        "[data-earlier]",
        ".site-nav",
    )
    for control in controls:
        await expect(tab.page.locator(control)).to_be_hidden()
    await expect(tab.page.get_by_text("Comment 59 ")).to_be_visible()
    await expect(tab.page.locator(".comment-actions").first).to_be_hidden()
    pdf = await tab.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") >= 2
