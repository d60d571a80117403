"""Writes pictures of every page and every state of a conversation, in all sizes, schemes and languages.

python -m tests.browser.screenshots pictures/ [--names post reply ...] [--looks phone-dark-ko ...]

Whoever asks for it gets the narrowest phone, a desktop window zoomed in to 200 %, or few colours, too.
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

from . import chat_scenes, inbox_scenes  # noqa: F401  (they register their scenes)
from .chromium import ARGUMENTS, CHROMIUM
from .scenes import BANNED, BEA, BODY, NAMES, PASSWORD, PLAIN, SCENES, TITLE, VISITORS, Stage, picture
from .tab import Post
from .visitors import LOCALES, Visitors

Scheme = Literal["light", "dark"]
Colours = Literal["none", "active"]
SIZES = {"desktop": ViewportSize(width=1280, height=860), "phone": ViewportSize(width=390, height=844)}
RARE_SIZES = {"narrow": ViewportSize(width=320, height=640), "zoomed": ViewportSize(width=640, height=430)}
TOUCHED = {"phone", "narrow"}
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
    "notifications": "/notifications/",
    "notification-choices": "/accounts/notifications/",
    "delete": "/accounts/delete/",
    "email": "/accounts/email/",
    "password": "/accounts/password/change/",
    "two-step": "/accounts/2fa/",
    "sessions": "/accounts/sessions/",
    "logout": "/accounts/logout/",
}
PAGES = [*OPEN_PAGES, *OWN_PAGES, "conversation", "readme"]
# Who else reads the post in the picture for the README, and what they give to the comments in it.
COMPANY = ("junho", "astrid.v", "seoyeon", "tomasz")
GIVEN = ("👍👍👍❤️", "", "❤️❤️", "", "😂😂👍", "🎉", "", "👍👍❤️😮")
ANSWER = {
    "en": "The bath is warm, too: **perfect** for the second rise.",
    "ko": "저는 **여의도**까지만 뜁니다. 돌아올 때는",
}


@dataclass(frozen=True, slots=True)
class Look:
    size: str
    scheme: Scheme
    language: str

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme}-{self.language}"

    @property
    def viewport(self) -> ViewportSize:
        return {**SIZES, **RARE_SIZES}[self.size]

    @property
    def options(self) -> dict[str, Any]:
        """Playwright's, for a context."""
        is_phone = self.size in TOUCHED
        return {
            "viewport": self.viewport,
            "color_scheme": self.scheme,
            "timezone_id": "Asia/Seoul",
            "reduced_motion": "reduce",
            "has_touch": is_phone,
            "is_mobile": is_phone,
            "device_scale_factor": 2,
        }


LOOKS = [Look(*each) for each in product(SIZES, get_args(Scheme), LOCALES)]
RARE_LOOKS = [Look(*each) for each in product(RARE_SIZES, get_args(Scheme), LOCALES)]
ENVIRONMENT = {"DEBUG": "0", "BUDGETS": "off", "REPEAT_MINUTES": "0"}


async def main(folder: Path, names: Sequence[str], looks: Sequence[Look], colours: Colours) -> None:
    pages = set(names) & {*PAGES} - {"readme"}
    scenes = [name for name in SCENES if name in names]
    with running_site("serve", environment=ENVIRONMENT) as site:
        logins = {row["role"]: row for row in json.loads(site.manage("demo", "--json"))}
        site.ask_clerk("ban_word", pattern=BANNED)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for look in looks:
                if pages:
                    await photograph(browser, site, folder, look, logins["reader"], pages)
                if "readme" in names:
                    await photograph_for_readme(browser, site, folder, look, logins["reader"]["username"])
                for name in scenes:
                    await photograph_scene(browser, site, folder, look, name, colours)
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


async def photograph_for_readme(
    browser: Browser, site: Site, folder: Path, look: Look, username: str
) -> None:
    """A post among company: somebody types, somebody answers."""
    slug = POSTS["korean-post" if look.language == "ko" else "post"]
    post = Post(0, f"/posts/{slug}/")
    visitors = Visitors(browser, site)
    company = [site.person(name) for name in COMPANY]
    tab = await visitors.come(site.person(username), look.language, look.options)
    await tab.read(post)
    ids = await tab.page.locator("[data-threads] [data-comment]").evaluate_all(
        "(all) => all.map(({ dataset }) => dataset.id)"
    )
    for comment, emoji in zip(ids, GIVEN, strict=False):
        for person, one in zip(company, re.findall(r".\ufe0f?", emoji), strict=False):
            site.verb("react", int(comment), one, on=True, by=person)
    await tab.read(post)
    for person in company[:3]:
        other = await visitors.come(person, look.language, {})
        await other.read(post)
    await tab.page.locator("[data-threads] [data-action=reply]").nth(3).click()
    await tab.field.fill(ANSWER[look.language])
    await tab.page.locator("#comments").evaluate("(section) => section.scrollIntoView({ block: 'start' })")
    await other.field.press_sequentially("…")
    await tab.page.locator("[data-typing]:not(:empty)").wait_for()
    if look.size in TOUCHED:
        await tab.page.mouse.move(0, 0)  # a finger leaves nothing hovered
    await tab.page.screenshot(path=folder / f"readme-{look}.png")
    await visitors.leave()


async def photograph_scene(
    browser: Browser, site: Site, folder: Path, look: Look, name: str, colours: Colours
) -> None:
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
    options = {**look.options, "java_script_enabled": name not in PLAIN, "forced_colors": colours}
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
        await tab.page.set_viewport_size({"width": look.viewport["width"], "height": height})
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
    names, looks = [*PAGES, *SCENES], {str(look): look for look in (*LOOKS, *RARE_LOOKS)}
    parser.add_argument("--names", nargs="*", default=names, choices=names, metavar="NAME")
    parser.add_argument(
        "--looks", nargs="*", default=list(looks)[: len(LOOKS)], choices=looks, metavar="LOOK"
    )
    parser.add_argument("--forced-colors", action="store_const", const="active", default="none")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    wanted = [looks[name] for name in chosen.looks]
    asyncio.run(main(chosen.folder, chosen.names, wanted, chosen.forced_colors))
