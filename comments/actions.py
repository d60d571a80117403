"""The verbs that write comments; nothing else does (moderators' verbs stand in `moderation`).

Each takes the post's row first. That lock is what makes versions gapless, committed in their order,
and each comment's id larger than the one published before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from realtime.errors import ErrorCode, Refused
from realtime.publish import evict_sockets_on_commit, publish_on_commit

from . import rules, statements
from .events import GONE, ServerEvent, comment_payload, post_room, removed_payload, state_payload
from .models import Comment, Post, Remover, Status
from .text import comment_html


@dataclass(frozen=True, slots=True)
class Draft:
    """A comment that somebody wants to publish. `client_id` ties repeated attempts together."""

    author_id: int
    post_id: int
    content: str
    parent_id: int | None = None
    client_id: str | None = None


# Comments by their author and the author's own id for them.
Copies = dict[tuple[int, str | None], Comment]


@dataclass(frozen=True, slots=True)
class OldComment:
    """A comment that was written elsewhere and keeps its time; `parent` is its index in the import."""

    author: User
    content: str
    created_at: datetime
    parent: int | None = None


def post_comment(
    *,
    acting_user: User,
    post_id: int,
    content: str,
    parent_id: int | None = None,
    client_id: str | None = None,
) -> Comment:
    """Publish one comment: a batch of one. Raises `Refused`."""
    [outcome] = post_comments([Draft(acting_user.pk, post_id, content, parent_id, client_id)])
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def post_comments(drafts: Sequence[Draft]) -> list[Comment | Refused]:
    """Publish drafts in one transaction; each succeeds or is refused by itself, in their order.

    A draft whose author already has a comment with its `client_id` yields that comment and writes
    nothing.
    """
    try:
        return _post_batch(drafts)
    except IntegrityError:
        # One of these client ids is stored already. Looking for that beforehand would cost every comment
        # a query for the sake of the rare one that is sent twice.
        pass
    try:
        return _post_batch(drafts, _known_copies(drafts))
    except IntegrityError:
        # Another process has stored one since we looked. Alone, each draft either finds its own first
        # copy or is not concerned.
        if len(drafts) == 1:
            return [_first_copy(drafts[0])]
        return [outcome for draft in drafts for outcome in post_comments([draft])]


def edit_comment(comment_id: int, content: str, *, acting_user: User) -> Comment:
    """Change the text of one's own comment. Raises `Refused`; the same text again changes nothing."""
    rules.check_text(content)
    with transaction.atomic():
        comment = _lock_own(comment_id, acting_user)
        if comment.status == Status.REMOVED:
            raise Refused(ErrorCode.NOT_FOUND)
        rules.check_room(comment.post, acting_user)
        return rewrite(comment, content)


def remove_comment(comment_id: int, *, acting_user: User) -> Comment:
    """Take one's own comment away; doing it again changes nothing. Raises `Refused`."""
    with transaction.atomic():
        comment = _lock_own(comment_id, acting_user)
        return withdraw(comment, Status.REMOVED, by=Remover.AUTHOR)


def announce_post(post: Post) -> None:
    """Tell the room what `post`, just saved, means for it: whether it takes comments, and whether
    readers may see it at all; if not, they leave."""
    room = post_room(post.pk)
    visible = post.published_at is not None and post.published_at <= timezone.now()
    state = {**state_payload(post), "reason": ""} if visible else GONE
    publish_on_commit(ServerEvent.POST_STATE, {"postId": str(post.pk), "state": state}, room=room)
    if not visible:
        evict_sockets_on_commit(room)


def import_comments(post: Post, old: Iterable[OldComment]) -> int:
    """Bring in comments from elsewhere, oldest first, with their own times; how many there were.

    Nobody is told one by one: readers of the post find them as one change of its version.
    """
    entries = list(old)
    with transaction.atomic():
        locked = lock_post(post.pk)
        comments = [
            Comment(
                post=locked,
                author=entry.author,
                content=entry.content,
                html=comment_html(entry.content),
                created_at=entry.created_at,
                version=locked.version + number,
            )
            for number, entry in enumerate(entries, start=1)
        ]
        Comment.objects.bulk_create(comments, batch_size=500)
        answers = []
        for comment, entry in zip(comments, entries, strict=True):
            if entry.parent is not None:
                comment.parent = comments[entry.parent]
                answers.append(comment)
        Comment.objects.bulk_update(answers, ["parent"], batch_size=500)
        take_versions(locked, len(comments), published=len(comments))
    return len(comments)


# --- What the verbs are made of; `moderation` uses these too, inside its own transactions -----------


