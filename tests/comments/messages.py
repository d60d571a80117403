"""Sending private messages in tests, and what comes of it."""

import json
from typing import Any

import pytest

from accounts.models import User
from accounts.own_data import pieces
from comments.chat import private
from comments.models import PrivateMessage
from realtime.errors import ErrorCode, Refused
from tests.cast import Published


def refused(code: ErrorCode, act: Any, *arguments: Any, **details: Any) -> None:
    with pytest.raises(Refused) as caught:
        act(*arguments, **details)
    assert caught.value.code == code, caught.value.code


def send(sender: User, recipient: User, content: str = "Between us", **more: Any) -> PrivateMessage:
    return private.send(recipient, content, acting_user=sender, **more)


def told(published: Published, event: str) -> dict[str, Any]:
    """What each room of the chat's namespace was told of this name."""
    packets = [
        (message["room"], json.loads(message["packet"].removeprefix("2/chat,")))
        for message in published.messages
        if message["method"] == "event" and message["namespace"] == "/chat"
    ]
    return {room: payload for room, (name, payload) in packets if name == event}


def texts(reader: User, other: User) -> list[str]:
    return [message.content for message in private.conversation(reader, other).messages]


def data_of(user: User) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(pieces(user)))
    return found
