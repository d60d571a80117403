"""Drafts are written together and judged one by one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from comments.actions import Draft, post_comment, post_comments
from comments.models import Comment, Post, RoomState
from realtime.errors import ErrorCode, Refused
from tests.cast import a_person, a_post, again, write

pytestmark = pytest.mark.django_db


def codes(outcomes: list[Comment | Refused]) -> list[str]:
    """Per draft the code of its refusal, or the text that was written."""
    return [o.code.value if isinstance(o, Refused) else o.content for o in outcomes]


def test_a_batch_of_none_is_nothing() -> None:
    assert post_comments([]) == []


def test_each_draft_succeeds_or_is_refused_by_itself(
    post: Post, author: User, owner: User, stranger: User
) -> None:
    closed = a_post(author, room_state=RoomState.CLOSED)
    draft_post = a_post(author, published_at=None)
    gone = a_person("gone", is_active=False)
    drafts = [
        Draft(owner.pk, post.pk, "good"),
        Draft(owner.pk, post.pk, ""),
        Draft(owner.pk, post.pk, "x" * 5001),
        Draft(owner.pk, post.pk, "nul \x00"),
        Draft(owner.pk, closed.pk, "closed"),
        Draft(owner.pk, draft_post.pk, "unseen"),
        Draft(owner.pk, 10**17, "nowhere"),
        Draft(gone.pk, post.pk, "gone"),
        Draft(10**17, post.pk, "nobody"),
        Draft(owner.pk, post.pk, "orphan", parent_id=10**17),
        Draft(stranger.pk, post.pk, "also good"),
    ]

    outcomes = post_comments(drafts)

    assert codes(outcomes) == [
        "good",
        "invalid",
        "too_long",
        "invalid",
        "closed",
        "not_found",
        "not_found",
        "sign_in",
        "sign_in",
        "not_found",
        "also good",
    ]
    assert list(Comment.objects.order_by("id").values_list("content", flat=True)) == [
        "good",
        "also good",
    ]
    assert again(post).comment_count == 2
    assert again(closed).comment_count == again(draft_post).comment_count == 0


def test_outcomes_are_in_the_order_of_the_drafts_whatever_their_posts(
    post: Post, author: User, owner: User
) -> None:
    other = a_post(author)
    where = [other, post, other, post]

    outcomes = post_comments([Draft(owner.pk, row.pk, str(index)) for index, row in enumerate(where)])

    assert codes(outcomes) == ["0", "1", "2", "3"]
    assert [o.post_id for o in outcomes if isinstance(o, Comment)] == [row.pk for row in where]
    assert (again(post).version, again(other).version) == (2, 2)


def test_a_batch_of_bad_drafts_writes_nothing(post: Post, owner: User) -> None:
    post_comments([Draft(owner.pk, post.pk, " ")] * 3)

    assert (Comment.objects.count(), again(post).version) == (0, 0)


def test_the_number_of_queries_does_not_grow_with_the_drafts(post: Post, owner: User) -> None:
    def queries(number: int) -> int:
        drafts = [
            Draft(owner.pk, post.pk, f"{number}.{index}", client_id=f"{number}.{index}")
            for index in range(number)
        ]
        with CaptureQueriesContext(connection) as captured:
            post_comments(drafts)
        return len(captured)

    # SQLite takes so many parameters a statement; beyond some 70 drafts the INSERT is two.
    assert queries(2) == queries(60)


def test_nor_with_the_posts_but_for_holding_each(author: User, owner: User) -> None:
    def queries(number: int) -> int:
        drafts = [
            Draft(owner.pk, a_post(author).pk, "text", client_id=f"{number}.{n}") for n in range(number)
        ]
        with CaptureQueriesContext(connection) as captured:
            post_comments(drafts)
        return len(captured)

    # PostgreSQL is asked for all posts at once, SQLite is no way off.
    more = 0 if connection.vendor == "postgresql" else 18
    assert queries(20) == queries(2) + more


def test_a_good_draft_costs_no_look_at_what_is_there(post: Post, owner: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        post_comments([Draft(owner.pk, post.pk, "text", client_id="c1")])

    assert not [query["sql"] for query in captured if 'FROM "comments_comment"' in query["sql"]]


def test_refused_drafts_give_their_versions_back(author: User, owner: User, moderator: User) -> None:
    half = a_post(author, room_state=RoomState.READ_ONLY)
    held = a_post(author, pre_moderation=True)
    drafts = [
        Draft(owner.pk, half.pk, "may not"),
        Draft(moderator.pk, half.pk, "may"),
        Draft(owner.pk, held.pk, "waits"),
        Draft(owner.pk, half.pk, "may not either"),
        Draft(moderator.pk, held.pk, "need not wait"),
        Draft(moderator.pk, half.pk, "may again"),
    ]

    outcomes = post_comments(drafts)

    assert codes(outcomes) == ["read_only", "may", "waits", "read_only", "need not wait", "may again"]
    assert [o.version for o in outcomes if isinstance(o, Comment)] == [1, 0, 1, 2]
    assert (again(half).version, again(half).comment_count) == (2, 2)
    assert (again(held).version, again(held).comment_count) == (1, 1)


def test_posting_one_is_a_batch_of_one_that_raises(post: Post, owner: User) -> None:
    with pytest.raises(Refused) as refusal:
        post_comment(acting_user=owner, post_id=post.pk, content="")

    assert refusal.value.code == ErrorCode.INVALID
    assert write(owner, post, "good").content == "good"


def test_a_comment_keeps_who_wrote_it_and_when(post: Post, owner: User) -> None:
    comment = again(write(owner, post))

    assert comment.author_id == owner.pk
    assert comment.edited_at is None
    assert comment.created_at > again(post).published_at
