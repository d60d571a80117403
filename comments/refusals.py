"""How an author is told that a comment of theirs was rejected before anybody saw it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from realtime.errors import DEFAULT_MESSAGES, ErrorCode, Refused

from .models import Comment, Rule


def rejected(comment: Comment) -> Refused:
    """The refusal of a stored comment, with what its author needs to appeal against it."""
    decision = comment.decisions.order_by("-id").first()
    if decision is None:
        return Refused(ErrorCode.REJECTED, details={"commentId": str(comment.pk)})
    details = {
        "commentId": str(comment.pk),
        "decisionId": str(decision.pk),
        "reason": str(decision.reason),
        "explanation": decision.explanation,
        "canAppeal": not hasattr(decision, "appeal"),
    }
    return Refused(ErrorCode.REJECTED, reject_message(decision.rule), details=details)


def reject_message(rule: str) -> str | Promise:
    """What an author reads of a text that a rule, or else a moderator, rejected."""
    if rule == Rule.BANNED_WORD:
        return _("This comment was rejected because of a word that is not allowed here.")
    return DEFAULT_MESSAGES[ErrorCode.REJECTED]
