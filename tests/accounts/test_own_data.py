"""What people download about themselves, and what must not be in it."""

import json
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from asgiref.sync import sync_to_async
from django.apps import apps
from django.core.cache import cache
from django.db import connections
from django.test import AsyncClient, Client

from accounts import avatars, sanctions
from accounts.models import Mute, User
from comments import actions, appeals, flags, follows, moderation, reactions
from comments.models import Comment, Post
from realtime.budgets import DOWNLOADING
from tests.accounts.test_avatars import a_picture
from tests.cast import a_person, sitting_at, write

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SECRET = "Between us moderators"


@pytest.fixture(autouse=True)
def _no_rate_limits_of_other_tests() -> None:
    cache.clear()


def logged_in(user: User) -> Client:
    """By the log-in page, just now."""
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
        user.save()
    client = Client()
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    return client


def body(response: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(b"".join(response.streaming_content))
    return content


def test_whoever_is_not_logged_in_downloads_nothing() -> None:
    for path in ("/accounts/data/", "/accounts/data/download/"):
        for response in (Client().get(path), Client().post(path)):
            if response.status_code != 405:
                assert response.status_code == 302
                assert response["Location"] == f"/accounts/login/?next={path}"


def test_whoever_logged_in_long_ago_is_asked_for_the_password_once_more(owner: User) -> None:
    client = logged_in(owner)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3_600}]
    session.save()

    response = client.get("/accounts/data/download/")
    assert response["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Fdata%2Fdownload%2F"

    client.post(response["Location"], {"password": "not this"})
    assert client.get("/accounts/data/download/").status_code == 302
    answer = client.post(response["Location"], {"password": PASSWORD, "next": "/accounts/data/download/"})
    assert answer["Location"] == "/accounts/data/download/"
    assert client.get("/accounts/data/download/").status_code == 200


def test_whoever_has_no_password_and_logged_in_long_ago_logs_in_once_more(owner: User) -> None:
    owner.set_unusable_password()
    owner.save()

    response = sitting_at(owner).get("/accounts/data/download/")

    assert response["Location"].startswith("/accounts/logout/?next=%2Faccounts%2Flogin%2F")


def test_everything_about_oneself_is_in_it(
    owner: User, stranger: User, manager: User, post: Post, comment: Comment
) -> None:
    EmailAddress.objects.create(user=owner, email="owner@example.com", primary=True, verified=True)
    avatars.change_picture(a_picture(), acting_user=owner)
    hidden = write(owner, post, "What was hidden", parent_id=comment.pk)
    theirs = write(stranger, post, "What the stranger wrote")
    flags.flag(theirs.pk, "spam", "Look at this", acting_user=owner)
    moderation.hide_comment(
        hidden.pk, acting_user=manager, reason="off_topic", explanation="Elsewhere, please", note=SECRET
    )
    decision = hidden.decisions.get()
    appeals.appeal(decision.pk, "It was on topic", acting_user=owner)
    actions.edit_comment(comment.pk, "What the owner says now", acting_user=owner)
    reactions.react(theirs.pk, "👍", on=True, acting_user=owner)
    follows.follow(post.pk, on=True, acting_user=owner)
    Mute.objects.create(user=owner, muted=a_person("noisy"))
    sanctions.impose(
        owner.pk, "hold_first", acting_user=manager, reason="spam", explanation="For a while", note=SECRET
    )
    client = logged_in(owner)

    response = client.post("/accounts/data/download/")

    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith('attachment; filename="postroom-')
    found = body(response)
    assert found["profile"]["username"] == "owner"
    assert found["profile"]["picture"]["base64"]
    assert found["settings"] == {
        "language": None,
        "timeZone": None,
        "isShownInPresence": True,
        "status": "online",
    }
    assert found["emailAddresses"] == [
        {"address": "owner@example.com", "isPrimary": True, "isVerified": True}
    ]
    assert [set(each) for each in found["sessions"]] == [{"openedAt", "lastSeenAt"}]
    assert [(each["content"], each["status"]) for each in found["comments"]] == [
        ("What the owner says now", "published"),
        ("What was hidden", "rejected"),
    ]
    assert [each["content"] for each in found["comments"][0]["earlierTexts"]] == ["What the owner wrote"]
    [reaction] = found["reactions"]
    assert (reaction["comment"], reaction["reaction"]) == (theirs.pk, "👍")
    assert reaction["reactedAt"]
    assert [each["postAddress"] for each in found["followedPosts"]] == [post.get_absolute_url()]
    assert [each["username"] for each in found["mutedPeople"]] == ["noisy"]
    assert found["comments"][1]["inReplyTo"] == comment.pk
    assert [(each["comment"], each["note"]) for each in found["reports"]] == [(theirs.pk, "Look at this")]
    [made] = found["decisions"]
    assert (made["decision"], made["by"], made["explanation"]) == ("reject", "moderator", "Elsewhere, please")
    assert [each["text"] for each in found["appeals"]] == ["It was on topic"]
    assert [(each["kind"], each["explanation"]) for each in found["sanctions"]] == [
        ("hold_first", "For a while")
    ]
    assert found["posts"] == []
    text = json.dumps(found)
    for private in (SECRET, "manager", "stranger", "127.0.0.1"):
        assert private not in text, private


# Where the database knows a person, and under which name that is in what they download; or why it is not.
KNOWN = {
    "account.EmailAddress.user": "emailAddresses",
    "accounts.Avatar.user": "profile",
    "accounts.Deletion.user": None,  # nobody is left to download anything
    "accounts.MessageBlock.blocked": None,  # whoever is blocked cannot tell
    "accounts.MessageBlock.user": "blockedPeople",
    "accounts.Mute.muted": None,  # whoever is muted cannot tell
    "accounts.Mute.user": "mutedPeople",
    "accounts.GroupJoin.user": "profile",
    "accounts.Inbox.user": "notificationChoices",
    "accounts.Notification.actor": None,  # what others were told; what they did themselves stands elsewhere
    "accounts.LastSeen.user": "profile",
    "accounts.Notification.user": "notifications",
    "accounts.PersonFollow.person": None,  # whom others follow is theirs
    "accounts.PersonFollow.user": "followedPeople",
    "accounts.Sanction.by": "sanctionsImposed",
    "accounts.Sanction.lifted_by": "sanctionsLifted",
    "accounts.Sanction.user": "sanctions",
    "accounts.SystemNotice.actor": None,  # the same table
    "accounts.SystemNotice.user": None,
    "accounts.User.groups": "profile",
    "accounts.User.user_permissions": "profile",
    "admin.LogEntry.user": "adminLog",
    "comments.Appeal.answered_by": "appealsAnswered",
    "comments.BulkDecision.by": "bulkDecisions",
    "comments.Comment.author": "comments",
    "comments.CommentRevision.replaced_by": "textsChanged",
    "comments.Decision.moderator": "decisionsMade",
    "comments.Flag.reporter": "reports",
    "comments.Mention.user": "mentions",
    "comments.Post.author": "posts",
    "comments.PostFollow.user": "followedPosts",
    "comments.PrivateMessage.handled_by": "privateReportsAnswered",
    "comments.PrivateMessage.recipient": "privateMessages",
    "comments.PrivateMessage.sender": "privateMessages",
    "comments.Reaction.user": "reactions",
    "comments.RestrictedWord.created_by": "restrictedWords",
    "comments.Room.author": None,  # the same table as posts, and nobody's
    "comments.SiteControl.changed_by": "siteControl",
    "mfa.Authenticator.user": "profile",
    "usersessions.UserSession.user": "sessions",
}
# Columns of one's own row that are not told, and why.
UNTOLD = {
    "id": "a number that says nothing",
    "password": "a secret",
    "is_active": "whoever is not cannot download",
    "is_sanctioned": "says what `sanctions` says",
}


def test_wherever_the_database_knows_a_person_it_is_in_it_or_is_left_out_on_purpose(owner: User) -> None:
    relations = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if User in (field.related_model, model) and field.is_relation
    }
    assert relations == set(KNOWN)

    found = body(logged_in(owner).post("/accounts/data/download/"))
    assert {name for name in KNOWN.values() if name} <= set(found)
    profile = json.dumps([found["profile"], found["settings"]])
    told = {
        "username": "username", "name": "name", "first_name": "firstName", "last_name": "lastName",
        "email": "emailAddress", "date_joined": "memberSince", "last_login": "lastLogin",
        "is_staff": "isStaff", "is_superuser": "isSuperuser", "trusted_at": "trustedSince",
        "picture": "picture", "language": "language", "time_zone": "timeZone",
        "is_shown": "isShownInPresence", "status": "status",
    }  # fmt: skip
    assert {field.name for field in User._meta.concrete_fields} == set(told) | set(UNTOLD)
    for name in told.values():
        assert f'"{name}"' in profile, name


