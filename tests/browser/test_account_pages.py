"""Every page of an account, on the ways people come to it, stands up to inspection."""

from itertools import count

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.servers import Person, Site

from .conftest import Visit
from .groups import PAGES
from .inspection import inspect
from .mail import link_in, newest_to, totp
from .tab import Tab

pytestmark = [*PAGES, pytest.mark.parametrize("language", ["en", "ko"])]

PASSWORD = "a long way home"
_numbers = count(1)


@pytest.fixture
def lea(site: Site) -> Person:
    """A reader with a password and an address."""
    return site.person(f"lea{next(_numbers)}", name="Lea Reader", password=PASSWORD)


@pytest_asyncio.fixture(loop_scope="session")
async def outside(visit: Visit, language: str) -> Tab:
    """Somebody who is not logged in."""
    return await visit(language=language)


@pytest_asyncio.fixture(loop_scope="session")
async def inside(visit: Visit, lea: Person, language: str) -> Tab:
    """Lea, who has just come in by the log-in page."""
    tab = await visit(language=language)
    await tab.go("/accounts/login/")
    await tab.log_in(lea.username, PASSWORD)
    await expect(tab.page.locator("form[action*=logout]")).to_be_visible()
    return tab


async def look_at(tab: Tab, path: str) -> None:
    answer = await tab.go(path)
    assert answer is not None
    assert answer.ok, f"{path}: {answer.status}"
    await inspect(tab)


async def submit(tab: Tab, *texts: str) -> None:
    """Fill in the first form of the page, top down, and send it."""
    form = tab.page.locator("main form:visible").first
    fields = form.locator("input:visible:not([type=checkbox])")
    for number, text in enumerate(texts):
        await fields.nth(number).fill(text)
    async with tab.page.expect_navigation():
        await form.get_by_role("button").first.click()


async def test_logging_in(outside: Tab, lea: Person) -> None:
    await look_at(outside, "/accounts/login/?next=/")
    await submit(outside, lea.username, "not this")
    await expect(outside.page.locator(".errorlist")).to_be_visible()
    await inspect(outside)
    await submit(outside, lea.username, PASSWORD)
    assert outside.page.url == f"{outside.site.url}/"
    await inspect(outside)


async def test_signing_up_and_confirming_the_address(outside: Tab, site: Site, language: str) -> None:
    name = f"nora-{language}"
    await look_at(outside, "/accounts/signup/")
    await submit(outside, f"{name}@example.com", name, "123")
    await expect(outside.page.locator(".errorlist").first).to_be_visible()
    await inspect(outside)
    await submit(outside, f"{name}@example.com", name, PASSWORD)
    await expect(outside.page.locator("form[action*=logout]")).to_be_visible()
    await look_at(outside, "/accounts/email/")
    await look_at(outside, "/accounts/confirm-email/")
    link = link_in(newest_to(site, f"{name}@example.com"), site)
    await look_at(outside, link)
    await submit(outside)
    await look_at(outside, "/accounts/email/")
    await look_at(outside, "/accounts/confirm-email/no-such-key/")


async def test_logging_in_by_code(outside: Tab, lea: Person, site: Site) -> None:
    await look_at(outside, "/accounts/login/code/")
    await submit(outside, f"{lea.username}@example.com")
    await inspect(outside)
    await submit(outside, "wrong")
    await expect(outside.page.locator(".errorlist")).to_be_visible()
    await inspect(outside)


async def test_a_forgotten_password(outside: Tab, lea: Person, site: Site) -> None:
    await look_at(outside, "/accounts/password/reset/")
    await submit(outside, f"{lea.username}@example.com")
    await inspect(outside)
    link = link_in(newest_to(site, f"{lea.username}@example.com"), site)
    await look_at(outside, link)
    await submit(outside, "another way home", "another way home")
    await inspect(outside)
    await look_at(outside, link)


async def test_ones_own_pages(inside: Tab) -> None:
    await look_at(inside, "/accounts/password/change/")
    await submit(inside, "not this", "a", "b")
    await expect(inside.page.locator(".errorlist").first).to_be_visible()
    await inspect(inside)
    await look_at(inside, "/accounts/email/")
    await look_at(inside, "/accounts/sessions/")
    await look_at(inside, "/accounts/reauthenticate/?next=/accounts/email/")
    await look_at(inside, "/accounts/logout/")
    await submit(inside)
    await expect(inside.page.locator(".message")).to_be_visible()
    await inspect(inside)
    await look_at(inside, "/accounts/inactive/")


async def test_two_step_login(outside: Tab, site: Site) -> None:
    tab = outside
    await tab.go("/accounts/signup/")
    name = f"tessa{next(_numbers)}"
    await submit(tab, f"{name}@example.com", name, PASSWORD)
    await tab.go(link_in(newest_to(site, f"{name}@example.com"), site))
    await submit(tab)
    await look_at(tab, "/accounts/2fa/")
    await look_at(tab, "/accounts/2fa/totp/activate/")
    assert "reauthenticate" in tab.page.url
    await submit(tab, PASSWORD)
    await tab.page.locator("details summary").click()
    await inspect(tab)
    secret = await tab.page.locator("code.key").inner_text()
    await submit(tab, "000000")
    await expect(tab.page.locator(".errorlist")).to_be_visible()
    await inspect(tab)
    await submit(tab, totp(secret))
    await inspect(tab)
    for path in ("", "recovery-codes/", "recovery-codes/generate/", "totp/deactivate/", "reauthenticate/"):
        await look_at(tab, f"/accounts/2fa/{path}")
    await tab.go("/accounts/2fa/recovery-codes/")
    code = await tab.page.locator(".codes code").first.inner_text()

    await tab.go("/accounts/logout/")
    await submit(tab)
    await tab.go("/accounts/login/")
    await submit(tab, name, PASSWORD)
    await inspect(tab)
    await submit(tab, "000000")
    await expect(tab.page.locator(".errorlist")).to_be_visible()
    await inspect(tab)
    await submit(tab, code)
    await expect(tab.page.locator(".site-nav-name")).to_be_visible()
