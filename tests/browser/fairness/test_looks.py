"""Every state in which readers see something of moderation stands up to inspection, in both languages."""

import pytest

from tests.browser.conftest import Cast, MakePost, Visit
from tests.browser.groups import FAIRNESS
from tests.browser.inspection import inspect
from tests.servers import Person, Site

from .conftest import Moderator
from .scenes import AUTHORS, SCENES, WORD, Stage

pytestmark = [*FAIRNESS, pytest.mark.parametrize("language", ["en", "ko"])]


@pytest.fixture(autouse=True, scope="session")
def _a_banned_word(site: Site, cast: Cast) -> None:
    site.ask_clerk("ban_word", pattern=WORD)


@pytest.mark.parametrize("name", SCENES)
async def test_of_a_reader(
    name: str, visit: Visit, cast: Cast, bea: Person, mo: Moderator, make_post: MakePost, language: str
) -> None:
    tab = await visit(bea, language=language)
    await SCENES[name](Stage(tab, bea, cast.owner, mo, make_post(), language))
    await inspect(tab)


@pytest.mark.parametrize("name", AUTHORS)
async def test_of_an_author(
    name: str, visit: Visit, cast: Cast, mo: Moderator, make_post: MakePost, language: str
) -> None:
    tab = await visit(cast.author, language=language)
    await AUTHORS[name](Stage(tab, cast.author, cast.owner, mo, make_post(), language))
    await inspect(tab)
