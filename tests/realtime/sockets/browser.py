"""A person's browser without JavaScript: pages and forms, with the cookies of their session."""

import re
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.servers import Person, Site

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Browser:
    """Use it as an async context manager."""

    def __init__(self, site: Site, person: Person) -> None:
        self._http = aiohttp.ClientSession(
            base_url=site.url,
            cookies={"sessionid": person.session},
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # for an address without a name
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def read(self, path: str) -> str:
        async with self._http.get(path) as answer:
            assert answer.status == 200, answer.status
            return await answer.text()

    async def token(self, path: str) -> str:
        """What the forms of a page prove their origin with."""
        token = _TOKEN.search(await self.read(path))
        assert token is not None, f"{path} has no form"
        return token[1]

    async def post(self, path: str, token: str, /, **fields: Any) -> str:
        """Send a form; the page that follows."""
        data = {"csrfmiddlewaretoken": token, **fields}
        async with self._http.post(path, data=data) as answer:
            assert answer.status == 200, answer.status
            return await answer.text()

    async def submit(self, path: str, /, **fields: Any) -> str:
        """Fill in the form on a page and send it to the same address."""
        return await self.post(path, await self.token(path), **fields)
