"""Without a connection nothing that was written is lost, and nothing that was said is missed."""

import json

from playwright.async_api import Page, WebSocket, expect

from tests.servers import Site

from .conftest import Cast, MakePost, Visit
from .groups import LIVE
from .tab import Post, Tab

pytestmark = LIVE


async def test_the_page_says_so_and_says_when_it_is_over(omar: Tab) -> None:
    await omar.offline()
    await omar.is_in("offline")
    await expect(omar.state).to_contain_text("Offline. What you write is kept and sent later.")
    await omar.offline(False)
    await omar.is_live()
    await expect(omar.page.locator("[data-live-text]")).to_have_text("Live")


async def test_a_comment_waits_and_is_sent_once_when_the_connection_is_back(
    omar: Tab, sue: Tab, site: Site, post: Post
) -> None:
    await omar.offline()
    await omar.send("From a tunnel")
    await omar.shows("From a tunnel")
    await expect(omar.pending).to_contain_text("waiting for the connection")
    await sue.say("Anybody there?")

    await omar.offline(False)
    for tab in (omar, sue):
        await tab.shows("Anybody there?", "From a tunnel")
    await expect(omar.pending).to_have_count(0)
    assert [row["content"] for row in site.stored(post.id)] == ["Anybody there?", "From a tunnel"]


async def test_several_comments_and_a_reply_keep_their_order(
    omar: Tab, sue: Tab, site: Site, post: Post
) -> None:
    await sue.send("A question")
    await omar.shows("A question")
    await omar.offline()
    await omar.send("One")
    await omar.reply("A question", "An answer")
    await omar.send("Two")
    await omar.shows("A question", "An answer", "One", "Two")
    await omar.offline(False)
    for tab in (omar, sue):
        await tab.shows("A question", "An answer", "One", "Two")
        await expect(tab.page.locator("[data-replies] [data-text]")).to_have_text(["An answer"])
    stored = [row["content"] for row in site.stored(post.id)]
    assert stored == ["A question", "One", "An answer", "Two"]


async def test_what_waits_survives_the_page_and_is_sent_once(
    visit: Visit, cast: Cast, sue: Tab, site: Site, post: Post
) -> None:
    tab = await visit(cast.owner)
    await tab.without_websockets()
    await tab.cut_off()
    await tab.go(post.path)
    await tab.is_in("offline")
    await tab.send("Written before the reload")
    await expect(tab.pending).to_contain_text("waiting for the connection")
    await tab.page.reload()
    await expect(tab.pending).to_contain_text("Written before the reload")
    await tab.cut_off(False)
    await tab.page.reload()
    for each in (tab, sue):
        await each.shows("Written before the reload")
    await expect(tab.pending).to_have_count(0)
    await tab.page.reload()
    await tab.is_live()
    await tab.shows("Written before the reload")
    assert len(site.stored(post.id)) == 1


async def test_missed_comments_edits_and_removals_arrive_in_order(omar: Tab, sue: Tab) -> None:
    for text in ("Keep", "Change", "Remove"):
        await sue.send(text)
    await omar.shows("Keep", "Change", "Remove")
    await omar.offline()
    await omar.is_in("offline")
    await sue.edit("Change", "Changed")
    await sue.delete("Remove")
    await sue.reply("Keep", "A reply")
    await sue.say("Later")
    await sue.shows("Keep", "A reply", "Changed", "Later")
    await omar.shows("Keep", "Change", "Remove")
    await omar.offline(False)
    await omar.shows("Keep", "A reply", "Changed", "Later")
    await expect(omar.count).to_have_text("4 comments")


async def test_who_missed_more_than_a_page_gets_the_newest_and_can_load_the_rest(
    omar: Tab, sue: Tab, site: Site, cast: Cast, post: Post
) -> None:
    await sue.send("The first")
    await omar.shows("The first")
    await omar.offline()
    await omar.is_in("offline")
    missed = [f"Missed {number}" for number in range(14)]
    for text in missed[:-1]:
        await sue.send(text)
    await sue.say(missed[-1])
    await omar.offline(False)
    await omar.is_live()
    await expect(omar.comment("Missed 13")).to_be_visible()
    earlier = omar.page.get_by_role("link", name="Earlier comments")
    while await earlier.is_visible():
        before = await omar.texts.count()
        await earlier.click()
        await expect(omar.texts).not_to_have_count(before)
    await omar.shows("The first", *missed)


async def test_two_tabs_do_not_send_the_same_comment_twice(
    omar: Tab, sue: Tab, site: Site, post: Post
) -> None:
    second = await omar.another()
    await second.read(post)
    sent: list[str] = []
    for page in (omar.page, second.page):
        note_requests(page, sent)
    await omar.offline()
    for tab in (omar, second):
        await tab.is_in("offline")
    await omar.send("Only once")
    await expect(second.pending).to_contain_text("Only once")
    await omar.offline(False)
    for tab in (omar, second, sue):
        await tab.shows("Only once")
        await expect(tab.pending).to_have_count(0)
    assert len(site.stored(post.id)) == 1
    assert len(sent) == 1


