"""People who come to the site, each with a browser context: cookies and storage of their own.

Contexts are kept from test to test, emptied: opening a page in a new one takes three times as long.
"""

from collections import defaultdict
from typing import Any

from playwright.async_api import Browser, Page, ViewportSize
from playwright.async_api import Error as PageError

from tests.servers import Person, Site

from .tab import Tab
from .watch import Watch

# A page that is left writes down where its reader was, and its process may be slow to do so: after the
# storage was emptied from outside. So the page itself empties it, and writes no more.
FORGET = """
() => {
  Storage.prototype.setItem = () => {};
  if (location.origin === 'null') return;
  localStorage.clear();
  sessionStorage.clear();
}
"""
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
SIZE = ViewportSize(width=1280, height=720)
PATIENCE = 10_000  # milliseconds; only a broken page takes as long


class Visitors:
    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site
        self._here: list[Tab] = []
        self._idle: dict[str, list[Tab]] = defaultdict(list)

    async def come(self, person: Person | None, language: str, options: dict[str, Any]) -> Tab:
        """A person in a new session, or somebody without an account; `options` are Playwright's."""
        if not options and self._idle[language]:
            kept = self._idle[language].pop()
            tab = Tab(kept.page, self._site, kept.watch, language)
        else:
            tab = await self._open(language, {"viewport": SIZE, **options})
            tab.is_disposable = bool(options)
        self._here.append(tab)
        if person is not None:
            await tab.enter(self._site.session(person))
        return tab

    async def leave(self) -> list[str]:
        """Everybody goes; what their pages complained of."""
        problems = []
        for tab in self._here:
            problems += tab.watch.problems
            if tab.is_disposable or tab.page.is_closed():
                await tab.page.context.close()
            else:
                await self._empty(tab)
                self._idle[tab.language].append(tab)
        self._here.clear()
        return problems

    async def _open(self, language: str, options: dict[str, Any]) -> Tab:
        context = await self._browser.new_context(locale=LOCALES[language], **options)
        context.set_default_timeout(PATIENCE)
        watch = Watch(context, self._site.url)
        await watch.start()
        return Tab(await context.new_page(), self._site, watch, language)

    async def _empty(self, tab: Tab) -> None:
        context = tab.page.context
        for page in context.pages:
            await self._forget(page)
            if page != tab.page:
                await page.close()
        await context.set_offline(False)
        await tab.page.unroute_all()
        await tab.page.goto("about:blank")
        await tab.page.emulate_media(media="null", color_scheme="null", reduced_motion="null")
        await tab.page.set_viewport_size(SIZE)
        await context.clear_cookies()
        devtools = await context.new_cdp_session(tab.page)
        await devtools.send("Storage.clearDataForOrigin", {"origin": self._site.url, "storageTypes": "all"})
        await devtools.detach()
        tab.watch.forget()

    async def _forget(self, page: Page) -> None:
        try:
            await page.evaluate(FORGET)
        except PageError:  # it was on its way to another page; that one forgets too
            await page.evaluate(FORGET)
