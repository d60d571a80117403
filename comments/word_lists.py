"""The lists of restricted words, and what a word would have caught."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from realtime.errors import ErrorCode, Refused

from . import rules
from .controls import forget_on_commit
from .models import Comment, RestrictedWord, WordKind
from .words import Words, is_pattern

# How many of the newest comments a dry run looks at.
TRIED_ON = 1_000
# How many patterns at once it looks for, or a list is given.
AT_ONCE = 200
PATTERN_LIMIT = 100
NOTE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Caught:
    """A comment that a pattern finds, which one, and the words in it that it finds."""

    comment: Comment
    found: str
    pattern: str


def save_word(
    pattern: str,
    kind: WordKind | str,
    *,
    acting_user: User,
    note: str = "",
    word_id: int | None = None,
) -> RestrictedWord:
    """Add a word, or change the one with `word_id`; every process uses it within about a second.

    Raises `Refused`: `forbidden` without the permission to add or change restricted words, `not_found`,
    `invalid` for a pattern without letters, `too_long`, `conflict` for one that is on a list already.
    """
    _may(acting_user, "add" if word_id is None else "change")
    pattern = " ".join(pattern.split())
    _check(pattern)
    if kind not in WordKind.values:
        raise Refused(ErrorCode.INVALID)
    if len(note) > NOTE_LIMIT:
        raise Refused(ErrorCode.TOO_LONG)
    with transaction.atomic():
        word = RestrictedWord(created_by=acting_user)
        if word_id is not None:
            word = _held(word_id)
        if RestrictedWord.objects.filter(pattern=pattern).exclude(pk=word.pk).exists():
            raise Refused(ErrorCode.CONFLICT, _("This word is on a list already."))
        word.pattern, word.kind, word.note = pattern, kind, note
        word.save()
        forget_on_commit()
    return word


def delete_word(word_id: int, *, acting_user: User) -> None:
    """Take a word off its list. Raises `Refused`: `forbidden`, `not_found`."""
    _may(acting_user, "delete")
    with transaction.atomic():
        _held(word_id).delete()
        forget_on_commit()


def delete_words(word_ids: Sequence[int], *, acting_user: User) -> None:
    """Take several off at once; those that are gone already are none. Raises `Refused`: `forbidden`."""
    _may(acting_user, "delete")
    with transaction.atomic():
        RestrictedWord.objects.filter(pk__in=word_ids).delete()
        forget_on_commit()


def dry_run(pattern: str | Sequence[str], *, acting_user: User) -> list[Caught]:
    """Which of the newest `TRIED_ON` comments of all posts a pattern, or one of several, would have caught,
    newest first. What staff wrote is spared, as the rules spare it.

    Raises `Refused`: `forbidden` without the permission to view restricted words, `invalid`, `too_long`,
    also for more than `AT_ONCE` patterns.
    """
    _may(acting_user, "view")
    words = Words(patterns([pattern] if isinstance(pattern, str) else pattern))
    newest = Comment.objects.select_related("author", "post").defer("post__body").order_by("-id")[:TRIED_ON]
    found = (
        (comment, words.find(rules.what_is_said(comment.content, comment.html)))
        for comment in newest
        if not comment.author.is_staff
    )
    return [Caught(comment, hit.text, hit.pattern) for comment, hit in found if hit is not None]


def patterns(lines: Iterable[str]) -> list[str]:
    """Patterns as they are kept, each once; empty lines are none. Raises `Refused` for what is no pattern."""
    found = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in lines))))
    if not found:
        raise Refused(ErrorCode.INVALID, _("Please give a word."))
    if len(found) > AT_ONCE:
        raise Refused(ErrorCode.TOO_LONG)
    for pattern in found:
        _check(pattern)
    return found


def add_words(
    lines: Iterable[str], kind: WordKind | str, *, acting_user: User, note: str = ""
) -> list[RestrictedWord]:
    """Add several words at once; those that are on a list already stay as they are. Raises as `save_word`."""
    wanted = patterns(lines)
    _may(acting_user, "add")
    with transaction.atomic():
        known = set(RestrictedWord.objects.filter(pattern__in=wanted).values_list("pattern", flat=True))
        return [
            save_word(pattern, kind, acting_user=acting_user, note=note)
            for pattern in wanted
            if pattern not in known
        ]


def _check(pattern: str) -> None:
    if len(pattern) > PATTERN_LIMIT:
        raise Refused(ErrorCode.TOO_LONG)
    if not is_pattern(pattern):
        raise Refused(
            ErrorCode.INVALID, format_lazy(_("A word needs a letter or a digit: {word}"), word=pattern)
        )


def _held(word_id: int) -> RestrictedWord:
    word = RestrictedWord.objects.select_for_update().filter(pk=word_id).first()
    if word is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return word


def _may(user: User, act: str) -> None:
    if not (user.is_active and user.has_perm(f"comments.{act}_restrictedword")):
        raise Refused(ErrorCode.FORBIDDEN)
