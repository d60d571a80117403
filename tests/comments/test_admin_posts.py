"""Posts are written and kept in the Django admin."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, Post, RoomState
from tests.cast import Published, a_person, again, fill

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
        "room_state": post.room_state,
        "slow_mode": post.slow_mode,
        "auto_slow_above": post.auto_slow_above,
        "auto_slow_seconds": post.auto_slow_seconds,
        **changed,
    }


def test_closing_a_post_is_told_to_its_room(
    post: Post,
    editor_desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = editor_desk.post(change_url(post), post_form(post, room_state="closed"))

    assert response.status_code == 302, response.context["errors"]
    assert again(post).room_state == RoomState.CLOSED
    assert published.names == ["post_state"]


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


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_admin_page_opens_in_both_languages(
    language: str, comment: Comment, owner: User, editor_desk: Client
) -> None:
    fill(comment.post, owner, 60)
    comments = reverse("admin:comments_comment_changelist")
    posts = reverse("admin:comments_post_changelist")
    urls = [
        "/admin/",
        comments,
        f"{comments}?q=wrote",
        f"{comments}?status__exact=published",
        posts,
        f"{posts}?q=post",
        change_url(comment),
        change_url(comment.post),
        reverse("admin:accounts_user_changelist"),
        reverse("admin:accounts_user_change", args=[owner.pk]),
        reverse("admin:accounts_user_add"),
    ]
    for url in urls:
        response = editor_desk.get(url, headers={"accept-language": language})
        assert response.status_code == 200, url
        assert response["Content-Language"] == language
