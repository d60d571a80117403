"""The threads in which sockets use the database."""

import asyncio
import threading
from contextlib import closing
from typing import cast

import psycopg
import pytest
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.utils import ConnectionHandler
from django.utils.translation import get_language, override

from accounts.models import User
from config.settings import env
from realtime.database import in_database, is_lost
from tests.servers import postgres_server


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


@pytest.mark.django_db
def test_a_connection_that_the_server_has_closed_is_noticed_without_asking() -> None:
    with postgres_server() as url, closing(_connection_to(url)) as connection:
        assert not is_lost(connection)
        connection.ensure_connection()
        assert not is_lost(connection)

        with psycopg.connect(url, autocommit=True) as administrator:
            # Waits, in milliseconds, until it is gone.
            backend = connection.connection.info.backend_pid
            administrator.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

        assert is_lost(connection)


def _connection_to(url: str) -> DatabaseWrapper:
    """A connection of Django's own kind to another database than that of the tests."""
    alone = ConnectionHandler({"default": env.db_url_config(url)})
    return cast(DatabaseWrapper, alone["default"])
