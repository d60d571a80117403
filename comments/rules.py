"""What may be published, and what waits for a moderator. Each rule can be tried alone, and asks no database.

A rule that is broken raises `Refused`; one about what is said may instead bring a `Finding`, that the comment
is held or rejected. They are asked in this order, and the first reject counts, else the first hold:

    length · room (pause, closed, read-only, slow mode) · sanctions · repeat of one's own recent comment ·
    banned words · suspect words · links · newcomer · the site's own check

Staff are spared all but the length, a closed room and sanctions; a post's author what would be held.
"""

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.reasons import Reason
from accounts.sanctions import CLEAR, Standing
from realtime.database import is_storable
from realtime.errors import ErrorCode, Refused

from . import check
from .controls import OPEN, Controls
from .models import Post, RoomState, Rule, Status
from .refusals import refused, silenced
from .words import plain

# Characters that print nothing although Unicode does not call them white space: the Hangul fillers
# and the Braille blank.
_TAGS = re.compile(r"<[^>]*>")
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


# A message in the chat, to a room or to one person, is shorter than a comment.
MESSAGE_MAX_LENGTH = 1_000


def longest_message() -> int:
    """How many characters a message may have, in a room or to one person."""
    return min(int(settings.COMMENT_MAX_LENGTH), MESSAGE_MAX_LENGTH)


def longest(post: Post) -> int:
    """How many characters somebody may write under a post, or in a room."""
    return longest_message() if post.is_room else int(settings.COMMENT_MAX_LENGTH)


def check_message(content: str) -> str:
    """The text of a message, trimmed. Raises `Refused` as `check_text` does, at another length."""
    content = content.strip()
    limit = longest_message()
    if len(content) > limit:
        raise Refused(
            ErrorCode.TOO_LONG,
            format_lazy(
                _("A message may have {limit} characters; this one has {length}."),
                limit=limit,
                length=len(content),
            ),
        )
    check_fits(content)
    _check_says(content, is_message=True)
    return content


def check_text(content: str) -> None:
    """The text must say something, fit, and be storable."""
    check_fits(content)
    _check_says(content, is_message=False)


def check_fits(content: str) -> None:
    """The text must fit, and be storable: as much as can be said of it before one knows where it goes."""
    if not is_storable(content):
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


def check_shows(html: str, *, is_message: bool = False) -> None:
    """What Markdown made of the text must show something: a lone ">" is an empty quotation."""
    if "<hr" not in html:
        _check_says(unescape(_TAGS.sub("", html)), is_message=is_message)


def _check_says(text: str, *, is_message: bool) -> None:
    if all(_prints_nothing(character) for character in text):
        empty = _("The message is empty.") if is_message else _("The comment is empty.")
        raise Refused(ErrorCode.INVALID, empty)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A text that somebody wants readers to see, with everything that the rules look at.

    `latest` is their newest comment under this post (asked in slow mode only), `recent` the digests of their
    own latest comments anywhere, `digest` that of this text; `is_trusted` whether they are no newcomer, and
    `checked` what the site's own check said.
    """

    content: str
    html: str
    author: User
    post: Post
    now: datetime
    controls: Controls = OPEN
    standing: Standing = CLEAR
    latest: datetime | None = None
    recent: Container[int] = ()
    digest: int | None = None
    is_trusted: bool = True
    checked: check.Answer = check.PUBLISH

    @property
    def is_spared(self) -> bool:
        """Nothing of theirs is held: they are staff, or it is their own post."""
        return self.author.is_staff or self.author.pk == self.post.author_id


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a rule keeps a comment from readers: `status` is pending or rejected, `found` the word, if one."""

    rule: Rule
    status: Status
    reason: str = ""
    found: str = ""


def judge(attempt: Attempt) -> Finding | None:
    """Ask all rules but the length; None: it may be published. Raises `Refused`."""
    check_room(attempt.post, attempt.author, attempt.controls)
    check_slow_mode(attempt.post, attempt.author, attempt.latest, attempt.now)
    check_standing(attempt.author, attempt.standing, is_message=attempt.post.is_room)
    check_repeat(attempt.author, attempt.digest, attempt.recent)
    return judge_text(attempt)


def judge_text(attempt: Attempt) -> Finding | None:
    """Ask only the rules that bring a finding, for a text that replaces another."""
    found = [finding for rule in FINDING if (finding := rule(attempt)) is not None]
    return next((each for each in found if each.status == Status.REJECTED), found[0] if found else None)


def check_room(post: Post, author: User, controls: Controls = OPEN) -> None:
    """The post must take comments; staff may write where it is read-only, and while the site is paused."""
    if post.room_state == RoomState.CLOSED:
        raise refused(ErrorCode.CLOSED, is_message=post.is_room)
    if author.is_staff:
        return
    if controls.paused:
        raise refused(ErrorCode.PAUSED, is_message=post.is_room)
    if post.room_state == RoomState.READ_ONLY:
        raise refused(ErrorCode.READ_ONLY, is_message=post.is_room)


def check_standing(author: User, standing: Standing, *, is_message: bool = False) -> None:
    """Nobody writes who is banned or suspended, or has a warning that they have not acknowledged."""
    if standing.silencing is not None:
        raise silenced(standing.silencing, is_message=is_message)


def check_repeat(author: User, digest: int | None, recent: Container[int]) -> None:
    """The same may not be said again so soon; `recent` has the digests of what was said lately."""
    if digest is not None and digest in recent and not author.is_staff:
        raise Refused(ErrorCode.REPEATED)


