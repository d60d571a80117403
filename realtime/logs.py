"""Which request or connection a log line is about.

Lines never hold comment text, cookies or session keys; the id is enough to find what belongs together.
"""

import logging
import time
from contextvars import ContextVar

about: ContextVar[str] = ContextVar("about", default="-")


class About(logging.Filter):
    """Gives each record an `about`: a request's or a connection's id, or "-"."""

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
