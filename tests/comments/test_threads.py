"""A page of comments, grouped under what they answer as far as it is there."""

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import moderation, reading
from comments.models import Comment, Post
from comments.threads import ShownComment, Thread, shown, threads
from tests.cast import a_post, again, write

pytestmark = pytest.mark.django_db


def shape(post: Post, reader: User | None = None, before: int | None = None) -> list[object]:
    """Per thread: the head's text, and the texts of its replies with whom they name."""

    def text(entry: ShownComment) -> str:
        name = f" (to {entry.answers})" if entry.answers else ""
        return f"{entry.html}".strip().removeprefix("<p>").removesuffix("</p>") + name

    def head(thread: Thread) -> str:
        return "removed" if thread.comment.is_removed else text(thread.comment)

    found = threads(reading.page(again(post), before=before).comments, reader)
    return [(head(thread), [text(reply) for reply in thread.replies]) for thread in found]


def test_no_comments_are_no_threads(post: Post) -> None:
    assert shape(post) == []


def test_replies_stand_under_what_they_answer(post: Post, owner: User, stranger: User) -> None:
    first = write(owner, post, "one")
    second = write(owner, post, "two")
    write(stranger, post, "to two", parent_id=second.pk)
    write(stranger, post, "to one", parent_id=first.pk)
    write(owner, post, "three")

    assert shape(post) == [("one", ["to one"]), ("two", ["to two"]), ("three", [])]


def test_a_reply_to_a_reply_stands_in_the_same_thread_and_says_whom_it_answers(
    post: Post, owner: User, stranger: User
) -> None:
    first = write(owner, post, "one")
    reply = write(stranger, post, "reply", parent_id=first.pk)
    deeper = write(owner, post, "deeper", parent_id=reply.pk)
    write(stranger, post, "deepest", parent_id=deeper.pk)

    assert shape(post) == [("one", ["reply", "deeper (to Sue Stranger)", "deepest (to Omar Owner)"])]


def test_a_reply_whose_parent_is_on_an_earlier_page_names_it(
    post: Post, owner: User, stranger: User, settings: Settings
) -> None:
    settings.COMMENTS_PER_PAGE = 2
    first = write(owner, post, "one")
    write(owner, post, "two")
    write(stranger, post, "late answer", parent_id=first.pk)

    assert shape(post) == [("two", []), ("late answer (to Omar Owner)", [])]


def test_a_reply_whose_parent_is_gone_stands_under_a_placeholder_in_its_place(
    post: Post, owner: User, stranger: User, moderator: User
) -> None:
    first = write(owner, post, "one")
    write(owner, post, "two")
    write(stranger, post, "left alone", parent_id=first.pk)
    write(stranger, post, "left alone too", parent_id=first.pk)
    moderation.hide_comment(first.pk, acting_user=moderator)

    assert shape(post) == [("removed", ["left alone", "left alone too"]), ("two", [])]


def test_a_placeholder_shows_nothing_of_what_was_there(
    comment: Comment, stranger: User, moderator: User
) -> None:
    write(stranger, comment.post, "left alone", parent_id=comment.pk)
    moderation.hide_comment(comment.pk, acting_user=moderator)

    [thread] = threads(reading.page(again(comment.post)).comments, comment.author)

    assert thread.comment == ShownComment(id=comment.pk, post_id=comment.post_id, is_removed=True)


def test_a_removed_comment_without_replies_leaves_nothing(comment: Comment, moderator: User) -> None:
    moderation.remove_comment(comment.pk, acting_user=moderator)

    assert shape(comment.post) == []


def test_a_reply_to_a_removed_reply_stands_under_its_placeholder(
    post: Post, owner: User, stranger: User, moderator: User
) -> None:
    first = write(owner, post, "one")
    reply = write(stranger, post, "reply", parent_id=first.pk)
    write(owner, post, "deeper", parent_id=reply.pk)
    moderation.hide_comment(reply.pk, acting_user=moderator)

    assert shape(post) == [("one", []), ("removed", ["deeper"])]


def test_every_comment_of_a_page_is_in_exactly_one_thread(
    author: User, owner: User, stranger: User, moderator: User
) -> None:
    post = a_post(author)
    written: list[Comment] = []
    for number in range(30):
        parent = written[number * 7 % len(written)].pk if number % 3 and written else None
        written.append(write(owner, post, str(number), parent_id=parent))
    for comment in written[::5]:
        moderation.hide_comment(comment.pk, acting_user=moderator)

    page = reading.page(again(post))
    found = threads(page.comments, None)

    everything = [e.id for thread in found for e in [thread.comment, *thread.replies] if not e.is_removed]
    assert sorted(everything) == [comment.pk for comment in page.comments]  # type: ignore[type-var]
    assert [thread.comment.id for thread in found] == sorted(thread.comment.id for thread in found)  # type: ignore[type-var]
    for thread in found:
        assert [e.id for e in thread.replies] == sorted(e.id for e in thread.replies)  # type: ignore[type-var]


def test_only_its_author_gets_a_comments_source_and_its_forms(
    comment: Comment, owner: User, stranger: User
) -> None:
    own = shown(comment, owner)
    assert own.is_own
    assert own.content == comment.content
    assert own.edit_url
    assert own.delete_url

    for reader in (stranger, None):
        other = shown(comment, reader)
        assert not other.is_own
        assert (other.content, other.edit_url, other.delete_url) == ("", "", "")
        assert other.html == own.html
