"""What arrives while one runs goes in the next: work is batched by load alone, without a timer.

The first item starts at once and alone. Those that come meanwhile leave together when it is done, so
an idle server adds no delay and a busy one pays for one transaction instead of many.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

from .database import in_database

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Batch(Generic[Item, Outcome]):
    """Calls `run(items)` in a database thread; it returns one outcome per item, in their order."""

    def __init__(self, run: Callable[[Sequence[Item]], Sequence[Outcome]], *, limit: int = 100) -> None:
        self._run = run
        self._limit = limit
        self._waiting: deque[tuple[Item, asyncio.Future[Outcome]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Outcome:
        """The outcome for `item`; raises what `run` raised for it."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                size = min(len(self._waiting), self._limit)
                await self._settle([self._waiting.popleft() for _ in range(size)])
        finally:
            self._worker = None

    async def _settle(self, entries: list[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await in_database(self._run, [item for item, _ in entries])
        except (OperationalError, InterfaceError) as problem:
            # The database is away, for all of them: to try one after the other would take as many time-outs.
            for _, future in entries:
                _finish(future, problem=problem)
        except Exception as problem:
            if len(entries) == 1:
                _finish(entries[0][1], problem=problem)
                return
            # One item that breaks the batch must not take the others with it.
            for entry in entries:
                await self._settle([entry])
        else:
            for (_, future), outcome in zip(entries, outcomes, strict=True):
                _finish(future, outcome=outcome)


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
