"""The socket's face of the chat: the verbs of comments, and of private messages, in the chat's words."""

from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    StrictBool,
    StrictStr,
    model_validator,
)

from accounts import blocks
from accounts.models import User
from comments import actions, flags, reactions, reading, rules
from comments.events import POST_ROOMS, comment_payload, page_payload, post_room, state_payload
from comments.joining import Joining
from comments.models import Comment, Post, PrivateMessage, Status
from comments.sockets import admit_in_batch, load_in_batch, post_in_batch
from realtime import metrics, wire_json
from realtime.budgets import (
    CHOOSING,
    JOINING,
    MEETING,
    READING,
    REPORTING,
    TYPING,
    WRITING,
    WRITING_HERE,
    spend,
)
from realtime.database import in_database, is_storable
from realtime.delivery import encode_event_raw
from realtime.errors import ErrorCode, Refused
from realtime.publish import publish_on_commit
from realtime.requests import Caller, ClientId, Id, Payload, Reply, request
from realtime.server import sio
from realtime.session import user_room

from . import private, rooms
from .events import NAMESPACE, ChatEvent, ChatRequest, private_payload, taken_back_payload
from .live import OBJECT, TEXT, Live, RoomEcho, guests_of, onlookers_of, speakers_of

REFUSED_AS = ChatEvent.CHAT_ERROR
# How often the texts of what was taken back are let go of, in seconds; a batch each time.
SWEEP = 600.0


