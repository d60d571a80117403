"""JSON as the wire needs it: what a browser's parser would refuse is never read and never written."""

import json
from typing import Any, NoReturn

import orjson


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_no_constant)


def loads(text: str | bytes) -> Any:
    """Parse; NaN and the infinities, which Python would accept, raise ValueError."""
    # Not orjson's parser: it makes inexact floats of long integers and refuses half a character, for which
    # a client is to be told rather than cut off.
    if isinstance(text, str) and text[:1] == "[":
        return _decoder.decode(text)  # as below, with a decoder that is there already
    return json.loads(text, parse_constant=_no_constant)


def dumps(value: Any, *, separators: tuple[str, str] = (",", ":")) -> str:
    """Encode as short as can be. NaN and the infinities become null."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        # An integer of more than 64 bits, say. Python's own encoder is the one to decide.
        return json.dumps(value, separators=separators, ensure_ascii=False, allow_nan=False)
