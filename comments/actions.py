"""The verbs that write comments; nothing else does (moderators' verbs stand in `moderation`).

Each takes the post's row first. That lock is what makes versions gapless, committed in their order,
and each comment's id larger than the one published before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.sanctions import CLEAR, standing, standing_of
from realtime.errors import ErrorCode, Refused
from realtime.publish import evict_sockets_on_commit, publish_on_commit

from . import check, controls, mentions, priority, reading, rules, statements, telling, trust
from .desk.notices import noticed
from .events import GONE, ServerEvent, comment_payload, post_room, removed_payload, state_payload
from .models import Comment, CommentRevision, Decision, Post, Remover, Rule, Status, Verdict
from .refusals import reject_message, rejected
from .text import mentions_in
from .words import digest

# A rush is more than `Post.auto_slow_above` comments in this time.
RUSH = timedelta(minutes=1)
# How long slow mode stays on after a rush; while it goes on, so does slow mode.
RUSH_LASTS = timedelta(minutes=3)


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

    A comment that comes back is published or, if its status is pending, held. What a rule rejects is
    stored, so that it can be appealed against, and refused with `rejected`. A draft whose author already
    has a comment with its `client_id` yields what became of that one and writes nothing.
    """
    texts = _Texts(drafts)
    try:
        return _post_batch(texts)
    except IntegrityError:
        # One of these client ids is stored already. Looking for that beforehand would cost every comment
        # a query for the sake of the rare one that is sent twice.
        pass
    try:
        return _post_batch(texts, _known_copies(drafts))
    except IntegrityError:
        # Another process has stored one since we looked. Alone, each draft either finds its own first
        # copy or is not concerned.
        if len(drafts) == 1:
            return [_first_copy(drafts[0])]
        return [outcome for draft in drafts for outcome in post_comments([draft])]


def edit_comment(comment_id: int, content: str, *, acting_user: User) -> Comment:
    """Change the text of one's own comment, as long as `EDIT_MINUTES` allow; the same text again changes
    nothing. Raises `Refused`.

    What a rule would hold is held from now on: readers lose sight of the comment until a moderator has seen
    the new text. What a rule would reject is refused with `rejected`, and the comment stays as it was.
    """
    [text] = _Texts.of_edit(comment_id, content, acting_user).good.values()
    with transaction.atomic():
        comment = _lock_own(comment_id, acting_user)
        if comment.post.is_room:
            content, text = _as_message(content, text)
        if comment.status == Status.REMOVED:
            raise Refused(ErrorCode.NOT_FOUND)
        site = controls.current()
        rules.check_room(comment.post, acting_user, site)
        now = timezone.now()
        holding = standing_of(comment.author, now)
        rules.check_standing(comment.author, holding, is_message=comment.post.is_room)
        if content == comment.content:
            return comment
        rules.check_edit_time(comment.author, comment.created_at, now, is_message=comment.post.is_room)
        finding = rules.judge_text(
            rules.Attempt(
                content=content,
                html=text.html,
                author=comment.author,
                post=comment.post,
                now=now,
                controls=site,
                standing=holding,
                is_trusted=_is_trusted(comment.author, comment.post, text.html),
                checked=text.checked,
            )
        )
        if finding is not None and finding.status == Status.REJECTED:
            sentence = reject_message(finding.rule, is_message=comment.post.is_room)
            raise Refused(ErrorCode.REJECTED, sentence, details={"reason": finding.reason})
        before = (comment.status, comment.content, comment.reviewed_at)
        comment.reviewed_at = None  # what a moderator decided about was another text
        if finding is not None and comment.status == Status.PUBLISHED:
            withdraw(comment, Status.PENDING, by=Remover.MODERATOR)
        rewrite(comment, content, (text.html, text.mentioned), by=acting_user)
        if finding is not None:
            _note_findings([(comment, finding, before)])
    return comment


def remove_comment(comment_id: int, *, acting_user: User) -> Comment:
    """Take one's own comment away; doing it again changes nothing. Raises `Refused`."""
    with transaction.atomic():
        comment = _lock_own(comment_id, acting_user)
        return withdraw(comment, Status.REMOVED, by=Remover.AUTHOR)


def announce_post(post: Post) -> None:
    """Tell the room what `post`, just saved, means for it: whether it takes comments, and whether
    readers may see it at all; if not, they leave."""
    if post.published_at is not None and post.published_at <= timezone.now():
        announce_state(post)
        return
    room = post_room(post.pk)
    publish_on_commit(ServerEvent.POST_STATE, {"postId": str(post.pk), "state": GONE}, room=room)
    evict_sockets_on_commit(room)


