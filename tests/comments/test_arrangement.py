"""How comments stand on a page: what the address asks for, what was asked for last, or the usual."""

import re

import pytest
from django.test import Client

from accounts.models import User
from comments import actions
from comments.models import Comment, Post
from tests.cast import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(post: Post, owner: User, stranger: User) -> dict[str, Comment]:
    first = write(owner, post, "First")
    second = write(owner, post, "Second")
    return {"first": first, "second": second, "reply": write(stranger, post, "Reply", parent_id=first.pk)}


def order(page: bytes) -> list[str]:
    html = page.decode().partition("<template")[0]
    return re.findall(r"<p>(First|Second|Reply)</p>", html)


def test_threads_and_oldest_first_unless_somebody_wants_it_otherwise(
    client: Client, post: Post, conversation: dict[str, Comment]
) -> None:
    response = client.get(post.get_absolute_url())

    assert order(response.content) == ["First", "Reply", "Second"]
    assert not {"comments_view", "comments_order"} & response.cookies.keys()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("order=newest", ["Second", "First", "Reply"]),
        ("view=live", ["First", "Second", "Reply"]),
        ("view=live&order=newest", ["First", "Second", "Reply"]),
        ("order=top", ["Second", "First", "Reply"]),
    ],
)
def test_what_is_asked_for_is_remembered(
    client: Client, post: Post, conversation: dict[str, Comment], query: str, expected: list[str]
) -> None:
    asked = client.get(f"{post.get_absolute_url()}?{query}")
    again = client.get(post.get_absolute_url())

    assert order(asked.content) == order(again.content) == expected
    for name in ("comments_view", "comments_order"):
        assert asked.cookies[name]["samesite"] == "Lax"
        assert not asked.cookies[name]["httponly"]  # the page's script writes it, too


@pytest.mark.parametrize("query", ["view=", "view=nonsense&order=<b>", "order=newest%00"])
def test_nonsense_asks_for_nothing(
    client: Client, post: Post, conversation: dict[str, Comment], query: str
) -> None:
    client.cookies["comments_view"] = "nonsense"
    client.cookies["comments_order"] = "x" * 3000

    response = client.get(f"{post.get_absolute_url()}?{query}")

    assert order(response.content) == ["First", "Reply", "Second"]
    assert not {"comments_view", "comments_order"} & response.cookies.keys()


def test_in_the_stream_each_names_whom_it_answers(
    client: Client, post: Post, conversation: dict[str, Comment]
) -> None:
    html = client.get(f"{post.get_absolute_url()}?view=live").content.decode()

    assert re.search(r"data-answers><span[^>]*>in reply to</span> <a [^>]*>Omar Owner</a>", html)
    assert 'role="log" aria-live="off"' in html


def test_and_says_so_where_that_is_gone(
    client: Client, post: Post, conversation: dict[str, Comment], owner: User
) -> None:
    actions.remove_comment(conversation["first"].pk, acting_user=owner)

    response = client.get(f"{post.get_absolute_url()}?view=live")

    assert order(response.content) == ["Second", "Reply"]
    assert "in reply to a comment that was removed" in response.content.decode()


def test_most_reacted_is_not_offered_without_reactions(
    client: Client, post: Post, conversation: dict[str, Comment]
) -> None:
    html = client.get(post.get_absolute_url()).content.decode()

    assert re.search(r'data-choice="top" hidden', html)
