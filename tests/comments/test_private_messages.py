"""Private messages: verbs, what is told, and the pages that need no JavaScript."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts import blocks, deletion, follows, mutes, sanctions
from accounts.models import Fate, Notification, PersonFollow, User
from comments import controls, room_controls, word_lists
from comments.chat import private
from comments.models import Comment, Post, PrivateMessage
from realtime.budgets import Budget
from realtime.errors import ErrorCode
from tests.callers import ask
from tests.cast import Published, a_manager, a_person, sitting_at, write

from .messages import data_of, refused, send, texts, told

pytestmark = pytest.mark.django_db


def test_nobody_else_reads_it(owner: User, stranger: User, author: User, moderator: User) -> None:
    message = send(owner, stranger)

    for outsider in (author, moderator):
        reader = sitting_at(outsider)
        assert private.conversations(outsider) == []
        assert "Between us" not in reader.get(f"/chat/with/{owner.username}/").content.decode()
        assert reader.get(f"/chat/messages/{message.pk}/delete/").status_code == 404
        assert reader.get(f"/chat/messages/{message.pk}/report/").status_code == 404
        refused(ErrorCode.NOT_FOUND, private.remove, message.pk, acting_user=outsider)
        refused(ErrorCode.NOT_FOUND, private.report, message.pk, "spam", acting_user=outsider)
    refused(ErrorCode.NOT_FOUND, private.decide, message.pk, is_removed=True, acting_user=moderator)
    assert (
        "Between us"
        not in sitting_at(moderator).get(reverse("admin:comments_privatemessage_changelist")).content.decode()
    )
    assert sitting_at(None).get(f"/chat/with/{owner.username}/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_all_tabs_of_both_are_told(owner: User, stranger: User, published: Published) -> None:
    send(owner, stranger, client_id="mine")

    assert {room: "clientId" in payload for room, payload in told(published, "private_message").items()} == {
        f"user_{owner.pk}": True, f"user_{stranger.pk}": False,
    }  # fmt: skip


def test_it_notifies_once_and_reading_it_is_enough(owner: User, stranger: User) -> None:
    send(owner, stranger, "One")
    send(owner, stranger, "Two")
    unread = Notification.objects.unread().filter(user=stranger, kind="message")
    assert set(unread.values_list("group_key", "path")) == {
        (f"message:{owner.pk}", f"/chat/with/{owner.username}/")
    }
    assert private.unread_count(stranger) == 2

    page = sitting_at(stranger).get(f"/chat/with/{owner.username}/")

    assert "One" in page.content.decode()
    assert private.unread_count(stranger) == 0
    assert not unread.exists()


@pytest.mark.django_db(transaction=True)
def test_what_came_after_what_was_seen_stays_unread(author: User, owner: User, stranger: User) -> None:
    seen = send(owner, stranger, "Seen")
    unseen = send(owner, stranger, "Came since")
    mark = {"userId": str(owner.pk), "upTo": str(seen.pk)}

    assert ask(author, "mark_conversation_read", mark, namespace="/chat").ack["marked"] == 0
    assert private.unread_count(stranger) == 2
    assert ask(stranger, "mark_conversation_read", mark, namespace="/chat").ack["marked"] == 1

    assert private.unread_count(stranger) == 1
    unread = Notification.objects.unread().filter(user=stranger, kind="message")
    assert [each.source for each in unread] == [f"private:{unseen.pk}"]
    assert ask(stranger, "mark_conversation_read", str(owner.pk), namespace="/chat").ack["marked"] == 1
    assert not unread.all().exists()


def test_a_message_sent_twice_is_one(owner: User, stranger: User) -> None:
    first, again = send(owner, stranger, client_id="same"), send(owner, stranger, client_id="same")

    assert first == again
    assert texts(stranger, owner) == ["Between us"]


def test_what_is_sent_with_a_number_used_before_is_not_lost(
    author: User, owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(owner, stranger, client_id="same")

    refused(ErrorCode.CONFLICT, send, owner, author, client_id="same")
    refused(ErrorCode.CONFLICT, send, owner, stranger, "Something else", client_id="same")
    assert send(author, stranger, client_id="same").sender == author  # a number is one's own

    for recipient, content in ((stranger, "Between us"), (author, "Between us"), (stranger, "By form")):
        form = {"content": content, "client_id": "same"}
        assert sitting_at(owner).post(f"/chat/with/{recipient.username}/", form).status_code == 302
    assert texts(author, owner) == ["Between us"]
    assert texts(stranger, owner) == ["Between us", "By form"]

    def fail(*arguments: Any, **details: Any) -> None:
        raise IntegrityError("something else")

    monkeypatch.setattr(PrivateMessage.objects, "create", fail)
    with pytest.raises(IntegrityError, match="something else"):
        send(owner, stranger, "Without a number")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["block", "mute"])
def test_who_is_blocked_or_muted_cannot_tell(
    owner: User, stranger: User, post: Post, published: Published, way: str
) -> None:
    write(owner, post)  # only who has written something can be muted
    act = blocks.block if way == "block" else mutes.mute
    act(owner.pk, on=True, acting_user=stranger)
    published.messages.clear()

    blocked = send(owner, stranger, "Hello?")

    assert list(told(published, "private_message")) == [f"user_{owner.pk}"]
    assert texts(owner, stranger) == ["Hello?"]
    assert "Hello?" in sitting_at(owner).get(f"/chat/with/{stranger.username}/").content.decode()
    assert texts(stranger, owner) == []
    assert private.conversations(stranger) == []
    assert not Notification.objects.filter(user=stranger).exists()
    refused(ErrorCode.NOT_FOUND, private.report, blocked.pk, "spam", acting_user=stranger)
    act(owner.pk, on=False, acting_user=stranger)
    assert texts(stranger, owner) == []  # or they could tell by what comes of it later
    send(owner, stranger, "Again")
    assert texts(stranger, owner) == ["Again"]


def test_whoever_has_muted_somebody_is_told_why_nothing_comes(owner: User, stranger: User) -> None:
    send(owner, stranger)
    mutes.mute(owner.pk, on=True, acting_user=stranger)
    said = "You have muted Omar Owner"

    assert "muted" not in sitting_at(owner).get(f"/chat/with/{stranger.username}/").content.decode()
    reader = sitting_at(stranger)
    place = f"/chat/with/{owner.username}/"
    assert said in reader.get(place).content.decode()
    unmuted = reader.post(f"/accounts/mute/{owner.pk}/", {"on": "0", "next": place})
    assert unmuted.headers["Location"] == place
    assert said not in reader.get(place).content.decode()


def test_nobody_blocks_themselves_or_nobody(owner: User) -> None:
    refused(ErrorCode.FORBIDDEN, blocks.block, owner.pk, on=True, acting_user=owner)
    refused(ErrorCode.NOT_FOUND, blocks.block, 10**9, on=True, acting_user=owner)


@pytest.mark.django_db(transaction=True)
def test_the_sender_never_hears_that_it_was_read(owner: User, stranger: User, published: Published) -> None:
    send(owner, stranger)
    published.messages.clear()

    private.mark_read(owner, acting_user=stranger)

    assert list(told(published, "conversation_read")) == [f"user_{stranger.pk}"]
    assert data_of(owner)["privateMessages"][0]["readAt"] is None


def test_rules_of_writing_hold(owner: User, stranger: User) -> None:
    refused(ErrorCode.FORBIDDEN, send, owner, owner)
    refused(ErrorCode.INVALID, send, owner, stranger, "  ")
    refused(ErrorCode.TOO_LONG, send, owner, stranger, "x" * 1_001)
    manager = a_manager("ma")
    word_lists.save_word("watches", "banned", acting_user=manager)
    controls.refresh()
    refused(ErrorCode.REJECTED, send, owner, stranger, "Buy watches")
    room_controls.pause_site(True, acting_user=manager)
    controls.refresh()
    refused(ErrorCode.PAUSED, send, owner, stranger)
    assert not PrivateMessage.objects.exists()


def test_the_same_is_not_sent_to_one_after_the_other(
    author: User, owner: User, stranger: User, moderator: User
) -> None:
    offer = "Buy watches today, they are cheap and good"
    first = send(owner, stranger, offer, client_id="first")

    refused(ErrorCode.REPEATED, send, owner, author, offer)
    refused(ErrorCode.REPEATED, send, owner, stranger, offer.upper())
    assert send(owner, stranger, offer, client_id="first") == first  # that is no repetition
    private.remove(first.pk, acting_user=owner)
    refused(ErrorCode.REPEATED, send, owner, author, offer)  # nor is that a way around it
    assert send(stranger, author, offer).sender == stranger  # somebody else says it
    for _ in range(2):
        send(moderator, stranger, offer)
        send(owner, author, "Thank you!")
    PrivateMessage.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert send(owner, author, offer).content == offer


def test_what_comes_twice_at_once_is_one_message_and_no_repetition(
    owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = "Come to the market at eight, I have apples"
    asked = sanctions.standing_of

    def meanwhile(user: User) -> Any:
        """It comes by another connection, too, and is faster there."""
        monkeypatch.setattr("comments.chat.private.standing_of", asked)
        send(owner, stranger, offer, client_id="once")
        return asked(user)

    monkeypatch.setattr("comments.chat.private.standing_of", meanwhile)
    again = send(owner, stranger, offer, client_id="once")

    assert PrivateMessage.objects.get() == again
    refused(ErrorCode.REPEATED, send, owner, stranger, offer, client_id="twice")


@pytest.mark.parametrize("is_blocked", [False, True])
def test_who_is_held_first_writes_only_to_people_who_know_them(
    author: User, owner: User, stranger: User, manager: User, is_blocked: bool
) -> None:
    send(owner, author, "Before that")
    sanctions.impose(owner.pk, "hold_first", acting_user=manager, reason="spam")
    owner.refresh_from_db()
    if is_blocked:  # whoever is blocked cannot tell by this either
        blocks.block(owner.pk, on=True, acting_user=author)

    for nobody_they_know in (stranger, author):
        refused(ErrorCode.FORBIDDEN, send, owner, nobody_they_know, "Hello")
    send(author, owner, "Answer")
    follows.follow(owner.pk, on=True, acting_user=stranger)

    assert send(owner, author, "Hello").content == send(owner, stranger, "Hello").content == "Hello"


def test_without_javascript_people_are_found_written_to_and_blocked(owner: User, stranger: User) -> None:
    reader = sitting_at(owner)
    assert "There is nobody of this name." in reader.get("/chat/with/?name=nobody").content.decode()
    found = reader.get(f"/chat/with/?name=@{stranger.username}")
    assert found.headers["Location"] == f"/chat/with/{stranger.username}/"

    for _ in range(2):  # the button was pressed twice
        reader.post(f"/chat/with/{stranger.username}/", {"content": " Hello\r\nyou ", "client_id": "form"})
    too_long = reader.post(f"/chat/with/{stranger.username}/", {"content": "x" * 1_001})

    assert texts(stranger, owner) == ["Hello\nyou"]
    assert too_long.status_code == 422
    assert "x" * 1_001 in too_long.content.decode()
    sitting_at(stranger).post(f"/chat/with/{owner.username}/block/", {"on": "1"})
    assert blocks.blocks(stranger, owner)
    assert owner.shown_name in sitting_at(stranger).get("/chat/with/").content.decode()


def test_a_long_conversation_comes_in_pages(owner: User, stranger: User) -> None:
    for number in range(53):
        send(owner, stranger, f"Message {number}")

    newest = private.conversation(stranger, owner)
    earlier = private.conversation(stranger, owner, before=newest.messages[0].pk)
    page = sitting_at(stranger).get(f"/chat/with/{owner.username}/?before={newest.messages[0].pk}")

    assert (len(newest.messages), newest.has_more) == (50, True)
    assert [message.content for message in earlier.messages] == ["Message 0", "Message 1", "Message 2"]
    assert "Message 2" in page.content.decode()
    assert "Message 4" not in page.content.decode()


def test_own_data_has_both_directions_and_nothing_that_was_withheld(owner: User, stranger: User) -> None:
    send(owner, stranger, "To you")
    blocks.block(owner.pk, on=True, acting_user=stranger)
    send(owner, stranger, "Unheard")

    assert [each["content"] for each in data_of(owner)["privateMessages"]] == ["To you", "Unheard"]
    assert [each["content"] for each in data_of(stranger)["privateMessages"]] == ["To you"]
    assert [each["username"] for each in data_of(stranger)["blockedPeople"]] == [owner.username]


@pytest.mark.parametrize(("fate", "left"), [(Fate.REMOVE, []), (Fate.ANONYMISE, ["Between us"])])
def test_with_an_account_go_its_messages_or_their_name(
    owner: User, stranger: User, fate: Fate, left: list[str]
) -> None:
    send(owner, stranger)
    send(stranger, owner, "Mine stays")
    blocks.block(stranger.pk, on=True, acting_user=owner)

    deletion.delete_account(acting_user=owner, fate=fate)
    deletion.advance(owner.pk, seconds=1)

    gone = User.objects.get(pk=owner.pk)
    assert texts(stranger, gone) == [*left, "Mine stays"]
    assert not blocks.blocks(owner, stranger)
    refused(ErrorCode.NOT_FOUND, private.find_person, gone.username, acting_user=stranger)
    page = sitting_at(stranger).get(f"/chat/with/{gone.username}/")
    assert "Deleted account" in page.content.decode()
    assert "data-private-composer" not in page.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["deleted", "switched off"])
def test_who_is_gone_is_shown_to_whoever_wrote_with_them(
    author: User, owner: User, stranger: User, way: str
) -> None:
    send(owner, stranger)
    if way == "deleted":
        deletion.delete_account(acting_user=owner, fate=Fate.ANONYMISE)
        deletion.advance(owner.pk, seconds=1)
    else:
        User.objects.filter(pk=owner.pk).update(is_active=False)
    gone = User.objects.get(pk=owner.pk)
    asked = ("get_conversation", {"with": str(gone.pk)})

    assert ask(author, *asked, namespace="/chat").code == "not_found"
    assert sitting_at(author).get(f"/chat/with/{gone.username}/").status_code == 404

    assert sitting_at(stranger).get(f"/chat/with/{gone.username}/").status_code == 200
    answer = ask(stranger, *asked, namespace="/chat")
    assert [message["content"] for message in answer.ack["messages"]] == ["Between us"]
    to_gone = {"to": str(gone.pk), "content": "Hello?"}
    assert ask(stranger, "private_message", to_gone, namespace="/chat").code == "not_found"


@pytest.mark.django_db(transaction=True)
def test_a_number_tells_nobody_a_name(owner: User) -> None:
    lurker = a_person("hidden-lurker")
    page = sitting_at(owner)

    answer = page.get("/chat/with/", {"name": str(lurker.pk)})
    assert answer.status_code == 404
    for event, payload in (
        ("private_message", {"to": str(lurker.pk), "content": "Who are you?"}),
        ("private_message", {"to": lurker.pk, "content": "Who are you?"}),
        ("get_conversation", {"with": lurker.pk}),
        ("block_person", lurker.pk),
    ):
        assert ask(owner, event, payload, namespace="/chat").ack["code"] == "not_found", event
    assert not PrivateMessage.objects.exists()
    assert page.get("/chat/with/", {"name": "hidden-lurker"}).status_code == 302
    assert page.get("/chat/with/", {"name": "a\0b"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_whoever_is_known_is_found_by_their_number_as_well(owner: User, stranger: User, post: Post) -> None:
    def finds() -> bool:
        answer = ask(owner, "get_conversation", {"with": stranger.pk}, namespace="/chat")
        return bool(answer.ack["ok"])

    assert not finds()
    follow = PersonFollow.objects.create(user=stranger, person=owner)
    assert finds()
    follow.delete()
    said = write(stranger, post, "Here I am")
    assert finds()
    Comment.objects.filter(pk=said.pk).delete()
    assert not finds()
    private.send(stranger, "Hello", acting_user=owner)
    assert finds()


def test_looking_for_people_has_an_end(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comments.chat.views.READING", Budget("a_few", 2, 60))
    page = sitting_at(owner)

    codes = [page.get("/chat/with/", {"name": f"nobody{n}"}).status_code for n in range(3)]

    assert codes == [404, 404, 429]
    assert page.get("/chat/with/").status_code == 200
