"""A chat page as a test sees it: the namespace of the chat, beside the readers' own on one connection."""

from typing import Any

from tests.servers import Person, Site

from .reader import WITHIN, Reader, Transport

NAMESPACE = "/chat"


class Chatter(Reader):
    """`heard` has what both namespaces said; `chat` asks the chat's."""

    def __init__(self, site: Site, person: Person | None, transport: Transport = "websocket") -> None:
        super().__init__(site, person, transport)
        self.client.on("*", self._hear, namespace=NAMESPACE)
        self.client.on("connect", self._let_in, namespace=NAMESPACE)
        self.client.on("connect_error", self._turned_away, namespace=NAMESPACE)

    async def open(self, headers: dict[str, str] | None = None) -> "Chatter":
        cookies = {} if self.person is None else {"Cookie": f"sessionid={self.person.session}"}
        await self.client.connect(
            self.site.url,
            headers={**cookies, **(headers or {})},
            transports=[self.transport],
            namespaces=["/", NAMESPACE],
            wait=False,
        )
        return self

    async def chat(self, event: str, *payload: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.client.call(event, payload, namespace=NAMESPACE, timeout=WITHIN)
        return answer

    async def enter(self, room: str = "lobby", **details: Any) -> dict[str, Any]:
        """Enter a room; what came with it."""
        answer = await self.chat("join_room", {"room": room, **details})
        assert answer["ok"], answer
        return answer

    async def say(self, content: str, **details: Any) -> dict[str, Any]:
        answer = await self.chat("chat_message", {"content": content, **details})
        assert answer["ok"], answer
        message: dict[str, Any] = answer["message"]
        return message

    async def write_to(self, person: Person, content: str, **details: Any) -> dict[str, Any]:
        answer = await self.chat("private_message", {"to": person.username, "content": content, **details})
        assert answer["ok"], answer
        message: dict[str, Any] = answer["message"]
        return message

    async def settle_chat(self) -> None:
        """Until everything that the server had for this socket has arrived."""
        await self.chat("typing", {"room": "nowhere", "on": False})

    async def _let_in(self) -> None:
        await self._hear("let in")

    async def _turned_away(self, data: dict[str, Any]) -> None:
        await self._hear("turned away", data)
