"""What one reader does, another one sees at once, and once."""

import asyncio
import re
from urllib.parse import quote

from playwright.async_api import expect

from .conftest import Cast, Visit
from .groups import LIVE
from .tab import Post, Tab

pytestmark = LIVE


async def test_both_see_a_comment_the_moment_it_is_sent(omar: Tab, sue: Tab) -> None:
    await omar.send("Good morning")
    await omar.shows("Good morning")
    await sue.shows("Good morning")
    await expect(sue.comments).to_have_accessible_name("Comment by Omar Owner")


async def test_sending_ends_and_empties_the_field(omar: Tab) -> None:
    await omar.send("Good morning")
    await expect(omar.field).to_have_value("")
    await expect(omar.field).to_be_focused()
    await omar.shows("Good morning")
    await expect(omar.pending).to_have_count(0)
    await expect(omar.comments).to_have_attribute("data-id", re.compile(r"^\d+$"))
    # What stays for a while is a mark without a text, for other tabs.
    kept = await omar.page.evaluate("Object.keys(localStorage).filter((key) => !key.endsWith('.removed'))")
    assert kept == []


async def test_a_new_comment_is_marked_for_the_other_and_not_for_its_author(omar: Tab, sue: Tab) -> None:
    await omar.send("Good morning")
    await expect(sue.page.locator(".is-new")).to_have_count(1)
    await omar.shows("Good morning")
    await expect(omar.page.locator(".is-new")).to_have_count(0)


async def test_a_reply_stands_under_its_comment_on_both_pages(omar: Tab, sue: Tab) -> None:
    await omar.send("A question")
    await omar.send("Something else")
    await sue.reply("A question", "An answer")
    for tab in (omar, sue):
        await tab.shows("A question", "An answer", "Something else")
        await expect(tab.page.locator("[data-replies] [data-text]")).to_have_text(["An answer"])
    await omar.reply("An answer", "Thank you")
    for tab in (omar, sue):
        await tab.shows("A question", "An answer", "Thank you", "Something else")
        await expect(tab.comment("Thank you")).to_contain_text("in reply to Sue Stranger")


async def test_an_edit_changes_the_other_page_and_says_so(omar: Tab, sue: Tab) -> None:
    await omar.send("Good mroning")
    await omar.shows("Good mroning")
    await expect(sue.page.locator("[data-edited]")).to_be_hidden()
    await omar.edit("Good mroning", "Good morning")
    for tab in (omar, sue):
        await tab.shows("Good morning")
        await expect(tab.page.locator("[data-edited]")).to_be_visible()


async def test_a_deleted_comment_vanishes_from_both(omar: Tab, sue: Tab) -> None:
    await omar.send("First")
    await omar.send("Second")
    await sue.shows("First", "Second")
    await omar.delete("First")
    await omar.shows("Second")
    await sue.shows("Second")


async def test_deleting_asks_first_and_can_be_taken_back(omar: Tab) -> None:
    await omar.send("First")
    await omar.act("First", "Delete")
    await omar.page.get_by_role("button", name="Keep").click()
    await expect(omar.page.locator("[data-confirm]")).to_have_count(0)
    await omar.shows("First")


async def test_what_had_replies_leaves_a_sentence_and_not_its_text(omar: Tab, sue: Tab) -> None:
    await omar.send("A question")
    await sue.reply("A question", "An answer")
    await omar.shows("A question", "An answer")
    await omar.delete("A question")
    for tab in (omar, sue):
        await tab.shows("An answer")
        await expect(tab.page.locator("[data-removed-text]")).to_have_text("This comment was removed.")
        await expect(tab.page.locator("[data-removed] a")).to_be_hidden()
        assert "A question" not in await tab.page.content()


async def test_nobody_is_offered_to_change_what_others_wrote(omar: Tab, sue: Tab) -> None:
    await omar.send("Mine")
    await sue.shows("Mine")
    await expect(sue.comment("Mine").get_by_role("link", name="Edit")).to_be_hidden()
    await expect(sue.comment("Mine").get_by_role("link", name="Delete")).to_be_hidden()
    await expect(sue.comment("Mine").get_by_role("link", name="Reply")).to_be_visible()


