"""Moderators' verbs: each writes the changes, the decisions and the posts' next versions at once.

`decide` is a batch: a room hears of its batch by one event, and so does each author. A decision about
something that has changed since the moderator saw it is refused with what changed: pass `seen`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.reasons import Reason
from realtime.errors import ErrorCode, Refused

from . import rules
from .actions import lock_comment, reveal, rewrite, withdraw
from .models import Comment, Decision, Remover, Status, Verdict

# Comments that one transaction decides about; a post's row is held for about as long as they take.
AT_ONCE = 200
TEXT_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one comment: the decision, None if it changed nothing; or why it was refused."""

    comment_id: int
    comment: Comment | None = None
    decision: Decision | None = None
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long work has come. `changed` and `refused` are among those that are `done`."""

    done: int
    total: int
    changed: int
    refused: int


def seen_token(comment: Comment) -> str:
    """What a moderator saw of a comment, for `decide` to compare: its status, its text, its last decision."""
    raise NotImplementedError


def decide(
    comment_ids: Sequence[int],
    verdict: Verdict | str,
    *,
    acting_user: User,
    reason: Reason | str = "",
    explanation: str = "",
    note: str = "",
    seen: Mapping[int, str] | None = None,
) -> list[Outcome]:
    """Approve, reject, mark as spam, restore, remove or hold up to `AT_ONCE` comments in one transaction.

    One outcome per id, in their order. `seen` has the `seen_token` of what the moderator saw, by id; a
    comment that has changed is refused by itself with `conflict`, its `details` saying what changed.
    `reason` is a code, `explanation` goes to the author, `note` stays among colleagues. Raises `Refused`
    for all: `forbidden` without the permission `comments.moderate` (with the setting `AUTHORS_MODERATE` a
    post's author has it there), `invalid`, `too_long`.
    """
    raise NotImplementedError


def decide_all(
    comment_ids: Iterable[int],
    verdict: Verdict | str,
    *,
    acting_user: User,
    reason: Reason | str = "",
    explanation: str = "",
    note: str = "",
) -> Iterator[Progress]:
    """The same for thousands: transactions of `AT_ONCE`, and how far it is after each.

    What has been decided stays so if nobody asks for the rest. Raises `Refused` at once, as `decide` does.
    """
    raise NotImplementedError


def purge(
    user_id: int,
    *,
    acting_user: User,
    reason: Reason | str = Reason.SPAM,
    explanation: str = "",
    note: str = "",
) -> Iterator[Progress]:
    """Reject everything that somebody wrote and readers can see, or moderators have not decided about.

    Raises `Refused` at once: `forbidden` without both `comments.moderate` and `accounts.sanction_users`.
    """
    raise NotImplementedError


def undo(decision_id: int, *, acting_user: User) -> Decision:
    """Put a comment back to where it was before a decision, which has to be the last one about it.

    Flags that it settled are open again. Raises `Refused`: `forbidden` as `decide`, `not_found`, `conflict`
    where something happened to the comment since.
    """
    raise NotImplementedError


def hide_comment(comment_id: int, *, acting_user: User, note: str = "") -> Comment:
    """Reject one comment; it can be restored. Raises `Refused`."""
    return _one(comment_id, Verdict.REJECT, acting_user, note)


def restore_comment(comment_id: int, *, acting_user: User, note: str = "") -> Comment:
    """Put one hidden, held or removed comment back in its place. Raises `Refused`."""
    return _one(comment_id, Verdict.RESTORE, acting_user, note)


def remove_comment(comment_id: int, *, acting_user: User, note: str = "") -> Comment:
    """Remove one comment for good as far as readers are concerned; its row stays. Raises `Refused`."""
    return _one(comment_id, Verdict.REMOVE, acting_user, note)


def edit_comment(comment_id: int, content: str, *, acting_user: User, note: str = "") -> Comment:
    """Change the text of somebody's comment; the decision keeps the text as it stood. Raises `Refused`."""
    raise NotImplementedError
