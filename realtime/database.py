"""The way from the event loop to the database: a small pool of threads.

asgiref's own `database_sync_to_async` runs everything outside a request on one thread per process, so
a storm of handshakes would queue behind each other there. Threads here keep their connection between
calls and drop it when it broke.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from threading import Barrier
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import Error
from django.utils.translation import get_language, override

T = TypeVar("T")


async def in_database(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a function that uses the ORM in one of the database threads, in the caller's language."""
    # Django keeps the language in asgiref's `Local`, which a copied context does not carry over.
    call = partial(_run, get_language(), partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_pool(), call)


def is_storable(text: str) -> bool:
    """Whether the database takes a text: PostgreSQL refuses NUL, and half a character is no UTF-8."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def let_go() -> None:
    """Close the connections of all threads, between their calls."""
    meeting = Barrier(settings.DATABASE_THREADS)  # so that each thread gets one of the calls

    def close() -> None:
        meeting.wait(10)
        connections.close_all()

    for closed in [_pool().submit(close) for _ in range(settings.DATABASE_THREADS)]:
        closed.result()


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix="database")


def _run(language: str | None, call: Callable[[], T]) -> T:
    # No request signals fire here, so nobody else would replace a connection that went bad.
    for connection in connections.all(initialized_only=True):
        if is_lost(connection):
            connection.close()
    with override(language):
        return call()


def is_lost(connection: BaseDatabaseWrapper) -> bool:
    """Whether the connection has to be replaced."""
    if connection.errors_occurred:
        connection.errors_occurred = not connection.is_usable()
        return connection.errors_occurred
    if connection.vendor != "postgresql" or connection.connection is None:
        return False
    # A server that restarted has said so, and it is here already: looking costs next to nothing, asking
    # the server before each call would double what a small one costs.
    try:
        with connection.wrap_database_errors:
            for _ in ("its last words", "the end"):
                connection.connection.pgconn.consume_input()
    except Error:
        return True
    return False
