"""A page made with React, on another origin: many components, one connection, and nothing left behind."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, WebSocket, expect

from tests.servers import Person, Site, running_site
from tests.tasks import comes_to

from . import announcing
from .conftest import ENVIRONMENT
from .front_end import FrontEnd, front_end
from .groups import PAGES
from .tab import Post

pytestmark = PAGES

APP = """async ({ site, posts }) => {
  const react = await import('react');
  const { createElement: h, useState, StrictMode, createRoot } = react;
  const { PostroomProvider, useComments, useConnectionState, useNotifications, useSocket } = await import(
    `${site}/static/js/postroom/react.js`
  );

  function Comments({ postId }) {
    const { comments, status, send } = useComments(postId);
    return h('section', { 'data-post': postId, 'data-status': status },
      h('ul', null, comments.map(({ _id, content }) => h('li', { key: _id }, content))),
      h('button', { onClick: () => send(`Said under ${postId}`) }, `Say ${postId}`));
  }

  function Bell() {
    const { unread, items, markAllRead } = useNotifications();
    return h('button', { onClick: markAllRead, 'data-bell': items.length }, `${unread} unread`);
  }

  function Present({ postId }) {
    const [count, setCount] = useState(0);
    useSocket({ presence: (here) => here.postId === postId && setCount(here.count) });
    return h('output', null, count);
  }

  function State() {
    const { status, attempt } = useConnectionState();
    return h('p', { 'data-connection': status, 'data-attempt': attempt });
  }

  function App() {
    const [shown, setShown] = useState(1);
    window.show = setShown;
    const parts = Array.from({ length: shown * 10 }, (_, index) => [
      h(Comments, { key: `c${index}`, postId: posts[index % posts.length] }),
      h(Bell, { key: `b${index}` }),
      h(Present, { key: `p${index}`, postId: posts[index % posts.length] }),
      h(State, { key: `s${index}` }),
    ]);
    return h(PostroomProvider, { address: site }, h(Spy), parts);
  }

  function Spy() {
    const client = useSocket();
    window.client = client;
    return null;
  }

  const root = createRoot(document.querySelector('main'));
  window.unmount = () => root.unmount();
  window.mount = () => root.render(h(StrictMode, null, h(App)));
  window.mount();
}"""
COUNT_HANDLERS = """
window.handlers = 0;
for (const [verb, by] of [['addEventListener', 1], ['removeEventListener', -1]]) {
  const usual = window[verb];
  window[verb] = function (event, ...rest) {
    if (['online', 'pageshow'].includes(event)) window.handlers += by;
    return usual.call(this ?? window, event, ...rest);
  };
}
"""

# All leave, and some are back before anything is left: how many were here meanwhile.
GO_AND_COME = """() => new Promise((done) => {
  window.show(0);
  setTimeout(() => {
    const here = document.querySelectorAll('section').length;
    window.show(1);
    done(here);
  }, 50);
})"""


@dataclass(frozen=True, slots=True)
class Place:
    site: Site
    front: FrontEnd
    posts: list[Post]
    reader: Person
    author: Person


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with front_end() as front:
        front.imports = {"react": "/react.js"}
        with running_site("serve", environment={**ENVIRONMENT, "TRUSTED_ORIGINS": front.origin()}) as site:
            author = site.person("author", name="Ana Author")
            posts = [Post(site.post(author=author, slug=slug), f"/posts/{slug}/") for slug in ("one", "two")]
            yield Place(site, front, posts, site.person("reader", name="Rita Reader"), author)


@dataclass(slots=True)
class Seen:
    """What the page said to the server, and what it complained of."""

    opened: int
    left: list[str]
    joined: list[str]
    problems: list[str]


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, place: Place) -> AsyncIterator[tuple[Page, Seen]]:
    context = await browser.new_context()
    session = place.site.session(place.reader).session
    await context.add_cookies([{"name": "sessionid", "value": session, "url": place.site.url}])
    page = await context.new_page()
    seen = Seen(0, [], [], [])

    def sent(frame: str | bytes) -> None:
        if "join_post" in str(frame):
            seen.joined.append(str(frame))
        if "leave_post" in str(frame):
            seen.left.append(str(frame))

    def opens(socket: WebSocket) -> None:
        seen.opened += 1
        socket.on("framesent", sent)

    def says(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.problems.append(message.text)

    page.on("websocket", opens)
    page.on("pageerror", lambda error: seen.problems.append(str(error)))
    page.on("console", says)
    await page.add_init_script(COUNT_HANDLERS)
    await page.goto(place.front.origin())
    yield page, seen
    await context.close()


async def start(page: Page, place: Place) -> None:
    await page.evaluate(APP, {"site": place.site.url, "posts": [str(post.id) for post in place.posts]})
    await expect(page.locator("[data-status=live]")).to_have_count(10)


async def test_whoever_is_logged_out_is_told_so(browser: Browser, place: Place) -> None:
    page = await browser.new_page()
    await page.goto(place.front.origin())
    await page.evaluate(APP, {"site": place.site.url, "posts": ["1"]})
    await expect(page.locator("[data-connection=failed]")).to_have_count(10)
    await expect(page.locator("li")).to_have_count(0)
    await page.close()


async def test_many_components_share_one_connection_and_leave_nothing_behind(
    page: tuple[Page, Seen], place: Place
) -> None:
    page_, seen = page

    async def rooms_left() -> list[int]:
        return [await page_.evaluate("window.kept.handlers"), len(seen.left)]

    await start(page_, place)
    assert (seen.opened, len(seen.joined)) == (1, 2), "StrictMode mounts everything twice"
    await expect(page_.locator("[data-connection=connected]")).to_have_count(10)
    await expect(page_.locator("output").first).to_have_text("1")

    for number in (5, 1, 8, 1):
        await page_.evaluate("(number) => window.show(number)", number)
        await expect(page_.locator("section")).to_have_count(number * 10)
    assert await page_.evaluate(GO_AND_COME) == 0
    await expect(page_.locator("section")).to_have_count(10)
    await expect(page_.locator("[data-status=live]")).to_have_count(10)
    assert (seen.opened, seen.left) == (1, [])

    await page_.evaluate("() => { window.kept = window.client; window.show(0); }")
    await comes_to([0, 2], rooms_left)  # whom nobody looks at is left
    assert seen.opened == 1

    await page_.evaluate("window.unmount()")
    await comes_to([0, "idle"], lambda: page_.evaluate("[window.handlers, window.kept.state.status]"))
    await page_.wait_for_timeout(1_500)
    assert (seen.opened, len(seen.left)) == (1, 2), "nothing comes after the end"
    assert seen.problems == []


async def test_what_is_said_is_on_all_of_them(page: tuple[Page, Seen], place: Place) -> None:
    page_, seen = page
    await start(page_, place)
    first = place.posts[0]
    await page_.get_by_role("button", name=f"Say {first.id}", exact=True).first.click()
    said = page_.locator(f"[data-post='{first.id}'] li").filter(has_text=f"Said under {first.id}")
    await expect(said).to_have_count(5)
    before = await page_.locator("[data-bell]").first.text_content()
    admin = place.site.person("admin", name="Ada Admin", is_staff=True, is_superuser=True)
    await announcing.by(admin, place.site)(place.reader, "Hello")
    count = int((before or "0").split()[0]) + 1
    await expect(page_.get_by_text(f"{count} unread")).to_have_count(10)
    await page_.locator("[data-bell]").first.click()
    await expect(page_.get_by_text("0 unread")).to_have_count(10)
    assert seen.problems == []


async def test_it_comes_back_by_itself_and_says_which_attempt_it_is(
    page: tuple[Page, Seen], place: Place
) -> None:
    page_, _ = page
    await start(page_, place)
    await page_.context.set_offline(True)
    await page_.evaluate("dispatchEvent(new Event('offline'))")
    await expect(page_.locator("[data-connection=reconnecting]")).to_have_count(10)
    await expect(page_.locator("[data-attempt='2']").first).to_be_attached(timeout=20_000)
    place.site.ask_clerk(
        "write", post_id=place.posts[1].id, user_id=place.author.id, content="Meanwhile", parent_id=None
    )
    await page_.context.set_offline(False)
    await page_.evaluate("dispatchEvent(new Event('online'))")
    await expect(page_.locator("[data-connection=connected]")).to_have_count(10, timeout=20_000)
    await expect(page_.locator("li").filter(has_text="Meanwhile")).to_have_count(5)
