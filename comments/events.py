"""Every event of the post rooms on one page: names, payloads, rooms, and how payloads are made.

ARCHITECTURE.md and static/js/postroom/events.js list the same names; tests compare the three.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Literal, NotRequired, TypedDict

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.events import SanctionPayload, sanction_payload
from accounts.models import User
from accounts.sanctions import CLEAR, Standing

from .controls import Controls, known
from .models import Appeal, Comment, Decision, Post, Remover, RoomState, Status
from .refusals import silenced


class ClientEvent(StrEnum):
    """What a client may ask for."""

    JOIN_POST = "join_post"
    LEAVE_POST = "leave_post"
    NEW_COMMENT = "new_comment"
    EDIT_COMMENT = "edit_comment"
    PREVIEW_COMMENT = "preview_comment"
    DELETE_COMMENT = "delete_comment"
    LOAD_MORE = "load_more"
    TYPING = "typing"
    REPORT_COMMENT = "report_comment"
    APPEAL_DECISION = "appeal_decision"
    ACKNOWLEDGE_WARNING = "acknowledge_warning"
    OWN_COMMENTS = "own_comments"
    HIDE_COMMENT = "hide_comment"
    RESTORE_COMMENT = "restore_comment"
    REACT = "react"
    PEOPLE_OF_POST = "people_of_post"
    FOLLOW_POST = "follow_post"
    MUTE_PERSON = "mute_person"
    OWN_CHOICES = "own_choices"


class ServerEvent(StrEnum):
    """What the server says about posts."""

    LOAD_COMMENTS = "load_comments"
    COMMENT_ADDED = "comment_added"
    COMMENT_UPDATED = "comment_updated"
    COMMENT_REMOVED = "comment_removed"
    COMMENT_REACTED = "comment_reacted"
    COMMENT_CONFIRMED = "comment_confirmed"
    COMMENT_ERROR = "comment_error"
    PRESENCE = "presence"
    USER_TYPING = "user_typing"
    POST_STATE = "post_state"
    POST_VERSION = "post_version"
    # To the sockets of one author, in `user_<id>`.
    COMMENT_DECIDED = "comment_decided"
    COMMENTS_DECIDED = "comments_decided"
    APPEAL_ANSWERED = "appeal_answered"
    # To the sockets of one reader, in `user_<id>`.
    OWN_REACTIONS = "own_reactions"
    POST_FOLLOWED = "post_followed"


class AuthorPayload(TypedDict):
    name: str
    avatar: int  # number of a colour, 0 to 11
    initials: str
    badge: Literal["author", "moderator"] | None
    username: NotRequired[str]  # whose page /people/<username>/ is; a deleted account has none
    picture: NotRequired[str]  # the path of what they have uploaded
    isDeleted: NotRequired[bool]  # `name` says so in the site's language, a page in its reader's


class CommentPayload(TypedDict):
    _id: str
    postId: str
    userId: str
    author: AuthorPayload
    content: str
    html: str
    parentId: str | None
    parentName: str | None  # None with a parentId: the comment it answers is gone
    parentIsDeleted: NotRequired[bool]  # the account of whoever wrote that
    createdAt: str
    editedAt: str | None
    status: str
    version: int
    reactions: dict[str, int]
    room: NotRequired[str]  # of a message of the chat: what its room is called
    clientId: NotRequired[str]


class RemovedPayload(TypedDict):
    _id: str
    postId: str
    version: int
    by: str
    status: NotRequired[str]


class ReactedPayload(TypedDict):
    postId: str
    commentId: str
    reactions: dict[str, int]  # how many people reacted with each emoji; nothing says who
    version: int


class StatePayload(TypedDict):
    room: str
    canWrite: bool
    reason: str  # in the caller's language; empty in `post_state`, which readers of any language get
    slowMode: int  # seconds between two comments; 0: none
    holdFirst: bool  # a comment waits for a moderator
    holds: list[str]  # why: `room`; and of one reader `sanction`, `newcomer`
    holdNewcomers: bool  # somebody new is held here
    # Of one reader, and so never in `post_state`:
    retryAfter: NotRequired[float]  # seconds until they may write
    sanction: NotRequired[SanctionPayload]  # keeps them from writing
    sanctions: NotRequired[list[SanctionPayload]]  # all that hold, this one among them


class DecidedPayload(TypedDict):
    commentId: str
    postId: str
    status: str
    reason: str  # a code, or empty
    explanation: str
    decisionId: str
    canAppeal: bool


class AppealPayload(TypedDict):
    appealId: str
    accepted: bool | None  # None: nobody has answered yet
    explanation: str


class OwnDecisionPayload(DecidedPayload):
    """A decision that keeps one's own comment from readers, and where that stood; nothing of what it said."""

    parentId: str | None
    appeal: AppealPayload | None


