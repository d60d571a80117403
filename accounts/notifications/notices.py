"""From a verb that changed somebody's inbox to their sockets in all processes.

A notice says whose inbox and which groups, and nothing about them: a process in which these people have
sockets reads them once, and one in which they have none is done. So ten thousand who are told and not here
cost the sockets nothing, and whatever a page shows was read after the commit.
"""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from realtime.publish import notify_on_commit

# What the bus calls it; and that somebody is in other groups than before.
NOTICE = "inbox"
MOVED = "inbox_moved"
AT_ONCE = 500
# What stands in a notice instead of a group: something is gone; something was read; see whether all is here.
STALE, READ, CHECK = "", "-", "?"


def noticed(told: Iterable[tuple[int, str]]) -> None:
    """Let sockets know, after the commit, that these people have something new in these groups."""
    left = iter(told)
    while some := list(islice(left, AT_ONCE)):
        notify_on_commit(NOTICE, told=[list(each) for each in some])


def stale(user_ids: Iterable[int]) -> None:
    """Let sockets know that something of what these people were told is no more as it was."""
    noticed((user_id, STALE) for user_id in user_ids)


def read(user_ids: Iterable[int]) -> None:
    """Let sockets know that what these people have left to read is less now, and nothing else."""
    noticed((user_id, READ) for user_id in user_ids)


def groups_changed(
    instance: Any, action: str, reverse: bool, pk_set: Collection[int] | None, **kwargs: Any
) -> None:
    """Whoever comes into a group hears what is said to it from now on, and whoever leaves it no more."""
    users: list[int] = []
    if not reverse:
        users = [instance.pk] if action.startswith("post_") else []
    elif action == "pre_clear":  # afterwards nobody knows who was in it
        users = list(instance.user_set.values_list("pk", flat=True))
    elif action.startswith("post_"):
        users = list(pk_set or ())
    if users:
        notify_on_commit(MOVED, users=users)
