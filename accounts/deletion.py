"""Deleting one's own account.

The row stays, empty and without a name, because comments, decisions and sanctions hang on it; whatever says
who it was goes in one transaction, and the sockets with it, in every process. What takes longer, removing
thousands of comments, say, is done in batches by whoever comes by: the request for the first second, then a
job of each process that serves sockets. A batch and the note that it is done are one transaction.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from realtime.errors import ErrorCode, Refused
from realtime.events import EndReason
from realtime.publish import end_sockets_on_commit
from realtime.session import user_room

from .erasure import empty
from .models import Deletion, Fate, User

# A comment may have been on its way while its author left: nothing counts as finished before this has passed.
SETTLES = timedelta(seconds=10)
# Does a batch of what has to be done about this person's things, in the transaction that it is called in, and
# says whether nothing is left.
Eraser = Callable[[User, Fate], bool]
_erasers: list[Eraser] = []


def erase_with(eraser: Eraser) -> None:
    """Have `eraser` called for each deleted account until it says that nothing is left."""
    _erasers.append(eraser)


def is_only_superuser(user: User) -> bool:
    """Whether nobody could administer the site without them."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return user.is_superuser and not others.exists()


def delete_account(*, acting_user: User, fate: Fate | str, is_sure: bool = False) -> Deletion:
    """Take everything from an account that says whose it was, and end its sessions and sockets.

    `is_sure` has to be said by the only superuser. Raises `Refused`: `invalid` for what is no fate,
    `conflict` where the only superuser is not sure, `not_found` for who is deleted already.
    """
    if fate not in Fate.values:
        raise Refused(ErrorCode.INVALID, _("Please choose what becomes of your comments."))
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=acting_user.pk, is_active=True).first()
        if user is None or user.is_deleted:
            raise Refused(ErrorCode.NOT_FOUND)
        if is_only_superuser(user) and not is_sure:
            raise Refused(ErrorCode.CONFLICT, _("Nobody could administer this site without you."))
        # First, so that it is the reason they hear; the end of each session would give another.
        end_sockets_on_commit(user_room(user.pk), EndReason.DELETED)
        empty(user)
        return Deletion.objects.create(user=user, fate=fate)


def advance(user_id: int, *, seconds: float) -> bool:
    """Go on with one account for about so long, a batch at least; whether nothing was left."""
    end = time.monotonic() + seconds
    while not (is_done := _next(user_id)) and time.monotonic() < end:
        pass
    return is_done


def carry_on(seconds: float = 1.0) -> int:
    """Go on with those under way, the oldest first; how many there are."""
    waiting = Deletion.objects.filter(finished_at__isnull=True).order_by("asked_at")
    ids = list(waiting.values_list("pk", flat=True)[:10])
    for user_id in ids:
        advance(user_id, seconds=seconds / len(ids))
    return len(ids)


def _next(user_id: int) -> bool:
    """One batch. Where another process is at it, there is nothing to do here."""
    with transaction.atomic():
        mine = Deletion.objects.select_for_update(skip_locked=True).filter(finished_at__isnull=True)
        deletion = mine.filter(pk=user_id).first()
        if deletion is None:
            return True
        user = User.objects.get(pk=user_id)
        left = [eraser for eraser in _erasers if not eraser(user, Fate(deletion.fate))]
        if not left and timezone.now() - deletion.asked_at > SETTLES:
            deletion.finished_at = timezone.now()
            deletion.save(update_fields=["finished_at"])
        return not left
