"""A tab of somebody's browser, in the words of the tests."""

from dataclasses import dataclass

from playwright.async_api import Locator, Page, Response, expect

from tests.servers import Person, Site

from .watch import Watch

_NO_WEBSOCKETS = """
window.WebSocket = class {
  constructor() { setTimeout(() => this.onerror(new Event('error'))); }
  close() {}
};
"""


@dataclass(frozen=True, slots=True)
class Post:
    id: int
    path: str


class Tab:
    """What a person sees and does there. `page` is Playwright's."""

    def __init__(self, page: Page, site: Site, watch: Watch, language: str) -> None:
        self.page = page
        self.site = site
        self.watch = watch
        self.language = language
        self.is_disposable = False  # after the test: what was done to the context cannot be undone
        self.field = page.locator("[data-composer] textarea")
        self.comments = page.locator("[data-threads] [data-comment]:not([data-removed])")
        self.texts = page.locator("[data-threads] [data-text]")
        self.count = page.locator("h2[data-count]")
        self.here = page.locator("[data-here]")
        self.state = page.locator("[data-live]")
        self.closed = page.locator("[data-closed]")
        self.pending = page.locator(".is-pending")
        self.failed = page.locator(".is-failed")

    async def another(self) -> "Tab":
        """One more tab of the same browser."""
        return Tab(await self.page.context.new_page(), self.site, self.watch, self.language)

    async def enter(self, person: Person) -> None:
        """Become this person from the next request on."""
        await self.page.context.add_cookies(
            [{"name": "sessionid", "value": person.session, "url": self.site.url}]
        )

    async def go(self, path: str) -> Response | None:
        return await self.page.goto(self.site.url + path)

    async def read(self, post: Post) -> None:
        """Open a post; for a reader with a socket, until it is live."""
        await self.go(post.path)
        await self.is_live()

    async def is_live(self) -> None:
        await self.is_in("live")

    async def is_in(self, state: str) -> None:
        await expect(self.page.locator(f"[data-live][data-state={state}]")).to_be_visible()

    def comment(self, text: str) -> Locator:
        return self.comments.filter(has=self.page.locator("[data-text]").get_by_text(text, exact=True))

    async def say(self, text: str) -> None:
        """Send, and wait until the server has it."""
        await self.send(text)
        await expect(self.page.locator("[data-comment][data-id]").filter(has_text=text)).to_have_count(1)

    async def shows(self, *texts: str) -> None:
        """These comments, in this order, and no other."""
        await expect(self.texts).to_have_text(texts)

    async def send(self, text: str) -> None:
        await self.field.fill(text)
        await self.page.get_by_role("button", name="Send").click()

    async def act(self, text: str, action: str) -> None:
        """Press one of the words under a comment."""
        await self.comment(text).get_by_role("link", name=action).click()

    async def reply(self, to: str, text: str) -> None:
        await self.act(to, "Reply")
        await self.send(text)

    async def edit(self, text: str, new_text: str) -> None:
        await self.act(text, "Edit")
        await self.page.locator("[data-editor] textarea").fill(new_text)
        await self.page.get_by_role("button", name="Save").click()

    async def delete(self, text: str) -> None:
        await self.act(text, "Delete")
        await self.page.locator("[data-confirm]").get_by_role("button", name="Delete").click()

    async def log_in(self, username: str, password: str) -> None:
        """Fill in the log-in page that is open."""
        await self.page.locator("[name=login]").fill(username)
        await self.page.locator("[name=password]").fill(password)
        await self.page.locator("main").get_by_role("button").first.click()

    async def top(self, text: str) -> float:
        """How far below the top of the window a comment stands, in pixels."""
        box = await self.comment(text).bounding_box()
        assert box is not None
        return box["y"]

    async def offline(self, is_offline: bool = True) -> None:
        """Pull the network cable, or put it back in."""
        self.watch.expect("ERR_INTERNET_DISCONNECTED")
        # An attempt under way when the cable is pulled or put back gives way to the next one.
        self.watch.expect("WebSocket is closed before the connection is established")
        await self.page.context.set_offline(is_offline)

    async def without_websockets(self) -> None:
        """A network that lets no websocket through; what is left is polling. Before the page is opened."""
        self.is_disposable = True
        await self.page.add_init_script(_NO_WEBSOCKETS)

    async def cut_off(self, is_cut: bool = True) -> None:
        """Without websockets: stop polling too, while pages still come through; or let it go on."""
        self.watch.expect("/socket.io/")
        if is_cut:
            await self.page.route("**/socket.io/**", lambda route: route.abort())
        else:
            await self.page.unroute("**/socket.io/**")
