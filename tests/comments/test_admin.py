"""The Django admin decides through the same verbs as everything else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from comments.models import Comment, Decision, Post, Status
from tests.cast import Published, a_person, a_post, again, write

pytestmark = pytest.mark.django_db

COMMENTS = reverse("admin:comments_comment_changelist")
POSTS = reverse("admin:comments_post_changelist")

Capture = Callable[..., Any]


def change_url(row: Comment | Post) -> str:
    return reverse(f"admin:comments_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture
def desk(moderator: User) -> Client:
    """Where the moderator sits."""
    client = Client()
    client.force_login(moderator)
    return client


@pytest.fixture
def editor_desk() -> Client:
    """Where someone sits who may do everything."""
    client = Client()
    client.force_login(a_person("editor", is_staff=True, is_superuser=True))
    return client


def act(desk: Client, action: str, *comments: Comment) -> Any:
    data = {"action": action, "_selected_action": [comment.pk for comment in comments]}
    return desk.post(COMMENTS, data, follow=True)


# --- Outsiders -----------------------------------------------------------------------------------


def test_the_admin_is_for_staff(comment: Comment, owner: User, stranger: User) -> None:
    assert not owner.is_staff
    for reader in (None, owner, stranger):
        client = Client()
        if reader is not None:
            client.force_login(reader)
        for url in ("/admin/", COMMENTS, POSTS, change_url(comment)):
            response = client.get(url)
            assert response.status_code == 302
            assert "/login/" in response["Location"]
        act(client, "hide", comment)
    assert again(comment).status == Status.PUBLISHED
    assert not Decision.objects.exists()


def test_staff_who_may_only_look_cannot_decide(comment: Comment) -> None:
    staff = a_person("staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_comment"))
    client = Client()
    client.force_login(staff)
    assert client.get(COMMENTS).status_code == 200

    for action in ("hide", "restore", "remove"):
        act(client, action, comment)
    assert client.post(change_url(comment), {"content": "Mine now"}).status_code == 403

    assert (again(comment).status, again(comment).content) == (Status.PUBLISHED, comment.content)
    assert not Decision.objects.exists()


def test_nobody_adds_or_deletes_comments_there(comment: Comment, editor_desk: Client) -> None:
    assert editor_desk.get(reverse("admin:comments_comment_add")).status_code == 403
    delete = reverse("admin:comments_comment_delete", args=[comment.pk])
    assert editor_desk.post(delete, {"post": "yes"}).status_code == 403
    act(editor_desk, "delete_selected", comment)
    assert "delete_selected" not in str(editor_desk.get(COMMENTS).content)

    assert Comment.objects.filter(pk=comment.pk).exists()


def test_decisions_have_no_pages_of_their_own(comment: Comment, moderator: User, desk: Client) -> None:
    act(desk, "hide", comment)
    before = Decision.objects.values().get()
    assert Decision not in site._registry

    data = {
        "content": comment.content,
        "decisions-TOTAL_FORMS": "1",
        "decisions-INITIAL_FORMS": "1",
        "decisions-0-id": before["id"],
        "decisions-0-comment": comment.pk,
        "decisions-0-note": "rewritten history",
        "decisions-0-DELETE": "on",
    }
    desk.post(change_url(comment), data)

    assert Decision.objects.values().get() == before


# --- Deciding ------------------------------------------------------------------------------------


def test_the_list_shows_what_was_written(comment: Comment, desk: Client) -> None:
    text = desk.get(COMMENTS).content.decode()

    assert comment.content in text
    assert "owner" in text


@pytest.mark.parametrize(
    ("action", "verdict", "status"),
    [("hide", "reject", Status.REJECTED), ("remove", "remove", Status.REMOVED)],
)
def test_taking_away_is_a_decision_that_every_page_hears(
    action: str,
    verdict: str,
    status: Status,
    comment: Comment,
    moderator: User,
    desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = act(desk, action, comment)

    assert response.status_code == 200
    assert "1 comment changed." in response.content.decode()
    assert again(comment).status == status
    assert (again(comment.post).version, again(comment.post).comment_count) == (2, 0)
    decision = Decision.objects.get()
    assert (decision.verdict, decision.moderator) == (verdict, moderator)
    assert [event.name for event in published.in_rooms] == ["comment_removed"]


def test_restoring_brings_it_back(
    comment: Comment,
    desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    act(desk, "hide", comment)
    with django_capture_on_commit_callbacks(execute=True):
        act(desk, "restore", comment)

    assert again(comment).status == Status.PUBLISHED
    assert (again(comment.post).version, again(comment.post).comment_count) == (3, 1)
    assert published.in_rooms[-1].name == "comment_added"


def test_several_are_decided_at_once_in_the_order_they_were_written(
    post: Post, owner: User, desk: Client
) -> None:
    comments = [write(owner, post, str(number)) for number in range(4)]

    act(desk, "hide", *reversed(comments[:3]))

    assert [again(comment).version for comment in comments] == [5, 6, 7, 4]
    assert again(post).comment_count == 1
    assert Decision.objects.count() == 3


def test_a_held_comment_is_published_from_the_queue(author: User, owner: User, desk: Client) -> None:
    held = write(owner, a_post(author, pre_moderation=True))
    assert held.content in desk.get(f"{COMMENTS}?status__exact=pending").content.decode()

    act(desk, "restore", held)

    assert again(held).status == Status.PUBLISHED


def test_another_text_is_a_decision_with_its_reason(
    comment: Comment,
    moderator: User,
    desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    before = comment.content
    data = {
        "content": "Without the **address**",
        "note": "An address stood there",
        "status": "removed",
        "decisions-TOTAL_FORMS": "0",
        "decisions-INITIAL_FORMS": "0",
    }
    with django_capture_on_commit_callbacks(execute=True):
        response = desk.post(change_url(comment), data)

    assert response.status_code == 302
    edited = again(comment)
    assert edited.content == "Without the **address**"
    assert "<strong>address</strong>" in edited.html
    assert (edited.status, edited.version) == (Status.PUBLISHED, 2)
    decision = Decision.objects.get()
    assert (decision.verdict, decision.note, decision.content, decision.moderator) == (
        "edit",
        "An address stood there",
        before,
        moderator,
    )
    assert published.names == ["comment_updated"]


def test_a_text_that_breaks_the_rules_changes_nothing(comment: Comment, desk: Client) -> None:
    data = {
        "content": "x" * 5001,
        "decisions-TOTAL_FORMS": "0",
        "decisions-INITIAL_FORMS": "0",
    }
    response = desk.post(change_url(comment), data, follow=True)

    assert "A comment may have 5000 characters" in response.content.decode()
    assert again(comment).content == comment.content
    assert not Decision.objects.exists()


def test_a_comments_page_shows_its_decisions(comment: Comment, desk: Client) -> None:
    act(desk, "hide", comment)

    text = desk.get(change_url(comment)).content.decode()

    assert "moderator" in text
    assert comment.content in text


# --- Saving without a change -----------------------------------------------------------------------


def test_saving_without_a_change_changes_nothing(desk: Client, post: Post, owner: User) -> None:
    comment = write(owner, post, "two\nlines")
    desk.post(change_url(comment), {"content": "two\r\nlines", "reason": "", **no_inlines()})
    after = again(comment)
    assert (after.content, after.edited_at, after.version) == ("two\nlines", None, comment.version)
    assert not Decision.objects.exists()


def test_a_text_that_breaks_a_rule_is_an_error_and_no_success(desk: Client, comment: Comment) -> None:
    response = desk.post(change_url(comment), {"content": "x" * 5001, **no_inlines()}, follow=True)
    text = response.content.decode()
    assert "5000" in text
    assert "was changed successfully" not in text
    assert again(comment).content == comment.content


def test_only_what_changed_is_counted(desk: Client, comment: Comment) -> None:
    act(desk, "hide", comment)
    assert "0 comments changed." in act(desk, "hide", comment).content.decode()


def no_inlines() -> dict[str, str]:
    return {"decisions-TOTAL_FORMS": "0", "decisions-INITIAL_FORMS": "0"}
