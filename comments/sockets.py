"""The socket's face of the comments: requests in, actions called, answers out. Nothing is written here."""

import asyncio
from typing import Annotated, Any, Self

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import AfterValidator, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from accounts import mutes, sanctions
from accounts.models import User
from realtime import metrics, wire_json
from realtime.batch import Batch
from realtime.budgets import (
    CHOOSING,
    JOINING,
    NAMING,
    PREVIEWING,
    REACTING,
    READING,
    REPORTING,
    TYPING,
    WRITING,
    WRITING_HERE,
    spend,
)
from realtime.database import in_database
from realtime.delivery import encode_event, encode_event_raw
from realtime.errors import ErrorCode, Refused
from realtime.requests import Caller, ClientId, Id, Payload, Reply, request
from realtime.server import sio

from . import (
    actions,
    appeals,
    bulk,
    controls,
    flags,
    follows,
    joining,
    moderation,
    people,
    previews,
    reactions,
    reading,
    rules,
    telling,
)
from .events import (
    GONE,
    POST_ROOMS,
    ClientEvent,
    CommentPayload,
    ServerEvent,
    comment_payload,
    own_decision_payload,
    page_payload,
    post_room,
    room_of,
    state_payload,
)
from .joining import Joined, Joining
from .models import Comment, Post, Status
from .teller import LOOK, Teller


def _checked(content: str) -> str:
    # Whether it says anything the verbs look at: they know whether it is a comment or a message.
    rules.check_fits(content)
    return content


CommentText = Annotated[StrictStr, AfterValidator(_checked)]


class JoinPost(Payload):
    post_id: Id
    since: int | None = None


class LeavePost(Payload):
    post_id: Id


class NewComment(Payload):
    post_id: Id
    content: CommentText
    parent_id: Id | None = None
    client_id: ClientId | None = None


class EditComment(Payload):
    comment_id: Id
    content: CommentText


class PreviewComment(Payload):
    post_id: Id
    content: CommentText


class DeleteComment(Payload):
    comment_id: Id


class LoadMore(Payload):
    """One of the three: what comes before a comment, what comes after it, or what stands around it."""

    post_id: Id
    before: Id | None = None
    after: Id | None = None
    around: Id | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(each is not None for each in (self.before, self.after, self.around)) != 1:
            raise PydanticCustomError("one_of", "before, after or around")
        return self


class Typing(Payload):
    post_id: Id
    on: StrictBool


class ReportComment(Payload):
    comment_id: Id
    reason: StrictStr
    note: StrictStr = ""


class AppealDecision(Payload):
    decision_id: Id
    text: StrictStr


class AcknowledgeWarning(Payload):
    sanction_id: Id


class OwnComments(Payload):
    post_id: Id


class HideComment(Payload):
    comment_id: Id
    reason: StrictStr = ""
    explanation: StrictStr = ""


class RestoreComment(Payload):
    comment_id: Id


class React(Payload):
    comment_id: Id
    emoji: StrictStr
    on: StrictBool = True


class PeopleOfPost(Payload):
    post_id: Id
    prefix: StrictStr = ""


class FollowPost(Payload):
    post_id: Id
    on: StrictBool = True


class MutePerson(Payload):
    user_id: Id
    on: StrictBool = True


class OwnChoices(Payload):
    post_id: Id


REFUSED_AS = ServerEvent.COMMENT_ERROR
# How long slow mode may stay on by itself beyond its time, in seconds.
END_RUSHES = 5.0
# How long a bulk decision may lie that its moderator does not look at, in seconds.
DECIDE_IN_BULK = 2.0
post_in_batch = Batch[actions.Draft, Comment | Refused](actions.post_comments)
react_in_batch = Batch[reactions.Wish, reactions.Reacted | Refused](reactions.react_together)
admit_in_batch = Batch[Joining, Refused | None](joining.admit, trips=sio.arrivals)
load_in_batch = Batch[Joining, Joined | Refused](joining.load, trips=sio.arrivals)


