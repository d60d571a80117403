"""Under a post with pre-moderation a comment waits until a moderator publishes it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import sanctions
from accounts.models import SanctionKind, User
from comments import actions, moderation, word_lists
from comments.models import Decision, Post, Status
from realtime.errors import Refused
from tests.cast import Published, a_post, again, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def held_post(author: User) -> Post:
    return a_post(author, pre_moderation=True)


def test_a_readers_comment_is_held(held_post: Post, owner: User) -> None:
    held = write(owner, held_post)

    assert again(held).status == Status.PENDING
    assert again(held).version == 0
    assert (again(held_post).version, again(held_post).comment_count) == (0, 0)


def test_staff_are_not_held(held_post: Post, moderator: User) -> None:
    assert write(moderator, held_post).status == Status.PUBLISHED
    assert again(held_post).version == 1


def test_held_and_published_in_one_batch_leave_no_gap(held_post: Post, owner: User, moderator: User) -> None:
    drafts = [actions.Draft(user.pk, held_post.pk, "text") for user in (owner, moderator, owner, moderator)]

    outcomes = actions.post_comments(drafts)

    versions = [None if isinstance(o, Refused) else o.version for o in outcomes]
    assert versions == [0, 1, 0, 2]
    assert (again(held_post).version, again(held_post).comment_count) == (2, 2)


def test_restoring_publishes_it_with_the_next_version(
    held_post: Post,
    owner: User,
    moderator: User,
    published: Published,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        held = write(owner, held_post, "Let me in")
        write(moderator, held_post, "In the meantime")
    assert [event.payload["content"] for event in published.events] == ["In the meantime"]

    with django_capture_on_commit_callbacks(execute=True):
        moderation.restore_comment(held.pk, acting_user=moderator)

    assert (again(held).status, again(held).version) == (Status.PUBLISHED, 2)
    assert again(held_post).comment_count == 2
    assert Decision.objects.get().verdict == "restore"
    last = published.in_rooms[-1]
    assert (last.name, last.payload["content"], last.payload["version"]) == (
        "comment_added",
        "Let me in",
        2,
    )


def test_rejecting_tells_nobody(
    held_post: Post,
    owner: User,
    moderator: User,
    published: Published,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    held = write(owner, held_post)

    with django_capture_on_commit_callbacks(execute=True):
        moderation.hide_comment(held.pk, acting_user=moderator)

    assert again(held).status == Status.REJECTED
    assert (again(held_post).version, again(held_post).comment_count) == (0, 0)
    assert published.in_rooms == []


def test_its_author_may_take_it_back(held_post: Post, owner: User) -> None:
    held = write(owner, held_post)

    actions.remove_comment(held.pk, acting_user=owner)

    assert again(held).status == Status.REMOVED
    assert (again(held_post).version, again(held_post).comment_count) == (0, 0)


def test_a_page_says_that_an_edited_comment_waits(
    owner: User, author: User, manager: User, client: Client
) -> None:
    comment = write(owner, a_post(author), "Fine")
    word_lists.save_word("odd", "suspect", acting_user=manager)
    client.force_login(owner)

    response = client.post(reverse("comments:edit", args=[comment.pk]), {"content": "odd"}, follow=True)

    assert response.status_code == 200
    assert "Your comment waits for review." in response.content.decode()
    assert "odd" in response.content.decode()  # it is theirs
    client.logout()
    assert "odd" not in client.get(comment.post.get_absolute_url()).content.decode()


def test_a_page_says_to_a_suspended_reader_why_they_cannot_write(
    post: Post, owner: User, stranger: User, manager: User, client: Client
) -> None:
    sanctions.impose(
        owner.pk, SanctionKind.SUSPENSION, acting_user=manager, reason="hate", duration=timedelta(hours=1)
    )
    for user, may_write in ((owner, False), (stranger, True)):
        client.force_login(user)
        response = client.get(post.get_absolute_url())
        assert response.context["can_comment"] is may_write
        assert ("You are suspended from commenting for now." in response.content.decode()) is not may_write