def announce_state(post: Post) -> None:
    """Tell the room of a post that readers can see what holds in it."""
    state = {**state_payload(post), "reason": ""}
    publish_on_commit(
        ServerEvent.POST_STATE, {"postId": str(post.pk), "state": state}, room=post_room(post.pk)
    )


def end_rushes() -> int:
    """Switch slow mode off where it was on by itself and its time is over; how many rooms there were."""
    ended = Post.objects.reachable().filter(auto_slow_until__lte=timezone.now())
    count = 0
    for post in list(ended.defer("body")[:100]):
        with transaction.atomic():
            # Whoever is first tells the room: each process comes by here.
            mine = Post.objects.filter(pk=post.pk, auto_slow_until=post.auto_slow_until)
            if mine.update(auto_slow_until=None):
                post.auto_slow_until = None
                announce_state(post)
                count += 1
    return count


def import_comments(post: Post, old: Iterable[OldComment]) -> int:
    """Bring in comments from elsewhere, oldest first, with their own times; how many there were.

    Nobody is told one by one: readers of the post find them as one change of its version.
    """
    entries = list(old)
    people = mentions.named_in(entry.content for entry in entries)
    texts = [mentions.rendered(entry.content, people) for entry in entries]
    with transaction.atomic():
        locked = lock_post(post.pk)
        comments = [
            Comment(
                post=locked,
                author=entry.author,
                content=entry.content,
                html=texts[number - 1][0],
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
        mentions.note([(comment, named) for comment, (_, named) in zip(comments, texts, strict=True)])
        take_versions(locked, len(comments), published=len(comments))
        telling.told_up_to_now(locked)
        noticed([comment.pk for comment in comments], are_new=True)
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
    telling.changed(post.pk)
    Post.objects.filter(pk=post.pk).update(
        version=F("version") + count,
        comment_count=F("comment_count") + published,
        changed_at=timezone.now(),
    )
    post.version += count
    post.comment_count += published


def rewrite(
    comment: Comment, content: str, text: tuple[str, frozenset[int]] | None = None, *, by: User
) -> Comment:
    """Give a held comment another text and tell the room, if the room can see it. The text that it had is
    kept for moderators.

    `text` is what `mentions.rendered` made of it, where that was asked already.
    """
    if content == comment.content:
        return comment
    html, named = text or mentions.rendered(content, mentions.named_in([content]))
    rules.check_shows(html, is_message=comment.post.is_room)
    now = timezone.now()
    CommentRevision.objects.create(
        comment=comment,
        content=comment.content,
        written_at=comment.edited_at or comment.created_at,
        replaced_at=now,
        replaced_by=by,
    )
    if named or mentions_in(comment.html):
        mentions.note_anew(comment, named)
    comment.content = content
    comment.html = html
    comment.edited_at = now
    if comment.status == Status.PUBLISHED:
        take_versions(comment.post, 1, published=0)
        comment.version = comment.post.version
        tell_room(ServerEvent.COMMENT_UPDATED, comment)
    comment.save(update_fields=["content", "html", "edited_at", "reviewed_at", "version"])
    noticed([comment.pk])
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
    comment.removed_by = by
    comment.status = status
    comment.save(update_fields=["status", "version", "removed_by"])
    noticed([comment.pk])
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
    noticed([comment.pk])
    tell_room(ServerEvent.COMMENT_ADDED, comment)
    return comment


def tell_room(event: ServerEvent, comment: Comment) -> None:
    """Tell a post's room of a published comment. Raises ValueError for any other."""
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


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that is fit to be judged: what Markdown made of it, what the site's own check said, and the ids
    of those whom it names."""

    html: str
    digest: int | None
    checked: check.Answer
    mentioned: frozenset[int] = frozenset()


class _Texts:
    """What can be said of drafts before any post is held: `good` by their indexes, and why the others are
    `refused`. It asks the database only where somebody may be named."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.refused: dict[int, Refused] = {}
        html: dict[int, str] = {}
        named: dict[int, frozenset[int]] = {}
        people = mentions.named_in([draft.content for draft in drafts])
        for index, draft in enumerate(drafts):
            try:
                html[index], named[index] = _rendered(draft.content, people)
            except Refused as refusal:
                self.refused[index] = refusal
        if self.refused:
            self._call_messages_so(people)
        questions = [
            check.Question(drafts[index].content, drafts[index].author_id, drafts[index].post_id)
            for index in html
        ]
        self.good = {
            index: _Text(
                rendered,
                digest(drafts[index].content) if settings.REPEAT_MINUTES else None,
                answer,
                named[index],
            )
            for (index, rendered), answer in zip(html.items(), check.ask(questions), strict=True)
        }

    @classmethod
    def of_edit(cls, comment_id: int, content: str, author: User) -> "_Texts":
        """A new text for one comment. Raises `Refused`."""
        own = Comment.objects.filter(pk=comment_id, author=author) if settings.COMMENT_CHECK else None
        post_id = own.values_list("post_id", flat=True).first() if own is not None else None
        texts = cls([Draft(author.pk, post_id or 0, content)])
        for refusal in texts.refused.values():
            rooms = Post.objects.rooms()
            if Comment.objects.filter(pk=comment_id, author=author, post__in=rooms).exists():
                _rendered(content, {}, is_message=True)
            raise refusal
        return texts

    def _call_messages_so(self, people: mentions.People) -> None:
        """A room has other words for it. Whether it was for one is asked only of what is refused."""
        wanted = {self.drafts[index].post_id for index in self.refused}
        rooms = set(Post.objects.rooms().filter(pk__in=wanted).values_list("pk", flat=True))
        for index in self.refused:
            if self.drafts[index].post_id in rooms:
                try:
                    _rendered(self.drafts[index].content, people, is_message=True)
                except Refused as refusal:
                    self.refused[index] = refusal


def _rendered(
    content: str, people: mentions.People, *, is_message: bool = False
) -> tuple[str, frozenset[int]]:
    """What Markdown made of a text that is fit to be said, and whom it names. Raises `Refused`."""
    if is_message:
        content = rules.check_message(content)
    else:
        rules.check_text(content)
    html, named = mentions.rendered(content, people)
    rules.check_shows(html, is_message=is_message)
    return html, named


def _post_batch(texts: _Texts, known: Copies | None = None) -> list[Comment | Refused]:
    """One transaction. Without `known`, copies are looked for only when they make a difference."""
    outcomes: dict[int, Comment | Refused] = {**texts.refused}
    if texts.good:
        site = controls.current()
        with transaction.atomic():
            batch = _Batch(texts, known, site)
            for post_id, indexes in batch.by_post.items():
                outcomes.update(batch.write_to(post_id, indexes))
            statements.insert(batch.new)
            if batch.named:
                mentions.note(batch.named)
            _note_findings([(comment, finding, ("", "", None)) for comment, finding in batch.findings])
            for comment in batch.new:
                if comment.status == Status.PUBLISHED:
                    tell_room(ServerEvent.COMMENT_ADDED, comment)
            if batch.new:
                noticed([comment.pk for comment in batch.new], are_new=True)
            return [_told(outcomes[index]) for index in range(len(texts.drafts))]
    return [outcomes[index] for index in range(len(texts.drafts))]


def _told(outcome: Comment | Refused) -> Comment | Refused:
    """What the author of a draft is told: one that a rule or a moderator rejected unseen is refused."""
    if isinstance(outcome, Refused) or outcome.version > 0:
        return outcome
    return rejected(outcome) if outcome.status in (Status.REJECTED, Status.SPAM) else outcome


class _Batch:
    """Drafts whose texts are good, on their way through one transaction. `new` are the comments to store,
    `named` whom some of them name, `findings` those of them that a rule keeps from readers."""

    def __init__(self, texts: _Texts, known: Copies | None, site: controls.Controls) -> None:
        self.drafts = texts.drafts
        self.texts = texts.good
        self.new: list[Comment] = []
        self.named: list[mentions.Named] = []
        self.findings: list[tuple[Comment, rules.Finding]] = []
        self.by_post: dict[int, list[int]] = {}
        self._site = site
        wanted = [self.drafts[index] for index in self.texts]
        for index in self.texts:
            self.by_post.setdefault(self.drafts[index].post_id, []).append(index)
        now = timezone.now()
        may_repeat = any(text.digest is not None for text in self.texts.values())
        self.authors, self._posts, recent = statements.hold(
            {draft.author_id for draft in wanted},
            {post_id: len(indexes) for post_id, indexes in self.by_post.items()},
            now,
            recent_since=now - timedelta(minutes=settings.REPEAT_MINUTES) if may_repeat else None,
        )
        self._recent = {user_id: set(digests) for user_id, digests in recent.items()}
        self._standings = standing((user.pk for user in self.authors.values() if user.is_sanctioned), now)
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
        _notice_rush(post, now)
        latest = _latest_comments(post, {self.drafts[index].author_id for index in indexes}, now)
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
        if post.version > last - len(indexes):
            telling.changed(post.pk)
        if post.version < last:
            unused = last - post.version
            Post.objects.filter(pk=post.pk).update(
                version=F("version") - unused, comment_count=F("comment_count") - unused
            )
        return outcomes

    def _written(self, post: Post, index: int, latest: dict[int, datetime], now: datetime) -> Comment:
        draft, text = self.drafts[index], self.texts[index]
        content = draft.content
        if post.is_room:
            content, text = _as_message(content, text)
        author = rules.check_author(self.authors.get(draft.author_id))
        recent = self._recent[author.pk]
        finding = rules.judge(
            rules.Attempt(
                content=content,
                html=text.html,
                author=author,
                post=post,
                now=now,
                controls=self._site,
                standing=self._standings.get(author.pk, CLEAR),
                latest=latest.get(author.pk),
                recent=recent,
                digest=text.digest,
                is_trusted=_is_trusted(author, post, text.html),
                checked=text.checked,
            )
        )
        parent = _parent_for(draft, self.parents)
        if finding is None:
            post.version += 1
            post.comment_count += 1
        comment = Comment(
            post=post,
            author=author,
            parent=parent,
            content=content,
            html=text.html,
            status=Status.PUBLISHED if finding is None else finding.status,
            version=0 if finding is not None else post.version,
            client_id=draft.client_id,
            created_at=now,
            digest=text.digest,
            priority=priority.of_new(author, now, has_words=finding is not None and bool(finding.found)),
        )
        self.new.append(comment)
        if text.mentioned:
            self.named.append((comment, text.mentioned))
        if finding is not None:
            comment.held_for, comment.reason = finding.rule, finding.reason
            self.findings.append((comment, finding))
        latest[author.pk] = now
        if text.digest is not None:
            recent.add(text.digest)
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


# A comment, what a rule found about it, and its status, text and review before.
_Noted = tuple[Comment, rules.Finding, tuple[str, str, datetime | None]]


def _note_findings(noted: Sequence[_Noted]) -> None:
    """Write down what rules decided about texts. What is held with everything else in its room is none of
    theirs: `held_for` says it."""
    decisions = [
        Decision(
            comment=comment,
            rule=finding.rule,
            verdict=Verdict.REJECT if finding.status == Status.REJECTED else Verdict.HOLD,
            reason=finding.reason,
            note=finding.found,
            content=comment.content,
            before=before[0],
            after=comment.status,
            reviewed_before=before[2],
        )
        for comment, finding, before in noted
        if finding.rule != Rule.ROOM
    ]
    if decisions:
        Decision.objects.bulk_create(decisions)
    for comment, finding, before in noted:
        if before[0]:  # new ones are stored with it
            comment.held_for, comment.reason = finding.rule, finding.reason
            comment.priority = max(comment.priority, priority.WORDS * bool(finding.found))
            comment.save(update_fields=["held_for", "reason", "priority"])


def _as_message(content: str, text: _Text) -> tuple[str, _Text]:
    """What a text is in a room of the chat: trimmed, and short. Raises `Refused`."""
    said = rules.check_message(content)
    if said == content:
        return content, text
    html, named = _rendered(said, mentions.named_in([said]), is_message=True)
    return said, replace(text, html=html, mentioned=named)


def _is_trusted(author: User, post: Post, html: str) -> bool:
    """Whether somebody is no newcomer; asked of the database only where it matters and is not known yet."""
    if author.trusted_at is not None or not (post.hold_newcomers or rules.has_many_links(html)):
        return author.trusted_at is not None
    return author.pk in trust.trusted([author.pk])


def _notice_rush(post: Post, now: datetime) -> None:
    """Switch a held post's slow mode on, or keep it on, while more is written than it allows for."""
    if not post.auto_slow_above:
        return
    since = post.auto_slow_until
    if since is not None and since - now > RUSH_LASTS - RUSH:
        return  # noticed within this minute
    newest = Comment.objects.shown_in(post.pk).values_list("created_at", flat=True)
    if not any(at > now - RUSH for at in newest[post.auto_slow_above : post.auto_slow_above + 1]):
        return
    was_slow = post.slow_seconds(now)
    post.auto_slow_until = now + RUSH_LASTS
    Post.objects.filter(pk=post.pk).update(auto_slow_until=post.auto_slow_until)
    if post.slow_seconds(now) != was_slow:
        announce_state(post)


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
    copy = known.get((draft.author_id, draft.client_id))
    return Refused(ErrorCode.INTERNAL) if copy is None else _told(copy)


def _latest_comments(post: Post, author_ids: set[int], now: datetime) -> dict[int, datetime]:
    """When each author last wrote here; asked only where slow mode makes it matter."""
    slow = post.slow_seconds(now)
    return reading.latest_comments(post, author_ids, now - timedelta(seconds=slow)) if slow else {}


def _parent_for(draft: Draft, parents: dict[int, Comment]) -> Comment | None:
    if draft.parent_id is None:
        return None
    parent = parents.get(draft.parent_id)
    if parent is None or parent.post_id != draft.post_id or parent.status != Status.PUBLISHED:
        raise Refused(ErrorCode.NOT_FOUND)
    return parent
