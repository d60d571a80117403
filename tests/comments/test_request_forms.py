"""In which forms requests may come, and how everything else is refused; no socket involved."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from comments.events import ClientEvent
from comments.models import Comment, Post
from realtime.errors import ErrorCode
from realtime.requests import read_id, registry
from tests.callers import ask
from tests.cast import again

pytestmark = pytest.mark.django_db(transaction=True)

BAD_IDS: dict[str, Any] = {
    "null": None,
    "zero": 0,
    "negative": -1,
    "fraction": 1.5,
    "true": True,
    "words": "one",
    "empty": "",
    "other digits": "１",
    "white space": " 1 ",
    "too large": 10**30,
    "a list": [1],
    "an object": {"id": 1},
    "a dictionary key": "1; DROP TABLE comments_comment",
    "quoted twice": '""1""',
    "infinite": float("inf"),
}


def test_every_event_of_the_vocabulary_has_a_handler_and_none_has_no_name() -> None:
    assert {event for namespace, event in registry if namespace == "/"} == set(ClientEvent)


@pytest.mark.parametrize("form", [int, str, lambda number: f'"{number}"'])
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: {"postId": value}])
def test_an_id_comes_as_a_number_a_string_or_a_quoted_string(
    post: Post, stranger: User, form: Any, wrap: Any
) -> None:
    answer = ask(stranger, "join_post", wrap(form(post.pk)))

    assert answer.ok
    assert answer.ack["postId"] == str(post.pk)


@pytest.mark.parametrize("bad", BAD_IDS.values(), ids=BAD_IDS.keys())
@pytest.mark.parametrize("event", list(ClientEvent))
def test_a_bad_id_is_refused(event: str, bad: Any, comment: Comment, owner: User) -> None:
    good = str(comment.post_id)
    payload = {"postId": bad, "commentId": bad, "content": "text", "before": good}

    answer = ask(owner, event, payload)

    assert answer.code == "invalid"
    assert answer.told[0][1]["event"] == event
    assert again(comment).status == "published"
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("bad", BAD_IDS.values(), ids=BAD_IDS.keys())
@pytest.mark.parametrize("event", ["join_post", "leave_post", "delete_comment"])
def test_a_bad_bare_id_is_refused(event: str, bad: Any, comment: Comment, owner: User) -> None:
    if isinstance(bad, dict):
        bad = {}

    assert ask(owner, event, bad).code == "invalid"


@pytest.mark.parametrize("event", list(ClientEvent))
def test_no_payload_at_all_is_refused(event: str, owner: User) -> None:
    assert ask(owner, event).code == "invalid"


@pytest.mark.parametrize(
    "payload",
    [
        "{",
        "{}",
        "{not json}",
        '{"postId": NaN}',
        '{"postId":' * 5_000,
        "[1]",
        "null",
        [],
        [1],
        {},
        True,
        1.5,
        b"1",
    ],
    ids=repr,
)
def test_a_payload_of_no_known_form_is_refused(payload: Any, owner: User) -> None:
    assert ask(owner, "new_comment", payload).code == "invalid"
    if payload != [1]:
        assert ask(owner, "join_post", payload).code == "invalid"


@pytest.mark.parametrize("form", [lambda payload: payload, json.dumps, lambda p: "  " + json.dumps(p)])
def test_a_payload_comes_as_an_object_or_as_a_json_string(post: Post, owner: User, form: Any) -> None:
    answer = ask(owner, "new_comment", form({"postId": str(post.pk), "content": "안녕 👋"}))

    assert answer.ok
    assert Comment.objects.get().content == "안녕 👋"


@pytest.mark.parametrize("event", ["", "new_commment", "connect", "__init__", "x" * 10_000, "댓글"])
def test_an_unknown_event_is_answered(event: str, owner: User) -> None:
    answer = ask(owner, event, {"postId": 1})

    assert answer.code == "invalid"
    assert answer.told[0][1]["event"] == event[:64]


def test_unknown_keys_and_more_arguments_are_ignored(post: Post, owner: User) -> None:
    payload = {"postId": post.pk, "content": "text", "status": "removed", "version": 99, "x": {}}

    answer = ask(owner, "new_comment", payload, "more", {"content": "other"})

    assert answer.ok
    assert (Comment.objects.get().content, Comment.objects.get().version) == ("text", 1)


def test_a_refusal_is_the_ack_and_an_event(post: Post, owner: User) -> None:
    answer = ask(owner, "new_comment", {"postId": post.pk, "content": ""})

    assert set(answer.ack) == {"ok", "code", "message"}
    [(event, refusal)] = answer.told
    assert event == "comment_error"
    assert set(refusal) == {"code", "message", "error", "event"}


def test_a_bug_is_logged_and_not_shown(
    post: Post, owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def burst(*args: Any) -> None:
        raise ZeroDivisionError("the inner workings")

    monkeypatch.setattr("comments.joining._refusal", burst)

    answer = ask(owner, "join_post", post.pk)

    assert answer.code == "internal"
    assert "inner workings" not in json.dumps(answer.ack)
    assert "ZeroDivisionError: the inner workings" in caplog.text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["postId", "content", "x"]), inner)
        ),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_nothing_that_json_can_say_is_a_bug(owner: User, payload: Any) -> None:
    for event in ("join_post", "new_comment"):
        answer = ask(owner, event, payload)
        assert answer.ok or answer.ack["code"] != ErrorCode.INTERNAL, answer


@given(st.integers(1, 10**18 - 1))
def test_every_id_that_the_database_can_hold_is_read(number: int) -> None:
    assert read_id(number) == read_id(str(number)) == read_id(f'"{number}"') == number
