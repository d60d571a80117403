"""Somebody's page as a test sees it that shows what the people they follow are."""

from typing import Any

from tests.servers import Person, Site

from .reader import WITHIN, Reader, Transport

NAMESPACE = "/notifications"


class Follower(Reader):
    """`heard` has what both namespaces said; `own` asks in their own."""

    def __init__(self, site: Site, person: Person | None, transport: Transport = "websocket") -> None:
        super().__init__(site, person, transport)
        self.client.on("*", self._hear, namespace=NAMESPACE)
        self.client.on("connect", self._let_in, namespace=NAMESPACE)
        self.client.on("connect_error", self._turned_away, namespace=NAMESPACE)

    async def open(self, headers: dict[str, str] | None = None) -> "Follower":
        cookies = {} if self.person is None else {"Cookie": f"sessionid={self.person.session}"}
        await self.client.connect(
            self.site.url,
            headers=cookies,
            transports=[self.transport],
            # Who is let into none is told so by the first and put out.
            namespaces=[NAMESPACE] if self.person is None else ["/", NAMESPACE],
            wait=False,
        )
        if self.person is not None:
            await self.next("let in")
        return self

    async def own(self, event: str, *payload: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.client.call(event, payload, namespace=NAMESPACE, timeout=WITHIN)
        return answer

    async def statuses(self) -> dict[str, str]:
        """What everybody is whom they follow, as the server says when it is asked."""
        answer = await self.own("get_statuses", {})
        assert answer["ok"], answer
        [told] = await self.next("friend_statuses")
        return {each["userId"]: each["status"] for each in told["statuses"]}

    def changes(self, person: Person) -> list[str]:
        """All that was told of somebody as it changed, in its order."""
        told = self.all("friend_status_changed")
        return [each["status"] for each in told if each["userId"] == str(person.id)]

    async def sees(self, person: Person, status: str, within: float = WITHIN) -> dict[str, Any]:
        """Until somebody is told to be this."""
        [told] = await self.next(
            "friend_status_changed",
            lambda each: each["userId"] == str(person.id) and each["status"] == status,
            within,
        )
        payload: dict[str, Any] = told
        return payload

    async def _let_in(self) -> None:
        await self._hear("let in")

    async def _turned_away(self, data: dict[str, Any]) -> None:
        await self._hear("turned away", data)
