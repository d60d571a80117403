"""Reporting, appealing, warnings and moderating by pages and forms."""

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import Cast, MakePost, Visit
from tests.browser.groups import FAIRNESS
from tests.browser.tab import Post, Tab
from tests.servers import Person, Site

from .conftest import Moderator

pytestmark = FAIRNESS


@pytest_asyncio.fixture(loop_scope="session")
async def plain(visit: Visit, cast: Cast, post: Post) -> Tab:
    """The owner, whose browser runs no script."""
    tab = await visit(cast.owner, java_script_enabled=False)
    await tab.go(post.path)
    return tab


async def press(tab: Tab, button: str) -> None:
    await tab.page.locator("main").get_by_role("button", name=button).click()


async def test_a_report_has_a_page(plain: Tab, sue: Tab, site: Site, post: Post) -> None:
    plain.watch.expect("status of 422")
    await sue.say("Buy my watches")
    await plain.page.reload()
    await plain.act("Buy my watches", "Report")
    await plain.page.get_by_text("Other", exact=True).click()
    await press(plain, "Report")
    await expect(plain.page.get_by_role("alert")).to_have_text("Please say what the other reason is.")
    await expect(plain.page.get_by_label("Other")).to_be_checked()
    await plain.page.locator("textarea").fill("A riddle")
    await press(plain, "Report")
    await expect(plain.page.locator(".message")).to_have_text("Thank you. A moderator will look at it.")
    await plain.shows("Buy my watches")
    await expect(plain.comment("Buy my watches").locator("[data-reported-note]")).to_be_visible()
    await expect(plain.comment("Buy my watches").get_by_role("link", name="Report")).to_have_count(0)
    assert len(site.ask_clerk("moderated", post_id=post.id)["flags"]) == 1


async def test_a_decision_is_read_and_appealed_against(
    plain: Tab, mo: Moderator, site: Site, post: Post
) -> None:
    plain.watch.expect("status of 422")
    await plain.page.locator("textarea").fill("You fool")
    await press(plain, "Send")
    mo.decide(post, "You fool", "reject", reason="harassment", explanation="Argue with the text.")
    await plain.page.reload()
    told = plain.page.locator("[data-threads] [data-decision]")
    await expect(told).to_contain_text("Argue with the text.")
    await plain.page.get_by_role("link", name="Appeal").click()
    await expect(plain.page.locator("main")).to_contain_text("Argue with the text.")
    await plain.page.locator("textarea").fill("I meant myself.")
    await press(plain, "Send the appeal")
    await expect(plain.page.locator(".message")).to_have_text(
        "Thank you. A moderator will answer your appeal."
    )
    await expect(told).to_contain_text("You have appealed. A moderator will answer.")
    await expect(plain.page.get_by_role("link", name="Appeal")).to_have_count(0)
    [asked] = site.ask_clerk("moderated", post_id=post.id)["appeals"]
    assert asked["text"] == "I meant myself."


async def test_a_held_comment_is_shown_to_its_author(visit: Visit, cast: Cast, make_post: MakePost) -> None:
    tab = await visit(cast.owner, java_script_enabled=False)
    await tab.go(make_post(pre_moderation=True).path)
    await expect(tab.page.locator("[data-notice]")).to_contain_text("A moderator looks at each comment here")
    await tab.page.locator("textarea").fill("May I?")
    await press(tab, "Send")
    await expect(tab.page.locator("[data-threads] .is-held")).to_contain_text(
        "waiting for review, only you see it"
    )


async def test_a_warning_is_acknowledged(visit: Visit, bea: Person, mo: Moderator, post: Post) -> None:
    mo.impose(bea, "warning", explanation="Others feel attacked.")
    tab = await visit(bea, java_script_enabled=False)
    await tab.go(post.path)
    await expect(tab.closed).to_contain_text("Others feel attacked.")
    await expect(tab.field).to_be_hidden()
    await press(tab, "I have read this")
    await expect(tab.field).to_be_visible()


async def test_a_suspension_that_comes_while_writing_keeps_what_was_written(
    visit: Visit, bea: Person, mo: Moderator, post: Post
) -> None:
    tab = await visit(bea, java_script_enabled=False)
    tab.watch.expect("status of 422")
    await tab.go(post.path)
    await tab.field.fill("Half a thought")
    mo.impose(bea, "suspension", seconds=600)
    await press(tab, "Send")
    await expect(tab.closed).to_contain_text("You are suspended from commenting for now.")
    await expect(tab.closed).to_contain_text("Until")
    await expect(tab.page.get_by_label("What you wrote")).to_have_value("Half a thought")


async def test_a_rejected_text_explains_itself_and_can_be_changed_or_appealed_for(
    plain: Tab, mo: Moderator, site: Site, cast: Cast
) -> None:
    plain.watch.expect("status of 422")
    site.verb("save_word", "bumfuzzle", "banned", by=cast.moderator)
    await plain.page.wait_for_timeout(1_100)
    await plain.page.locator("textarea").fill("You bumfuzzle me")
    await press(plain, "Send")
    await expect(plain.page.locator("[data-composer-error]")).to_contain_text(
        "a word that is not allowed here"
    )
    await expect(plain.page.locator(".composer-rejection")).to_contain_text("Reason: banned word")
    await expect(plain.page.get_by_role("link", name="Appeal")).to_be_visible()
    await expect(plain.field).to_have_value("You bumfuzzle me")
    await plain.field.fill("You puzzle me")
    await press(plain, "Send")
    await plain.shows("You puzzle me")


async def test_an_author_hides_and_restores_by_pages(visit: Visit, cast: Cast, omar: Tab, post: Post) -> None:
    await omar.say("Something else")
    ana = await visit(cast.author, java_script_enabled=False)
    await ana.go(post.path)
    await ana.act("Something else", "Hide")
    await ana.page.get_by_text("Off topic", exact=True).click()
    await press(ana, "Hide")
    await expect(ana.page.locator(".message")).to_have_text("The comment is hidden.")
    for tab in (ana, omar):
        await tab.shows()
    await ana.page.get_by_role("link", name="Restore").click()
    await press(ana, "Restore")
    await expect(ana.page.locator(".message")).to_have_text("The comment is back.")
    for tab in (ana, omar):
        await tab.shows("Something else")
