"""Who is notified of what happened under a post: whoever is named, is answered, follows it, wrote it, or
wrote what is reacted to.

Nothing of this is done while a comment is written, and a comment costs nothing for it. A post's version is
the outbox: whatever changed since `PostTold.version` is to be told of, and the rows that changed say all
there is to say. So a process that dies after a commit, or before one, loses nothing: the next one finds a
post whose version is ahead. Each process is hinted at posts that it has changed itself, and looks for others
now and then. Of several that come by one does it, a batch and the note that it is done in one transaction.

Those who follow a post may be a mass, and are told by themselves (`tell_followers`, `FollowersTold`), some at
a time: nobody who is named waits for them.

What is derived may be derived twice: nobody is told twice of one `source`.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts import notifications
from accounts.models import Kind, Notification
from accounts.notifications import Letter

from .models import Comment, FollowersTold, Mention, Post, PostFollow, PostKind, PostTold, Reaction, Status

# Changed comments of one post that one transaction looks at, and posts that are found at once.
AT_ONCE = 300
POSTS_AT_ONCE = 20
# Followers of one post whom one transaction looks at: a tenth of a second where each of them is told.
FOLLOWERS_AT_ONCE = 250
# When `tell` stops with what it was given, in seconds.
TURN = 0.25
# What was written before this, and changes only now, is news to nobody: an import, a comment restored.
NEWS_FOR = timedelta(days=7)
# Of one post whoever follows it has one unread notification: it says that there is something new.
FOLLOWERS_LIMIT = 1
_Note = TypeVar("_Note", PostTold, FollowersTold)
# Called with the id of a post that this process has changed, after the commit. Set by what serves sockets.
_hint: Callable[[int], None] = lambda post_id: None  # noqa: E731


def hint_with(hint: Callable[[int], None]) -> None:
    """Have `hint` called for each post that is changed in this process; from any thread."""
    global _hint
    _hint = hint


def changed(post_id: int) -> None:
    """A post has taken a version in this transaction. Where nobody is hinted, `behind` finds it."""
    transaction.on_commit(lambda: _hint(post_id), robust=True)


def behind() -> list[int]:
    """Posts of which something has not been told, a few."""
    told = PostTold.objects.filter(post=OuterRef("pk"), version__gte=OuterRef("version"))
    followers_told = FollowersTold.objects.filter(post=OuterRef("pk"), version__gte=OuterRef("version"))
    ahead = Post.objects.filter(~Exists(told) | ~Exists(followers_told), version__gt=0).order_by()
    return list(ahead.values_list("pk", flat=True)[:POSTS_AT_ONCE])


def tell(post_ids: Iterable[int]) -> list[int]:
    """Notify whoever is named, answered, wrote the post or is reacted to; of which of these there is more to
    tell, those first whose turn did not come."""
    until = time.monotonic() + TURN
    left, more = list(dict.fromkeys(post_ids)), []
    while left:
        if _tell_of(post_id := left.pop(0)):
            more.append(post_id)
        if time.monotonic() > until:
            break
    return left + more


def tell_followers(post_ids: Iterable[int]) -> list[int]:
    """Notify some of those who follow the first of these posts; of which of them there is more to tell."""
    left = list(dict.fromkeys(post_ids))
    post_id = left.pop(0)
    return [*left, post_id] if _tell_followers_of(post_id) else left


def told_up_to_now(post: Post) -> None:
    """Tell nobody of what was done so far under a held post: an import is no news."""
    PostTold.objects.update_or_create(post=post, defaults={"version": post.version})
    FollowersTold.objects.update_or_create(
        post=post, defaults={"version": post.version, "up_to": 0, "after": 0}
    )


@dataclass(frozen=True, slots=True)
class _Change:
    """A comment that changed, as far as it matters here."""

    id: int
    author_id: int
    parent_id: int | None
    parent_author_id: int | None
    parent_status: str | None
    status: str
    version: int
    created_at: datetime
    reactions: str

    @property
    def answered_id(self) -> int | None:
        """Who is answered, as long as that can be read."""
        return self.parent_author_id if self.parent_status == Status.PUBLISHED else None

    def is_news(self, now: datetime) -> bool:
        return self.status == Status.PUBLISHED and self.created_at > now - NEWS_FOR


@dataclass(frozen=True, slots=True)
class _Place:
    """The post, as notifications name it."""

    id: int
    title: str
    author_id: int | None  # a room of the chat has none
    is_shown: bool
    is_room: bool

    def about(self, comment_id: int) -> dict[str, Any]:
        about: dict[str, Any] = {
            "title": self.title,
            "postId": str(self.id),
            "commentId": str(comment_id),
        }
        return {**about, "isRoom": True} if self.is_room else about


def _tell_of(post_id: int) -> bool:
    """One batch of one post; whether there is more. Where another process is at it, there is not for us."""
    now = timezone.now()
    with transaction.atomic():
        told = _held(PostTold, post_id)
        found = _place(post_id, now)
        if told is None or found is None:
            # Whoever holds it may have read before our changes were there: so it is our turn after theirs.
            return found is not None
        place, version = found
        if version <= told.version:
            return False
        changes = _changes(post_id, told.version)
        is_all = len(changes) < AT_ONCE
        reacted = _reacted(changes, told.reaction_id, now)
        if place.is_shown:
            if reacted:
                again = [_like_source(comment.id, user_id) for _, comment, user_id in reacted]
                notifications.resume(sources=again)
            letters = [*_written(place, changes, now), *_reacted_letters(place, reacted)]
            if letters:
                notifications.send(Kind.COMMENT, to_each=letters)
        _take_back(changes)
        told.version = _reached(changes, version)
        if is_all and reacted:  # of other comments there may be earlier ones
            told.reaction_id = max(told.reaction_id, reacted[-1].id)
        told.save(update_fields=["version", "reaction_id"])
    return not is_all


def _tell_followers_of(post_id: int) -> bool:
    """Some of those who follow one post; whether there are more, or more to tell them."""
    now = timezone.now()
    with transaction.atomic():
        told = _held(FollowersTold, post_id)
        found = _place(post_id, now)
        if told is None or found is None:
            return found is not None
        place, version = found
        if told.up_to <= told.version:  # all of them were told of all so far
            if version <= told.version:
                return False
            changes = _changes(post_id, told.version)
            told.up_to, told.after = _reached(changes, version), 0
            # Somebody may have been told of it after all others had it taken back.
            _take_back(changes)
        else:
            changes = _changes(post_id, told.version, told.up_to)
        news = [each for each in changes if each.is_news(now)] if place.is_shown else []
        some = _followers(post_id, told.after) if news else []
        if some:
            letters = list(_for_followers(place, news, some))
            if letters:
                notifications.send(Kind.COMMENT, to_each=letters)
            told.after = some[-1][0]
        is_end = len(some) < FOLLOWERS_AT_ONCE
        if is_end:
            told.version = told.up_to
        told.save(update_fields=["version", "up_to", "after"])
    return not is_end or version > told.version


def _held(notes: type[_Note], post_id: int) -> _Note | None:
    """A post's note of what was told, for us alone; None: another process has it."""
    held = notes._default_manager.select_for_update(skip_locked=True).filter(post=post_id)
    note = held.first()
    if note is None:
        # None yet, or another process holds it.
        notes._default_manager.bulk_create([notes(post_id=post_id)], ignore_conflicts=True)
        note = held.all().first()
    return note


