"""JSON as the wire needs it: what a browser's parser would refuse is refused here, both ways."""

import json
from typing import Any, NoReturn


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def loads(text: str | bytes) -> Any:
    """Parse; NaN and the infinities, which Python would accept, raise ValueError."""
    return json.loads(text, parse_constant=_no_constant)


def dumps(value: Any, *, separators: tuple[str, str] = (",", ":")) -> str:
    """Encode as short as can be; raises ValueError where a number is not one."""
    return json.dumps(value, separators=separators, ensure_ascii=False, allow_nan=False)
