"""Every change that readers can see takes the post's next version."""

import pytest

from accounts.models import User
from comments import actions, moderation
from comments.models import Comment, Post
from tests.cast import a_post, again, fill, write

pytestmark = pytest.mark.django_db


def test_a_new_post_is_at_version_zero(post: Post) -> None:
    assert again(post).version == 0


def test_each_comment_takes_the_next_version(post: Post, owner: User, stranger: User) -> None:
    versions = [write(user, post).version for user in (owner, stranger, owner, owner)]

    assert versions == [1, 2, 3, 4]
    assert again(post).version == 4


def test_every_kind_of_change_takes_one_version(comment: Comment, owner: User, moderator: User) -> None:
    def version() -> tuple[int, int]:
        row = again(comment)
        return row.version, again(row.post).version

    assert version() == (1, 1)
    actions.edit_comment(comment.pk, "Edited", acting_user=owner)
    assert version() == (2, 2)
    moderation.hide_comment(comment.pk, acting_user=moderator)
    assert version() == (3, 3)
    moderation.restore_comment(comment.pk, acting_user=moderator)
    assert version() == (4, 4)
    moderation.edit_comment(comment.pk, "Edited by a moderator", acting_user=moderator)
    assert version() == (5, 5)
    actions.remove_comment(comment.pk, acting_user=owner)
    assert version() == (6, 6)


def test_what_changes_nothing_takes_no_version(comment: Comment, owner: User, moderator: User) -> None:
    actions.edit_comment(comment.pk, comment.content, acting_user=owner)
    moderation.restore_comment(comment.pk, acting_user=moderator)
    assert again(comment.post).version == 1

    actions.remove_comment(comment.pk, acting_user=owner)
    actions.remove_comment(comment.pk, acting_user=owner)
    moderation.remove_comment(comment.pk, acting_user=moderator)
    assert again(comment.post).version == 2


def test_changing_what_readers_cannot_see_takes_no_version(
    comment: Comment, owner: User, moderator: User
) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)
    before = again(comment.post).version

    moderation.edit_comment(comment.pk, "Nobody sees this", acting_user=moderator)
    moderation.remove_comment(comment.pk, acting_user=moderator)

    assert again(comment.post).version == before
    assert again(comment).version == before


def test_posts_count_their_versions_apart(post: Post, author: User, owner: User) -> None:
    other = a_post(author)

    assert [write(owner, where).version for where in (post, other, post)] == [1, 1, 2]


def test_a_batch_is_numbered_without_gaps_in_its_order(post: Post, owner: User, stranger: User) -> None:
    drafts = [
        actions.Draft(user.pk, post.pk, content)
        for user, content in [(owner, "one"), (stranger, " "), (owner, "two"), (stranger, "three")]
    ]

    actions.post_comments(drafts)

    rows = Comment.objects.order_by("id").values_list("content", "version")
    assert list(rows) == [("one", 1), ("two", 2), ("three", 3)]
    assert again(post).version == 3


def test_saving_a_post_leaves_version_and_count_to_those_who_write_comments(post: Post, owner: User) -> None:
    stale = again(post)
    write(owner, post)

    stale.title = "Another title"
    stale.save()

    saved = again(post)
    assert (saved.title, saved.version, saved.comment_count) == ("Another title", 1, 1)


def test_imported_comments_are_one_change_each_and_readers_catch_up(post: Post, owner: User) -> None:
    fill(post, owner, 30)

    versions = list(Comment.objects.order_by("id").values_list("version", flat=True))
    assert versions == list(range(1, 31))
    assert (again(post).version, again(post).comment_count) == (30, 30)