def test_a_moderator_finds_what_they_did_without_what_is_others(
    manager: User, owner: User, comment: Comment, post: Post
) -> None:
    moderation.hide_comment(comment.pk, acting_user=manager, reason="spam", note="My own note")
    sanctions.impose(owner.pk, "warning", acting_user=manager, reason="spam", note="My own note")

    found = body(logged_in(manager).post("/accounts/data/download/"))

    assert [each["note"] for each in found["decisionsMade"]] == ["My own note"]
    assert [each["kind"] for each in found["sanctionsImposed"]] == ["warning"]
    text = json.dumps(found)
    for private in ("What the owner wrote", "owner"):
        assert private not in text, private


def test_a_mention_is_in_it_as_long_as_one_can_see_it(
    owner: User, stranger: User, manager: User, post: Post
) -> None:
    called = write(stranger, post, "Is @owner here?")
    assert len(body(logged_in(owner).post("/accounts/data/download/"))["mentions"]) == 1

    moderation.hide_comment(called.pk, acting_user=manager, reason="spam")
    assert body(logged_in(owner).post("/accounts/data/download/"))["mentions"] == []


def test_what_is_somebody_elses_is_not_in_it(stranger: User, comment: Comment) -> None:
    found = body(logged_in(stranger).post("/accounts/data/download/"))

    assert found["comments"] == []
    assert "What the owner wrote" not in json.dumps(found)


def test_much_of_it_is_streamed(owner: User, post: Post) -> None:
    Comment.objects.bulk_create(
        Comment(post=post, author=owner, content=f"Number {number}", html="") for number in range(2_500)
    )

    response = logged_in(owner).post("/accounts/data/download/")

    assert response.streaming
    assert len(body(response)["comments"]) == 2_500


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_server_streams_it_too(owner: User, comment: Comment) -> None:
    client = AsyncClient()
    await client.aforce_login(owner)
    session = await client.asession()
    await session.aset("account_authentication_methods", [{"method": "password", "at": time.time()}])
    await session.aset("account_authentication_methods_user", str(owner.pk))
    await session.asave()

    response: Any = await client.post("/accounts/data/download/")

    pieces = [piece async for piece in response.streaming_content]
    assert json.loads(b"".join(pieces))["comments"][0]["content"] == comment.content
    await sync_to_async(connections.close_all)()  # of the thread that read


def test_downloads_have_a_budget(owner: User) -> None:
    client = logged_in(owner)
    codes = [client.post("/accounts/data/download/").status_code for _ in range(DOWNLOADING.amount + 1)]

    assert codes == [200] * DOWNLOADING.amount + [302]
