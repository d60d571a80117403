"""Languages, paper and pages as a whole."""

import re
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.servers import Site

from .chromium import ARGUMENTS
from .conftest import Cast, MakePost, Visit
from .groups import PAGES
from .inspection import violations_on
from .tab import Post, Tab
from .visitors import Visitors

pytestmark = PAGES


async def test_the_language_can_be_changed_and_stays_so(visit: Visit, post: Post, omar: Tab) -> None:
    await omar.say("Good morning")
    await omar.page.get_by_role("button", name="한국어").click()
    await expect(omar.page.locator("html")).to_have_attribute("lang", "ko")
    assert omar.page.url == f"{omar.site.url}{post.path}"
    await omar.is_live()
    await expect(omar.count).to_have_text("댓글 1개")
    await expect(omar.page.get_by_role("link", name="답글")).to_be_visible()
    await omar.field.fill("안녕하세요")
    await omar.page.locator("[data-send]").click()
    await expect(omar.count).to_have_text("댓글 2개")
    await omar.go("/accounts/email/")
    await expect(omar.page.locator("html")).to_have_attribute("lang", "ko")
    await omar.page.get_by_role("button", name="English").click()
    await expect(omar.page.locator("html")).to_have_attribute("lang", "en")


async def test_the_first_visit_is_in_the_browsers_language(visit: Visit, post: Post) -> None:
    for language, words in (("ko", "로그인"), ("en", "Log in")):
        tab = await visit(language=language)
        await tab.go(post.path)
        await expect(tab.page.locator("html")).to_have_attribute("lang", language)
        await expect(tab.page.get_by_role("link", name=words, exact=True)).to_be_visible()


async def test_a_post_names_its_own_language(visit: Visit, make_post: MakePost) -> None:
    post = make_post(title="한강 달리기", language="ko")
    tab = await visit()
    await tab.go(post.path)
    await expect(tab.page.locator("article.post")).to_have_attribute("lang", "ko")
    await expect(tab.page.locator(".byline")).to_have_attribute("lang", "en")
    await tab.go("/")
    title = tab.page.locator(".entry-title").filter(has_text="한강 달리기")
    await expect(title).to_have_attribute("lang", "ko")


async def test_on_paper_there_are_words_and_no_controls(
    visit: Visit, cast: Cast, site: Site, post: Post
) -> None:
    site.fill(post.id, author=cast.owner, contents=[f"Comment {number}" for number in range(12)])
    tab = await visit(cast.owner)
    await tab.read(post)
    await tab.page.emulate_media(media="print")
    await expect(tab.page.locator(".post-title")).to_be_visible()
    await expect(tab.texts.first).to_be_visible()
    for control in ("a[data-action]", "button", "textarea", ".site-nav", "[data-live]", "[data-earlier]"):
        for each in await tab.page.locator(control).all():
            await expect(each).to_be_hidden()


@pytest.mark.parametrize("view", ["threads", "live"])
async def test_twice_as_large_nothing_is_lost(
    visit: Visit, cast: Cast, post: Post, omar: Tab, view: str
) -> None:
    """A window of 1280 by 900 at 200 %: half as many pixels of twice the size."""
    tab = await visit(cast.stranger, viewport={"width": 640, "height": 450}, device_scale_factor=2)
    await tab.go(f"{post.path}?view={view}")
    await tab.is_live()
    await omar.say(f"{view} " + "long" * 60)
    await tab.comments.first.get_by_role("link", name="Reply").click()
    await tab.send(f"An answer, in {view}")
    await expect(tab.texts).to_have_count(2)
    for name in ("Pause", "Keyboard", "Follow this post", "Hide reactions"):
        await expect(tab.page.get_by_role("button", name=name)).to_be_visible()
    assert await tab.page.evaluate("document.documentElement.scrollWidth") == 640
    assert await violations_on(tab) == []
    # The composer leaves room to read.
    dock = await tab.page.locator("[data-composer-dock]").bounding_box()
    assert dock is not None
    assert dock["height"] < 450 / 2


async def test_text_is_as_large_as_the_browser_has_it(
    chromium: Path, site: Site, cast: Cast, post: Post, omar: Tab
) -> None:
    await omar.say("Something to read")
    async with async_playwright() as playwright:
        arguments = [*ARGUMENTS, "--blink-settings=defaultFontSize=32"]
        large = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        visitors = Visitors(large, site)
        tab = await visitors.come(cast.stranger, "en", {"viewport": {"width": 1000, "height": 700}})
        await tab.read(post)
        read = tab.page.locator("[data-threads] [data-text], .prose p, [data-composer] textarea")
        sizes = await read.evaluate_all(
            "all => all.map((each) => parseFloat(getComputedStyle(each).fontSize))"
        )
        assert len(sizes) == 3
        assert min(sizes) >= 30
        assert await tab.page.evaluate("document.documentElement.scrollWidth") == 1000
        await tab.page.set_viewport_size({"width": 400, "height": 700})
        assert await tab.page.evaluate("document.documentElement.scrollWidth") == 400
        assert await visitors.leave() == []
        await large.close()


async def test_a_finger_finds_large_targets(visit: Visit, cast: Cast, site: Site, post: Post) -> None:
    site.fill(post.id, author=cast.owner, contents=["Comment"])
    size = {"width": 360, "height": 740}
    tab = await visit(cast.owner, viewport=size, has_touch=True, is_mobile=True)
    await tab.read(post)
    await tab.field.tap()
    small = []
    # The link that skips to the content is for keyboards.
    targets = tab.page.locator("a:not(.skip-link), button, textarea, summary").filter(visible=True)
    for target in await targets.all():
        box = await target.bounding_box()
        # A line of text that is a link has a target as tall as WCAG 2.2 AA asks; controls are 44 px.
        least = 24 if await target.evaluate("(e) => e.matches('p a, .comment-time')") else 44
        if box is not None and box["height"] < least - 0.5:
            small.append((await target.inner_text(), box["height"]))
    assert small == []


async def test_the_address_of_the_icon_leads_to_it(visit: Visit) -> None:
    tab = await visit()
    answer = await tab.go("/favicon.ico")
    assert answer is not None
    assert answer.ok
    assert (await answer.header_value("content-type") or "").startswith("image/svg")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_paper_and_ink_follow_the_system(visit: Visit, scheme: str, post: Post) -> None:
    tab = await visit(color_scheme=scheme)
    await tab.go(post.path)
    paper = await tab.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    red = int(re.findall(r"\d+", paper)[0])
    assert (red > 128) == (scheme == "light")
