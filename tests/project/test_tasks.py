import asyncio
from contextlib import suppress

from tests.tasks import end


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
