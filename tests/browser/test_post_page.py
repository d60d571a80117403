"""Every state a post's page can be in stands up to inspection, in both languages."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.servers import Site

from .conftest import Cast, MakePost, Visit
from .groups import PAGES
from .inspection import inspect
from .tab import Post, Tab

pytestmark = [*PAGES, pytest.mark.parametrize("language", ["en", "ko"])]

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
BODY = f"""A paragraph with *emphasis*, **weight** and [a link](https://example.org).

## A heading

> A quotation of somebody

```
some_code = "that is far too long for a phone and must scroll by itself, not with the page around it"
```

1. One
2. Two

{LONG_WORD}
"""


@pytest.fixture
def lively(make_post: MakePost, site: Site, cast: Cast) -> Post:
    """A post with everything in its text, and a conversation."""
    post = make_post(body=BODY, title=f"A title with a word like {LONG_WORD}", language="en")
    texts = [f"Comment {number}" for number in range(10)] + [LONG_WORD, "한국어 댓글도 있습니다. " * 20]
    site.fill(post.id, author=cast.author, contents=texts)
    return post


@pytest_asyncio.fixture(loop_scope="session")
async def reader(visit: Visit, cast: Cast, lively: Post, language: str) -> Tab:
    tab = await visit(cast.owner, language=language)
    await tab.read(lively)
    return tab


async def press(tab: Tab, action: str) -> None:
    """Press one of the words under the last comment, whatever language it is in."""
    await tab.comments.last.locator(f"[data-action={action}]").click()


async def send(tab: Tab, text: str) -> None:
    await tab.field.fill(text)
    await tab.page.locator("[data-send]").click()


async def test_front_page(visit: Visit, cast: Cast, lively: Post, language: str) -> None:
    tab = await visit(language=language)
    await tab.go("/")
    await expect(tab.page.locator(".entry").first).to_be_visible()
    await inspect(tab)
    inside = await visit(cast.moderator, language=language)
    await inside.go("/")
    await inspect(inside)


async def test_logged_out(visit: Visit, lively: Post, language: str) -> None:
    tab = await visit(language=language)
    await tab.go(lively.path)
    await expect(tab.texts).to_have_count(10)
    await inspect(tab)


async def test_logged_in_and_live(reader: Tab, visit: Visit, cast: Cast, lively: Post) -> None:
    other = await visit(cast.moderator)
    await other.read(lively)
    await expect(reader.here).to_be_visible()
    await inspect(reader)


async def test_writing_a_reply_with_help_open(reader: Tab) -> None:
    await press(reader, "reply")
    await reader.field.fill("x" * 450)
    await reader.page.locator(".composer-help summary").click()
    await inspect(reader)


async def test_too_long(reader: Tab) -> None:
    await send(reader, "word " * 120)
    await expect(reader.page.locator("[data-composer-error]")).to_be_visible()
    await inspect(reader)


async def test_waiting_without_a_connection(reader: Tab) -> None:
    await reader.offline()
    await reader.is_in("offline")
    await send(reader, "From a tunnel")
    await expect(reader.pending).to_be_visible()
    await inspect(reader)


async def test_slow_mode(visit: Visit, cast: Cast, make_post: MakePost, language: str) -> None:
    tab = await visit(cast.owner, language=language)
    await tab.read(make_post(slow_mode=60))
    await send(tab, "First")
    await tab.shows("First")
    await expect(tab.pending).to_have_count(0)
    await expect(tab.page.locator("[data-notice-wait]")).to_be_visible()
    await inspect(tab)


async def test_refused(visit: Visit, cast: Cast, make_post: MakePost, language: str) -> None:
    tab = await visit(cast.owner, language=language)
    await tab.read(make_post())
    said = f"What has been said once need not be said again ({language})."
    await send(tab, said)
    await tab.shows(said)
    await expect(tab.pending).to_have_count(0)
    await send(tab, said)
    await expect(tab.failed.locator("[data-action=retry]")).to_be_visible()
    await inspect(tab)


async def test_held(visit: Visit, cast: Cast, make_post: MakePost, language: str) -> None:
    tab = await visit(cast.owner, language=language)
    await tab.read(make_post(pre_moderation=True))
    await send(tab, "May I?")
    await expect(tab.page.locator(".is-held")).to_be_visible()
    await inspect(tab)


async def test_editing_and_deleting(reader: Tab) -> None:
    await send(reader, "Good mroning")
    await expect(reader.comments.last).to_have_class("comment is-own")
    await press(reader, "edit")
    await inspect(reader)
    await reader.page.locator("[data-editor] textarea").fill("Good morning")
    await reader.page.keyboard.press("Control+Enter")
    await expect(reader.page.locator("[data-edited]").last).to_be_visible()
    await press(reader, "delete")
    await expect(reader.page.locator("[data-confirm]")).to_be_visible()
    await inspect(reader)


async def test_removed_with_replies(reader: Tab) -> None:
    await send(reader, "A question")
    await expect(reader.comments.last).to_have_class("comment is-own")
    await press(reader, "reply")
    await send(reader, "An answer")
    await expect(reader.page.locator("[data-replies] .is-own")).to_have_count(1)
    await reader.page.locator("[data-thread] > .is-own [data-action=delete]").click()
    await reader.page.locator("[data-action=delete-yes]").click()
    await expect(reader.page.locator("[data-removed]")).to_have_count(1)
    await inspect(reader)


async def test_closed_and_read_only(visit: Visit, cast: Cast, make_post: MakePost, language: str) -> None:
    tab = await visit(cast.owner, language=language)
    for state in ("closed", "read_only"):
        await tab.read(make_post(room_state=state))
        await expect(tab.closed).to_be_visible()
        await inspect(tab)


async def test_logged_out_meanwhile(reader: Tab) -> None:
    other = await reader.another()
    await other.go("/")
    await other.page.locator("form[action*=logout] button").click()
    await reader.is_in("ended")
    await reader.field.focus()
    await inspect(reader)


async def test_a_comments_own_address(reader: Tab, lively: Post) -> None:
    first = reader.site.stored(lively.id)[0]["id"]
    await reader.go(f"/comments/{first}/")
    await expect(reader.page.locator(".is-highlighted")).to_be_visible()
    await inspect(reader)


async def test_pages_for_editing_and_deleting(reader: Tab) -> None:
    await send(reader, "Good mroning")
    own = reader.page.locator(".is-own:not(.is-pending)")
    await expect(own).to_have_count(1)
    number = await own.get_attribute("data-id")
    await reader.go(f"/comments/{number}/delete/")
    await inspect(reader)
    await reader.go(f"/comments/{number}/edit/")
    await inspect(reader)
    reader.watch.expect("status of 422")
    await reader.page.locator("textarea").fill("word " * 120)
    await reader.page.locator("main button").click()
    await expect(reader.page.locator("#content-error")).to_be_visible()
    await inspect(reader)


async def test_refused_by_a_form(reader: Tab) -> None:
    """Where the script does not load, the form is sent, and comes back with the error."""
    reader.watch.expect("status of 422")
    reader.watch.expect(r"js/post\.")
    await reader.page.route("**/js/post*.js", lambda route: route.abort())
    await reader.page.reload()
    await send(reader, "word " * 120)
    await expect(reader.page.locator("[data-composer-error]")).to_be_visible()
    await inspect(reader)


async def test_what_is_not_there_or_not_allowed(visit: Visit, cast: Cast, language: str) -> None:
    tab = await visit(cast.owner, language=language)
    tab.watch.expect("status of 40[34]")
    await tab.go("/posts/never-written/")
    await inspect(tab)
    await tab.go("/")
    await tab.page.context.clear_cookies(name="csrftoken")
    await tab.page.locator("form[action*=logout] button").click()
    await expect(tab.page.locator("h1")).to_be_visible()
    await inspect(tab)
