"""Budgets: who has spent one waits, and nobody else does."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from realtime import budgets
from realtime.budgets import Budget, check_lock, spend
from realtime.errors import ErrorCode, Refused

TWO_A_MINUTE = Budget("test_two", 2, 60)
LOCKING = Budget("test_locking", 1, 60, locked_for=120)


@pytest.fixture(autouse=True)
def fresh_counters(settings: Settings) -> Iterator[None]:
    settings.BUDGETS = True
    budgets._counters.cache_clear()
    yield
    budgets._counters.cache_clear()


async def test_a_spent_budget_refuses_and_says_when_to_come_back() -> None:
    await spend(TWO_A_MINUTE, "amy")
    await spend(TWO_A_MINUTE, "amy")
    with pytest.raises(Refused) as refusal:
        await spend(TWO_A_MINUTE, "amy")
    assert refusal.value.code == ErrorCode.RATE_LIMITED
    assert refusal.value.retry_after is not None
    assert 50 <= refusal.value.retry_after <= 60


async def test_one_persons_budget_is_not_anothers() -> None:
    await spend(TWO_A_MINUTE, "amy")
    await spend(TWO_A_MINUTE, "amy")
    await spend(TWO_A_MINUTE, "bob")


async def test_a_locking_budget_refuses_for_longer_than_its_window() -> None:
    await check_lock(LOCKING, "amy")
    await spend(LOCKING, "amy")
    await check_lock(LOCKING, "amy")
    with pytest.raises(Refused):
        await spend(LOCKING, "amy")
    with pytest.raises(Refused) as refusal:
        await check_lock(LOCKING, "amy")
    assert refusal.value.retry_after is not None
    assert 110 <= refusal.value.retry_after <= 120


async def test_switched_off_budgets_limit_nothing(settings: Settings) -> None:
    settings.BUDGETS = False
    for _ in range(5):
        await spend(TWO_A_MINUTE, "amy")


async def test_without_an_answer_from_redis_memory_counts(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # nobody listens there
    budgets._counters.cache_clear()
    await spend(TWO_A_MINUTE, "amy")
    await spend(TWO_A_MINUTE, "amy")
    with pytest.raises(Refused):
        await spend(TWO_A_MINUTE, "amy")
    assert caplog.text.count("Redis does not answer") == 1