class AnsweredPayload(TypedDict):
    appealId: str
    decisionId: str
    commentId: str
    accepted: bool
    explanation: str


# What a room hears before it is emptied because its post was withdrawn. Pages then ask again now and
# then: a date set wrong and corrected must not leave them deaf.
GONE: StatePayload = {
    "room": "gone",
    "canWrite": False,
    "reason": "",
    "slowMode": 0,
    "holdFirst": False,
    "holds": [],
    "holdNewcomers": False,
}


POST_ROOMS = "post_"  # what the names of these rooms begin with


def post_room(post_id: int) -> str:
    return f"{POST_ROOMS}{post_id}"


def badge_of(author: User, post: Post) -> Literal["author", "moderator"] | None:
    if author.pk == post.author_id:
        return "author"
    return "moderator" if author.is_staff else None


def wire_name(user: User) -> str:
    """What somebody is called where readers of any language hear it."""
    if not user.is_deleted:
        return user.shown_name
    with override(settings.LANGUAGE_CODE):
        return user.shown_name


def author_payload(author: User, post: Post) -> AuthorPayload:
    payload: AuthorPayload = {
        "name": wire_name(author),
        "avatar": author.avatar,
        "initials": author.initials,
        "badge": badge_of(author, post),
    }
    if author.is_deleted:
        payload["isDeleted"] = True
    else:
        payload["username"] = author.username
    if author.picture:
        payload["picture"] = author.picture_address
    return payload


def comment_payload(comment: Comment, *, for_author: bool = False) -> CommentPayload:
    """A comment for the wire. Reads `comment.author`, `.post`, `.parent` and `.parent.author`.

    Only a published comment may go to a room; its author may also be shown a pending one.
    """
    if comment.status != Status.PUBLISHED and not for_author:
        raise ValueError(f"comment {comment.pk} is {comment.status}: its text must not leave")
    author = comment.author
    parent = comment.parent
    payload: CommentPayload = {
        "_id": str(comment.pk),
        "postId": str(comment.post_id),
        # Nobody is to gather what somebody wrote who is gone.
        "userId": "0" if author.is_deleted else str(comment.author_id),
        "author": author_payload(author, comment.post),
        "content": comment.content,
        "html": comment.html,
        "parentId": None if comment.parent_id is None else str(comment.parent_id),
        "parentName": wire_name(parent.author)
        if parent is not None and parent.status == Status.PUBLISHED
        else None,
        "createdAt": _wire_time(comment.created_at),
        "editedAt": None if comment.edited_at is None else _wire_time(comment.edited_at),
        "status": comment.status,
        "version": comment.version,
        "reactions": comment.reaction_counts,
    }
    if comment.post.is_room:
        payload["room"] = comment.post.slug
    if payload["parentName"] is not None and parent is not None and parent.author.is_deleted:
        payload["parentIsDeleted"] = True
    if for_author and comment.client_id is not None:
        payload["clientId"] = comment.client_id
    return payload


def removed_payload(comment: Comment) -> RemovedPayload:
    """That a comment is gone, and nothing of what it said."""
    return {
        "_id": str(comment.pk),
        "postId": str(comment.post_id),
        "version": comment.version,
        "by": comment.removed_by or Remover.MODERATOR.value,
    }


def reacted_payload(comment: Comment) -> ReactedPayload:
    """How often readers have reacted to a comment, now that one more has, or one fewer."""
    return {
        "postId": str(comment.post_id),
        "commentId": str(comment.pk),
        "reactions": comment.reaction_counts,
        "version": comment.version,
    }


def change_payload(comment: Comment, reader_id: int | None) -> CommentPayload | RemovedPayload:
    """One entry of a catch-up: the comment as it is now, or its tombstone."""
    if comment.status == Status.PUBLISHED:
        return comment_payload(comment, for_author=comment.author_id == reader_id)
    return {**removed_payload(comment), "status": Status.REMOVED.value}


