"""What stands in the composer is kept."""

import asyncio
import re

from playwright.async_api import Locator, WebSocketRoute, expect

from .conftest import Cast, Visit
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


# --- One for each reply --------------------------------------------------------------------------


def also_begun(tab: Tab, name: str) -> Locator:
    return tab.page.locator("[data-kept]").get_by_role("button", name=name)


async def test_going_from_one_reply_to_another_and_back_loses_neither(omar: Tab, sue: Tab) -> None:
    await sue.say("First question")
    await sue.say("Second question")
    await omar.field.fill("A comment of my own")
    await omar.act("First question", "Reply")
    await expect(omar.field).to_have_value("")
    await omar.field.fill("To the first")
    await omar.act("Second question", "Reply")
    await expect(omar.field).to_have_value("")
    await omar.field.fill("To the second")
    await omar.act("First question", "Reply")
    await expect(omar.field).to_have_value("To the first")
    await omar.page.reload()
    await omar.is_live()
    await expect(omar.field).to_have_value("To the first")
    await omar.act("Second question", "Reply")
    await expect(omar.field).to_have_value("To the second")
    await omar.field.press("Control+Enter")
    await expect(sue.page.locator("[data-replies] [data-text]")).to_have_text(["To the second"])
    await expect(omar.field).to_have_value("A comment of my own")
    await also_begun(omar, "Reply to Sue Stranger").click()
    await expect(omar.field).to_have_value("To the first")
    await expect(omar.field).to_be_focused()


async def test_escape_puts_a_reply_aside_and_there_is_a_way_back(omar: Tab, sue: Tab) -> None:
    await sue.say("A question")
    await omar.act("A question", "Reply")
    await omar.field.press_sequentially("An ans")
    await omar.field.press("Escape")
    await expect(omar.page.locator("[data-replying]")).to_be_hidden()
    await expect(omar.field).to_have_value("")
    await expect(omar.field).to_be_focused()
    await also_begun(omar, "Reply to Sue Stranger").click()
    await expect(omar.field).to_have_value("An ans")
    await expect(omar.page.locator("[data-replying]")).to_contain_text("Replying to Sue Stranger")


async def test_a_reply_that_is_to_be_none_becomes_a_comment(omar: Tab, sue: Tab) -> None:
    await sue.say("A question")
    await omar.act("A question", "Reply")
    await omar.field.fill("Something else")
    await omar.page.get_by_role("link", name="Do not reply").click()
    await expect(omar.field).to_have_value("Something else")
    await omar.field.press("Control+Enter")
    await sue.shows("A question", "Something else")
    await expect(sue.page.locator("[data-replies] [data-text]")).to_have_count(0)


async def test_a_second_click_does_not_send_what_took_the_place(omar: Tab, sue: Tab) -> None:
    await sue.say("A question")
    await omar.field.fill("Not yet finished")
    await omar.act("A question", "Reply")
    await omar.field.fill("An answer")
    await omar.page.get_by_role("button", name="Send").dblclick()
    await sue.shows("A question", "An answer")
    await expect(omar.field).to_have_value("Not yet finished")
    await sue.say("The end")
    await omar.shows("A question", "An answer", "The end")


async def test_a_double_click_sends_once(omar: Tab, sue: Tab) -> None:
    await omar.field.fill("Only once")
    await omar.page.get_by_role("button", name="Send").dblclick()
    await sue.shows("Only once")
    await omar.say("The end")
    await sue.shows("Only once", "The end")


async def test_what_is_sent_in_one_tab_does_not_wait_in_another(omar: Tab, sue: Tab, post: Post) -> None:
    await omar.field.press_sequentially("Half a thou")
    other = await omar.another()
    await other.read(post)
    await expect(other.field).to_have_value("Half a thou")
    await omar.field.press_sequentially("ght")
    await expect(other.field).to_have_value("Half a thought")
    await omar.field.press("Control+Enter")
    await expect(other.field).to_have_value("")
    await sue.shows("Half a thought")


async def test_what_somebody_wrote_on_in_another_tab_stays_there(omar: Tab, post: Post) -> None:
    await omar.field.press_sequentially("Half a thou")
    other = await omar.another()
    await other.read(post)
    await expect(other.field).to_have_value("Half a thou")
    await other.field.press("End")
    await other.field.press_sequentially("sand")
    await omar.field.press("Control+Enter")
    await omar.shows("Half a thou")
    await expect(other.field).to_have_value("Half a thousand")


async def test_a_tab_that_did_nothing_takes_no_draft_with_it(omar: Tab, post: Post) -> None:
    other = await omar.another()
    await other.read(post)
    await omar.field.press_sequentially("Half a thought")
    await other.page.evaluate("localStorage.length")
    await other.page.close()
    await omar.page.reload()
    await expect(omar.field).to_have_value("Half a thought")


# --- Edits ---------------------------------------------------------------------------------------


