"""Which request or connection a log line is about.

Lines never hold comment text, cookies or session keys; the id is enough to find what belongs together.
"""

import logging
from contextvars import ContextVar

about: ContextVar[str] = ContextVar("about", default="-")


class About(logging.Filter):
    """Gives each record an `about`: a request's or a connection's id, or "-"."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.about = about.get()
        return True
