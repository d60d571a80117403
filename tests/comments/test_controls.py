"""Rooms and the whole site under control; lists of words; the site's own check; the record as CSV."""

import csv
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event as Signal
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import actions, audit, check, controls, moderation, room_controls, word_lists
from comments.models import (
    Comment,
    Decision,
    Post,
    RestrictedWord,
    RoomState,
    Rule,
    SiteControl,
    Status,
)
from realtime.errors import ErrorCode, Refused
from tests.cast import Published, a_post, again, write
from tests.clock import Clock

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


def code(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


# --- Outsiders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda post, user: room_controls.set_room(post.pk, acting_user=user, room_state="closed"),
        lambda post, user: room_controls.pause_site(True, acting_user=user),
        lambda post, user: room_controls.set_site(acting_user=user, hold_everything=True),
        lambda post, user: word_lists.save_word("bad", "banned", acting_user=user),
        lambda post, user: word_lists.delete_word(1, acting_user=user),
        lambda post, user: word_lists.dry_run("bad", acting_user=user),
        lambda post, user: word_lists.add_words(["bad"], "banned", acting_user=user),
        lambda post, user: word_lists.delete_words([1], acting_user=user),
    ],
)
def test_readers_and_moderators_control_nothing(
    act: Callable[[Post, User], object], post: Post, author: User, stranger: User, moderator: User
) -> None:
    for outsider in (stranger, author, moderator):
        assert not outsider.has_perm("comments.manage_rooms")
        assert code(lambda who=outsider: act(post, who)) == ErrorCode.FORBIDDEN  # type: ignore[misc]
    assert again(post).room_state == RoomState.OPEN
    assert not SiteControl.objects.filter(paused=True).exists()


def test_readers_export_nothing(owner: User) -> None:
    assert code(lambda: audit.csv_lines(acting_user=owner)) == ErrorCode.FORBIDDEN


