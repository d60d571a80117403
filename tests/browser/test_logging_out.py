"""The end of a session is seen at once, and what was being written outlives it."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.servers import Person, Site

from .conftest import Visit
from .groups import LIVE
from .tab import Post, Tab

pytestmark = LIVE

PASSWORD = "a long way home"


@pytest.fixture
def lea(site: Site) -> Person:
    """A reader who knows her password."""
    return site.person("lea", name="Lea Leaving", password=PASSWORD)


@pytest_asyncio.fixture(loop_scope="session")
async def tab(visit: Visit, lea: Person, post: Post) -> Tab:
    tab = await visit(lea)
    await tab.read(post)
    return tab


async def log_out(tab: Tab) -> None:
    """In another tab of the same browser."""
    other = await tab.another()
    await other.go("/")
    await other.page.get_by_role("button", name="Log out").click()
    await expect(other.page.get_by_role("link", name="Sign up")).to_be_visible()


async def test_logging_out_in_one_tab_is_seen_in_the_other_at_once(tab: Tab, sue: Tab) -> None:
    await expect(sue.here).to_have_text("2 here")
    await log_out(tab)
    await tab.is_in("ended")
    await expect(tab.state).to_contain_text("You have been logged out.")
    await expect(tab.state.get_by_role("link", name="Log in")).to_be_visible()
    await expect(sue.here).to_be_hidden()


async def test_logging_in_again_leads_back_to_the_draft(tab: Tab, post: Post, lea: Person) -> None:
    await tab.field.fill("Where was I")
    await log_out(tab)
    await tab.is_in("ended")
    await tab.state.get_by_role("link", name="Log in").click()
    await tab.log_in(lea.username, PASSWORD)
    await tab.is_live()
    assert tab.page.url == f"{tab.site.url}{post.path}#composer"
    await expect(tab.field).to_have_value("Where was I")
    await tab.send("Where was I? Here.")
    await tab.shows("Where was I? Here.")


async def test_a_comment_written_after_logging_out_is_sent_after_logging_in(
    tab: Tab, sue: Tab, lea: Person, site: Site, post: Post
) -> None:
    await log_out(tab)
    await tab.is_in("ended")
    await tab.send("I did not notice")
    await expect(tab.pending).to_contain_text("waiting until you log in")
    await sue.shows()
    await tab.page.locator("[data-composer-hint]").get_by_role("link", name="Log in").click()
    await tab.log_in(lea.username, PASSWORD)
    for each in (tab, sue):
        await each.shows("I did not notice")
    await expect(tab.pending).to_have_count(0)
    assert len(site.stored(post.id)) == 1


async def test_a_changed_password_ends_the_other_sessions_and_not_this_one(
    tab: Tab, visit: Visit, lea: Person, post: Post
) -> None:
    here = await visit()
    await here.go("/accounts/login/")
    await here.log_in(lea.username, PASSWORD)
    await here.read(post)
    changing = await here.another()
    await changing.go("/accounts/password/change/")
    fields = changing.page.locator("main [type=password]")
    for number, text in enumerate((PASSWORD, "another way home", "another way home")):
        await fields.nth(number).fill(text)
    await changing.page.get_by_role("button", name="Save the new password").click()
    await tab.is_in("ended")
    await expect(changing.page.get_by_role("button", name="Log out")).to_be_visible()
    await here.page.reload()
    await here.is_live()
