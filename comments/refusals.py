"""How an author is told that a comment of theirs was refused, or rejected before anybody saw it.

In the chat a comment is called a message, and so it is in what its author is told there.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import sanctions
from accounts.models import Sanction
from realtime.errors import DEFAULT_MESSAGES, ErrorCode, Refused

from .models import Comment, Rule

# What differs where messages are written: in a room, or to one person.
OF_MESSAGES: Mapping[ErrorCode, Promise] = {
    ErrorCode.CLOSED: _("This room is closed."),
    ErrorCode.READ_ONLY: _("This room can be read, but not written in."),
    ErrorCode.SLOW_MODE: _("Slow mode is on: please wait a moment before the next message."),
    ErrorCode.SUSPENDED: _("You are suspended from writing for now."),
    ErrorCode.PAUSED: _("Nobody can write anywhere for the moment."),
    ErrorCode.BANNED: _("You may no longer write here."),
    ErrorCode.REJECTED: _("This message was rejected."),
}


def refused(code: ErrorCode, *, is_message: bool, **more: Any) -> Refused:
    """A refusal in the words of comments, or of messages."""
    return Refused(code, OF_MESSAGES.get(code) if is_message else None, **more)


def silenced(sanction: Sanction, *, is_message: bool) -> Refused:
    """How whoever may not write is told so."""
    why = sanctions.refusal(sanction)
    return refused(why.code, is_message=is_message, retry_after=why.retry_after, details=why.details)


def rejected(comment: Comment) -> Refused:
    """The refusal of a stored comment, with what its author needs to appeal against it."""
    decision = comment.decisions.order_by("-id").first()
    if decision is None:
        found = {"commentId": str(comment.pk)}
        return refused(ErrorCode.REJECTED, is_message=comment.post.is_room, details=found)
    details = {
        "commentId": str(comment.pk),
        "decisionId": str(decision.pk),
        "reason": str(decision.reason),
        "explanation": decision.explanation,
        "canAppeal": not hasattr(decision, "appeal"),
    }
    message = reject_message(decision.rule, is_message=comment.post.is_room)
    return Refused(ErrorCode.REJECTED, message, details=details)


def reject_message(rule: str, *, is_message: bool = False) -> str | Promise:
    """What an author reads of a text that a rule, or else a moderator, rejected."""
    if is_message:
        if rule == Rule.BANNED_WORD:
            return _("This message was rejected because of a word that is not allowed here.")
        return OF_MESSAGES[ErrorCode.REJECTED]
    if rule == Rule.BANNED_WORD:
        return _("This comment was rejected because of a word that is not allowed here.")
    return DEFAULT_MESSAGES[ErrorCode.REJECTED]