def _place(post_id: int, now: datetime) -> tuple[_Place, int] | None:
    """A post, with the version that it has reached."""
    fields = ("title", "author_id", "published_at", "version", "kind")
    row = Post.objects.filter(pk=post_id).values_list(*fields).first()
    if row is None:
        return None
    title, author_id, published_at, version, kind = row
    is_shown = published_at is not None and published_at <= now
    return _Place(post_id, title, author_id, is_shown, kind != PostKind.POST), version


def _reached(changes: Sequence[_Change], version: int) -> int:
    """Up to which version these are all changes of a post that had this one before they were read.

    Versions that no comment has any more were overtaken by later ones of the same comments. And changes were
    read after the version: they may be ahead of it, without gaps, for versions commit in order.
    """
    newest = changes[-1].version if changes else 0
    return max(newest, version) if len(changes) < AT_ONCE else newest


def _take_back(changes: Iterable[_Change]) -> None:
    """What is there no more nobody needs to hear of."""
    gone = [_source(each.id) for each in changes if each.status != Status.PUBLISHED]
    if gone:
        notifications.withdraw(sources=gone)


def _changes(post_id: int, since: int, up_to: int | None = None) -> list[_Change]:
    rows = Comment.objects.filter(post=post_id, version__gt=since).order_by("version")
    if up_to is not None:
        rows = rows.filter(version__lte=up_to)
    fields = (
        "pk", "author_id", "parent_id", "parent__author_id", "parent__status", "status", "version",
        "created_at", "reactions",
    )  # fmt: skip
    return [_Change(*row) for row in rows.values_list(*fields)[:AT_ONCE]]


def _source(comment_id: int) -> str:
    return f"comment:{comment_id}"


