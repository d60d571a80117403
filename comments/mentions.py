"""`@name` in a comment: found before it is rendered, linked, and kept as rows.

Only a text with an `@` costs anything: one query for the names in all the texts of a batch, and one INSERT
for the rows. A name is a username as it stands, or as it would stand in small letters. Korean puts its
particles right behind a name (`@minsu님은`), so where there is no such name, up to four syllables are left
off.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice

from django.urls import reverse

from accounts.models import User

from .models import Comment, Mention
from .text import MENTION_OPENS, comment_html, mentions_in

# Nobody calls more people at once, but spam does; the rest stays text.
NAMES_AT_ONCE = 20
# SQLite takes 32,766 parameters in one statement; an import may name as many.
ASKED_AT_ONCE = 10_000
# People by how they may be called in a text; the username and the id.
People = Mapping[str, tuple[str, int]]
# A comment, and the ids of those whom it names.
Named = tuple[Comment, frozenset[int]]

_NAME = re.compile(r"(?<![\w@/.+-])@([\w.+-]{1,150})")
_MENTION = re.compile(f"{re.escape(MENTION_OPENS)}@([^<]+)</span>")
_PARTICLES = 4


def named_in(texts: Iterable[str]) -> People:
    """The active people whom these texts may name. Asks the database only where there is an `@`."""
    called = {reading for text in texts if "@" in text for reading in _readings_in(text)}
    if not called:
        return {}
    usernames = {spelling for reading in called for spelling in _spellings(reading)}
    known: dict[str, tuple[str, int]] = {}
    for some in _batches(usernames):
        rows = User.objects.filter(username__in=some, is_active=True).values_list("username", "pk")
        known |= {username: (username, pk) for username, pk in rows}
    people: dict[str, tuple[str, int]] = {}
    for reading in called:
        found = next((known[spelling] for spelling in _spellings(reading) if spelling in known), None)
        if found is not None:
            people[reading] = found
    return people


def rendered(content: str, people: People) -> tuple[str, frozenset[int]]:
    """A comment's HTML, and the ids of those whom it names."""
    if not people:
        return comment_html(content), frozenset()
    html = comment_html(content, partial(split, people=people))
    return linked(html, people), frozenset(people[name][1] for name in mentions_in(html))


def split(text: str, people: People) -> Iterator[tuple[str, bool]]:
    """A text cut at the names in it: each piece, and whether it is one."""
    start = number = 0
    for match in _NAME.finditer(text):
        name = next((reading for reading in _readings(match[1]) if reading in people), None)
        if name is None or number == NAMES_AT_ONCE:
            continue
        number += 1
        end = match.start(1) + len(name)
        if match.start() > start:
            yield text[start : match.start()], False
        yield text[match.start() : end], True
        start = end
    if start < len(text):
        yield text[start:], False


def linked(html: str, people: People) -> str:
    """Rendered HTML in which the names lead to their people's pages."""

    def link(match: re.Match[str]) -> str:
        found = people.get(match[1])
        if found is None:
            return match[0]
        return f'<a class="mention" href="{reverse("comments:person", args=[found[0]])}">@{match[1]}</a>'

    return _MENTION.sub(link, html)


def note(named: Iterable[Named]) -> None:
    """Keep whom comments that are stored name. Who names themselves is none."""
    rows = [
        Mention(comment=comment, user_id=user_id)
        for comment, user_ids in named
        for user_id in sorted(user_ids - {comment.author_id})
    ]
    if rows:
        Mention.objects.bulk_create(rows)


def note_anew(comment: Comment, named: frozenset[int]) -> None:
    """The same for a comment whose text has changed: rows of those still named stay as they were."""
    known = set(Mention.objects.filter(comment=comment).values_list("user_id", flat=True))
    Mention.objects.filter(comment=comment, user__in=known - named).delete()
    note([(comment, named - known)])


def _batches(names: Collection[str]) -> Iterator[list[str]]:
    left = iter(names)
    while some := list(islice(left, ASKED_AT_ONCE)):
        yield some


def _readings_in(text: str) -> Iterator[str]:
    for number, match in enumerate(_NAME.finditer(text)):
        if number == NAMES_AT_ONCE:
            return
        yield from _readings(match[1])


def _readings(name: str) -> Iterator[str]:
    """What may be meant by the name, from the longest: without what ends a sentence, without particles."""
    yield name
    bare = name.rstrip(".+-")
    if bare != name and bare:
        yield bare
    for _ in range(_PARTICLES):
        if len(bare) < 2 or not "가" <= bare[-1] <= "힣":
            return
        bare = bare[:-1]
        yield bare


def _spellings(reading: str) -> tuple[str, str]:
    # As Django stores usernames.
    exact = unicodedata.normalize("NFKC", reading)
    return exact, exact.lower()
