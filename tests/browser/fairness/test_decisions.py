"""What is decided about somebody's comment reaches them, and they can answer it once."""

from typing import Any

from playwright.async_api import Locator, expect

from tests.browser.conftest import Cast, MakePost, Visit
from tests.browser.groups import FAIRNESS
from tests.browser.tab import Post, Tab
from tests.servers import Site

from .conftest import Moderator

pytestmark = FAIRNESS

REASONS: dict[str, Any] = {"reason": "harassment", "explanation": "Please argue\nwith the text."}
NO_REASON = "This comment was removed."


def decision(tab: Tab) -> Locator:
    return tab.page.locator("[data-threads] [data-decision]")


def held(tab: Tab) -> Locator:
    return tab.page.locator("[data-threads] .is-held")


async def appeal(tab: Tab, text: str) -> None:
    await decision(tab).get_by_role("link", name="Appeal").click()
    await tab.page.locator("[data-form=appeal] textarea").fill(text)
    await tab.page.get_by_role("button", name="Send the appeal").click()


async def test_its_author_alone_hears_what_was_decided_and_why(
    omar: Tab, sue: Tab, mo: Moderator, post: Post
) -> None:
    await sue.say("Before")
    await omar.say("You fool")
    await sue.say("After")

    mo.decide(post, "You fool", "reject", note="the third time", **REASONS)

    for tab in (omar, sue):
        await tab.shows("Before", "After")
    for _ in range(2):
        await expect(decision(omar)).to_contain_text("Your comment was rejected.")
        await expect(decision(omar)).to_contain_text("Reason: harassment")
        await expect(decision(omar)).to_contain_text("Please argue")
        page = await omar.page.content()
        assert "You fool" not in page
        assert "the third time" not in page
        assert await omar.page.evaluate("JSON.stringify({...localStorage}).includes('You fool')") is False
        await omar.page.reload()
        await omar.is_live()
    await expect(decision(sue)).to_have_count(0)
    await expect(sue.page.locator("[data-threads] [data-removed]")).to_have_count(0)


async def test_the_decision_stands_in_the_comments_place(
    omar: Tab, sue: Tab, mo: Moderator, post: Post
) -> None:
    await omar.say("You fool")
    await sue.say("After")
    await sue.reply("You fool", "What do you mean?")
    await omar.shows("You fool", "What do you mean?", "After")
    mo.decide(post, "You fool", "remove", **REASONS)
    for _ in range(2):
        first = omar.page.locator("[data-thread]").first
        await expect(first.locator("[data-decision]")).to_contain_text("A moderator removed your comment.")
        await expect(first.locator("[data-replies] [data-text]")).to_have_text(["What do you mean?"])
        await omar.page.reload()
        await omar.is_live()
    await expect(sue.page.locator("[data-removed-text]")).to_have_text([NO_REASON])


async def test_an_appeal_that_is_accepted_brings_the_comment_back_to_its_place(
    omar: Tab, sue: Tab, mo: Moderator, site: Site, post: Post
) -> None:
    await sue.say("Before")
    await omar.say("You fox")
    await sue.say("After")
    mo.decide(post, "You fox", "reject", **REASONS)

    await appeal(omar, "A fox is a clever animal.")

    await expect(decision(omar)).to_contain_text("You have appealed. A moderator will answer.")
    await expect(decision(omar).get_by_role("link", name="Appeal")).to_have_count(0)
    await expect(decision(omar)).to_be_focused()
    [asked] = site.ask_clerk("moderated", post_id=post.id)["appeals"]
    assert asked["text"] == "A fox is a clever animal."

    mo.answer(asked["id"], True)

    for tab in (omar, sue):
        await tab.shows("Before", "You fox", "After")
        await expect(decision(tab)).to_have_count(0)


async def test_an_appeal_that_is_turned_down_says_so_once_and_for_all(
    omar: Tab, mo: Moderator, site: Site, post: Post
) -> None:
    await omar.say("You fool")
    mo.decide(post, "You fool", "reject", **REASONS)
    await appeal(omar, "I meant myself.")
    await expect(decision(omar)).to_contain_text("You have appealed.")
    await omar.page.reload()
    await omar.is_live()
    await expect(decision(omar)).to_contain_text("You have appealed.")

    [asked] = site.ask_clerk("moderated", post_id=post.id)["appeals"]
    mo.answer(asked["id"], False, explanation="It reads otherwise.")

    for _ in range(2):
        await expect(decision(omar)).to_contain_text("Your appeal was turned down.")
        await expect(decision(omar)).to_contain_text("It reads otherwise.")
        await expect(decision(omar).get_by_role("link", name="Appeal")).to_have_count(0)
        await omar.page.reload()
        await omar.is_live()


async def test_an_appeal_needs_words_and_can_be_given_up(omar: Tab, mo: Moderator, post: Post) -> None:
    await omar.say("You fool")
    mo.decide(post, "You fool", "reject")
    await appeal(omar, " ")
    await expect(omar.page.locator("[data-form] [role=alert]")).to_have_text("Please write something.")
    await omar.page.keyboard.press("Escape")
    await expect(omar.page.locator("[data-form]")).to_have_count(0)
    await expect(decision(omar).get_by_role("link", name="Appeal")).to_be_focused()


