"""A process in which people follow others and count what they hear of them.

It does one task a line, as `seed.py` does. Each follower is a thread on a socket of their own.
"""

import json
import sys
import threading
import traceback
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

WITHIN = 10.0  # seconds
NAMESPACE = "/notifications"
TASKS = ("come", "heard", "go")


class Follower(threading.Thread):
    """`events` are packets about statuses, `statuses` what they said, `size` their bytes."""

    def __init__(self, connection: ClientConnection) -> None:
        super().__init__(daemon=True)
        self._connection = connection
        self._is_in = threading.Event()
        self.events = self.statuses = self.size = 0
        connection.send(f"40{NAMESPACE},")

    def wait(self) -> None:
        if not self._is_in.wait(WITHIN):
            raise RuntimeError("not let in")

    def run(self) -> None:
        try:
            for packet in self._connection:
                self._hear(str(packet))
        except ConnectionClosed:
            pass

    def _hear(self, packet: str) -> None:
        start = f"42{NAMESPACE},"
        if packet == "2":
            self._connection.send("3")
        elif packet.startswith(f"40{NAMESPACE},"):
            self._is_in.set()
        elif packet.startswith(start):
            name, payload = json.loads(packet.removeprefix(start))
            if name.startswith("friend_"):
                self.events += 1
                self.statuses += len(payload.get("statuses", (payload,)))
                self.size += len(packet)


class Followers:
    def __init__(self) -> None:
        self._here: list[Follower] = []
        self._connections = ExitStack()

    def come(self, port: int, sessions: list[str]) -> int:
        address = f"127.0.0.1:{port}"
        for session in sessions:
            connection = connect(
                f"ws://{address}/socket.io/?EIO=4&transport=websocket",
                origin=Origin(f"http://{address}"),
                additional_headers={"Cookie": f"sessionid={session}"},
                compression=None,
                open_timeout=WITHIN,
                ping_interval=None,  # the server asks by itself
            )
            follower = Follower(self._connections.enter_context(connection))
            follower.start()
            self._here.append(follower)
        for follower in self._here:
            follower.wait()
        return len(self._here)

    def heard(self) -> dict[str, float]:
        """What one of them has heard on average since they were asked last."""
        found: dict[str, float] = {}
        for name in ("events", "statuses", "size"):
            found[name] = sum(getattr(each, name) for each in self._here) / len(self._here)
            for each in self._here:
                setattr(each, name, 0)
        return found

    def go(self) -> None:
        self._connections.close()
        self._here.clear()


def main() -> None:
    followers = Followers()
    for line in sys.stdin:
        task, details = json.loads(line)
        assert task in TASKS, task
        answer: dict[str, Any]
        try:
            answer = {"result": getattr(followers, task)(**details)}
        except Exception:
            answer = {"problem": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
