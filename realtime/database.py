"""The way from the event loop to the database: a small pool of threads.

asgiref's own `database_sync_to_async` runs everything outside a request on one thread per process, so
a storm of handshakes would queue behind each other there. Threads here keep their connection between
calls and drop it when it broke.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections

T = TypeVar("T")


async def in_database(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a function that uses the ORM in one of the database threads, with the caller's context."""
    context = contextvars.copy_context()
    call = partial(context.run, _with_sound_connection, partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_pool(), call)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix="database")


def _with_sound_connection(call: Callable[[], T]) -> T:
    # No request signals fire here, so nobody else would replace a connection that went bad.
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred and not connection.is_usable():
            connection.close()
    try:
        return call()
    finally:
        for connection in connections.all(initialized_only=True):
            if connection.vendor == "postgresql":
                connection.close()  # back to the process's pool
