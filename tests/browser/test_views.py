"""Two ways to read the same comments: threads in an order of one's own, and a live stream."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import fits, violations_on
from .tab import Post, Tab

pytestmark = LIVE

TEXTS = [f"Comment {number}" for number in range(25)]
STILL = 1.0  # a pixel is what rounding may cost


def still(where: float) -> object:
    return pytest.approx(where, abs=STILL)


def threads(tab: Tab) -> Locator:
    return tab.page.locator("[data-threads]")


async def choose(tab: Tab, name: str) -> None:
    await tab.page.locator("[data-reading-bar]").get_by_role("link", name=name).click()


async def reading(visit: Visit, site: Site, cast: Cast, post: Post, count: int = 25) -> Tab:
    site.fill(post.id, author=cast.owner, contents=TEXTS[:count])
    tab = await visit(cast.owner, viewport={"width": 800, "height": 500}, reduced_motion="reduce")
    await tab.read(post)
    return tab


async def scrolled(tab: Tab) -> float:
    return float(await tab.page.evaluate("scrollY"))


async def to_the_end(tab: Tab) -> None:
    await tab.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await asyncio.sleep(0.1)


# --- One click apart -------------------------------------------------------------------------------


async def test_the_stream_has_the_same_comments_in_the_order_of_time(omar: Tab, sue: Tab) -> None:
    await omar.say("A question")
    await omar.say("Something else")
    await sue.reply("A question", "An answer")
    await omar.shows("A question", "An answer", "Something else")
    await choose(omar, "Live stream")
    await omar.shows("A question", "Something else", "An answer")
    await expect(omar.comment("An answer")).to_contain_text("in reply to Omar Owner")
    await sue.reply("A question", "Another one")
    await omar.shows("A question", "Something else", "An answer", "Another one")
    await choose(omar, "Threads")
    await omar.shows("A question", "An answer", "Another one", "Something else")
    await expect(omar.comment("An answer").locator("[data-answers]")).to_be_hidden()


async def test_newest_first_turns_threads_around_and_not_their_replies(omar: Tab, sue: Tab) -> None:
    for text in ("First", "Second"):
        await omar.say(text)
    await sue.reply("First", "An answer")
    await sue.reply("First", "Another one")
    await choose(omar, "Newest first")
    await omar.shows("Second", "First", "An answer", "Another one")
    await omar.send("Third")
    await omar.shows("Third", "Second", "First", "An answer", "Another one")


async def test_what_was_chosen_is_remembered_and_rendered_by_the_server(
    omar: Tab, sue: Tab, post: Post
) -> None:
    await omar.say("First")
    await sue.reply("First", "An answer")
    await omar.say("Second")
    await choose(omar, "Newest first")
    await omar.shows("Second", "First", "An answer")
    response = await omar.page.reload()
    assert response is not None
    html = await response.text()
    assert html.index("<p>Second</p>") < html.index("<p>First</p>")
    await omar.shows("Second", "First", "An answer")
    await choose(omar, "Live stream")
    await omar.page.reload()
    await omar.is_live()
    await omar.shows("First", "An answer", "Second")
    await expect(threads(omar)).to_have_attribute("role", "log")
    await expect(omar.page.get_by_role("link", name="Live stream")).to_have_attribute("aria-current", "true")


async def test_without_javascript_the_same_by_links(
    visit: Visit, cast: Cast, omar: Tab, sue: Tab, post: Post
) -> None:
    await omar.say("First")
    await sue.reply("First", "An answer")
    await omar.say("Second")
    plain = await visit(cast.author, java_script_enabled=False)
    await plain.go(post.path)
    await plain.shows("First", "An answer", "Second")
    await choose(plain, "Newest first")
    await plain.shows("Second", "First", "An answer")
    await choose(plain, "Live stream")
    await plain.shows("First", "An answer", "Second")
    await expect(plain.comment("An answer")).to_contain_text("in reply to Omar Owner")
    await plain.go(post.path)
    await plain.shows("First", "An answer", "Second")
    await expect(plain.page.locator("[data-orders]")).to_be_hidden()
    await expect(plain.page.locator(".reading-tools")).to_be_hidden()
    await choose(plain, "Threads")
    await plain.shows("Second", "First", "An answer")


async def test_a_visitor_without_an_account_chooses_as_well(visit: Visit, omar: Tab, post: Post) -> None:
    for text in ("First", "Second"):
        await omar.say(text)
    visitor = await visit()
    await visitor.go(post.path)
    await choose(visitor, "Newest first")
    await visitor.shows("Second", "First")
    await visitor.page.reload()
    await visitor.shows("Second", "First")


async def test_most_reacted_is_offered_only_where_there_are_reactions(omar: Tab) -> None:
    await omar.say("First")
    await expect(omar.page.get_by_role("link", name="Newest first")).to_be_visible()
    await expect(omar.page.get_by_role("link", name="Most reacted first")).to_be_hidden()


async def test_what_was_begun_survives_the_change_of_view(omar: Tab) -> None:
    await omar.say("First")
    await omar.act("First", "Edit")
    await omar.page.locator("[data-editor] textarea").fill("Half a thought")
    await omar.field.fill("Another half")
    await choose(omar, "Live stream")
    await expect(omar.page.locator("[data-editor] textarea")).to_have_value("Half a thought")
    await expect(omar.field).to_have_value("Another half")


# --- The stream ------------------------------------------------------------------------------------


async def test_it_begins_at_the_newest_and_follows(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    tab = await reading(visit, site, cast, post, 10)
    await sue.page.reload()
    await sue.is_live()
    await choose(tab, "Live stream")
    await expect(tab.comment("Comment 9")).to_be_in_viewport()
    for number in range(4):
        await sue.say(f"News {number}")
        await expect(tab.comment(f"News {number}")).to_be_in_viewport()
    await expect(tab.page.locator("[data-new-below]")).to_be_hidden()
    await tab.send("My own")
    await expect(tab.comment("My own")).to_be_in_viewport()


async def test_whoever_has_scrolled_up_stays_and_is_told_how_many_are_new(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    tab = await reading(visit, site, cast, post, 10)
    await sue.page.reload()
    await sue.is_live()
    await choose(tab, "Live stream")
    await tab.comment("Comment 3").scroll_into_view_if_needed()
    button = tab.page.locator("[data-new-below]")
    await expect(button).to_have_text("Newest comments ↓")
    before = await tab.top("Comment 3")
    for number in range(3):
        await sue.say(f"News {number}\n\nin two paragraphs")
    await expect(button).to_have_text("3 new comments ↓")
    assert await tab.top("Comment 3") == still(before)
    await button.click()
    await expect(tab.page.get_by_text("News 0")).to_be_in_viewport()
    await to_the_end(tab)
    await expect(button).to_be_hidden()
    await sue.say("And it follows again")
    await expect(tab.comment("And it follows again")).to_be_in_viewport()


async def test_it_is_a_log_whose_news_are_announced_together_and_can_be_paused(omar: Tab, sue: Tab) -> None:
    await choose(omar, "Live stream")
    log = omar.page.get_by_role("log")
    await expect(log).to_have_accessible_name("0 comments")
    await expect(log).to_have_attribute("aria-live", "off")
    announcer = omar.page.locator("[data-announcer]")
    await expect(announcer).to_have_attribute("role", "status")
    for number in range(3):
        await sue.say(f"News {number}")
    await expect(announcer).to_have_text("3 new comments")

    await omar.page.get_by_role("button", name="Pause").click()
    for number in range(3, 5):
        await sue.say(f"News {number}")
    await expect(omar.page.get_by_role("button", name="Go on (2)")).to_be_visible()
    await omar.shows("News 0", "News 1", "News 2")
    await asyncio.sleep(4.2)  # as long as news are gathered
    await expect(announcer).to_have_text("3 new comments")
    await omar.page.get_by_role("button", name="Go on").click()
    await omar.shows(*(f"News {number}" for number in range(5)))
    await expect(announcer).to_have_text("2 new comments")


@pytest.mark.parametrize("occupation", ["editing", "reporting", "choosing a reaction", "selecting"])
async def test_it_does_not_run_away_from_whoever_is_in_the_middle_of_something(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab, occupation: str
) -> None:
    tab = await reading(visit, site, cast, post, 10)
    await sue.page.reload()
    await sue.is_live()
    await choose(tab, "Live stream")
    await sue.say("The last one")
    await tab.say("My own")
    await to_the_end(tab)
    if occupation == "editing":
        await tab.act("My own", "Edit")
        element = tab.page.locator("[data-editor]")
    elif occupation == "reporting":
        await tab.act("The last one", "Report")
        element = tab.page.locator("[data-threads] [data-form]")
    elif occupation == "choosing a reaction":
        await tab.act("My own", "React")
        element = tab.page.locator("[data-reaction-choice]")
    else:
        element = tab.comment("My own").locator("[data-text]")
        await element.evaluate("each => document.getSelection().selectAllChildren(each)")
    await tab.page.wait_for_timeout(300)
    before = await element.bounding_box()
    for number in range(4):
        await sue.say(f"News {number}\n\nin two paragraphs")
    await expect(tab.page.locator("[data-new-below]")).to_have_text(re.compile(r"\d new comments? ↓"))
    await expect(tab.comments).to_have_count(16)
    after = await element.bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] == still(before["y"])


async def test_on_an_earlier_page_only_what_is_news_is_told(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    site.fill(post.id, author=cast.owner, contents=TEXTS)
    noisy = site.person("noisy", name="Noisy Neighbour")
    site.verb("mute", noisy.id, on=True, by=cast.owner)
    ids = [row["id"] for row in site.stored(post.id)]
    tab = await visit(cast.owner)
    await tab.read(Post(post.id, f"/comments/{ids[3]}/"))
    button = tab.page.locator("[data-new-below]")
    await tab.say("My own, which stands here")
    site.ask_clerk("write", post_id=post.id, user_id=noisy.id, content="Muted")
    await sue.page.reload()
    await sue.is_live()
    await sue.say("News")
    await expect(button).to_have_text("1 new comment ↓")
    await expect(tab.page.locator("[data-announcer]")).to_have_text("1 new comment")
    await sue.delete("News")
    await expect(button).to_be_hidden()


async def test_where_they_may_not_write_readers_are_told_what_is_new_as_well(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    site.verb("set_room", post.id, room_state="read_only", by=cast.moderator)
    staff = await visit(cast.moderator)
    await staff.read(post)
    tab = await reading(visit, site, cast, post, 10)
    await expect(tab.field).to_be_hidden()
    await expect(tab.closed).to_be_visible()
    await staff.field.press_sequentially("A word")
    await expect(tab.page.locator("[data-typing]")).to_contain_text("is typing…")
    await staff.send("A word from the house")
    button = tab.page.locator("[data-new-below]")
    await expect(button).to_have_text("1 new comment ↓")
    await expect(button).to_be_in_viewport()
    assert await violations_on(tab) == []
    await button.click()
    await expect(tab.comment("A word from the house")).to_be_in_viewport()
    await expect(button).to_be_hidden()
    await to_the_end(tab)
    await expect(tab.closed).to_be_in_viewport(ratio=1)


async def test_focus_stays_where_it_is_whatever_comes(omar: Tab, sue: Tab) -> None:
    await omar.say("First")
    await choose(omar, "Live stream")
    link = omar.comment("First").get_by_role("link", name="Reply")
    await link.focus()
    for number in range(3):
        await sue.say(f"News {number}")
    await omar.shows("First", "News 0", "News 1", "News 2")
    await expect(link).to_be_focused()


# --- Above -----------------------------------------------------------------------------------------


async def test_newest_first_new_ones_wait_where_they_would_push_what_is_read(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    tab = await reading(visit, site, cast, post, 10)
    await sue.page.reload()
    await sue.is_live()
    await choose(tab, "Newest first")
    await tab.page.evaluate("document.getElementById('comments').scrollIntoView()")
    before = await tab.top("Comment 9")
    await sue.say("On top")
    button = tab.page.locator("[data-new-above]")
    await expect(button).to_have_text("1 new comment ↑")
    assert await tab.top("Comment 9") == still(before)
    await sue.reply("Comment 9", "A reply is no thread")
    await expect(tab.comment("A reply is no thread")).to_have_count(1)
    assert await tab.top("Comment 9") == still(before)
    await button.click()
    await expect(tab.comment("On top")).to_be_in_viewport()
    await expect(button).to_be_hidden()


async def test_newest_first_further_down_they_come_above_and_are_counted(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    tab = await reading(visit, site, cast, post, 10)
    await sue.page.reload()
    await sue.is_live()
    await choose(tab, "Newest first")
    await tab.page.evaluate("document.getElementById('comments').scrollIntoView()")
    await tab.page.evaluate("scrollBy(0, 500)")
    before = await tab.top("Comment 3")
    for number in range(2):
        await sue.say(f"News {number}")
    button = tab.page.locator("[data-new-above]")
    await expect(button).to_have_text("2 new comments ↑")
    await expect(tab.comment("News 1")).to_have_count(1)
    assert await tab.top("Comment 3") == still(before)
    await sue.delete("News 0")
    await expect(button).to_have_text("1 new comment ↑")
    assert await tab.top("Comment 3") == still(before)
    await button.click()
    await expect(tab.comment("News 1")).to_be_in_viewport()
    await expect(button).to_be_hidden()


async def test_what_waits_comes_as_soon_as_it_is_out_of_sight(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    tab = await reading(visit, site, cast, post, 10)
    await choose(tab, "Newest first")
    await tab.page.evaluate("document.getElementById('comments').scrollIntoView()")
    await sue.say("On top")
    await expect(tab.page.locator("[data-new-above]")).to_have_text("1 new comment ↑")
    await tab.page.evaluate("scrollBy(0, 450)")
    await expect(tab.comment("On top")).to_have_count(1)
    await expect(tab.page.locator("[data-new-above]")).to_have_text("1 new comment ↑")
    await expect(tab.comment("On top")).not_to_be_in_viewport()


async def test_a_reply_above_what_is_read_moves_nothing_and_is_announced(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    tab = await reading(visit, site, cast, post, 10)
    await sue.page.reload()
    await sue.is_live()
    await to_the_end(tab)
    before = await tab.top("Comment 8")
    await sue.reply("Comment 1", "A reply far above")
    button = tab.page.locator("[data-new-above]")
    await expect(button).to_have_text("1 new comment ↑")
    assert await tab.top("Comment 8") == still(before)
    await button.click()
    await expect(tab.comment("A reply far above")).to_be_in_viewport()
    await expect(button).to_be_hidden()


# --- To look at ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_view_stands_up_to_axe_and_fits_a_phone(omar: Tab, sue: Tab, scheme: str) -> None:
    for text in ("First", "Second"):
        await omar.say(text)
    await sue.reply("First", "An answer")
    await omar.page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    for view in ("Newest first", "Live stream", "Threads", "Oldest first"):
        await choose(omar, view)
        assert await violations_on(omar) == []
    await omar.page.get_by_role("button", name="Pause").click()
    await sue.say("Paused away")
    await expect(omar.page.get_by_role("button", name="Go on (1)")).to_be_visible()
    assert await violations_on(omar) == []
    await omar.page.set_viewport_size({"width": 320, "height": 640})
    await fits(omar)
    await choose(omar, "Live stream")
    await fits(omar)


async def test_text_from_right_to_left_stays_in_its_comment(omar: Tab, sue: Tab) -> None:
    await omar.say("שלום עולם, this is mixed")
    await sue.reply("שלום עולם, this is mixed", "Left to right\n\nمن اليمين إلى اليسار")
    for tab in (omar, sue):
        await expect(tab.texts).to_have_count(2)
        directions = await tab.texts.evaluate_all(
            "all => all.map((each) => getComputedStyle(each).direction)"
        )
        assert directions == ["rtl", "ltr"]
        assert await tab.page.evaluate("getComputedStyle(document.body).direction") == "ltr"
        head = (
            await tab.comment("שלום עולם, this is mixed")
            .locator(".comment-head")
            .evaluate("each => getComputedStyle(each).direction")
        )
        assert head == "ltr"
    await omar.page.set_viewport_size({"width": 320, "height": 640})
    await fits(omar)
