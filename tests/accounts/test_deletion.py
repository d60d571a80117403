"""Deleting one's own account: what goes, what stays, who hears of it."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import avatars, deletion, sanctions
from accounts.models import Avatar, Deletion, Fate, Mute, Sanction, User
from comments import actions, appeals, flags, follows, joining, moderation, reactions
from comments.events import comment_payload
from comments.joining import Joined, Joining
from comments.models import (
    Appeal,
    Comment,
    CommentRevision,
    Decision,
    Flag,
    Mention,
    Post,
    PostFollow,
    Reaction,
    Status,
)
from comments.reading import changes
from realtime.errors import ErrorCode, Refused
from realtime.events import EndReason
from realtime.session import identify
from tests.accounts.test_avatars import a_picture
from tests.accounts.test_own_data import logged_in
from tests.cast import Published, a_person, a_post, again, sitting_at, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_rate_limits_of_other_tests() -> None:
    cache.clear()


def delete(user: User, fate: str = Fate.ANONYMISE, **more: Any) -> None:
    deletion.delete_account(acting_user=user, fate=fate, **more)
    deletion.carry_on()


def fill(post: Post, author: User, number: int) -> None:
    """So many published comments with their versions, quickly."""
    Comment.objects.bulk_create(
        Comment(post=post, author=author, content=f"Number {n}", html="<p>x</p>", version=post.version + n)
        for n in range(1, number + 1)
    )
    Post.objects.filter(pk=post.pk).update(version=post.version + number, comment_count=number)


# --- Who may -----------------------------------------------------------------------------------------


def test_whoever_is_not_logged_in_deletes_nothing(owner: User) -> None:
    path = "/accounts/delete/"
    for response in (Client().get(path), Client().post(path, {"fate": "remove"})):
        assert response.status_code == 302
        assert response["Location"] == f"/accounts/login/?next={path}"
    assert again(owner).is_active


def test_a_session_that_was_left_open_is_not_enough(owner: User) -> None:
    owner.set_password("correct horse battery")
    owner.save()

    response = sitting_at(owner).post("/accounts/delete/", {"fate": "remove"})

    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert again(owner).is_active


def test_what_becomes_of_the_comments_has_to_be_chosen(owner: User) -> None:
    for data in ({}, {"fate": "burn"}):
        assert logged_in(owner).post("/accounts/delete/", data).status_code == 422
    with pytest.raises(Refused):
        deletion.delete_account(acting_user=owner, fate="burn")
    assert again(owner).is_active


def test_the_only_superuser_is_warned_and_has_to_be_sure() -> None:
    boss = a_person("boss", is_superuser=True, is_staff=True)
    client = logged_in(boss)
    page = client.get("/accounts/delete/").content.decode()
    assert "the only one who can administer" in page

    response = client.post("/accounts/delete/", {"fate": "anonymise"})

    assert response.status_code == 422
    assert "Nobody could administer this site" in response.content.decode()
    assert again(boss).is_active
    assert client.post("/accounts/delete/", {"fate": "anonymise", "is_sure": "on"}).status_code == 302
    assert not again(boss).is_superuser


def test_one_of_two_superusers_just_goes() -> None:
    boss = a_person("boss", is_superuser=True, is_staff=True)
    a_person("deputy", is_superuser=True, is_staff=True)

    assert "the only one" not in logged_in(boss).get("/accounts/delete/").content.decode()
    delete(boss)
    assert not again(boss).is_active


def test_an_account_is_deleted_once(owner: User) -> None:
    delete(owner)

    with pytest.raises(Refused) as refusal:
        deletion.delete_account(acting_user=owner, fate=Fate.REMOVE)
    assert refusal.value.code == ErrorCode.NOT_FOUND
    assert Deletion.objects.get().fate == Fate.ANONYMISE


# --- What goes ----------------------------------------------------------------------------------------


def test_nothing_is_left_that_says_who_it_was(owner: User, manager: User) -> None:
    owner.first_name, owner.last_name = "Omar", "Owner"
    owner.language, owner.time_zone = "ko", "Asia/Seoul"
    owner.save()
    avatars.change_picture(a_picture(), acting_user=owner)
    EmailAddress.objects.create(user=owner, email="owner@example.com", primary=True, verified=True)
    LogEntry.objects.create(
        user=manager,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(owner.pk),
        object_repr="owner",
        action_flag=CHANGE,
    )
    logged_in(owner)

    delete(owner)

    gone = again(owner)
    row = " ".join(str(getattr(gone, field.attname)) for field in User._meta.concrete_fields)
    for word in ("owner", "Omar", "Owner", "example.com", "Seoul"):
        assert word not in row
    assert (gone.username, gone.is_active, gone.language) == (f"deleted:{gone.pk}", False, "")
    assert not gone.has_usable_password()
    assert not EmailAddress.objects.filter(user=gone).exists()
    assert not UserSession.objects.exists()
    assert not Avatar.objects.exists()
    assert LogEntry.objects.get().object_repr == gone.username


def test_a_staff_members_rights_go(manager: User) -> None:
    delete(manager)

    gone = again(manager)
    assert not gone.is_staff
    assert not gone.user_permissions.exists()
    assert not gone.groups.exists()


@pytest.mark.django_db(transaction=True)
def test_sessions_end_and_sockets_hear_that_the_account_is_gone(owner: User, published: Published) -> None:
    here, there = logged_in(owner), logged_in(owner)
    keys = [client.cookies["sessionid"].value for client in (here, there)]
    assert not any(isinstance(each, EndReason) for each in identify(keys))

    response = here.post("/accounts/delete/", {"fate": "anonymise"})

    assert response["Location"] == "/accounts/deleted/"
    assert published.ended[0] == (f"user_{owner.pk}", "deleted")
    assert identify(keys) == [EndReason.LOGGED_OUT, EndReason.LOGGED_OUT]
    assert not Session.objects.exists()
    assert "Log in" in there.get("/").content.decode()


def test_the_name_and_the_address_are_free_again(owner: User) -> None:
    delete(owner)

    data = {"email": "owner@example.com", "username": "owner", "password1": "another long way"}
    Client().post("/accounts/signup/", data)

    assert User.objects.get(username="owner").pk != owner.pk


def test_nobody_can_choose_the_name_of_a_deleted_account(owner: User) -> None:
    data = {"email": "x@example.com", "username": "deleted:7", "password1": "another long way"}

    assert Client().post("/accounts/signup/", data).status_code == 200
    assert not User.objects.filter(username="deleted:7").exists()


# --- Comments that stay --------------------------------------------------------------------------------


def test_anonymised_comments_stay_and_say_that_the_account_is_deleted(
    comment: Comment, owner: User, stranger: User
) -> None:
    answer = write(stranger, comment.post, "An answer", parent_id=comment.pk)

    delete(owner)

    english = Client().get(comment.post.get_absolute_url()).content.decode()
    korean = Client().get(comment.post.get_absolute_url(), headers={"accept-language": "ko"})
    assert "What the owner wrote" in english
    assert "Deleted account" in english
    assert "탈퇴한 회원" in korean.content.decode()
    for trace in ("Omar", "owner</", f'data-user-id="{owner.pk}"', "/people/deleted"):
        assert trace not in english, trace
    payload = comment_payload(again(comment))
    assert payload["author"] == {
        "name": "Deleted account",
        "avatar": 0,
        "initials": "\N{EN DASH}",
        "badge": None,
        "isDeleted": True,
    }
    assert payload["userId"] == "0"
    reply = comment_payload(again(answer))
    assert (reply["parentName"], reply["parentIsDeleted"]) == ("Deleted account", True)


@pytest.mark.django_db(transaction=True)
def test_open_pages_and_copies_of_the_feed_hear_that_a_comment_has_no_name_any_more(
    comment: Comment, owner: User
) -> None:
    post = again(comment.post)
    with Published() as published:
        deletion.delete_account(acting_user=owner, fate=Fate.ANONYMISE)
        for _ in range(2):
            assert deletion.advance(owner.pk, seconds=5)

    [event] = published.in_rooms
    assert (event.name, event.payload["version"]) == ("comment_updated", post.version + 1)
    assert event.payload["author"]["name"] == "Deleted account"
    assert again(post).comment_count == post.comment_count
    assert again(post).changed_at > post.changed_at
    found = changes(again(post), post.version)
    assert found is not None
    assert [each.pk for each in found] == [comment.pk]


@pytest.mark.django_db(transaction=True)
def test_of_thousands_each_room_hears_once_a_batch(owner: User, author: User) -> None:
    post = a_post(author)
    fill(post, owner, 500)

    with Published() as published:
        deletion.delete_account(acting_user=owner, fate=Fate.ANONYMISE)
        for _ in range(5):
            deletion.advance(owner.pk, seconds=0)

    assert [event.name for event in published.in_rooms] == ["post_version"] * 3
    assert (again(post).version, again(post).comment_count) == (1_000, 500)


def test_a_page_that_was_encoded_before_is_encoded_anew(
    comment: Comment, owner: User, stranger: User
) -> None:
    def joined() -> str:
        [found] = joining.load([Joining(comment.post_id, stranger.pk)])
        assert isinstance(found, Joined)
        return found.comments

    assert "Omar Owner" in joined()
    delete(owner)
    assert "Omar Owner" not in joined()
    assert "Deleted account" in joined()


# --- Comments that go ----------------------------------------------------------------------------------


def test_removed_comments_leave_every_page_and_the_database(
    comment: Comment, owner: User, stranger: User
) -> None:
    post = comment.post
    kept = write(stranger, post, "Another's")
    held = write(owner, a_post(stranger, pre_moderation=True), "It waits")

    delete(owner, Fate.REMOVE)

    for each in (comment, held):
        gone = again(each)
        assert (gone.status, gone.removed_by, gone.content, gone.html) == ("removed", "author", "", "")
    assert again(kept).content == "Another's"
    assert again(post).comment_count == 1
    assert "What the owner wrote" not in Client().get(post.get_absolute_url()).content.decode()
    found = changes(again(post), 2)
    assert found is not None
    assert [each.pk for each in found] == [comment.pk]


@pytest.mark.parametrize(("fate", "left"), [(Fate.ANONYMISE, 1), (Fate.REMOVE, 0)])
def test_earlier_texts_and_reactions_share_the_fate_of_comments(
    comment: Comment, owner: User, stranger: User, fate: Fate, left: int
) -> None:
    theirs = write(stranger, comment.post, "Another's")
    reactions.react(theirs.pk, "👍", on=True, acting_user=owner)
    actions.edit_comment(comment.pk, "Second thoughts, @stranger", acting_user=owner)

    delete(owner, fate)
    deletion.carry_on()

    assert CommentRevision.objects.count() == left
    assert Mention.objects.filter(comment=comment).count() == left
    assert again(theirs).reaction_counts.get("👍", 0) == left
    assert Reaction.objects.count() == left


def test_what_they_chose_and_who_chose_about_them_goes(
    comment: Comment, owner: User, stranger: User, author: User
) -> None:
    follows.follow(comment.post_id, on=True, acting_user=owner)
    Mute.objects.create(user=owner, muted=stranger)
    Mute.objects.create(user=author, muted=owner)
    write(stranger, comment.post, "Is it you, @owner?")

    delete(owner)

    for left in (PostFollow, Mute, Mention):
        assert not left.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_comment_is_told_by_itself(comment: Comment, owner: User) -> None:
    with Published() as published:
        delete(owner, Fate.REMOVE)

    [event] = published.in_rooms
    assert event.name == "comment_removed"
    assert event.payload == {
        "_id": str(comment.pk),
        "postId": str(comment.post_id),
        "version": 2,
        "by": "author",
    }
    assert comment.pk in published.noticed


@pytest.mark.django_db(transaction=True)
def test_thousands_are_told_by_one_event_for_each_room_and_batch(owner: User, author: User) -> None:
    rooms = [a_post(author, slug=f"room-{n}") for n in range(2)]
    for post in rooms:
        fill(post, owner, 500)

    with Published() as published:
        deletion.delete_account(acting_user=owner, fate=Fate.REMOVE)
        assert deletion.advance(owner.pk, seconds=60)

    events = published.in_rooms
    assert {event.name for event in events} == {"post_version"}
    assert len(events) == 6  # five batches, one of which has comments of both
    assert max(event.payload["version"] for event in events if event.room == f"post_{rooms[0].pk}") == 1_000
    assert [(again(post).version, again(post).comment_count) for post in rooms] == [(1_000, 0)] * 2
    versions = Comment.objects.filter(post=rooms[0]).values_list("version", flat=True)
    assert sorted(versions) == list(range(501, 1_001))
    assert not Comment.objects.exclude(content="").exists()


def test_whoever_comes_by_goes_on_where_it_was_interrupted(owner: User, post: Post) -> None:
    fill(post, owner, 450)
    deletion.delete_account(acting_user=owner, fate=Fate.REMOVE)

    assert deletion.advance(owner.pk, seconds=0) is False
    assert Comment.objects.exclude(content="").count() == 250
    assert Deletion.objects.get().finished_at is None
    assert deletion.carry_on(60) == 1
    assert not Comment.objects.exclude(content="").exists()


def test_a_comment_that_was_on_its_way_goes_too_and_then_it_is_over(owner: User, post: Post) -> None:
    deletion.delete_account(acting_user=owner, fate=Fate.REMOVE)
    deletion.carry_on()
    fill(post, owner, 1)

    deletion.carry_on()
    assert not Comment.objects.exclude(content="").exists()
    assert Deletion.objects.get().finished_at is None

    Deletion.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    deletion.carry_on()
    assert Deletion.objects.get().finished_at is not None
    assert deletion.carry_on() == 0


# --- What moderators keep --------------------------------------------------------------------------------


@pytest.fixture
def judged(comment: Comment, owner: User, stranger: User, manager: User) -> Decision:
    """The owner's comment was rejected and appealed for; they are sanctioned, and reported somebody."""
    theirs = write(stranger, comment.post, "The stranger's")
    flags.flag(theirs.pk, "spam", "I know this person", acting_user=owner)
    moderation.hide_comment(comment.pk, acting_user=manager, reason="off_topic", explanation="Elsewhere")
    decision = comment.decisions.get()
    appeals.appeal(decision.pk, "Why?", acting_user=owner)
    sanctions.impose(owner.pk, "warning", acting_user=manager, reason="off_topic")
    return decision


