"""Finding restricted words in a text, whatever its case, its width and the common disguises.

A pattern is a whole word or a phrase. `*` at its beginning or end stands for any letters there, inside it for
any letters within one word: `spam` does not find `spammer`, `spam*` does. Korean joins particles to words,
so most Korean patterns want a `*` at their end.

What a pattern also finds: other case and width, accents (späm), look-alikes (sp4m, $pam, Cyrillic letters),
repeated letters (spaaam), invisible characters inside, punctuation inside (s.p.am), letters masked (s**m) and
spelled out (s p a m); in Korean separated jamo (ㅅㅡ팸), spaces or punctuation between syllables.

What it must not find is a word that comes about only where two others meet: 시 발 is in 다시 발견, `as s` in
"has side". So wherever something stands between its letters, a pattern begins and ends with a whole word.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

# Print nothing, and are letters or symbols as far as Unicode is concerned.
_BLANKS = "\u115f\u1160\u2800"
# Letters of other scripts that look like Latin ones.
_LOOK_ALIKES = str.maketrans("асеіјорԛѕԝхуԁһӏαεικνορτυχ", "aceijopqswxydhlaeiknoptux")
_LEET = {"a": "@4", "b": "8", "e": "3", "g": "9", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7+"}
# The same character more often than this in a row is this often: no word needs more.
_RUN = 3
_RUNS = re.compile(rf"(.)\1{{{_RUN},}}", re.DOTALL)
_REST = re.compile(r"[\W_]+")
_LETTER = r"[^\W_]"
_BEFORE, _AFTER = rf"(?<!{_LETTER})", rf"(?!{_LETTER})"
# Between two letters; for `~` stands what may not, see `_gap`. First punctuation within a word: an apostrophe
# is no disguise, he'll is not hell. Then whatever stands between letters that are spelled out.
_DOTS = r"(?:[^\w\s'’`´~]|_){0,2}"  # noqa: RUF001
_SPELLED = r"(?:[^\w~]|_){1,3}"
# What a wildcard stands for. Hardly any word is longer, and nobody is to wait while one is looked through.
_ANY_LETTERS = rf"{_LETTER}{{0,40}}?"
_MASK = "*#"
# From how many letters on some may be masked: s**m has two left to know it by.
_MASKED_FROM = 4
# How often i and l may stand side by side in a pattern of which either may be disguised.
_ALIKE = 3
_SHELVES = 16
_HANGUL = range(0xAC00, 0xD7A4)
# A final consonant as the initial ones it is made of: those are what a lone ㄹ becomes. ㄳ is ㄱ and ㅅ.
_FINALS = [
    "", "ᄀ", "ᄁ", "ᄀᄉ", "ᄂ", "ᄂᄌ", "ᄂᄒ", "ᄃ", "ᄅ", "ᄅᄀ", "ᄅᄆ",
    "ᄅᄇ", "ᄅᄉ", "ᄅᄐ", "ᄅᄑ", "ᄅᄒ", "ᄆ",
    "ᄇ", "ᄇᄉ", "ᄉ", "ᄊ", "ᄋ", "ᄌ", "ᄎ", "ᄏ", "ᄐ", "ᄑ", "ᄒ",
]  # fmt: skip
# Two consonants written as one letter that stands alone: ㅄ is ㅂㅅ to whoever reads it.
_CLUSTERS = str.maketrans(
    {chr(0x11A7 + number): parts for number, parts in enumerate(_FINALS) if len(parts) == 2}
    | {"\u1121": "ᄇᄉ", "\u111a": "ᄅᄒ"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """The pattern that was found, and the disguise in which it stood."""

    pattern: str
    text: str


class _Expression(NamedTuple):
    """One way in which a pattern is looked for: `first` finds its first letter, `rest` all after that."""

    pattern: str
    starts_anywhere: bool
    first: str
    rest: str


class Words:
    """Patterns, made ready to be looked for all at once."""

    def __init__(self, patterns: Iterable[str]) -> None:
        shelves: dict[int, list[str]] = {}
        for pattern in sorted({each for each in patterns if is_pattern(each)}):
            shelves.setdefault(crc32(pattern.encode()) % _SHELVES, []).append(pattern)
        self._shelves = [_Shelf.of(tuple(each)) for _, each in sorted(shelves.items())]

    def __bool__(self) -> bool:
        return bool(self._shelves)

    def find(self, text: str) -> Found | None:
        """A place where a pattern stands in a text; give it a text that `plain` has made."""
        return next((hit for shelf in self._shelves if (hit := shelf.find(text)) is not None), None)


class _Shelf:
    """Some of the patterns. To make a long list ready takes seconds, so it is done shelf by shelf: whoever
    changes a word has one of them made anew."""

    def __init__(self, patterns: Iterable[str]) -> None:
        # What must begin a word is tried where words begin only, and all that begin alike as one. Behind each
        # is an empty group, and the number of the one that was reached says which it was.
        parts: list[str] = []
        self._patterns: list[str] = []
        expressions = [each for pattern in patterns for each in _expressions(pattern)]
        for starts_anywhere, edge in ((False, _BEFORE), (True, "")):
            by_first: dict[str, list[_Expression]] = {}
            for each in expressions:
                if each.starts_anywhere == starts_anywhere:
                    by_first.setdefault(each.first, []).append(each)
            groups = []
            for first, alike in by_first.items():
                groups.append(f"{first}(?:{'|'.join(f'{each.rest}()' for each in alike)})")
                self._patterns += [each.pattern for each in alike]
            if groups:
                parts.append(f"{edge}(?:{'|'.join(groups)})")
        self._expression = re.compile("|".join(parts))

    @staticmethod
    @lru_cache(maxsize=4 * _SHELVES)
    def of(patterns: tuple[str, ...]) -> "_Shelf":
        """The shelf with these patterns, which may have been made before."""
        return _Shelf(patterns)

    def find(self, text: str) -> Found | None:
        match = self._expression.search(text)
        if match is None or match.lastindex is None:
            return None
        return Found(self._patterns[match.lastindex - 1], match[0])


def is_pattern(pattern: str) -> bool:
    """Whether there is something to look for in a pattern: a letter or a digit."""
    return any(character.isalnum() for character in plain(pattern))


def plain(text: str) -> str:
    """A text as patterns are compared with it: one case, one width, nothing invisible, Hangul composed."""
    if text.isascii():
        text = "".join(text.lower().split("\x00"))
    else:
        apart = unicodedata.normalize("NFKD", text).casefold()
        kept = [
            character
            for character in unicodedata.normalize("NFKD", apart)
            if character not in _BLANKS
            and (character.isascii() or unicodedata.category(character) not in {"Mn", "Cf", "Me"})
        ]
        text = unicodedata.normalize("NFC", "".join(kept)).translate(_LOOK_ALIKES).translate(_CLUSTERS)
    return _RUNS.sub(lambda run: run[1] * _RUN, text)


def digest(text: str) -> int | None:
    """A number of 64 bits that texts have in common which say the same; None for those too short to matter.

    "Thank you!" may be said to many. Case, width, spaces and punctuation make no difference. Every comment
    pays for this, so it is not as thorough as `plain`.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    said = _REST.sub("", text.casefold()).encode(errors="replace")
    if len(said) < 24:
        return None
    return int.from_bytes(blake2b(said, digest_size=8).digest(), signed=True)


