"""What is read and encoded once for many is what each would have got alone, after whatever happens."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import actions, joining, moderation, reading
from comments.events import change_payload, page_payload
from comments.joining import Histories, History, Joined, Joining, Key
from comments.models import Comment, Post, RoomState
from realtime.errors import ErrorCode, Refused
from tests.cast import a_person, a_post, again, fill, write

pytestmark = pytest.mark.django_db


def joined(post: Post, reader: User, since: int | None = None) -> Joined:
    [outcome] = joining.load([Joining(post.pk, reader.pk, since)])
    assert isinstance(outcome, Joined)
    return outcome


def alone(post: Post, reader: User, since: int | None = None) -> Any:
    """What `reader` gets when nothing is shared: made anew, by way of the events' own payloads."""
    post = again(post)
    changes = None if since is None else reading.changes(post, since)
    if changes is not None:
        payloads: list[Any] = [change_payload(comment, reader.pk) for comment in changes]
    else:
        payloads = list(page_payload(reading.page(post).comments, reader.pk))
    return json.loads(json.dumps(payloads))


# --- Outsiders -----------------------------------------------------------------------------------


def test_each_is_admitted_or_refused_by_itself(post: Post, author: User, owner: User, stranger: User) -> None:
    draft = a_post(author, published_at=None)
    later = a_post(author, published_at=timezone.now() + timedelta(hours=1))
    off = a_person("off", is_active=False)
    joinings = [
        Joining(post.pk, owner.pk),
        Joining(draft.pk, owner.pk),
        Joining(post.pk, off.pk),
        Joining(later.pk, author.pk, 0),
        Joining(10**17, off.pk),
        Joining(post.pk, stranger.pk, 0),
    ]

    for outcomes in (joining.admit(joinings), joining.load(joinings)):
        assert [o.code if isinstance(o, Refused) else None for o in outcomes] == [
            None,
            ErrorCode.NOT_FOUND,
            ErrorCode.SIGN_IN,
            ErrorCode.NOT_FOUND,
            ErrorCode.SIGN_IN,
            None,
        ]


def test_a_post_that_is_withdrawn_or_published_later_is_so_at_once(comment: Comment, stranger: User) -> None:
    post = comment.post
    joined(post, stranger)

    for published_at in (None, timezone.now() + timedelta(hours=1)):
        Post.objects.filter(pk=post.pk).update(published_at=published_at)
        [refusal] = joining.load([Joining(post.pk, stranger.pk)])
        assert isinstance(refusal, Refused)
    Post.objects.filter(pk=post.pk).update(published_at=timezone.now())

    assert json.loads(joined(post, stranger).comments) == alone(post, stranger)


# --- Together ------------------------------------------------------------------------------------


