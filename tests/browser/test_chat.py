"""The chat in real browsers: three people in a room, two with each other, and somebody without JavaScript."""

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio
from playwright.async_api import WebSocketRoute, expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import inspect
from .tab import Tab

pytestmark = LIVE
_numbers = count(1)


@pytest.fixture
def room(site: Site) -> str:
    """The address of a room of this test's own."""
    number = next(_numbers)
    slug = site.ask_clerk("room", title=f"Tea room {number}", body="Leaves, water, *patience*.")["slug"]
    return f"/chat/{slug}/"


@pytest_asyncio.fixture(loop_scope="session")
async def three(visit: Visit, cast: Cast, room: str) -> AsyncIterator[list[Tab]]:
    """Omar, Sue and a moderator in the room."""
    tabs = []
    for person in (cast.owner, cast.stranger, cast.moderator):
        tab = await visit(person)
        await tab.go(room)
        await tab.is_live()
        tabs.append(tab)
    yield tabs


async def test_a_visitor_reads_along_and_is_asked_to_log_in(
    visit: Visit, three: list[Tab], room: str
) -> None:
    await three[0].send("Good morning")
    visitor = await visit()
    await visitor.go(room)
    await expect(visitor.texts).to_have_text(["Good morning"])
    await expect(visitor.page.get_by_role("link", name="Private")).to_have_count(0)
    await visitor.go("/chat/with/")
    await expect(visitor.page).to_have_url(re.compile("/accounts/login/"))


async def test_three_people_talk_and_enter_sends(three: list[Tab]) -> None:
    omar, sue, mo = three
    await expect(omar.here).to_have_text("3 here")
    await omar.field.fill("Good morning")
    await omar.field.press("Shift+Enter")
    await omar.field.press_sequentially("all")
    await omar.field.press("Enter")
    await sue.send("Morning!")
    for tab in (omar, sue, mo):
        await expect(tab.texts).to_have_text([re.compile(r"Good morning\s+all"), "Morning!"])
        await expect(tab.count).to_have_text("2 messages")
    await sue.field.press_sequentially("Well")
    await expect(mo.page.locator("[data-typing]")).to_contain_text("Sue Stranger")


async def test_who_comes_and_goes_is_said_to_the_others(three: list[Tab], room: str) -> None:
    omar, sue, _ = three
    came = omar.page.locator("[data-came]")
    await sue.go("/chat/with/")
    await expect(came).to_have_text(re.compile("Sue Stranger.* left."))
    await sue.go(room)
    await expect(came).to_have_text(re.compile("Sue Stranger.* came in."))


async def test_a_moderator_takes_a_message_from_all_pages(three: list[Tab]) -> None:
    omar, sue, mo = three
    await omar.send("Buy watches")
    await expect(sue.texts).to_have_text(["Buy watches"])
    comment = mo.comment("Buy watches")
    await comment.hover()
    if await comment.get_by_role("button", name="More").is_visible():
        await comment.get_by_role("button", name="More").click()
    await comment.get_by_role("link", name="Hide").click()
    form = mo.page.locator('form[data-form="hide"]')
    await form.get_by_role("radio").first.check()
    await form.get_by_role("button", name="Hide").click()
    await expect(sue.texts).to_have_count(0)
    await expect(omar.page.locator("[data-decision]").first).to_be_visible()


async def test_what_is_unread_is_counted_after_a_lost_connection(three: list[Tab], cast: Cast) -> None:
    omar, sue, _ = three
    count = sue.page.locator("[data-private-unread]")
    before = int(await count.text_content() or 0)
    await sue.offline()
    await omar.go(f"/chat/with/{cast.stranger.username}/")
    await omar.page.locator("textarea").fill("While you were away")
    await omar.page.locator("textarea").press("Enter")
    await expect(omar.page.locator(".private.is-own .comment-text").last).to_have_text("While you were away")
    await expect(count).to_have_text(str(before))
    await sue.offline(False)
    await expect(count).to_have_text(str(before + 1))
    await sue.go(f"/chat/with/{cast.owner.username}/")
    await expect(count).to_be_hidden()


