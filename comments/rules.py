"""What may be published. Each rule raises `Refused` or does nothing, and needs no socket to be tried."""

import re
import unicodedata
from datetime import datetime
from html import unescape

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from realtime.errors import ErrorCode, Refused

from .models import Post, RoomState

# Characters that print nothing although Unicode does not call them white space: the Hangul fillers
# and the Braille blank.
_TAGS = re.compile(r"<[^>]*>")
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def check_text(content: str) -> None:
    """The text must say something, fit, and be storable: PostgreSQL refuses NUL, UTF-8 surrogates."""
    if "\x00" in content or not _is_utf8(content):
        raise Refused(ErrorCode.INVALID, _("The text contains characters that cannot be stored."))
    if len(content) > settings.COMMENT_MAX_LENGTH:
        raise Refused(
            ErrorCode.TOO_LONG,
            format_lazy(
                _("A comment may have {limit} characters; this one has {length}."),
                limit=settings.COMMENT_MAX_LENGTH,
                length=len(content),
            ),
        )
    if all(_prints_nothing(character) for character in content):
        raise Refused(ErrorCode.INVALID, _("The comment is empty."))


def check_shows(html: str) -> None:
    """What Markdown made of the text must show something: a lone ">" is an empty quotation."""
    if all(_prints_nothing(character) for character in unescape(_TAGS.sub("", html))) and "<hr" not in html:
        raise Refused(ErrorCode.INVALID, _("The comment is empty."))


def check_room(post: Post, author: User) -> None:
    """The post must take comments; staff may write where it is read-only."""
    if post.room_state == RoomState.CLOSED:
        raise Refused(ErrorCode.CLOSED)
    if post.room_state == RoomState.READ_ONLY and not author.is_staff:
        raise Refused(ErrorCode.READ_ONLY)


def check_author(author: User | None) -> User:
    """Whoever was switched off since the socket opened cannot write any more."""
    if author is None or not author.is_active:
        raise Refused(ErrorCode.SIGN_IN)
    return author


def check_slow_mode(post: Post, author: User, latest: datetime | None, now: datetime) -> None:
    """In slow mode readers wait `post.slow_mode` seconds after `latest`, their newest comment here."""
    if not post.slow_mode or latest is None or author.is_staff:
        return
    wait = post.slow_mode - (now - latest).total_seconds()
    if wait > 0:
        raise Refused(ErrorCode.SLOW_MODE, retry_after=round(wait, 1))


def _is_utf8(content: str) -> bool:
    try:
        content.encode()
    except UnicodeEncodeError:
        return False
    return True


def _prints_nothing(character: str) -> bool:
    return (
        character.isspace()
        or character in _BLANKS
        or unicodedata.category(character) in {"Cf", "Cc", "Zs", "Zl", "Zp"}
    )