def _expressions(pattern: str) -> list[_Expression]:
    """The ways in which a pattern is looked for.

    Readers write the texts, and may know the words. So no text may be read by one of these in more than a
    few ways: what may stand at one place begins otherwise than what may follow it, or a search would try
    them all. `tests/comments/test_words.py` has texts made for that.
    """
    words = plain(pattern).split()
    starts_anywhere, ends_anywhere = words[0].startswith("*"), words[-1].endswith("*")
    inner = [[*filter(None, re.split(r"\*+", word))] for word in words]
    inner = [parts for parts in inner if parts]
    if not inner:
        return []
    leet = _leet_for("".join(part for parts in inner for part in parts))

    def expression(units: list[str], end: str, starts_anywhere: bool = False) -> _Expression:
        return _Expression(pattern, starts_anywhere, units[0], "".join(units[1:]) + end)

    has_wildcards = any(len(parts) > 1 for parts in inner)
    found: list[_Expression] = []
    if has_wildcards or starts_anywhere or ends_anywhere or len(inner) > 1:
        exact: list[str] = []
        for parts in inner:
            exact += [r"\s+"] if exact else []
            exact += _letters(parts[0], leet)
            exact += [_further("".join(_letters(part, leet, lazy=True))) for part in parts[1:-1]]
            if len(parts) > 1:
                exact += [_ANY_LETTERS, *_letters(parts[-1], leet)]
        found.append(expression(exact, rf"{_LETTER}*" if ends_anywhere else _AFTER, starts_anywhere))
    # Disguised, it has to be a word by itself, and no wildcard counts.
    if has_wildcards:
        return found
    whole = [parts[0] for parts in inner]
    found.append(expression(_joined(whole, leet, _DOTS), _AFTER))
    if any(len(word) >= _MASKED_FROM for word in whole):
        found.append(expression(_joined(whole, leet, None), _AFTER))
    found.append(expression(_joined(whole, leet, _SPELLED), _AFTER))
    return found


