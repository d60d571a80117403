"""An author may answer a decision against their comment, once; a moderator answers that."""

from accounts.models import User

from .models import Appeal

TEXT_LIMIT = 1_000


def appeal(decision_id: int, text: str, *, acting_user: User) -> Appeal:
    """Appeal against the decision that keeps one's own comment from readers; the same text again is one.

    Raises `Refused`: `not_found` for a decision about somebody else's comment, or one that does not hold
    any more; `conflict` where there is another appeal already; `invalid`, `too_long`.
    """
    raise NotImplementedError


def answer_appeal(
    appeal_id: int, accepted: bool, *, acting_user: User, explanation: str = "", note: str = ""
) -> Appeal:
    """Accept an appeal, which restores the comment, or turn it down; the author is told either way.

    Raises `Refused`: `forbidden` without the permission `comments.moderate`, `not_found`, `conflict` where
    it has been answered, or where the comment has changed so that nothing can be restored.
    """
    raise NotImplementedError
