"""What a moderator decides in Django's admin changes every open page."""

import pytest_asyncio
from playwright.async_api import expect

from tests.servers import Site

from .conftest import Cast, MakePost, Visit
from .groups import LIVE
from .tab import Post, Tab

pytestmark = LIVE


@pytest_asyncio.fixture(loop_scope="session")
async def desk(visit: Visit, cast: Cast) -> Tab:
    return await visit(cast.moderator)


async def decide(desk: Tab, post: Post, text: str, action: str) -> None:
    await desk.go(f"/admin/comments/comment/?post__id__exact={post.id}")
    row = desk.page.locator("#result_list tbody tr").filter(has_text=text)
    await row.locator(".action-select").check()
    await desk.page.get_by_label("Action:").select_option(label=action)
    await desk.page.get_by_role("button", name="Run").or_(desk.page.get_by_role("button", name="Go")).click()
    if action.endswith("…"):
        await desk.page.locator("#id_reason").select_option("off_topic")
        await desk.page.locator(".submit-row input").click()
    await expect(desk.page.locator(".messagelist")).to_contain_text("1 comment changed.")


async def test_a_hidden_comment_vanishes_and_a_restored_one_returns_to_its_place(
    desk: Tab, omar: Tab, sue: Tab, post: Post
) -> None:
    for text in ("First", "Second", "Third"):
        await omar.send(text)
    await sue.shows("First", "Second", "Third")

    await decide(desk, post, "Second", "Reject…")
    for tab in (omar, sue):
        await tab.shows("First", "Third")
        await expect(tab.count).to_have_text("2 comments")
        assert "Second" not in await tab.page.content()

    await decide(desk, post, "Second", "Restore")
    for tab in (omar, sue):
        await tab.shows("First", "Second", "Third")
        await expect(tab.count).to_have_text("3 comments")


async def test_a_hidden_comment_with_replies_gives_way_to_a_sentence_until_it_is_restored(
    desk: Tab, omar: Tab, sue: Tab, post: Post
) -> None:
    await omar.send("A question")
    await sue.reply("A question", "An answer")
    await omar.shows("A question", "An answer")
    await decide(desk, post, "A question", "Reject…")
    for tab in (omar, sue):
        await tab.shows("An answer")
        await expect(tab.page.locator("[data-removed]")).to_have_count(1)
    await decide(desk, post, "A question", "Restore")
    for tab in (omar, sue):
        await tab.shows("A question", "An answer")
        await expect(tab.page.locator("[data-removed]")).to_have_count(0)
        await expect(tab.page.locator("[data-replies] [data-text]")).to_have_text(["An answer"])


async def test_a_held_comment_is_its_authors_alone_until_it_is_let_through(
    desk: Tab, visit: Visit, cast: Cast, make_post: MakePost
) -> None:
    post = make_post(pre_moderation=True)
    omar, sue = await visit(cast.owner), await visit(cast.stranger)
    for tab in (omar, sue):
        await tab.read(post)
    await omar.send("May I?")
    await expect(omar.page.locator(".is-held")).to_contain_text("waiting for review")
    await sue.shows()
    await omar.page.reload()
    await expect(omar.page.locator(".is-held")).to_have_count(1)
    await decide(desk, post, "May I?", "Restore")
    for tab in (omar, sue):
        await tab.shows("May I?")
        await expect(tab.page.locator(".is-held")).to_have_count(0)
        await expect(tab.count).to_have_text("1 comment")


async def test_the_admin_is_entered_by_its_own_login_page(visit: Visit, cast: Cast) -> None:
    tab = await visit()
    await tab.go("/admin/")
    await tab.page.get_by_label("Username").fill(cast.moderator.username)
    await tab.page.get_by_label("Password").fill("the keys")
    await tab.page.get_by_role("button", name="Log in").click()
    await expect(tab.page.get_by_role("heading", name="Site administration")).to_be_visible()
    await tab.page.get_by_role("link", name="Comments", exact=True).first.click()
    await expect(tab.page.locator("#changelist")).to_be_visible()


async def test_a_deleted_comment_is_gone_from_open_pages(desk: Tab, omar: Tab, sue: Tab, post: Post) -> None:
    await omar.send("Buy my watches")
    await sue.shows("Buy my watches")
    await decide(desk, post, "Buy my watches", "Remove…")
    for tab in (omar, sue):
        await tab.shows()
        await expect(tab.page.get_by_text("No comments yet.")).to_be_visible()


async def test_a_text_changed_by_a_moderator_changes_live(
    desk: Tab, omar: Tab, sue: Tab, site: Site, post: Post
) -> None:
    await omar.send("Call me at 010-1234-5678")
    await sue.shows("Call me at 010-1234-5678")
    await desk.go(f"/admin/comments/comment/{site.stored(post.id)[0]['id']}/change/")
    await desk.page.locator("#id_content").fill("Call me")
    await desk.page.locator("#id_note").fill("a telephone number")
    await desk.page.get_by_role("button", name="Save", exact=True).click()
    for tab in (omar, sue):
        await tab.shows("Call me")


async def test_a_closed_room_takes_no_more_comments_until_it_opens_again(
    desk: Tab, omar: Tab, sue: Tab, post: Post
) -> None:
    await omar.send("The last word")
    await sue.shows("The last word")
    for state in ("closed", "open"):
        await desk.go(f"/admin/comments/post/{post.id}/change/")
        await desk.page.get_by_label(state, exact=True).check()
        await desk.page.get_by_role("button", name="Apply to the room").click()
        for tab in (omar, sue):
            if state == "closed":
                await expect(tab.closed).to_be_visible()
                await expect(tab.field).to_be_hidden()
            else:
                await expect(tab.closed).to_be_hidden()
                await expect(tab.field).to_be_visible()
    await sue.send("One more thing")
    await omar.shows("The last word", "One more thing")


async def test_a_post_that_is_withdrawn_and_published_again_is_live_again(
    desk: Tab, omar: Tab, sue: Tab, post: Post
) -> None:
    await omar.send("Before")
    await sue.shows("Before")
    await desk.go(f"/admin/comments/post/{post.id}/change/")
    date = await desk.page.locator("#id_published_at_0").input_value()
    for day in ("2099-01-01", date):
        await desk.go(f"/admin/comments/post/{post.id}/change/")
        await desk.page.locator("#id_published_at_0").fill(day)
        await desk.page.get_by_role("button", name="Save", exact=True).click()
        for tab in (omar, sue):
            # Pages ask again every ten seconds.
            if day == date:
                await expect(tab.field).to_be_visible(timeout=30_000)
            else:
                await expect(tab.closed).to_be_visible()
    await omar.send("After")
    await sue.shows("Before", "After")


async def test_an_account_that_is_switched_off_is_out_of_the_room(
    desk: Tab, visit: Visit, post: Post, omar: Tab, site: Site
) -> None:
    banned = site.person("banned", name="Bea Banned")
    bea = await visit(banned)
    await bea.read(post)
    await expect(omar.here).to_have_text("2 here")
    await desk.go(f"/admin/accounts/user/{banned.id}/change/")
    await desk.page.get_by_label("Active").uncheck()
    await desk.page.get_by_role("button", name="Save", exact=True).click()
    await bea.is_in("ended")
    await expect(omar.here).to_be_hidden()