async def test_two_people_write_to_each_other_in_all_their_tabs(
    visit: Visit, three: list[Tab], cast: Cast
) -> None:
    omar, sue, mo = three
    await omar.go(f"/chat/with/{cast.stranger.username}/")
    before = await omar.page.locator("[data-private]").count()
    await omar.page.locator("textarea").fill("Between *us*")
    await omar.page.locator("textarea").press("Enter")
    await expect(omar.page.locator(".private.is-own .comment-text").last).to_have_text("Between us")
    await expect(sue.page.locator("[data-private-unread]")).to_have_text("1")

    await sue.page.get_by_role("link", name="Private").click()
    await expect(
        sue.page.get_by_role("link", name=re.compile("Omar Owner.*1 new.*Between us"))
    ).to_be_visible()
    await sue.page.get_by_role("link", name=re.compile("Omar Owner")).click()
    await expect(sue.page.locator("[data-private]:not(.is-own) .comment-text").last).to_have_text(
        "Between us"
    )
    other_tab = await sue.another()
    await other_tab.go(f"/chat/with/{cast.owner.username}/")
    await sue.page.locator("textarea").fill("And nobody else")
    await sue.page.get_by_role("button", name="Send").click()

    for tab in (omar, sue, other_tab):
        await expect(tab.page.locator("[data-private]")).to_have_count(before + 2)
        await expect(tab.page.locator("[data-private] .comment-text").last).to_have_text("And nobody else")
    await expect(sue.page.locator("textarea")).to_have_value("")
    await expect(sue.page.locator("[data-private-unread]")).to_be_hidden()
    await expect(mo.page.locator("[data-private-unread]")).to_be_hidden()


async def test_what_is_too_long_is_not_sent_and_stays_in_the_field(three: list[Tab], cast: Cast) -> None:
    omar = three[0]
    await omar.go(f"/chat/with/{cast.moderator.username}/")
    field = omar.page.locator("textarea")
    await field.fill("x" * 501)
    await expect(omar.page.locator("[data-hint]")).to_have_text("1 character too many")
    await field.press("Enter")

    await expect(field).to_have_value("x" * 501)
    await expect(omar.page.locator("[data-private]")).to_have_count(0)


async def test_without_javascript_all_of_it_works(visit: Visit, cast: Cast, room: str) -> None:
    omar = await visit(cast.owner, java_script_enabled=False)
    await omar.go(room)
    await omar.page.get_by_label("Write a message").fill("By a form")
    await omar.page.get_by_role("button", name="Send").click()
    await expect(omar.texts).to_have_text(["By a form"])

    await omar.go("/chat/with/")
    await omar.page.get_by_label("Write to").fill(cast.author.username)
    await omar.page.get_by_role("button", name="Open").click()
    await omar.page.get_by_label("Write to Ana Author").fill("By a form, too")
    await omar.page.get_by_role("button", name="Send").click()
    await expect(omar.page.locator("[data-private] .comment-text").last).to_have_text("By a form, too")
    await omar.page.get_by_role("link", name="Delete").last.click()
    await omar.page.get_by_role("button", name="Delete").click()
    await expect(omar.page.get_by_text("By a form, too")).to_have_count(0)
    await omar.page.get_by_role("button", name="Block").click()
    await expect(omar.page.get_by_text("They cannot tell.").last).to_be_visible()
    await omar.page.get_by_role("button", name="Unblock").click()


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_pages_are_accessible_and_fit(
    site: Site, visit: Visit, cast: Cast, room: str, language: str
) -> None:
    author = site.session(cast.author)
    tab = await visit(author, language=language)
    writer = await visit(cast.owner)
    await writer.go(f"/chat/with/{cast.author.username}/")
    await writer.page.locator("textarea").fill("Something to look at")
    await writer.page.locator("textarea").press("Enter")
    await expect(writer.page.locator(".is-own .comment-text").last).to_have_text("Something to look at")
    # First, for that reads it: what the bell says of unread ones is looked at elsewhere.
    await tab.go(f"/chat/with/{cast.owner.username}/")
    await inspect(tab)
    await tab.go(room)
    await tab.is_live()
    await tab.field.fill("안녕하세요 " + "여러분 " * 20)
    await tab.field.press("Enter")
    await expect(tab.texts).to_have_count(1)
    for path in (None, "/chat/with/", f"/chat/with/{cast.owner.username}/"):
        if path is not None:
            await tab.go(path)
        await inspect(tab)
    report = await tab.page.locator("[data-report]:visible").last.get_attribute("href")
    assert report is not None
    await tab.go(report)
    await inspect(tab)


async def test_many_rooms_take_one_line_and_the_open_one_is_in_view(
    site: Site, visit: Visit, cast: Cast
) -> None:
    rooms = [site.ask_clerk("room", title=f"Room of many {number}")["slug"] for number in range(12)]
    tab = await visit(cast.owner, viewport={"width": 360, "height": 700})
    await tab.go(f"/chat/{rooms[-1]}/")
    await expect(tab.page.locator("[data-rooms] [aria-current]")).to_be_in_viewport(ratio=1)
    await expect(tab.page.get_by_role("link", name="Private")).to_be_in_viewport(ratio=1)
    box = await tab.page.locator(".chat-rooms").bounding_box()
    assert box is not None
    assert box["height"] < 80


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_blocking_stands_beside_the_name_and_ends_where_the_column_does(
    visit: Visit, cast: Cast, language: str
) -> None:
    tab = await visit(cast.moderator, language=language)
    await tab.go(f"/chat/with/{cast.owner.username}/")
    for width in (320, 360, 390, 640, 1280):
        await tab.page.set_viewport_size({"width": width, "height": 700})
        name, button, column = [
            await tab.page.locator(each).bounding_box()
            for each in (".chat-title", ".chat-with button", ".privates")
        ]
        assert name is not None
        assert button is not None
        assert column is not None
        assert button["x"] + button["width"] == pytest.approx(column["x"] + column["width"], abs=1)
        assert button["x"] >= name["x"] + name["width"]
        assert name["y"] < button["y"] + button["height"] / 2 < name["y"] + name["height"]