@request(ClientEvent.JOIN_POST, takes=JoinPost, bare="postId", refused_as=REFUSED_AS, budget=JOINING)
async def join_post(caller: Caller, wanted: JoinPost) -> Reply:
    """Enter the room first and read afterwards, so that no change can fall between the two."""
    reader = Joining(wanted.post_id, caller.user_id, wanted.since)
    refusal = await admit_in_batch(reader)
    if refusal is not None:
        raise refusal
    room = post_room(wanted.post_id)
    caller.enter(room)
    joined = await load_in_batch(reader)
    if isinstance(joined, Refused):  # it happened since
        caller.leave(room)
        raise joined
    post, history = joined.post, joined.history
    sio.manager.heard_up_to(caller.namespace, room, post.version)
    meta = {
        "postId": str(post.pk),
        "kind": history.kind,
        "version": post.version,
        "hasMore": history.has_more,
        "count": post.comment_count,
        "state": state_payload(
            post,
            is_staff=joined.is_staff,
            is_author=joined.reader_id == post.author_id,
            standing=joined.standing,
            wait=joined.wait,
            is_held=joined.is_held,
        ),
        "heartbeat": settings.HEARTBEAT_INTERVAL,
        "reacted": reactions.on_the_wire(joined.reacted),
    }
    metrics.joins.labels(history.kind).inc()
    caller.tell_encoded(
        encode_event_raw(
            ServerEvent.LOAD_COMMENTS, joined.comments, wire_json.dumps(meta), namespace=caller.namespace
        )
    )
    count, names = sio.presence.people(room)
    caller.tell(ServerEvent.PRESENCE, {"postId": str(post.pk), "count": count, "names": names})
    return {"postId": str(post.pk), "version": post.version, "kind": history.kind}


@request(ClientEvent.LEAVE_POST, takes=LeavePost, bare="postId", refused_as=REFUSED_AS, budget=JOINING)
async def leave_post(caller: Caller, wanted: LeavePost) -> Reply:
    caller.leave(post_room(wanted.post_id))
    return {"postId": str(wanted.post_id)}


@request(ClientEvent.NEW_COMMENT, takes=NewComment, refused_as=REFUSED_AS, budget=WRITING, pipelined=True)
async def new_comment(caller: Caller, wanted: NewComment) -> Reply:
    await spend(WRITING_HERE, caller.user_id, wanted.post_id)
    outcome = await post_in_batch(
        actions.Draft(
            author_id=caller.user_id,
            post_id=wanted.post_id,
            content=wanted.content,
            parent_id=wanted.parent_id,
            client_id=wanted.client_id,
        )
    )
    if isinstance(outcome, Refused):
        raise outcome
    if outcome.status not in (Status.PUBLISHED, Status.PENDING):
        # A repeated attempt at a comment that has been taken away since.
        raise Refused(ErrorCode.NOT_FOUND)
    comment = comment_payload(outcome, for_author=True)
    held = outcome.status == Status.PENDING
    if outcome.post.is_room:
        message = _("Your message waits for review.") if held else _("Your message is published.")
    else:
        message = _("Your comment waits for review.") if held else _("Your comment is published.")
    metrics.comments.inc()
    caller.tell(ServerEvent.COMMENT_CONFIRMED, {"message": message, "comment": comment})
    return {"comment": comment}


@request(ClientEvent.EDIT_COMMENT, takes=EditComment, refused_as=REFUSED_AS, budget=WRITING)
async def edit_comment(caller: Caller, wanted: EditComment) -> Reply:
    return {"comment": await in_database(_edit, caller.user_id, wanted)}


@request(ClientEvent.PREVIEW_COMMENT, takes=PreviewComment, refused_as=REFUSED_AS, budget=PREVIEWING)
async def preview_comment(caller: Caller, wanted: PreviewComment) -> Reply:
    return {"html": await in_database(_preview, wanted)}


@request(
    ClientEvent.DELETE_COMMENT, takes=DeleteComment, bare="commentId", refused_as=REFUSED_AS, budget=WRITING
)
async def delete_comment(caller: Caller, wanted: DeleteComment) -> Reply:
    await in_database(_remove, caller.user_id, wanted)
    return {"commentId": str(wanted.comment_id)}


