"""Writes pictures of every page and every state of a conversation, in all sizes, schemes and languages.

python -m tests.browser.screenshots pictures/ [--names post reply ...] [--looks phone-dark-ko ...]
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args

from playwright.async_api import Browser, Error, Page, ViewportSize, async_playwright

from tests.servers import Person, Site, running_site

from .chromium import ARGUMENTS, CHROMIUM
from .scenes import BANNED, BEA, BODY, NAMES, PASSWORD, PLAIN, SCENES, TITLE, VISITORS, Stage, picture
from .tab import Post
from .visitors import LOCALES, Visitors

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
    "delete": "/accounts/delete/",
    "email": "/accounts/email/",
    "password": "/accounts/password/change/",
    "two-step": "/accounts/2fa/",
    "sessions": "/accounts/sessions/",
    "logout": "/accounts/logout/",
}
PAGES = [*OPEN_PAGES, *OWN_PAGES, "conversation"]


@dataclass(frozen=True, slots=True)
class Look:
    size: str
    scheme: Scheme
    language: str

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme}-{self.language}"

    @property
    def options(self) -> dict[str, Any]:
        """Playwright's, for a context."""
        is_phone = self.size == "phone"
        return {
            "viewport": SIZES[self.size],
            "color_scheme": self.scheme,
            "timezone_id": "Asia/Seoul",
            "reduced_motion": "reduce",
            "has_touch": is_phone,
            "is_mobile": is_phone,
            "device_scale_factor": 2,
        }


LOOKS = [Look(*each) for each in product(SIZES, get_args(Scheme), LOCALES)]
ENVIRONMENT = {"DEBUG": "0", "BUDGETS": "off", "REPEAT_MINUTES": "0"}


async def main(folder: Path, names: Sequence[str], looks: Sequence[Look]) -> None:
    pages = set(names) & set(PAGES)
    scenes = [name for name in SCENES if name in names]
    with running_site("serve", environment=ENVIRONMENT) as site:
        logins = {row["role"]: row for row in json.loads(site.manage("demo", "--json"))}
        site.ask_clerk("ban_word", pattern=BANNED)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for look in looks:
                if pages:
                    await photograph(browser, site, folder, look, logins["reader"], pages)
                for name in scenes:
                    await photograph_scene(browser, site, folder, look, name)
            await browser.close()


async def photograph(
    browser: Browser, site: Site, folder: Path, look: Look, login: dict[str, str], pages: set[str]
) -> None:
    """The demo's pages, as somebody sees them who comes, looks around and logs in."""
    context = await browser.new_context(locale=LOCALES[look.language], **look.options)
    page = await context.new_page()

    async def take(name: str, *, full: bool = False) -> None:
        await page.screenshot(path=folder / f"{name}-{look}.png", full_page=full)

    for name, path in OPEN_PAGES.items():
        if name in pages:
            await page.goto(site.url + path)
            await take(name, full=name == "front")
    if pages & {*OWN_PAGES, "conversation"}:
        await page.goto(f"{site.url}/accounts/login/?next=/")
        await page.locator("[name=login]").fill(login["username"])
        await page.locator("[name=password]").fill(login["password"])
        await page.locator("main button").first.click()
        await page.wait_for_url(f"{site.url}/")
    for name, path in OWN_PAGES.items():
        if name in pages:
            await page.goto(site.url + path)
            if path.startswith("/posts/"):
                await page.locator("[data-live][data-state=live]").wait_for()
            await take(name)
    if "conversation" in pages:
        await conversation(page, site)
        await take("conversation")
    await context.close()


async def conversation(page: Page, site: Site) -> None:
    """Somebody in the middle of a reply."""
    await page.goto(f"{site.url}/posts/{POSTS['post']}/")
    await page.locator("[data-live][data-state=live]").wait_for()
    comment = page.locator("[data-comment]").last
    await comment.scroll_into_view_if_needed()
    await comment.locator("[data-action=reply]").click()
    await page.locator("[data-composer] textarea").fill("That is exactly **what I meant**.")


async def photograph_scene(browser: Browser, site: Site, folder: Path, look: Look, name: str) -> None:
    """One scene, with a reader and a post of its own."""
    tag = f"{name}-{look}"
    others = cast(site, look.language)
    reader = site.person(f"bea-{tag}", name=BEA[look.language], password=PASSWORD)
    post = site.post(
        author=others["ana"],
        slug=tag,
        title=TITLE[look.language],
        body=BODY[look.language],
        language=look.language,
    )
    visitors = Visitors(browser, site)
    options = {**look.options, "java_script_enabled": name not in PLAIN}
    tab = await visitors.come(None if name in VISITORS else reader, look.language, options)
    stage = Stage(tab, site, visitors, reader, others, Post(post, f"/posts/{tag}/"), look.language)
    try:
        await SCENES[name](stage)
        await tab.page.wait_for_timeout(300)
    except (AssertionError, Error) as problem:
        # The picture shows how far it came.
        sys.stderr.write(f"{tag}: {str(problem).splitlines()[0]}\n")
    if stage.full:
        # In one tall window, so that what sticks to its lower end stands there.
        height = await tab.page.evaluate("document.documentElement.scrollHeight")
        await tab.page.set_viewport_size({"width": SIZES[look.size]["width"], "height": height})
    await tab.page.screenshot(path=folder / f"{tag}.png")
    await visitors.leave()


def cast(site: Site, language: str) -> dict[str, Person]:
    """Who comments beside the reader, by their short names."""
    people = {short: site.person(f"{short}-{language}", name=name) for short, name in NAMES[language].items()}
    people["mo"] = site.person("mo", name="Mo Moderator", is_staff=True, is_superuser=True)
    site.ask_clerk("picture", user_id=people["sue"].id, image=picture(((40, 110, 120), (250, 220, 190))))
    return people


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=re.split(r"\n\n", __doc__ or "")[0])
    parser.add_argument("folder", type=Path, help="where the pictures go")
    every = [*PAGES, *SCENES]
    parser.add_argument("--names", nargs="*", default=every, choices=every, metavar="NAME")
    parser.add_argument("--looks", nargs="*", default=list(map(str, LOOKS)), choices=list(map(str, LOOKS)))
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen.folder, chosen.names, [look for look in LOOKS if str(look) in chosen.looks]))
