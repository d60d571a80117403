"""A post's author moderates under it from the page, where the site lets authors do that."""

import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.conftest import Cast, Visit
from tests.browser.groups import FAIRNESS
from tests.browser.tab import Post, Tab

from .conftest import Moderator

pytestmark = FAIRNESS


@pytest_asyncio.fixture(loop_scope="session")
async def ana(visit: Visit, cast: Cast, post: Post) -> Tab:
    """The author of the post."""
    tab = await visit(cast.author)
    await tab.read(post)
    return tab


def places(tab: Tab) -> Locator:
    """Where something is hidden."""
    return tab.page.locator("[data-threads] [data-removed-note]:visible [data-removed-text]")


async def hide(tab: Tab, text: str, reason: str = "Off topic", explanation: str = "") -> None:
    await tab.act(text, "Hide")
    sheet = tab.page.locator("[data-form=hide]")
    await sheet.get_by_text(reason, exact=True).click()
    await sheet.locator("textarea").fill(explanation)
    await sheet.get_by_role("button", name="Hide").click()


async def test_other_readers_are_not_offered_it(omar: Tab, sue: Tab) -> None:
    await sue.say("Something")
    await omar.shows("Something")
    await expect(omar.comment("Something").get_by_role("link", name="Report")).to_have_count(1)
    await expect(omar.comment("Something").get_by_role("link", name="Hide")).to_have_count(0)
    await expect(omar.page.locator("#hide-template")).to_have_count(0)


async def test_a_comment_is_hidden_with_a_reason_and_restored_to_its_place(
    ana: Tab, omar: Tab, sue: Tab
) -> None:
    for text in ("First", "Second", "Third"):
        await omar.say(text)
    await ana.shows("First", "Second", "Third")

    await hide(ana, "Second", explanation="This is about bread.")

    for tab in (ana, omar, sue):
        await tab.shows("First", "Third")
        assert "Second" not in await tab.page.content()
    await expect(omar.page.locator("[data-threads] [data-decision]")).to_contain_text("This is about bread.")
    await expect(places(sue)).to_have_count(0)
    for _ in range(2):
        await expect(places(ana)).to_contain_text("A comment is hidden here.")
        await ana.page.reload()
        await ana.is_live()

    await ana.page.get_by_role("link", name="Restore").click()

    for tab in (ana, omar, sue):
        await tab.shows("First", "Second", "Third")
        await expect(places(tab)).to_have_count(0)


async def test_a_reason_is_asked_for(ana: Tab, omar: Tab) -> None:
    await omar.say("Something")
    await ana.act("Something", "Hide")
    await ana.page.locator("[data-form=hide]").get_by_role("button", name="Hide").click()
    await expect(ana.page.locator("[data-form=hide]").get_by_role("alert")).to_have_text(
        "Please choose a reason."
    )
    await ana.shows("Something")


async def test_focus_stays_near_what_was_hidden(ana: Tab, omar: Tab) -> None:
    await omar.say("First")
    await omar.say("Second")
    await ana.shows("First", "Second")
    await hide(ana, "First")
    await ana.shows("Second")
    assert await ana.page.evaluate("document.activeElement !== document.body")


async def test_what_its_author_took_back_is_not_offered_for_restoring(ana: Tab, omar: Tab, sue: Tab) -> None:
    await omar.say("A question")
    await sue.reply("A question", "An answer")
    await ana.shows("A question", "An answer")
    await omar.delete("A question")
    await ana.shows("An answer")
    for _ in range(2):
        await expect(places(ana)).to_have_text(["This comment was removed."])
        await expect(ana.page.get_by_role("link", name="Restore")).to_have_count(0)
        await ana.page.reload()
        await ana.is_live()


async def test_what_a_moderator_hides_shows_as_a_place_to_the_author_too(
    ana: Tab, omar: Tab, mo: Moderator, post: Post
) -> None:
    await omar.say("You fool")
    await ana.shows("You fool")
    mo.decide(post, "You fool", "reject", reason="harassment")
    await expect(places(ana)).to_contain_text("A comment is hidden here.")
    assert "You fool" not in await ana.page.content()