@request(ClientEvent.LOAD_MORE, takes=LoadMore, refused_as=REFUSED_AS, budget=READING)
async def load_more(caller: Caller, wanted: LoadMore) -> Reply:
    return await in_database(_load_more, wanted, caller)


@request(ClientEvent.TYPING, takes=Typing, refused_as=REFUSED_AS, budget=TYPING)
async def typing(caller: Caller, wanted: Typing) -> Reply:
    """Nobody is asked whether they may write here: all that others can learn is a name they see anyway."""
    sio.typists.types(post_room(wanted.post_id), caller, is_typing=wanted.on)
    return {}


@request(ClientEvent.REPORT_COMMENT, takes=ReportComment, refused_as=REFUSED_AS, budget=REPORTING)
async def report_comment(caller: Caller, wanted: ReportComment) -> Reply:
    await in_database(_flag, caller.user_id, wanted)
    return {"commentId": str(wanted.comment_id), "message": _("Thank you. A moderator will look at it.")}


@request(ClientEvent.APPEAL_DECISION, takes=AppealDecision, refused_as=REFUSED_AS, budget=REPORTING)
async def appeal_decision(caller: Caller, wanted: AppealDecision) -> Reply:
    appeal_id = await in_database(_appeal, caller.user_id, wanted)
    return {
        "decisionId": str(wanted.decision_id),
        "appealId": str(appeal_id),
        "message": _("Thank you. A moderator will answer your appeal."),
    }


@request(
    ClientEvent.ACKNOWLEDGE_WARNING,
    takes=AcknowledgeWarning,
    bare="sanctionId",
    refused_as=REFUSED_AS,
    budget=REPORTING,
)
async def acknowledge_warning(caller: Caller, wanted: AcknowledgeWarning) -> Reply:
    await in_database(_acknowledge, caller.user_id, wanted)
    return {"sanctionId": str(wanted.sanction_id)}


@request(ClientEvent.OWN_COMMENTS, takes=OwnComments, bare="postId", refused_as=REFUSED_AS, budget=READING)
async def own_comments(caller: Caller, wanted: OwnComments) -> Reply:
    """What nobody else is shown: for a page that was away while a moderator may have decided."""
    return await in_database(_own_comments, caller.user_id, wanted)


@request(ClientEvent.HIDE_COMMENT, takes=HideComment, refused_as=REFUSED_AS, budget=WRITING)
async def hide_comment(caller: Caller, wanted: HideComment) -> Reply:
    await in_database(_hide, caller.user_id, wanted)
    return {"commentId": str(wanted.comment_id)}


@request(
    ClientEvent.RESTORE_COMMENT, takes=RestoreComment, bare="commentId", refused_as=REFUSED_AS, budget=WRITING
)
async def restore_comment(caller: Caller, wanted: RestoreComment) -> Reply:
    await in_database(_restore, caller.user_id, wanted)
    return {"commentId": str(wanted.comment_id)}


@request(ClientEvent.REACT, takes=React, refused_as=REFUSED_AS, budget=REACTING, pipelined=True)
async def react(caller: Caller, wanted: React) -> Reply:
    outcome = await react_in_batch(reactions.Wish(caller.user_id, wanted.comment_id, wanted.emoji, wanted.on))
    if isinstance(outcome, Refused):
        raise outcome
    return {
        "commentId": str(outcome.comment_id),
        "reactions": outcome.reactions,
        "version": outcome.version,
        "own": outcome.own,
    }


@request(ClientEvent.PEOPLE_OF_POST, takes=PeopleOfPost, refused_as=REFUSED_AS, budget=NAMING)
async def people_of_post(caller: Caller, wanted: PeopleOfPost) -> Reply:
    return await in_database(_people_of_post, caller.user_id, wanted)


@request(ClientEvent.FOLLOW_POST, takes=FollowPost, bare="postId", refused_as=REFUSED_AS, budget=CHOOSING)
async def follow_post(caller: Caller, wanted: FollowPost) -> Reply:
    await in_database(_follow, caller.user_id, wanted)
    return {"postId": str(wanted.post_id), "on": wanted.on}