def held_in_room(attempt: Attempt) -> Finding | None:
    """Everything is held here, or everywhere."""
    if not (attempt.post.pre_moderation or attempt.controls.hold_everything) or attempt.is_spared:
        return None
    return Finding(Rule.ROOM, Status.PENDING)


def held_by_sanction(attempt: Attempt) -> Finding | None:
    """Everything of this author's is held."""
    if attempt.standing.hold_first is None or attempt.is_spared:
        return None
    return Finding(Rule.SANCTION, Status.PENDING, attempt.standing.hold_first.reason)


def banned_word(attempt: Attempt) -> Finding | None:
    """A banned word rejects, under one's own post, too."""
    if not attempt.controls.banned or attempt.author.is_staff:
        return None
    found = attempt.controls.banned.find(what_is_said(attempt.content, attempt.html))
    if found is None:
        return None
    return Finding(Rule.BANNED_WORD, Status.REJECTED, Reason.BANNED_WORD, found.text)


def suspect_word(attempt: Attempt) -> Finding | None:
    """A suspect word holds."""
    if not attempt.controls.suspect or attempt.is_spared:
        return None
    found = attempt.controls.suspect.find(what_is_said(attempt.content, attempt.html))
    if found is None:
        return None
    return Finding(Rule.SUSPECT_WORD, Status.PENDING, Reason.BANNED_WORD, found.text)


def many_links(attempt: Attempt) -> Finding | None:
    """More links than `LINKS_HELD_ABOVE` hold, unless one knows the author."""
    if attempt.is_trusted or not has_many_links(attempt.html) or attempt.is_spared:
        return None
    return Finding(Rule.LINKS, Status.PENDING, Reason.ADVERTISING)


def newcomer(attempt: Attempt) -> Finding | None:
    """Where newcomers are held, so is everything until their first comments were approved."""
    if attempt.is_trusted or not attempt.post.hold_newcomers or attempt.is_spared:
        return None
    return Finding(Rule.NEWCOMER, Status.PENDING)


def own_check(attempt: Attempt) -> Finding | None:
    """What the site's own check said; see `check`."""
    said = attempt.checked
    if said is check.PUBLISH:
        return None
    if said.verdict == "reject" and not attempt.author.is_staff:
        return Finding(Rule.CHECK, Status.REJECTED, said.reason)
    if said.verdict == "hold" and not attempt.is_spared:
        return Finding(Rule.CHECK, Status.PENDING, said.reason)
    return None


FINDING = (held_in_room, held_by_sanction, banned_word, suspect_word, many_links, newcomer, own_check)


def has_many_links(html: str) -> bool:
    """Whether a comment has so many links that it matters who wrote it."""
    links = html.count("<a ") - html.count('<a class="mention"')  # people are no advertising
    return links > 0 and bool(links > settings.LINKS_HELD_ABOVE)


def what_is_said(content: str, html: str) -> str:
    """The text in which words are looked for. Source and result: Markdown may hide a word in the one,
    entities and escapes in the other."""
    shown = unescape(_TAGS.sub("", html))
    return plain(content if shown.strip() == content.strip() else f"{content}\n{shown}")


def check_author(author: User | None) -> User:
    """Whoever was switched off since the socket opened cannot write any more."""
    if author is None or not author.is_active:
        raise Refused(ErrorCode.SIGN_IN)
    return author


def check_slow_mode(post: Post, author: User, latest: datetime | None, now: datetime) -> None:
    """In slow mode readers wait `post.slow_seconds` after `latest`, their newest comment here."""
    slow = post.slow_seconds(now)
    if not slow or latest is None or author.is_staff:
        return
    wait = slow - (now - latest).total_seconds()
    if wait > 0:
        raise refused(ErrorCode.SLOW_MODE, is_message=post.is_room, retry_after=round(wait, 1))


def edit_ends(author: User, written_at: datetime) -> datetime | None:
    """When somebody can no longer change a comment of theirs; None: never."""
    if not settings.EDIT_MINUTES or author.is_staff:
        return None
    return written_at + timedelta(minutes=settings.EDIT_MINUTES)


def is_editable(author: User, written_at: datetime, now: datetime) -> bool:
    """Whether somebody may still change a comment of theirs, as far as time goes."""
    end = edit_ends(author, written_at)
    return end is None or now < end


def check_edit_time(author: User, written_at: datetime, now: datetime, *, is_message: bool = False) -> None:
    """What was said an hour ago has been answered; from then on it stays as it is."""
    if not is_editable(author, written_at, now):
        minutes = settings.EDIT_MINUTES
        if is_message:
            sentence = ngettext(
                "A message can be changed for %(count)d minute after it was written. That time is over.",
                "A message can be changed for %(count)d minutes after it was written. That time is over.",
                minutes,
            )
        else:
            sentence = ngettext(
                "A comment can be changed for %(count)d minute after it was written. That time is over.",
                "A comment can be changed for %(count)d minutes after it was written. That time is over.",
                minutes,
            )
        raise Refused(ErrorCode.TOO_LATE, sentence % {"count": minutes})


def _prints_nothing(character: str) -> bool:
    return (
        character.isspace()
        or character in _BLANKS
        or unicodedata.category(character) in {"Cf", "Cc", "Zs", "Zl", "Zp"}
    )
