"""A text that a rule rejects explains itself, stays with its writer, and can be changed or appealed for."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Cast
from tests.browser.groups import FAIRNESS
from tests.browser.tab import Post, Tab
from tests.servers import Site

from .conftest import Moderator

pytestmark = FAIRNESS

WORD = "snollygoster"
TEXT = f"You **{WORD}**"


@pytest.fixture(autouse=True, scope="session")
def _a_banned_word(site: Site, cast: Cast) -> None:
    site.verb("save_word", WORD, "banned", by=cast.moderator)


def told(tab: Tab) -> Locator:
    return tab.failed.locator("[data-decision]")


async def reject(tab: Tab) -> None:
    await tab.page.wait_for_timeout(1_100)  # lists are a second old at most
    await tab.send(TEXT)
    await expect(tab.failed).to_have_count(1)


async def test_it_says_why_and_keeps_the_text(omar: Tab, sue: Tab) -> None:
    await reject(omar)
    for _ in range(2):
        await expect(omar.failed.locator("[data-text]")).to_have_text(TEXT)
        await expect(omar.failed).to_contain_text("because of a word that is not allowed here")
        await expect(told(omar)).to_contain_text("Reason: banned word")
        await expect(omar.failed.get_by_role("button", name="Try again")).to_have_count(0)
        await omar.page.reload()
        await omar.is_live()
    await sue.shows()


async def test_the_text_can_be_changed_and_sent_again(omar: Tab, sue: Tab) -> None:
    await omar.field.fill("")
    await reject(omar)
    await omar.field.fill("Something begun meanwhile")
    await omar.page.get_by_role("button", name="Change the text").click()
    await expect(omar.field).to_have_value(f"{TEXT}\n\nSomething begun meanwhile")
    await expect(omar.field).to_be_focused()
    await expect(omar.failed).to_have_count(0)
    await omar.send("You rascal")
    for tab in (omar, sue):
        await tab.shows("You rascal")
    await omar.page.reload()
    await omar.is_live()
    await omar.shows("You rascal")
    await expect(omar.page.locator("[data-threads] [data-decision]")).to_have_count(0)


async def test_it_can_be_appealed_for_once_and_comes_if_a_moderator_agrees(
    omar: Tab, sue: Tab, site: Site, mo: Moderator, post: Post
) -> None:
    await reject(omar)
    await told(omar).get_by_role("link", name="Appeal").click()
    await omar.page.locator("[data-form=appeal] textarea").fill("I quote a dictionary.")
    await omar.page.get_by_role("button", name="Send the appeal").click()
    for _ in range(2):
        await expect(told(omar)).to_contain_text("You have appealed.")
        await expect(told(omar).get_by_role("link", name="Appeal")).to_have_count(0)
        await expect(omar.failed.locator("[data-text]")).to_have_text(TEXT)
        await expect(omar.page.locator("[data-threads] [data-decision]")).to_have_count(1)
        await omar.page.reload()
        await omar.is_live()
    [asked] = site.ask_clerk("moderated", post_id=post.id)["appeals"]
    mo.answer(asked["id"], True)
    for tab in (omar, sue):
        await tab.shows(f"You {WORD}")
        await expect(tab.failed).to_have_count(0)


async def test_an_appeal_that_is_turned_down_leaves_the_text_with_its_writer(
    omar: Tab, site: Site, mo: Moderator, post: Post
) -> None:
    await reject(omar)
    await told(omar).get_by_role("link", name="Appeal").click()
    await omar.page.locator("[data-form=appeal] textarea").fill("Please.")
    await omar.page.get_by_role("button", name="Send the appeal").click()
    await expect(told(omar)).to_contain_text("You have appealed.")
    [asked] = site.ask_clerk("moderated", post_id=post.id)["appeals"]
    mo.answer(asked["id"], False, explanation="No.")
    await expect(told(omar)).to_contain_text("Your appeal was turned down.")
    await expect(omar.failed.locator("[data-text]")).to_have_text(TEXT)


async def test_it_can_be_thrown_away(omar: Tab) -> None:
    await reject(omar)
    await omar.page.get_by_role("button", name="Discard").click()
    await omar.shows()
    await omar.page.reload()
    await omar.is_live()
    await omar.shows()
    await expect(omar.page.locator("[data-threads] [data-decision]")).to_have_count(0)