@request(ClientEvent.MUTE_PERSON, takes=MutePerson, bare="userId", refused_as=REFUSED_AS, budget=CHOOSING)
async def mute_person(caller: Caller, wanted: MutePerson) -> Reply:
    await in_database(_mute, caller.user_id, wanted)
    return {"userId": str(wanted.user_id), "on": wanted.on}


@request(ClientEvent.OWN_CHOICES, takes=OwnChoices, bare="postId", refused_as=REFUSED_AS, budget=READING)
async def own_choices(caller: Caller, wanted: OwnChoices) -> Reply:
    """Whom the reader has muted and whether they follow the post: for a page that was away meanwhile."""
    return await in_database(_own_choices, caller.user_id, wanted)


async def watch_controls() -> None:
    """Know the site's controls without any request waiting for them, and tell this process's rooms when
    they change: everything is paused, say."""
    await in_database(controls.current)
    if not controls.take_news():
        return
    rooms = sio.manager.local_rooms(POST_ROOMS)
    posts = await in_database(_posts, [int(room.removeprefix(POST_ROOMS)) for room in rooms])
    for post in posts:
        state = {"postId": str(post.pk), "state": {**state_payload(post), "reason": ""}}
        sio.manager.deliver(post_room(post.pk), encode_event(ServerEvent.POST_STATE, state))


async def end_rushes() -> None:
    await in_database(actions.end_rushes)


async def decide_in_bulk() -> None:
    """Go on with what was ordered and not finished."""
    await in_database(bulk.carry_on)


ROOMS_AT_ONCE = 50


async def heartbeat() -> None:
    """Tell each room of this process its version and state: a loss that no later event reveals shows."""
    rooms = sio.manager.local_rooms(POST_ROOMS)
    versions = await in_database(_versions, [int(room.removeprefix(POST_ROOMS)) for room in rooms])
    for number, room in enumerate(rooms):
        if number % ROOMS_AT_ONCE == 0:
            await asyncio.sleep(0)  # requests come between
        post_id = room.removeprefix(POST_ROOMS)
        found = versions.get(int(post_id))
        if found is None:  # unpublished or deleted behind the admin's back
            state = {"postId": post_id, "state": GONE}
            sio.manager.deliver(room, encode_event(ServerEvent.POST_STATE, state))
            sio.endings.evict(room)
            continue
        version, room_state = found
        payload = {"postId": post_id, "version": version, "room": room_state}
        sio.manager.deliver(room, encode_event(ServerEvent.POST_VERSION, payload))


def describe_presence(room: str, count: int, names: list[str]) -> tuple[str, dict[str, Any]]:
    post_id = room.removeprefix(POST_ROOMS)
    return ServerEvent.PRESENCE, {"postId": post_id, "count": count, "names": names}


def describe_typing(room: str, count: int, names: list[str]) -> tuple[str, dict[str, Any]]:
    post_id = room.removeprefix(POST_ROOMS)
    return ServerEvent.USER_TYPING, {"postId": post_id, "count": count, "names": names}


teller = Teller()


def listen_for_hints() -> None:
    """What this process changes it tells of at once; whatever changes in other threads comes to its loop."""
    loop = asyncio.get_running_loop()

    def hint(post_id: int) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(teller.hint, post_id)

    telling.hint_with(hint)


sio.presence.watch(POST_ROOMS, describe_presence)
sio.typists.watch(POST_ROOMS, describe_typing)
sio.manager.on_heard_again.append(heartbeat)
sio.every(settings.HEARTBEAT_INTERVAL, heartbeat)
sio.every(controls.FRESH, watch_controls)
sio.every(END_RUSHES, end_rushes)
sio.every(DECIDE_IN_BULK, decide_in_bulk)
sio.every(LOOK, teller.look)
sio.at_start(listen_for_hints)


# --- In a database thread ---------------------------------------------------------------------


