"""Who takes part in the conversation under a post: whom a reader may want to call by name."""

import unicodedata
from typing import NotRequired, TypedDict

from accounts.models import User

from .models import Comment, Post

# Among the authors of so many comments, the newest, somebody is looked for: along the index of pages, so
# that a post with a hundred thousand costs no more than one with these. Who has not written since comes
# last to mind, and can still be called by whoever knows the name.
AMONG = 500
AT_MOST = 8


class PersonPayload(TypedDict):
    username: str
    name: str
    avatar: int
    initials: str
    picture: NotRequired[str]  # the path of what they have uploaded


def people_of(post: Post, prefix: str, *, asking: User | None = None) -> list[PersonPayload]:
    """Those whose username, or a word of whose name, begins like `prefix`: who wrote last first, the author
    of the post among them, and not the one who asks.

    Letters count without accents and case; an unfinished Korean syllable finds those it may become.
    """
    newest = Comment.objects.shown_in(post.pk).values_list("author_id", flat=True)[:AMONG]
    ids = list(dict.fromkeys([*newest, *([post.author_id] if post.author_id else [])]))
    people = User.objects.filter(is_active=True).in_bulk(ids)
    wanted = _folded(prefix)
    found = [
        people[pk]
        for pk in ids
        if pk in people and (asking is None or pk != asking.pk) and _is_called(people[pk], wanted)
    ]
    return [_payload(person) for person in found[:AT_MOST]]


def _payload(person: User) -> PersonPayload:
    payload: PersonPayload = {
        "username": person.username,
        "name": person.shown_name,
        "avatar": person.avatar,
        "initials": person.initials,
    }
    if person.picture:
        payload["picture"] = person.picture_address
    return payload


def _is_called(person: User, wanted: str) -> bool:
    names = (person.username, person.name, *person.name.split()[1:])
    return any(_folded(name).startswith(wanted) for name in names if name)


def _folded(text: str) -> str:
    """Syllables taken apart into letters, a single Korean letter as the beginning of one, without marks."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
