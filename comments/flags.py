"""What readers say about others' comments."""

from accounts.models import User
from accounts.reasons import Reason

from .models import Flag

NOTE_LIMIT = 500


def flag(comment_id: int, reason: Reason | str, note: str = "", *, acting_user: User) -> Flag:
    """Report somebody else's published comment to the moderators; once per person, again changes nothing.

    Raises `Refused`: `not_found` for what this reader cannot see, `forbidden` for one's own comment and
    for whoever is banned, `invalid` for an unknown reason or `other` without a note, `too_long`.
    """
    raise NotImplementedError
