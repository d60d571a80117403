"""What keeps somebody from writing, holds or slows them, is said before they write, and as it changes."""

import re
from datetime import timedelta

from django.utils import timezone
from playwright.async_api import expect

from tests.browser.conftest import Cast, MakePost, Visit
from tests.browser.groups import FAIRNESS
from tests.browser.tab import Post, Tab
from tests.servers import Person, Site

from .conftest import Moderator

pytestmark = FAIRNESS

LEAD = "[data-standing-lead]"


async def test_slow_mode_is_said_before_and_counted_after_a_comment(
    visit: Visit, cast: Cast, make_post: MakePost
) -> None:
    omar = await visit(cast.owner)
    await omar.read(make_post(slow_mode=3))
    notice = omar.page.locator("[data-notice]")
    await expect(notice).to_have_text("Slow mode: one comment every 3 seconds.")
    await omar.say("First")
    await expect(notice).to_contain_text(re.compile("You can write again in [123] seconds?"))
    await omar.field.fill("Second")
    send = omar.page.get_by_role("button", name="Send")
    await expect(send).to_have_attribute("aria-disabled", "true")
    await omar.field.press("Control+Enter")
    await expect(omar.field).to_have_value("Second")
    await expect(omar.failed).to_have_count(0)
    await expect(omar.page.locator("[data-announcer]")).to_contain_text("You can write again in")
    await expect(notice).to_have_text("Slow mode: one comment every 3 seconds.")
    await send.click()
    await omar.shows("First", "Second")


async def test_the_wait_of_slow_mode_is_known_after_a_reload(
    visit: Visit, cast: Cast, make_post: MakePost
) -> None:
    omar = await visit(cast.owner)
    await omar.read(make_post(slow_mode=60))
    await omar.say("First")
    await omar.page.reload()
    await expect(omar.page.locator("[data-notice-wait]")).to_contain_text("You can write again in")
    await omar.is_live()
    await expect(omar.page.locator("[data-notice-wait]")).to_contain_text("You can write again in")


async def test_slow_mode_comes_and_goes_while_they_look_on(omar: Tab, mo: Moderator, post: Post) -> None:
    await omar.say("First")
    mo.set_room(post, slow_mode=600)
    await expect(omar.page.locator("[data-notice-wait]")).to_contain_text("You can write again in")
    mo.set_room(post, slow_mode=0)
    await expect(omar.page.locator("[data-notice]")).to_be_hidden()
    await omar.say("Second")


async def test_holding_first_is_said_while_they_look_on(omar: Tab, mo: Moderator, post: Post) -> None:
    mo.set_room(post, pre_moderation=True)
    notice = omar.page.locator("[data-notice]")
    await expect(notice).to_have_text(re.compile("A moderator looks at each comment here"))
    await omar.page.reload()
    await omar.is_live()
    await expect(notice).to_be_visible()
    mo.set_room(post, pre_moderation=False)
    await expect(notice).to_be_hidden()


async def test_newcomers_are_told_that_they_are_held_and_others_not(
    visit: Visit, bea: Person, cast: Cast, make_post: MakePost, mo: Moderator
) -> None:
    post = make_post()
    new, author = await visit(bea), await visit(cast.author)
    for tab in (new, author):
        await tab.read(post)
    mo.set_room(post, hold_newcomers=True)
    notice = new.page.locator("[data-notice]")
    await expect(notice).to_contain_text("first comments of new readers")
    await new.page.reload()
    await new.is_live()
    await expect(notice).to_contain_text("first comments of new readers")
    await expect(author.page.locator("[data-notice]")).to_be_hidden()
    mo.set_room(post, hold_newcomers=False)
    await expect(notice).to_be_hidden()


async def test_a_pause_of_the_site_keeps_the_draft_and_ends_by_itself(
    omar: Tab, visit: Visit, cast: Cast, mo: Moderator, post: Post
) -> None:
    desk = await visit(cast.moderator)
    await desk.read(post)
    await omar.field.fill("Half a thought")
    mo.pause(True)
    try:
        await expect(omar.closed.locator(LEAD)).to_have_text("All comments are paused for the moment.")
        await expect(omar.field).to_be_hidden()
        await expect(omar.page.locator("[data-standing-kept]")).to_be_visible()
        await expect(omar.closed).to_be_focused()
        await expect(desk.field).to_be_visible()
    finally:
        mo.pause(False)
    await expect(omar.field).to_have_value("Half a thought")
    await expect(omar.field).to_be_visible()
    await expect(omar.field).to_be_focused()


async def test_a_suspension_says_why_and_until_when_and_ends_by_itself(
    visit: Visit, bea: Person, mo: Moderator, post: Post
) -> None:
    tab = await visit(bea)
    await tab.read(post)
    await tab.field.fill("Half a thought")
    mo.impose(bea, "suspension", seconds=5, explanation="Cool down, please.")
    for reload in (False, True):
        if reload:
            await tab.page.reload()
        await expect(tab.closed.locator(LEAD)).to_have_text("You are suspended from commenting for now.")
        await expect(tab.closed).to_contain_text("Reason: harassment")
        await expect(tab.closed).to_contain_text("Cool down, please.")
        await expect(tab.closed.locator("[data-standing-left]")).to_have_text(re.compile(r"in \d seconds?"))
        await expect(tab.field).to_be_hidden()
    await expect(tab.closed).to_be_hidden()
    await expect(tab.field).to_have_value("Half a thought")
    await tab.say("A whole thought")


