"""Who is notified of what happens under a post: derived from what stands there, and told only once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Kind, Mute, Notification, User
from accounts.notifications import choices, inbox
from accounts.notifications.notices import STALE
from accounts.notifications.texts import sentence
from accounts.own_data import pieces
from comments import actions, appeals, follows, moderation, reactions, telling
from comments.models import Comment, FollowersTold, Post, PostFollow, PostTold
from realtime.errors import Refused
from tests.cast import Published, a_person, a_post, fill, write

pytestmark = pytest.mark.django_db(transaction=True)


def tell() -> None:
    """What a process that serves sockets does when it comes by."""
    while posts := telling.behind():
        telling.tell(posts)
        telling.tell_followers(posts)


def told(user: User) -> list[str]:
    tell()
    return [sentence(entry) for entry in inbox.page(user).entries if not entry.is_read]


# --- Outsiders ------------------------------------------------------------------------------------


def test_who_has_nothing_to_do_with_it_hears_nothing(comment: Comment, author: User, stranger: User) -> None:
    write(author, comment.post, "An answer to @owner", parent_id=comment.pk)

    assert told(stranger) == []


def test_what_waits_for_a_moderator_is_told_when_it_is_there(
    author: User, owner: User, stranger: User, moderator: User
) -> None:
    post = a_post(author, pre_moderation=True)
    comment = write(owner, post, "Hello @stranger")
    assert told(stranger) == []

    moderation.decide([comment.pk], "approve", acting_user=moderator)

    assert told(stranger) == [f"Omar Owner mentioned you under “{post.title}”."]


def test_what_is_taken_away_takes_along_what_was_told_of_it(
    post: Post, owner: User, stranger: User, moderator: User
) -> None:
    comment = write(owner, post, "Hello @stranger")
    assert len(told(stranger)) == 1

    moderation.hide_comment(comment.pk, acting_user=moderator)
    assert told(stranger) == []
    moderation.restore_comment(comment.pk, acting_user=moderator)
    assert len(told(stranger)) == 1


def test_nothing_that_anybody_wrote_stands_in_an_inbox(post: Post, owner: User, stranger: User) -> None:
    write(owner, post, "A secret for @stranger")
    tell()

    assert "secret" not in str(list(Notification.objects.values()))


# --- Comments -------------------------------------------------------------------------------------


def test_each_hears_of_it_as_what_concerns_them_most(
    comment: Comment, author: User, owner: User, stranger: User
) -> None:
    post = comment.post
    tell()
    Notification.objects.all().delete()
    follower = a_person("follower")
    for user in (follower, owner, stranger, author):
        follows.follow(post.pk, on=True, acting_user=user)

    write(a_person("writer", name="Wu Writer"), post, "@stranger, look", parent_id=comment.pk)

    assert told(stranger) == ["Wu Writer mentioned you under “A post”."]
    assert told(owner) == ["Wu Writer replied to your comment on “A post”."]
    assert told(author) == ["Wu Writer commented on your post “A post”."]
    assert told(follower) == ["There are new comments on “A post”, which you follow."]
    assert Notification.objects.count() == 4


def test_whoever_follows_is_told_once_until_they_have_read_it(
    post: Post, owner: User, stranger: User
) -> None:
    follows.follow(post.pk, on=True, acting_user=stranger)
    for number in range(3):
        write(owner, post, f"Comment {number}")
        assert len(told(stranger)) == 1
    assert Notification.objects.filter(user=stranger).count() == 1

    inbox.mark_all_read(acting_user=stranger)
    assert told(stranger) == []
    write(owner, post, "One more")
    assert len(told(stranger)) == 1


def test_what_was_written_before_somebody_followed_is_no_news_to_them(
    post: Post, owner: User, stranger: User
) -> None:
    comment = write(owner, post, "A comment")
    follows.follow(post.pk, on=True, acting_user=stranger)
    actions.edit_comment(comment.pk, "Another text", acting_user=owner)

    assert told(stranger) == []


def test_an_edit_tells_whoever_is_named_now_and_nobody_twice(
    post: Post, owner: User, stranger: User, author: User
) -> None:
    comment = write(owner, post, "Hello")
    assert len(told(author)) == 1
    actions.edit_comment(comment.pk, "Hello @stranger", acting_user=owner)

    assert told(stranger) == ["Omar Owner mentioned you under “A post”."]
    assert len(told(author)) == 1
    actions.edit_comment(comment.pk, "Hello again @stranger", acting_user=owner)
    assert len(told(stranger)) == 1
    assert Notification.objects.count() == 2


def test_whom_one_has_muted_tells_one_nothing(comment: Comment, owner: User, stranger: User) -> None:
    Mute.objects.create(user=owner, muted=stranger)

    write(stranger, comment.post, "@owner!", parent_id=comment.pk)

    assert told(owner) == []


def test_an_import_is_no_news(author: User, owner: User) -> None:
    post = a_post(author)
    fill(post, owner, 20)

    assert told(author) == []
    write(owner, post, "A new one")
    assert len(told(author)) == 1


def test_what_is_old_and_changes_is_no_news(comment: Comment, author: User, moderator: User) -> None:
    tell()
    Notification.objects.all().delete()
    Comment.objects.update(created_at=timezone.now() - timedelta(days=8))
    moderation.hide_comment(comment.pk, acting_user=moderator)
    moderation.restore_comment(comment.pk, acting_user=moderator)

    assert told(author) == []


# --- Reactions ------------------------------------------------------------------------------------


def test_reactions_are_one_entry_and_each_counts_once(comment: Comment, owner: User, author: User) -> None:
    people = [a_person(f"p{number}", name=f"Person {number}") for number in range(4)]
    for person in people:
        reactions.react(comment.pk, "👍", on=True, acting_user=person)
    reactions.react(comment.pk, "🎉", on=True, acting_user=people[0])
    reactions.react(comment.pk, "🎉", on=True, acting_user=owner)

    assert told(owner) == ["Person 3 and 3 others reacted to your comment on “A post”."]
    assert Notification.objects.filter(user=owner).count() == 4


def test_a_reaction_that_is_taken_back_is_taken_from_the_inbox(
    comment: Comment, owner: User, stranger: User
) -> None:
    reactions.react(comment.pk, "👍", on=True, acting_user=stranger)
    reactions.react(comment.pk, "🎉", on=True, acting_user=stranger)
    assert len(told(owner)) == 1

    reactions.react(comment.pk, "👍", on=False, acting_user=stranger)
    assert len(told(owner)) == 1
    reactions.react(comment.pk, "🎉", on=False, acting_user=stranger)
    assert told(owner) == []


def test_giving_it_again_and_again_rings_once(
    comment: Comment, owner: User, stranger: User, published: Published
) -> None:
    for _ in range(5):
        reactions.react(comment.pk, "👍", on=True, acting_user=stranger)
        assert len(told(owner)) == 1
        reactions.react(comment.pk, "👍", on=False, acting_user=stranger)
        assert told(owner) == []
        assert inbox.page(owner).entries == []
        assert "reacted" not in "".join(pieces(owner))
    reactions.react(comment.pk, "🎉", on=True, acting_user=stranger)
    assert len(told(owner)) == 1

    row = Notification.objects.get(user=owner)
    rung = [group for user_id, group in published.inboxes if user_id == owner.pk and group != STALE]
    assert rung == [f"like:{comment.pk}"]
    inbox.mark_read(row.pk, acting_user=owner)
    with pytest.raises(Refused):
        Notification.objects.update(is_withdrawn=True)
        inbox.own(row.pk, owner)


def test_what_is_given_again_by_somebody_muted_since_does_not_come_back(
    comment: Comment, owner: User, stranger: User, author: User
) -> None:
    for person in (stranger, author):
        reactions.react(comment.pk, "👍", on=True, acting_user=person)
    assert told(owner)
    for person in (stranger, author):
        reactions.react(comment.pk, "👍", on=False, acting_user=person)
    assert told(owner) == []
    Mute.objects.create(user=owner, muted=stranger)

    reactions.react(comment.pk, "👍", on=True, acting_user=stranger)
    assert told(owner) == []
    reactions.react(comment.pk, "👍", on=True, acting_user=author)
    assert told(owner) == [f"{author.shown_name} reacted to your comment on “{comment.post.title}”."]

    reactions.react(comment.pk, "👍", on=False, acting_user=author)
    assert told(owner) == []
    choices.choose({Kind.LIKE: choices.Choice(page=False)}, acting_user=owner)
    reactions.react(comment.pk, "👍", on=True, acting_user=author)
    assert told(owner) == []


def test_giving_it_again_after_it_was_read_tells_nobody_again(
    comment: Comment, owner: User, stranger: User
) -> None:
    reactions.react(comment.pk, "👍", on=True, acting_user=stranger)
    tell()
    inbox.mark_all_read(acting_user=owner)
    reactions.react(comment.pk, "👍", on=False, acting_user=stranger)
    reactions.react(comment.pk, "👍", on=True, acting_user=stranger)

    assert told(owner) == []


# --- Decisions ------------------------------------------------------------------------------------


def test_an_author_hears_what_was_decided(comment: Comment, owner: User, moderator: User) -> None:
    [outcome] = moderation.decide([comment.pk], "reject", acting_user=moderator, reason="off_topic")
    assert told(owner) == ["A moderator took away your comment on “A post”. Reason: off topic"]
    assert outcome.decision is not None
    appeals.appeal(outcome.decision.pk, "It was not.", acting_user=owner)
    moderation.decide([comment.pk], "restore", acting_user=moderator)

    assert told(owner)[0] == "Your appeal was accepted: your comment on “A post” is back."
    assert len(told(owner)) == 2


def test_many_decided_together_are_one_entry(post: Post, owner: User, moderator: User) -> None:
    comments = [write(owner, post, f"Comment {number}") for number in range(3)]
    moderation.decide([each.pk for each in comments], "spam", acting_user=moderator)

    assert told(owner) == ["A moderator took away 3 comments of yours. Reason: spam"]


# --- Loss, and cost -------------------------------------------------------------------------------


def test_what_nobody_told_of_is_found(post: Post, owner: User, author: User) -> None:
    for number in range(3):
        write(owner, post, f"Comment {number}")

    assert telling.behind() == [post.pk]
    tell()
    assert telling.behind() == []
    assert PostTold.objects.get().version == Post.objects.get(pk=post.pk).version

    assert Notification.objects.filter(user=author).count() == 3


def test_to_tell_of_it_again_tells_nobody_twice(comment: Comment, author: User, stranger: User) -> None:
    reactions.react(comment.pk, "👍", on=True, acting_user=stranger)
    tell()
    before = Notification.objects.count()
    PostTold.objects.update(version=0, reaction_id=0)  # as if the note of it had been lost
    FollowersTold.objects.update(version=0)

    tell()

    assert Notification.objects.count() == before == 2


def test_more_than_a_batch_is_told_of_whole(
    post: Post, owner: User, author: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    comments = [write(owner, post, f"Comment {number}") for number in range(5)]
    # The earlier comments got the later reactions.
    for each in reversed(comments):
        reactions.react(each.pk, "👍", on=True, acting_user=stranger)

    tell()

    assert Notification.objects.filter(user=author).count() == 5
    assert Notification.objects.filter(user=owner).count() == 5


def test_who_is_named_does_not_wait_for_those_who_follow(
    post: Post, owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "FOLLOWERS_AT_ONCE", 2)
    followers = [a_person(f"follower{number}") for number in range(5)]
    for each in followers:
        PostFollow.objects.create(post=post, user=each, created_at=timezone.now() - timedelta(days=1))
    first = write(owner, post, "To all, and to @stranger")

    assert telling.tell([post.pk]) == []
    assert [sentence(entry) for entry in inbox.page(stranger).entries] == [
        f"Omar Owner mentioned you under “{post.title}”."
    ]
    theirs = Notification.objects.filter(user__in=followers).order_by("user")
    assert not theirs.exists()

    assert telling.tell_followers([post.pk]) == [post.pk]
    assert theirs.count() == 2
    second = write(owner, post, "Another, while they are being told")
    inbox.mark_all_read(acting_user=followers[0])
    while telling.tell_followers([post.pk]):
        pass
    sources = [(each.pk, f"comment:{first.pk}") for each in followers]
    sources.insert(1, (followers[0].pk, f"comment:{second.pk}"))
    assert list(theirs.order_by("user", "pk").values_list("user_id", "source")) == sources
    tell()
    assert theirs.count() == 6


def test_what_is_taken_away_while_they_are_told_reaches_none_of_those_who_follow(
    post: Post, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "FOLLOWERS_AT_ONCE", 2)
    followers = [a_person(f"follower{number}") for number in range(5)]
    for each in followers:
        PostFollow.objects.create(post=post, user=each, created_at=timezone.now() - timedelta(days=1))
    comment = write(owner, post, "A hasty word")
    telling.tell_followers([post.pk])
    assert Notification.objects.filter(user__in=followers).count() == 2

    actions.remove_comment(comment.pk, acting_user=owner)
    tell()

    assert not Notification.objects.filter(user__in=followers)


def test_a_turn_ends_and_goes_on_with_whose_turn_did_not_come(
    author: User, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "TURN", -1.0)
    posts = [a_post(author) for _ in range(3)]
    for each in posts:
        write(owner, each, "A comment")

    assert telling.tell([each.pk for each in posts]) == [posts[1].pk, posts[2].pk]
    assert Notification.objects.filter(user=author).count() == 1


def test_a_comment_asks_no_query_more_for_it(post: Post, owner: User, stranger: User) -> None:
    follows.follow(post.pk, on=True, acting_user=stranger)
    write(owner, post, "First")
    with CaptureQueriesContext(connection) as captured:
        write(owner, post, "Second")

    assert not [query for query in captured.captured_queries if "notification" in query["sql"]]
    assert not [query for query in captured.captured_queries if "posttold" in query["sql"]]


def test_a_turn_costs_the_same_for_one_comment_as_for_thirty(post: Post, owner: User) -> None:
    def turn(number: int) -> int:
        for each in range(number):
            write(owner, post, f"Comment {number} {each}")
        with CaptureQueriesContext(connection) as captured:
            telling.tell([post.pk])
        return len(captured)

    turn(1)
    assert turn(1) == turn(30)
