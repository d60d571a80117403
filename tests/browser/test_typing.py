"""Who types is told to the others: a few names, quietly, and not for long."""

from playwright.async_api import expect

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import violations_on
from .tab import Post, Tab

pytestmark = LIVE


async def test_the_others_see_who_types_until_it_is_sent(omar: Tab, sue: Tab) -> None:
    await sue.field.press_sequentially("Good mor")
    await expect(omar.page.locator("[data-typing]")).to_have_text("\u2068Sue Stranger\u2069 is typing…")
    await expect(sue.page.locator("[data-typing]")).to_have_text("")
    await sue.field.press_sequentially("ning")
    await sue.page.keyboard.press("Control+Enter")
    await omar.shows("Good morning")
    await expect(omar.page.locator("[data-typing]")).to_have_text("")


async def test_several_are_named_and_each_sees_the_others(
    omar: Tab, sue: Tab, visit: Visit, cast: Cast, post: Post
) -> None:
    ana = await visit(cast.author)
    await ana.read(post)
    await sue.field.press_sequentially("Hello")
    await ana.field.press_sequentially("Hello")
    text = await omar.page.locator("[data-typing]").text_content()
    await expect(omar.page.locator("[data-typing]")).to_contain_text("are typing…")
    text = await omar.page.locator("[data-typing]").text_content() or ""
    assert "Sue Stranger" in text
    assert "Ana Author" in text
    await expect(sue.page.locator("[data-typing]")).to_have_text("\u2068Ana Author\u2069 is typing…")
    await expect(ana.page.locator("[data-typing]")).to_have_text("\u2068Sue Stranger\u2069 is typing…")


async def test_whoever_deletes_or_leaves_has_stopped(omar: Tab, sue: Tab) -> None:
    await sue.field.press_sequentially("Hello")
    await expect(omar.page.locator("[data-typing]")).to_contain_text("is typing…")
    await sue.field.fill("")
    await expect(omar.page.locator("[data-typing]")).to_have_text("")
    await sue.field.press_sequentially("Hello")
    await expect(omar.page.locator("[data-typing]")).to_contain_text("is typing…")
    await sue.page.close()
    await expect(omar.page.locator("[data-typing]")).to_have_text("")


async def test_it_moves_nothing_and_interrupts_nobody(omar: Tab, sue: Tab) -> None:
    await omar.say("First")
    before = await omar.page.evaluate("document.querySelector('[data-composer]').getBoundingClientRect().top")
    await sue.field.press_sequentially("Hello")
    await expect(omar.page.locator("[data-typing]")).to_contain_text("is typing…")
    after = await omar.page.evaluate("document.querySelector('[data-composer]').getBoundingClientRect().top")
    assert before == after
    live = "[data-typing]:is([role=status], [aria-live]), :is([role=status], [aria-live]) [data-typing]"
    await expect(omar.page.locator(live)).to_have_count(0)
    assert await violations_on(omar) == []
