"""Tasks of tests, and their end."""

import asyncio
from collections.abc import Iterable
from typing import Any

PATIENCE = 0.5  # seconds after which a task is told again


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