@pytest.mark.parametrize("fate", Fate.values)
def test_decisions_and_sanctions_stay_without_a_name(fate: str, judged: Decision, owner: User) -> None:
    delete(owner, fate)

    assert again(judged).content == "What the owner wrote"
    assert Sanction.objects.get().user.shown_name == "Deleted account"
    assert again(judged.comment).status == Status.REJECTED
    flag = Flag.objects.get()
    assert (flag.reason, flag.note, flag.reporter.shown_name) == ("spam", "", "Deleted account")


def test_nobody_is_left_to_have_an_appeal_answered(judged: Decision, owner: User) -> None:
    delete(owner, Fate.REMOVE)

    assert not Appeal.objects.exists()


def test_what_was_removed_with_its_account_cannot_be_brought_back(
    judged: Decision, owner: User, manager: User
) -> None:
    delete(owner, Fate.REMOVE)

    for verdict in ("restore", "approve", "hold"):
        [outcome] = moderation.decide([judged.comment_id], verdict, acting_user=manager)
        assert outcome.refusal is not None
        assert outcome.refusal.code == ErrorCode.CONFLICT
    for act in (
        lambda: moderation.undo(judged.pk, acting_user=manager),
        lambda: moderation.edit_comment(judged.comment_id, "Something", acting_user=manager),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == ErrorCode.CONFLICT
    assert again(judged.comment).content == ""
