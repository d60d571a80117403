"""What readers read in the chat speaks of messages: comments are what stands under posts."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts import sanctions
from accounts.models import Notification, User
from accounts.notifications import inbox, texts
from comments import (
    actions,
    appeals,
    controls,
    moderation,
    previews,
    room_controls,
    rules,
    telling,
    word_lists,
)
from comments.chat import private, rooms
from comments.models import Comment, Decision, Post, PostKind
from realtime.errors import Refused
from tests.callers import ask
from tests.cast import a_manager, sitting_at, write
from tests.project.files import ours

pytestmark = pytest.mark.django_db

SAID = re.compile(r'\b(?:aria-label|placeholder|title|alt)="([^"]*)"')


def words_of(page: str) -> str:
    """What can be read or heard of a page's main part and the patterns of its script."""
    main = page.partition("<main")[2]
    kept = re.sub(r"<script.*?</script>|<!--.*?-->", "", main, flags=re.DOTALL)
    return unescape(" ".join([re.sub(r"<[^>]*>", " ", kept), *SAID.findall(kept)]))


def speaks_of_messages(page: str) -> None:
    words = words_of(page)
    assert len(words) > 20
    found = re.search(r".{0,60}(?:comment|댓글).{0,60}", words, re.IGNORECASE | re.DOTALL)
    assert found is None, " ".join(found[0].split())


@pytest.fixture
def room() -> Post:
    return Post.objects.create(kind=PostKind.ROOM, slug="tea", title="Tea", published_at=timezone.now())


@pytest.fixture(params=["en", "ko"])
def reading(request: pytest.FixtureRequest) -> Callable[[User | None], Client]:
    def sit(user: User | None) -> Client:
        desk = sitting_at(user)
        if user is not None:
            User.objects.filter(pk=user.pk).update(language=request.param)
        desk.defaults["HTTP_ACCEPT_LANGUAGE"] = request.param
        return desk

    return sit


def test_a_room_as_visitors_readers_and_moderators_see_it(
    room: Post,
    owner: User,
    stranger: User,
    moderator: User,
    reading: Callable[[User | None], Client],
) -> None:
    for user in (None, owner):
        speaks_of_messages(reading(user).get("/chat/tea/").content.decode())  # nobody has said anything yet
    first = write(owner, room, "Good morning")
    gone, kept = write(owner, room, "Buy this"), write(owner, room, "Buy that")
    write(stranger, room, "And to you", parent_id=first.pk)
    write(stranger, room, "What?", parent_id=gone.pk)
    moderation.decide([gone.pk], "spam", acting_user=moderator)
    moderation.decide([kept.pk], "reject", acting_user=moderator, reason="spam")

    for user in (None, owner, stranger, moderator):
        desk = reading(user)
        for place in ("/chat/tea/", f"/chat/tea/?reply={first.pk}", f"/chat/tea/?after={first.pk}"):
            speaks_of_messages(desk.get(place).content.decode())


@pytest.mark.parametrize("state", ["closed", "read_only", "held", "slow", "paused", "newcomers"])
def test_a_room_that_is_not_open(
    room: Post, owner: User, reading: Callable[[User | None], Client], state: str
) -> None:
    write(owner, room, "Good morning")
    manager = a_manager("ma")
    if state == "paused":
        room_controls.pause_site(True, acting_user=manager)
        controls.refresh()
    else:
        states: dict[str, dict[str, Any]] = {
            "closed": {"room_state": "closed"},
            "read_only": {"room_state": "read_only"},
            "held": {"pre_moderation": True},
            "slow": {"slow_mode": 60},
            "newcomers": {"hold_newcomers": True},
        }
        room_controls.set_room(room.pk, acting_user=manager, **states[state])

    desk = reading(owner)
    speaks_of_messages(desk.get("/chat/tea/").content.decode())
    answer = desk.post(reverse("comments:create", args=["tea"]), {"content": "Hello"}, follow=True)
    speaks_of_messages(answer.content.decode())


