"""Comments as a page shows them: under the comment they answer, as far as it is there."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User

from .events import OwnDecisionPayload, badge_of, own_decision_payload
from .models import HIDDEN, Comment, Decision, Remover, Status
from .reactions import sorted_counts
from .rules import is_editable


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """What templates/comments/_decision.html needs; JavaScript reads the same from `as_json`."""

    decision: Decision
    payload: OwnDecisionPayload
    appeal_url: str

    @property
    def as_json(self) -> str:
        return json.dumps(self.payload)


@dataclass(frozen=True, slots=True)
class ShownReaction:
    """How many people reacted with an emoji, the reader perhaps among them."""

    emoji: str
    count: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class ReaderSees:
    """What is one reader's alone on a page of comments: which they have reported, which reactions are their
    own (by comment), whom they have muted, and whether they may moderate here."""

    reported: Collection[int] = ()
    reacted: Mapping[int, Collection[str]] = field(default_factory=dict)
    muted: Collection[int] = ()
    may_hide: bool = False


NOTHING_ELSE = ReaderSees()


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
    picture: str = ""
    person_url: str = ""
    html: SafeString = field(default_factory=lambda: mark_safe(""))
    content: str = ""
    created_at: datetime | None = None
    edited_at: datetime | None = None
    permalink: str = ""
    edit_url: str = ""
    delete_url: str = ""
    reply_url: str = ""
    report_url: str = ""
    hide_url: str = ""
    restore_url: str = ""
    parent_id: int | None = None
    answers: str = ""
    answers_gone: bool = False  # what it answers is not to be seen any more
    version: int = 0
    is_own: bool = False
    is_removed: bool = False
    is_pending: bool = False
    is_reported: bool = False
    is_muted: bool = False
    reactions: list[ShownReaction] = field(default_factory=list)
    react_url: str = ""
    mute_url: str = ""
    removed_by: str = ""
    decision: ShownDecision | None = None

    @property
    def reaction_count(self) -> int:
        return sum(reaction.count for reaction in self.reactions)


@dataclass(slots=True)
class Thread:
    """A comment and everything that answers it, at any depth, oldest first."""

    comment: ShownComment
    replies: list[ShownComment]


def shown(comment: Comment, reader: User | None, sees: ReaderSees = NOTHING_ELSE) -> ShownComment:
    """A comment for the template; its source only for its author, who may edit it."""
    author = comment.author
    is_own = reader is not None and comment.author_id == reader.pk
    parent = comment.parent
    parent_is_there = parent is not None and parent.status == Status.PUBLISHED
    is_others = reader is not None and not is_own
    may_edit = is_own and is_editable(author, comment.created_at, timezone.now())
    is_pending = comment.status == Status.PENDING
    permalink = comment.get_absolute_url()
    own = sees.reacted.get(comment.pk, ())
    return ShownComment(
        id=comment.pk,
        post_id=comment.post_id,
        user_id=0 if author.is_deleted else comment.author_id,
        name=author.shown_name,
        badge=badge_of(author, comment.post) or "",
        avatar=author.avatar,
        initials=author.initials,
        picture=author.picture_address,
        person_url="" if author.is_deleted else reverse("comments:person", args=[author.username]),
        html=mark_safe(comment.html),  # cleaned when it was written, see `text`
        content=comment.content if is_own else "",
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        permalink=permalink,
        edit_url=reverse("comments:edit", args=[comment.pk]) if may_edit else "",
        delete_url=reverse("comments:delete", args=[comment.pk]) if is_own else "",
        reply_url=f"{comment.post.get_absolute_url()}?reply={comment.pk}#composer",
        report_url=reverse("comments:report", args=[comment.pk]) if is_others else "",
        hide_url=reverse("comments:hide", args=[comment.pk]) if is_others and sees.may_hide else "",
        react_url=f"{permalink}react/" if reader is not None and not is_pending else "",
        mute_url=f"{reverse('mute', args=[author.pk])}?next={permalink}" if is_others else "",
        reactions=[
            ShownReaction(emoji, count, emoji in own)
            for emoji, count in sorted_counts(comment.reaction_counts)
        ]
        if comment.reactions
        else [],
        parent_id=comment.parent_id,
        answers=parent.author.shown_name if parent is not None and parent_is_there else "",
        version=comment.version,
        is_own=is_own,
        is_pending=is_pending,
        is_reported=comment.pk in sees.reported,
        is_muted=is_others and comment.author_id in sees.muted,
    )


def threads(
    comments: Iterable[Comment],
    reader: User | None,
    sees: ReaderSees = NOTHING_ELSE,
    *,
    decisions: Mapping[int, Decision] | None = None,
) -> list[Thread]:
    """Group one page of comments, oldest first.

    Comments that moderators have hidden may be among them: they become placeholders, which last without
    replies, too; with its decision if there is one in `decisions`.

    A reply goes under the topmost comment of its line that is on the page. One whose parent is on
    another page stands by itself and names whom it answers; one whose parent is gone stands under a
    placeholder, in the parent's place.
    """
    heads: dict[int, Thread] = {}
    head_of: dict[int, int] = {}
    told = {} if decisions is None else decisions
    for comment in comments:
        if comment.status in HIDDEN:
            entry = _hidden(comment, told.get(comment.pk), may_hide=sees.may_hide)
        else:
            entry = shown(comment, reader, sees)
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


def stream(
    comments: Iterable[Comment],
    reader: User | None,
    sees: ReaderSees = NOTHING_ELSE,
    *,
    decisions: Mapping[int, Decision] | None = None,
) -> list[Thread]:
    """The same comments one after the other, each by itself and naming whom it answers."""
    found = []
    told = {} if decisions is None else decisions
    for comment in comments:
        if comment.status in HIDDEN:
            entry = _hidden(comment, told.get(comment.pk), may_hide=sees.may_hide)
        else:
            entry = shown(comment, reader, sees)
            entry.answers_gone = comment.parent is not None and not entry.answers
        found.append(Thread(entry, []))
    return found


def _placeholder(removed: Comment, reply: Comment) -> ShownComment:
    return ShownComment(id=removed.pk, post_id=reply.post_id, is_removed=True)


def _hidden(comment: Comment, decision: Decision | None, *, may_hide: bool) -> ShownComment:
    """The place of a comment, and nothing of it."""
    told = None
    if decision is not None:
        address = reverse("comments:appeal", args=[decision.pk])
        told = ShownDecision(decision, own_decision_payload(decision), address)
    restorable = may_hide and told is None and comment.removed_by == Remover.MODERATOR
    return ShownComment(
        id=comment.pk,
        post_id=comment.post_id,
        parent_id=comment.parent_id,
        version=comment.version,
        is_removed=True,
        removed_by=comment.removed_by,
        restore_url=reverse("comments:restore", args=[comment.pk]) if restorable else "",
        decision=told,
    )
