"""Sessions as Django keeps them in its table, but that one which only changes its key does not end.

Django gives a session a new key when its owner changes the password and when it was signed with a former
secret; it writes a new row and deletes the old one. `session` asks here which kind of deletion it sees.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

_moving: ContextVar[bool] = ContextVar("moving", default=False)


def is_moving() -> bool:
    """Whether the row that is being deleted lives on under another key."""
    return _moving.get()


@contextmanager
def _move() -> Iterator[None]:
    before = _moving.set(True)
    try:
        yield
    finally:
        _moving.reset(before)


class SessionStore(DatabaseStore):
    def cycle_key(self) -> None:
        with _move():
            super().cycle_key()

    async def acycle_key(self) -> None:
        with _move():
            await super().acycle_key()
