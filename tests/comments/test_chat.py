"""The chat's rooms and its namespace: verbs, and the pages that need no JavaScript."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import sanctions
from accounts.models import User
from comments import actions, flags, moderation, room_controls
from comments.chat import rooms
from comments.chat.live import RoomEcho
from comments.models import Comment, Post, PostKind
from realtime.errors import ErrorCode
from tests.callers import ask
from tests.cast import a_manager, a_moderator, sitting_at, write

from .messages import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def lobby() -> Post:
    found = rooms.lobby()
    assert found is not None
    return found


@pytest.fixture
def tea() -> Post:
    return Post.objects.create(
        kind=PostKind.ROOM, slug="tea", title="Tea room", published_at=timezone.now(), body="Leaves."
    )


def test_an_outsider_reads_a_room_and_cannot_write(lobby: Post, owner: User) -> None:
    write(owner, lobby, "Good morning")
    outsider = sitting_at(None)

    page = outsider.get("/chat/")
    answer = outsider.post(reverse("comments:create", args=[lobby.slug]), {"content": "Hello?"})

    assert "Good morning" in page.content.decode()
    assert answer.status_code == 403
    assert "Hello?" in answer.content.decode()
    assert lobby.comments.count() == 1


def test_a_draft_of_a_room_is_nobodys(tea: Post, owner: User) -> None:
    Post.objects.filter(pk=tea.pk).update(published_at=None)

    assert sitting_at(owner).get("/chat/tea/").status_code == 404
    refused(ErrorCode.NOT_FOUND, rooms.find, "tea")
    refused(ErrorCode.NOT_FOUND, write, owner, tea, "Hello?")


def test_only_who_controls_rooms_makes_one(owner: User) -> None:
    add = reverse("admin:comments_room_add")

    assert sitting_at(a_moderator("mo")).get(add).status_code == 403
    manager = sitting_at(a_manager("ma"))
    form = {"title": "Garden", "slug": "with", "body": "", "language": "en",
            "published_at_0": "2026-01-01", "published_at_1": "12:00"}  # fmt: skip
    assert "No room can have this address." in manager.post(add, form).content.decode()
    manager.post(add, {**form, "slug": "garden"})

    garden = Post.objects.get(slug="garden")
    assert (garden.kind, garden.author) == (PostKind.ROOM, None)
    assert sitting_at(owner).get("/chat/garden/").status_code == 200


def test_there_is_one_lobby_and_every_post_has_an_author(lobby: Post) -> None:
    assert rooms.lobby() == lobby
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(kind=PostKind.LOBBY, slug="another", title="Another")
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(slug="nobodys", title="Nobody's")


def test_a_post_that_took_the_lobbys_address_keeps_it(author: User, post: Post) -> None:
    Post.objects.filter(pk=post.pk).update(slug="lobby")

    found = rooms.lobby()

    assert found is not None
    assert found.slug == "chat-lobby"
    assert sitting_at(author).get("/chat/").status_code == 200
    assert rooms.find("lobby") == found


def test_a_room_is_found_by_its_address_its_id_and_its_name(tea: Post, lobby: Post, post: Post) -> None:
    assert rooms.find("tea") == rooms.find(str(tea.pk)) == rooms.find("TEA ROOM") == tea
    assert rooms.find("") == rooms.find("lobby") == lobby
    refused(ErrorCode.NOT_FOUND, rooms.find, str(post.pk))
    refused(ErrorCode.NOT_FOUND, rooms.find, post.slug)


def test_rooms_stay_where_they_belong(tea: Post, post: Post, owner: User) -> None:
    write(owner, tea, "Only in the tea room")
    write(owner, post, "Under the post")
    reader = sitting_at(owner)

    front, person = (
        reader.get("/").content.decode(),
        reader.get(f"/people/{owner.username}/").content.decode(),
    )

    assert "Tea room" not in front
    assert "Under the post" in person
    assert "Only in the tea room" not in person
    assert reader.get("/posts/tea/").headers["Location"] == "/chat/tea/"
    assert reader.get("/posts/tea/comments.atom").status_code == 404


def test_a_message_is_trimmed_and_has_a_thousand_characters(lobby: Post, owner: User) -> None:
    said = write(owner, lobby, f"  {'x' * 1_000}\n ")
    assert said.content == "x" * 1_000
    assert said.html == f"<p>{'x' * 1_000}</p>\n"

    refused(ErrorCode.TOO_LONG, write, owner, lobby, "y" * 1_001)
    refused(ErrorCode.INVALID, write, owner, lobby, " \n ")
    refused(ErrorCode.TOO_LONG, actions.edit_comment, said.pk, "z" * 1_001, acting_user=owner)
    assert actions.edit_comment(said.pk, "  shorter ", acting_user=owner).content == "shorter"


def test_what_holds_under_posts_holds_in_rooms(
    tea: Post, owner: User, stranger: User, moderator: User
) -> None:
    first = write(owner, tea, "Buy watches")
    flags.flag(first.pk, "spam", acting_user=stranger)
    moderation.decide([first.pk], "spam", acting_user=moderator)
    assert Comment.objects.get(pk=first.pk).status == "spam"

    room_controls.set_room(tea.pk, acting_user=a_manager("ma"), room_state="read_only")
    refused(ErrorCode.READ_ONLY, write, stranger, tea, "Hello?")
    room_controls.set_room(tea.pk, acting_user=User.objects.get(username="ma"), room_state="open")
    sanctions.impose(
        stranger.pk,
        "suspension",
        acting_user=User.objects.get(username="ma"),
        reason="spam",
        duration=timedelta(hours=1),
    )
    stranger.refresh_from_db()
    refused(ErrorCode.SUSPENDED, write, stranger, tea, "Hello?")


def test_a_message_is_written_changed_and_taken_back_by_forms(lobby: Post, owner: User) -> None:
    reader = sitting_at(owner)

    sent = reader.post(reverse("comments:create", args=[lobby.slug]), {"content": " By form "})
    said = lobby.comments.get()
    assert sent.headers["Location"] == f"/chat/lobby/#comment-{said.pk}"
    assert said.content == "By form"
    reader.post(f"/comments/{said.pk}/edit/", {"content": "Changed"})
    assert "Changed" in reader.get("/chat/lobby/").content.decode()
    assert reader.get(f"/comments/{said.pk}/").headers["Location"].startswith("/chat/lobby/")
    reader.post(f"/comments/{said.pk}/delete/")
    assert "Changed" not in reader.get("/chat/").content.decode()


def test_what_the_room_of_a_post_hears_is_told_in_the_chats_words() -> None:
    packets = dict(RoomEcho().packets("post_7", '2["comment_added",{"content":"Hi \\"all\\"","version":3}]'))

    assert packets["post_7"] == '2/chat,["chat_message",{"content":"Hi \\"all\\"","version":3}]'
    assert packets["post_7/chat message/text"] == '2/chat,["chat message","Hi \\"all\\""]'
    assert json.loads(packets["post_7/message/object"][7:])[1]["version"] == 3
    assert list(RoomEcho().packets("post_7", '2["comment_confirmed",{}]')) == []
    assert list(RoomEcho().rooms("user_7")) == []


def test_the_namespace_refuses_in_its_own_words(owner: User) -> None:
    answer = ask(owner, "chat_message", {"content": "x" * 1_001}, namespace="/chat")

    assert answer.ack["code"] == "too_long"
    assert answer.told[0][0] == "chat_error"


@pytest.mark.parametrize("nothing", ["\ud800", "tea\udfff", "te\0a"])
def test_what_no_database_takes_names_nothing(nothing: str, owner: User, tea: Post) -> None:
    """Half a character comes through JSON, and would be our fault in the log."""
    requests: list[tuple[str, Any]] = [
        ("join_room", {"room": nothing}),
        ("join_room", nothing),
        ("join room", nothing),
        ("leave_room", {"room": nothing}),
        ("chat_message", {"room": nothing, "content": "Hello"}),
        ("chat_message", {"room": "tea", "content": nothing}),
        ("typing", {"room": nothing, "on": True}),
        ("load_more", {"room": nothing, "before": 1}),
        ("private_message", {"to": nothing, "content": "Hello"}),
        ("private_message", {"to": "stranger", "content": "Hello", "clientId": nothing}),
        ("get_conversation", {"with": nothing}),
        ("get_conversation", nothing),
    ]
    for event, payload in requests:
        answer = ask(owner, event, payload, namespace="/chat")
        assert answer.ack["code"] == "invalid", (event, payload)
        # And it can be told to them.
        json.dumps(answer.told, ensure_ascii=False).encode()
