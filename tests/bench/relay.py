"""`manage.py` for a server that also delivers without writing: what a delivery alone costs.

The server is the real one. It only knows one request more, `relay`, which sends a comment's event to the
room of its post as a committed comment would be sent, and stores nothing. `node/server.js` has the same.
"""

import itertools
import sys
from html import escape

import django
from django.core.management import execute_from_command_line


def _register() -> None:
    from django.utils import timezone
    from pydantic import StrictStr

    from comments.events import CommentPayload, ServerEvent, post_room
    from realtime.budgets import WRITING
    from realtime.delivery import encode_event
    from realtime.requests import Caller, ClientId, Id, Payload, Reply, request
    from realtime.server import sio

    class Relay(Payload):
        post_id: Id
        content: StrictStr
        client_id: ClientId

    numbers = itertools.count(1)

    @request("relay", takes=Relay, refused_as="comment_error", budget=WRITING, pipelined=True)
    async def relay(caller: Caller, wanted: Relay) -> Reply:
        number = next(numbers)
        comment: CommentPayload = {
            "_id": str(number),
            "postId": str(wanted.post_id),
            "userId": str(caller.user_id),
            "author": {
                "name": caller.name,
                "avatar": caller.user_id % 12,
                "initials": caller.name[:1].upper(),
                "badge": None,
                "username": caller.name,
            },
            "content": wanted.content,
            "html": f"<p>{escape(wanted.content)}</p>\n",
            "parentId": None,
            "parentName": None,
            "createdAt": timezone.localtime().isoformat(timespec="milliseconds"),
            "editedAt": None,
            "status": "published",
            "version": number,
            "reactions": {},
        }
        room = post_room(wanted.post_id)
        encoded = encode_event(ServerEvent.COMMENT_ADDED, comment)
        sio.manager.spread({"method": "event", "room": room, "namespace": "/", "packet": encoded})
        own: CommentPayload = {**comment, "clientId": wanted.client_id}
        caller.tell(ServerEvent.COMMENT_CONFIRMED, {"message": "Your comment is published.", "comment": own})
        return {"comment": own}


if __name__ == "__main__":
    django.setup()
    _register()
    execute_from_command_line(["manage.py", *sys.argv[1:]])
