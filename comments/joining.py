"""What joining a post brings, read once for all who wait together and encoded once for all who come.

`admit` says who may enter a room; `load` reads for those who have entered it. Each answers many readers
with the same two queries, and `load` asks further only for what it has not encoded yet.

A history (the newest page, or the changes since a version) is kept as JSON text. It is given out again
only if whatever shows in it is as it was, all of it read anew: the post's row has the same version and
author, and the people who appear in it are called as they were. So there is nothing to invalidate, and
what another process or a shell has changed counts at once. Only a comment's row that is written by hand,
without a version, goes unnoticed here; so it does in every browser.
"""

from collections import OrderedDict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, NamedTuple

from django.utils import timezone

from accounts.sanctions import CLEAR, Standing, standing
from realtime.errors import ErrorCode, Refused
from realtime.wire_json import dumps

from . import controls, reactions, reading, statements, trust
from .events import change_payload, comment_payload
from .models import Comment, Post, Status

# Characters of JSON that are kept: a full page each of a hundred posts. A character takes one byte of
# memory, two in Korean, four where there are emoji. What stands beside the text counts as so many more.
KEPT = 4_000_000
BESIDE = 1_000


class Person(NamedTuple):
    """What readers see of somebody, as far as it can change."""

    name: str
    username: str
    picture: str
    is_staff: bool


class Reader(NamedTuple):
    """Somebody who joins: whether a sanction may be in force, and whether they are known not to be new."""

    is_marked: bool
    is_trusted: bool


class Key(NamedTuple):
    """Which history; without `since` the newest page."""

    post_id: int
    since: int | None


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody wants a post's newest page, or all that changed after version `since`."""

    post_id: int
    user_id: int
    since: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The JSON text of an array of comments, with all that must still be so for it to be right.

    `own` has, by author, what only the author gets, and where in `text` it belongs; `reacted` are the
    comments that have reactions, of which some may be a reader's own.
    """

    version: int
    post_author: int | None
    people: dict[int, Person]
    kind: Literal["snapshot", "changes"]
    has_more: bool
    text: str
    own: dict[int, list[tuple[int, str]]]
    reacted: tuple[int, ...] = ()

    def is_right(self, post: Post, people: dict[int, Person]) -> bool:
        """Whether reading it anew would bring the same."""
        return (
            self.version == post.version
            and self.post_author == post.author_id
            and all(people.get(user_id) == person for user_id, person in self.people.items())
        )

    @property
    def size(self) -> int:
        return BESIDE + len(self.text)

    def text_for(self, reader_id: int) -> str:
        parts, start = [], 0
        for end, addition in self.own.get(reader_id, ()):
            parts += [self.text[start:end], addition]
            start = end
        return "".join([*parts, self.text[start:]]) if parts else self.text


@dataclass(frozen=True, slots=True)
class Joined:
    """The post as it is now, and the history that this reader gets; what holds against them, for how many
    seconds slow mode makes them wait, and whether they are held as a newcomer; and which reactions in the
    history are their own."""

    post: Post
    history: History
    reader_id: int
    is_staff: bool
    standing: Standing = CLEAR
    wait: float = 0.0
    is_held: bool = False
    reacted: Mapping[int, list[str]] = field(default_factory=dict)

    @property
    def comments(self) -> str:
        """The JSON text of an array of comments."""
        return self.history.text_for(self.reader_id)


class _Found(NamedTuple):
    """Who and what there is now: people, those of them who are active, posts that readers can see."""

    people: dict[int, Person]
    readers: dict[int, Reader]
    posts: dict[int, Post]


class Histories:
    """Those given out last. One thread at a time may use it: `load` runs in a `Batch`."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._size = 0
        self._known: OrderedDict[Key, History] = OrderedDict()

    def get(self, key: Key) -> History | None:
        history = self._known.get(key)
        if history is not None:
            self._known.move_to_end(key)
        return history

    def put(self, key: Key, history: History) -> None:
        former = self._known.pop(key, None)
        self._known[key] = history
        self._size += history.size - (former.size if former else 0)
        while self._size > self._kept:
            self._size -= self._known.popitem(last=False)[1].size

    def clear(self) -> None:
        self._known.clear()
        self._size = 0


histories = Histories(KEPT)


def admit(joinings: Sequence[Joining]) -> list[Refused | None]:
    """For each whether they may enter the post's room: None, or why not."""
    found = _find({each.user_id for each in joinings}, joinings)
    return [_refusal(each, found.readers, found.posts) for each in joinings]