def _room_name(value: object) -> str:
    """A room's address, name or id, as clients write it."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > 200 or not is_storable(value):
        raise ValueError("not a room")
    return value


RoomName = Annotated[str, BeforeValidator(_room_name)]
MessageText = Annotated[StrictStr, AfterValidator(rules.check_message)]
_ROOM = AliasChoices("room", "roomId", "roomName", "postId")
_CONTENT = AliasChoices("content", "message", "text", "msg")


class GetRooms(Payload):
    pass


class GetUnread(Payload):
    pass


class JoinRoom(Payload):
    """`only` is for a page that is in the room already, under its post: it hears who comes and who goes, no
    message a second time, and is counted by that alone."""

    room: RoomName = Field("", validation_alias=_ROOM)
    since: int | None = None
    only: Literal["presence"] | None = None


class LeaveRoom(Payload):
    room: RoomName = Field("", validation_alias=_ROOM)


class ChatMessage(Payload):
    content: MessageText = Field(validation_alias=_CONTENT)
    room: RoomName = Field("", validation_alias=_ROOM)
    parent_id: Id | None = None
    client_id: ClientId | None = None
    is_bare: bool = Field(False, exclude=True)  # said as a text, and nothing else

    @model_validator(mode="before")
    @classmethod
    def _note_form(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "bareText" in value:
            return {"content": value["bareText"], "isBare": True}
        return {key: each for key, each in value.items() if key != "isBare"}


class EditMessage(Payload):
    message_id: Id
    content: MessageText = Field(validation_alias=_CONTENT)


class OneMessage(Payload):
    message_id: Id


class ReportMessage(Payload):
    message_id: Id
    reason: StrictStr
    note: StrictStr = ""


class LoadMore(Payload):
    room: RoomName = Field("", validation_alias=_ROOM)
    before: Id | None = None
    after: Id | None = None


class Typing(Payload):
    room: RoomName = Field("", validation_alias=_ROOM)
    on: StrictBool


class PrivateMessageTo(Payload):
    to: RoomName = Field(validation_alias=AliasChoices("to", "userId", "username", "recipient"))
    content: MessageText = Field(validation_alias=_CONTENT)
    client_id: ClientId | None = None


class GetConversation(Payload):
    person: RoomName = Field(validation_alias=AliasChoices("with", "userId", "username"))
    before: Id | None = None


class MarkRead(Payload):
    user_id: Id
    up_to: Id | None = None


class BlockPerson(Payload):
    user_id: Id
    on: StrictBool = True


@request(
    ChatRequest.GET_ROOMS,
    takes=GetRooms,
    bare="nothing",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=READING,
)
async def get_rooms(caller: Caller, wanted: GetRooms) -> Reply:
    _no_guest(caller)
    found = await in_database(rooms.all_rooms)
    return {"rooms": [_room_payload(room) for room in found]}


@request(
    ChatRequest.GET_UNREAD,
    takes=GetUnread,
    bare="nothing",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=READING,
)
async def get_unread(caller: Caller, wanted: GetUnread) -> Reply:
    """How many private messages one has not read: what was told of them while the connection was away."""
    _no_guest(caller)
    return {"unread": await in_database(_unread, caller.user_id)}


@request(
    ChatRequest.JOIN_ROOM,
    takes=JoinRoom,
    bare="room",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=JOINING,
)
async def join_room(caller: Caller, wanted: JoinRoom) -> Reply:
    """As joining a post, and in the same order: enter first, read afterwards."""
    room = await in_database(rooms.find, wanted.room)
    reader = Joining(room.pk, caller.user_id, wanted.since)
    refusal = await admit_in_batch(reader)
    if refusal is not None:
        raise refusal
    if wanted.only is not None:
        return await _look_on(caller, room)
    _enter(caller, room)
    joined = await load_in_batch(reader)
    if isinstance(joined, Refused):  # it happened since
        _leave(caller, room.pk)
        raise joined
    post, history = joined.post, joined.history
    sio.manager.heard_up_to("/", post_room(post.pk), post.version)
    about = {**_room_payload(post), "version": post.version, "kind": history.kind}
    meta = {
        **about,
        "hasMore": history.has_more,
        "state": state_payload(
            post,
            is_staff=joined.is_staff,
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
            ChatEvent.LOAD_MESSAGES, joined.comments, wire_json.dumps(meta), namespace=caller.namespace
        )
    )
    return about


async def _look_on(caller: Caller, room: Post) -> Reply:
    name = post_room(room.pk)
    live.entering(name, room.slug, caller.sid)
    _no_guest(caller)
    there = sio.manager.get_rooms(caller.sid, NAMESPACE)
    if name not in there and onlookers_of(name) not in there and caller.is_connected:
        if len(there) >= settings.ROOMS_PER_SOCKET + 2:
            raise Refused(ErrorCode.FORBIDDEN, _("This connection is in too many rooms."))
        sio.manager.basic_enter_room(caller.sid, NAMESPACE, onlookers_of(name))
    try:
        found = await in_database(rooms.by_id, room.pk)
    except Refused:  # it happened since
        _leave(caller, room.pk)
        raise
    return {**_room_payload(found), "version": found.version, "kind": "presence"}


@request(
    ChatRequest.LEAVE_ROOM,
    takes=LeaveRoom,
    bare="room",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=JOINING,
)
async def leave_room(caller: Caller, wanted: LeaveRoom) -> Reply:
    room = await in_database(rooms.find, wanted.room)
    _leave(caller, room.pk)
    return {"room": room.slug, "postId": str(room.pk)}


@request(
    ChatRequest.CHAT_MESSAGE,
    takes=ChatMessage,
    bare="bareText",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=WRITING,
    is_text=True,
)
async def chat_message(caller: Caller, wanted: ChatMessage) -> Reply:
    """To the room, the sender included. Without a room it is for the only one that the socket is in, or for
    the lobby; and whoever speaks in a room is in it."""
    post_id = await _place(caller, wanted.room)
    await spend(WRITING_HERE, caller.user_id, post_id)
    draft = actions.Draft(caller.user_id, post_id, wanted.content, wanted.parent_id, wanted.client_id)
    outcome = await post_in_batch(draft)
    if isinstance(outcome, Refused):
        raise outcome
    if outcome.status not in (Status.PUBLISHED, Status.PENDING):
        raise Refused(ErrorCode.NOT_FOUND)
    metrics.comments.inc()
    return {"message": comment_payload(outcome, for_author=True)}


@request(
    ChatRequest.EDIT_MESSAGE, takes=EditMessage, namespace=NAMESPACE, refused_as=REFUSED_AS, budget=WRITING
)
async def edit_message(caller: Caller, wanted: EditMessage) -> Reply:
    return {"message": await in_database(_edit, caller.user_id, wanted)}


@request(
    ChatRequest.DELETE_MESSAGE,
    takes=OneMessage,
    bare="messageId",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=WRITING,
)
async def delete_message(caller: Caller, wanted: OneMessage) -> Reply:
    await in_database(_remove, caller.user_id, wanted.message_id)
    return {"messageId": str(wanted.message_id)}


@request(
    ChatRequest.REPORT_MESSAGE,
    takes=ReportMessage,
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=REPORTING,
)
async def report_message(caller: Caller, wanted: ReportMessage) -> Reply:
    await in_database(_flag, caller.user_id, wanted)
    return {"messageId": str(wanted.message_id), "message": _("Thank you. A moderator will look at it.")}


@request(ChatRequest.LOAD_MORE, takes=LoadMore, namespace=NAMESPACE, refused_as=REFUSED_AS, budget=READING)
async def load_more(caller: Caller, wanted: LoadMore) -> Reply:
    if (wanted.before is None) == (wanted.after is None):
        raise Refused(ErrorCode.INVALID)
    return await in_database(_load_more, wanted, caller.user_id)


@request(ChatRequest.TYPING, takes=Typing, namespace=NAMESPACE, refused_as=REFUSED_AS, budget=TYPING)
async def typing(caller: Caller, wanted: Typing) -> Reply:
    post_id = await _id_of(caller, wanted.room)
    sio.typists.types(post_room(post_id), caller, is_typing=wanted.on)
    return {}


# --- From one person to another ---------------------------------------------------------------------


@request(
    ChatRequest.PRIVATE_MESSAGE,
    takes=PrivateMessageTo,
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=WRITING,
)
async def private_message(caller: Caller, wanted: PrivateMessageTo) -> Reply:
    """All tabs of both hear it. Whether the recipient wants to hear of the sender changes nothing here."""
    recipient, is_first = await in_database(_recipient, caller.user_id, wanted.to)
    if is_first:
        await spend(MEETING, caller.user_id)
    return {"message": await in_database(_write, caller.user_id, recipient, wanted)}


@request(
    ChatRequest.GET_CONVERSATION,
    takes=GetConversation,
    bare="userId",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=READING,
)
async def get_conversation(caller: Caller, wanted: GetConversation) -> Reply:
    _no_guest(caller)
    return await in_database(_conversation, caller.user_id, wanted)


@request(
    ChatRequest.MARK_CONVERSATION_READ,
    takes=MarkRead,
    bare="userId",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=READING,
)
async def mark_conversation_read(caller: Caller, wanted: MarkRead) -> Reply:
    return {"userId": str(wanted.user_id), "marked": await in_database(_mark, caller.user_id, wanted)}


@request(
    ChatRequest.DELETE_PRIVATE_MESSAGE,
    takes=OneMessage,
    bare="messageId",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=WRITING,
)
async def delete_private_message(caller: Caller, wanted: OneMessage) -> Reply:
    await in_database(_take_back, caller.user_id, wanted.message_id)
    return {"messageId": str(wanted.message_id)}


@request(
    ChatRequest.REPORT_PRIVATE_MESSAGE,
    takes=ReportMessage,
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=REPORTING,
)
async def report_private_message(caller: Caller, wanted: ReportMessage) -> Reply:
    await in_database(_report, caller.user_id, wanted)
    return {"messageId": str(wanted.message_id), "message": _("Thank you. A moderator will look at it.")}


@request(
    ChatRequest.BLOCK_PERSON,
    takes=BlockPerson,
    bare="userId",
    namespace=NAMESPACE,
    refused_as=REFUSED_AS,
    budget=CHOOSING,
)
async def block_person(caller: Caller, wanted: BlockPerson) -> Reply:
    await in_database(_block, caller.user_id, wanted)
    return {"userId": str(wanted.user_id), "on": wanted.on}


# --- As textbooks spell it --------------------------------------------------------------------------

# How each socket spells messages, and in which form it says them.
_spoken: dict[str, tuple[str, str]] = {}


def _old_spelling(spelling: str) -> None:
    """Let messages be sent under an older name; whoever sends them so hears them so, as well."""

    @request(
        spelling,
        takes=ChatMessage,
        bare="bareText",
        namespace=NAMESPACE,
        refused_as=REFUSED_AS,
        budget=WRITING,
        is_text=True,
    )
    async def say(caller: Caller, wanted: ChatMessage) -> Reply:
        _speaks(caller, spelling, TEXT if wanted.is_bare else OBJECT)
        return await chat_message(caller, wanted) or {}


def _speaks(caller: Caller, spelling: str, form: str) -> None:
    former = _spoken.get(caller.sid)
    if former == (spelling, form):
        return
    _spoken[caller.sid] = (spelling, form)
    for room in _rooms_of(caller):
        if former is not None:
            sio.manager.basic_leave_room(caller.sid, NAMESPACE, speakers_of(room, *former))
        sio.manager.basic_enter_room(caller.sid, NAMESPACE, speakers_of(room, spelling, form))


for _spelling in ("chat message", "message"):
    _old_spelling(_spelling)


@request("join room", takes=JoinRoom, bare="room", namespace=NAMESPACE, refused_as=REFUSED_AS, budget=JOINING)
async def join_room_as_of_old(caller: Caller, wanted: JoinRoom) -> Reply:
    """Who spells this so expects to hear of messages so, even before saying one."""
    if caller.sid not in _spoken:
        _speaks(caller, "chat message", TEXT)
    return await join_room(caller, wanted) or {}


@request(
    "leave room", takes=LeaveRoom, bare="room", namespace=NAMESPACE, refused_as=REFUSED_AS, budget=JOINING
)
async def leave_room_as_of_old(caller: Caller, wanted: LeaveRoom) -> Reply:
    return await leave_room(caller, wanted) or {}


# --- Which rooms a socket is in ---------------------------------------------------------------------


def _room_payload(room: Post) -> dict[str, Any]:
    count, names = sio.presence.people(post_room(room.pk))
    return {
        "room": room.slug,
        "postId": str(room.pk),
        "name": room.shown_title,
        "count": count,
        "names": names,
    }


def _rooms_of(caller: Caller) -> list[str]:
    """The rooms that a socket has entered, without what is beside them."""
    there = sio.manager.get_rooms(caller.sid, caller.namespace)
    return [room for room in there if room.startswith(POST_ROOMS) and "/" not in room]


def _enter(caller: Caller, room: Post) -> None:
    name = post_room(room.pk)
    live.entering(name, room.slug, caller.sid)
    caller.enter(name)
    _no_guest(caller)
    sio.manager.basic_leave_room(caller.sid, NAMESPACE, onlookers_of(name))
    if caller.sid in _spoken and name in _rooms_of(caller):
        beside = speakers_of(name, *_spoken[caller.sid])
        if beside not in sio.manager.get_rooms(caller.sid, NAMESPACE):
            sio.manager.basic_enter_room(caller.sid, NAMESPACE, beside)


def _leave(caller: Caller, post_id: int) -> None:
    name = post_room(post_id)
    _no_guest(caller)
    caller.leave(name)
    sio.manager.basic_leave_room(caller.sid, NAMESPACE, onlookers_of(name))
    if caller.sid in _spoken:
        sio.manager.basic_leave_room(caller.sid, NAMESPACE, speakers_of(name, *_spoken[caller.sid]))


def _no_guest(caller: Caller) -> None:
    for room in sio.manager.get_rooms(caller.sid, NAMESPACE):
        if room == guests_of(room.partition("/")[0]):
            sio.manager.basic_leave_room(caller.sid, NAMESPACE, room)


async def _place(caller: Caller, wanted: str) -> int:
    """The room that a message is for; its sender enters it, if they are in none of that name yet."""
    there = _rooms_of(caller)
    if not wanted and len(there) == 1:
        return int(there[0].removeprefix(POST_ROOMS))
    room = await in_database(rooms.find, wanted)
    if post_room(room.pk) not in there:
        _enter(caller, room)
    return room.pk


async def _id_of(caller: Caller, wanted: str) -> int:
    there = _rooms_of(caller)
    if not wanted and len(there) == 1:
        return int(there[0].removeprefix(POST_ROOMS))
    return (await in_database(rooms.find, wanted)).pk


def guests(user_ids: Any) -> list[list[str]]:
    """Whoever connects hears the lobby, without being counted there, until they enter a room, leave it, or
    ask for something that no textbook has. In which spelling they listen is not known before they speak."""
    found = rooms.lobby()
    beside = [] if found is None else [guests_of(post_room(found.pk))]
    return [beside for _ in user_ids]


def _admitted(caller: Caller) -> None:
    if caller.namespace == NAMESPACE and caller.is_versed:
        _no_guest(caller)


async def sweep() -> None:
    await in_database(private.sweep)


def _forgotten(caller: Caller) -> None:
    _spoken.pop(caller.sid, None)


live = Live(sio)
sio.manager.echoes[NAMESPACE] = RoomEcho()
sio.presence.listeners.append(live.look)
sio.lodgings.add(NAMESPACE, guests)
sio.on_admit.append(_admitted)
sio.on_forget.append(_forgotten)
sio.every(SWEEP, sweep)


# --- In a database thread ---------------------------------------------------------------------------


def _acting_user(user_id: int) -> User:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Refused(ErrorCode.SIGN_IN)
    return user


def _own_room_message(message_id: int) -> None:
    """Comments under posts are none of the chat's."""
    if not Comment.objects.filter(pk=message_id, post__in=Post.objects.rooms()).exists():
        raise Refused(ErrorCode.NOT_FOUND)


