"""Text that readers may not see leaves by no door: page, permalink, catch-up, earlier page, event."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from comments import actions, moderation
from comments.events import change_payload, comment_payload, page_payload, removed_payload
from comments.models import Comment, Post, Status
from tests.callers import ask
from tests.cast import Published, a_post, again, write

SECRET = "The-hidden-words"

pytestmark = pytest.mark.django_db(transaction=True)


def hide(comment: Comment, owner: User, moderator: User) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)


def remove(comment: Comment, owner: User, moderator: User) -> None:
    moderation.remove_comment(comment.pk, acting_user=moderator)


def take_back(comment: Comment, owner: User, moderator: User) -> None:
    actions.remove_comment(comment.pk, acting_user=owner)


def mark_as_spam(comment: Comment, owner: User, moderator: User) -> None:
    hide(comment, owner, moderator)
    Comment.objects.filter(pk=comment.pk).update(status=Status.SPAM)


Way = Callable[[Comment, User, User], None]
every_way = pytest.mark.parametrize("way", [hide, remove, take_back, mark_as_spam])


@pytest.fixture
def secret(post: Post, owner: User, stranger: User) -> Comment:
    """A comment with something before it, something after it, and a reply."""
    write(stranger, post, "Before")
    comment = write(owner, post, f"{SECRET} **and more**", client_id="c1")
    write(stranger, post, "A reply", parent_id=comment.pk)
    return comment


def pages(comment: Comment, reader: User | None) -> str:
    """Everything that the pages say around a comment."""
    client = Client()
    if reader is not None:
        client.force_login(reader)
    post_url = comment.post.get_absolute_url()
    addresses = [
        "/",
        post_url,
        f"{post_url}?before={comment.pk + 1}",
        f"{post_url}?reply={comment.pk}",
        f"/comments/{comment.pk}/",
        f"/comments/{comment.pk}/edit/",
        f"/comments/{comment.pk}/delete/",
        *(f"/comments/{comment.pk}/{page}/" for page in ("report", "hide", "restore")),
        *(f"/decisions/{decision.pk}/appeal/" for decision in comment.decisions.all()),
    ]
    return "".join(client.get(url, follow=True).content.decode() for url in addresses)


def sockets(comment: Comment, reader: User) -> str:
    """Everything that a socket is told around a comment."""
    post_id = comment.post_id
    answers = [
        ask(reader, "join_post", post_id),
        *(ask(reader, "join_post", {"postId": post_id, "since": since}) for since in range(5)),
        ask(reader, "load_more", {"postId": post_id, "before": comment.pk + 1}),
        ask(reader, "edit_comment", {"commentId": comment.pk, "content": comment.content}),
        ask(reader, "new_comment", {"postId": post_id, "content": "x", "parentId": comment.pk}),
        ask(reader, "delete_comment", {"commentId": comment.pk}),
        ask(reader, "own_comments", post_id),
        ask(reader, "report_comment", {"commentId": comment.pk, "reason": "spam"}),
    ]
    return json.dumps([[answer.ack, answer.told] for answer in answers], default=str)


@every_way
def test_hidden_text_is_on_no_page(
    way: Way, secret: Comment, owner: User, stranger: User, author: User, moderator: User
) -> None:
    readers = [None, owner, stranger, author, moderator]
    assert all(SECRET in pages(secret, reader) for reader in readers)

    way(secret, owner, moderator)

    assert not any(SECRET in pages(secret, reader) for reader in readers)


@every_way
def test_hidden_text_is_told_to_no_socket(
    way: Way, secret: Comment, owner: User, stranger: User, author: User, moderator: User
) -> None:
    assert SECRET in json.dumps(ask(stranger, "join_post", secret.post_id).told)

    way(secret, owner, moderator)

    for reader in (owner, stranger, author, moderator):
        assert SECRET not in sockets(secret, reader)


@every_way
def test_a_repeated_attempt_does_not_show_it_either(
    way: Way, secret: Comment, owner: User, moderator: User
) -> None:
    attempt = {"postId": secret.post_id, "content": "x", "clientId": "c1"}
    assert ask(owner, "new_comment", attempt).ok

    way(secret, owner, moderator)

    assert ask(owner, "new_comment", attempt).code == "not_found"


@every_way
def test_the_event_that_hides_it_does_not_repeat_it(
    way: Way, secret: Comment, owner: User, moderator: User, published: Published
) -> None:
    way(secret, owner, moderator)

    [event] = published.in_rooms
    assert event.name == "comment_removed"
    assert SECRET not in str(published.messages)
    assert set(event.payload) == {"_id", "postId", "version", "by"}
    assert event.payload["by"] == ("author" if way is take_back else "moderator")


@every_way
def test_a_reply_names_nobody_whose_comment_is_gone(
    way: Way, secret: Comment, owner: User, stranger: User, moderator: User
) -> None:
    way(secret, owner, moderator)

    told = ask(stranger, "join_post", secret.post_id).told
    assert owner.shown_name not in json.dumps(told)


def test_moderating_the_text_of_a_hidden_comment_tells_nobody(
    secret: Comment, owner: User, moderator: User, published: Published
) -> None:
    hide(secret, owner, moderator)
    before = len(published.events)

    moderation.edit_comment(secret.pk, "Other words", acting_user=moderator)

    assert len(published.events) == before


def test_a_held_comment_is_its_authors_secret(
    author: User, owner: User, stranger: User, published: Published
) -> None:
    held_post = a_post(author, pre_moderation=True)
    held = write(owner, held_post, SECRET)

    for reader in (stranger, author):
        assert SECRET not in pages(held, reader)
        assert SECRET not in sockets(held, reader)
    assert SECRET not in pages(held, None)
    assert published.events == []


@pytest.mark.parametrize("status", [s for s in Status if s != Status.PUBLISHED])
def test_no_payload_is_made_of_what_is_not_published(status: Status, secret: Comment, stranger: User) -> None:
    Comment.objects.filter(pk=secret.pk).update(status=status)
    hidden = again(secret)

    with pytest.raises(ValueError, match="must not leave"):
        comment_payload(hidden)
    with pytest.raises(ValueError, match="must not leave"):
        page_payload([hidden], stranger.pk)
    for payload in (removed_payload(hidden), change_payload(hidden, hidden.author_id)):
        assert SECRET not in json.dumps(payload)
