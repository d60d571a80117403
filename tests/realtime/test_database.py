"""The threads in which sockets use the database."""

import threading

import pytest
from django.utils.translation import get_language, override

from accounts.models import User
from realtime.database import in_database


async def test_it_runs_in_another_thread_and_returns_or_raises() -> None:
    assert await in_database(threading.get_ident) != threading.get_ident()
    assert await in_database(max, 1, 2, key=lambda number: -number) == 1
    with pytest.raises(ZeroDivisionError):
        await in_database(divmod, 1, 0)


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_it_speaks_the_callers_language_and_leaves_none_behind(language: str) -> None:
    with override(language):
        assert await in_database(get_language) == language

    with override("en"):
        assert await in_database(get_language) == "en"


@pytest.mark.django_db(transaction=True)
def test_it_sees_what_was_committed(owner: User) -> None:
    import asyncio

    assert asyncio.run(in_database(User.objects.get, pk=owner.pk)) == owner
