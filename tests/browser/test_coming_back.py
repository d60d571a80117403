"""Whoever comes back is told what is new; a comment's address opens it among its neighbours, in place."""

import re

from playwright.async_api import expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import violations_on
from .tab import Post, Tab

pytestmark = LIVE

TEXTS = [f"Comment {number}" for number in range(45)]


async def numbers(site: Site, post: Post) -> list[str]:
    return [str(row["id"]) for row in site.stored(post.id)]


# --- New since you left ----------------------------------------------------------------------------


async def test_nothing_is_new_to_somebody_who_comes_for_the_first_time(omar: Tab, sue: Tab) -> None:
    await sue.say("First")
    await omar.page.reload()
    await omar.is_live()
    await expect(omar.page.locator("[data-since]")).to_be_hidden()


async def test_what_came_meanwhile_is_counted_marked_and_one_click_away(
    omar: Tab, sue: Tab, post: Post
) -> None:
    for number in range(4):
        await omar.say(f"Old {number}")
    await omar.go("/")
    for number in range(3):
        await sue.say(f"News {number}")
    await sue.reply("Old 0", "A new reply")
    await omar.read(post)
    button = omar.page.get_by_role("button", name="4 new since you left")
    await expect(button).to_be_visible()
    await expect(omar.page.locator(".is-since [data-text]")).to_have_text(
        ["A new reply", "News 0", "News 1", "News 2"]
    )
    begin = omar.page.locator("[data-since-begin]")
    await expect(begin).to_have_text("New since you left")
    assert await violations_on(omar) == []
    await button.click()
    await expect(omar.comment("A new reply")).to_be_in_viewport()
    await expect(omar.comment("A new reply")).to_be_focused()
    await omar.page.get_by_role("link", name="Live stream").click()
    await expect(omar.comment("News 0").locator("[data-since-begin]")).to_have_count(1)
    # What comes while they are here is no part of it, and the next time it is not new either.
    await sue.say("While they are here")
    await expect(omar.comment("While they are here")).to_have_count(1)
    await expect(omar.page.locator(".is-since")).to_have_count(4)
    await omar.page.reload()
    await omar.is_live()
    await expect(omar.page.locator("[data-since]")).to_be_hidden()
    await expect(omar.page.locator(".is-since")).to_have_count(0)


async def test_ones_own_comments_are_not_new(
    omar: Tab, sue: Tab, post: Post, visit: Visit, cast: Cast
) -> None:
    await omar.say("First")
    await omar.go("/")
    elsewhere = await visit(cast.owner)
    await elsewhere.read(post)
    await elsewhere.say("From another device")
    await sue.say("Somebody else")
    await omar.read(post)
    await expect(omar.page.get_by_role("button", name="1 new since you left")).to_be_visible()


async def test_what_is_taken_away_or_of_somebody_muted_is_new_no_more(
    omar: Tab, sue: Tab, post: Post, site: Site, cast: Cast
) -> None:
    noisy = site.person("noisy", name="Noisy Neighbour")
    site.verb("mute", noisy.id, on=True, by=cast.owner)
    await omar.say("Old")
    await omar.go("/")
    site.ask_clerk("write", post_id=post.id, user_id=noisy.id, content="Muted")
    for number in range(3):
        await sue.say(f"News {number}")
    await omar.read(post)
    button = omar.page.locator("[data-since]")
    await expect(button).to_have_text("3 new since you left")
    await sue.delete("News 0")
    await expect(button).to_have_text("2 new since you left")
    await expect(omar.comment("News 1").locator("[data-since-begin]")).to_have_count(1)
    await omar.act("News 1", "Mute")
    await expect(button).to_be_hidden()
    await expect(omar.page.locator(".is-since")).to_have_count(0)
    await omar.page.locator("[data-muted-fold]").last.locator("summary").click()
    await omar.page.locator("[data-muted-fold]").last.get_by_role("link", name="Unmute").click()
    await expect(button).to_have_text("2 new since you left")


async def test_marks_move_nothing(omar: Tab, sue: Tab, post: Post) -> None:
    await omar.say("Old")
    await omar.go("/")
    for number in range(3):
        await sue.say(f"News {number}")
    await omar.read(post)
    await expect(omar.page.locator(".is-since")).to_have_count(3)
    marked = await omar.top("News 2")
    await omar.page.evaluate("""() => {
      for (const each of document.querySelectorAll('.is-since')) each.classList.remove('is-since');
      for (const each of document.querySelectorAll('[data-since-begin]')) each.remove();
    }""")
    assert await omar.top("News 2") == marked


