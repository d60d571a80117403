"""Sessions as Django keeps them in its table, but that one which only changes its key does not end.

Django gives a session a new key when its owner changes the password and when it was signed with a former
secret; it writes a new row and deletes the old one. `session` asks here which kind of deletion it sees.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.signing import TimestampSigner, b64_encode
from django.utils.encoding import force_bytes

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


class Decoder:
    """Reads what sessions hold as Django does, many in a row.

    For each session Django makes a signer anew and derives its key anew; this one does so once.
    """

    def __init__(self) -> None:
        self._store = DatabaseStore()
        self._signer = _Signer(salt=self._store.key_salt)

    def __call__(self, data: str) -> dict[str, Any]:
        """What is signed as it should be; an empty dictionary for anything else."""
        try:
            contents: dict[str, Any] = self._signer.unsign_object(data, serializer=self._store.serializer)
        except Exception:
            # Whatever it is: Django knows whether that is worth a line in the log.
            contents = self._store.decode(data)
        return contents


class _Signer(TimestampSigner):
    """Django's signer, which makes the same signatures from keys that it has derived before."""

    def signature(self, value: str | bytes, key: Any = None) -> str:
        if self.algorithm != "sha256":
            return super().signature(value, key)
        mac = _mac(self.salt, key or self.key).copy()
        mac.update(force_bytes(value))
        return b64_encode(mac.digest()).decode()


@lru_cache(maxsize=16)
def _mac(salt: str | bytes, secret: str | bytes) -> hmac.HMAC:
    """What `django.utils.crypto.salted_hmac` begins with for a signer."""
    key = force_bytes(salt) + b"signer" + force_bytes(secret)
    return hmac.new(hashlib.sha256(key).digest(), digestmod=hashlib.sha256)
