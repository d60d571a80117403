"""What awaits a reader who would write, as a page says it beforehand: the same as joining brings."""

from datetime import timedelta
from typing import Any

import pytest

from accounts import sanctions
from accounts.models import User
from comments import room_controls
from comments.models import Post, Status
from comments.prospects import prospects
from tests.callers import ask
from tests.cast import a_post, again, write

pytestmark = pytest.mark.django_db(transaction=True)


def told_on_joining(post: Post, reader: User) -> Any:
    return ask(reader, "join_post", post.pk).heard("load_comments")[1]["state"]


def state(post: Post, reader: User | None) -> Any:
    return prospects(again(post), None if reader is None else again(reader)).state


def test_who_is_logged_out_hears_what_holds_for_everybody(post: Post) -> None:
    assert state(post, None)["canWrite"] is True
    Post.objects.update(room_state="closed")
    assert state(post, None)["canWrite"] is False


@pytest.mark.parametrize("kind", ["ban", "suspension", "warning", "hold_first"])
def test_each_sanction_is_known_beforehand(kind: str, post: Post, stranger: User, manager: User) -> None:
    duration = timedelta(hours=1) if kind == "suspension" else None
    imposed = sanctions.impose(stranger.pk, kind, acting_user=manager, reason="hate", duration=duration)

    found = prospects(again(post), again(stranger))

    assert [each["sanctionId"] for each in found.state["sanctions"]] == [str(imposed.pk)]
    assert found.state["canWrite"] is (kind == "hold_first")
    assert found.state["holds"] == (["sanction"] if kind == "hold_first" else [])
    assert found.sanction == (None if kind == "hold_first" else imposed)
    assert found.state == told_on_joining(post, stranger)

    sanctions.lift(imposed.pk, acting_user=manager)
    assert "sanctions" not in state(post, stranger)


def test_several_sanctions_are_all_told_the_heaviest_first(post: Post, stranger: User, manager: User) -> None:
    for kind in ("hold_first", "warning", "suspension"):
        duration = timedelta(hours=1) if kind == "suspension" else None
        sanctions.impose(stranger.pk, kind, acting_user=manager, reason="hate", duration=duration)

    told = state(post, stranger)

    assert [each["kind"] for each in told["sanctions"]] == ["suspension", "warning", "hold_first"]
    assert told["sanction"]["kind"] == "suspension"


def test_a_closed_room_comes_before_a_sanction(post: Post, stranger: User, manager: User) -> None:
    sanctions.impose(stranger.pk, "ban", acting_user=manager, reason="hate")
    Post.objects.update(room_state="closed")

    found = prospects(again(post), again(stranger))

    assert found.state["reason"] == "Comments are closed."


def test_slow_mode_says_how_long_is_left(author: User, owner: User, stranger: User, moderator: User) -> None:
    post = a_post(author, slow_mode=60)
    for user in (owner, moderator):
        write(user, post)

    assert 58 < state(post, owner)["retryAfter"] <= 60
    assert prospects(again(post), owner).wait in (59, 60)
    assert "retryAfter" not in state(post, stranger)
    assert "retryAfter" not in state(post, moderator)


def test_a_post_that_holds_says_so_to_all_but_who_is_spared(
    author: User, stranger: User, moderator: User
) -> None:
    post = a_post(author, pre_moderation=True)

    assert state(post, stranger)["holds"] == ["room"]
    for spared in (author, moderator):
        assert state(post, spared)["holdFirst"] is False
        assert told_on_joining(post, spared)["holdFirst"] is False
        assert write(spared, post).status == Status.PUBLISHED


def test_newcomers_are_told_that_they_are_held(author: User, owner: User, stranger: User) -> None:
    post = a_post(author, hold_newcomers=True)
    User.objects.filter(pk=owner.pk).update(trusted_at=post.published_at)

    assert state(post, stranger)["holds"] == ["newcomer"]
    assert told_on_joining(post, stranger)["holds"] == ["newcomer"]
    assert state(post, owner)["holds"] == []


def test_a_pause_stops_readers_and_not_staff(
    post: Post, stranger: User, moderator: User, manager: User
) -> None:
    room_controls.pause_site(True, acting_user=manager)

    assert state(post, stranger)["room"] == "paused"
    assert state(post, stranger)["canWrite"] is False
    assert state(post, moderator)["canWrite"] is True


@pytest.mark.parametrize(
    ("concerns", "shown"),
    [("/comments/1/", "/comments/1/"), ("//elsewhere.example", ""), ("javascript:x", ""), ("", "")],
)
def test_only_a_path_of_this_site_is_linked(
    concerns: str, shown: str, post: Post, stranger: User, manager: User
) -> None:
    sanctions.impose(stranger.pk, "warning", acting_user=manager, reason="hate", concerns=concerns)

    assert prospects(post, again(stranger)).concerns == shown


def test_a_usual_reader_costs_no_query(post: Post, stranger: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        prospects(post, stranger)
