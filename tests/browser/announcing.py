"""What admins announce, by the admin's own page: so it goes out from a process that serves sockets."""

from collections.abc import Awaitable
from typing import Protocol

from tests.realtime.sockets.browser import Browser
from tests.servers import Person, Site

ADD = "/admin/accounts/systemnotice/add/"


class Notify(Protocol):
    def __call__(self, person: Person, text: str, path: str = "") -> Awaitable[None]: ...


def by(admin: Person, site: Site) -> Notify:
    """Have this superuser tell people something."""

    async def notify(person: Person, text: str, path: str = "") -> None:
        async with Browser(site, admin) as browser:
            page = await browser.submit(ADD, text=text, audience="people", people=person.username, path=path)
        assert "errornote" not in page

    return notify
