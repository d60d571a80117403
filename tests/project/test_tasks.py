import asyncio
import time
from contextlib import suppress

import pytest

from tests.tasks import comes_to, end, patience


async def test_a_task_that_loses_a_cancellation_ends_all_the_same() -> None:
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            lost += 1
            await asyncio.sleep(60)

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end([task])

    assert lost == 1
    assert task.cancelled()


async def test_how_a_task_fails_is_its_own_affair() -> None:
    async def fails() -> None:
        raise OSError

    task = asyncio.create_task(fails())
    await end([task])
    await end([])

    assert task.done()


async def test_patience_ends() -> None:
    with pytest.raises(TimeoutError):
        async with patience(0.1):
            await asyncio.sleep(60)


async def test_patience_does_not_count_what_held_up_the_test_itself() -> None:
    async with patience(0.3):
        await asyncio.sleep(0.1)
        time.sleep(0.5)  # noqa: ASYNC251
        await asyncio.sleep(0.1)


async def test_what_does_not_come_fails_with_what_is_there_instead() -> None:
    numbers = iter(range(100))

    async def ask() -> int:
        return next(numbers)

    await comes_to(3, ask)
    with pytest.raises(AssertionError, match="instead of 2"):
        await comes_to(2, ask, within=0.2)
