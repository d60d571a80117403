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
    def strict(name: str) -> None:
        raise AssertionError(f"no browser reads {name}")

    for text in (wire_json.dumps(value), encode_event("event", value).removeprefix("2")):
        assert "null" in text
        json.loads(text, parse_constant=strict)


@pytest.mark.parametrize("value", [2**64, {"a": [-(10**30)]}, {1: "one"}])
def test_what_is_odd_is_written_as_python_would(value: Any) -> None:
    assert wire_json.dumps(value) == json.dumps(value, separators=(",", ":"))


def test_what_cannot_be_json_at_all_is_an_error() -> None:
    for value in (object(), {"a": {1, 2}}, b"bytes"):
        with pytest.raises(TypeError):
            wire_json.dumps(value)


def test_half_a_character_is_read_so_that_its_sender_can_be_told() -> None:
    assert wire_json.loads('"\\ud800"') == "\ud800"


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