def room_of(post: Post, site: Controls) -> str:
    """The state of a post's room, as clients know it."""
    return "paused" if site.paused and post.room_state != RoomState.CLOSED else str(post.room_state)


def state_payload(
    post: Post,
    *,
    is_staff: bool = False,
    is_author: bool = False,
    site: Controls | None = None,
    standing: Standing = CLEAR,
    wait: float = 0.0,
    is_held: bool = False,
) -> StatePayload:
    """Whether readers (or staff) may write under `post`, with the reason in the active language.

    `is_author` (of the post, whose comments are not held), `standing`, `wait` (seconds that slow mode still
    asks for) and `is_held` (as a newcomer) are of the one reader whom it goes to. Without `site` the
    controls count as they were last known.
    """
    site = known() if site is None else site
    room = room_of(post, site)
    silencing = standing.silencing
    reasons = (
        {
            "closed": _("This room is closed."),
            "paused": _("Nobody can write anywhere for the moment."),
            "read_only": _("This room can be read, but not written in."),
        }
        if post.is_room
        else {
            "closed": _("Comments are closed."),
            "paused": _("All comments are paused for the moment."),
            "read_only": _("Comments can be read, but not added to."),
        }
    )
    stops = room == "closed" or (room != "open" and not is_staff)
    reason = reasons[room] if stops else ""
    if not stops and silencing is not None:
        reason = str(silenced(silencing, is_message=post.is_room).message)
    found = {
        "room": post.pre_moderation or site.hold_everything,
        "sanction": standing.hold_first is not None,
        "newcomer": is_held,
    }
    holds = [why for why, holding in found.items() if holding and not (is_staff or is_author)]
    state: StatePayload = {
        "room": room,
        "canWrite": not stops and silencing is None,
        "reason": reason,
        "slowMode": 0 if is_staff else post.slow_seconds(timezone.now()),
        "holdFirst": bool(holds),
        "holds": holds,
        "holdNewcomers": post.hold_newcomers,
    }
    if standing.in_force:
        state["sanctions"] = [sanction_payload(sanction) for sanction in standing.in_force]
    if silencing is not None:
        state["sanction"] = sanction_payload(silencing)
    if wait > 0 and not is_staff:
        state["retryAfter"] = wait
    return state


def decided_payload(decision: Decision) -> DecidedPayload:
    """What an author is told of a decision; who made it and the note stay inside."""
    comment = decision.comment
    return {
        "commentId": str(comment.pk),
        "postId": str(comment.post_id),
        "status": str(comment.status),
        "reason": str(decision.reason),
        "explanation": decision.explanation,
        "decisionId": str(decision.pk),
        "canAppeal": decision.is_adverse,
    }


def own_decision_payload(decision: Decision) -> OwnDecisionPayload:
    """The same for an author who comes back. Reads `decision.comment` and `decision.appeal`."""
    appeal: Appeal | None = getattr(decision, "appeal", None)
    parent_id = decision.comment.parent_id
    return {
        **decided_payload(decision),
        "canAppeal": decision.is_adverse and appeal is None,
        "parentId": None if parent_id is None else str(parent_id),
        "appeal": None
        if appeal is None
        else {"appealId": str(appeal.pk), "accepted": appeal.accepted, "explanation": appeal.explanation},
    }


def answered_payload(appeal: Appeal) -> AnsweredPayload:
    """What an author is told of the answer to their appeal. Reads `appeal.decision`."""
    return {
        "appealId": str(appeal.pk),
        "decisionId": str(appeal.decision_id),
        "commentId": str(appeal.decision.comment_id),
        "accepted": bool(appeal.accepted),
        "explanation": appeal.explanation,
    }


def page_payload(comments: Iterable[Comment], reader_id: int) -> list[CommentPayload]:
    """A page of published comments, each with its clientId for its author only."""
    return [comment_payload(comment, for_author=comment.author_id == reader_id) for comment in comments]


def _wire_time(moment: Any) -> str:
    """ISO 8601 with the site's own offset, whatever zone the page is shown in that causes it."""
    here = timezone.get_default_timezone()
    return str(timezone.localtime(moment, here).isoformat(timespec="milliseconds"))
