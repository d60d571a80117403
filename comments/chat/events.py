"""Every event of the chat on one page: names, payloads, rooms, and how payloads are made.

A message is a comment, and its payload is a comment's; see `comments.events`. ARCHITECTURE.md and
static/js/postroom/events.js list the same names; tests compare the three.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NotRequired, TypedDict

from accounts.events import wire_time
from accounts.models import User
from comments.events import ServerEvent, wire_name
from comments.models import PrivateMessage

NAMESPACE = "/chat"


class ChatRequest(StrEnum):
    """What a client may ask for."""

    GET_ROOMS = "get_rooms"
    GET_UNREAD = "get_unread"
    JOIN_ROOM = "join_room"
    LEAVE_ROOM = "leave_room"
    CHAT_MESSAGE = "chat_message"
    EDIT_MESSAGE = "edit_message"
    DELETE_MESSAGE = "delete_message"
    REPORT_MESSAGE = "report_message"
    LOAD_MORE = "load_more"
    TYPING = "typing"
    PRIVATE_MESSAGE = "private_message"
    GET_CONVERSATION = "get_conversation"
    MARK_CONVERSATION_READ = "mark_conversation_read"
    DELETE_PRIVATE_MESSAGE = "delete_private_message"
    REPORT_PRIVATE_MESSAGE = "report_private_message"
    BLOCK_PERSON = "block_person"


class ChatEvent(StrEnum):
    """What the server says."""

    LOAD_MESSAGES = "load_messages"
    CHAT_MESSAGE = "chat_message"
    MESSAGE_UPDATED = "message_updated"
    MESSAGE_REMOVED = "message_removed"
    MESSAGE_REACTED = "message_reacted"
    ROOM_STATE = "room_state"
    ROOM_VERSION = "room_version"
    ROOM_COUNT = "room_count"
    USER_JOINED = "user_joined"
    USER_LEFT = "user_left"
    USER_TYPING = "user_typing"
    # To the sockets of one person, in `user_<id>`.
    PRIVATE_MESSAGE = "private_message"
    PRIVATE_MESSAGE_REMOVED = "private_message_removed"
    CONVERSATION_READ = "conversation_read"
    PERSON_BLOCKED = "person_blocked"
    CHAT_ERROR = "chat_error"


# How textbooks spell some of these.
OLD_SPELLINGS: Mapping[str, ChatRequest] = {
    "chat message": ChatRequest.CHAT_MESSAGE,
    "message": ChatRequest.CHAT_MESSAGE,
    "join room": ChatRequest.JOIN_ROOM,
    "leave room": ChatRequest.LEAVE_ROOM,
}
# What the room of a post hears, and what it is called here.
ECHOES: Mapping[str, ChatEvent] = {
    ServerEvent.COMMENT_ADDED: ChatEvent.CHAT_MESSAGE,
    ServerEvent.COMMENT_UPDATED: ChatEvent.MESSAGE_UPDATED,
    ServerEvent.COMMENT_REMOVED: ChatEvent.MESSAGE_REMOVED,
    ServerEvent.COMMENT_REACTED: ChatEvent.MESSAGE_REACTED,
    ServerEvent.POST_STATE: ChatEvent.ROOM_STATE,
    ServerEvent.POST_VERSION: ChatEvent.ROOM_VERSION,
    ServerEvent.PRESENCE: ChatEvent.ROOM_COUNT,
}


class CorrespondentPayload(TypedDict):
    userId: str
    name: str
    avatar: int
    initials: str
    username: NotRequired[str]  # a deleted account has none
    picture: NotRequired[str]


PrivatePayload = TypedDict(
    "PrivatePayload",
    {
        "_id": str,
        "from": CorrespondentPayload,
        "to": CorrespondentPayload,
        "content": str,
        "html": str,
        "createdAt": str,
        "clientId": NotRequired[str],  # to the sender alone
    },
)


class TakenBackPayload(TypedDict):
    """Of a message that is away nothing is told but when it was written: so much says which to report."""

    _id: str
    createdAt: str


class PrivateRemovedPayload(TypedDict):
    """`userId` is with whom the conversation is. `takenBack` has only whoever can still report it, and
    `wasUnread` only whoever had not read it."""

    _id: str
    userId: str
    takenBack: NotRequired[TakenBackPayload]
    wasUnread: NotRequired[bool]


class PresentPayload(TypedDict):
    """Somebody has come into a small room, or gone."""

    postId: str
    room: str
    userId: str
    name: str
    count: int


def person_payload(person: User) -> CorrespondentPayload:
    payload: CorrespondentPayload = {
        "userId": "0" if person.is_deleted else str(person.pk),
        "name": wire_name(person),
        "avatar": person.avatar,
        "initials": person.initials,
    }
    if not person.is_deleted:
        payload["username"] = person.username
    if person.picture:
        payload["picture"] = person.picture_address
    return payload


def private_payload(message: PrivateMessage, *, for_sender: bool = False) -> PrivatePayload:
    """A private message for the wire, for one of the two. Reads `message.sender` and `.recipient`."""
    payload: PrivatePayload = {
        "_id": str(message.pk),
        "from": person_payload(message.sender),
        "to": person_payload(message.recipient),
        "content": message.content,
        "html": message.html,
        "createdAt": wire_time(message.created_at),
    }
    if for_sender and message.client_id is not None:
        payload["clientId"] = message.client_id
    return payload


def taken_back_payload(message: PrivateMessage) -> TakenBackPayload:
    """What was taken back, for whoever had read it."""
    return {"_id": str(message.pk), "createdAt": wire_time(message.created_at)}
