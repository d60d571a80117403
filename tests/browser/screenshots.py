"""Writes pictures of every page, in two sizes, two schemes and two languages, of the demo content.

python -m tests.browser.screenshots pictures/
"""

import argparse
import asyncio
import json
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal, get_args

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests.servers import Site, running_site

from .chromium import ARGUMENTS, CHROMIUM
from .visitors import LOCALES

Scheme = Literal["light", "dark"]
SIZES = {"desktop": ViewportSize(width=1280, height=860), "phone": ViewportSize(width=390, height=844)}
POSTS = {"post": "sourdough-in-nineteen-square-metres", "korean-post": "hangang-dalligi"}
OPEN_PAGES = {
    "front": "/",
    "post-logged-out": f"/posts/{POSTS['post']}/",
    "not-found": "/posts/never-written/",
    "login": "/accounts/login/",
    "signup": "/accounts/signup/",
    "login-by-code": "/accounts/login/code/",
    "password-reset": "/accounts/password/reset/",
}
OWN_PAGES = {
    **{name: f"/posts/{slug}/#comments" for name, slug in POSTS.items()},
    "person": "/people/{username}/",
    "settings": "/accounts/settings/",
    "notifications": "/notifications/",
    "notification-choices": "/accounts/notifications/",
    "data": "/accounts/data/",
    "delete": "/accounts/delete/",
    "email": "/accounts/email/",
    "password": "/accounts/password/change/",
    "two-step": "/accounts/2fa/",
    "sessions": "/accounts/sessions/",
    "logout": "/accounts/logout/",
}


@dataclass(frozen=True, slots=True)
class Look:
    size: str
    scheme: Scheme
    language: str

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme}-{self.language}"


async def main(folder: Path) -> None:
    with running_site("serve", environment={"DEBUG": "0", "BUDGETS": "off"}) as site:
        logins = {row["role"]: row for row in json.loads(site.manage("demo", "--json"))}
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for look in (Look(*each) for each in product(SIZES, get_args(Scheme), LOCALES)):
                await photograph(browser, site, folder, look, logins["reader"])
            await browser.close()


async def photograph(browser: Browser, site: Site, folder: Path, look: Look, login: dict[str, str]) -> None:
    context = await browser.new_context(
        viewport=SIZES[look.size],
        color_scheme=look.scheme,
        locale=LOCALES[look.language],
        timezone_id="Asia/Seoul",
        reduced_motion="reduce",
        has_touch=look.size == "phone",
        is_mobile=look.size == "phone",
        device_scale_factor=2,
    )
    page = await context.new_page()

    async def picture(name: str, *, full: bool = False) -> None:
        await page.screenshot(path=folder / f"{name}-{look}.png", full_page=full)

    for name, path in OPEN_PAGES.items():
        await page.goto(site.url + path)
        await picture(name, full=name == "front")
    await page.goto(f"{site.url}/accounts/login/?next=/")
    await page.locator("[name=login]").fill(login["username"])
    await page.locator("[name=password]").fill(login["password"])
    await page.locator("main button").first.click()
    await page.wait_for_url(f"{site.url}/")
    for name, path in OWN_PAGES.items():
        await page.goto(site.url + path.format(username=login["username"]))
        if path.startswith("/posts/"):
            await page.locator("[data-live][data-state=live]").wait_for()
        await picture(name)
    await conversation(page, site)
    await picture("conversation")
    await context.close()


async def conversation(page: Page, site: Site) -> None:
    """Somebody in the middle of a reply."""
    await page.goto(f"{site.url}/posts/{POSTS['post']}/")
    await page.locator("[data-live][data-state=live]").wait_for()
    comment = page.locator("[data-comment]").last
    await comment.scroll_into_view_if_needed()
    await comment.locator("[data-action=reply]").click()
    await page.locator("[data-composer] textarea").fill("That is exactly **what I meant**.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=re.split(r"\n\n", __doc__ or "")[0])
    parser.add_argument("folder", type=Path, help="where the pictures go")
    chosen: Path = parser.parse_args().folder
    chosen.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen))
