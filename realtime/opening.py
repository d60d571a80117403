"""The request by which nearly every connection opens, read at one glance.

Browsers open a websocket with a request that hardly differs from one to the next. A general parser, another
one for websockets and a dictionary of the server's own for each header cost more than all that a reader does
afterwards. So a request that looks exactly as they do is read here; whatever differs in anything is not, and
goes the ordinary way through uvicorn and python-engineio, which alone decides what else may be let in.

Imported before Django is set up; must not import the rest of realtime.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha1
from typing import NamedTuple

# Far below what the libraries take. A browser's request has a kilobyte, and two with many cookies.
LONGEST = 8_000
_REQUEST = re.compile(
    rb"GET /socket\.io/\?(?:EIO=4&transport=websocket|transport=websocket&EIO=4)(?:&t=[\w.-]+)? HTTP/1\.1"
    # Printable ASCII with one space before it and none after it: no two parsers read that differently.
    rb"((?:\r\n[A-Za-z0-9-]+: [!-~](?:[ -~]*[!-~])?)+)\r\n\r\n"
)
_KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")
_CONNECTION = {b"upgrade", b"keep-alive, upgrade"}
# They have a meaning here, but not in a request like this one. (An offer of compression has none: it is
# switched off, see `serve`.)
_STRANGE = {b"content-length", b"transfer-encoding", b"expect", b"sec-websocket-protocol"}
_NEEDED = {b"host", b"sec-websocket-key", b"connection", b"upgrade", b"sec-websocket-version"}
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


class Opening(NamedTuple):
    """A websocket handshake without anything unusual; its headers by their names in small letters."""

    headers: dict[bytes, bytes]

    def text(self, name: bytes) -> str:
        """A header's value, or nothing."""
        return self.headers.get(name, b"").decode()

    def response(self, more: Iterable[tuple[bytes, bytes]]) -> bytes:
        """The answer that opens the websocket, with `more` headers."""
        accepted = b64encode(sha1(self.headers[b"sec-websocket-key"] + _GUID, usedforsecurity=False).digest())
        rest = b"".join([b"%b: %b\r\n" % header for header in more])
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n%b\r\n" % (accepted, rest)
        )


def read_opening(data: bytes) -> Opening | None:
    """The first bytes of a connection as the whole of such a request; None if they are anything else."""
    if len(data) > LONGEST:
        return None
    found = _REQUEST.fullmatch(data)
    if found is None:
        return None
    lines = found[1].split(b"\r\n")[1:]
    headers = {}
    for line in lines:
        name, _, value = line.partition(b": ")
        headers[name.lower()] = value
    if (
        len(headers) < len(lines)  # one stands there twice
        or not headers.keys() >= _NEEDED
        or not headers.keys().isdisjoint(_STRANGE)
        or headers[b"upgrade"].lower() != b"websocket"
        or headers[b"connection"].lower() not in _CONNECTION
        or headers[b"sec-websocket-version"] != b"13"
        or not _KEY.fullmatch(headers[b"sec-websocket-key"])
    ):
        return None
    return Opening(headers)