def load(joinings: Sequence[Joining]) -> list[Joined | Refused]:
    """For each what they get, who are in the post's room by now."""
    controls.current()  # so that they are known when the answers are made, where nobody may ask for them
    # The version is read before the comments. Whatever they know beyond it arrives again as an event,
    # which a client recognises by its version.
    possible = {Key(each.post_id, since) for each in joinings for since in (None, each.since)}
    known = {key: histories.get(key) for key in possible}
    shown = {user_id for history in known.values() if history is not None for user_id in history.people}
    found = _find(shown.union(each.user_id for each in joinings), joinings)
    keys = [_key(each, found.posts.get(each.post_id)) for each in joinings]
    current: dict[Key, History] = {}
    for key in dict.fromkeys(keys):
        post, history = found.posts.get(key.post_id), known[key]
        if post is None:
            continue
        if history is None or not history.is_right(post, found.people):
            history = _read(post, key.since)
            histories.put(key, history)
        current[key] = history
    # Asked only about those of whom their rows say that there may be something.
    wanted = {each.user_id for each in joinings}
    standings = standing(pk for pk, reader in found.readers.items() if reader.is_marked and pk in wanted)
    waits = _waits(joinings, found.posts)
    newcomers = _newcomers(joinings, found.posts, found.readers)
    # For all of them at once, and only where there are any.
    reacted = {pk for history in current.values() for pk in history.reacted}
    own = reactions.own_reactions(wanted, reacted)
    return [
        _refusal(each, found.readers, found.posts)
        or Joined(
            found.posts[each.post_id],
            current[key],
            each.user_id,
            found.people[each.user_id].is_staff,
            standings.get(each.user_id, CLEAR),
            waits.get((each.post_id, each.user_id), 0.0),
            (each.post_id, each.user_id) in newcomers,
            _among(own, each.user_id, current[key].reacted),
        )
        for each, key in zip(joinings, keys, strict=True)
    ]


def _among(
    own: Mapping[int, Mapping[int, list[str]]], user_id: int, comment_ids: Sequence[int]
) -> dict[int, list[str]]:
    """A reader's own reactions to these comments."""
    mine = own.get(user_id, {})
    return {pk: mine[pk] for pk in comment_ids if pk in mine}


def _refusal(joining: Joining, active: Container[int], reachable: Container[int]) -> Refused | None:
    if joining.user_id not in active:
        return Refused(ErrorCode.SIGN_IN)
    return None if joining.post_id in reachable else Refused(ErrorCode.NOT_FOUND)


def _key(joining: Joining, post: Post | None) -> Key:
    """A version that cannot be, or is too far behind, gets what everybody gets who comes anew."""
    since = joining.since
    if post is None or since is None:
        return Key(joining.post_id, None)
    oldest = max(0, post.version - reading.CHANGES_LIMIT)
    return Key(joining.post_id, since if oldest <= since <= post.version else None)


def _find(user_ids: Collection[int], joinings: Sequence[Joining]) -> _Found:
    people, posts = statements.find(user_ids, {each.post_id for each in joinings})
    return _Found(
        people={
            row["id"]: Person(row["name"], row["username"], row["picture"], row["is_staff"]) for row in people
        },
        readers={
            row["id"]: Reader(row["is_sanctioned"], row["trusted_at"] is not None)
            for row in people
            if row["is_active"]
        },
        posts=posts,
    )


def _waits(joinings: Sequence[Joining], posts: Mapping[int, Post]) -> dict[tuple[int, int], float]:
    """For how many seconds slow mode still keeps each reader from writing under a post."""
    now = timezone.now()
    waits: dict[tuple[int, int], float] = {}
    for post in posts.values():
        slow = post.slow_seconds(now)
        if not slow:
            continue
        readers = {each.user_id for each in joinings if each.post_id == post.pk}
        for user_id, latest in reading.latest_comments(post, readers, now - timedelta(seconds=slow)).items():
            waits[post.pk, user_id] = round(slow - (now - latest).total_seconds(), 1)
    return waits


def _newcomers(
    joinings: Sequence[Joining], posts: Mapping[int, Post], readers: Mapping[int, Reader]
) -> set[tuple[int, int]]:
    """Whose comments will be held under a post because they are new; by post and reader."""
    asked = {
        (each.post_id, each.user_id)
        for each in joinings
        if each.post_id in posts and posts[each.post_id].hold_newcomers
        if each.user_id in readers and not readers[each.user_id].is_trusted
    }
    trusted = trust.trusted({user_id for _, user_id in asked})
    return {
        (post_id, user_id)
        for post_id, user_id in asked
        if user_id not in trusted and user_id != posts[post_id].author_id
    }


def _read(post: Post, since: int | None) -> History:
    changes = None
    if since is not None:
        changes = [] if since == post.version else reading.changes(post, since)
    if changes is not None:
        return _encoded(post, changes, "changes")
    page = reading.page(post)
    return _encoded(post, page.comments, "snapshot", has_more=page.has_more)


def _encoded(
    post: Post, comments: list[Comment], kind: Literal["snapshot", "changes"], *, has_more: bool = False
) -> History:
    people: dict[int, Person] = {}
    own: dict[int, list[tuple[int, str]]] = {}
    texts, end = [], 0
    for comment in comments:
        # Nobody in particular reads this. A page refuses what is not published; changes name it.
        payload = comment_payload(comment) if kind == "snapshot" else change_payload(comment, None)
        text = dumps(payload)
        texts.append(text)
        end += len(text) + 1  # the comma or, before the first, the bracket
        if comment.client_id is not None and comment.status == Status.PUBLISHED:
            addition = f',"clientId":{dumps(comment.client_id)}'
            own.setdefault(comment.author_id, []).append((end - 1, addition))
        for user in (comment.author, *([comment.parent.author] if comment.parent else ())):
            people[user.pk] = Person(user.name, user.username, user.picture, user.is_staff)
    text = f"[{','.join(texts)}]"
    reacted = tuple(reactions.with_any(comments))
    return History(post.version, post.author_id, people, kind, has_more, text, own, reacted)
