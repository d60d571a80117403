"""Comments as a page shows them: under the comment they answer, as far as it is there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User

from .events import badge_of
from .models import Comment, Status


@dataclass(slots=True)
class ShownComment:
    """What templates/comments/_comment.html needs; all empty, it is JavaScript's pattern."""

    id: int | None = None
    post_id: int | None = None
    user_id: int | None = None
    name: str = ""
    badge: str = ""
    avatar: int = 0
    initials: str = ""
    html: SafeString = field(default_factory=lambda: mark_safe(""))
    content: str = ""
    created_at: datetime | None = None
    edited_at: datetime | None = None
    permalink: str = ""
    edit_url: str = ""
    delete_url: str = ""
    reply_url: str = ""
    parent_id: int | None = None
    answers: str = ""
    version: int = 0
    is_own: bool = False
    is_removed: bool = False
    is_pending: bool = False


@dataclass(slots=True)
class Thread:
    """A comment and everything that answers it, at any depth, oldest first."""

    comment: ShownComment
    replies: list[ShownComment]


def shown(comment: Comment, reader: User | None) -> ShownComment:
    """A comment for the template; its source only for its author, who may edit it."""
    author = comment.author
    is_own = reader is not None and comment.author_id == reader.pk
    parent = comment.parent
    parent_is_there = parent is not None and parent.status == Status.PUBLISHED
    return ShownComment(
        id=comment.pk,
        post_id=comment.post_id,
        user_id=comment.author_id,
        name=author.shown_name,
        badge=badge_of(author, comment.post) or "",
        avatar=author.avatar,
        initials=author.initials,
        html=mark_safe(comment.html),  # cleaned when it was written, see `text`
        content=comment.content if is_own else "",
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        permalink=comment.get_absolute_url(),
        edit_url=reverse("comments:edit", args=[comment.pk]) if is_own else "",
        delete_url=reverse("comments:delete", args=[comment.pk]) if is_own else "",
        reply_url=f"{comment.post.get_absolute_url()}?reply={comment.pk}#composer",
        parent_id=comment.parent_id,
        answers=parent.author.shown_name if parent is not None and parent_is_there else "",
        version=comment.version,
        is_own=is_own,
        is_pending=comment.status == Status.PENDING,
    )


def threads(comments: Iterable[Comment], reader: User | None) -> list[Thread]:
    """Group one page of comments, oldest first.

    A reply goes under the topmost comment of its line that is on the page. One whose parent is on
    another page stands by itself and names whom it answers; one whose parent is gone stands under a
    placeholder, in the parent's place.
    """
    heads: dict[int, Thread] = {}
    head_of: dict[int, int] = {}
    for comment in comments:
        entry = shown(comment, reader)
        parent = comment.parent
        if parent is None:
            head = comment.pk
        elif parent.pk in head_of:
            head = head_of[parent.pk]
            if head == parent.pk:
                entry.answers = ""  # it stands right under what it answers
        elif parent.status != Status.PUBLISHED:
            head = parent.pk
            heads[head] = Thread(_placeholder(parent, comment), [])
            head_of[head] = head
        else:
            head = comment.pk
        head_of[comment.pk] = head
        if head in heads:
            heads[head].replies.append(entry)
        else:
            heads[head] = Thread(entry, [])
    return [heads[head] for head in sorted(heads)]


def _placeholder(removed: Comment, reply: Comment) -> ShownComment:
    return ShownComment(id=removed.pk, post_id=reply.post_id, is_removed=True)
