"""What becomes of the comments of somebody who deletes their account; `accounts.deletion` calls for it.

Anonymised ones stay as they are: their author has no name any more. Removed ones leave every open page, and
their texts, the earlier ones as well, leave the database; what moderators decided about them stays, with the
text as it stood then. Reactions stay as numbers, or are taken back, in the same way.
"""

from django.utils import timezone

from accounts.models import Fate, User

from .actions import take_versions
from .desk.notices import noticed
from .models import Appeal, Comment, CommentRevision, Flag, Mention, Post, PostFollow, Remover, Status
from .moderation import AT_ONCE, tell_rooms
from .reactions import forget_some


def erase(user: User, fate: Fate) -> bool:
    """One batch within the caller's transaction; whether nothing is left."""
    # What they reported still counts; what they said about it was theirs.
    Flag.objects.filter(reporter=user).exclude(note="").update(note="")
    PostFollow.objects.filter(user=user).delete()
    Mention.objects.filter(user=user).delete()
    if fate != Fate.REMOVE:
        # Feeds have another name now, and whoever asks by time alone gets it.
        theirs = Comment.objects.filter(author=user, status=Status.PUBLISHED)
        Post.objects.filter(pk__in=theirs.values("post")).update(changed_at=timezone.now())
    return fate != Fate.REMOVE or (_remove_some(user) and forget_some(user))


def _remove_some(user: User) -> bool:
    # Those of one post beside each other: each room hears of few batches. What is done has no text any more.
    left = Comment.objects.filter(author=user).exclude(content="").order_by("post_id", "-id")
    found = list(left.values_list("pk", "post_id")[:AT_ONCE])
    if not found:
        return True
    held = Post.objects.select_for_update().defer("body").filter(pk__in={post_id for _, post_id in found})
    posts = {post.pk: post for post in held.order_by("pk")}
    # As they are now that nobody else changes them; the newest first, as everywhere in this batch.
    ids = [pk for pk, _ in found]
    comments = list(Comment.objects.filter(pk__in=ids).exclude(content="").order_by("-id"))
    for comment in comments:
        comment.post = posts[comment.post_id]
    shown = [comment for comment in comments if comment.status == Status.PUBLISHED]
    for post in posts.values():
        mine = [comment for comment in shown if comment.post_id == post.pk]
        if not mine:
            continue
        first = post.version + 1
        take_versions(post, len(mine), published=-len(mine))
        for version, comment in enumerate(mine, start=first):
            comment.version = version
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
