"""From a verb that changed somebody's inbox to their sockets in all processes.

A notice says whose inbox and which groups, and nothing about them: a process in which these people have
sockets reads them once, and one in which they have none is done. So ten thousand who are told and not here
cost the sockets nothing, and whatever a page shows was read after the commit.
"""

from collections.abc import Iterable
from itertools import islice

from realtime.publish import notify_on_commit

# What the bus calls it.
NOTICE = "inbox"
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
