"""Websocket frames as servers send them (RFC 6455, section 5.2): whole messages, not masked, not compressed.

Unmasked means that the same bytes serve every reader, so a frame is built once per event. A connection
that has negotiated compression takes uncompressed messages too (RFC 7692, section 6).
"""

_TEXT = 0x81
_BINARY = 0x82


def text_frame(text: str) -> bytes:
    """One text message. Raises UnicodeEncodeError for half a character."""
    payload = text.encode()
    return _head(_TEXT, len(payload)) + payload


def text_head(length: int) -> bytes:
    """What stands before the `length` bytes of a text message."""
    return _head(_TEXT, length)


def binary_frame(payload: bytes) -> bytes:
    """One binary message."""
    return _head(_BINARY, len(payload)) + payload


def _head(kind: int, length: int) -> bytes:
    if length < 126:
        return bytes((kind, length))
    if length < 65_536:
        return bytes((kind, 126)) + length.to_bytes(2)
    return bytes((kind, 127)) + length.to_bytes(8)
