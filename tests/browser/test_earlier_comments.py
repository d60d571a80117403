"""Earlier comments come in place, and whatever comes moves nothing that is being read."""

import pytest
from playwright.async_api import expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .tab import Post, Tab

pytestmark = LIVE

TEXTS = [f"Comment {number}" for number in range(25)]
# A pixel is what rounding may cost.
STILL = 1.0


def still(where: float) -> object:
    return pytest.approx(where, abs=STILL)


async def earlier(tab: Tab, total: int) -> None:
    await tab.page.get_by_role("link", name="Earlier comments").click()
    await expect(tab.texts).to_have_count(total)
    await expect(tab.page.locator("[data-skeletons]")).to_be_hidden()


async def a_long_conversation(visit: Visit, site: Site, cast: Cast, post: Post) -> Tab:
    site.fill(post.id, author=cast.owner, contents=TEXTS)
    tab = await visit(cast.owner, reduced_motion="reduce")
    await tab.read(post)
    return tab


async def test_they_come_in_place_until_there_are_no_more(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    tab = await a_long_conversation(visit, site, cast, post)
    await tab.shows(*TEXTS[15:])
    address = tab.page.url
    await earlier(tab, 20)
    await tab.shows(*TEXTS[5:])
    await earlier(tab, 25)
    await tab.shows(*TEXTS)
    await expect(tab.page.get_by_role("link", name="Earlier comments")).to_be_hidden()
    assert tab.page.url == address
    await expect(tab.page.locator("[data-announcer]")).to_have_text("5 earlier comments")


async def test_the_comment_in_view_stays_where_it_is_when_they_come(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    tab = await a_long_conversation(visit, site, cast, post)
    # Where it can be pressed, as the mouse would have it.
    await tab.page.get_by_role("link", name="Earlier comments").hover()
    before = await tab.top("Comment 15")
    await earlier(tab, 20)
    assert await tab.top("Comment 15") == still(before)


async def test_nothing_in_view_moves_when_others_write(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    tab = await a_long_conversation(visit, site, cast, post)
    await sue.page.reload()
    await tab.comment("Comment 19").scroll_into_view_if_needed()
    await tab.page.evaluate("scrollBy(0, 300)")
    before = await tab.top("Comment 20")
    await sue.reply("Comment 15", "A reply above what is being read\n\nin two paragraphs")
    await sue.send("A comment below")
    await expect(tab.comment("A comment below")).to_have_count(1)
    await expect(tab.texts).to_have_count(12)
    assert await tab.top("Comment 20") == still(before)


async def test_nothing_in_view_moves_when_a_text_above_grows_or_goes(
    visit: Visit, site: Site, cast: Cast, post: Post, omar: Tab
) -> None:
    site.fill(post.id, author=cast.owner, contents=TEXTS[:10])
    reader = await visit(cast.stranger, viewport={"width": 800, "height": 500})
    await reader.read(post)
    await omar.page.reload()
    await omar.is_live()
    await reader.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    before = await reader.top("Comment 9")
    await omar.edit("Comment 0", "A much longer text\n\nof several\n\nparagraphs")
    await expect(reader.page.locator("[data-edited]").first).not_to_have_attribute("hidden", "")
    assert await reader.top("Comment 9") == still(before)
    await omar.delete("Comment 1")
    await expect(reader.texts).to_have_count(9)
    assert await reader.top("Comment 9") == still(before)


async def test_new_comments_below_are_offered_and_not_forced_on_a_reader(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    tab = await a_long_conversation(visit, site, cast, post)
    await tab.page.set_viewport_size({"width": 800, "height": 500})
    await tab.page.evaluate("scrollTo(0, 0)")
    await sue.send("News")
    button = tab.page.get_by_role("button", name="1 new comment")
    await expect(button).to_have_count(1)
    assert await tab.page.evaluate("scrollY") == 0
    await button.dispatch_event("click")
    await expect(tab.comment("News")).to_be_in_viewport()
    await expect(button).to_have_count(0)


async def test_removed_comments_do_not_come_back_with_the_earlier_ones(
    visit: Visit, site: Site, cast: Cast, post: Post, omar: Tab
) -> None:
    tab = await a_long_conversation(visit, site, cast, post)
    await omar.page.reload()
    await omar.is_live()
    await earlier(omar, 20)
    await omar.delete("Comment 7")
    await expect(omar.texts).to_have_count(19)
    await earlier(tab, 20)
    await tab.shows(*TEXTS[4:7], *TEXTS[8:])


async def test_without_a_connection_the_link_is_followed(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    site.fill(post.id, author=cast.owner, contents=TEXTS)
    tab = await visit(cast.owner)
    await tab.without_websockets()
    await tab.cut_off()
    await tab.go(post.path)
    await tab.is_in("offline")
    await tab.page.get_by_role("link", name="Earlier comments").click()
    await tab.shows(*TEXTS[5:15])
    await expect(tab.page.get_by_role("link", name="Later comments")).to_be_visible()
