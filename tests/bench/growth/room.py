"""One process and one room, turn by turn of its event loop: what people write at random leaves in few writes.

Each turn reads the comments that have come, has the next batch written by a thread, which shares the one
core, and sends what was committed meanwhile. So batches and common writes arise by themselves.
"""

import random
import statistics
from collections import deque
from dataclasses import dataclass

from .costs import ASSUMED, LARGEST_BATCH, Costs

SEED = 1
MICRO = 1e6  # microseconds in a second


@dataclass(frozen=True, slots=True)
class Outcome:
    """`busy` is the share of time in which the loop is at work; latencies are until the last reader of this
    process has a comment, milliseconds.
    """

    busy: float
    per_delivery_us: float
    events_per_write: float
    comments_per_transaction: float
    p50_ms: float
    p99_ms: float
    keeps_up: bool


def simulate(
    costs: Costs,
    *,
    readers: int,
    rate: float,
    comments: int = 4_000,
    written_here: float = 1.0,
    processes: int = 1,
) -> Outcome:
    """`readers` of the room in this process hear `rate` comments a second, of which the share
    `written_here` is written here and the rest comes over the bus from `processes` - 1 others.
    """
    chance = random.Random(SEED)
    clock, arrivals = 0.0, deque[tuple[float, bool]]()
    for _ in range(comments):
        clock += chance.expovariate(rate)
        arrivals.append((clock, chance.random() < written_here))
    return _Loop(costs, readers, processes).run(arrivals)


class _Loop:
    """Times are seconds, costs microseconds."""

    def __init__(self, costs: Costs, readers: int, processes: int) -> None:
        self.costs = costs
        self.readers = readers
        self.processes = processes
        self.now = self.used = self.writes = 0.0
        self.drafts: list[float] = []  # when each was sent
        self.writing: tuple[float, list[float]] | None = None  # when it is committed, and what
        self.committed: list[float] = []
        self.transactions = self.written = 0
        self.delays: list[float] = []

    def run(self, arrivals: deque[tuple[float, bool]]) -> Outcome:
        last = arrivals[-1][0]
        total = len(arrivals)
        while arrivals or self.drafts or self.writing or self.committed:
            duration = self._read(arrivals) + self._write() + self._send()
            if duration == 0:
                waits = [arrivals[0][0]] if arrivals else []
                self.now = min([*waits, *([self.writing[0]] if self.writing else [])])
            self.used += duration
        late = sorted(delay * 1000 for delay in self.delays)
        return Outcome(
            busy=self.used * self.costs.stretch / self.now,
            per_delivery_us=self.used * MICRO / (total * self.readers),
            events_per_write=total / max(self.writes, 1),
            comments_per_transaction=self.written / max(self.transactions, 1),
            p50_ms=statistics.median(late),
            p99_ms=late[int(len(late) * 0.99)],
            keeps_up=self.now < last * 1.05 + 1,
        )

    def _pass(self, microseconds: float) -> float:
        """Let the loop work for so long; by the clock that takes a little longer."""
        self.now += microseconds / MICRO * self.costs.stretch
        return microseconds / MICRO

    def _read(self, arrivals: deque[tuple[float, bool]]) -> float:
        begun, work = self.now, 0.0
        while arrivals and arrivals[0][0] <= begun:
            sent, here = arrivals.popleft()
            if here:
                self.drafts.append(sent)
                work += self.costs.request
            else:
                # It was written elsewhere meanwhile and is heard now.
                self.committed.append(sent)
                work += ASSUMED.bus_hear
        return self._pass(work)

    def _write(self) -> float:
        if self.writing is not None and self.writing[0] <= self.now:
            self.committed += self.writing[1]
            self.writing = None
        if self.writing is not None or not self.drafts:
            return 0.0
        batch, self.drafts = self.drafts[:LARGEST_BATCH], self.drafts[LARGEST_BATCH:]
        work = self.costs.transaction + self.costs.comment * len(batch)
        if self.processes > 1:
            # It is published, and heard by this process too.
            work += ASSUMED.bus_send + ASSUMED.bus_hear + 2 * ASSUMED.bus_each * len(batch)
        waits = (self.costs.wait_ms + ASSUMED.fsync_ms) / 1000
        spent = self._pass(work)
        self.writing = (self.now + waits, batch)
        self.transactions += 1
        self.written += len(batch)
        return spent

    def _send(self) -> float:
        events, self.committed = self.committed, []
        if not events:
            return 0.0
        at_once = self.costs.in_one_write(len(events))
        self.writes += len(events) / at_once
        delivery = self.costs.delivering(self.readers, sockets=self.readers, at_once=at_once)
        spent = self._pass(len(events) * delivery)
        self.delays += [self.now - sent for sent in events]
        return spent
