"""When people were last here: noted rarely, in batches, and only of those of whom somebody may ask."""

from collections.abc import Mapping
from datetime import datetime

from .models import LastSeen, PersonFollow, User

PEOPLE_AT_ONCE = 500


def note(seen: Mapping[int, datetime]) -> int:
    """Note when these people were last seen, two statements for hundreds; of how many it was noted.

    Of whom nobody follows, and of who does not want to be named, nothing is kept.
    """
    ids = sorted(seen)
    noted = 0
    for start in range(0, len(ids), PEOPLE_AT_ONCE):
        followed = PersonFollow.objects.filter(person__in=ids[start : start + PEOPLE_AT_ONCE])
        wanted = User.objects.filter(pk__in=followed.values("person"), is_active=True, is_shown=True)
        rows = [
            LastSeen(user_id=pk, at=seen[pk]) for pk in wanted.order_by("pk").values_list("pk", flat=True)
        ]
        # Two processes may note the same people: in the same order, so that neither waits for ever.
        LastSeen.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["user"], update_fields=["at"]
        )
        noted += len(rows)
    return noted