@pytest.mark.parametrize("kind", ["suspension", "ban", "hold_first", "warning"])
def test_whoever_is_sanctioned(
    room: Post, owner: User, reading: Callable[[User | None], Client], kind: str
) -> None:
    sanctions.impose(
        owner.pk, kind, acting_user=a_manager("ma"), reason="spam",
        duration=None if kind == "warning" else timedelta(hours=1),
    )  # fmt: skip
    owner.refresh_from_db()
    desk = reading(owner)

    speaks_of_messages(desk.get("/chat/tea/").content.decode())
    answer = desk.post(reverse("comments:create", args=["tea"]), {"content": "Hello"}, follow=True)
    speaks_of_messages(answer.content.decode())


def test_every_form_about_a_message(
    room: Post,
    owner: User,
    stranger: User,
    moderator: User,
    reading: Callable[[User | None], Client],
) -> None:
    said = write(owner, room, "Good morning")
    gone = write(owner, room, "Buy this")
    moderation.decide([gone.pk], "spam", acting_user=moderator)
    decision = Decision.objects.get(comment=gone)
    places: list[tuple[User, str]] = [
        *((owner, f"/comments/{said.pk}/{act}/") for act in ("edit", "delete", "react")),
        *((stranger, f"/comments/{said.pk}/{act}/") for act in ("report", "react")),
        (moderator, f"/comments/{said.pk}/hide/"),
        (moderator, f"/comments/{gone.pk}/restore/"),
        (owner, reverse("comments:appeal", args=[decision.pk])),
    ]
    for user, place in places:
        page = reading(user).get(place)
        assert page.status_code == 200, place
        speaks_of_messages(page.content.decode())
    empty = reading(owner).post(f"/comments/{said.pk}/edit/", {"content": " "})
    speaks_of_messages(empty.content.decode())
    long = reading(owner).post(reverse("comments:create", args=["tea"]), {"content": "x" * 1_001})
    assert "1000" in words_of(long.content.decode())
    speaks_of_messages(long.content.decode())
    for user, place, data in (
        (stranger, f"/comments/{said.pk}/report/", {"reason": "spam"}),
        (moderator, f"/comments/{said.pk}/hide/", {"reason": "spam"}),
        (moderator, f"/comments/{said.pk}/restore/", {}),
        (owner, f"/comments/{said.pk}/delete/", {}),
    ):
        done = reading(user).post(place, data, follow=True)
        assert done.status_code == 200, place
        speaks_of_messages(done.content.decode())


