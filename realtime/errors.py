"""Why a request can be refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ErrorCode(StrEnum):
    """Every code that a client can meet; static/js/postroom/events.js has the same list."""

    SIGN_IN = "sign_in"
    INVALID = "invalid"
    TOO_LONG = "too_long"
    TOO_LATE = "too_late"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    CLOSED = "closed"
    READ_ONLY = "read_only"
    SLOW_MODE = "slow_mode"
    RATE_LIMITED = "rate_limited"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    BANNED = "banned"
    WARNED = "warned"
    REPEATED = "repeated"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    INTERNAL = "internal"


DEFAULT_MESSAGES: dict[ErrorCode, Promise] = {
    ErrorCode.SIGN_IN: _("Please log in first."),
    ErrorCode.INVALID: _("This request could not be understood."),
    ErrorCode.TOO_LONG: _("This is too long."),
    ErrorCode.TOO_LATE: _("It is too late for this."),
    ErrorCode.NOT_FOUND: _("This does not exist, or no longer."),
    ErrorCode.FORBIDDEN: _("You may not do this."),
    ErrorCode.CLOSED: _("The comments of this post are closed."),
    ErrorCode.READ_ONLY: _("The comments of this post can be read, but not added to."),
    ErrorCode.SLOW_MODE: _("Slow mode is on: please wait a moment before the next comment."),
    ErrorCode.RATE_LIMITED: _("That was a lot at once. Please wait a moment."),
    ErrorCode.SUSPENDED: _("You are suspended from commenting for now."),
    ErrorCode.PAUSED: _("All comments are paused for the moment."),
    ErrorCode.BANNED: _("You may no longer comment here."),
    ErrorCode.WARNED: _("Please read the warning you were given before you write again."),
    ErrorCode.REPEATED: _("You have written this already."),
    ErrorCode.REJECTED: _("This comment was rejected."),
    ErrorCode.CONFLICT: _("This has changed in the meantime."),
    ErrorCode.INTERNAL: _("Something went wrong on our side. Please try again."),
}


class Refused(Exception):
    """A request that is answered with a code and a sentence instead of being done.

    `retry_after` is in seconds. The message stays lazy until it is shown, so it speaks the language
    of whoever reads it. `details` go over the wire beside it, and nobody else's than the caller's
    business may be in them.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str | Promise | None = None,
        *,
        retry_after: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = DEFAULT_MESSAGES[code] if message is None else message
        self.retry_after = retry_after
        self.details = {} if details is None else dict(details)

    def as_answer(self) -> dict[str, Any]:
        """The refusal as it goes over the wire, in the active language."""
        answer: dict[str, Any] = {**self.details, "code": self.code.value, "message": str(self.message)}
        if self.retry_after is not None:
            answer["retryAfter"] = self.retry_after
        return answer