# --- Rooms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"room_state": "closed"}, {"room": "closed", "canWrite": False}),
        ({"room_state": "read_only"}, {"room": "read_only", "canWrite": False}),
        ({"slow_mode": 30}, {"slowMode": 30}),
        ({"pre_moderation": True}, {"holdFirst": True, "holds": ["room"]}),
    ],
)
def test_a_room_hears_what_holds_in_it(
    change: dict[str, Any],
    state: dict[str, Any],
    post: Post,
    manager: User,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        room_controls.set_room(post.pk, acting_user=manager, **change)
        room_controls.set_room(post.pk, acting_user=manager, **change)

    [event] = published.events
    assert (event.room, event.name) == (f"post_{post.pk}", "post_state")
    usual = {"room": "open", "canWrite": True, "reason": "", "slowMode": 0, "holdFirst": False}
    usual |= {"holdNewcomers": False, "holds": []}
    assert event.payload["state"] == {**usual, **state}


@pytest.mark.parametrize(
    "change",
    [{"room_state": "ajar"}, {"slow_mode": -1}, {"slow_mode": 3_601}, {"auto_slow_above": 10_001}],
)
def test_a_room_cannot_be_anything_else(change: dict[str, Any], post: Post, manager: User) -> None:
    assert code(lambda: room_controls.set_room(post.pk, acting_user=manager, **change)) == ErrorCode.INVALID


def test_a_room_that_is_not_there_is_not_found(manager: User) -> None:
    assert code(lambda: room_controls.set_room(10**15, acting_user=manager, slow_mode=1)) == "not_found"


# --- The whole site ------------------------------------------------------------------------------


def test_a_pause_is_felt_at_once_and_ends_as_fast(post: Post, owner: User, manager: User) -> None:
    room_controls.pause_site(True, acting_user=manager)
    assert code(lambda: write(owner, post)) == ErrorCode.PAUSED
    assert write(manager, post).status == Status.PUBLISHED

    room_controls.pause_site(False, acting_user=manager)

    assert write(owner, post).status == Status.PUBLISHED
    assert SiteControl.objects.get().changed_by == manager


def test_holding_everything_holds_everywhere(post: Post, owner: User, manager: User) -> None:
    room_controls.set_site(acting_user=manager, hold_everything=True)

    held = again(write(owner, post))

    assert (held.status, held.held_for) == (Status.PENDING, Rule.ROOM)
    assert not Decision.objects.exists()


def test_what_another_process_changed_counts_after_a_second(
    post: Post, owner: User, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(controls, "FRESH", 1)
    controls.refresh()
    SiteControl.objects.update_or_create(pk=1, defaults={"paused": True})
    clock.now += 0.9
    assert not controls.current().paused

    clock.now += 0.2

    assert controls.current().paused


def test_rooms_hear_of_a_change_whoever_was_the_first_to_read_it(post: Post, owner: User) -> None:
    controls.take_news()
    SiteControl.objects.update_or_create(pk=1, defaults={"hold_everything": True})
    controls.forget()
    write(owner, post)  # asks for the controls, as every comment does

    assert controls.known().hold_everything
    assert [controls.take_news(), controls.take_news()] == [True, False]


def test_lists_are_made_ready_only_when_they_have_changed() -> None:
    RestrictedWord.objects.create(pattern="bad", kind="banned")
    controls.refresh()
    before = controls.known().banned

    controls.refresh()
    assert controls.known().banned is before
    RestrictedWord.objects.create(pattern="worse", kind="banned")
    controls.refresh()

    assert controls.known().banned is not before
    assert controls.known().banned.find("worse")


# --- A rush --------------------------------------------------------------------------------------


@pytest.fixture
def busy(author: User, manager: User) -> Post:
    post = a_post(author)
    return room_controls.set_room(post.pk, acting_user=manager, auto_slow_above=3, auto_slow_seconds=20)


def test_slow_mode_comes_with_a_rush_and_goes_with_it(
    busy: Post,
    owner: User,
    stranger: User,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    for number in range(4):
        write(owner, busy, str(number))
    assert again(busy).slow_seconds(timezone.now()) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert code(lambda: write(owner, busy, "one too many")) == ErrorCode.SLOW_MODE

    assert again(busy).slow_seconds(timezone.now()) == 20
    [event] = published.events
    assert (event.name, event.payload["state"]["slowMode"]) == ("post_state", 20)
    assert write(stranger, busy).pk

    assert actions.end_rushes() == 0
    Post.objects.filter(pk=busy.pk).update(auto_slow_until=timezone.now() - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.end_rushes() == 1
    assert again(busy).auto_slow_until is None
    assert published.events[-1].payload["state"]["slowMode"] == 0


def test_as_many_in_a_longer_time_are_no_rush(busy: Post, owner: User) -> None:
    for number in range(4):
        write(owner, busy, str(number))
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=2))

    assert all(write(owner, busy, f"later {number}").pk for number in range(3))
    assert again(busy).auto_slow_until is None


def test_saving_a_post_does_not_end_its_rush(busy: Post) -> None:
    mine = again(busy)
    Post.objects.filter(pk=busy.pk).update(auto_slow_until=timezone.now() + timedelta(minutes=1))

    mine.title = "Another title"
    mine.save()

    assert again(busy).auto_slow_until is not None


# --- Lists of words ------------------------------------------------------------------------------


def test_a_word_counts_from_the_next_comment_on(post: Post, owner: User, manager: User) -> None:
    word = word_lists.save_word("  rotten   tomato* ", "banned", acting_user=manager, note="theatre")
    assert (word.pattern, word.created_by, word.note) == ("rotten tomato*", manager, "theatre")
    assert code(lambda: write(owner, post, "Rotten tomatoes!")) == ErrorCode.REJECTED

    word_lists.save_word("rotten tomato*", "suspect", acting_user=manager, word_id=word.pk)
    assert write(owner, post, "Rotten tomatoes!").status == Status.PENDING
    word_lists.delete_word(word.pk, acting_user=manager)

    assert write(owner, post, "Rotten tomatoes!").status == Status.PUBLISHED


@pytest.mark.parametrize(
    ("pattern", "kind", "wanted"),
    [("*", "banned", "invalid"), ("bad", "ugly", "invalid"), ("x" * 101, "banned", "too_long")],
)
def test_what_is_no_word_is_refused(pattern: str, kind: str, wanted: str, manager: User) -> None:
    assert code(lambda: word_lists.save_word(pattern, kind, acting_user=manager)) == wanted


def test_a_word_is_on_one_list_once(manager: User) -> None:
    word_lists.save_word("bad", "banned", acting_user=manager)

    assert code(lambda: word_lists.save_word("bad", "suspect", acting_user=manager)) == ErrorCode.CONFLICT
    assert code(lambda: word_lists.delete_word(10**9, acting_user=manager)) == ErrorCode.NOT_FOUND


def test_a_dry_run_shows_what_a_word_would_have_caught(
    post: Post, owner: User, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in ("a b4d old one", "a good one", "a BAD one"):
        write(owner, post, content)

    caught = word_lists.dry_run("bad", acting_user=manager)

    assert [(each.comment.content, each.found) for each in caught] == [
        ("a BAD one", "bad"),
        ("a b4d old one", "b4d"),
    ]
    assert not RestrictedWord.objects.exists()
    monkeypatch.setattr(word_lists, "TRIED_ON", 2)
    assert len(word_lists.dry_run("bad", acting_user=manager)) == 1
    nothings: list[str | list[str]] = ["**", "", []]
    for nothing in nothings:
        assert code(lambda: word_lists.dry_run(nothing, acting_user=manager)) == ErrorCode.INVALID  # noqa: B023


def test_a_dry_run_finds_what_the_rule_would_have_found(
    post: Post, owner: User, moderator: User, manager: User
) -> None:
    write(owner, post, r"b\ad, as Markdown hides it")
    write(moderator, post, "bad, says one of the staff, who are spared")
    write(owner, post, "시 발")

    caught = word_lists.dry_run(["시발", "good", "bad"], acting_user=manager)

    assert [(each.pattern, each.comment.author) for each in caught] == [("시발", owner), ("bad", owner)]


def test_a_list_is_added_at_once_and_what_is_known_stays(manager: User) -> None:
    word_lists.save_word("bad", "banned", acting_user=manager, note="mine")

    added = word_lists.add_words(
        ["worse", "", " bad ", "worse", "the  worst"], "suspect", acting_user=manager
    )

    assert [word.pattern for word in added] == ["worse", "the worst"]
    assert RestrictedWord.objects.get(pattern="bad").kind == "banned"
    many = [f"word{number}" for number in range(word_lists.AT_ONCE + 1)]
    assert code(lambda: word_lists.add_words(many, "banned", acting_user=manager)) == ErrorCode.TOO_LONG


# --- The site's own check ------------------------------------------------------------------------

asked: list[tuple[str, int, int]] = []
release = Signal()


def by_text(text: str, author_id: int, post_id: int) -> Any:
    asked.append((text, author_id, post_id))
    if text == "hang":
        release.wait(60)
        return "reject"  # which nobody waits for
    if text == "raise":
        raise RuntimeError("no")
    if text == "reject it":
        return "reject", "advertising"
    return {"hold it": "hold", "nonsense": 42}.get(text, "publish")


@pytest.fixture
def own_check(settings: Settings) -> Iterator[None]:
    settings.COMMENT_CHECK = f"{__name__}.by_text"
    settings.COMMENT_CHECK_TIMEOUT = 60
    asked.clear()
    release.clear()
    yield
    release.set()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and check._free._value < check.AT_ONCE:
        time.sleep(0.01)


@pytest.mark.usefixtures("own_check")
def test_the_sites_own_check_is_asked_and_heeded(post: Post, owner: User) -> None:
    assert write(owner, post, "fine").status == Status.PUBLISHED
    assert asked == [("fine", owner.pk, post.pk)]
    assert again(write(owner, post, "hold it")).held_for == Rule.CHECK
    assert code(lambda: write(owner, post, "reject it")) == ErrorCode.REJECTED
    assert Decision.objects.get(verdict="reject").reason == "advertising"
    comment = Comment.objects.get(content="fine")
    assert code(lambda: actions.edit_comment(comment.pk, "reject it", acting_user=owner)) == "rejected"


@pytest.mark.usefixtures("own_check")
@pytest.mark.parametrize("text", ["hang", "raise", "nonsense"])
@pytest.mark.parametrize(("fails", "status"), [("open", Status.PUBLISHED), ("closed", Status.PENDING)])
def test_a_check_that_fails_fails_as_it_is_set(
    text: str, fails: str, status: Status, post: Post, owner: User, settings: Settings
) -> None:
    settings.COMMENT_CHECK_FAILS = fails
    if text == "hang":
        settings.COMMENT_CHECK_TIMEOUT = 0.1

    assert write(owner, post, text).status == status


@pytest.mark.usefixtures("own_check")
def test_checks_that_hang_hold_up_nobody_else(post: Post, owner: User, settings: Settings) -> None:
    settings.COMMENT_CHECK_TIMEOUT = 0.1
    while len(check._hanging) < check.AT_ONCE:  # what has not begun in time is given up for good
        check.ask([check.Question("hang", owner.pk, post.pk)] * check.AT_ONCE)
    settings.COMMENT_CHECK_TIMEOUT = 120  # in which whoever waited would find a thread

    assert write(owner, post, "fine").status == Status.PUBLISHED

    assert ("fine", owner.pk, post.pk) not in asked


def quick(text: str, author_id: int, post_id: int) -> str:
    time.sleep(0.005)
    return "reject"


@pytest.mark.usefixtures("own_check")
def test_more_comments_than_can_be_checked_at_once_are_all_checked(settings: Settings) -> None:
    settings.COMMENT_CHECK = f"{__name__}.quick"

    answers = check.ask([check.Question("text", 1, 1)] * (3 * check.AT_ONCE))

    assert {answer.verdict for answer in answers} == {"reject"}


def leave(text: str, author_id: int, post_id: int) -> str:
    sys.exit(1)


@pytest.mark.usefixtures("own_check")
def test_a_check_does_not_end_the_server(settings: Settings) -> None:
    settings.COMMENT_CHECK = f"{__name__}.leave"

    assert check.ask([check.Question("text", 1, 1)]) == [check.PUBLISH]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("COMMENT_CHECK", "no.such.module", "postroom.E005"),
        ("COMMENT_CHECK", "comments.check.AT_ONCE", "postroom.E005"),
        ("COMMENT_CHECK_FAILS", "ajar", "postroom.E006"),
    ],
)
def test_a_check_that_cannot_be_is_noticed_at_the_start(
    name: str, value: str, problem: str, settings: Settings
) -> None:
    assert problem not in {each.id for each in run_checks()}
    setattr(settings, name, value)

    assert problem in {each.id for each in run_checks()}


# --- The record ----------------------------------------------------------------------------------


def rows(user: User, **more: Any) -> list[dict[str, str]]:
    lines = "".join(audit.csv_lines(acting_user=user, **more))
    assert lines.startswith("\ufeff")
    return list(csv.DictReader(lines.removeprefix("\ufeff").splitlines(keepends=True)))


def test_the_record_has_every_decision_with_the_text_as_it_stood(
    comment: Comment, post: Post, owner: User, moderator: User
) -> None:
    RestrictedWord.objects.create(pattern="bad", kind="banned")
    controls.forget()
    assert code(lambda: write(owner, post, 'bad,\n"very" 나쁜')) == ErrorCode.REJECTED
    moderation.decide(
        [comment.pk], "reject", acting_user=moderator, reason="hate", explanation="No.", note="n"
    )

    by_rule, by_person = rows(moderator)

    assert (by_rule["rule"], by_rule["by"], by_rule["text"]) == ("banned_word", "", 'bad,\n"very" 나쁜')
    assert (by_person["by"], by_person["verdict"], by_person["reason"]) == ("moderator", "reject", "hate")
    assert (by_person["explanation"], by_person["note"], by_person["author"]) == ("No.", "n", "owner")
    assert (by_person["before"], by_person["after"]) == ("published", "rejected")
    later = timezone.now() + timedelta(seconds=1)
    assert rows(moderator, since=later) == []
    assert len(rows(moderator, until=later)) == 2


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "＝1", "|cmd", "%x"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert audit.safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["text", "a=b", "1+1", "", " text", "안녕"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert audit.safe_cell(text) == text


def test_a_record_is_read_as_it_is_written(comment: Comment, moderator: User) -> None:
    for _ in range(3):
        moderation.decide([comment.pk], "reject", acting_user=moderator)
        moderation.decide([comment.pk], "restore", acting_user=moderator)

    lines = audit.csv_lines(acting_user=moderator)
    assert next(lines).startswith("\ufeffdecision,")
    with CaptureQueriesContext(connection) as captured:
        rest = list(lines)

    assert (len(rest), len(captured)) == (6, 1)
