"""The lists of restricted words, and what a word would have caught."""

from dataclasses import dataclass

from accounts.models import User

from .models import Comment, RestrictedWord, WordKind

# How many of the newest comments a dry run looks at.
TRIED_ON = 1_000


@dataclass(frozen=True, slots=True)
class Caught:
    """A comment that a pattern finds, and the words in it that it finds."""

    comment: Comment
    found: str


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
    `invalid` for a pattern without letters, `conflict` for one that is on a list already.
    """
    raise NotImplementedError


def delete_word(word_id: int, *, acting_user: User) -> None:
    """Take a word off its list. Raises `Refused`: `forbidden`, `not_found`."""
    raise NotImplementedError


def dry_run(pattern: str, *, acting_user: User) -> list[Caught]:
    """Which of the newest `TRIED_ON` comments of all posts a pattern would have caught, newest first.

    Raises `Refused`: `forbidden` without the permission to view restricted words, `invalid`.
    """
    raise NotImplementedError
