"""A page's bell as a test sees it: the readers' namespace and that of notifications on one connection."""

from typing import Any

from tests.servers import Person, Site

from .reader import WITHIN, Reader, Transport

NAMESPACE = "/notifications"


class InboxTab(Reader):
    """`heard` has what both namespaces said; requests of `inbox` go to the notifications'."""

    def __init__(self, site: Site, person: Person | None, transport: Transport = "websocket") -> None:
        super().__init__(site, person, transport)
        self.client.on("*", self._hear, namespace=NAMESPACE)
        self.client.on("connect", self._let_in, namespace=NAMESPACE)
        self.client.on("connect_error", self._turned_away, namespace=NAMESPACE)
        self.client.on("disconnect", self._put_out, namespace=NAMESPACE)

    async def open(self, headers: dict[str, str] | None = None) -> "InboxTab":
        cookies = {} if self.person is None else {"Cookie": f"sessionid={self.person.session}"}
        await self.client.connect(
            self.site.url,
            headers={**cookies, **(headers or {})},
            transports=[self.transport],
            # Who is let into none is told so by the first and put out.
            namespaces=[NAMESPACE] if self.person is None else ["/", NAMESPACE],
            wait=False,
        )
        return self

    async def inbox(self, event: str, *payload: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.client.call(event, payload, namespace=NAMESPACE, timeout=WITHIN)
        return answer

    @property
    def unread(self) -> int:
        """What this tab was told last."""
        told = self.all("unread_count")
        return int(told[-1]["count"]) if told else 0

    async def _let_in(self) -> None:
        await self._hear("let in")

    async def _turned_away(self, data: dict[str, Any]) -> None:
        await self._hear("turned away", data)

    async def _put_out(self, *reason: Any) -> None:
        await self._hear("put out", *reason)
