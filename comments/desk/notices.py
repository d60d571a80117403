"""From a verb that changed something to the desks of all processes.

A notice says which comments, and nothing about them: each process that has moderators reads them itself, many
at a time, and one that has none is done. So a comment costs the desks nothing while nobody moderates.
"""

from collections.abc import Sequence

from realtime.publish import notify_on_commit

# What the bus calls it.
NOTICE = "desk"
# Of more at once nobody is told one by one: desks read their queues anew.
MANY = 100


def noticed(comment_ids: Sequence[int], *, are_new: bool = False) -> None:
    """Let all desks know, after the commit, that these comments changed, or came to be."""
    ids = list(comment_ids) if len(comment_ids) <= MANY else None
    notify_on_commit(NOTICE, ids=ids, new=are_new)