def lock_post(post_id: int) -> Post:
    """The post, held until the transaction ends. Raises `Refused` where there is none."""
    post = Post.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return post


def lock_comment(comment_id: int) -> Comment:
    """A comment and its post, both as they are once the post is held. Raises `Refused`."""
    post_id = Comment.objects.filter(pk=comment_id).values_list("post_id", flat=True).first()
    if post_id is None:
        raise Refused(ErrorCode.NOT_FOUND)
    post = lock_post(post_id)
    comment = Comment.objects.select_related("author", "parent__author").get(pk=comment_id)
    comment.post = post
    return comment


def take_versions(post: Post, count: int, *, published: int) -> None:
    """Advance a held post by `count` versions and its number of comments by `published`."""
    Post.objects.filter(pk=post.pk).update(
        version=F("version") + count, comment_count=F("comment_count") + published
    )
    post.version += count
    post.comment_count += published


def rewrite(comment: Comment, content: str) -> Comment:
    """Give a held comment another text and tell the room, if the room can see it."""
    if content == comment.content:
        return comment
    html = comment_html(content)
    rules.check_shows(html)
    comment.content = content
    comment.html = html
    comment.edited_at = timezone.now()
    if comment.status == Status.PUBLISHED:
        take_versions(comment.post, 1, published=0)
        comment.version = comment.post.version
        _tell_room(ServerEvent.COMMENT_UPDATED, comment)
    comment.save(update_fields=["content", "html", "edited_at", "version"])
    return comment


def withdraw(comment: Comment, status: Status, *, by: Remover) -> Comment:
    """Hide or remove a held comment and tell the room, if the room could see it."""
    if comment.status == status:
        return comment
    if comment.status == Status.PUBLISHED:
        take_versions(comment.post, 1, published=-1)
        comment.version = comment.post.version
        comment.removed_by = by
        publish_on_commit(
            ServerEvent.COMMENT_REMOVED, removed_payload(comment), room=post_room(comment.post_id)
        )
    comment.status = status
    comment.save(update_fields=["status", "version", "removed_by"])
    return comment


def reveal(comment: Comment) -> Comment:
    """Publish a held comment that readers cannot see, and tell the room."""
    if comment.status == Status.PUBLISHED:
        return comment
    comment.status = Status.PUBLISHED
    comment.removed_by = ""
    take_versions(comment.post, 1, published=1)
    comment.version = comment.post.version
    comment.save(update_fields=["status", "version", "removed_by"])
    _tell_room(ServerEvent.COMMENT_ADDED, comment)
    return comment


def _tell_room(event: ServerEvent, comment: Comment) -> None:
    publish_on_commit(event, comment_payload(comment), room=post_room(comment.post_id))


def _lock_own(comment_id: int, acting_user: User) -> Comment:
    """One's own comment, held. Somebody else's visible one is forbidden; a hidden one does not exist,
    for its author neither: what moderators decided about stays as they saw it."""
    comment = lock_comment(comment_id)
    if comment.author_id != acting_user.pk:
        visible = comment.status == Status.PUBLISHED
        raise Refused(ErrorCode.FORBIDDEN if visible else ErrorCode.NOT_FOUND)
    if comment.status in (Status.REJECTED, Status.SPAM):
        raise Refused(ErrorCode.NOT_FOUND)
    if not Post.objects.reachable().filter(pk=comment.post_id).exists():
        raise Refused(ErrorCode.NOT_FOUND)
    return comment


def _post_batch(drafts: Sequence[Draft], known: Copies | None = None) -> list[Comment | Refused]:
    """One transaction. Without `known`, copies are looked for only when they make a difference."""
    outcomes: dict[int, Comment | Refused] = {}
    html: dict[int, str] = {}
    for index, draft in enumerate(drafts):
        try:
            rules.check_text(draft.content)
            rendered = comment_html(draft.content)
            rules.check_shows(rendered)
            html[index] = rendered
        except Refused as refusal:
            outcomes[index] = refusal
    if not html:
        return [outcomes[index] for index in range(len(drafts))]

    with transaction.atomic():
        batch = _Batch(drafts, html, known)
        for post_id, indexes in batch.by_post.items():
            outcomes.update(batch.write_to(post_id, indexes))
        statements.insert(batch.new)
        for comment in batch.new:
            if comment.status == Status.PUBLISHED:
                _tell_room(ServerEvent.COMMENT_ADDED, comment)
    return [outcomes[index] for index in range(len(drafts))]


