"""The demo makes a blog to look at, once."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count, Min
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Notification, PersonFollow, User
from comments.chat import rooms
from comments.demo import chat
from comments.demo.people import PEOPLE
from comments.models import Comment, Post, PostKind, PrivateMessage, Status
from tests.cast import a_person, again, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _var_dir(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def demo(*arguments: str) -> str:
    output = StringIO()
    call_command("demo", *arguments, stdout=output)
    return output.getvalue()


def logins() -> dict[str, dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(demo("--json"))
    return {row["role"]: row for row in rows}


def everything() -> dict[str, Any]:
    return {
        "users": sorted(User.objects.values_list("username", "password")),
        "posts": sorted(Post.objects.values_list("slug", "version", "comment_count", "published_at")),
        "comments": Comment.objects.count(),
        "told": sorted(Notification.objects.values_list("user__username", "action", "source")),
        "private": sorted(PrivateMessage.objects.values_list("sender__username", "content")),
        "follows": sorted(PersonFollow.objects.values_list("user__username", "person__username")),
    }


def test_running_it_again_changes_nothing_and_prints_the_same_logins() -> None:
    first, before = logins(), everything()
    second = logins()

    assert first == second
    assert everything() == before


def test_its_people_were_here_before_what_they_wrote_and_are_no_newcomers() -> None:
    demo()

    for person in User.objects.annotate(first=Min("comments__created_at"), number=Count("comments")):
        if person.number:
            assert person.date_joined < person.first
        if person.number > 10:
            assert person.trusted_at is not None, person.username


def test_its_logins_work() -> None:
    people = logins()
    assert set(people) == {"reader", "second reader", "admin"}

    for role, person in people.items():
        client = Client()
        data = {"login": person["username"], "password": person["password"]}
        response = client.post("/accounts/login/", data)
        assert response.status_code == 302, role
        assert (client.get("/admin/").status_code == 200) is (role == "admin")


def test_the_printed_words_name_each_login() -> None:
    people = logins()
    printed = demo()

    for person in people.values():
        assert person["username"] in printed
        assert person["password"] in printed


def test_passwords_are_this_installations_own_and_its_owners_alone(
    settings: Settings, tmp_path: Path
) -> None:
    first = logins()
    [kept] = [path for path in tmp_path.iterdir() if "login" in path.name]
    assert kept.stat().st_mode & 0o077 == 0

    User.objects.all().update(password="!")
    settings.VAR_DIR = tmp_path / "another"
    settings.VAR_DIR.mkdir()

    assert {row["password"] for row in logins().values()}.isdisjoint(
        row["password"] for row in first.values()
    )


def test_a_password_that_somebody_changed_stays_changed() -> None:
    username = logins()["reader"]["username"]
    user = User.objects.get(username=username)
    user.set_password("mine now")
    user.save()

    shown = logins()["reader"]["password"]

    assert again(user).check_password("mine now")
    assert not again(user).check_password(shown)


def test_posts_and_comments_are_whole() -> None:
    demo()

    assert Post.objects.reachable().count() == Post.objects.count() >= 5
    assert {post.language for post in Post.objects.all()} == {"en", "ko"}
    for post in Post.objects.all():
        comments = post.comments.order_by("id")
        assert post.comment_count == post.version == comments.count()
        assert [c.version for c in comments] == list(range(1, post.version + 1))
        times = [c.created_at for c in comments]
        assert times == sorted(times)
        assert all(c.status == Status.PUBLISHED and c.html for c in comments)
        for comment in comments.exclude(parent=None).select_related("parent"):
            assert comment.parent is not None
            assert comment.parent.post_id == post.pk
            assert comment.parent_id is not None
            assert comment.parent_id < comment.pk
    assert Post.objects.order_by("-comment_count")[0].comment_count > 1_000, "a long conversation"


def test_every_page_of_the_demo_opens() -> None:
    demo()
    client = Client()

    for post in Post.objects.all():
        assert client.get(post.get_absolute_url()).status_code == 200
    assert client.get("/").status_code == 200


def test_a_post_that_somebody_changed_stays_changed() -> None:
    demo()
    post = Post.objects.all()[0]
    post.title = "Mine now"
    post.save()

    demo()

    assert again(post).title == "Mine now"


# --- The chat ---------------------------------------------------------------------------------------


def test_visitors_find_the_lobby_and_another_room_in_the_middle_of_a_conversation() -> None:
    demo()
    page = Client().get("/chat/").content.decode()

    lobby, room = Post.objects.rooms().order_by("kind")
    assert (lobby.kind, room.kind) == (PostKind.LOBBY, PostKind.ROOM)
    assert room.title in page
    assert lobby.shown_title == "Lobby"
    for place in (lobby, room):
        latest = place.comments.latest("id")
        assert latest.html in Client().get(place.get_absolute_url()).content.decode()
        assert all(len(comment.content) <= 1_000 for comment in place.comments.all())
        assert place.comments.exclude(parent=None).exists()
    assert timezone.now() - lobby.comments.latest("id").created_at < timedelta(minutes=15)
    assert Client().get("/").content.decode().count(room.title) == 0


def test_the_reader_is_awaited() -> None:
    reader = logins()["reader"]
    client = Client()
    client.post("/accounts/login/", {"login": reader["username"], "password": reader["password"]})

    told = client.get("/notifications/").content.decode()

    assert "replied to your message in “Lobby”" in told
    assert "followed you" in told
    assert "wrote to you" in told
    assert "The Summer Book" in client.get("/chat/with/ewan/").content.decode()


def test_where_somebody_has_talked_already_the_demo_says_nothing() -> None:
    found = rooms.lobby()
    assert found is not None
    somebody = a_person("somebody")
    write(somebody, found, "First!")

    demo()

    assert [comment.content for comment in found.comments.all()] == ["First!"]
    assert not Notification.objects.exists()


def test_a_lobby_that_an_admin_has_closed_stays_closed() -> None:
    rooms.lobby()
    Post.objects.filter(kind=PostKind.LOBBY).update(published_at=None)

    demo()

    assert rooms.lobby() is None
    assert not Comment.objects.filter(post__kind=PostKind.LOBBY).exists()


def test_everybody_who_talks_is_one_of_its_people() -> None:
    known = {person.username for person in PEOPLE}
    for room in chat.rooms():
        assert {message.author for message in room.messages} <= known
        ages = [message.minutes_ago for message in room.messages]
        assert ages == sorted(ages, reverse=True)
    assert {name for name, _ in chat.WROTE} | {*chat.FOLLOWERS} <= known
    with pytest.raises(ValueError, match="not a message"):
        chat._room("slug: x\nlanguage: en\n---\nNobody said this\n")
