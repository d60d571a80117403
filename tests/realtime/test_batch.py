"""What arrives while one runs goes in the next."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import OperationalError

from realtime.batch import Batch, Trips


class Work:
    """Doubles numbers; a run waits until it is let through. 13 cannot be done."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []
        self.gate = threading.Event()
        self.started = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.runs.append(list(items))
        self.started.set()
        assert self.gate.wait(5)
        if 13 in items:
            raise ValueError("thirteen")
        return [item * 2 for item in items]

    async def has_started(self) -> None:
        await asyncio.to_thread(self.started.wait, 5)


@pytest.fixture
def work() -> Work:
    return Work()


async def test_one_alone_starts_at_once(work: Work) -> None:
    work.gate.set()

    assert await Batch(work)(4) == 8
    assert work.runs == [[4]]


async def test_those_that_wait_share_the_next_run_in_their_order(work: Work) -> None:
    batch = Batch(work)
    first = asyncio.create_task(batch(1))
    await work.has_started()
    others = [asyncio.create_task(batch(number)) for number in (5, 3, 4, 2)]
    await asyncio.sleep(0)
    work.gate.set()

    assert await asyncio.gather(first, *others) == [2, 10, 6, 8, 4]
    assert work.runs == [[1], [5, 3, 4, 2]]


async def test_a_run_takes_no_more_than_its_limit(work: Work) -> None:
    batch = Batch(work, limit=2)
    first = asyncio.create_task(batch(0))
    await work.has_started()
    others = [asyncio.create_task(batch(number)) for number in range(1, 6)]
    await asyncio.sleep(0)
    work.gate.set()

    assert await asyncio.gather(first, *others) == [0, 2, 4, 6, 8, 10]
    assert work.runs == [[0], [1, 2], [3, 4], [5]]


async def test_one_that_fails_fails_alone(work: Work) -> None:
    batch = Batch(work)
    first = asyncio.create_task(batch(1))
    await work.has_started()
    others = [asyncio.create_task(batch(number)) for number in (2, 13, 3)]
    await asyncio.sleep(0)
    work.gate.set()

    outcomes = await asyncio.gather(first, *others, return_exceptions=True)

    assert [outcomes[0], outcomes[1], outcomes[3]] == [2, 4, 6]
    assert isinstance(outcomes[2], ValueError)
    assert work.runs == [[1], [2, 13, 3], [2], [13], [3]]


async def test_after_a_failure_it_goes_on(work: Work) -> None:
    work.gate.set()
    batch = Batch(work)

    with pytest.raises(ValueError, match="thirteen"):
        await batch(13)

    assert await batch(4) == 8


async def test_a_caller_who_has_gone_harms_nobody(work: Work) -> None:
    batch = Batch(work)
    first = asyncio.create_task(batch(1))
    await work.has_started()
    gone = asyncio.create_task(batch(2))
    stays = asyncio.create_task(batch(3))
    await asyncio.sleep(0)
    gone.cancel()
    work.gate.set()

    assert list(await asyncio.gather(first, stays)) == [2, 6]
    assert gone.cancelled()


async def test_a_thousand_at_once_are_all_answered(work: Work) -> None:
    work.gate.set()
    batch = Batch(work)

    outcomes = await asyncio.gather(*(batch(number + 100) for number in range(1_000)))

    assert outcomes == [(number + 100) * 2 for number in range(1_000)]
    assert len(work.runs) <= 11


def test_it_works_in_one_loop_after_another(work: Work) -> None:
    work.gate.set()
    batch = Batch(work)

    async def ask(item: int) -> int:
        return await batch(item)

    assert [asyncio.run(ask(1)), asyncio.run(ask(2))] == [2, 4]


async def test_a_database_that_is_away_is_asked_once_for_all() -> None:
    asked: list[list[int]] = []
    gate = threading.Event()

    def away(items: Sequence[int]) -> list[int]:
        asked.append(list(items))
        assert gate.wait(5)
        raise OperationalError("away")

    batch = Batch(away)
    waiting = [asyncio.create_task(batch(number)) for number in range(4)]
    await asyncio.sleep(0.05)
    gate.set()

    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(outcome, OperationalError) for outcome in outcomes)
    assert sorted(number for numbers in asked for number in numbers) == [0, 1, 2, 3]
    assert len(asked) <= 2


async def test_batches_that_travel_together_wake_one_thread_at_a_time(work: Work) -> None:
    threads: list[tuple[str, int]] = []

    def remember(items: Sequence[str]) -> list[str]:
        threads.append(("others", threading.get_ident()))
        return [item.upper() for item in items]

    def double(items: Sequence[int]) -> list[int]:
        threads.append(("numbers", threading.get_ident()))
        return work(items)

    trips = Trips()
    numbers, others = Batch(double, trips=trips), Batch(remember, trips=trips)
    first = asyncio.create_task(numbers(1))
    await work.has_started()
    more = [asyncio.create_task(numbers(number)) for number in (2, 3)]
    words = [asyncio.create_task(others(word)) for word in ("a", "b")]
    await asyncio.sleep(0.01)
    assert [who for who, _ in threads] == ["numbers"]
    work.gate.set()

    assert await asyncio.gather(first, *more, *words) == [2, 4, 6, "A", "B"]
    assert work.runs == [[1], [2, 3]]
    assert [who for who, _ in threads] == ["numbers", "numbers", "others"]
    assert threads[1][1] == threads[2][1]


async def test_one_batch_that_breaks_harms_no_other_on_the_same_trip(work: Work) -> None:
    trips = Trips()
    numbers = Batch(work, trips=trips)
    others = Batch[str, str](lambda items: [item.upper() for item in items], trips=trips)
    work.gate.set()

    outcomes = await asyncio.gather(numbers(1), numbers(13), others("a"), numbers(2), return_exceptions=True)

    assert [outcomes[0], *outcomes[2:]] == [2, "A", 4]
    assert isinstance(outcomes[1], ValueError)


async def test_a_database_that_is_away_is_away_for_its_own_batch() -> None:
    def away(items: Sequence[int]) -> list[int]:
        raise OperationalError("away")

    trips = Trips()
    gone, there = Batch(away, trips=trips), Batch[int, int](lambda items: list(items), trips=trips)

    outcomes = await asyncio.gather(gone(1), gone(2), there(3), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [OperationalError, OperationalError, int]
