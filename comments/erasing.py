"""What becomes of the comments of somebody who deletes their account; `accounts.deletion` calls for it.

Anonymised ones keep their texts: their author has no name any more, and each takes a version by which open
pages, and copies of the feed, hear of that. Removed ones leave every open page, and their texts, the earlier
ones as well, leave the database; what moderators decided about them stays, with the text as it stood then.
Reactions stay as numbers, or are taken back, in the same way.
"""

from collections.abc import Iterable, Mapping, Sequence

from accounts.models import DELETED, Fate, User

from .actions import take_versions
from .decided import tell_rooms
from .desk.notices import noticed
from .models import Appeal, Comment, CommentRevision, Flag, Mention, Post, PostFollow, Remover, Status
from .moderation import AT_ONCE
from .reactions import forget_some


def erase(user: User, fate: Fate) -> bool:
    """One batch within the caller's transaction; whether nothing is left."""
    # What they reported still counts; what they said about it was theirs.
    Flag.objects.filter(reporter=user).exclude(note="").update(note="")
    PostFollow.objects.filter(user=user).delete()
    Mention.objects.filter(user=user).delete()
    return _remove_some(user) and forget_some(user) if fate == Fate.REMOVE else _rename_some(user)


def _rename_some(user: User) -> bool:
    # What the author's browser called a comment is of no use any more: from now on it says that this is done.
    mine = Comment.objects.filter(author=user, status=Status.PUBLISHED)
    left = mine.exclude(client_id__startswith=DELETED).order_by("post_id", "-id")
    found = list(left.values_list("pk", "post_id")[:AT_ONCE])
    if not found:
        return True
    posts = _held({post_id for _, post_id in found})
    comments = _as_they_are([pk for pk, _ in found], posts)
    shown = [comment for comment in comments if comment.status == Status.PUBLISHED]
    _take_versions(shown, posts, published=0)
    for comment in comments:
        comment.client_id = f"{DELETED}{comment.pk}"
    Comment.objects.bulk_update(comments, ["version", "client_id"])
    tell_rooms(shown, was_shown=True)
    return False


def _remove_some(user: User) -> bool:
    # Those of one post beside each other: each room hears of few batches. What is done has no text any more.
    left = Comment.objects.filter(author=user).exclude(content="").order_by("post_id", "-id")
    found = list(left.values_list("pk", "post_id")[:AT_ONCE])
    if not found:
        return True
    ids = [pk for pk, _ in found]
    posts = _held({post_id for _, post_id in found})
    comments = [comment for comment in _as_they_are(ids, posts) if comment.content]
    shown = [comment for comment in comments if comment.status == Status.PUBLISHED]
    _take_versions(shown, posts, published=-1)
    gone = [comment.pk for comment in comments if comment.status in (Status.PUBLISHED, Status.PENDING)]
    Comment.objects.filter(pk__in=gone).update(status=Status.REMOVED, removed_by=Remover.AUTHOR)
    for comment in shown:
        comment.status, comment.removed_by = Status.REMOVED, Remover.AUTHOR
    Comment.objects.bulk_update(shown, ["version"])
    Comment.objects.filter(pk__in=ids).update(content="", html="", client_id=None, digest=None)
    CommentRevision.objects.filter(comment__in=ids).delete()
    Mention.objects.filter(comment__in=ids).delete()
    # Nobody is left to be answered.
    appeals = Appeal.objects.filter(decision__comment__in=ids)
    appeals.filter(answered_at__isnull=True).delete()
    appeals.update(text="")
    noticed(ids)
    tell_rooms(shown)
    return False


def _held(post_ids: Iterable[int]) -> dict[int, Post]:
    held = Post.objects.select_for_update().defer("body").filter(pk__in=post_ids)
    return {post.pk: post for post in held.order_by("pk")}


def _as_they_are(ids: Sequence[int], posts: Mapping[int, Post]) -> list[Comment]:
    """Comments now that nobody else changes them; the newest first, as everywhere in a batch."""
    found = Comment.objects.filter(pk__in=ids).select_related("author", "parent__author").order_by("-id")
    for comment in found:
        comment.post = posts[comment.post_id]
    return list(found)


def _take_versions(shown: Sequence[Comment], posts: Mapping[int, Post], *, published: int) -> None:
    """Number what readers see of it anew; each changes its post's number of comments by `published`."""
    for post in posts.values():
        mine = [comment for comment in shown if comment.post_id == post.pk]
        if not mine:
            continue
        first = post.version + 1
        take_versions(post, len(mine), published=published * len(mine))
        for version, comment in enumerate(mine, start=first):
            comment.version = version
