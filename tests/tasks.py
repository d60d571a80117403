"""Tasks of tests and their end, and waiting for what comes in its own time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
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


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """As `asyncio.timeout`, but what this process was itself kept from running does not count."""
    loop = asyncio.get_running_loop()
    next_look: asyncio.TimerHandle | None = None

    def look(due: float) -> None:
        late, end_at = loop.time() - due, limit.when()
        if late > LOOK and end_at is not None and not limit.expired():
            limit.reschedule(end_at + late)
        look_again()

    def look_again() -> None:
        nonlocal next_look
        due = loop.time() + LOOK
        next_look = loop.call_at(due, look, due)

    async with asyncio.timeout(seconds) as limit:
        look_again()
        try:
            yield
        finally:
            if next_look is not None:
                next_look.cancel()


async def comes_to(wanted: Any, ask: Callable[[], Awaitable[Any]], *, within: float = 15.0) -> None:
    """Wait until asking gives what is wanted; fail with what it gives where that takes so many seconds."""
    found = None
    with suppress(TimeoutError):
        async with patience(within):
            while (found := await ask()) != wanted:
                await asyncio.sleep(LOOK)
    assert found == wanted, f"{found!r} instead of {wanted!r}"