def _edit(user_id: int, wanted: EditMessage) -> Any:
    _own_room_message(wanted.message_id)
    edited = actions.edit_comment(wanted.message_id, wanted.content, acting_user=_acting_user(user_id))
    return comment_payload(edited, for_author=True)


def _remove(user_id: int, message_id: int) -> None:
    _own_room_message(message_id)
    actions.remove_comment(message_id, acting_user=_acting_user(user_id))


def _flag(user_id: int, wanted: ReportMessage) -> None:
    _own_room_message(wanted.message_id)
    flags.flag(wanted.message_id, wanted.reason, wanted.note, acting_user=_acting_user(user_id))


def _load_more(wanted: LoadMore, user_id: int) -> Reply:
    room = rooms.find(wanted.room)
    page = (
        reading.page(room, before=wanted.before)
        if wanted.after is None
        else reading.page_after(room, wanted.after)
    )
    return {
        "room": room.slug,
        "messages": page_payload(page.comments, user_id),
        "hasMore": page.has_more,
        "hasLater": page.has_later,
        "before": None if page.before is None else str(page.before),
    }


def _recipient(user_id: int, wanted: str) -> tuple[User, bool]:
    user = _acting_user(user_id)
    recipient = private.find_person(wanted, acting_user=user)
    return recipient, private.is_first(user, recipient)


