"""Tasks of tests and their end, and waiting for what comes in its own time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

PATIENCE = 0.5  # seconds after which a task is told again
LOOK = 0.05  # seconds between two looks


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended; how they end is their own affair.

    Once is not enough: before Python 3.12 `asyncio.wait_for`, which clients and drivers wait with, loses a
    cancellation that comes at the same time as what it waits for.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=PATIENCE)
        await asyncio.gather(*done, return_exceptions=True)


async def comes_to(wanted: Any, ask: Callable[[], Awaitable[Any]], *, within: float = 15.0) -> None:
    """Wait until asking gives what is wanted; fail with what it gives where that takes so many seconds."""
    loop = asyncio.get_running_loop()
    end_at = loop.time() + within
    while (found := await ask()) != wanted and loop.time() < end_at:
        await asyncio.sleep(LOOK)
    assert found == wanted