async def test_any_script_and_emoji_arrive_as_they_were_typed(omar: Tab, sue: Tab) -> None:
    text = "안녕하세요 👩🏽‍🚀 ㅋㅋㅋ ñ مرحبا 日本語"
    await omar.send(text)
    await omar.shows(text)
    await sue.shows(text)


async def test_markup_is_text_and_runs_nothing(omar: Tab, sue: Tab) -> None:
    text = "<img src=x onerror=alert(1)> <script>alert(2)</script> & </div>"
    await omar.send(text)
    for tab in (omar, sue):
        await tab.shows(text)
        await expect(tab.texts.locator("img, script")).to_have_count(0)
    await sue.page.reload()
    await sue.shows(text)


async def test_markdown_looks_the_same_live_and_after_reloading(omar: Tab, sue: Tab) -> None:
    await omar.send("**bold** `code` [link](https://example.org)\n\n> a quote")
    await expect(sue.texts.locator("strong")).to_have_text("bold")
    live = await sue.texts.inner_html()
    await sue.page.reload()
    await sue.is_live()
    assert _squeezed(await sue.texts.inner_html()) == _squeezed(live)


async def test_the_count_follows_on_both_pages(omar: Tab, sue: Tab) -> None:
    for tab in (omar, sue):
        await expect(tab.count).to_have_text("0 comments")
        await expect(tab.page.get_by_text("No comments yet.")).to_be_visible()
    await omar.send("First")
    for tab in (omar, sue):
        await expect(tab.count).to_have_text("1 comment")
        await expect(tab.page.get_by_text("No comments yet.")).to_be_hidden()
    await sue.send("Second")
    for tab in (omar, sue):
        await expect(tab.count).to_have_text("2 comments")
    await omar.delete("First")
    for tab in (omar, sue):
        await expect(tab.count).to_have_text("1 comment")


async def test_each_is_told_who_else_is_here(omar: Tab, sue: Tab) -> None:
    for tab in (omar, sue):
        await expect(tab.here).to_have_text("2 here")
        names = await tab.here.get_attribute("title") or ""
        # Each name keeps its own direction of writing to itself.
        bare = [name.strip("\u2068\u2069") for name in names.split(", ")]
        assert sorted(bare) == ["Omar Owner", "Sue Stranger"]
    await sue.page.close()
    await expect(omar.here).to_be_hidden()


async def test_two_tabs_of_one_reader_are_one_person(omar: Tab, sue: Tab, post: Post) -> None:
    second = await omar.another()
    await second.read(post)
    await expect(second.here).to_have_text("2 here")
    await expect(sue.here).to_have_text("2 here")


async def test_without_websockets_it_is_live_all_the_same(
    visit: Visit, cast: Cast, sue: Tab, post: Post
) -> None:
    tab = await visit(cast.owner)
    await tab.without_websockets()
    await tab.read(post)
    await tab.send("By another way")
    await sue.shows("By another way")
    await sue.reply("By another way", "It arrived")
    await tab.shows("By another way", "It arrived")


async def test_who_writes_at_the_same_time_sees_the_same_order(omar: Tab, sue: Tab) -> None:
    async def talk(tab: Tab, name: str) -> None:
        for number in range(4):
            await tab.send(f"{name} {number}")

    await asyncio.gather(talk(omar, "Omar"), talk(sue, "Sue"))
    for tab in (omar, sue):
        await expect(tab.texts).to_have_count(8)
        await expect(tab.pending).to_have_count(0)
    order = await omar.texts.all_inner_texts()
    assert len(set(order)) == 8
    await sue.shows(*order)
    await sue.page.reload()
    await sue.shows(*order)


async def test_a_visitor_without_an_account_reads_and_is_shown_where_to_log_in(
    visit: Visit, omar: Tab, post: Post
) -> None:
    await omar.say("Good morning")
    visitor = await visit()
    await visitor.go(post.path)
    await visitor.shows("Good morning")
    await expect(visitor.field).to_have_count(0)
    await visitor.page.get_by_role("button", name="Log in to send").click()
    await visitor.page.wait_for_url(f"**/accounts/login/?next={quote(post.path, safe='')}%23composer")


def _squeezed(html: str) -> str:
    """HTML without the attributes and spaces that make no difference to a reader."""
    return "".join(html.split()).replace('rel="nofollowugcnoopener"', "")
