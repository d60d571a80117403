"""Posts are written and kept in the Django admin."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from comments import room_controls
from comments.models import Comment, Post, RoomState
from tests.cast import Published, a_member, a_person, again, sitting_at

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


def change_url(row: Comment | Post) -> str:
    return reverse(f"admin:comments_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture
def editor_desk() -> Client:
    """Where someone sits who may do everything."""
    client = Client()
    client.force_login(a_person("editor", is_staff=True, is_superuser=True))
    return client


def post_form(post: Post, **changed: Any) -> dict[str, Any]:
    local = timezone.localtime(post.published_at)
    return {
        "title": post.title,
        "slug": post.slug,
        "body": post.body,
        "author": post.author_id,
        "language": post.language,
        "published_at_0": local.strftime("%Y-%m-%d"),
        "published_at_1": local.strftime("%H:%M:%S"),
        **changed,
    }


def room_url(post: Post) -> str:
    return reverse("admin:comments_post_room", args=[post.pk])


def room_form(post: Post, **changed: Any) -> dict[str, Any]:
    """The panel of a post's room as its page shows it, with some of it changed."""
    names = ("room_state", "slow_mode", "auto_slow_above", "auto_slow_seconds")
    shown = {name: getattr(post, name) for name in names}
    boxes = {name: "on" for name in ("pre_moderation", "hold_newcomers") if getattr(post, name)}
    initial = {f"initial-room-{name}": value for name, value in {**shown, **boxes}.items()}
    return {**initial, **{f"room-{name}": value for name, value in {**shown, **boxes, **changed}.items()}}


# --- Outsiders -----------------------------------------------------------------------------------


def test_rooms_are_for_managers(post: Post, author: User, owner: User, moderator: User) -> None:
    editor = a_person("writer", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename__in=["view_post", "change_post"]))
    for outsider, status in ((None, 302), (owner, 302), (author, 302), (moderator, 403), (editor, 403)):
        desk = sitting_at(outsider)
        response = desk.post(room_url(post), room_form(post, room_state="closed"))
        assert response.status_code == status
    assert "The room" not in sitting_at(moderator).get(change_url(post)).content.decode()
    sitting_at(editor).post(change_url(post), post_form(post, room_state="closed"))

    assert again(post).room_state == RoomState.OPEN


def test_who_only_controls_rooms_does_not_write_posts(post: Post) -> None:
    desk = sitting_at(a_member("ma", "managers"))
    text = desk.get(change_url(post)).content.decode()
    assert "The room" in text
    assert 'name="title"' not in text

    assert desk.post(change_url(post), post_form(post, title="Mine now")).status_code == 403
    desk.post(room_url(post), room_form(post, room_state="read_only"))

    assert (again(post).title, again(post).room_state) == (post.title, RoomState.READ_ONLY)


# --- The room ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"room_state": "closed"}, {"room": "closed"}),
        ({"room_state": "read_only"}, {"room": "read_only"}),
        ({"slow_mode": 45}, {"slowMode": 45}),
        ({"pre_moderation": "on"}, {"holdFirst": True}),
        ({"hold_newcomers": "on", "auto_slow_above": 20, "auto_slow_seconds": 10}, {"slowMode": 0}),
    ],
)
def test_what_changes_in_a_room_is_told_to_it(
    change: dict[str, Any],
    told: dict[str, Any],
    post: Post,
    manager: User,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = sitting_at(manager).post(room_url(post), room_form(post, **change), follow=True)

    assert "open pages know" in response.content.decode()
    [event] = published.events
    assert (event.name, event.room) == ("post_state", f"post_{post.pk}")
    assert told.items() <= event.payload["state"].items()
    for name, value in change.items():
        assert getattr(again(post), name) == (value if value != "on" else True)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (manager, str(post.pk))


def test_what_somebody_else_changed_meanwhile_stays(post: Post, manager: User) -> None:
    as_shown = room_form(post, slow_mode=30)
    room_controls.set_room(post.pk, acting_user=manager, room_state="closed", pre_moderation=True)

    sitting_at(manager).post(room_url(post), as_shown)

    changed = again(post)
    assert (changed.room_state, changed.pre_moderation, changed.slow_mode) == ("closed", True, 30)


@pytest.mark.parametrize("change", [{"slow_mode": 3_601}, {"auto_slow_above": -1}, {"room_state": "ajar"}])
def test_a_room_that_cannot_be_is_an_error_on_the_page(
    change: dict[str, Any], post: Post, manager: User
) -> None:
    response = sitting_at(manager).post(room_url(post), room_form(post, **change))

    assert response.status_code == 200
    assert response.context["room_form"].errors
    assert again(post).slow_mode == 0


def test_the_page_says_what_holds_by_itself(post: Post, manager: User) -> None:
    Post.objects.filter(pk=post.pk).update(
        auto_slow_above=5, auto_slow_until=timezone.now() + timedelta(minutes=2)
    )
    room_controls.pause_site(True, acting_user=manager)

    text = sitting_at(manager).get(change_url(post)).content.decode()

    assert "Slow mode is on by itself until" in text
    assert "Everything is paused" in text


def test_writing_a_post_ends_no_rush_and_changes_no_room(
    post: Post, manager: User, editor_desk: Client
) -> None:
    until = timezone.now() + timedelta(minutes=2)
    form = post_form(post, title="Another title", room_state="open", slow_mode=0)
    Post.objects.filter(pk=post.pk).update(auto_slow_until=until, room_state="closed", slow_mode=9)

    editor_desk.post(change_url(post), form)

    saved = again(post)
    assert (saved.title, saved.room_state, saved.slow_mode) == ("Another title", "closed", 9)
    assert saved.auto_slow_until == until


def test_a_post_that_is_withdrawn_empties_its_room(
    post: Post,
    editor_desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    form = post_form(post, published_at_0="", published_at_1="")
    with django_capture_on_commit_callbacks(execute=True):
        editor_desk.post(change_url(post), form)

    assert again(post).published_at is None
    assert published.evicted == [f"post_{post.pk}"]


# --- The post ------------------------------------------------------------------------------------


def test_another_title_is_told_to_nobody_and_leaves_the_version_alone(
    comment: Comment,
    editor_desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    data = post_form(comment.post, title="Another title", version=99, comment_count=99)
    with django_capture_on_commit_callbacks(execute=True):
        editor_desk.post(change_url(comment.post), data)

    saved = again(comment.post)
    assert (saved.title, saved.version, saved.comment_count) == ("Another title", 1, 1)
    assert published.names == []


def test_a_post_can_be_written_there(editor_desk: Client) -> None:
    form = editor_desk.get(reverse("admin:comments_post_add"))
    assert form.status_code == 200
    editor = User.objects.get(username="editor")
    assert str(form.context["adminform"].form["author"].value()) == str(editor.pk)

    draft = Post(title="New", slug="new", body="Text", author=editor, published_at=editor.date_joined)
    response = editor_desk.post(reverse("admin:comments_post_add"), post_form(draft))

    assert response.status_code == 302, response.context["errors"]
    assert Post.objects.get(slug="new").author == editor
