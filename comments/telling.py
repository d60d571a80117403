"""Who is notified of what happened under a post: whoever is named, is answered, follows it, wrote it, or
wrote what is reacted to.

Nothing of this is done while a comment is written, and a comment costs nothing for it. A post's version is
the outbox: whatever changed since `PostTold.version` is to be told of, and the rows that changed say all
there is to say. So a process that dies after a commit, or before one, loses nothing: the next one finds a
post whose version is ahead. Each process is hinted at posts that it has changed itself, and looks for others
now and then. Of several that come by one does it, a batch and the note that it is done in one transaction.

What is derived may be derived twice: nobody is told twice of one `source`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts import notifications
from accounts.models import Kind, Notification
from accounts.notifications import Letter

from .models import Comment, Mention, Post, PostFollow, PostKind, PostTold, Reaction, Status

# Changed comments of one post that one transaction looks at, and posts that are found at once.
AT_ONCE = 300
POSTS_AT_ONCE = 20
# What was written before this, and changes only now, is news to nobody: an import, a comment restored.
NEWS_FOR = timedelta(days=7)
# Of one post whoever follows it has one unread notification: it says that there is something new.
FOLLOWERS_LIMIT = 1
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
    ahead = Post.objects.filter(~Exists(told), version__gt=0).order_by()
    return list(ahead.values_list("pk", flat=True)[:POSTS_AT_ONCE])


def tell(post_ids: Iterable[int]) -> list[int]:
    """Notify whoever is concerned by what changed under these posts; those of which there is more to tell."""
    return [post_id for post_id in sorted(set(post_ids)) if _tell_of(post_id)]


def told_up_to_now(post: Post) -> None:
    """Tell nobody of what was done so far under a held post: an import is no news."""
    PostTold.objects.update_or_create(post=post, defaults={"version": post.version})


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
        told = PostTold.objects.select_for_update(skip_locked=True).filter(post=post_id).first()
        if told is None:
            # None yet, or another process holds it.
            PostTold.objects.bulk_create([PostTold(post_id=post_id)], ignore_conflicts=True)
            told = PostTold.objects.select_for_update(skip_locked=True).filter(post=post_id).first()
        posts = Post.objects.filter(pk=post_id)
        row = posts.values_list("title", "author_id", "published_at", "version", "kind").first()
        if told is None or row is None:
            # Whoever holds it may have read before our changes were there: so it is our turn after theirs.
            return row is not None
        title, author_id, published_at, version, kind = row
        if version <= told.version:
            return False
        is_shown = published_at is not None and published_at <= now
        place = _Place(post_id, title, author_id, is_shown, kind != PostKind.POST)
        changes = _changes(post_id, told.version)
        is_all = len(changes) < AT_ONCE
        reacted = _reacted(changes, told.reaction_id, now)
        if place.is_shown:
            letters = [*_written(place, changes, now), *_reacted_letters(place, reacted)]
            if letters:
                notifications.send(Kind.COMMENT, to_each=letters)
        gone = [_source(each.id) for each in changes if each.status != Status.PUBLISHED]
        if gone:
            notifications.withdraw(sources=gone)
        # Versions that no comment has any more were overtaken by later ones of the same comments. And changes
        # were read after the version: they may be ahead of it, without gaps, for versions commit in order.
        newest = changes[-1].version if changes else 0
        told.version = max(newest, version) if is_all else newest
        if is_all and reacted:  # of other comments there may be earlier ones
            told.reaction_id = max(told.reaction_id, reacted[-1].id)
        told.save(update_fields=["version", "reaction_id"])
    return not is_all


def _changes(post_id: int, since: int) -> list[_Change]:
    rows = Comment.objects.filter(post=post_id, version__gt=since).order_by("version")
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
    post, else as who follows it."""
    news = [each for each in changes if each.is_news(now)]
    if not news:
        return
    named: Mapping[int, set[int]] = defaultdict(set)
    for comment_id, user_id in Mention.objects.filter(comment__in=[each.id for each in news]).values_list(
        "comment_id", "user_id"
    ):
        named[comment_id].add(user_id)
    known: Mapping[int, set[int]] = defaultdict(set)
    for each in news:
        about, path = place.about(each.id), reverse("comments:comment", args=[each.id])
        source = _source(each.id)
        for user_id in sorted(named[each.id]):
            known[each.id].add(user_id)
            yield Letter(
                user_id, Kind.MENTION, "mentioned", each.author_id, f"mention:{each.id}", source, path, about
            )
        parent_author = each.parent_author_id if each.parent_status == Status.PUBLISHED else None
        if parent_author is not None and parent_author not in known[each.id]:
            known[each.id].add(parent_author)
            group = f"reply:{each.parent_id}"
            yield Letter(parent_author, Kind.COMMENT, "replied", each.author_id, group, source, path, about)
        if place.author_id is not None and place.author_id not in known[each.id]:
            known[each.id].add(place.author_id)
            group = f"post:{place.id}"
            yield Letter(
                place.author_id, Kind.COMMENT, "commented", each.author_id, group, source, path, about
            )
    yield from _for_followers(place, news, known)


def _for_followers(place: _Place, news: Sequence[_Change], known: Mapping[int, set[int]]) -> Iterator[Letter]:
    """Each is told of one comment that they were not told of otherwise: the first since they follow."""
    group = f"followed:{place.id}"
    unread = Notification.objects.unread().filter(user=OuterRef("user"), group_key=group)
    following = PostFollow.objects.filter(~Exists(unread), post=place.id)
    if place.author_id is not None:
        following = following.exclude(user=place.author_id)
    for user_id, since in following.order_by().values_list("user_id", "created_at"):
        for each in news:
            if each.created_at > since and each.author_id != user_id and user_id not in known[each.id]:
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
        notifications.withdraw(sources=sources, but_read=True)
