"""Without JavaScript everything works by pages and forms, and others see it live all the same."""

import pytest_asyncio
from playwright.async_api import expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .tab import Post, Tab

pytestmark = LIVE


@pytest_asyncio.fixture(loop_scope="session")
async def plain(visit: Visit, cast: Cast, post: Post) -> Tab:
    """A third reader, whose browser runs no script."""
    tab = await visit(cast.author, java_script_enabled=False)
    await tab.go(post.path)
    return tab


async def submit(tab: Tab, text: str, button: str = "Send") -> None:
    await tab.page.locator("textarea").fill(text)
    await tab.page.get_by_role("button", name=button).click()


async def test_a_comment_is_posted_and_arrives_live_on_the_other_pages(
    plain: Tab, omar: Tab, sue: Tab
) -> None:
    await submit(plain, "안녕 <b>everyone</b> 👋")
    for tab in (plain, omar, sue):
        await tab.shows("안녕 <b>everyone</b> 👋")
    own = await plain.comments.get_attribute("id")
    assert plain.page.url.endswith(f"#{own}")
    await omar.say("Welcome")
    await plain.page.reload()
    await plain.shows("안녕 <b>everyone</b> 👋", "Welcome")


async def test_nothing_that_needs_a_script_is_shown(plain: Tab) -> None:
    await expect(plain.page.get_by_role("button", name="Send")).to_be_visible()
    await expect(plain.state).to_be_hidden()
    await expect(plain.page.locator("[data-new-below]")).to_be_hidden()


async def test_a_reply_goes_by_its_own_address(plain: Tab, omar: Tab) -> None:
    await omar.say("A question")
    await plain.page.reload()
    await plain.act("A question", "Reply")
    await expect(plain.page.locator("[data-replying]")).to_contain_text("Replying to Omar Owner")
    await submit(plain, "An answer")
    for tab in (plain, omar):
        await expect(tab.page.locator("[data-replies] [data-text]")).to_have_text(["An answer"])


async def test_a_reply_can_be_given_up(plain: Tab, omar: Tab) -> None:
    await omar.say("A question")
    await plain.page.reload()
    await plain.act("A question", "Reply")
    await plain.page.get_by_role("link", name="Do not reply").click()
    await submit(plain, "Something else")
    await plain.shows("A question", "Something else")
    await expect(plain.page.locator("[data-replies] [data-text]")).to_have_count(0)


async def test_an_edit_has_a_page_and_is_seen_live(plain: Tab, omar: Tab) -> None:
    await submit(plain, "Good mroning")
    await omar.shows("Good mroning")
    await plain.act("Good mroning", "Edit")
    await expect(plain.page.locator("textarea")).to_have_value("Good mroning")
    await submit(plain, "Good morning", "Save")
    for tab in (plain, omar):
        await tab.shows("Good morning")
        await expect(tab.page.locator("[data-edited]")).to_be_visible()


async def test_deleting_asks_on_a_page_and_is_seen_live(plain: Tab, omar: Tab) -> None:
    await submit(plain, "Not my best")
    await omar.shows("Not my best")
    await plain.act("Not my best", "Delete")
    await plain.page.get_by_role("link", name="Keep").click()
    await plain.shows("Not my best")
    await plain.act("Not my best", "Delete")
    await plain.page.get_by_role("button", name="Delete").click()
    await expect(plain.page.locator(".message")).to_have_text("Your comment was removed.")
    for tab in (plain, omar):
        await tab.shows()


async def test_a_refused_comment_keeps_its_text_and_says_why(plain: Tab, omar: Tab, post: Post) -> None:
    plain.watch.expect("status of 422")
    long = "long " * 120
    await omar.say("A question")
    await plain.page.reload()
    await plain.act("A question", "Reply")
    await submit(plain, long)
    await expect(plain.page.locator("textarea")).to_have_value(long)
    await expect(plain.page.locator("[data-composer-error]")).to_contain_text("500 characters")
    await expect(plain.page.locator("[data-replying]")).to_contain_text("Replying to Omar Owner")
    await submit(plain, "short")
    await expect(plain.page.locator("[data-replies] [data-text]")).to_have_text(["short"])


