"""Calm at every size: what is done rarely waits, nothing wraps off the page, nothing scrolls by itself."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import NARROWEST, fits, violations_on
from .tab import Post, Tab

pytestmark = LIVE

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def on_a_phone(visit: Visit, cast: Cast, post: Post) -> Tab:
    tab = await visit(cast.owner, **PHONE)
    await tab.read(post)
    return tab


async def test_under_a_finger_what_is_done_rarely_waits_behind_one_button(
    visit: Visit, cast: Cast, post: Post, sue: Tab
) -> None:
    await sue.say("A question")
    tab = await on_a_phone(visit, cast, post)
    question = tab.comment("A question")
    for rare in ("Report", "Mute"):
        await expect(question.get_by_role("link", name=rare)).to_be_hidden()
    more = question.get_by_role("button", name="More")
    await expect(more).to_have_attribute("aria-expanded", "false")
    await more.tap()
    await expect(question.get_by_role("link", name="Report")).to_be_focused()
    await expect(question.get_by_role("link", name="Mute")).to_be_visible()
    await expect(more).to_be_hidden()
    assert await violations_on(tab) == []


async def test_a_mouse_finds_everything_at_once(omar: Tab, sue: Tab) -> None:
    await sue.say("A question")
    question = omar.comment("A question")
    await expect(question.get_by_role("button", name="More")).to_be_hidden()
    await expect(question.get_by_role("link", name="Report")).to_be_visible()


async def test_without_javascript_nothing_waits(visit: Visit, cast: Cast, post: Post, sue: Tab) -> None:
    await sue.say("A question")
    tab = await visit(cast.owner, java_script_enabled=False, **PHONE)
    await tab.go(post.path)
    await expect(tab.page.get_by_role("link", name="Report")).to_be_visible()
    await expect(tab.page.get_by_role("button", name="More")).to_be_hidden()
    await expect(tab.page.get_by_role("button", name="Keyboard")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_narrowest_phone_has_room_for_every_order_and_reaction(
    visit: Visit, cast: Cast, site: Site, post: Post, sue: Tab, language: str
) -> None:
    await sue.say("A question")
    [comment] = [row["id"] for row in site.stored(post.id)]
    for emoji in ("👍", "❤️", "😂", "😮", "😢", "🎉"):
        site.verb("react", comment, emoji, on=True, by=cast.author)
    options = {**PHONE, "viewport": NARROWEST}
    tab = await visit(cast.owner, language=language, **options)
    await tab.read(post)
    await expect(tab.page.locator("[data-orders] a").filter(visible=True)).to_have_count(3)
    await fits(tab)


async def test_to_go_to_the_composer_scrolls_nothing(
    visit: Visit, cast: Cast, site: Site, post: Post
) -> None:
    site.fill(post.id, author=cast.stranger, contents=["A line\n\nand another"] * 10)
    tab = await visit(cast.owner, viewport={"width": 800, "height": 500}, reduced_motion="reduce")
    await tab.read(post)
    await tab.page.evaluate("scrollTo(0, 500)")
    before = await tab.page.evaluate("scrollY")
    await tab.field.focus()
    await expect(tab.page.get_by_role("button", name="Send")).to_be_in_viewport()
    assert await tab.page.evaluate("scrollY") == before
