"""What a comment would look like, over the socket and by a form; nothing comes of it."""

import pytest
from django.urls import reverse

from accounts.models import User
from comments.models import Comment, Post
from realtime.budgets import PREVIEWING
from tests.callers import ask
from tests.cast import Published, a_post, again, sitting_at, write

pytestmark = pytest.mark.django_db(transaction=True)


def create_url(post: Post) -> str:
    return reverse("comments:create", args=[post.slug])


def edit_url(comment: Comment) -> str:
    return reverse("comments:edit", args=[comment.pk])


# --- Outsiders -----------------------------------------------------------------------------------


def test_under_a_post_that_readers_cannot_see_there_is_none(author: User, stranger: User) -> None:
    draft = a_post(author, published_at=None)

    assert ask(stranger, "preview_comment", {"postId": draft.pk, "content": "Hello"}).code == "not_found"
    assert sitting_at(stranger).post(create_url(draft), {"content": "x", "preview": "yes"}).status_code == 404


def test_whoever_is_logged_out_is_asked_to_log_in(post: Post) -> None:
    answer = sitting_at(None).post(create_url(post), {"content": "Hello", "preview": "yes"})

    assert answer.status_code == 403
    assert reverse("account_login") in answer.content.decode()
    assert "<textarea" in answer.content.decode()


def test_a_stranger_previews_no_edit_of_somebody_elses(comment: Comment, stranger: User) -> None:
    assert sitting_at(stranger).post(edit_url(comment), {"content": "x", "preview": "y"}).status_code == 404


# --- The socket ----------------------------------------------------------------------------------


def test_it_is_what_the_comment_would_be(post: Post, owner: User, published: Published) -> None:
    content = "Good **morning**, <script>alert(1)</script> [x](javascript:alert(1)) https://example.com"

    answer = ask(owner, "preview_comment", {"postId": post.pk, "content": content})

    assert not Comment.objects.exists()
    assert published.messages == []
    assert answer.ack["html"] == write(owner, post, content).html
    assert "<script" not in answer.ack["html"]


@pytest.mark.parametrize(
    ("content", "code"),
    [("", "invalid"), (" \n", "invalid"), (">", "invalid"), ("x" * 5001, "too_long"), (7, "invalid")],
)
def test_what_could_not_be_sent_has_none(post: Post, owner: User, content: object, code: str) -> None:
    assert ask(owner, "preview_comment", {"postId": post.pk, "content": content}).code == code


def test_previews_have_a_budget_of_their_own(post: Post, owner: User) -> None:
    payload = {"postId": post.pk, "content": "Hello"}
    for _ in range(PREVIEWING.amount):
        assert ask(owner, "preview_comment", payload).ok

    assert ask(owner, "preview_comment", payload).code == "rate_limited"
    assert ask(owner, "new_comment", payload).ok


# --- The pages -----------------------------------------------------------------------------------


def test_a_form_shows_it_and_keeps_everything(post: Post, owner: User, comment: Comment) -> None:
    form = {"content": "Good **morning**", "parent_id": comment.pk, "client_id": "c1", "preview": "yes"}

    answer = sitting_at(owner).post(create_url(post), form)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<p>Good <strong>morning</strong></p>" in page
    assert ">Good **morning**</textarea>" in page
    assert 'value="c1"' in page
    assert f'name="parent_id" value="{comment.pk}"' in page
    assert "Replying to Omar Owner" in page
    assert Comment.objects.count() == 1


def test_a_form_that_could_not_be_sent_says_why(post: Post, owner: User) -> None:
    answer = sitting_at(owner).post(create_url(post), {"content": "x" * 5001, "preview": "yes"})

    assert answer.status_code == 422
    assert "5000" in answer.content.decode()


def test_an_edit_is_shown_before_it_is_saved(comment: Comment, owner: User) -> None:
    answer = sitting_at(owner).post(edit_url(comment), {"content": "Now **bold**", "preview": "yes"})

    assert answer.status_code == 200
    assert "<p>Now <strong>bold</strong></p>" in answer.content.decode()
    assert ">Now **bold**</textarea>" in answer.content.decode()
    assert again(comment).content == comment.content


# --- A form that the browser has kept ------------------------------------------------------------


def test_another_text_from_a_page_that_one_went_back_to_is_another_comment(post: Post, owner: User) -> None:
    client = sitting_at(owner)
    for content in ("First", "Second", "Second", "First"):
        answer = client.post(create_url(post), {"content": content, "client_id": "c1"})
        assert answer.status_code == 302

    assert [each.content for each in Comment.objects.order_by("id")] == ["First", "Second"]


def test_one_that_was_edited_since_is_not_sent_again(post: Post, owner: User) -> None:
    client = sitting_at(owner)
    client.post(create_url(post), {"content": "Good mroning", "client_id": "c1"})
    comment = Comment.objects.get()
    client.post(edit_url(comment), {"content": "Good morning"})

    client.post(create_url(post), {"content": "Good mroning", "client_id": "c1"})

    assert [each.content for each in Comment.objects.all()] == ["Good morning"]
