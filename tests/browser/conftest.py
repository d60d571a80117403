"""One real site and one real browser for all tests of a group, and the people who meet there.

Everybody who comes has a context of their own, that is, cookies and storage. At the end of each test no
page they saw may have complained: see `watch`.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.servers import Person, Site, running_site

from .chromium import ARGUMENTS, CHROMIUM
from .tab import Post, Tab
from .visitors import PATIENCE, Visitors

# Small pages keep the tests short; nothing limits how fast they write, but nobody may say the same again.
ENVIRONMENT = {
    "DEBUG": "0",
    "BUDGETS": "off",
    "REPEAT_MINUTES": "10",
    "COMMENTS_PER_PAGE": "10",
    "COMMENT_MAX_LENGTH": "500",
}

expect.set_options(timeout=PATIENCE)
_numbers = count(1)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Production's server, as an installation runs it."""
    with running_site("serve", environment=ENVIRONMENT) as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Path:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    return CHROMIUM


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass(frozen=True, slots=True)
class Cast:
    """The author writes the posts, the owner comments, the stranger is another reader."""

    author: Person
    owner: Person
    stranger: Person
    moderator: Person


@pytest.fixture(scope="session")
def cast(site: Site) -> Cast:
    return Cast(
        author=site.person("author", name="Ana Author"),
        owner=site.person("owner", name="Omar Owner"),
        stranger=site.person("stranger", name="Sue Stranger"),
        moderator=site.person(
            "moderator", name="Mo Moderator", is_staff=True, is_superuser=True, password="the keys"
        ),
    )


class MakePost(Protocol):
    def __call__(self, **fields: Any) -> Post: ...


@pytest.fixture
def make_post(site: Site, cast: Cast) -> MakePost:
    def make(**fields: Any) -> Post:
        slug = f"room-{next(_numbers)}"
        return Post(site.post(author=cast.author, slug=slug, **fields), f"/posts/{slug}/")

    return make


@pytest.fixture
def post(make_post: MakePost) -> Post:
    """A post of this test's own."""
    return make_post()


class Visit(Protocol):
    async def __call__(
        self, person: Person | None = None, *, language: str = "en", **options: Any
    ) -> Tab: ...


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def visitors(browser: Browser, site: Site) -> Visitors:
    return Visitors(browser, site)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(visitors: Visitors, site: Site) -> AsyncIterator[Visit]:
    """Opens a browser for a person, in a new session, or for somebody without an account."""
    position = site.log.position

    async def come(person: Person | None = None, *, language: str = "en", **options: Any) -> Tab:
        return await visitors.come(person, language, options)

    yield come
    assert await visitors.leave() == []
    site.ask_clerk("forget_choices")
    said = site.log.text(position)
    assert "Traceback" not in said, said


@pytest_asyncio.fixture(loop_scope="session")
async def omar(visit: Visit, cast: Cast, post: Post) -> Tab:
    """The owner of the comments, reading the post."""
    tab = await visit(cast.owner)
    await tab.read(post)
    return tab


@pytest_asyncio.fixture(loop_scope="session")
async def sue(visit: Visit, cast: Cast, post: Post) -> Tab:
    """Another reader of the same post."""
    tab = await visit(cast.stranger)
    await tab.read(post)
    return tab
