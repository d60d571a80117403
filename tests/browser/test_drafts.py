"""What stands in the composer is kept."""

from playwright.async_api import expect

from .groups import LIVE
from .tab import Post, Tab

pytestmark = LIVE


async def test_a_draft_survives_reloading(omar: Tab) -> None:
    await omar.field.press_sequentially("Half a thou")
    await omar.page.reload()
    await expect(omar.field).to_have_value("Half a thou")
    await omar.is_live()
    await omar.field.press("End")
    await omar.field.press_sequentially("ght")
    await omar.page.get_by_role("button", name="Send").click()
    await omar.shows("Half a thought")
    await omar.page.reload()
    await expect(omar.field).to_have_value("")


async def test_a_draft_knows_whom_it_answers(omar: Tab, sue: Tab) -> None:
    await sue.send("A question")
    await omar.act("A question", "Reply")
    await omar.field.fill("An ans")
    await omar.page.reload()
    await expect(omar.field).to_have_value("An ans")
    await expect(omar.page.locator("[data-replying]")).to_contain_text("Replying to Sue Stranger")
    await omar.is_live()
    await omar.send("An answer")
    await expect(sue.page.locator("[data-replies] [data-text]")).to_have_text(["An answer"])


async def test_a_draft_stays_with_its_post_and_its_writer(omar: Tab, sue: Tab, post: Post) -> None:
    await omar.field.fill("Half a thought")
    await omar.go("/")
    await omar.page.go_back()
    await expect(omar.field).to_have_value("Half a thought")
    await sue.page.reload()
    await expect(sue.field).to_have_value("")


async def test_a_comment_that_arrives_leaves_what_is_being_written_alone(omar: Tab, sue: Tab) -> None:
    await omar.field.press_sequentially("I was about to")
    await sue.send("Listen")
    await omar.shows("Listen")
    await expect(omar.field).to_be_focused()
    await omar.field.press_sequentially(" say")
    await expect(omar.field).to_have_value("I was about to say")


async def test_an_edit_in_progress_survives_what_others_do(omar: Tab, sue: Tab) -> None:
    await omar.send("Good mroning")
    await omar.act("Good mroning", "Edit")
    field = omar.page.locator("[data-editor] textarea")
    await field.fill("Good morn")
    await sue.reply("Good mroning", "Hello")
    await expect(omar.texts.last).to_have_text("Hello")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("Good morn")


async def test_more_than_a_comment_may_hold_is_not_sent_and_stays(omar: Tab) -> None:
    await omar.field.fill("x" * 400)
    await expect(omar.page.locator("[data-composer-hint]")).to_have_text("100 characters left")
    await omar.send("x" * 501)
    await expect(omar.page.locator("[data-composer-hint]")).to_have_text("1 character too many")
    await expect(omar.page.locator("[data-composer-error]")).to_contain_text("500 characters")
    await expect(omar.field).to_have_value("x" * 501)
    await omar.shows()


async def test_nothing_but_spaces_is_no_comment(omar: Tab) -> None:
    await omar.send("  \n  ")
    await expect(omar.field).to_be_focused()
    await omar.shows()
