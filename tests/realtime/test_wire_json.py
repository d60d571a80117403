"""JSON that every browser can read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import wire_json
from realtime.delivery import encode_event


@pytest.mark.parametrize("text", ["NaN", "[1, NaN]", '{"a": Infinity}', "-Infinity", "{", "", "'a'"])
def test_what_is_no_json_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (which one is json's affair)
        wire_json.loads(text)


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": -float("inf")}])
def test_what_is_no_json_is_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        wire_json.dumps(value)
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_event("event", value)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_json_comes_back_as_it_was(value: Any) -> None:
    assert wire_json.loads(wire_json.dumps(value)) == value
    assert json.loads(encode_event("name", value).removeprefix("2")) == ["name", value]


def test_an_event_of_a_namespace_says_so() -> None:
    assert encode_event("name", 1) == '2["name",1]'
    assert encode_event("name", "가", namespace="/chat") == '2/chat,["name","가"]'