async def test_a_suspension_that_is_lifted_by_hand_gives_the_composer_back(
    visit: Visit, bea: Person, mo: Moderator, post: Post
) -> None:
    tab = await visit(bea)
    await tab.read(post)
    sanction = mo.impose(bea, "suspension", seconds=86_400)
    await expect(tab.closed.locator("[data-standing-left]")).to_have_text("in 24 hours")
    mo.lift(sanction)
    await expect(tab.field).to_be_visible()


async def test_whoever_is_suspended_may_still_report_and_read(
    visit: Visit, bea: Person, mo: Moderator, sue: Tab, post: Post
) -> None:
    mo.impose(bea, "suspension", seconds=600)
    tab = await visit(bea)
    await tab.read(post)
    await sue.say("Live")
    await tab.shows("Live")
    await tab.act("Live", "Report")
    await expect(tab.page.locator("[data-form=report]")).to_be_visible()
    await expect(tab.comment("Live").get_by_role("link", name="Reply")).to_have_count(0)


async def test_a_warning_has_to_be_read_before_the_next_comment(
    visit: Visit, bea: Person, mo: Moderator, site: Site, post: Post
) -> None:
    tab = await visit(bea)
    await tab.read(post)
    await tab.field.fill("Half a thought")
    sanction = mo.impose(bea, "warning", explanation="Others feel attacked.", concerns=post.path)
    await expect(tab.closed.locator(LEAD)).to_contain_text("A moderator has warned you.")
    await expect(tab.closed).to_contain_text("Others feel attacked.")
    await expect(tab.closed.get_by_role("link", name="What it is about")).to_have_attribute("href", post.path)
    await tab.page.get_by_role("button", name="I have read this").click()
    await expect(tab.field).to_be_focused()
    await expect(tab.field).to_have_value("Half a thought")
    assert sanction in site.ask_clerk("moderated", post_id=post.id)["acknowledged"]
    await tab.say("A whole thought")


async def test_who_is_held_first_is_told_why_and_for_how_long(
    visit: Visit, bea: Person, mo: Moderator, post: Post
) -> None:
    tab = await visit(bea)
    await tab.read(post)
    sanction = mo.impose(
        bea, "hold_first", reason="advertising", seconds=86_400, explanation="Too many links."
    )
    notice = tab.page.locator("[data-notice]")
    for _ in range(2):
        await expect(notice).to_contain_text("Your comments wait for a moderator")
        await expect(notice).to_contain_text("advertising")
        await expect(notice).to_contain_text("Until")
        await expect(notice).to_contain_text("Too many links.")
        await tab.page.reload()
        await tab.is_live()
    await tab.send("Look here")
    await expect(tab.page.locator("[data-threads] .is-held")).to_have_count(1)
    mo.lift(sanction)
    await expect(notice).to_be_hidden()


async def test_a_ban_ends_the_socket_and_leaves_the_page_and_the_draft(
    visit: Visit, bea: Person, mo: Moderator, sue: Tab, post: Post, site: Site
) -> None:
    await sue.say("Something to read")
    tab = await visit(bea)
    await tab.read(post)
    await tab.field.fill("Half a thought")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.on("websocket", lambda socket: asked.append(socket.url))

    mo.impose(bea, "ban", reason="spam", explanation="You sell watches.", seconds=86_400)

    await tab.is_in("barred")
    for _ in range(2):
        await expect(tab.closed.locator(LEAD)).to_have_text("You may no longer comment here.")
        await expect(tab.closed).to_contain_text("Reason: spam")
        await expect(tab.closed).to_contain_text("You sell watches.")
        await expect(tab.closed).to_contain_text("in 24 hours")
        await expect(tab.closed).to_contain_text("kept in this browser")
        await expect(tab.page.locator("[data-live-login]")).to_be_hidden()
        await tab.shows("Something to read")
        await tab.page.wait_for_timeout(4_000)
        assert [url for url in asked if "socket.io/?" in url] == [], "it tried again"
        await tab.page.reload()
        await tab.is_in("barred")
        asked.clear()
    assert await tab.page.evaluate("JSON.stringify({...localStorage}).includes('Half a thought')")


async def test_who_comes_back_after_a_ban_finds_the_draft(
    visit: Visit, bea: Person, mo: Moderator, post: Post
) -> None:
    tab = await visit(bea)
    await tab.read(post)
    await tab.field.fill("Half a thought")
    mo.impose(bea, "ban", seconds=4)
    await tab.is_in("barred")
    await expect(tab.closed.locator(LEAD)).to_contain_text("The ban has ended.")
    await tab.page.reload()
    await tab.is_live()
    await expect(tab.field).to_have_value("Half a thought")


async def test_what_waits_in_the_outbox_is_not_lost_by_a_ban(
    visit: Visit, bea: Person, mo: Moderator, post: Post
) -> None:
    tab = await visit(bea)
    await tab.read(post)
    await tab.offline()
    await tab.is_in("offline")
    await tab.send("From a tunnel")
    sanction = mo.impose(bea, "ban")
    await tab.offline(False)
    await tab.is_in("barred")
    await expect(tab.pending).to_contain_text("not sent")
    mo.lift(sanction)
    await tab.page.reload()
    await tab.is_live()
    await tab.shows("From a tunnel")
    await expect(tab.pending).to_have_count(0)


async def test_a_clock_that_is_wrong_is_put_right_by_the_servers_answer(
    visit: Visit, bea: Person, mo: Moderator, post: Post
) -> None:
    tab = await visit(bea)
    tab.is_disposable = True
    ahead = timezone.now() + timedelta(hours=1)
    await tab.page.clock.set_fixed_time(ahead)
    mo.impose(bea, "suspension", seconds=600)
    await tab.read(post)
    await tab.send("Too early")
    await expect(tab.failed).to_have_count(1)
    await expect(tab.closed.locator("[data-standing-left]")).to_have_text("in 10 minutes")
