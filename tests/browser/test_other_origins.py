"""Front ends on two other origins: one that the site trusts, and one that it does not."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.project.files import between, text
from tests.servers import Person, Site, running_site

from .conftest import ENVIRONMENT
from .front_end import PAGE, FrontEnd, front_end
from .groups import PAGES
from .tab import _NO_WEBSOCKETS, Post

pytestmark = PAGES

PASSWORD = "a long way home"
# Another site to a browser than 127.0.0.1, and to both a machine of one's own.
ELSEWHERE = "localhost"
ASK = """async (site) => {
  const answer = await fetch(`${site}/accounts/session/`, { credentials: 'include' });
  return answer.json();
}"""
LOG_IN = """async ({ site, username, password }) => {
  const json = { credentials: 'include', headers: { Accept: 'application/json' } };
  const { csrfToken } = await (await fetch(`${site}/accounts/session/`, json)).json();
  const answer = await fetch(`${site}/accounts/login/`, {
    ...json,
    method: 'POST',
    headers: { ...json.headers, 'X-CSRFToken': csrfToken },
    body: new URLSearchParams({ login: username, password }),
  });
  return answer.status;
}"""
SOCKET = """(site) => new Promise((resolve) => {
  const socket = new WebSocket(`${site.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  socket.onopen = () => resolve('open');
  socket.onerror = () => resolve('refused');
})"""
POLL = """async (site) => {
  const answer = await fetch(`${site}/socket.io/?EIO=4&transport=polling`, { credentials: 'include' });
  return answer.status;
}"""
POST = """async ({ site, path }) => {
  await fetch(site + path, { method: 'POST', credentials: 'include', mode: 'no-cors' });
}"""
STATUS = """async ({ site, wait }) => {
  const { commentsOf, connect } = await import(`${site}/static/js/postroom/postroom.js`);
  const client = connect(site);
  client.namespace().start();
  const states = [];
  client.onState(({ status, reason }) => states.push([status, reason?.code ?? null]));
  await new Promise((resolve) => { setTimeout(resolve, wait); });
  return states;
}"""
TALK = """async ({ site, postId, content }) => {
  const { commentsOf, connect } = await import(`${site}/static/js/postroom/postroom.js`);
  const comments = commentsOf(connect(site), postId);
  const has = (text) => new Promise((resolve) => {
    const look = () => {
      const { status, comments: there } = comments.snapshot;
      if (status === 'live' && there.some(({ content }) => content === text)) resolve(true);
    };
    comments.subscribe(look);
    look();
  });
  window.hears = has;
  const sent = await comments.send(content);
  await has(content);
  return [sent.status, comments.snapshot.status];
}"""


@dataclass(frozen=True, slots=True)
class Place:
    site: Site
    trusted: FrontEnd
    other: FrontEnd
    post: Post
    reader: Person
    author: Person


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with front_end() as trusted, front_end() as other:
        origins = f"{trusted.origin()},{trusted.origin(ELSEWHERE)}"
        environment = {**ENVIRONMENT, "TRUSTED_ORIGINS": origins, "CROSS_SITE_COOKIES": "partitioned"}
        with running_site("serve", environment=environment) as site:
            author = site.person("author", name="Ana Author")
            reader = site.person("reader", name="Rita Reader", password=PASSWORD)
            post = Post(site.post(author=author, slug="a-post"), "/posts/a-post/")
            yield Place(site, trusted, other, post, reader, author)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


async def log_in(page: Page, place: Place) -> None:
    """From the page of a front end. This browser blocks third-party cookies: partitioned ones are kept."""
    wanted = {"site": place.site.url, "username": "reader", "password": PASSWORD}
    assert await page.evaluate(LOG_IN, wanted) == 200


async def refused(page: Page, script: str, argument: Any) -> bool:
    try:
        await page.evaluate(script, argument)
    except Exception as problem:
        return "Failed to fetch" in str(problem)
    return False


@pytest.mark.parametrize("host", ["127.0.0.1", ELSEWHERE])
async def test_one_that_is_not_trusted_is_refused_everywhere(page: Page, place: Place, host: str) -> None:
    site = place.site.url
    await page.goto(place.trusted.origin(host))
    await log_in(page, place)
    assert (await page.evaluate(ASK, site))["reader"]["id"] == str(place.reader.id)

    await page.goto(place.other.origin(host))
    assert await refused(page, ASK, site)
    assert await refused(page, POLL, site)
    assert await page.evaluate(SOCKET, site) == "refused"
    for path in ("/accounts/logout/", place.post.path):
        await page.evaluate(POST, {"site": site, "path": path})
    states = await page.evaluate(STATUS, {"site": site, "wait": 3_000})
    assert "connected" not in [status for status, _ in states]
    assert states[-1][0] == "reconnecting"

    await page.goto(place.trusted.origin(host))
    assert (await page.evaluate(ASK, site))["reader"] is not None, "logged out by a page that is not trusted"


@pytest.mark.parametrize("host", ["127.0.0.1", ELSEWHERE])
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_trusted_one_logs_in_writes_and_hears(
    page: Page, place: Place, host: str, transport: str
) -> None:
    site = place.site.url
    if transport == "polling":
        await page.add_init_script(_NO_WEBSOCKETS)
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    await page.goto(place.trusted.origin(host))
    assert (await page.evaluate(ASK, site))["reader"] is None
    states = await page.evaluate(STATUS, {"site": site, "wait": 1_500})
    assert states[-1] == ["failed", "sign_in"]
    await page.reload()
    opened.clear()

    await log_in(page, place)
    assert (await page.evaluate(ASK, site))["reader"]["name"] == "Rita Reader"
    said = f"From {host} by {transport}"
    wanted = {"site": site, "postId": place.post.id, "content": said}
    assert await page.evaluate(TALK, wanted) == ["published", "live"]
    assert len(opened) == (1 if transport == "websocket" else 0)
    assert said in [each["content"] for each in place.site.stored(place.post.id)]
    hears = f"From the site, to {host} by {transport}"
    said_there = {"post_id": place.post.id, "user_id": place.author.id, "content": hears}
    place.site.ask_clerk("write", parent_id=None, **said_there)
    assert await page.evaluate("(text) => window.hears(text)", hears)


async def test_a_cookie_for_this_site_alone_does_not_go_along(page: Page, place: Place) -> None:
    """The premise of `CROSS_SITE_COOKIES`: without it another site's page is nobody, trusted or not."""
    session = place.site.session(place.reader).session
    await page.context.add_cookies(
        [{"name": "sessionid", "value": session, "url": place.site.url, "sameSite": "Lax", "secure": True}]
    )
    await page.goto(place.trusted.origin(ELSEWHERE))
    assert (await page.evaluate(ASK, place.site.url))["reader"] is None
    # A page of the same site on another origin needs no such setting.
    await page.goto(place.trusted.origin())
    assert (await page.evaluate(ASK, place.site.url))["reader"] is not None


async def test_the_readmes_example_runs(page: Page, place: Place) -> None:
    chapter = between(text("README.md"), "## Another front end", "\n## ")
    block = re.search(r"```html\n(.*?)```", chapter, re.DOTALL)
    assert block is not None
    example = block[1].replace("https://blog.example.org", place.site.url)
    assert "commentsOf(client, 1)" in example
    example = example.replace("commentsOf(client, 1)", f"commentsOf(client, {place.post.id})")
    place.trusted.pages["/example"] = PAGE + example
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(place.trusted.origin())
    await log_in(page, place)

    await page.goto(f"{place.trusted.origin()}/example")
    await page.get_by_role("textbox").fill("From the README")
    await page.get_by_role("button").click()

    await page.get_by_role("listitem").filter(has_text="Rita Reader: From the README").wait_for()
    assert problems == []