# --- Comments ---------------------------------------------------------------------------------------


def _written(place: _Place, changes: Sequence[_Change], now: datetime) -> Iterator[Letter]:
    """Of each comment everybody is told once: as who is named, else as who is answered, else as who wrote the
    post, else as who follows it, which is not done here."""
    news = [each for each in changes if each.is_news(now)]
    if not news:
        return
    named = _named(news)
    for each in news:
        about, path = place.about(each.id), reverse("comments:comment", args=[each.id])
        source = _source(each.id)
        known = named[each.id]
        for user_id in sorted(known):
            yield Letter(
                user_id, Kind.MENTION, "mentioned", each.author_id, f"mention:{each.id}", source, path, about
            )
        parent_author = each.answered_id
        if parent_author is not None and parent_author not in known:
            group = f"reply:{each.parent_id}"
            yield Letter(parent_author, Kind.COMMENT, "replied", each.author_id, group, source, path, about)
        if place.author_id is not None and place.author_id not in {*known, parent_author}:
            group = f"post:{place.id}"
            yield Letter(
                place.author_id, Kind.COMMENT, "commented", each.author_id, group, source, path, about
            )


def _named(news: Sequence[_Change]) -> Mapping[int, set[int]]:
    """Who is named, by comment."""
    named: Mapping[int, set[int]] = defaultdict(set)
    rows = Mention.objects.filter(comment__in=[each.id for each in news])
    for comment_id, user_id in rows.values_list("comment_id", "user_id"):
        named[comment_id].add(user_id)
    return named


def _followers(post_id: int, after: int) -> list[tuple[int, datetime]]:
    """The next who follow a post, and since when."""
    following = PostFollow.objects.filter(post=post_id, user__gt=after).order_by("user")
    return list(following.values_list("user_id", "created_at")[:FOLLOWERS_AT_ONCE])


def _for_followers(
    place: _Place, news: Sequence[_Change], some: Sequence[tuple[int, datetime]]
) -> Iterator[Letter]:
    """Each is told of one comment that they were not told of otherwise: the first since they follow."""
    group = f"followed:{place.id}"
    unread = Notification.objects.unread().filter(user__in=[user_id for user_id, _ in some], group_key=group)
    spared = {*unread.order_by().values_list("user_id", flat=True), place.author_id}
    named = _named(news)
    for user_id, since in some:
        if user_id in spared:
            continue
        for each in news:
            is_known = user_id in named[each.id] or user_id == each.answered_id
            if each.created_at > since and each.author_id != user_id and not is_known:
                path = reverse("comments:comment", args=[each.id])
                yield Letter(
                    user_id, Kind.COMMENT, "followed_post", each.author_id, group, _source(each.id), path,
                    place.about(each.id), FOLLOWERS_LIMIT,
                )  # fmt: skip
                break


# --- Reactions --------------------------------------------------------------------------------------


class _Given(NamedTuple):
    """A reaction: to which comment, and by whom."""

    id: int
    comment: _Change
    user_id: int


def _reacted(changes: Sequence[_Change], since: int, now: datetime) -> list[_Given]:
    """What these comments got after reaction `since`.

    Their ids grow in the order of their commits within a post, for the post is held while they are given.
    """
    with_any = {each.id: each for each in changes if each.reactions and each.status == Status.PUBLISHED}
    if not with_any:
        return []
    rows = Reaction.objects.filter(comment__in=with_any, pk__gt=since, created_at__gt=now - NEWS_FOR)
    found = rows.order_by("pk").values_list("pk", "comment_id", "user_id")
    return [_Given(pk, with_any[comment_id], user_id) for pk, comment_id, user_id in found]


def _reacted_letters(place: _Place, reacted: Sequence[_Given]) -> Iterator[Letter]:
    for _, comment, user_id in reacted:
        path = reverse("comments:comment", args=[comment.id])
        yield Letter(
            comment.author_id, Kind.LIKE, "reacted", user_id, f"like:{comment.id}",
            _like_source(comment.id, user_id), path, place.about(comment.id),
        )  # fmt: skip


def _like_source(comment_id: int, user_id: int) -> str:
    return f"like:{comment_id}:{user_id}"


# --- Taking back ------------------------------------------------------------------------------------


def taken_back(given: Iterable[tuple[int, int]]) -> None:
    """These people, each with the comment, have no reaction to it any more: nobody needs to hear of it."""
    sources = [_like_source(comment_id, user_id) for user_id, comment_id in given]
    if sources:
        # They may react again, and off and on: it stands there again then, and rings for nobody.
        notifications.suspend(sources=sources)
