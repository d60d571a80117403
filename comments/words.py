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
from hashlib import blake2b

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
# Punctuation within a word; an apostrophe is no disguise: he'll is not hell.
_DOTS = r"(?:[^\w\s'’`´]|_){0,2}"  # noqa: RUF001
_SPELLED = r"[\W_]{1,3}"  # whatever stands between letters that are spelled out
_MASK = "*#"
# From how many letters on some may be masked: s**m has two left to know it by.
_MASKED_FROM = 4
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


@dataclass(frozen=True, slots=True)
class _Expression:
    """One way in which a pattern is looked for: `first` finds its first letter, `rest` all after that."""

    pattern: str
    starts_anywhere: bool
    first: str
    rest: str

    def whole(self) -> re.Pattern[str]:
        return re.compile(f"{'' if self.starts_anywhere else _BEFORE}{self.first}{self.rest}")


class Words:
    """Patterns, made ready to be looked for all at once."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._expressions = [
            expression for pattern in patterns if is_pattern(pattern) for expression in _expressions(pattern)
        ]
        # What must begin a word is tried where words begin only, and all that begin alike as one.
        parts = []
        for starts_anywhere, edge in ((False, _BEFORE), (True, "")):
            by_first: dict[str, list[str]] = {}
            for each in self._expressions:
                if each.starts_anywhere == starts_anywhere:
                    by_first.setdefault(each.first, []).append(each.rest)
            if by_first:
                groups = [f"{first}(?:{'|'.join(rests)})" for first, rests in by_first.items()]
                parts.append(f"{edge}(?:{'|'.join(groups)})")
        self._expression = re.compile("|".join(parts)) if parts else None

    def __bool__(self) -> bool:
        return self._expression is not None

    def find(self, text: str) -> Found | None:
        """The first place where a pattern stands in a text; give it a text that `plain` has made."""
        match = self._expression.search(text) if self._expression is not None else None
        if match is None:
            return None
        # Which one it was is asked of those that are found only, and those are few.
        for each in self._expressions:
            here = each.whole().match(text, match.start())
            if here is not None:
                return Found(each.pattern, here[0])
        raise AssertionError("what all expressions find together, one of them finds")


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
    """The ways in which a pattern is looked for."""
    words = plain(pattern).split()
    starts_anywhere, ends_anywhere = words[0].startswith("*"), words[-1].endswith("*")
    inner = [[*filter(None, re.split(r"(\*+)", word.strip("*")))] for word in words]
    inner = [word for word in inner if word]
    if not inner:
        return []

    def expression(units: list[str], end: str, starts_anywhere: bool = False) -> _Expression:
        return _Expression(pattern, starts_anywhere, units[0], "".join(units[1:]) + end)

    exact: list[str] = []
    for word in inner:
        exact += [r"\s+"] if exact else []
        for part in word:
            exact += _letters(part, "", masked=False)
    found = [expression(exact, rf"{_LETTER}*" if ends_anywhere else _AFTER, starts_anywhere)]
    # Disguised, it has to be a word by itself, and no wildcard counts.
    if any("*" in part for word in inner for part in word):
        return found
    for between, between_words, masked in ((_DOTS, r"[\W_]{1,3}", True), (_SPELLED, _SPELLED, False)):
        units: list[str] = []
        for word in inner:
            units += [between_words] if units else []
            units += _letters(word[0], between, masked=masked)
        found.append(expression(units, _AFTER))
    return found


def _letters(part: str, between: str, *, masked: bool) -> list[str]:
    """A word's letters as expressions, each repeated at will, with `between` between any two. The first
    expression finds one character, or one syllable."""
    if part.startswith("*"):
        return [rf"{_LETTER}*"]
    runs = [match[0] for match in re.finditer(r"(.)\1*", part, re.DOTALL)]
    may_mask = masked and len(part) >= _MASKED_FROM
    units: list[str] = []
    for index, run in enumerate(runs):
        unit = _unit(run[0], between)
        if may_mask and 0 < index < len(runs) - 1:
            unit = f"(?:{unit}|[{re.escape(_MASK)}])"
        least = min(len(run), _RUN)
        units += [between] if units and between else []
        units.append(unit)
        if between == _SPELLED:
            units.append(f"{unit}{{0,{_RUN - 1}}}")
            units += [f"{between}{unit}{{1,{_RUN}}}"] * (least - 1)
        else:
            units.append(f"{unit}{{{least - 1},{_RUN - 1}}}")
    return units


def _unit(character: str, between: str) -> str:
    """One letter: itself, what looks like it, or a syllable taken to pieces."""
    if character in _LEET:
        return f"[{character}{re.escape(_LEET[character])}]"
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