async def test_a_held_comment_is_its_authors_after_a_reload_and_in_another_tab(
    visit: Visit, cast: Cast, make_post: MakePost
) -> None:
    post = make_post(pre_moderation=True)
    omar, sue = await visit(cast.owner), await visit(cast.stranger)
    for tab in (omar, sue):
        await tab.read(post)
    other = await omar.another()
    await other.read(post)
    elsewhere = await visit(cast.owner)  # a browser that never knew of it
    await omar.send("May **I**?")
    for tab in (omar, other):
        await expect(held(tab)).to_have_count(1)
        await expect(held(tab)).to_contain_text("waiting for review, only you see it")
        await expect(held(tab).locator("strong")).to_have_text("I")
    await elsewhere.read(post)
    await omar.page.reload()
    await omar.is_live()
    for tab in (omar, elsewhere):
        await expect(held(tab)).to_have_count(1)
        await expect(held(tab).locator("strong")).to_have_text("I")
        await expect(held(tab).get_by_role("link", name="Reply")).to_have_count(0)
    await sue.shows()


async def test_a_held_comment_can_be_changed_and_taken_back(
    visit: Visit, cast: Cast, make_post: MakePost, site: Site
) -> None:
    post = make_post(pre_moderation=True)
    omar = await visit(cast.owner)
    await omar.read(post)
    await omar.send("May I")
    await expect(held(omar)).to_have_count(1)
    await omar.edit("May I", "May I?")
    await omar.shows("May I?")
    await expect(held(omar)).to_have_count(1)
    await omar.page.reload()
    await omar.is_live()
    await omar.delete("May I?")
    await omar.shows()
    await omar.page.reload()
    await omar.is_live()
    await omar.shows()
    assert site.stored(post.id)[0]["status"] == "removed"


async def test_a_held_comment_that_is_let_through_is_published_where_it_waited(
    visit: Visit, cast: Cast, make_post: MakePost, mo: Moderator
) -> None:
    post = make_post(pre_moderation=True)
    omar, sue = await visit(cast.owner), await visit(cast.stranger)
    for tab in (omar, sue):
        await tab.read(post)
    await omar.send("May I?")
    await expect(held(omar)).to_have_count(1)
    await omar.page.reload()
    await omar.is_live()
    place = await omar.top("May I?")
    mo.decide(post, "May I?", "approve")
    await sue.shows("May I?")
    await expect(held(omar)).to_have_count(0)
    await omar.shows("May I?")
    assert await omar.top("May I?") == place
    await expect(omar.count).to_have_text("1 comment")


async def test_a_held_comment_that_is_rejected_leaves_nothing_of_its_text(
    visit: Visit, cast: Cast, make_post: MakePost, mo: Moderator
) -> None:
    post = make_post(pre_moderation=True)
    omar = await visit(cast.owner)
    await omar.read(post)
    other = await omar.another()
    await other.read(post)
    await omar.send("You fool")
    await expect(held(omar)).to_have_count(1)
    mo.decide(post, "You fool", "reject", **REASONS)
    for tab in (omar, other):
        await expect(decision(tab)).to_contain_text("Reason: harassment")
        assert "You fool" not in await tab.page.content()
        assert await tab.page.evaluate("JSON.stringify({...localStorage}).includes('You fool')") is False


async def test_what_was_decided_while_they_were_offline_is_there_when_they_come_back(
    visit: Visit, cast: Cast, make_post: MakePost, mo: Moderator
) -> None:
    post = make_post()
    omar, sue = await visit(cast.owner), await visit(cast.stranger)
    for tab in (omar, sue):
        await tab.read(post)
    await omar.say("You fool")
    mo.set_room(post, pre_moderation=True)
    await omar.send("You rascal")
    await expect(held(omar)).to_have_count(1)
    await omar.offline()
    await omar.is_in("offline")
    mo.decide(post, "You fool", "reject", **REASONS)
    mo.decide(post, "You rascal", "spam")
    await omar.offline(False)
    await omar.is_live()
    await expect(decision(omar)).to_have_count(2)
    await expect(decision(omar).first).to_contain_text("Reason: harassment")
    await expect(decision(omar).last).to_contain_text("Your comment was rejected as spam.")
    await omar.shows()


async def test_a_comment_that_is_held_again_waits_in_its_place(
    omar: Tab, sue: Tab, mo: Moderator, post: Post
) -> None:
    await omar.say("A claim")
    await sue.say("After")
    mo.decide(post, "A claim", "hold")
    await sue.shows("After")
    await expect(held(omar)).to_have_count(1)
    await omar.shows("A claim", "After")


async def test_many_decisions_at_once_all_reach_their_author(
    omar: Tab, sue: Tab, mo: Moderator, site: Site, post: Post
) -> None:
    for text in ("One", "Two", "Three"):
        await omar.say(text)
    await sue.shows("One", "Two", "Three")
    site.verb("decide", [row["id"] for row in site.stored(post.id)], "spam", by=mo.person)
    await expect(decision(omar)).to_have_count(3)
    for tab in (omar, sue):
        await tab.shows()


async def test_a_decision_that_is_undone_leaves_no_trace(
    omar: Tab, sue: Tab, mo: Moderator, post: Post
) -> None:
    await omar.say("A claim")
    mo.decide(post, "A claim", "reject", **REASONS)
    await expect(decision(omar)).to_have_count(1)
    mo.decide(post, "A claim", "restore")
    for tab in (omar, sue):
        await tab.shows("A claim")
        await expect(decision(tab)).to_have_count(0)