async def test_a_refused_edit_keeps_its_text_and_says_why(plain: Tab) -> None:
    plain.watch.expect("status of 422")
    await submit(plain, "short")
    await plain.act("short", "Edit")
    await submit(plain, "long " * 120, "Save")
    await expect(plain.page.locator("textarea")).to_have_value("long " * 120)
    await expect(plain.page.locator("#content-error")).to_contain_text("500 characters")


async def test_pressing_send_twice_makes_one_comment(plain: Tab, site: Site, post: Post) -> None:
    await plain.page.locator("textarea").fill("Only once")
    await plain.page.get_by_role("button", name="Send").dblclick()
    await plain.shows("Only once")
    assert len(site.stored(post.id)) == 1


async def test_a_preview_comes_with_the_form_and_keeps_everything(plain: Tab, omar: Tab) -> None:
    await omar.say("A question")
    await plain.page.reload()
    await plain.act("A question", "Reply")
    await submit(plain, "Now **bold**", "Preview")
    await expect(plain.page.locator("[data-preview-pane] strong")).to_have_text("bold")
    await expect(plain.page.locator("textarea")).to_have_value("Now **bold**")
    await expect(plain.page.locator("[data-replying]")).to_contain_text("Replying to Omar Owner")
    await plain.page.get_by_role("button", name="Send").click()
    await expect(omar.page.locator("[data-replies] [data-text]")).to_have_text(["Now bold"])


async def test_an_edit_has_a_preview(plain: Tab, omar: Tab) -> None:
    await submit(plain, "Good mroning")
    await plain.act("Good mroning", "Edit")
    await submit(plain, "Good **morning**", "Preview")
    await expect(plain.page.locator(".composer-preview strong")).to_have_text("morning")
    await plain.page.get_by_role("button", name="Save").click()
    await omar.shows("Good morning")


async def test_too_old_a_comment_offers_no_edit(plain: Tab, site: Site, cast: Cast, post: Post) -> None:
    comment = site.ask_clerk("write", post_id=post.id, user_id=cast.author.id, content="Long ago")
    await plain.page.reload()
    await expect(plain.comment("Long ago").get_by_role("link", name="Edit")).to_have_count(1)
    site.ask_clerk("age", comment_id=comment, seconds=3601)
    await plain.act("Long ago", "Edit")
    await expect(plain.page.locator(".message")).to_contain_text("That time is over.")
    await expect(plain.comment("Long ago").get_by_role("link", name="Edit")).to_have_count(0)


async def test_earlier_and_later_pages_are_links(plain: Tab, site: Site, cast: Cast, post: Post) -> None:
    texts = [f"Comment {number}" for number in range(25)]
    site.fill(post.id, author=cast.owner, contents=texts)
    await plain.page.reload()
    await plain.shows(*texts[15:])
    await plain.page.get_by_role("link", name="Earlier comments").click()
    await plain.shows(*texts[5:15])
    await plain.page.get_by_role("link", name="Earlier comments").click()
    await plain.shows(*texts[:5])
    await expect(plain.page.get_by_role("link", name="Earlier comments")).to_be_hidden()
    await plain.page.get_by_role("link", name="Later comments").click()
    await plain.shows(*texts[5:15])
    await plain.page.get_by_role("link", name="Newest comments").click()
    await plain.shows(*texts[15:])


async def test_a_comments_own_address_shows_it_among_its_neighbours(
    plain: Tab, site: Site, cast: Cast, post: Post
) -> None:
    texts = [f"Comment {number}" for number in range(25)]
    site.fill(post.id, author=cast.owner, contents=texts)
    await plain.go(f"/comments/{site.stored(post.id)[3]['id']}/")
    await expect(plain.page.locator(".is-highlighted [data-text]")).to_have_text("Comment 3")
    await expect(plain.comment("Comment 4")).to_be_visible()