def test_many_readers_share_three_queries_and_those_who_follow_two(
    post: Post, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(post, owner, 30)
    readers = [a_person(f"reader{number}") for number in range(30)]

    for since in (None, 10):
        together = [Joining(post.pk, reader.pk, since) for reader in readers]
        with django_assert_num_queries(2):
            assert joining.admit(together) == [None] * 30
        with django_assert_num_queries(3):
            first = joining.load(together)
        with django_assert_num_queries(2):
            second = joining.load(together)

        texts = {outcome.comments for outcome in first + second if isinstance(outcome, Joined)}
        assert [json.loads(text) for text in texts] == [alone(post, readers[0], since)]


def test_whoever_has_everything_costs_no_reading_of_comments(
    comment: Comment, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        outcome = joined(comment.post, owner, 1)

    assert (outcome.history.kind, outcome.comments) == ("changes", "[]")


def test_many_posts_are_each_their_own(author: User, owner: User) -> None:
    posts = [a_post(author) for _ in range(3)]
    for post in posts:
        write(owner, post, f"Under {post.pk}", client_id=f"id-{post.pk}")

    outcomes = joining.load([Joining(post.pk, owner.pk) for post in posts])

    for post, outcome in zip(posts, outcomes, strict=True):
        assert isinstance(outcome, Joined)
        assert outcome.post == post
        assert json.loads(outcome.comments) == alone(post, owner)


def test_each_author_gets_their_own_client_ids(post: Post, owner: User, stranger: User) -> None:
    for number in range(4):
        write(owner, post, f'"{{}},\\ 가나다 😀 {number}', client_id=f'own"{number}')
        write(stranger, post, "Hers", client_id=f"hers{number}")
        write(owner, post, "Without one")

    for reader in (owner, stranger):
        for since in (None, 0, 5):
            assert json.loads(joined(post, reader, since).comments) == alone(post, reader, since)
    mine = json.loads(joined(post, owner).comments)
    assert [row.get("clientId") for row in mine[:3]] == ['own"0', None, None]


# --- Exact at all times --------------------------------------------------------------------------


def _rename(**fields: Any) -> Callable[[Comment, User], object]:
    # Behind Django's back: no signal could tell us.
    return lambda comment, moderator: User.objects.filter(pk=comment.author_id).update(**fields)


def _another_author_of_the_post(comment: Comment, moderator: User) -> None:
    Post.objects.filter(pk=comment.post_id).update(author=comment.author)


def _hide_and_restore(comment: Comment, moderator: User) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)
    moderation.restore_comment(comment.pk, acting_user=moderator)


def _withdraw_the_post_for_a_moment(comment: Comment, moderator: User) -> None:
    for published_at in (None, timezone.now()):
        Post.objects.filter(pk=comment.post_id).update(published_at=published_at)


WHAT_HAPPENS: dict[str, Callable[[Comment, User], object]] = {
    "nothing": lambda comment, moderator: None,
    "a comment": lambda comment, moderator: write(moderator, comment.post, client_id="new"),
    "an answer": lambda comment, moderator: write(moderator, comment.post, parent_id=comment.pk),
    "an edit": lambda comment, moderator: actions.edit_comment(
        comment.pk, "Another text", acting_user=comment.author
    ),
    "a removal": lambda comment, moderator: actions.remove_comment(comment.pk, acting_user=comment.author),
    "hiding": lambda comment, moderator: moderation.hide_comment(comment.pk, acting_user=moderator),
    "restoring": _hide_and_restore,
    "a moderator's edit": lambda comment, moderator: moderation.edit_comment(
        comment.pk, "Moderated", acting_user=moderator
    ),
    "a moderator's removal": lambda comment, moderator: moderation.remove_comment(
        comment.pk, acting_user=moderator
    ),
    "an import": lambda comment, moderator: fill(comment.post, moderator, 5),
    "another name": _rename(name="Somebody Else"),
    "no name": _rename(name=""),
    "another username": _rename(name="", username="else"),
    "becoming staff": _rename(is_staff=True),
    "becoming inactive": _rename(is_active=False),
    "leaving for good": lambda comment, moderator: comment.author.delete(),
    "another author of the post": _another_author_of_the_post,
    "a closed room": lambda comment, moderator: Post.objects.filter(pk=comment.post_id).update(
        room_state=RoomState.CLOSED
    ),
    "an hour as a draft": _withdraw_the_post_for_a_moment,
}


@pytest.mark.parametrize("happens", WHAT_HAPPENS.values(), ids=WHAT_HAPPENS.keys())
def test_what_was_encoded_before_is_not_given_out_after(
    post: Post, author: User, moderator: User, happens: Callable[[Comment, User], object]
) -> None:
    reader = a_person("reader", name="Rae Reader")
    first = write(author, post, "First", client_id="a")
    theirs = write(reader, post, "Second", parent_id=first.pk, client_id="b")
    write(author, post, "Third", parent_id=theirs.pk, client_id="c")
    reached = again(post).version
    sinces = (None, 0, 1, reached)
    for since in sinces:
        for who in (author, reader, moderator):
            assert json.loads(joined(post, who, since).comments) == alone(post, who, since)

    happens(again(theirs), moderator)

    for since in sinces:
        for who in (author, moderator):
            outcome = joined(post, who, since)
            assert json.loads(outcome.comments) == alone(post, who, since)
            assert outcome.post.version == again(post).version
            assert outcome.post.comment_count == again(post).comment_count
            assert outcome.post.room_state == again(post).room_state


def test_the_reader_is_looked_at_anew(comment: Comment, stranger: User) -> None:
    assert not joined(comment.post, stranger).is_staff
    User.objects.filter(pk=stranger.pk).update(is_staff=True)
    assert joined(comment.post, stranger).is_staff
    User.objects.filter(pk=stranger.pk).update(is_active=False)

    [refusal] = joining.load([Joining(comment.post_id, stranger.pk)])

    assert isinstance(refusal, Refused)


def test_a_reader_too_far_behind_shares_the_newest_page(
    post: Post, owner: User, stranger: User, settings: Settings
) -> None:
    settings.COMMENTS_PER_PAGE = 5
    fill(post, owner, reading.CHANGES_LIMIT + 10)

    for since in (0, 9, -1, 10**30):
        outcome = joined(post, stranger, since)
        assert outcome.history is joined(post, stranger).history
        assert outcome.history.has_more
    assert joined(post, stranger, 10).history.kind == "changes"


# --- Bounded -------------------------------------------------------------------------------------


def a_history(length: int) -> History:
    return History(1, 1, {}, "snapshot", False, "x" * length, {})


@pytest.fixture
def histories() -> Histories:
    return Histories(3 * a_history(100).size)


def test_the_one_not_asked_for_longest_goes_first(histories: Histories) -> None:
    for post_id in (1, 2, 3):
        histories.put(Key(post_id, None), a_history(100))
    assert histories.get(Key(1, None)) is not None

    histories.put(Key(4, None), a_history(100))

    assert [post_id for post_id in range(1, 5) if histories.get(Key(post_id, None))] == [1, 3, 4]


def test_a_newer_one_takes_the_place_of_the_former(histories: Histories) -> None:
    for _ in range(10):
        histories.put(Key(1, None), a_history(100))
    histories.put(Key(2, None), a_history(100))

    assert histories.get(Key(1, None)) is not None


def test_one_larger_than_all_is_not_kept(histories: Histories) -> None:
    histories.put(Key(1, None), a_history(100))
    histories.put(Key(2, None), a_history(10_000))

    assert histories.get(Key(1, None)) is histories.get(Key(2, None)) is None


def test_many_empty_ones_are_bounded_too(histories: Histories) -> None:
    for since in range(100):
        histories.put(Key(1, since), a_history(0))

    assert sum(histories.get(Key(1, since)) is not None for since in range(100)) <= 4
