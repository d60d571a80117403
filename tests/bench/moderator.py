"""A process in which somebody approves comments one by one: over a bare socket, and in a real browser.

It does one task a line, as `seed.py` does. What it starts stays on the core that it was put on, and what all
that costs can be told from what the server costs. Over the socket times are those of the machine's monotonic
clock, which the load generator reads too.
"""

import json
import sys
import time
import traceback
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING, Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.browser.chromium import ARGUMENTS

if TYPE_CHECKING:
    from .pages import Pages

WITHIN = 10.0  # seconds; only a server that is broken takes as long
NAMESPACE = "/moderation"
TASKS = ("sit_down", "decide", "get_up", "browse", "click")


class Socket:
    """A moderator with nothing but a connection; `waiting` are the items of a post's queue, oldest first."""

    def __init__(self, connection: ClientConnection, post_id: int) -> None:
        self._connection = connection
        self._numbers = count()
        self._read("0")
        self._connection.send(f"40{NAMESPACE},")
        self._read(f"40{NAMESPACE},")
        self.waiting: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            filters = {"postId": str(post_id)}
            wanted = {"queue": "pending", "filters": filters, "order": "oldest", "cursor": cursor}
            page = self._ask("watch_queue", wanted)
            self.waiting += page["items"]
            cursor = page["cursor"]

    def decide(self) -> dict[str, Any]:
        """Approve one more; when that was sent, and when it was answered, in nanoseconds."""
        item = self.waiting.pop(0)
        sent = time.monotonic_ns()
        answer = self._ask("decide", {"commentId": item["id"], "verdict": "approve", "seen": item["seen"]})
        return {"ok": answer["ok"], "sent": sent, "answered": time.monotonic_ns()}

    def _ask(self, event: str, wanted: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._connection.send(f"42{NAMESPACE},{number}{json.dumps([event, wanted])}")
        start = f"43{NAMESPACE},{number}"
        answer: dict[str, Any] = json.loads(self._read(f"{start}[").removeprefix(start))[0]
        return answer

    def _read(self, start: str) -> str:
        """The next packet that begins so; pings are answered, and everything else but a refusal is passed
        over."""
        while not (packet := str(self._connection.recv(timeout=WITHIN))).startswith(start):
            if packet == "2":
                self._connection.send("3")
            elif packet.startswith("44"):
                raise RuntimeError(f"not let in: {packet}")
        return packet


class Moderator:
    """Someone whose work ends with `stack`."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._sitting = stack.enter_context(ExitStack())
        self._socket: Socket | None = None
        self._pages: Pages | None = None

    def sit_down(self, port: int, session: str, post_id: int) -> int:
        """Open a post's queue over a socket; how many comments wait there."""
        address = f"127.0.0.1:{port}"
        opening = connect(
            f"ws://{address}/socket.io/?EIO=4&transport=websocket",
            origin=Origin(f"http://{address}"),
            additional_headers={"Cookie": f"sessionid={session}"},
            compression=None,
            open_timeout=WITHIN,
            ping_interval=None,  # the server asks by itself
        )
        self._socket = Socket(self._sitting.enter_context(opening), post_id)
        return len(self._socket.waiting)

    def decide(self) -> dict[str, Any]:
        assert self._socket is not None
        return self._socket.decide()

    def get_up(self) -> None:
        """Close the connection: nobody reads from it any more."""
        self._sitting.close()

    def browse(self, chromium: str, **where: Any) -> None:
        """Open the queue and the post in a browser."""
        # Whoever only wants the socket needs no browser.
        from playwright.sync_api import sync_playwright

        from .pages import Pages

        playwright = self._stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        self._stack.callback(browser.close)
        self._pages = Pages(browser, **where)

    def click(self) -> dict[str, float] | str:
        assert self._pages is not None
        return self._pages.decide()


def main() -> None:
    with ExitStack() as stack:
        moderator = Moderator(stack)
        for line in sys.stdin:
            task, details = json.loads(line)
            assert task in TASKS, task
            try:
                answer = {"result": getattr(moderator, task)(**details)}
            except Exception:
                answer = {"problem": traceback.format_exc()}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