def _leet_for(letters: str) -> dict[str, str]:
    """What may stand for letters in a pattern. What looks like i looks like l: where many of both stand side
    by side nobody could say which is which."""
    side_by_side = sum({one, other} == {"i", "l"} for one, other in pairwise(letters))
    return _LEET if side_by_side <= _ALIKE else {key: _LEET[key] for key in _LEET if key not in "il"}


def _further(part: str) -> str:
    """A part of a word after any letters: the first place where it stands is as good as any later one."""
    return f"(?>{_ANY_LETTERS}{part})"


def _joined(words: list[str], leet: dict[str, str], between: str | None) -> list[str]:
    """Words with something between their letters, or, where that is None, with letters masked."""
    units: list[str] = []
    last = ""
    for word in words:
        for index, character in enumerate(word):
            if index and word[index - 1] == character:
                continue  # a part of the run that came before
            least = min(len(word[index:]) - len(word[index:].lstrip(character)), _RUN)
            if units and not index:
                units.append(_gap(_SPELLED, last, character, leet))
            elif units and between is not None:
                units.append(_gap(between, last, character, leet))
            inside = index > 0 and index + least < len(word)
            within = "" if between is None else _gap(between, character, character, leet)
            unit = _unit(character, within, leet)
            if between is None and inside and len(word) >= _MASKED_FROM:
                units.append(_masked(unit, least))
            elif between == _SPELLED:
                units += _row(unit, 1, is_first=not units)
                units += [f"{within}{unit}{{1,{_RUN}}}"] * (least - 1)
            else:
                units += _row(unit, least, is_first=not units)
            last = character
    return units


def _row(unit: str, least: int, *, is_first: bool) -> list[str]:
    """A letter, at least so many of it in a row; where it comes first with the first one by itself."""
    if is_first:
        return [unit, f"{unit}{{{least - 1},{_RUN - 1}}}"]
    return [f"{unit}{{{least},{_RUN}}}"]


def _masked(unit: str, least: int) -> str:
    """A letter, or so many of it in a row, of which some may be masked."""
    ways = [f"{unit}{{{least},{_RUN}}}", f"[{_MASK}]{{{least}}}"]
    if least > 1:
        ways += [f"{unit}{{{least - 1}}}[{_MASK}]", f"[{_MASK}]{unit}{{{least - 1}}}"]
    return f"(?:{'|'.join(ways)})"


def _gap(kind: str, before: str, after: str, leet: dict[str, str]) -> str:
    """What may stand between two letters, without what may stand for one of them."""
    either = {*leet.get(before, ""), *leet.get(after, "")}
    return kind.replace("~", "".join(re.escape(each) for each in sorted(either) if not each.isalnum()))


def _letters(part: str, leet: dict[str, str], *, lazy: bool = False) -> list[str]:
    """A word's letters as expressions, each repeated at will. The first one finds one character, or one
    syllable; with `lazy` the last takes no more than it must."""
    units: list[str] = []
    runs = [match[0] for match in re.finditer(r"(.)\1*", part, re.DOTALL)]
    for run in runs:
        units += _row(_unit(run[0], "", leet), min(len(run), _RUN), is_first=not units)
    if lazy:
        units[-1] += "?"
    return units


def _unit(character: str, between: str, leet: dict[str, str]) -> str:
    """One letter: itself, what looks like it, or a syllable taken to pieces."""
    if character in leet:
        return f"[{character}{re.escape(leet[character])}]"
    if not _is_syllable(character):
        return re.escape(character)
    apart = unicodedata.normalize("NFD", character)
    initial, vowel, final = apart[0], apart[1], apart[2:]
    ways = [character, between.join([initial, vowel, *_final(final)])]
    if final:
        ways.append(between.join([unicodedata.normalize("NFC", initial + vowel), *_final(final)]))
    return f"(?:{'|'.join(ways)})"


def _final(final: str) -> str:
    return _FINALS[ord(final) - 0x11A7] if final else ""


def _is_syllable(text: str) -> bool:
    return len(text) == 1 and ord(text) in _HANGUL