async def test_what_was_written_for_another_account_is_not_sent_by_this_one(
    omar: Tab, site: Site, cast: Cast, post: Post
) -> None:
    await omar.offline()
    await omar.send("Only Omar says this")
    await omar.page.goto("about:blank")
    await omar.offline(False)
    await omar.enter(site.session(cast.stranger))
    await omar.read(post)
    await omar.shows()
    assert site.stored(post.id) == []


async def test_nor_is_it_where_the_other_one_logs_in_while_the_page_is_asleep(
    omar: Tab, site: Site, cast: Cast, post: Post
) -> None:
    await omar.offline()
    await omar.is_in("offline")
    await omar.send("Only Omar says this")
    await omar.enter(site.session(cast.stranger))
    await omar.offline(False)
    await omar.is_in("ended")
    await expect(omar.state).to_contain_text("Somebody else has logged in here.")
    await expect(omar.pending).to_contain_text("Only Omar says this")
    assert site.stored(post.id) == []
    await omar.enter(site.session(cast.owner))
    await omar.page.reload()
    await omar.is_live()
    await expect(omar.pending).to_have_count(0)
    await omar.shows("Only Omar says this")


async def write_too_soon(tab: Tab) -> None:
    """Two comments in slow mode: without a connection nobody says that the second one has to wait."""
    await tab.offline()
    await tab.send("First")
    await tab.send("Too soon")
    await tab.offline(False)
    await expect(tab.failed).to_have_count(1)


async def test_a_refused_comment_keeps_its_text_and_can_be_tried_again(
    visit: Visit, cast: Cast, make_post: MakePost
) -> None:
    tab, desk = await visit(cast.owner), await visit(cast.moderator)
    post = make_post(slow_mode=60)
    await tab.read(post)
    await write_too_soon(tab)
    await expect(tab.failed.locator("[data-text]")).to_have_text("Too soon")
    await expect(tab.failed.get_by_role("alert")).to_be_visible()
    await expect(tab.page.locator("[data-notice-wait]")).to_be_visible()
    await tab.page.reload()
    await expect(tab.failed.locator("[data-text]")).to_have_text("Too soon")
    await desk.go(f"/admin/comments/post/{post.id}/change/")
    await desk.page.locator("#id_room-slow_mode").fill("0")
    await desk.page.get_by_role("button", name="Apply to the room").click()
    await expect(desk.page.locator(".messagelist .success")).to_be_visible()
    await tab.page.get_by_role("button", name="Try again").click()
    await tab.shows("First", "Too soon")
    await expect(tab.failed).to_have_count(0)
    await expect(tab.pending).to_have_count(0)


async def test_a_refused_comment_can_be_thrown_away(visit: Visit, cast: Cast, make_post: MakePost) -> None:
    tab = await visit(cast.owner)
    await tab.read(make_post(slow_mode=60))
    await write_too_soon(tab)
    await tab.page.get_by_role("button", name="Discard").click()
    await tab.shows("First")
    await tab.page.reload()
    await tab.is_live()
    await tab.shows("First")


async def test_a_reply_to_what_was_deleted_meanwhile_is_refused_with_its_text(omar: Tab, sue: Tab) -> None:
    await sue.send("A question")
    await omar.shows("A question")
    await omar.act("A question", "Reply")
    await omar.offline()
    await sue.delete("A question")
    await sue.shows()
    await omar.send("An answer to nothing")
    await omar.offline(False)
    await expect(omar.failed.locator("[data-text]")).to_have_text("An answer to nothing")
    await expect(omar.failed.get_by_role("alert")).not_to_be_empty()
    await sue.shows()


async def test_an_edit_without_a_connection_says_so_and_keeps_the_text(omar: Tab) -> None:
    await omar.send("Good mroning")
    await omar.shows("Good mroning")
    await expect(omar.pending).to_have_count(0)
    await omar.offline()
    await omar.edit("Good mroning", "Good morning")
    await expect(omar.page.locator("[data-editor-error]")).to_contain_text("no connection")
    await omar.offline(False)
    await omar.is_live()
    await omar.page.get_by_role("button", name="Save").click()
    await omar.shows("Good morning")


def note_requests(page: Page, sent: list[str]) -> None:
    """Note each `new_comment` that a page's sockets send from now on."""

    def frame(content: str | bytes) -> None:
        if isinstance(content, str) and "[" in content:
            event = json.loads(content[content.index("[") :])
            if event[0] == "new_comment":
                sent.append(event[1]["clientId"])

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", frame)

    page.on("websocket", opened)