class _Batch:
    """Drafts whose texts are good, on their way through one transaction. `new` are the comments to store."""

    def __init__(self, drafts: Sequence[Draft], html: dict[int, str], known: Copies | None) -> None:
        wanted = [drafts[index] for index in html]
        self.drafts = drafts
        self.html = html
        self.new: list[Comment] = []
        self.by_post: dict[int, list[int]] = {}
        for index in html:
            self.by_post.setdefault(drafts[index].post_id, []).append(index)
        self.authors, self._posts = statements.hold(
            {draft.author_id for draft in wanted},
            {post_id: len(indexes) for post_id, indexes in self.by_post.items()},
            timezone.now(),
        )
        self.parents = Comment.objects.select_related("author").in_bulk(
            {draft.parent_id for draft in wanted if draft.parent_id is not None}
        )
        self.known: Copies = {} if known is None else known
        self._looked_for_copies = known is not None

    def write_to(self, post_id: int, indexes: Sequence[int]) -> dict[int, Comment | Refused]:
        """What becomes of the drafts for one post."""
        post = self._posts.get(post_id)
        if post is None:
            return {index: Refused(ErrorCode.NOT_FOUND) for index in indexes}
        now = timezone.now()
        last = post.version
        post.version -= len(indexes)
        post.comment_count -= len(indexes)
        latest = _latest_comments(post, {self.drafts[index].author_id for index in indexes})
        outcomes: dict[int, Comment | Refused] = {}
        for index in indexes:
            draft = self.drafts[index]
            try:
                outcomes[index] = self.known.get((draft.author_id, draft.client_id)) or self._written(
                    post, index, latest, now
                )
            except Refused as refusal:
                # The rules judge what is new. What was accepted once stays accepted.
                outcomes[index] = self._copy_of(draft) or refusal
        if post.version < last:
            unused = last - post.version
            Post.objects.filter(pk=post.pk).update(
                version=F("version") - unused, comment_count=F("comment_count") - unused
            )
        return outcomes

    def _written(self, post: Post, index: int, latest: dict[int, datetime], now: datetime) -> Comment:
        draft = self.drafts[index]
        author = rules.check_author(self.authors.get(draft.author_id))
        rules.check_room(post, author)
        rules.check_slow_mode(post, author, latest.get(author.pk), now)
        parent = _parent_for(draft, self.parents)
        held = post.pre_moderation and not author.is_staff
        if not held:
            post.version += 1
            post.comment_count += 1
        comment = Comment(
            post=post,
            author=author,
            parent=parent,
            content=draft.content,
            html=self.html[index],
            status=Status.PENDING if held else Status.PUBLISHED,
            version=0 if held else post.version,
            client_id=draft.client_id,
            created_at=now,
        )
        self.new.append(comment)
        latest[author.pk] = now
        if draft.client_id is not None:
            self.known[draft.author_id, draft.client_id] = comment
        return comment

    def _copy_of(self, draft: Draft) -> Comment | None:
        if draft.client_id is None:
            return None
        if not self._looked_for_copies:
            self._looked_for_copies = True
            self.known = _known_copies(self.drafts) | self.known
        return self.known.get((draft.author_id, draft.client_id))


def _known_copies(drafts: Iterable[Draft]) -> Copies:
    pairs = {(draft.author_id, draft.client_id) for draft in drafts if draft.client_id is not None}
    if not pairs:
        return {}
    rows = Comment.objects.select_related("author", "post", "parent__author").filter(
        author_id__in={author_id for author_id, _ in pairs},
        client_id__in={client_id for _, client_id in pairs},
    )
    return {(row.author_id, row.client_id): row for row in rows}


def _first_copy(draft: Draft) -> Comment | Refused:
    known = _known_copies([draft])
    return known.get((draft.author_id, draft.client_id)) or Refused(ErrorCode.INTERNAL)


def _latest_comments(post: Post, author_ids: set[int]) -> dict[int, datetime]:
    """When each author last wrote here; asked only where slow mode makes it matter."""
    if not post.slow_mode:
        return {}
    since = timezone.now() - timedelta(seconds=post.slow_mode)
    rows = (
        Comment.objects.filter(post=post, author_id__in=author_ids, created_at__gt=since)
        .order_by("created_at")
        .values_list("author_id", "created_at")
    )
    return dict(rows)


def _parent_for(draft: Draft, parents: dict[int, Comment]) -> Comment | None:
    if draft.parent_id is None:
        return None
    parent = parents.get(draft.parent_id)
    if parent is None or parent.post_id != draft.post_id or parent.status != Status.PUBLISHED:
        raise Refused(ErrorCode.NOT_FOUND)
    return parent
