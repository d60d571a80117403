"""Every event of the namespace `/moderation` on one page: names, payloads, rooms.

ARCHITECTURE.md and static/js/postroom/events.js list the same names; tests compare the three. Texts of hidden
comments and the names of those who report them are in here: these events go to rooms of moderators only.
"""

from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from django.utils import timezone

from comments.models import Decision

from .items import Item

NAMESPACE = "/moderation"
# All moderators of a process: counters, and who looks at what.
DESK_ROOM = "desk"


class DeskRequest(StrEnum):
    """What a moderator's page may ask for."""

    WATCH_QUEUE = "watch_queue"
    LOOK_AT = "look_at"
    DECIDE = "decide"
    UNDO = "undo"
    ANSWER_APPEAL = "answer_appeal"
    SANCTION_AUTHOR = "sanction_author"


class DeskEvent(StrEnum):
    """What the server says to moderators."""

    QUEUE_COUNTS = "queue_counts"
    QUEUE_STALE = "queue_stale"
    ITEM_CHANGED = "item_changed"
    ITEM_GONE = "item_gone"
    LOOKING = "looking"
    DESK_ERROR = "desk_error"


class DeskAuthorPayload(TypedDict):
    id: str
    name: str
    username: str
    joinedAt: str
    isNew: bool  # no comment of theirs has been approved yet
    isStaff: bool
    comments: int  # their latest, up to `items.HISTORY`
    published: int  # of these
    hidden: int
    sanction: str  # kind of what weighs heaviest on them, or empty
    sanctionUntil: str | None


class DeskFlagPayload(TypedDict):
    reason: str
    note: str
    by: str
    at: str


class DeskDecisionPayload(TypedDict):
    id: str
    verdict: str
    reason: str
    explanation: str
    note: str
    by: str  # empty: a rule
    rule: str
    at: str


class DeskAppealPayload(TypedDict):
    id: str
    text: str
    at: str


class DeskParentPayload(TypedDict):
    id: str
    name: str
    content: str


class ItemPayload(TypedDict):
    id: str
    seen: str  # what `decide` compares
    queues: list[str]
    postId: str
    postTitle: str
    postUrl: str
    status: str
    content: str
    createdAt: str
    editedAt: str | None
    heldFor: str  # code of a rule, or empty
    reason: str
    priority: float
    flagCount: int
    author: DeskAuthorPayload
    parent: DeskParentPayload | None
    flags: list[DeskFlagPayload]  # the latest that are open
    decision: DeskDecisionPayload | None
    appeal: DeskAppealPayload | None


class GonePayload(TypedDict):
    id: str
    by: str  # a moderator, or empty
    byId: str
    verdict: str
    decisionId: NotRequired[str]


def queue_room(queue: str) -> str:
    return f"queue_{queue}"


def item_payload(item: Item) -> ItemPayload:
    """An item for moderators. Codes instead of words: they may speak any language."""
    comment, author, parent = item.comment, item.comment.author, item.comment.parent
    sanction = item.standing.silencing or item.standing.hold_first
    return {
        "id": str(comment.pk),
        "seen": item.seen,
        "queues": [str(queue) for queue in item.queues],
        "postId": str(comment.post_id),
        "postTitle": comment.post.title,
        "postUrl": comment.post.get_absolute_url(),
        "status": str(comment.status),
        "content": comment.content,
        "createdAt": _time(comment.created_at),
        "editedAt": None if comment.edited_at is None else _time(comment.edited_at),
        "heldFor": str(comment.held_for),
        "reason": str(comment.reason),
        "priority": round(comment.priority, 2),
        "flagCount": comment.flag_count,
        "author": {
            "id": str(author.pk),
            "name": author.shown_name,
            "username": author.username,
            "joinedAt": _time(author.date_joined),
            "isNew": author.trusted_at is None,
            "isStaff": author.is_staff,
            "comments": item.history.total,
            "published": item.history.published,
            "hidden": item.history.hidden,
            "sanction": "" if sanction is None else str(sanction.kind),
            "sanctionUntil": None if sanction is None or sanction.until is None else _time(sanction.until),
        },
        "parent": None
        if parent is None
        else {"id": str(parent.pk), "name": parent.author.shown_name, "content": item.parent_excerpt},
        "flags": [
            {"reason": flag.reason, "note": flag.note, "by": flag.by, "at": _time(flag.at)}
            for flag in item.flags
        ],
        "decision": None if item.last is None else _decision(item.last),
        "appeal": None
        if item.appeal is None
        else {"id": str(item.appeal.pk), "text": item.appeal.text, "at": _time(item.appeal.created_at)},
    }


def gone_payload(item: Item) -> GonePayload:
    """That an item has left a queue: by whose decision, if it was one."""
    last = item.last
    if last is None or last.after != item.comment.status:
        return {"id": str(item.comment.pk), "by": "", "byId": "", "verdict": ""}
    return {
        "id": str(item.comment.pk),
        "by": "" if last.moderator is None else last.moderator.shown_name,
        "byId": "" if last.moderator_id is None else str(last.moderator_id),
        "verdict": str(last.verdict),
        "decisionId": str(last.pk),
    }


def _decision(decision: Decision) -> DeskDecisionPayload:
    return {
        "id": str(decision.pk),
        "verdict": str(decision.verdict),
        "reason": str(decision.reason),
        "explanation": decision.explanation,
        "note": decision.note,
        "by": "" if decision.moderator is None else decision.moderator.shown_name,
        "rule": str(decision.rule),
        "at": _time(decision.made_at),
    }


def _time(moment: Any) -> str:
    return str(timezone.localtime(moment).isoformat(timespec="milliseconds"))
