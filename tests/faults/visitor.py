"""A browser without JavaScript that fills in forms: what a field held before stays unless it is named."""

from collections.abc import Collection
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from tests.servers import Person, Site

Fields = list[tuple[str, str]]


class Visitor:
    """Use it as an async context manager."""

    def __init__(self, site: Site, person: Person | None = None) -> None:
        jar = aiohttp.CookieJar(unsafe=True)  # for an address without a name
        if person is not None:
            jar.update_cookies({"sessionid": person.session}, URL(site.url))
        self._http = aiohttp.ClientSession(base_url=site.url, cookie_jar=jar)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    @property
    def session(self) -> str:
        """The value of the session's cookie."""
        return next(cookie.value for cookie in self._http.cookie_jar if cookie.key == "sessionid")

    async def log_in(self, username: str, password: str) -> Person:
        """A session as readers get it: by the page for it."""
        await self.fill("/accounts/login/", login=username, password=password)
        return Person(id=0, username=username, session=self.session)

    async def read(self, path: str) -> str:
        async with self._http.get(path) as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.text()

    async def fill(self, path: str, *, to: str = "", **fields: str | None) -> str:
        """Send the form on a page with some of its fields changed, None leaves one out; what follows.
        It goes to the page's own address unless `to` says where."""
        async with self._http.get(path) as answer:
            assert answer.status == 200, (path, answer.status)
            form = _Form(await answer.text()).with_fields(fields)
            address = answer.url
        kept = [(name, value) for name, value in form if name not in fields]
        changed = [(name, value) for name, value in fields.items() if value is not None]
        async with self._http.post(to or address, data=[*kept, *changed]) as answer:
            page = await answer.text()
            assert answer.status == 200, (path, answer.status, page)
            assert "errorlist" not in page, (path, page)
            return page


class _Form(HTMLParser):
    """The fields of a page's forms that are protected by a token, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._forms: list[Fields] = []
        self._select = ""
        self._text: tuple[str, list[str]] | None = None
        self.feed(page)

    def with_fields(self, names: Collection[str]) -> Fields:
        """The form that has the most of these fields, of several the largest: a page's head may have small
        ones, to log out for example."""
        protected = [form for form in self._forms if "csrfmiddlewaretoken" in dict(form)]
        return max(protected, key=lambda form: (len({name for name, _ in form} & set(names)), len(form)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        name = given.get("name", "")
        if tag == "form":
            self._forms.append([])
        elif not self._forms:
            return
        elif tag == "input" and name and given.get("type") != "submit":
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._forms[-1].append((name, given.get("value") or ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._forms[-1].append((self._select, given.get("value") or ""))
        elif tag == "textarea":
            self._text = (name, [])

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea" and self._text is not None:
            self._forms[-1].append((self._text[0], "".join(self._text[1]).removeprefix("\n")))
            self._text = None
