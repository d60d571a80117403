"""Somebody begins to write before they have logged in, and goes on with it afterwards."""

from itertools import count

import pytest
from playwright.async_api import Locator, expect

from tests.servers import Person, Site

from .conftest import Visit
from .groups import LIVE
from .inspection import inspect
from .tab import Post, Tab

pytestmark = LIVE

PASSWORD = "a long way home"
_numbers = count(1)


@pytest.fixture
def vera(site: Site) -> Person:
    """A reader who is logged out."""
    return site.person(f"vera{next(_numbers)}", name="Vera Visitor", password=PASSWORD)


def field(tab: Tab) -> Locator:
    return tab.page.locator("[data-visitor] textarea")


async def focused(tab: Tab) -> str:
    name: str = await tab.page.evaluate("document.activeElement.tagName")
    return name


async def test_what_a_visitor_wrote_is_there_after_logging_in(visit: Visit, vera: Person, post: Post) -> None:
    tab = await visit()
    await tab.go(post.path)
    await field(tab).press_sequentially("Half a thought")
    await tab.page.get_by_role("button", name="Log in to send").click()
    await tab.log_in(vera.username, PASSWORD)
    await tab.page.wait_for_url(f"**{post.path}#composer")
    await tab.is_live()
    await expect(tab.field).to_have_value("Half a thought")
    assert await focused(tab) == "BODY"

    await tab.page.get_by_role("button", name="Send").click()
    await tab.shows("Half a thought")
    # It is nobody else's who uses this browser later.
    assert await tab.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))") == []


async def test_a_visitors_reply_is_still_one_after_signing_up(visit: Visit, omar: Tab, post: Post) -> None:
    await omar.say("A question")
    tab = await visit()
    await tab.go(post.path)
    await tab.act("A question", "Reply")
    await expect(tab.page.locator("[data-replying]")).to_contain_text("Replying to Omar Owner")
    await expect(field(tab)).to_be_focused()
    await field(tab).fill("An answer")
    await tab.page.locator("[data-visitor]").get_by_role("link", name="Sign up").click()
    name = f"sam{next(_numbers)}"
    await tab.page.locator("[name=email]").fill(f"{name}@example.com")
    await tab.page.locator("[name=username]").fill(name)
    await tab.page.locator("[name=password1]").fill(PASSWORD)
    await tab.page.locator("main").get_by_role("button").first.click()
    await tab.page.wait_for_url(f"**{post.path}?reply=*#composer")
    await tab.is_live()
    await expect(tab.page.locator("[data-replying]")).to_contain_text("Replying to Omar Owner")
    await expect(tab.field).to_have_value("An answer")
    assert await focused(tab) == "BODY"

    await tab.page.get_by_role("button", name="Send").click()
    await expect(omar.page.locator("[data-replies] [data-text]")).to_have_text(["An answer"])


async def test_it_is_there_whichever_way_they_log_in(visit: Visit, vera: Person, post: Post) -> None:
    tab = await visit()
    await tab.go(post.path)
    await field(tab).fill("By the link in the header")
    await tab.page.locator(".site-nav").get_by_role("link", name="Log in").click()
    await tab.log_in(vera.username, PASSWORD)
    await tab.is_live()
    await expect(tab.field).to_have_value("By the link in the header")


async def test_a_visitors_text_survives_reloading_and_giving_up_the_reply(
    visit: Visit, omar: Tab, post: Post
) -> None:
    await omar.say("A question")
    tab = await visit()
    await tab.go(post.path)
    await tab.act("A question", "Reply")
    await field(tab).fill("Not an answer after all")
    await tab.page.reload()
    await expect(tab.page.locator("[data-replying]")).to_contain_text("Replying to Omar Owner")
    await tab.page.get_by_role("link", name="Do not reply").click()
    await expect(tab.page.locator("[data-replying]")).to_be_hidden()
    await tab.page.reload()
    await expect(field(tab)).to_have_value("Not an answer after all")
    await expect(tab.page.locator("[data-replying]")).to_be_hidden()


async def test_ctrl_enter_leads_to_logging_in(visit: Visit, vera: Person, post: Post) -> None:
    tab = await visit()
    await tab.go(post.path)
    await field(tab).fill("With the keyboard")
    await field(tab).press("Control+Enter")
    await tab.log_in(vera.username, PASSWORD)
    await tab.is_live()
    await expect(tab.field).to_have_value("With the keyboard")


async def test_a_text_of_long_ago_is_given_to_nobody(visit: Visit, vera: Person, post: Post) -> None:
    tab = await visit()
    await tab.go(post.path)
    await field(tab).fill("Somebody's at this computer")
    await tab.page.locator(".site-nav").get_by_role("link", name="Log in").click()
    await tab.page.evaluate(
        """(postId) => {
          const key = `postroom.draft.visitor.${postId}`;
          const draft = JSON.parse(localStorage.getItem(key));
          localStorage.setItem(key, JSON.stringify({ ...draft, at: Date.now() - 25 * 3600 * 1000 }));
        }""",
        post.id,
    )
    await tab.log_in(vera.username, PASSWORD)
    await tab.is_live()
    await expect(tab.field).to_have_value("")


async def test_what_was_taken_along_does_not_come_up_again_from_another_tab_or_by_going_back(
    visit: Visit, vera: Person, post: Post
) -> None:
    tab = await visit()
    await tab.go(post.path)
    await field(tab).fill("Once is enough")
    other = await tab.another()
    await other.go(post.path)
    await expect(field(other)).to_have_value("Once is enough")
    await tab.page.get_by_role("button", name="Log in to send").click()
    await tab.log_in(vera.username, PASSWORD)
    await tab.is_live()
    await tab.page.get_by_role("button", name="Send").click()
    await tab.shows("Once is enough")
    await expect(field(other)).to_have_value("")
    await other.page.reload()
    await other.is_live()
    await expect(other.field).to_have_value("")


async def test_without_javascript_there_are_the_ways_in_and_no_field(
    visit: Visit, omar: Tab, post: Post
) -> None:
    await omar.say("A question")
    tab = await visit(java_script_enabled=False)
    await tab.go(post.path)
    await expect(tab.page.locator("textarea:visible")).to_have_count(0)
    await expect(tab.page.get_by_text("Readers who are logged in can join")).to_be_visible()
    await tab.act("A question", "Reply")
    await expect(tab.page.locator("[data-replying]")).to_contain_text("Replying to Omar Owner")
    href = await tab.page.locator("[data-visitor]").get_by_role("link", name="Sign up").get_attribute("href")
    assert href is not None
    assert "%3Freply%3D" in href
    await tab.page.get_by_role("button", name="Log in to send").click()
    assert "%3Freply%3D" in tab.page.url


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_page_of_a_visitor_who_writes(visit: Visit, omar: Tab, post: Post, language: str) -> None:
    await omar.say("A question")
    tab = await visit(language=language)
    await tab.go(post.path)
    await inspect(tab)
    await tab.page.locator("[data-action=reply]").first.click()
    await field(tab).fill("An answer")
    await inspect(tab)
