"""The way from the event loop to the database: a small pool of threads.

asgiref's own `database_sync_to_async` runs everything outside a request on one thread per process, so
a storm of handshakes would queue behind each other there. Threads here keep their connection between
calls and drop it when it broke.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections
from django.utils.translation import get_language, override

T = TypeVar("T")


async def in_database(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a function that uses the ORM in one of the database threads, in the caller's language."""
    # Django keeps the language in asgiref's `Local`, which a copied context does not carry over.
    call = partial(_in_language, get_language(), partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_pool(), _with_sound_connection, call)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix="database")


def _in_language(language: str | None, call: Callable[[], T]) -> T:
    with override(language):
        return call()


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
