"""Pages of comments, the changes since a version, and what joining a post brings."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import actions, moderation, reading
from comments.models import Comment, Post
from realtime.errors import ErrorCode, Refused
from tests.cast import a_post, again, fill, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_pages(settings: Settings) -> None:
    settings.COMMENTS_PER_PAGE = 10


def ids(page: reading.Page) -> list[int]:
    return [comment.pk for comment in page.comments]


def test_an_empty_post_has_an_empty_page(post: Post) -> None:
    page = reading.page(post)

    assert (page.comments, page.has_more, page.before) == ([], False, None)


def test_the_newest_page_comes_oldest_first(post: Post, owner: User) -> None:
    fill(post, owner, 25)
    everything = list(Comment.objects.order_by("id").values_list("id", flat=True))

    page = reading.page(post)

    assert ids(page) == everything[-10:]
    assert page.has_more


def test_pages_follow_each_other_without_skips_or_repeats(post: Post, owner: User) -> None:
    fill(post, owner, 25)
    seen: list[int] = []
    page = reading.page(post)
    seen = ids(page) + seen
    while page.has_more:
        page = reading.page(post, before=page.before)
        seen = ids(page) + seen

    assert seen == list(Comment.objects.order_by("id").values_list("id", flat=True))


def test_a_full_last_page_promises_no_more(post: Post, owner: User) -> None:
    fill(post, owner, 10)

    assert not reading.page(post).has_more


def test_comments_that_come_meanwhile_do_not_shift_the_pages(post: Post, owner: User) -> None:
    fill(post, owner, 25)
    newest = reading.page(post)
    fill(post, owner, 5)

    assert ids(reading.page(post, before=newest.before))[-1] < ids(newest)[0]


def test_hidden_comments_take_no_place_on_a_page(post: Post, owner: User, moderator: User) -> None:
    fill(post, owner, 12)
    for comment in Comment.objects.order_by("-id")[:3]:
        moderation.hide_comment(comment.pk, acting_user=moderator)

    page = reading.page(post)

    assert len(page.comments) == 9
    assert not page.has_more


def test_a_page_holds_nothing_of_another_post(post: Post, author: User, owner: User) -> None:
    write(owner, a_post(author))
    mine = write(owner, post)

    assert ids(reading.page(post)) == [mine.pk]
    assert ids(reading.page(post, before=mine.pk)) == []


def test_the_page_around_a_comment_has_it_and_what_follows(post: Post, owner: User) -> None:
    fill(post, owner, 40)
    everything = list(Comment.objects.order_by("id").values_list("id", flat=True))

    for wanted in everything:
        page = reading.page_with(Comment.objects.get(pk=wanted))
        assert wanted in ids(page)
        assert ids(page) == everything[everything.index(ids(page)[0]) :][: len(page.comments)]


def test_later_pages_follow_each_other_without_skips_or_repeats(post: Post, owner: User) -> None:
    fill(post, owner, 25)
    everything = list(Comment.objects.order_by("id").values_list("id", flat=True))
    page = reading.page_after(post, 0)
    assert not page.has_more
    seen = ids(page)
    while page.has_later:
        assert page.after is not None
        page = reading.page_after(post, page.after)
        assert page.has_more
        seen += ids(page)

    assert seen == everything
    assert ids(reading.page_after(post, everything[-1])) == []
    assert not reading.page_after(post, everything[14]).has_later


def test_later_pages_hold_nothing_hidden_and_nothing_of_another_post(
    post: Post, author: User, owner: User, moderator: User
) -> None:
    first, hidden, last = (write(owner, post, str(number)) for number in range(3))
    write(owner, a_post(author))
    moderation.hide_comment(hidden.pk, acting_user=moderator)

    assert ids(reading.page_after(post, first.pk)) == [last.pk]


def test_the_page_around_a_comment_says_whether_there_is_more(post: Post, owner: User) -> None:
    fill(post, owner, 40)
    everything = list(Comment.objects.order_by("id"))

    def ends(index: int) -> tuple[bool, bool]:
        page = reading.page_with(everything[index])
        return page.has_more, page.has_later

    assert ends(0) == (False, True)
    assert ends(20) == (True, True)
    assert ends(34) == (True, True)
    assert ends(35) == (True, False)
    assert ends(39) == (True, False)


def test_changes_are_what_happened_after_a_version_in_its_order(
    comment: Comment, owner: User, stranger: User, moderator: User
) -> None:
    post = comment.post
    second = write(stranger, post, "Second")
    third = write(owner, post, "Third")
    since = again(post).version
    moderation.hide_comment(second.pk, acting_user=moderator)
    actions.edit_comment(comment.pk, "Edited", acting_user=owner)
    fourth = write(stranger, post, "Fourth")

    changes = reading.changes(again(post), since)

    assert changes is not None
    assert [(row.pk, row.version) for row in changes] == [
        (second.pk, 4),
        (comment.pk, 5),
        (fourth.pk, 6),
    ]
    assert third.pk not in {row.pk for row in changes}
    assert reading.changes(again(post), again(post).version) == []


def test_a_comment_that_was_never_published_is_no_change(author: User, owner: User) -> None:
    held_post = a_post(author, pre_moderation=True)
    write(owner, held_post)

    assert reading.changes(held_post, 0) == []


def test_too_many_changes_are_none(post: Post, owner: User) -> None:
    fill(post, owner, reading.CHANGES_LIMIT + 1)

    assert reading.changes(post, 0) is None
    changes = reading.changes(post, 1)
    assert changes is not None
    assert len(changes) == reading.CHANGES_LIMIT


@pytest.mark.parametrize("published", ["no", "later", "deleted"])
def test_a_post_that_readers_cannot_see_is_not_found(post: Post, published: str) -> None:
    assert reading.reachable_post(post.pk) == post
    if published == "deleted":
        post_id = post.pk
        post.delete()
    else:
        post.published_at = None if published == "no" else timezone.now() + timedelta(days=1)
        post.save()
        post_id = post.pk

    with pytest.raises(Refused) as refusal:
        reading.reachable_post(post_id)

    assert refusal.value.code == ErrorCode.NOT_FOUND


def test_a_page_is_bounded_in_bytes_and_the_next_one_goes_on(post: Post, owner: User) -> None:
    written = [write(owner, post, "가" * 4990 + str(number)) for number in range(30)]
    pages = [reading.page(post)]
    assert 0 < len(pages[0].comments) < 30
    while pages[-1].has_more:
        pages.append(reading.page(post, before=pages[-1].before))
    seen = [row.pk for page in reversed(pages) for row in page.comments]
    assert seen == [row.pk for row in written]


def test_changes_too_heavy_to_send_are_none(post: Post, owner: User) -> None:
    for number in range(30):
        write(owner, post, "가" * 4990 + str(number))
    assert reading.changes(again(post), 0) is None
