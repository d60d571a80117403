"""Writes pictures of every scene, in two sizes, two schemes and two languages.

python -m tests.browser.fairness.pictures pictures/ [scene ...]
"""

import argparse
import asyncio
from itertools import product
from pathlib import Path
from typing import Literal, get_args

from playwright.async_api import Browser, async_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.conftest import ENVIRONMENT
from tests.browser.screenshots import SIZES
from tests.browser.tab import Post
from tests.browser.visitors import LOCALES, Visitors
from tests.servers import Site, redis_server, running_site

from .conftest import Moderator
from .scenes import AUTHORS, SCENES, WORD, Stage

Scheme = Literal["light", "dark"]
BODY = {
    "en": "A small oven, a large bowl and one whole Sunday. That is all it takes.",
    "ko": "작은 오븐과 큰 그릇, 그리고 일요일 하루. 그것으로 충분합니다.",
}
TITLE = {"en": "Bread on Sundays", "ko": "일요일의 빵"}


async def main(folder: Path, names: list[str]) -> None:
    environment = {**ENVIRONMENT, "AUTHORS_MODERATE": "1", "REPEAT_MINUTES": "0"}
    with (
        redis_server() as redis,
        running_site("serve", environment={**environment, "REDIS_URL": redis}) as site,
    ):
        site.ask_clerk("ban_word", pattern=WORD)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for number, (size, scheme, language) in enumerate(product(SIZES, get_args(Scheme), LOCALES)):
                for name in names:
                    await photograph(browser, site, folder, name, number, size, scheme, language)
            await browser.close()


async def photograph(
    browser: Browser,
    site: Site,
    folder: Path,
    name: str,
    number: int,
    size: str,
    scheme: Scheme,
    language: str,
) -> None:
    visitors = Visitors(browser, site)
    options = {
        "viewport": SIZES[size],
        "color_scheme": scheme,
        "is_mobile": size == "phone",
        "has_touch": size == "phone",
    }
    moderator = site.person("moderator", name="Mo", is_staff=True, is_superuser=True)
    author = site.person("author", name="Ana Author")
    other = site.person("owner", name={"en": "Omar Owner", "ko": "오마르"}[language])
    bea = site.person(f"bea-{name}-{number}", name={"en": "Bea Baker", "ko": "김빵집"}[language])
    reader = author if name in AUTHORS else bea
    slug = f"{name}-{number}"
    post = Post(
        site.post(author=author, slug=slug, title=TITLE[language], body=BODY[language], language=language),
        f"/posts/{slug}/",
    )
    tab = await visitors.come(reader, language, options)
    scenes = {**SCENES, **AUTHORS}
    await scenes[name](Stage(tab, reader, other, Moderator(site, moderator), post, language))
    await tab.page.wait_for_timeout(300)
    await tab.page.screenshot(
        path=folder / f"{name}-{size}-{scheme}-{language}.png", full_page=size == "desktop"
    )
    await visitors.leave()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Pictures of what readers see of moderation.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("scenes", nargs="*", default=[*SCENES, *AUTHORS])
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen.folder, chosen.scenes))