async def test_where_they_begin_is_reached_on_another_page(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    site.fill(post.id, author=cast.stranger, contents=TEXTS[:5])
    tab = await visit(cast.owner)
    await tab.read(post)
    await tab.go("/")
    site.fill(post.id, author=cast.stranger, contents=TEXTS[5:])
    await tab.read(post)
    await expect(tab.texts).to_have_count(10)
    await tab.page.get_by_role("button", name="40 new since you left").click()
    await expect(tab.comment("Comment 5")).to_be_in_viewport()
    await tab.shows(*TEXTS[5:15])
    await expect(tab.comment("Comment 5").locator("[data-since-begin]")).to_have_count(1)
    await tab.page.get_by_role("link", name="Later comments").click()
    await tab.shows(*TEXTS[5:25])


# --- A comment's address ---------------------------------------------------------------------------


async def test_it_opens_among_its_neighbours_and_both_ways_go_on_in_place(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    site.fill(post.id, author=cast.owner, contents=TEXTS)
    ids = await numbers(site, post)
    tab = await visit(cast.owner)
    await tab.go(f"/comments/{ids[20]}/")
    await tab.is_live()
    wanted = tab.page.locator(".is-highlighted")
    await expect(wanted.locator("[data-text]")).to_have_text("Comment 20")
    await expect(wanted).to_be_in_viewport()
    await tab.shows(*TEXTS[15:25])
    before = await tab.top("Comment 20")
    await tab.page.get_by_role("link", name="Later comments").click()
    await tab.shows(*TEXTS[15:35])
    await expect(tab.page.locator("[data-announcer]")).to_have_text("10 later comments")
    await tab.comment("Comment 20").scroll_into_view_if_needed()
    before = await tab.top("Comment 20")
    await tab.page.get_by_role("link", name="Earlier comments").dispatch_event("click")
    await tab.shows(*TEXTS[5:35])
    assert abs(await tab.top("Comment 20") - before) <= 1
    # Others go on meanwhile: told, but not shown before its turn.
    await sue.page.reload()
    await sue.is_live()
    await sue.say("The newest")
    await expect(tab.page.locator("[data-new-below]")).to_have_text("1 new comment ↓")
    await tab.page.get_by_role("link", name="Later comments").click()
    await tab.shows(*TEXTS[5:])
    await tab.page.get_by_role("link", name="Later comments").click()
    await tab.shows(*TEXTS[5:], "The newest")
    await expect(tab.page.get_by_role("link", name="Later comments")).to_be_hidden()
    await sue.say("Live again")
    await tab.shows(*TEXTS[5:], "The newest", "Live again")


async def test_the_newest_are_one_click_away(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    site.fill(post.id, author=cast.owner, contents=TEXTS)
    ids = await numbers(site, post)
    tab = await visit(cast.owner)
    await tab.go(f"/comments/{ids[3]}/")
    await tab.is_live()
    await tab.page.get_by_role("link", name="Newest comments").click()
    await tab.shows(*TEXTS[35:])
    await expect(tab.comment("Comment 44")).to_be_in_viewport()
    await sue.page.reload()
    await sue.is_live()
    await sue.say("Live")
    await tab.shows(*TEXTS[35:], "Live")


async def test_a_link_to_another_comment_goes_there_in_place_and_back(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    site.fill(post.id, author=cast.owner, contents=TEXTS[:2])
    ids = await numbers(site, post)
    await sue.page.reload()
    await sue.is_live()
    await sue.reply("Comment 0", "An answer to what is far away")
    await expect(sue.comment("An answer to what is far away")).to_have_attribute("data-id", re.compile(r"\d"))
    site.fill(post.id, author=cast.owner, contents=TEXTS[:8])
    tab = await visit(cast.owner)
    await tab.read(post)
    await expect(tab.texts).to_have_count(10)
    await tab.field.fill("A draft stays")
    await tab.comment("An answer to what is far away").get_by_role("link", name="Sue Stranger").count()
    link = tab.comment("An answer to what is far away").locator("[data-answers-link]")
    if await link.is_visible():
        await link.click()
    else:
        await tab.page.evaluate(f"location.hash = 'comment-{ids[0]}'")
    await expect(tab.page.locator(".is-highlighted [data-text]")).to_have_text("Comment 0")
    await expect(tab.page.locator(".is-highlighted")).to_be_in_viewport()
    await expect(tab.field).to_have_value("A draft stays")


async def test_its_time_is_a_link_that_marks_it_without_leaving(omar: Tab, sue: Tab) -> None:
    for number in range(3):
        await omar.say(f"Comment {number}")
    await sue.shows("Comment 0", "Comment 1", "Comment 2")
    await sue.field.fill("A draft stays")
    await sue.comment("Comment 1").locator("[data-permalink]").click()
    await expect(sue.page.locator(".is-highlighted [data-text]")).to_have_text("Comment 1")
    assert re.search(r"/comments/\d+/$", sue.page.url)
    await expect(sue.field).to_have_value("A draft stays")
    await sue.comment("Comment 2").locator("[data-permalink]").click()
    await expect(sue.page.locator(".is-highlighted [data-text]")).to_have_text("Comment 2")
    await sue.page.go_back()
    await expect(sue.page.locator(".is-highlighted [data-text]")).to_have_text("Comment 1")


async def test_an_address_with_a_comment_of_another_page_brings_it(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    site.fill(post.id, author=cast.owner, contents=TEXTS)
    ids = await numbers(site, post)
    tab = await visit(cast.owner)
    await tab.go(f"{post.path}#comment-{ids[7]}")
    await expect(tab.page.locator(".is-highlighted [data-text]")).to_have_text("Comment 7")
    await expect(tab.page.locator(".is-highlighted")).to_be_in_viewport()


async def test_without_javascript_later_pages_are_links_to_the_next_one(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    site.fill(post.id, author=cast.owner, contents=TEXTS)
    ids = await numbers(site, post)
    plain = await visit(cast.owner, java_script_enabled=False)
    await plain.go(f"/comments/{ids[20]}/")
    await plain.shows(*TEXTS[15:25])
    await plain.page.get_by_role("link", name="Later comments").click()
    await plain.shows(*TEXTS[25:35])
    await plain.page.get_by_role("link", name="Later comments").click()
    await plain.shows(*TEXTS[35:])
    await expect(plain.page.get_by_role("link", name="Later comments")).to_be_hidden()
    await plain.page.get_by_role("link", name="Earlier comments").click()
    await plain.shows(*TEXTS[25:35])
    await plain.page.get_by_role("link", name="Newest comments").click()
    await plain.shows(*TEXTS[35:])
