"""What an open page knows of a post, static/js/postroom/room.js in Python, and how it got there."""

import asyncio
from collections.abc import Callable
from typing import Any

GAP_WAIT = 0.3  # seconds a missing change may still arrive by itself

Comment = dict[str, Any]


class Room:
    """Applies changes strictly in the order of their versions; a gap leads to `on_gap()`.

    `applied` has the version of every change in the order in which it was applied.
    """

    def __init__(self, on_gap: Callable[[], None]) -> None:
        self.version = 0
        self.count = 0
        self.has_earlier = False
        self.first: int | None = None  # the id before which earlier comments are asked for
        self.unsure: int | None = None  # what stands before this id has to be compared with its pages
        self.applied: list[int] = []
        self.snapshots = 0
        self.catch_ups = 0
        self._on_gap = on_gap
        self._comments: dict[str, Comment] = {}
        self._waiting: dict[int, tuple[str, Comment]] = {}
        self._heard = 0
        self._asking = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def comments(self) -> list[Comment]:
        """What the page shows, oldest first."""
        shown = [comment for comment in self._comments.values() if comment["status"] != "removed"]
        return sorted(shown, key=_number)

    def receive(self, event: str, payload: Comment) -> None:
        """An event of the room, in whatever order it arrives."""
        if payload["version"] > self.version:
            self._waiting[payload["version"]] = (event, payload)
            self._drain()

    def hear(self, version: int) -> None:
        """The room has reached this version."""
        self._heard = max(self._heard, version)
        self._watch()

    def load(self, comments: list[Comment], meta: dict[str, Any]) -> None:
        """The answer to joining."""
        if meta["kind"] == "snapshot":
            self.snapshots += 1
            self._replace(comments, meta)
        else:
            self.catch_ups += 1
            for comment in comments:
                # What the server knows beyond the version it names comes again as an event.
                if self.version < comment["version"] <= meta["version"]:
                    self.applied.append(comment["version"])
                self._put(comment)
        if meta["version"] >= self.version:
            self.version = meta["version"]
            self.count = meta["count"]
        self._waiting = {version: late for version, late in self._waiting.items() if version > self.version}
        self._asking = False
        self._drain()

    def add_earlier(self, comments: list[Comment], *, has_more: bool) -> None:
        self.has_earlier = has_more
        if comments:
            self.first = _number(comments[0])
        for comment in comments:
            self._put(comment)

    def refresh(self, comments: list[Comment], *, before: int, has_more: bool, version: int) -> None:
        """The page before `before` as it was at `version` or later."""
        there = {comment["_id"] for comment in comments}
        start = _number(comments[0]) if comments and has_more else 0
        for comment in self.comments:
            if start <= _number(comment) < before and comment["_id"] not in there:
                self._put({"_id": comment["_id"], "version": version, "status": "removed"})
        for comment in comments:
            self._put(comment)
        self.unsure = start if any(_number(comment) < start for comment in self.comments) else None

    def know(self, comment: Comment) -> None:
        """One of our own, from the answer to us: it belongs on the page wherever that begins."""
        self._put(comment, always=True)

    def asking(self) -> None:
        """Somebody asks already what is missing."""
        self._asking = True
        self._stop_timer()

    def ask_again(self, delay: float) -> None:
        """There was no answer."""
        self._asking = False
        self._watch(delay)

    def close(self) -> None:
        self._asking = True
        self._stop_timer()

    def _drain(self) -> None:
        while (change := self._waiting.pop(self.version + 1, None)) is not None:
            event, payload = change
            if event == "comment_added":
                self.count += 1
            elif event == "comment_removed":
                self.count -= 1
                payload = {**payload, "status": "removed"}
            self._put(payload)
            self.version += 1
            self.applied.append(self.version)
        self._watch()

    def _put(self, comment: Comment, *, always: bool = False) -> None:
        known = self._comments.get(comment["_id"])
        if known is not None and known["version"] >= comment["version"]:
            return
        is_earlier = self.has_earlier and self.first is not None and _number(comment) < self.first
        if known is not None or always or not is_earlier:
            self._comments[comment["_id"]] = comment
            self.first = _number(comment) if self.first is None else self.first

    def _replace(self, comments: list[Comment], meta: dict[str, Any]) -> None:
        there = {comment["_id"] for comment in comments}
        oldest = _number(comments[0]) if comments else 0
        # Our own comments may be known ahead of what others wrote meanwhile; they reach over no hole.
        known = [comment for comment in self._comments.values() if comment["version"] <= self.version]
        newest = max(map(_number, known), default=None)
        is_apart = meta["hasMore"] and (newest is None or oldest > newest)
        for comment in list(self._comments.values()):
            if comment["_id"] in there:
                continue
            if is_apart and _number(comment) < oldest:
                del self._comments[comment["_id"]]
            elif not meta["hasMore"] or _number(comment) >= oldest:
                self._put({"_id": comment["_id"], "version": meta["version"], "status": "removed"})
        if is_apart or self.first is None or not meta["hasMore"]:
            self.first = _number(comments[0]) if comments else None
            self.has_earlier = meta["hasMore"]
        for comment in comments:
            self._put(comment)
        has_older = any(_number(comment) < oldest for comment in self.comments)
        self.unsure = oldest if meta["hasMore"] and has_older else None

    def _watch(self, delay: float = GAP_WAIT) -> None:
        if not self._waiting and self._heard <= self.version:
            self._stop_timer()
        elif not self._asking and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(delay, self._ask)

    def _ask(self) -> None:
        self._timer = None
        self._asking = True
        self._on_gap()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _number(comment: Comment) -> int:
    return int(comment["_id"])
