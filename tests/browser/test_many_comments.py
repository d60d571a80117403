"""A post with thousands of comments opens like any other, and takes no more of the tab than a few hundred."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, expect

from tests.servers import Person, Site, running_site

from .conftest import ENVIRONMENT
from .groups import LIVE
from .tab import Post, Tab
from .test_people import a_picture, upload
from .visitors import Visitors

pytestmark = LIVE

MANY = 10_000
PAGES = 25  # loaded in place, of a hundred each
# As many as a page keeps of what it has loaded, see `reading.js`.
KEPT = 5500
# The last few comments as their reader sees them: words, links, pictures, what can be done, what is pressed.
SEEN = """() => [...document.querySelectorAll('[data-threads] [data-comment]')].slice(-4).map((each) => [
  each.innerText, each.ariaLabel, each.className,
  ...[...each.querySelectorAll('[data-text] *')].map((part) =>
    [part.tagName, ...[...part.attributes].map(({ name, value }) => `${name}=${value}`).sort()]),
  ...[...each.querySelectorAll('a, img, button')].filter((part) => part.checkVisibility()).map((part) =>
    [decodeURIComponent(part.href ?? ''), part.src, part.ariaPressed, part.ariaLabel, part.textContent])
])"""
STILL = 1.5
# What 150 comments take, and the page around them. Without a bound 2,600 comments are 90,000 nodes.
NODES = 12_000
# Text of 2,500 comments; as elements of the page they would be more than fifty.
HEAP_GROWTH = 12_000_000


@dataclass(frozen=True, slots=True)
class Crowd:
    site: Site
    post: Post
    small: Post
    owner: Person
    stranger: Person


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    environment = {**ENVIRONMENT, "COMMENTS_PER_PAGE": "100"}
    with running_site("serve", environment=environment) as site:
        author = site.person("author", name="Ana Author")
        post = Post(site.post(author=author, slug="many"), "/posts/many/")
        small = Post(site.post(author=author, slug="few"), "/posts/few/")
        words = "a few words more "
        texts = [f"Comment {number} {words * (number * 7 % 11)}" for number in range(MANY)]
        for start in range(0, MANY, 1000):
            site.fill(post.id, author=author, contents=texts[start : start + 1000])
        site.fill(small.id, author=author, contents=texts[:10])
        yield Crowd(site, post, small, site.person("owner"), site.person("stranger"))


@pytest_asyncio.fixture(loop_scope="session")
async def reader(browser: Browser, crowd: Crowd) -> AsyncIterator[Tab]:
    visitors = Visitors(browser, crowd.site)
    tab = await visitors.come(crowd.owner, "en", {"viewport": {"width": 1000, "height": 700}})
    yield tab
    assert await visitors.leave() == []


async def measure(devtools: CDPSession) -> tuple[float, float]:
    """How many nodes the page has, and how many bytes its scripts keep."""
    await devtools.send("HeapProfiler.enable")
    await devtools.send("HeapProfiler.collectGarbage")
    metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
    values = {metric["name"]: metric["value"] for metric in metrics}
    return values["Nodes"], values["JSHeapUsedSize"]


async def on_the_page(tab: Tab) -> int:
    return await tab.page.locator("[data-threads] [data-comment]").count()


async def anchor(tab: Tab) -> tuple[str, float]:
    """The first comment in view, and where it stands."""
    found = await tab.page.evaluate("""() => {
      const all = [...document.querySelectorAll('[data-threads] [data-comment]')];
      const first = all.find((each) => each.getBoundingClientRect().top >= 0);
      return [first.id, first.getBoundingClientRect().top];
    }""")
    return found[0], found[1]


async def top_of(tab: Tab, element_id: str) -> float:
    top = await tab.page.evaluate(
        "id => document.getElementById(id)?.getBoundingClientRect().top ?? null", element_id
    )
    assert top is not None, f"{element_id} is not on the page"
    return float(top)


async def load_earlier(tab: Tab) -> None:
    link = tab.page.locator("[data-earlier] a")
    await link.evaluate("each => each.click()")
    await expect(link).to_have_text("Earlier comments")


@pytest.mark.parametrize("view", ["threads", "live"])
async def test_thousands_are_read_with_the_page_of_a_few_hundred(
    reader: Tab, crowd: Crowd, view: str
) -> None:
    await reader.go(f"{crowd.post.path}?view={view}")
    await reader.is_live()
    devtools = await reader.page.context.new_cdp_session(reader.page)
    await devtools.send("Performance.enable")
    await reader.page.evaluate("document.querySelector('[data-threads]').scrollIntoView()")
    _, heap_before = await measure(devtools)

    for _ in range(PAGES):
        name, before = await anchor(reader)
        await load_earlier(reader)
        assert abs(await top_of(reader, name) - before) <= STILL
        await reader.page.evaluate("scrollBy(0, -300)")
        await asyncio.sleep(0.05)

    assert await on_the_page(reader) <= 150
    nodes, heap = await measure(devtools)
    assert nodes < NODES
    assert heap - heap_before < HEAP_GROWTH, f"{(heap - heap_before) / 1e6:.1f} MB"

    # All the way down again: no hole where the reader is, nothing jumps, and it ends with the newest.
    for _ in range(40):
        await reader.page.evaluate("scrollBy(0, 400)")
        await reader.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        name, before = await anchor(reader)
        assert before < 700
        await reader.page.evaluate("new Promise((done) => setTimeout(done, 30))")
        assert abs(await top_of(reader, name) - before) <= STILL
    await reader.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await expect(reader.page.get_by_text(f"Comment {MANY - 1} ")).to_be_in_viewport()
    assert await on_the_page(reader) <= 150


async def test_of_very_many_the_far_ones_are_let_go_of_and_one_click_away(reader: Tab, crowd: Crowd) -> None:
    await reader.read(crowd.post)
    await reader.page.evaluate("document.querySelector('[data-threads]').scrollIntoView()")
    later = reader.page.get_by_role("link", name="Later comments")
    await expect(later).to_be_hidden()
    for _ in range(KEPT // 100 + 6):
        name, before = await anchor(reader)
        await load_earlier(reader)
        assert abs(await top_of(reader, name) - before) <= STILL
        await reader.page.evaluate("document.querySelector('[data-threads]').scrollIntoView()")
        await reader.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    await expect(later).to_be_visible()
    name, before = await anchor(reader)
    await asyncio.sleep(0.3)
    assert abs(await top_of(reader, name) - before) <= STILL
    await reader.page.evaluate("document.querySelector('[data-newest-link]').click()")
    await expect(reader.page.get_by_text(f"Comment {MANY - 1} ")).to_be_in_viewport()


async def test_what_left_the_page_comes_back_as_it_was(reader: Tab, crowd: Crowd, browser: Browser) -> None:
    visitors = Visitors(browser, crowd.site)
    other = await visitors.come(crowd.stranger, "en", {})
    await upload(other, a_picture("blue"))
    await other.read(crowd.post)
    await other.say("Something to answer")
    await other.send(
        "Hello @author, see [this](https://example.com/?a=1&b=2 'a title')\n\n3. **three**\n4. `four`"
    )
    await other.act("Something to answer", "Reply")
    await other.send("An *answer* <3")
    await expect(other.page.get_by_text("<3")).to_be_visible()
    # What was now is not a minute ago meanwhile.
    await reader.page.clock.set_fixed_time(datetime.now(UTC))
    await reader.read(crowd.post)
    await reader.act("Something to answer", "React")
    await reader.page.locator("[data-choose]").first.click()
    await expect(reader.comment("Something to answer").locator("[data-reaction]")).to_have_count(1)
    await reader.page.reload()
    await reader.is_live()
    before = await reader.page.evaluate(SEEN)
    assert len(before) == 4
    for _ in range(2):
        await load_earlier(reader)
        await reader.page.evaluate("document.querySelector('[data-threads]').scrollIntoView()")
        await asyncio.sleep(0.2)
    await expect(reader.page.get_by_text("Something to answer")).to_have_count(0)
    await reader.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await expect(reader.page.get_by_text("Something to answer")).to_have_count(1)
    assert await reader.page.evaluate(SEEN) == before
    assert await visitors.leave() == []


async def test_it_opens_like_a_small_one(reader: Tab, crowd: Crowd) -> None:
    async def first_answer(post: Post) -> float:
        times = []
        for _ in range(5):
            await reader.go(post.path)
            times.append(
                await reader.page.evaluate("performance.getEntriesByType('navigation')[0].responseStart")
            )
        return float(sorted(times)[1])

    small, many = await first_answer(crowd.small), await first_answer(crowd.post)
    # Ten comments beside a hundred: ten times as much to render, and not a thousand times.
    assert many < small * 12 + 150


async def test_a_comment_far_away_is_found_by_its_address(reader: Tab, crowd: Crowd) -> None:
    wanted = crowd.site.stored(crowd.post.id)[1234]["id"]
    await reader.read(crowd.post)
    for _ in range(2):
        await load_earlier(reader)
    await reader.page.evaluate(f"location.hash = 'comment-{wanted}'")
    target = reader.page.locator(".is-highlighted")
    await expect(target).to_contain_text("Comment 1234 ")
    await expect(target).to_be_in_viewport()
    await expect(target).to_be_focused()


async def test_one_that_is_loaded_but_not_on_the_page_is_found_as_well(reader: Tab, crowd: Crowd) -> None:
    wanted = crowd.site.stored(crowd.post.id)[MANY - 20]["id"]
    await reader.read(crowd.post)
    for _ in range(4):
        await load_earlier(reader)
        await reader.page.evaluate("document.querySelector('[data-threads]').scrollIntoView()")
        await asyncio.sleep(0.1)
    assert await reader.page.locator(f"#comment-{wanted}").count() == 0
    await reader.page.evaluate(f"location.hash = 'comment-{wanted}'")
    await expect(reader.page.locator(f"#comment-{wanted}")).to_be_in_viewport()
    assert await on_the_page(reader) <= 150


async def test_an_edit_that_is_under_way_stays_on_the_page(reader: Tab, crowd: Crowd) -> None:
    await reader.read(crowd.post)
    await reader.say("Mine")
    await reader.act("Mine", "Edit")
    field = reader.page.locator("[data-editor] textarea")
    await field.fill("Half a thought")
    for _ in range(4):
        await load_earlier(reader)
        await reader.page.evaluate("document.querySelector('[data-threads]').scrollIntoView()")
        await asyncio.sleep(0.1)
    await expect(field).to_have_value("Half a thought")
    assert await on_the_page(reader) <= 150


async def test_all_that_is_loaded_is_printed(reader: Tab, crowd: Crowd) -> None:
    await reader.read(crowd.post)
    for _ in range(2):
        await load_earlier(reader)
    assert await on_the_page(reader) <= 150
    await reader.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert await on_the_page(reader) >= 300
    await reader.page.evaluate("dispatchEvent(new Event('afterprint'))")
    await expect(reader.page.locator(".gap").first).to_be_attached()
