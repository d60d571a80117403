"""The threads in which sockets use the database."""

import asyncio
import threading

import pytest
from django.conf import settings
from django.db import connection
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
    assert asyncio.run(in_database(User.objects.get, pk=owner.pk)) == owner


@pytest.mark.django_db(transaction=True)
async def test_a_thread_notices_that_its_connection_was_lost() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("a file has no connections that get lost")
    before = {await in_database(_backend) for _ in range(settings.DATABASE_THREADS * 2)}

    await asyncio.to_thread(_end, before)

    after = {await in_database(_backend) for _ in range(settings.DATABASE_THREADS * 2)}
    assert not before & after


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _end(backends: set[int]) -> None:
    with connection.cursor() as cursor:
        for backend in backends:
            # Waits, in milliseconds, until it is gone.
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    connection.close()
