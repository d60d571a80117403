"""Reactions: the verb that gives and takes them back, many in one transaction, and the reads.

Who reacted is a row each; how often, the comment's row says itself, so that a page of comments costs nothing
more for having any. Both are written while the post is held, and so always agree.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.sanctions import CLEAR, Standing, standing
from realtime.database import is_storable
from realtime.errors import ErrorCode, Refused
from realtime.publish import publish_on_commit
from realtime.session import user_room

from . import controls, rules, statements, telling
from .events import ServerEvent, post_room, reacted_payload
from .models import Comment, Post, Reaction, Status

# No emoji is longer, with all that may modify it; the column holds as much.
EMOJI_LIMIT = 32
FORGOTTEN_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants their reaction to stand, or not to."""

    user_id: int
    comment_id: int
    emoji: str
    on: bool


@dataclass(frozen=True, slots=True)
class Reacted:
    """What became of it: the comment's counts now, and which of them are this person's own."""

    comment_id: int
    post_id: int
    version: int
    reactions: dict[str, int]
    own: list[str]


def react(comment_id: int, emoji: str, *, on: bool, acting_user: User) -> Reacted:
    """React to a comment, or take it back; doing it twice changes nothing. Raises `Refused`."""
    [outcome] = react_together([Wish(acting_user.pk, comment_id, emoji, on)])
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def react_together(wishes: Sequence[Wish]) -> list[Reacted | Refused]:
    """Do what many want in one transaction; each succeeds or is refused by itself, in their order.

    However many react to a comment in one turn, it changes once: one version, one event. Refusals:
    `invalid` for what is not among `REACTIONS`, `not_found`, and what keeps somebody from writing here:
    the room's state, a sanction.
    """
    refused = {index: refusal for index, wish in enumerate(wishes) if (refusal := _malformed(wish))}
    good = [index for index in range(len(wishes)) if index not in refused]
    outcomes: dict[int, Reacted | Refused] = {**refused}
    if good:
        site = controls.current()
        with transaction.atomic():
            turn = _Turn([wishes[index] for index in good], site)
            for index in good:
                try:
                    turn.check(wishes[index])
                    turn.apply(wishes[index])
                except Refused as refusal:
                    outcomes[index] = refusal
            turn.write()
            for index in good:
                if index not in outcomes:
                    outcomes[index] = turn.outcome(wishes[index])
    return [outcomes[index] for index in range(len(wishes))]


def forget(user: User) -> None:
    """Take back all that somebody ever reacted with: before their row is deleted, say."""
    while not forget_some(user):
        pass


def forget_some(user: User) -> bool:
    """Take back a batch of them; whether nothing is left."""
    given = list(Reaction.objects.filter(user=user).values_list("comment_id", "emoji")[:FORGOTTEN_AT_ONCE])
    if not given:
        return True
    with transaction.atomic():
        turn = _Turn([Wish(user.pk, comment_id, emoji, False) for comment_id, emoji in given])
        for wish in turn.wishes:
            turn.apply(wish)
        turn.write()
    return False


def own_reactions(user_ids: Collection[int], comment_ids: Collection[int]) -> dict[int, dict[int, list[str]]]:
    """Which reactions to these comments are each of these people's own: by person, then comment.

    Ask only about comments that have any; for none it asks nothing of the database.
    """
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    if user_ids and comment_ids:
        rows = Reaction.objects.filter(user__in=user_ids, comment__in=comment_ids).order_by()
        for user_id, comment_id, emoji in rows.values_list("user_id", "comment_id", "emoji"):
            found[user_id][comment_id].append(emoji)
    return found


def with_any(comments: Iterable[Comment]) -> list[int]:
    """Those of the comments to which somebody has reacted."""
    return [comment.pk for comment in comments if comment.reactions and comment.status == Status.PUBLISHED]


def on_the_wire(own: Mapping[int, list[str]]) -> dict[str, list[str]]:
    """One reader's own reactions, as clients get them."""
    return {str(comment_id): emojis for comment_id, emojis in own.items()}


