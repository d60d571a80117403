"""Who is a newcomer no more: whose first comments moderators approved, or nobody has objected to.

`User.trusted_at` keeps it. The rules ask here only where it matters, and only about those who have none yet.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from accounts.models import User

from .models import Comment, Status

# A comment that has stood for so long counts as approved: where nobody reviews what is published, regular
# readers are no newcomers on the day on which newcomers begin to be held.
STANDS_FOR = timedelta(days=1)


def trusted(user_ids: Iterable[int]) -> set[int]:
    """Who of these, who are not trusted yet, have become so; from now on their rows say it."""
    return _mark(user_id for user_id in set(user_ids) if _has_earned_it(user_id))


def approved(user_ids: Iterable[int]) -> set[int]:
    """Who of these have become trusted by what moderators have just approved; one query for all."""
    enough = (
        Comment.objects.filter(author__in=set(user_ids), status=Status.PUBLISHED, reviewed_at__isnull=False)
        .order_by()
        .values("author")
        .annotate(number=Count("pk"))
        .filter(number__gte=settings.NEWCOMER_COMMENTS)
    )
    return _mark(enough.values_list("author", flat=True))


def distrust(user_id: int, since: datetime) -> None:
    """Take back what somebody was trusted with at `since` or later."""
    User.objects.filter(pk=user_id, trusted_at__gte=since).update(trusted_at=None)


def _has_earned_it(user_id: int) -> bool:
    written = Comment.objects.filter(author=user_id, status=Status.PUBLISHED)
    # Two short walks rather than one condition with "or", which would read all that somebody ever wrote.
    stood = written.filter(created_at__lt=timezone.now() - STANDS_FOR).order_by("created_at", "id")
    approved = written.filter(reviewed_at__isnull=False)
    wanted: int = settings.NEWCOMER_COMMENTS
    ids = {*stood.values_list("pk", flat=True)[:wanted], *approved.values_list("pk", flat=True)[:wanted]}
    return len(ids) >= wanted


def _mark(user_ids: Iterable[int]) -> set[int]:
    found = set(user_ids)
    if found:
        User.objects.filter(pk__in=found, trusted_at__isnull=True).update(trusted_at=timezone.now())
    return found
