"""What arrives while one runs goes in the next: work is batched by load alone, without a timer.

The first item starts at once and alone. Those that come meanwhile leave together when it is done, so
an idle server adds no delay and a busy one pays for one transaction instead of many. Batches of reads may
share their trips to the database: to wake a thread costs more than what a few readers want of it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError

from .database import in_database

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Entry = tuple[Item, asyncio.Future[Outcome]]
Run = Callable[[Sequence[Any]], Sequence[Any]]


class Trips:
    """Batches that go to the database together, in one thread and one after the other."""

    def __init__(self) -> None:
        self._batches: list[Batch[Any, Any]] = []
        self._worker: asyncio.Task[None] | None = None

    def add(self, batch: "Batch[Any, Any]") -> None:
        self._batches.append(batch)

    def begin(self) -> None:
        """Something waits."""
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            while loads := [(batch, batch.take()) for batch in self._batches if batch.waiting]:
                calls = [(batch.run, [item for item, _ in entries]) for batch, entries in loads]
                for (batch, entries), outcomes in zip(loads, await _called(calls), strict=True):
                    await batch.settle(entries, outcomes)
        finally:
            self._worker = None


class Batch(Generic[Item, Outcome]):
    """Calls `run(items)` in a database thread; it returns one outcome per item, in their order."""

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Sequence[Outcome]],
        *,
        limit: int = 100,
        trips: Trips | None = None,
    ) -> None:
        self.run = run
        self.waiting: deque[Entry[Item, Outcome]] = deque()
        self._limit = limit
        self._trips = trips or Trips()
        self._trips.add(self)

    async def __call__(self, item: Item) -> Outcome:
        """The outcome for `item`; raises what `run` raised for it."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.waiting.append((item, future))
        self._trips.begin()
        return await future

    def take(self) -> list[Entry[Item, Outcome]]:
        """As many of those that wait as may go at once."""
        return [self.waiting.popleft() for _ in range(min(len(self.waiting), self._limit))]

    async def settle(
        self, entries: list[Entry[Item, Outcome]], outcomes: Sequence[Outcome] | Exception
    ) -> None:
        """Tell each what became of it."""
        if not isinstance(outcomes, Exception):
            for (_, future), outcome in zip(entries, outcomes, strict=True):
                _finish(future, outcome=outcome)
        elif len(entries) == 1 or isinstance(outcomes, OperationalError | InterfaceError):
            # Where the database is away, to try one after the other would take as many time-outs.
            for _, future in entries:
                _finish(future, problem=outcomes)
        else:
            # One item that breaks the batch must not take the others with it.
            for entry in entries:
                [alone] = await _called([(self.run, [entry[0]])])
                await self.settle([entry], alone)


async def _called(calls: list[tuple[Run, list[Any]]]) -> Sequence[Sequence[Any] | Exception]:
    """What each of the calls returned or raised."""
    try:
        return await in_database(_call, calls)
    except Exception as problem:
        # The boundary between the callers and the thread: each hears what happened to its own.
        return [problem] * len(calls)


def _call(calls: list[tuple[Run, list[Any]]]) -> list[Sequence[Any] | Exception]:
    outcomes: list[Sequence[Any] | Exception] = []
    for run, items in calls:
        try:
            outcomes.append(run(items))
        except Exception as problem:
            outcomes.append(problem)
    return outcomes


def _finish(
    future: "asyncio.Future[Outcome]",
    *,
    outcome: Outcome | None = None,
    problem: Exception | None = None,
) -> None:
    if future.done():  # its caller has gone
        return
    if problem is not None:
        future.set_exception(problem)
    else:
        future.set_result(outcome)  # type: ignore[arg-type]