def sorted_counts(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Counts in the order in which they are shown: the site's, then what it offered once."""
    order = {emoji: place for place, emoji in enumerate(settings.REACTIONS)}
    return sorted(counts.items(), key=lambda entry: order.get(entry[0], len(order)))


def _malformed(wish: Wish) -> Refused | None:
    """What the site does not offer cannot be given; what it offered once can still be taken back."""
    if wish.on:
        is_known = wish.emoji in settings.REACTIONS
    else:
        is_known = 0 < len(wish.emoji) <= EMOJI_LIMIT and is_storable(wish.emoji)
    return None if is_known else Refused(ErrorCode.INVALID)


@dataclass(slots=True)
class _Turn:
    """Wishes on their way through one transaction. The posts are held from the start."""

    wishes: Sequence[Wish]
    site: controls.Controls = controls.OPEN
    posts: dict[int, Post] = field(init=False)
    comments: dict[int, Comment] = field(init=False)
    users: dict[int, User] = field(init=False)
    standings: dict[int, Standing] = field(init=False)
    counts: dict[int, dict[str, int]] = field(init=False)
    before: dict[tuple[int, int], list[str]] = field(init=False)
    now: dict[tuple[int, int], list[str]] = field(init=False)

    def __post_init__(self) -> None:
        comment_ids = {wish.comment_id for wish in self.wishes}
        user_ids = {wish.user_id for wish in self.wishes}
        self.users, self.posts, self.comments, given = statements.hold_reacted(user_ids, comment_ids)
        self.standings = standing(user.pk for user in self.users.values() if user.is_sanctioned)
        self.counts = {pk: row.reaction_counts for pk, row in self.comments.items()}
        self.before = {(wish.user_id, wish.comment_id): [] for wish in self.wishes}
        for user_id, comment_id, emoji in given:
            if (user_id, comment_id) in self.before:
                self.before[user_id, comment_id].append(emoji)
        self.now = {pair: list(emojis) for pair, emojis in self.before.items()}

    def check(self, wish: Wish) -> None:
        """Raises `Refused` for who may not, and for what is not there."""
        user = rules.check_author(self.users.get(wish.user_id))
        comment = self.comments.get(wish.comment_id)
        if comment is None or comment.status != Status.PUBLISHED:
            raise Refused(ErrorCode.NOT_FOUND)
        post = self.posts[comment.post_id]
        if post.published_at is None or post.published_at > timezone.now():
            raise Refused(ErrorCode.NOT_FOUND)
        rules.check_room(post, user, self.site)
        standing = self.standings.get(user.pk, CLEAR)
        rules.check_standing(user, standing, is_message=post.is_room)

    def apply(self, wish: Wish) -> None:
        own = self.now[wish.user_id, wish.comment_id]
        counts = self.counts[wish.comment_id]
        if wish.on and wish.emoji not in own:
            own.append(wish.emoji)
            counts[wish.emoji] = counts.get(wish.emoji, 0) + 1
        elif not wish.on and wish.emoji in own:
            own.remove(wish.emoji)
            counts[wish.emoji] = max(0, counts.get(wish.emoji, 0) - 1)

    def write(self) -> None:
        """Store what differs and tell of it."""
        added: list[tuple[int, int, str]] = []
        gone: list[tuple[int, int, str]] = []
        for (user_id, comment_id), emojis in self.now.items():
            former = self.before[user_id, comment_id]
            added += [(user_id, comment_id, emoji) for emoji in emojis if emoji not in former]
            gone += [(user_id, comment_id, emoji) for emoji in former if emoji not in emojis]
        telling.taken_back(pair for pair, emojis in self.now.items() if self.before[pair] and not emojis)
        ids = [pk for pk in sorted(self.comments) if self._stored(pk) != self.comments[pk].reactions]
        changed = [self.comments[pk] for pk in ids]
        statements.write_reacted(added, gone, changed, self._number(changed))
        for comment in changed:
            if comment.status == Status.PUBLISHED:
                room = post_room(comment.post_id)
                publish_on_commit(ServerEvent.COMMENT_REACTED, reacted_payload(comment), room=room)
        for (user_id, comment_id), emojis in self.now.items():
            if set(emojis) != set(self.before[user_id, comment_id]):
                comment = self.comments[comment_id]
                # Their other tabs; nobody else is told whose a reaction is.
                own = {
                    "postId": str(comment.post_id),
                    "commentId": str(comment_id),
                    "emojis": emojis,
                }
                publish_on_commit(ServerEvent.OWN_REACTIONS, own, room=user_room(user_id))

    def _stored(self, comment_id: int) -> str:
        counts = {emoji: count for emoji, count in self.counts[comment_id].items() if count > 0}
        return json.dumps(counts, ensure_ascii=False, separators=(",", ":")) if counts else ""

    def _number(self, changed: Sequence[Comment]) -> dict[int, int]:
        """Give each comment its new counts and, where readers can see it, its post's next version; how many
        each post has given."""
        taken: dict[int, int] = defaultdict(int)
        for comment in changed:
            comment.reactions = self._stored(comment.pk)
            if comment.status == Status.PUBLISHED:
                post = self.posts[comment.post_id]
                post.version += 1
                comment.version = post.version
                taken[post.pk] += 1
        for post_id in taken:
            telling.changed(post_id)
        return taken

    def outcome(self, wish: Wish) -> Reacted:
        comment = self.comments[wish.comment_id]
        return Reacted(
            comment_id=comment.pk,
            post_id=comment.post_id,
            version=comment.version,
            reactions=comment.reaction_counts,
            own=self.now[wish.user_id, wish.comment_id],
        )
