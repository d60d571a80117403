"""Every decision, as a file that a spreadsheet opens."""

from collections.abc import Iterator
from datetime import datetime

from accounts.models import User


def csv_lines(
    *, acting_user: User, since: datetime | None = None, until: datetime | None = None
) -> Iterator[str]:
    """All decisions made from `since` until before `until`, oldest first, as lines of CSV with a heading.

    Nothing is kept in memory, so it may be streamed however many there are. No cell begins like a formula.
    Raises `Refused` at once: `forbidden` without the permission `comments.moderate`.
    """
    raise NotImplementedError