def refusal_of(act: Callable[..., Any], *arguments: Any, **more: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        act(*arguments, **more)
    found = []
    for language in ("en", "ko"):
        with translation.override(language):
            found.append(str(caught.value.message))
    return found


def test_every_refusal_of_a_message(room: Post, owner: User, stranger: User, settings: Any) -> None:
    said = write(owner, room, "Good morning")
    manager = a_manager("ma")
    told: list[str] = []
    Comment.objects.filter(pk=said.pk).update(created_at=timezone.now() - timedelta(days=1))
    told += refusal_of(actions.edit_comment, said.pk, "Good evening", acting_user=owner)
    told += refusal_of(private.send, stranger, ">", acting_user=owner)
    for nothing in (">", "\u200b", "    >", "x" * 6_000):
        told += refusal_of(write, owner, room, nothing)
        told += refusal_of(actions.edit_comment, said.pk, nothing, acting_user=owner)
        told += refusal_of(previews.preview, nothing, is_message=True)
    word_lists.save_word("watches", "banned", acting_user=manager)
    controls.refresh()
    told += refusal_of(write, owner, room, "Buy watches")
    told += refusal_of(private.send, stranger, "Buy watches", acting_user=owner)
    states: list[dict[str, Any]] = [
        {"slow_mode": 60}, {"room_state": "read_only"}, {"room_state": "closed"},
    ]  # fmt: skip
    for wanted in states:
        room_controls.set_room(room.pk, acting_user=manager, **wanted)
        told += refusal_of(write, owner, room, "Once more")
    room_controls.set_room(room.pk, acting_user=manager, room_state="open", slow_mode=0)
    room_controls.pause_site(True, acting_user=manager)
    controls.refresh()
    told += refusal_of(write, owner, room, "While paused")
    told += refusal_of(private.send, stranger, "While paused", acting_user=owner)
    room_controls.pause_site(False, acting_user=manager)
    controls.refresh()
    for kind in ("suspension", "ban"):
        sanctions.impose(owner.pk, kind, acting_user=manager, reason="spam", duration=timedelta(hours=1))
        owner.refresh_from_db()
        told += refusal_of(write, owner, room, "While silenced")
        told += refusal_of(private.send, stranger, "While silenced", acting_user=owner)

    assert len(told) == 2 * 25
    assert [each for each in told if re.search("comment|댓글", each, re.IGNORECASE)] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("nothing", [">", "\u200b"])
@pytest.mark.parametrize("event", ["new_comment", "preview_comment", "edit_comment"])
def test_what_says_nothing_is_an_empty_message_in_a_room_and_a_comment_under_a_post(
    room: Post, post: Post, owner: User, event: str, nothing: str
) -> None:
    said = []
    for place in (room, post):
        about = {"commentId": write(owner, place).pk} if event == "edit_comment" else {"postId": place.pk}
        answer = ask(owner, event, {**about, "content": nothing})
        assert answer.code == "invalid"
        said.append(answer.ack["message"])

    assert said == ["The message is empty.", "The comment is empty."]


@pytest.mark.parametrize("act", ["preview", "send"])
def test_a_form_says_so_too(
    room: Post, owner: User, reading: Callable[[User | None], Client], act: str
) -> None:
    own = write(owner, room, "Good morning")
    for place in (reverse("comments:create", args=["tea"]), f"/comments/{own.pk}/edit/"):
        answer = reading(owner).post(place, {"content": ">", act: "yes"})
        assert answer.status_code == 422
        assert re.search("The message is empty|메시지가 비어 있습니다", words_of(answer.content.decode()))
        speaks_of_messages(answer.content.decode())


def test_under_a_post_it_is_still_a_comment(post: Post, owner: User) -> None:
    room_controls.set_room(post.pk, acting_user=a_manager("ma"), room_state="closed")

    assert refusal_of(write, owner, post, "Hello")[0] == "The comments of this post are closed."
    assert "Comments are closed." in sitting_at(owner).get(post.get_absolute_url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_happens_to_a_message_is_told_of_a_message(
    room: Post, owner: User, stranger: User, moderator: User
) -> None:
    first = write(owner, room, "Good morning")
    write(stranger, room, f"And to you, @{owner.username}")
    write(stranger, room, "Indeed", parent_id=first.pk)
    ask(stranger, "react", {"commentId": first.pk, "emoji": "👍"})
    telling.tell([room.pk])
    moderation.decide([first.pk], "reject", acting_user=moderator, reason="spam")
    decision = Decision.objects.filter(comment=first).latest("id")
    appeal = appeals.appeal(decision.pk, "It was not", acting_user=owner)
    appeals.answer_appeal(appeal.pk, accepted=True, acting_user=moderator)

    for language in ("en", "ko"):
        with translation.override(language):
            told = [texts.sentence(entry) for entry in inbox.page(owner).entries]
        assert len(told) >= 3
        assert [each for each in told if re.search("comment|댓글", each, re.IGNORECASE)] == []
    assert Notification.objects.filter(user=owner, action="accepted").exists()


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_says_what_was_written(room: Post, post: Post, owner: User) -> None:
    here, there = (
        ask(owner, "new_comment", {"postId": place.pk, "content": "Hello"}).told for place in (room, post)
    )

    assert [data[0]["message"] for name, *data in here if name == "comment_confirmed"] == [
        "Your message is published."
    ]
    assert "Your comment is published." in str(there)


def test_the_scripts_know_both_words_of_each_sentence() -> None:
    """Every sentence of the readers' pages that speaks of comments has another one for rooms beside it."""
    for path in ours("static/js", ".js"):
        if {"desk", "postroom", "admin"} & set(path.parts):
            continue
        code = path.read_text()
        for found in re.finditer(r"(?<!p)gettext\(\s*'[^']*[Cc]omment[^']*'", code):
            around = code[max(0, found.start() - 160) : found.end() + 160]
            assert re.search(r"worded\(|isInRoom\(\)", around), (path.name, found[0])
            assert re.search(r"[Mm]essage|This room|anywhere|[Ww]rit", around), (path.name, found[0])


def test_the_lobby_has_a_name_and_its_limit(owner: User) -> None:
    lobby = rooms.lobby()
    assert lobby is not None
    assert rules.longest(lobby) == 1_000
    speaks_of_messages(sitting_at(owner).get("/chat/").content.decode())
