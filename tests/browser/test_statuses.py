"""Two people, one of whom follows the other, and what their pages say of each other."""

import re
from collections.abc import Iterator
from itertools import count

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from realtime.statuses import GRACE
from tests.servers import Person, Site, running_site
from tests.tasks import comes_to

from .conftest import ENVIRONMENT, Visit
from .groups import PAGES
from .inspection import inspect
from .tab import Tab

pytestmark = PAGES

_numbers = count(1)
SECONDS = 1_000


@pytest.fixture
def fay(site: Site) -> Person:
    return site.person(f"fay{next(_numbers)}", name="Fay Friend")


@pytest.fixture
def fred(site: Site) -> Person:
    return site.person(f"fred{next(_numbers)}", name="Fred Fan")


@pytest_asyncio.fixture(loop_scope="session")
async def fan(visit: Visit, fred: Person, fay: Person) -> Tab:
    """Fred, who looks at Fay's page and follows her."""
    tab = await visit(fred)
    await tab.go(f"/people/{fay.username}/")
    await follow(tab)
    return tab


async def follow(tab: Tab) -> None:
    await tab.page.get_by_role("button", name="Follow Fay Friend").click()
    await expect(tab.page.get_by_role("button", name="Stop following Fay Friend")).to_be_visible()


def mark(tab: Tab) -> Locator:
    """What Fay is, on Fred's page."""
    return tab.page.locator("[data-status-of]")


async def is_shown_as(tab: Tab, status: str, *, within: float = 10) -> None:
    await expect(mark(tab)).to_have_attribute("data-status", status, timeout=within * SECONDS)


async def test_only_who_follows_somebody_sees_what_they_are(visit: Visit, fay: Person, fred: Person) -> None:
    theirs, tab = await visit(fay), await visit(fred)
    await theirs.go("/following/")
    await tab.go(f"/people/{fay.username}/")
    await expect(mark(tab)).to_be_hidden()
    await follow(tab)
    await expect(mark(tab)).to_be_visible()
    await is_shown_as(tab, "online")
    visitor = await visit()
    await visitor.go(f"/people/{fay.username}/")
    await expect(mark(visitor)).to_have_count(0)
    await expect(visitor.page.get_by_role("button", name="Follow")).to_have_count(0)


async def test_a_friend_comes_chooses_and_goes(visit: Visit, fan: Tab, fay: Person) -> None:
    await fan.go("/following/")
    await is_shown_as(fan, "offline")
    await expect(fan.page.locator("[data-here-count]")).to_have_text("0 of 1 here now")

    theirs = await visit(fay)
    await theirs.go("/")
    await is_shown_as(fan, "online")
    await expect(fan.page.locator("[data-here-count]")).to_have_text("1 of 1 here now")

    await theirs.go("/following/")
    another = await theirs.another()
    await another.go("/following/")
    await theirs.page.get_by_role("button", name="Away").click()
    await is_shown_as(fan, "away")
    pressed = another.page.get_by_role("button", name="Away")
    await expect(pressed).to_have_attribute("aria-pressed", "true")

    await another.page.get_by_role("button", name="Invisible").click()
    await is_shown_as(fan, "offline", within=GRACE + 10)
    await expect(mark(fan)).to_contain_text("last seen")
    await expect(fan.page.locator("[data-here-count]")).to_have_text("0 of 1 here now")
    await another.page.get_by_role("button", name="Online").click()
    await is_shown_as(fan, "online")

    await another.page.close()
    await theirs.page.reload()
    await theirs.page.wait_for_timeout(2 * SECONDS)
    await is_shown_as(fan, "online")
    await theirs.page.goto("about:blank")
    await is_shown_as(fan, "offline", within=GRACE + 10)


async def test_whoever_lost_the_connection_is_told_so_and_catches_up(
    visit: Visit, fan: Tab, fay: Person
) -> None:
    await fan.go("/following/")
    theirs = await visit(fay)
    await theirs.go("/following/")
    await is_shown_as(fan, "online")
    await fan.offline()
    await expect(fan.page.get_by_text("there is no connection")).to_be_visible()
    await theirs.page.get_by_role("button", name="Away").click()
    await theirs.page.wait_for_timeout(2 * SECONDS)
    await fan.offline(False)
    await is_shown_as(fan, "away", within=20)
    await expect(fan.page.get_by_text("there is no connection")).to_be_hidden()


async def test_a_slip_is_taken_back_where_it_was_made_and_on_every_page(fan: Tab) -> None:
    another = await fan.another()
    await another.go("/following/")
    await another.page.get_by_role("button", name="Stop following Fay Friend").click()
    await expect(another.page.get_by_role("button", name="Follow Fay Friend", exact=True)).to_be_focused()
    await expect(fan.page.get_by_role("button", name="Follow Fay Friend", exact=True)).to_be_visible()
    await expect(mark(fan)).to_be_hidden()
    await another.page.keyboard.press("Enter")
    await expect(fan.page.get_by_role("button", name="Stop following Fay Friend")).to_be_visible()
    await another.page.reload()
    await expect(another.page.locator(".followed-people > li")).to_have_count(1)


async def test_everything_works_without_javascript(visit: Visit, fred: Person, fay: Person) -> None:
    plain = await visit(fred, java_script_enabled=False)
    theirs = await visit(fay)
    await theirs.go("/following/")
    await plain.go(f"/people/{fay.username}/")
    await follow(plain)
    await expect(plain.page.get_by_text("You follow Fay Friend.")).to_be_visible()
    assert plain.page.url.endswith(f"/people/{fay.username}/")

    async def shown() -> str | None:
        await plain.go("/following/")
        return await mark(plain).get_attribute("data-status")

    await comes_to("online", shown)
    await plain.page.get_by_role("button", name="Invisible").click()
    invisible = plain.page.get_by_role("button", name="Invisible")
    await expect(invisible).to_have_attribute("aria-pressed", "true")
    await plain.page.get_by_role("button", name="Stop following Fay Friend").click()
    await expect(plain.page.get_by_text("You follow nobody yet.")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_each_of_the_pages(visit: Visit, site: Site, fay: Person, fred: Person, language: str) -> None:
    tab = await visit(fred, language=language)
    await tab.go("/following/")
    await inspect(tab)
    theirs = await visit(fay)
    await theirs.go("/following/")
    await tab.go(f"/people/{fay.username}/")
    await inspect(tab)
    await tab.page.locator("[data-follow-person] button").click()
    await expect(mark(tab)).to_be_visible()
    await inspect(tab)
    await tab.go("/following/")
    await inspect(tab)


# --- Idleness ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hasty_site() -> Iterator[Site]:
    """Where somebody is away after three seconds."""
    with running_site("serve", environment={**ENVIRONMENT, "AWAY_MINUTES": "0.05"}) as site:
        yield site


async def test_whoever_does_not_move_is_away_until_they_do(visit: Visit, hasty_site: Site) -> None:
    fay, fred = (hasty_site.person(name, name=name.title()) for name in ("fay", "fred"))
    theirs, fan = await visit(), await visit()
    for tab, person in ((theirs, fay), (fan, fred)):
        tab.is_disposable, tab.site = True, hasty_site
        tab.watch.expect(re.escape(hasty_site.url))
        await tab.enter(person)
    await fan.go("/people/fay/")
    await fan.page.get_by_role("button", name="Follow Fay").click()
    await theirs.go("/")
    await is_shown_as(fan, "online")
    await is_shown_as(fan, "away")
    await theirs.page.mouse.move(100, 100)
    await theirs.page.mouse.move(200, 200)
    await is_shown_as(fan, "online")