def _acting_user(user_id: int) -> User:
    """The socket's user as of now. Raises `Refused` for one who was switched off meanwhile."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Refused(ErrorCode.SIGN_IN)
    return user


def _load_more(wanted: LoadMore, caller: Caller) -> Reply:
    post = reading.reachable_post(wanted.post_id)
    if wanted.around is not None:
        comment = Comment.objects.filter(pk=wanted.around, post=post, status=Status.PUBLISHED).first()
        if comment is None:
            raise Refused(ErrorCode.NOT_FOUND)
        comment.post = post
        page = reading.page_with(comment)
    elif wanted.after is not None:
        page = reading.page_after(post, wanted.after)
    else:
        page = reading.page(post, before=wanted.before)
    own = reactions.own_reactions({caller.user_id}, reactions.with_any(page.comments))
    return {
        "comments": page_payload(page.comments, caller.user_id),
        "hasMore": page.has_more,
        "hasLater": page.has_later,
        "before": None if page.before is None else str(page.before),
        "reacted": reactions.on_the_wire(own[caller.user_id]),
    }


def _edit(user_id: int, wanted: EditComment) -> CommentPayload:
    user = _acting_user(user_id)
    comment = actions.edit_comment(wanted.comment_id, wanted.content, acting_user=user)
    return comment_payload(comment, for_author=True)


def _preview(wanted: PreviewComment) -> str:
    found = reading.reachable_post(wanted.post_id)
    return previews.preview(wanted.content, is_message=found.is_room)


def _remove(user_id: int, wanted: DeleteComment) -> None:
    actions.remove_comment(wanted.comment_id, acting_user=_acting_user(user_id))


def _flag(user_id: int, wanted: ReportComment) -> None:
    flags.flag(wanted.comment_id, wanted.reason, wanted.note, acting_user=_acting_user(user_id))


def _appeal(user_id: int, wanted: AppealDecision) -> int:
    return appeals.appeal(wanted.decision_id, wanted.text, acting_user=_acting_user(user_id)).pk


def _acknowledge(user_id: int, wanted: AcknowledgeWarning) -> None:
    sanctions.acknowledge(wanted.sanction_id, acting_user=_acting_user(user_id))


def _own_comments(user_id: int, wanted: OwnComments) -> Reply:
    user = _acting_user(user_id)
    own = reading.own(reading.reachable_post(wanted.post_id), user)
    return {
        "held": [comment_payload(comment, for_author=True) for comment in own.held],
        "decided": [own_decision_payload(decision) for decision in own.decisions],
    }


def _hide(user_id: int, wanted: HideComment) -> None:
    moderation.hide_comment(
        wanted.comment_id,
        acting_user=_acting_user(user_id),
        reason=wanted.reason,
        explanation=wanted.explanation,
    )


def _restore(user_id: int, wanted: RestoreComment) -> None:
    moderation.restore_comment(wanted.comment_id, acting_user=_acting_user(user_id))


# Nobody's name begins with more; what is longer would only be work.
PREFIX_LIMIT = 60


def _people_of_post(user_id: int, wanted: PeopleOfPost) -> Reply:
    user = _acting_user(user_id)
    post = reading.reachable_post(wanted.post_id)
    if len(wanted.prefix) > PREFIX_LIMIT:
        raise Refused(ErrorCode.INVALID)
    return {"postId": str(post.pk), "people": people.people_of(post, wanted.prefix, asking=user)}


def _follow(user_id: int, wanted: FollowPost) -> None:
    follows.follow(wanted.post_id, on=wanted.on, acting_user=_acting_user(user_id))


def _mute(user_id: int, wanted: MutePerson) -> None:
    mutes.mute(wanted.user_id, on=wanted.on, acting_user=_acting_user(user_id))


def _own_choices(user_id: int, wanted: OwnChoices) -> Reply:
    user = _acting_user(user_id)
    post = reading.reachable_post(wanted.post_id)
    return {
        "postId": str(post.pk),
        "following": follows.follows(post, user),
        "muted": sorted(map(str, mutes.muted_ids(user))),
    }


def _posts(post_ids: list[int]) -> list[Post]:
    """The posts that readers can reach, without their texts."""
    return list(Post.objects.reachable().filter(pk__in=post_ids).defer("body"))


def _versions(post_ids: list[int]) -> dict[int, tuple[int, str]]:
    """Version and room state of the posts that readers can reach."""
    site = controls.current()
    posts = Post.objects.reachable().filter(pk__in=post_ids).only("version", "room_state")
    return {post.pk: (post.version, room_of(post, site)) for post in posts}