def _write(user_id: int, recipient: User, wanted: PrivateMessageTo) -> Any:
    user = _acting_user(user_id)
    sent = private.send(recipient, wanted.content, acting_user=user, client_id=wanted.client_id)
    return private_payload(sent, for_sender=True)


def _conversation(user_id: int, wanted: GetConversation) -> Reply:
    user = _acting_user(user_id)
    other = private.find_other(wanted.person, reader=user)
    page = private.conversation(user, other, before=wanted.before)
    reply: Reply = {
        "userId": str(other.pk),
        "messages": [_as_seen(message, user) for message in page.messages],
        "hasMore": page.has_more,
        "isBlocked": blocks.blocks(user, other),
    }
    if wanted.before is None:
        reply["takenBack"] = [taken_back_payload(message) for message in private.taken_back(user, other)]
    return reply


def _as_seen(message: PrivateMessage, reader: User) -> Any:
    return private_payload(message, for_sender=message.sender_id == reader.pk)


def _unread(user_id: int) -> int:
    return private.unread_count(_acting_user(user_id))


def _mark(user_id: int, wanted: MarkRead) -> int:
    other = User.objects.filter(pk=wanted.user_id).first()
    if other is None:
        return 0
    return private.mark_read(other, acting_user=_acting_user(user_id), up_to=wanted.up_to)


def _take_back(user_id: int, message_id: int) -> None:
    private.remove(message_id, acting_user=_acting_user(user_id))


def _report(user_id: int, wanted: ReportMessage) -> None:
    private.report(wanted.message_id, wanted.reason, wanted.note, acting_user=_acting_user(user_id))


def _block(user_id: int, wanted: BlockPerson) -> None:
    user = _acting_user(user_id)
    blocks.find(wanted.user_id, acting_user=user)
    blocks.block(wanted.user_id, on=wanted.on, acting_user=user)
    publish_on_commit(
        ChatEvent.PERSON_BLOCKED,
        {"userId": str(wanted.user_id), "on": wanted.on},
        room=user_room(user.pk),
        namespace=NAMESPACE,
    )
