"""What the readers of the demo say, read from the text files in `comments/`.

A file is made to be written by hand, one comment a line:

    [comments]
    A comment. ¶ Its second paragraph. ↵ A new line in it.
        Its reply, which stays under this comment
            ~ A reply by the author of the post
        ^ A reply by whoever wrote the comment at the top
    ! @mina A comment that comes early, and is Mina's
    + A comment that comes late, since it speaks of the ones before
    A comment with a gap: I have just finished *{title}* by {writer}.

    [replies]
    A reply that fits any comment
    A reply to a comment about a book: I loved *{^title}* too.

    [title | writer]
    The Name of a Book | Somebody

A line without gaps is said once under a post; one with gaps as often as it fills differently.
Words of one section with several names belong together; `{^name}` repeats what the parent said.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Generic, TypeVar

FOLDER = Path(__file__).parent / "comments"
ASKER, WRITER, ANYONE = "^", "~", ""
EARLY, LATE, WHENEVER = "!", "+", ""

_GAP = re.compile(r"\{(\^?)(\w+)\}")
_MARKS = re.compile(r"(?:([!+]) )?(?:(~|\^|@[\w.]+) )?(.*)")
_HANGUL = re.compile(r"[가-힣]")
_LATIN = re.compile(r"[A-Za-z]")

T = TypeVar("T")
Words = dict[str, str]


@dataclass(frozen=True)
class Line:
    """One thing to say, who has to say it and when, and the answers that were written for it."""

    text: str
    speaker: str = ANYONE
    when: str = WHENEVER
    replies: tuple["Line", ...] = ()

    @property
    def has_gaps(self) -> bool:
        return _GAP.search(self.text) is not None

    @property
    def needs(self) -> frozenset[str]:
        """The words that only the parent can give."""
        return frozenset(name for mark, name in _GAP.findall(self.text) if mark)

    @property
    def language(self) -> str:
        return language_of(self.text)


@dataclass
class Corpus:
    comments: list[Line] = field(default_factory=list)
    replies: list[Line] = field(default_factory=list)
    words: dict[tuple[str, ...], list[tuple[str, ...]]] = field(default_factory=dict)

    def __add__(self, other: "Corpus") -> "Corpus":
        words = self.words | other.words
        return Corpus(self.comments + other.comments, self.replies + other.replies, words)


class Bag(Generic[T]):
    """Hands out everything once before anything twice, and nothing again soon after."""

    def __init__(self, things: list[T], rng: Random) -> None:
        self._rng = rng
        self._order = rng.sample(things, len(things))
        self._next = 0

    def __len__(self) -> int:
        return len(self._order)

    def draw(self) -> T:
        if self._next == len(self._order):
            half = len(self._order) // 2
            older, newer = self._order[:half], self._order[half:]
            self._rng.shuffle(older)
            self._rng.shuffle(newer)
            self._order, self._next = older + newer, 0
        self._next += 1
        return self._order[self._next - 1]


class Filler:
    """Fills the gaps of lines."""

    def __init__(self, corpus: Corpus, rng: Random) -> None:
        self._bags: dict[str, tuple[tuple[str, ...], Bag[tuple[str, ...]]]] = {}
        for names, rows in corpus.words.items():
            bag = Bag(rows, rng)
            self._bags.update(dict.fromkeys(names, (names, bag)))

    def fill(self, text: str, parent: Words) -> tuple[str, Words]:
        """The finished text, and the words it used, for the replies to it."""
        used: Words = {}

        def word(gap: re.Match[str]) -> str:
            mark, name = gap.groups()
            if mark:
                return parent[name]
            if name not in used:
                names, bag = self._bags[name]
                row = bag.draw()
                if row[names.index(name)] == parent.get(name):  # "if you like X, try X"
                    row = bag.draw()
                used.update(zip(names, row, strict=True))
            return used[name]

        while _GAP.search(text):  # a word may have gaps of its own
            text = _GAP.sub(word, text)
        return text, used


def language_of(text: str) -> str:
    return "ko" if len(_HANGUL.findall(text)) * 2 > len(_LATIN.findall(text)) else "en"


@cache
def load(name: str) -> Corpus:
    """Read one file of the corpus; the answer is shared, so do not change it."""
    corpus = Corpus()
    section = ""
    lines: list[tuple[int, str]] = []
    for raw in [*(FOLDER / f"{name}.txt").read_text("utf-8").splitlines(), "[end]"]:
        if raw.startswith("[") and raw.endswith("]"):
            if section == "comments":
                corpus.comments.extend(_thread(lines))
            elif section == "replies":
                corpus.replies.extend(_thread(lines))
            elif section:
                names = tuple(part.strip() for part in section.split("|"))
                corpus.words[names] = [_row(text, names) for _, text in lines]
            section, lines = raw[1:-1], []
        elif raw.strip():
            indent = len(raw) - len(raw.lstrip(" "))
            lines.append((indent, raw.strip()))
    return corpus


def _row(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) == 1:
        return (text,)
    row = tuple(part.strip() for part in text.split("|"))
    if len(row) != len(names):
        raise ValueError(f"{text!r} should have {len(names)} parts")
    return row


def _thread(lines: list[tuple[int, str]]) -> list[Line]:
    """Turn indentation into replies."""
    found: list[Line] = []
    at = 0
    while at < len(lines):
        indent, text = lines[at]
        end = at + 1
        while end < len(lines) and lines[end][0] > indent:
            end += 1
        marks = _MARKS.match(text)
        assert marks  # noqa: S101  every line matches: this is for the type checker
        when, speaker, text = marks.groups(default="")
        text = re.sub(r" *¶ *", "\n\n", text)
        text = re.sub(r" *↵ ?", "\n", text)
        found.append(Line(text, speaker, when, tuple(_thread(lines[at + 1 : end]))))
        at = end
    return found
