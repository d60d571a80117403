"""Languages, paper and pages as a whole."""

import re

import pytest
from playwright.async_api import expect

from tests.servers import Site

from .conftest import Cast, MakePost, Visit
from .groups import PAGES
from .tab import Post, Tab

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
