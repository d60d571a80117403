"""Answers that are sent while they are made, however long they become."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

# Pieces that leave together: few calls between threads, and little in memory.
PIECES_AT_ONCE = 500


def attachment(
    request: HttpRequest, pieces: Iterator[str], *, name: str, content_type: str
) -> StreamingHttpResponse:
    """A file called `name`, made of pieces of text, none of which is kept."""
    # An asynchronous server reads a plain iterator to its end before the first byte leaves.
    content: Any = _later(pieces) if isinstance(request, ASGIRequest) else pieces
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(content, content_type=content_type, headers=headers)


async def _later(pieces: Iterator[str]) -> AsyncIterator[str]:
    """The same, read in the request's own thread whenever the client has taken what came before."""
    read = sync_to_async(lambda: "".join(islice(pieces, PIECES_AT_ONCE)))
    while text := await read():
        yield text
