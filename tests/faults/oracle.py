"""Compares at the end what each page holds with what the database holds, which is read without our code."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.rows import dict_row

from .page import Page

Row = dict[str, Any]
COMMENTS = """
    SELECT id, content, status, version, client_id, edited_at FROM comments_comment
    WHERE post_id = {0} ORDER BY id
"""
VERSION = "SELECT version, comment_count FROM comments_post WHERE id = {0}"


@dataclass
class Verdict:
    """What became of a crowd's comments. Each list has one sentence per fault that a reader would see."""

    sent: int = 0
    confirmed: int = 0
    refused: int = 0
    attempts: int = 0
    connections: int = 0
    catch_ups: int = 0
    converged_in: float = 0.0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    misordered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.misordered, *self.wrong]

    def told(self) -> str:
        """All of it, for whoever has to find out why."""
        return "\n".join([str(self), *self.wrong, *self.lost, *self.doubled, *self.misordered])

    def add(self, other: "Verdict") -> None:
        """Count another crowd's along; of the times to converge the longest stays."""
        for name in ("sent", "confirmed", "refused", "attempts", "connections", "catch_ups"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("lost", "doubled", "misordered", "wrong"):
            getattr(self, name).extend(getattr(other, name))
        self.converged_in = max(self.converged_in, other.converged_in)

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.confirmed} confirmed, {self.refused} refused, "
            f"{self.attempts} attempts, {self.connections} connections, {self.catch_ups} catch-ups; "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.misordered)} misordered, "
            f"{len(self.wrong)} wrong; converged in {self.converged_in:.1f} s"
        )


class Oracle:
    """Knows one post's database; `url` as in `DATABASE_URL`."""

    def __init__(self, url: str, post_id: int) -> None:
        self._url = url
        self._post_id = post_id

    async def judge(self, pages: Sequence[Page], *, within: float = 20.0) -> Verdict:
        """Wait until all is quiet and compare. Call it once nobody writes and nothing is broken."""
        started_at = time.monotonic()
        unsettled = await self._settle(pages, within)
        verdict = Verdict(
            sent=sum(len(page.sent) for page in pages),
            confirmed=sum(len(page.confirmed) for page in pages),
            refused=sum(len(page.refused) for page in pages),
            attempts=sum(page.attempts for page in pages),
            connections=sum(page.connections for page in pages),
            catch_ups=sum(page.room.catch_ups + page.room.snapshots for page in pages),
            converged_in=time.monotonic() - started_at,
        )
        verdict.wrong += unsettled
        for page in pages:
            if page.is_live:
                await page.load_earlier()
        [post] = await self._read(VERSION)
        rows = await self._read(COMMENTS)
        self.check_database(verdict, rows, post, pages)
        for page in pages:
            self.check_page(verdict, rows, post, page)
        return verdict

    async def _settle(self, pages: Sequence[Page], within: float) -> list[str]:
        """Until every outbox is empty and every page has the room's version; who is not there in time."""
        deadline = time.monotonic() + within
        while True:
            try:
                [post] = await self._read(VERSION)
            except (psycopg.OperationalError, sqlite3.OperationalError) as problem:
                unsettled = [f"the database cannot be read: {problem}"]
            else:
                unsettled = [
                    f"{page.person.username}: {len(page.outbox)} in the outbox, version "
                    f"{page.room.version} of {post['version']}, live: {page.is_live}"
                    for page in pages
                    if page.outbox or page.room.version != post["version"] or not page.is_live
                ]
            if not unsettled or time.monotonic() > deadline:
                return unsettled
            await asyncio.sleep(0.1)

    def check_database(self, verdict: Verdict, rows: Sequence[Row], post: Row, pages: Sequence[Page]) -> None:
        stored = Counter(str(row["client_id"]) for row in rows)
        texts = {str(row["id"]): row["content"] for row in rows}
        removed = {str(row["id"]) for row in rows if row["status"] != "published"}
        for page in pages:
            who = page.person.username
            for client_id, entry in page.sent.items():
                if client_id in page.confirmed and not stored[client_id]:
                    verdict.lost.append(f"{who}'s {entry.content!r} was confirmed and is not stored")
                if client_id in page.refused and stored[client_id]:
                    verdict.wrong.append(f"{who}'s {entry.content!r} was refused and is stored")
                if stored[client_id] > 1:
                    verdict.doubled.append(f"{who}'s {entry.content!r} is stored twice")
            for id_, text in page.texts.items():
                stored_text = texts.get(id_)
                if text is None or id_ in removed or stored_text == text:
                    continue
                if stored_text not in page.unanswered.get(id_, ()):
                    verdict.lost.append(f"{who}'s edit of {id_} to {text!r} is not stored: {stored_text!r}")
        sent = {client_id for page in pages for client_id in page.sent}
        verdict.wrong += [f"{row['id']} is nobody's" for row in rows if row["client_id"] not in sent]
        versions = [row["version"] for row in rows]
        if len(set(versions)) < len(versions) or max(versions, default=0) > post["version"]:
            verdict.misordered.append(f"versions of the database: {versions}")
        untouched = [row["version"] for row in rows if row["status"] == "published" and not row["edited_at"]]
        if untouched != sorted(untouched):
            verdict.misordered.append(f"ids and versions disagree: {untouched}")
        if post["comment_count"] != len(rows) - len(removed):
            verdict.wrong.append(f"{post['comment_count']} counted of {len(rows) - len(removed)}")

    def check_page(self, verdict: Verdict, rows: Sequence[Row], post: Row, page: Page) -> None:
        who = page.person.username
        published = {str(row["id"]): row for row in rows if row["status"] == "published"}
        shown = {comment["_id"]: comment for comment in page.room.comments}
        verdict.lost += [f"{who} misses {id_}" for id_ in published.keys() - shown.keys()]
        verdict.wrong += [f"{who} still shows {id_}" for id_ in shown.keys() - published.keys()]
        for id_ in shown.keys() & published.keys():
            row, comment = published[id_], shown[id_]
            if (comment["content"], comment["version"]) != (row["content"], row["version"]):
                verdict.wrong.append(f"{who} shows {id_} as {comment['content']!r}, {comment['version']}")
        applied = page.room.applied
        if any(later <= earlier for earlier, later in pairwise(applied)):
            verdict.misordered.append(f"{who} applied {applied}")
        if page.room.count != post["comment_count"]:
            verdict.wrong.append(f"{who} counts {page.room.count} of {post['comment_count']}")

    async def _read(self, query: str) -> list[Row]:
        return await asyncio.to_thread(self._read_now, query.format(self._post_id))

    def _read_now(self, query: str) -> list[Row]:
        if self._url.startswith("sqlite:"):
            with closing(sqlite3.connect(self._url.removeprefix("sqlite:///"))) as database:
                database.row_factory = sqlite3.Row
                return [dict(row) for row in database.execute(query)]
        with psycopg.connect(self._url, row_factory=dict_row, connect_timeout=2) as connection:
            return connection.execute(query.encode()).fetchall()