async def test_an_edit_under_way_survives_escape_and_reloading(omar: Tab, sue: Tab) -> None:
    await omar.say("Good mroning")
    field = omar.page.locator("[data-editor] textarea")
    await omar.act("Good mroning", "Edit")
    await field.fill("Good morn")
    await field.press("Escape")
    await omar.act("Good mroning", "Go on editing")
    await expect(field).to_have_value("Good morn")
    await omar.page.reload()
    await omar.is_live()
    await omar.act("Good mroning", "Go on editing")
    await expect(field).to_have_value("Good morn")
    note = omar.page.locator("[data-editor-note]")
    await expect(note).to_contain_text("You had begun to change this.")
    await note.get_by_role("button").click()
    await expect(field).to_have_value("Good mroning")
    await field.fill("Good morning")
    await field.press("Control+Enter")
    await sue.shows("Good morning")
    await expect(omar.comment("Good morning").get_by_role("link", name="Edit", exact=True)).to_be_focused()


async def test_an_edit_without_a_connection_says_so_and_is_kept(omar: Tab) -> None:
    await omar.say("Good mroning")
    await omar.offline()
    await omar.is_in("offline")
    await omar.edit("Good mroning", "Good morning")
    await expect(omar.page.locator("[data-editor-error]")).to_contain_text("no connection")
    await expect(omar.page.locator("[data-editor] textarea")).to_have_value("Good morning")
    await omar.offline(False)
    await omar.is_live()
    await omar.page.get_by_role("button", name="Save").click()
    await omar.shows("Good morning")


async def test_what_one_was_changing_when_it_was_removed_is_offered_back(
    omar: Tab, visit: Visit, cast: Cast, post: Post
) -> None:
    await omar.say("Good mroning")
    field = omar.page.locator("[data-editor] textarea")
    await omar.act("Good mroning", "Edit")
    await field.press_sequentially(" and")
    mo = await visit(cast.moderator)
    await mo.read(post)
    await mo.act("Good mroning", "Hide")
    sheet = mo.page.locator("[data-form=hide]")
    await sheet.get_by_role("radio", name="spam").check()
    await sheet.get_by_role("button", name="Hide").click()
    await expect(field).to_have_count(0)
    await expect(omar.page.locator("[data-announcer]")).to_have_text(re.compile("Your text is kept"))
    offer = also_begun(omar, "Changes to a removed comment")
    await expect(offer).to_be_visible()
    await omar.page.reload()
    await omar.is_live()
    await offer.click()
    await expect(omar.field).to_have_value("Good mroning and")
    await expect(omar.field).to_be_focused()
    await expect(offer).to_have_count(0)
    await omar.page.reload()
    await expect(omar.field).to_have_value("Good mroning and")


async def test_who_takes_a_comment_away_themselves_is_offered_nothing(omar: Tab) -> None:
    await omar.say("Good mroning")
    await omar.act("Good mroning", "Edit")
    await omar.page.locator("[data-editor] textarea").fill("Good morn")
    await omar.page.keyboard.press("Escape")
    await omar.delete("Good mroning")
    await omar.shows()
    await expect(omar.page.locator("[data-kept]")).to_be_hidden()


async def test_they_are_offered_nothing_while_the_answer_is_on_its_way_either(omar: Tab) -> None:
    omar.is_disposable = True
    are_held = asyncio.Event()
    answers: list[tuple[WebSocketRoute, str | bytes]] = []

    def hold(socket: WebSocketRoute) -> None:
        def pass_on(frame: str | bytes) -> None:
            # An answer begins with 4 for a message, 3 for its kind.
            if are_held.is_set() and str(frame).startswith("43"):
                answers.append((socket, frame))
            else:
                socket.send(frame)

        socket.connect_to_server().on_message(pass_on)

    await omar.page.route_web_socket(re.compile(r"/socket\.io/"), hold)
    await omar.page.reload()
    await omar.is_live()
    await omar.say("Good mroning")
    await omar.act("Good mroning", "Edit")
    await omar.page.locator("[data-editor] textarea").fill("Good morn")
    await omar.page.keyboard.press("Escape")
    are_held.set()
    await omar.delete("Good mroning")
    await omar.shows()
    await expect(omar.page.locator("[data-kept]")).to_be_hidden()
    assert answers
    for socket, answer in answers:
        socket.send(answer)
    await asyncio.sleep(0.5)
    await expect(omar.page.locator("[data-kept]")).to_be_hidden()


# --- What was refused ----------------------------------------------------------------------------


async def test_what_was_refused_can_be_changed(omar: Tab, sue: Tab) -> None:
    await sue.say("A question")
    await omar.act("A question", "Reply")
    await omar.offline()
    await omar.is_in("offline")
    await sue.delete("A question")
    await sue.shows()
    await omar.send("An answer to nobody")
    await omar.offline(False)
    await expect(omar.failed).to_have_count(1)
    await omar.page.get_by_role("button", name="Change the text").click()
    await expect(omar.field).to_have_value("An answer to nobody")
    await expect(omar.page.locator("[data-replying]")).to_be_hidden()
    await omar.field.fill("To everybody")
    await omar.field.press("Control+Enter")
    await sue.shows("To everybody")