async def test_what_was_missed_stands_there_whole_before_it_is_read(
    site: Site, visit: Visit, cast: Cast
) -> None:
    away = site.person(f"away{next(_numbers)}")
    said = [f"Message {number}" for number in range(60)]
    site.ask_clerk("write_privately", user_id=cast.owner.id, to=away.id, contents=["Before"])
    tab = await visit(away)
    await tab.go(f"/chat/with/{cast.owner.username}/")
    texts = tab.page.locator("[data-private] .comment-text")
    await expect(texts).to_have_text(["Before"])
    await expect(tab.page.locator("[data-private-unread]")).to_be_hidden()

    await tab.offline(True)
    await expect(tab.page.locator("[data-hint]")).to_contain_text("no connection")
    site.ask_clerk("write_privately", user_id=cast.owner.id, to=away.id, contents=said)
    await tab.offline(False)

    await expect(texts).to_have_text(["Before", *said])


async def test_what_the_other_one_takes_back_can_be_reported_at_once(
    site: Site, visit: Visit, cast: Cast
) -> None:
    friend = site.person(f"reporter{next(_numbers)}")
    said = ["The first", "The second", "The third"]
    ids = site.ask_clerk("write_privately", user_id=cast.owner.id, to=friend.id, contents=said)
    tab, writer = await visit(friend), await visit(cast.owner)
    await tab.go(f"/chat/with/{cast.owner.username}/")
    offered = tab.page.locator("[data-taken-back]")
    reports = offered.locator("[data-report]")
    await expect(tab.page.locator("[data-private]")).to_have_count(3)
    await expect(offered).to_be_hidden()

    async def take_back(number: int) -> None:
        await writer.go(f"/chat/messages/{ids[number]}/delete/")
        await writer.page.get_by_role("button", name="Delete").click()
        await expect(writer.page.get_by_text("Your message was removed.")).to_be_visible()

    await take_back(0)
    await expect(tab.page.get_by_text("The first")).to_have_count(0)
    await offered.get_by_text("What Omar Owner has taken back").click()
    await expect(reports).to_have_count(1)
    await expect(writer.page.locator("[data-taken-back]")).to_be_hidden()
    await tab.offline()
    await take_back(2)  # out of their order, and while nobody hears of it
    await tab.offline(False)
    await expect(reports).to_have_count(2)
    await take_back(1)
    await expect(reports).to_have_count(3)

    addresses = [await link.get_attribute("href") for link in await reports.all()]
    assert addresses == [f"/chat/messages/{number}/report/" for number in reversed(ids)]
    await reports.last.click()
    await expect(tab.page.get_by_text("Omar Owner has taken it back.")).to_be_visible()


async def test_what_is_taken_back_unread_is_counted_no_more(site: Site, visit: Visit, cast: Cast) -> None:
    friend = site.person(f"counting{next(_numbers)}")
    said = ["The first", "The second"]
    ids = site.ask_clerk("write_privately", user_id=cast.owner.id, to=friend.id, contents=said)
    tab, writer = await visit(friend), await visit(cast.owner)
    count = tab.page.locator("[data-private-unread]")
    await tab.go("/chat/")
    await expect(count).to_have_text("2")
    for number, left in zip(ids, ("1", "0"), strict=True):
        await writer.go(f"/chat/messages/{number}/delete/")
        await writer.page.get_by_role("button", name="Delete").click()
        await expect(count).to_have_text(left)
    await expect(count).to_be_hidden()


async def test_what_is_said_of_the_length_outlives_the_connecting(
    site: Site, visit: Visit, cast: Cast
) -> None:
    friend = site.person(f"friend{next(_numbers)}")
    tab = await visit(cast.owner)
    tab.is_disposable = True
    may_connect = asyncio.Event()

    async def late(socket: WebSocketRoute) -> None:
        await may_connect.wait()
        socket.connect_to_server()

    await tab.page.route_web_socket(re.compile(r"/socket\.io/"), late)
    await tab.go(f"/chat/with/{friend.username}/")
    hint = tab.page.locator("[data-hint]")
    await tab.page.locator("textarea").press_sequentially("x")
    await tab.page.locator("textarea").fill("x" * 501)
    await expect(hint).to_have_text("1 character too many")
    site.ask_clerk("write_privately", user_id=friend.id, to=cast.owner.id, contents=["I am here"])
    may_connect.set()
    await expect(tab.page.get_by_text("I am here")).to_be_visible()
    await expect(hint).to_have_text("1 character too many")
