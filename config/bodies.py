"""A bound for what is sent to pages.

Django reads the whole of a request onto the disk before anybody asks who sent it, and bounds only what it
keeps in memory. A form of ours weighs some kilobytes, a picture that is taken 2 MB; the bound leaves room for
the photograph that is too large and gets a sentence about it.
"""

from typing import Any

LIMIT = 16 * 1024 * 1024


class BoundedBody:
    """An ASGI application whose requests are refused with 413 where they are longer than `LIMIT` bytes."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > LIMIT:
            await _refuse(send)
            return
        read = 0
        has_answered = False

        async def receive_some() -> Any:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            # Whoever did not say how much it would be: Django lets go of it as if they had hung up.
            return {"type": "http.disconnect"} if read > LIMIT else message

        async def send_on(message: Any) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        await self._app(scope, receive_some, send_on)
        if read > LIMIT and not has_answered:
            await _refuse(send)


async def _refuse(send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"This is too large.\n"})
