"""Reporting a comment, from the words under it."""

from playwright.async_api import Locator, expect

from tests.browser.groups import FAIRNESS
from tests.browser.tab import Post, Tab
from tests.servers import Site

from .conftest import Moderator

pytestmark = FAIRNESS


def sheet(tab: Tab) -> Locator:
    return tab.page.locator("[data-form=report]")


async def report(tab: Tab, text: str, reason: str, note: str = "") -> None:
    await tab.act(text, "Report")
    await sheet(tab).get_by_text(reason, exact=True).click()
    await sheet(tab).locator("textarea").fill(note)
    await sheet(tab).get_by_role("button", name="Report").click()


async def test_nobody_reports_what_is_their_own(omar: Tab) -> None:
    await omar.say("My own words")
    await expect(omar.comment("My own words").get_by_role("link", name="Delete")).to_have_count(1)
    await expect(omar.comment("My own words").get_by_role("link", name="Report")).to_have_count(0)


async def test_a_report_is_thanked_for_and_shows_to_nobody_else(
    omar: Tab, sue: Tab, site: Site, post: Post
) -> None:
    await sue.say("Buy my watches")
    await omar.shows("Buy my watches")

    await report(omar, "Buy my watches", "Spam", "and it is the third time")

    thanks = omar.page.locator("[data-thanks]")
    await expect(thanks).to_have_text("Thank you. A moderator will look at it.")
    await expect(thanks).to_be_focused()
    [flag] = site.ask_clerk("moderated", post_id=post.id)["flags"]
    assert (flag["reason"], flag["note"]) == ("spam", "and it is the third time")
    for tab in (omar, sue):
        await tab.shows("Buy my watches")
    assert "eported" not in await sue.page.locator("[data-threads]").inner_text()


async def test_a_comment_is_reported_once_after_a_reload_too(
    omar: Tab, sue: Tab, site: Site, post: Post
) -> None:
    await sue.say("Buy my watches")
    await omar.shows("Buy my watches")
    await report(omar, "Buy my watches", "Spam")
    for _ in range(2):
        comment = omar.comment("Buy my watches")
        await comment.hover()
        await expect(comment.locator("[data-reported-note]")).to_be_visible()
        await expect(comment.get_by_role("link", name="Report")).to_have_count(0)
        await omar.page.reload()
        await omar.is_live()
    assert len(site.ask_clerk("moderated", post_id=post.id)["flags"]) == 1


async def test_a_report_without_a_reason_says_what_is_missing(omar: Tab, sue: Tab) -> None:
    await sue.say("Buy my watches")
    await omar.act("Buy my watches", "Report")
    await sheet(omar).get_by_role("button", name="Report").click()
    await expect(sheet(omar).get_by_role("alert")).to_have_text("Please choose a reason.")


async def test_another_reason_needs_words(omar: Tab, sue: Tab) -> None:
    await sue.say("Buy my watches")
    await report(omar, "Buy my watches", "Other")
    await expect(sheet(omar).get_by_role("alert")).to_have_text("Please say what the other reason is.")
    await sheet(omar).locator("textarea").fill("It is a riddle")
    await sheet(omar).get_by_role("button", name="Report").click()
    await expect(omar.page.locator("[data-thanks]")).to_be_visible()


async def test_by_keyboard_alone(omar: Tab, sue: Tab, site: Site, post: Post) -> None:
    keyboard = omar.page.keyboard
    await sue.say("Buy my watches")
    await omar.shows("Buy my watches")
    link = omar.comment("Buy my watches").get_by_role("link", name="Report")
    await link.focus()
    await keyboard.press("Enter")
    await expect(sheet(omar).get_by_label("Offensive")).to_be_focused()
    await keyboard.press("Escape")
    await expect(sheet(omar)).to_have_count(0)
    await expect(link).to_be_focused()
    await keyboard.press("Enter")
    await keyboard.press("ArrowDown")
    await keyboard.press("Tab")
    await keyboard.type("Look at it")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(omar.page.locator("[data-thanks]")).to_be_focused()
    [flag] = site.ask_clerk("moderated", post_id=post.id)["flags"]
    assert (flag["reason"], flag["note"]) == ("harassment", "Look at it")


async def test_a_comment_that_vanishes_takes_the_open_form_with_it_and_leaves_the_focus_near(
    omar: Tab, sue: Tab, mo: Moderator, post: Post
) -> None:
    await sue.say("Something")
    await sue.say("Buy my watches")
    await omar.act("Buy my watches", "Report")
    mo.decide(post, "Buy my watches", "spam")
    await omar.shows("Something")
    await expect(sheet(omar)).to_have_count(0)
    assert await omar.page.evaluate("document.activeElement !== document.body")


async def test_opening_the_form_moves_nothing_above_it(omar: Tab, sue: Tab) -> None:
    for text in ("First", "Second", "Third"):
        await sue.say(text)
    await omar.shows("First", "Second", "Third")
    before = [await omar.top(text) for text in ("First", "Second")]
    await omar.act("Second", "Report")
    await expect(sheet(omar)).to_be_visible()
    after = [await omar.top(text) for text in ("First", "Second")]
    # The page may have scrolled to show all of the form; nothing else may have moved.
    assert before[1] - before[0] == after[1] - after[0]
