"""Moderators' verbs: each writes the change, the decision and the post's next version at once."""

from django.db import transaction

from accounts.models import User
from realtime.errors import ErrorCode, Refused

from . import rules
from .actions import lock_comment, reveal, rewrite, withdraw
from .models import Comment, Decision, Remover, Status, Verdict


def hide_comment(comment_id: int, *, acting_user: User, reason: str = "") -> Comment:
    """Take a comment out of sight; it can be restored."""
    return _decide(comment_id, Verdict.HIDE, acting_user, reason)


def restore_comment(comment_id: int, *, acting_user: User, reason: str = "") -> Comment:
    """Put a hidden, held or removed comment back in its place."""
    return _decide(comment_id, Verdict.RESTORE, acting_user, reason)


def remove_comment(comment_id: int, *, acting_user: User, reason: str = "") -> Comment:
    """Remove a comment for good as far as readers are concerned; its row stays for the record."""
    return _decide(comment_id, Verdict.REMOVE, acting_user, reason)


def edit_comment(comment_id: int, content: str, *, acting_user: User, reason: str = "") -> Comment:
    """Change the text of somebody's comment; the decision keeps the text as it stood."""
    rules.check_text(content)
    return _decide(comment_id, Verdict.EDIT, acting_user, reason, content)


def _decide(comment_id: int, verdict: Verdict, acting_user: User, reason: str, content: str = "") -> Comment:
    if not (acting_user.is_active and acting_user.has_perm("comments.change_comment")):
        raise Refused(ErrorCode.FORBIDDEN)
    with transaction.atomic():
        comment = lock_comment(comment_id)
        before = (comment.status, comment.content)
        if verdict == Verdict.HIDE:
            withdraw(comment, Status.REJECTED, by=Remover.MODERATOR)
        elif verdict == Verdict.REMOVE:
            withdraw(comment, Status.REMOVED, by=Remover.MODERATOR)
        elif verdict == Verdict.RESTORE:
            reveal(comment)
        else:
            rewrite(comment, content)
        if (comment.status, comment.content) != before:
            Decision.objects.create(
                comment=comment,
                moderator=acting_user,
                verdict=verdict,
                reason=reason,
                content=before[1],
            )
    return comment
