"""The desk and a post's page in a real browser, with a clock between the two.

The clock is the browser's own, which is the same for all of its pages to within a tenth of a millisecond.
"""

from playwright.sync_api import Browser, BrowserContext, Page

WITHIN = 10.0  # seconds; only a page that is broken takes as long

# At the desk: when the browser got the key or the button that decides.
_DESK = """() => {
  window.decidedAt = null;
  for (const kind of ['keydown', 'click']) {
    addEventListener(kind, (event) => {
      if (kind === 'click' || event.key === 'f') decidedAt = performance.timeOrigin + event.timeStamp;
    }, true);
  }
}"""
_SAID = "[data-alert], [data-bar-text], [data-live], [data-problem]"
# On the post's page: when a comment came to be in the document, and when the browser had drawn that.
_READER = """() => {
  const now = () => performance.timeOrigin + performance.now();
  const comments = new Map();
  const comment = (id) => {
    if (!comments.has(id)) comments.set(id, Promise.withResolvers());
    return comments.get(id);
  };
  const came = (id) => {
    const there = now();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => comment(id).resolve({ there, drawn: now() });
      port2.postMessage(null);
    });
  };
  const list = document.querySelector('[data-threads]');
  new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      const added = node.matches?.('[data-comment]') ? node : node.querySelector?.('[data-comment]');
      if (added) came(added.dataset.id);
    }
  }).observe(list, { childList: true, subtree: true });
  window.whenDrawn = (id, within) => Promise.race([
    comment(id).promise,
    new Promise((resolve) => setTimeout(resolve, within, null)),
  ]);
}"""


class Pages:
    """A post's queue at the desk, and the post as a reader sees it, each in a window of its own.

    `sessions` are the moderator's and the reader's. The oldest comes first: what is older than all that the
    reader's page shows would come to be on an earlier page.
    """

    def __init__(self, browser: Browser, port: int, post_id: int, address: str, sessions: list[str]) -> None:
        self._browser = browser
        self._url = f"http://127.0.0.1:{port}"
        moderator, reader = map(self._context, sessions)
        self._desk = self._opened(
            moderator, f"/admin/moderation/pending/?post={post_id}&order=oldest", "online"
        )
        self._post = self._opened(reader, address, "live")
        self._desk.evaluate(_DESK)
        self._post.evaluate(_READER)
        self._desk.keyboard.press("j")
        self._by_key = False

    def decide(self) -> dict[str, float] | str:
        """Approve the selected comment, by the key and by the button in turns.

        After how many milliseconds it was `there` on the reader's page, and `drawn`; or, where it did not
        come in time, what the desk says.
        """
        selected = self._desk.locator("[data-item].is-selected")
        number = selected.get_attribute("data-id")
        self._by_key = not self._by_key
        if self._by_key:
            self._desk.keyboard.press("f")
        else:
            selected.locator("[data-action=approve]").click()
        came = self._post.evaluate("([id, within]) => whenDrawn(id, within)", [number, WITHIN * 1000])
        decided = self._desk.evaluate("decidedAt")
        if came is None:
            return (
                f"comment {number} did not come; the desk says: {self._desk.locator(_SAID).all_inner_texts()}"
            )
        return {name: at - decided for name, at in came.items()}

    def _context(self, session: str) -> BrowserContext:
        context = self._browser.new_context(locale="en-GB")
        context.set_default_timeout(WITHIN * 1000)
        context.add_cookies([{"name": "sessionid", "value": session, "url": self._url}])
        return context

    def _opened(self, context: BrowserContext, path: str, state: str) -> Page:
        page = context.new_page()
        page.goto(self._url + path)
        page.locator(f"[data-live][data-state={state}]").wait_for()
        return page
