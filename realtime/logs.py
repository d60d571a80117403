"""Which request or connection a log line is about.

Lines never hold comment text, cookies, session keys or the ids of connections; a name is enough to find
what belongs together.
"""

import hashlib
import logging
import re
import time
from contextvars import ContextVar

from redis.exceptions import RedisError

_SID = re.compile(r"(?<=[?&])sid=[^&\s]+")

about: ContextVar[str] = ContextVar("about", default="-")


def name_of(secret: str) -> str:
    """What a connection is called in the log. Whoever reads its id there could poll in its reader's place."""
    return hashlib.blake2s(secret.encode(), digest_size=5).hexdigest()


class About(logging.Filter):
    """Gives each record an `about`: a request's id, a connection's name, or "-"."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.about = about.get()
        return True


class Ration(logging.Filter):
    """Lets `per_minute` lines through and counts the rest, for what any stranger can cause."""

    def __init__(self, per_minute: int) -> None:
        super().__init__()
        self._per_minute = per_minute
        self._minute = 0.0
        self._lines = 0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now - self._minute >= 60:
            kept_back = self._lines - self._per_minute
            if kept_back > 0:
                record.msg = f"{record.msg} (and {kept_back} more like it before)"
            self._minute, self._lines = now, 0
        self._lines += 1
        return self._lines <= self._per_minute


class OneLine(logging.Filter):
    """Puts what went wrong in place of its traceback where Redis is away: channels-redis would write one a
    second for as long as it lasts."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], (RedisError, OSError)):
            problem = record.exc_info[1]
            record.msg, record.args = f"{record.getMessage()}: {type(problem).__name__}: {problem}", ()
            record.exc_info = record.exc_text = None
        return True


class NoIds(logging.Filter):
    """Takes the ids of connections out of daphne's lines about requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SID.sub("sid=…", record.getMessage()), ()
        return True
