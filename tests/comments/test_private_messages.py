"""Private messages: verbs, what is told, and the pages that need no JavaScript."""

import csv
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts import blocks, deletion, follows, mutes, sanctions
from accounts.events import wire_time
from accounts.models import Fate, Notification, PersonFollow, User
from accounts.own_data import pieces
from comments import controls, moderation, queues, room_controls, word_lists
from comments.chat import private
from comments.models import Comment, Post, PrivateMessage
from realtime.budgets import Budget
from realtime.errors import ErrorCode, Refused
from tests.callers import ask
from tests.cast import Published, a_manager, a_person, sitting_at, write

pytestmark = pytest.mark.django_db


def refused(code: ErrorCode, act: Any, *arguments: Any, **details: Any) -> None:
    with pytest.raises(Refused) as caught:
        act(*arguments, **details)
    assert caught.value.code == code


def send(sender: User, recipient: User, content: str = "Between us", **more: Any) -> PrivateMessage:
    return private.send(recipient, content, acting_user=sender, **more)


def told(published: Published, event: str) -> dict[str, Any]:
    """What each room of the chat's namespace was told of this name."""
    packets = [
        (message["room"], json.loads(message["packet"].removeprefix("2/chat,")))
        for message in published.messages
        if message["method"] == "event" and message["namespace"] == "/chat"
    ]
    return {room: payload for room, (name, payload) in packets if name == event}


def texts(reader: User, other: User) -> list[str]:
    return [message.content for message in private.conversation(reader, other).messages]


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


def data_of(user: User) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(pieces(user)))
    return found


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


def test_what_is_taken_back_is_gone_at_once_and_its_text_a_week_later(owner: User, stranger: User) -> None:
    message = send(owner, stranger)

    sitting_at(owner).post(f"/chat/messages/{message.pk}/delete/")

    assert texts(owner, stranger) == texts(stranger, owner) == []
    assert not Notification.objects.filter(user=stranger).exists()
    for person, other in ((owner, stranger), (stranger, owner)):
        assert "Between us" not in sitting_at(person).get(f"/chat/with/{other.username}/").content.decode()
        assert private.conversations(person) == []
    assert "Between us" not in str(data_of(stranger))

    assert private.sweep() == 0
    PrivateMessage.objects.update(removed_at=timezone.now() - private.KEPT)
    refused(ErrorCode.NOT_FOUND, private.report, message.pk, "spam", acting_user=stranger)
    assert private.sweep() == 1
    message.refresh_from_db()
    assert (message.content, message.html) == ("", "")


def test_what_was_read_and_taken_back_can_be_reported(
    author: User, owner: User, stranger: User, moderator: User
) -> None:
    message, unread = send(owner, stranger, "The bad one"), send(owner, author, "Never read")
    address = f"/chat/messages/{message.pk}/report/"
    private.mark_read(owner, acting_user=stranger)
    for each in (message, unread):
        private.remove(each.pk, acting_user=owner)
    for outsider in (author, owner):
        refused(ErrorCode.NOT_FOUND, private.report, message.pk, "spam", acting_user=outsider)
        assert sitting_at(outsider).get(address).status_code == 404
        other = owner if outsider == author else stranger
        assert "/report/" not in conversation_page(
            outsider, other
        )  # and nobody learns of what they never saw

    assert address in conversation_page(stranger, owner)
    reader = sitting_at(stranger)
    asked = reader.get(address).content.decode()
    assert "has taken it back" in asked
    assert "The bad one" not in asked
    assert reader.post(address, {"reason": "harassment"}).status_code == 302

    listed = reverse("admin:comments_privatemessage_changelist")
    assert "The bad one" in sitting_at(moderator).get(listed).content.decode()
    assert address not in conversation_page(stranger, owner)
    PrivateMessage.objects.update(removed_at=timezone.now() - 2 * private.KEPT)
    assert private.sweep() == 1  # the other one
    message.refresh_from_db()
    assert message.content == "The bad one"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("case", ["taken back", "unread", "reported", "taken away", "erased"])
def test_only_who_can_still_report_what_was_taken_back_is_told_of_it(
    owner: User, stranger: User, moderator: User, published: Published, case: str
) -> None:
    message = send(owner, stranger, "The bad one")
    if case != "unread":
        private.mark_read(owner, acting_user=stranger)
    if case in ("reported", "taken away"):
        private.report(message.pk, "spam", acting_user=stranger)
    if case == "taken away":
        private.decide(message.pk, is_removed=True, acting_user=moderator)
    elif case == "erased":
        owner.refresh_from_db()
        while not private.erase(owner, Fate.REMOVE):
            pass
    else:
        private.remove(message.pk, acting_user=owner)
    is_offered = case == "taken back"

    to_whom = told(published, "private_message_removed")
    removed = {"_id": str(message.pk)}
    about = {"_id": str(message.pk), "createdAt": wire_time(message.created_at)}
    offered: dict[str, object] = {"takenBack": about} if is_offered else {}
    if case == "unread":
        offered = {"wasUnread": True}
    assert to_whom == {
        f"user_{owner.pk}": {**removed, "userId": str(stranger.pk)},
        f"user_{stranger.pk}": {**removed, "userId": str(owner.pk), **offered},
    }
    for reader, other in ((owner, stranger), (stranger, owner)):
        page = ask(reader, "get_conversation", {"with": other.username}, namespace="/chat").ack
        assert page["messages"] == []
        assert page["takenBack"] == ([about] if is_offered and reader == stranger else [])


def conversation_page(reader: User, other: User) -> str:
    page: str = sitting_at(reader).get(f"/chat/with/{other.username}/").content.decode()
    _, _, shown = page.partition("data-privates")
    return shown.partition('<template id="private-template">')[0]


def test_a_moderator_reads_what_was_reported_and_nothing_around_it(
    owner: User, stranger: User, moderator: User
) -> None:
    send(owner, stranger, "Before it")
    message = send(owner, stranger, "The bad one")
    form = sitting_at(stranger).post(f"/chat/messages/{message.pk}/report/", {"reason": "harassment"})
    assert form.status_code == 302
    desk = sitting_at(moderator)
    listed = reverse("admin:comments_privatemessage_changelist")

    page = desk.get(listed).content.decode()
    assert "The bad one" in page
    assert "Before it" not in page
    desk.post(listed, {"action": "take_away", "_selected_action": [message.pk]})

    message.refresh_from_db()
    assert (message.handled_by, message.content) == (moderator, "The bad one")
    assert texts(stranger, owner) == texts(owner, stranger) == ["Before it"]
    refused(ErrorCode.FORBIDDEN, private.decide, message.pk, is_removed=True, acting_user=stranger)


def reported_message(sender: User, reporter: User, content: str = "The bad one") -> PrivateMessage:
    return private.report(
        send(sender, reporter, content).pk, "harassment", "She insists", acting_user=reporter
    )


def test_whose_message_a_moderator_takes_away_is_told_so(
    author: User, owner: User, stranger: User, moderator: User
) -> None:
    message, left = reported_message(owner, stranger), reported_message(author, stranger, "Harmless")
    User.objects.filter(pk=moderator.pk).update(name="Mona")

    refused(ErrorCode.FORBIDDEN, private.decide, message.pk, is_removed=True, acting_user=author)
    private.decide(left.pk, is_removed=False, acting_user=moderator)
    private.decide(message.pk, is_removed=True, acting_user=moderator)

    refused(ErrorCode.CONFLICT, private.decide, message.pk, is_removed=False, acting_user=moderator)
    told_of = Notification.objects.filter(kind="moderation")
    assert [each.user for each in told_of] == [owner]
    page = sitting_at(owner).get("/notifications/").content.decode()
    assert "took away a private message of yours that was reported: “The bad one”. Reason: harassment" in page
    assert "Mona" not in page


def test_what_was_decided_about_private_messages_is_in_the_record(
    author: User, owner: User, stranger: User, moderator: User, post: Post
) -> None:
    comment = write(author, post)
    moderation.decide([comment.pk], "reject", acting_user=moderator)
    message, left = reported_message(owner, stranger), reported_message(author, stranger, "Harmless")
    private.decide(message.pk, is_removed=True, acting_user=moderator)
    private.decide(left.pk, is_removed=False, acting_user=moderator)
    moderation.decide([comment.pk], "restore", acting_user=moderator)
    send(owner, stranger, "Never reported")
    private.remove(left.pk, acting_user=author)  # that is no decision
    export = reverse("admin:comments_decision_export")

    assert sitting_at(stranger).get(export).status_code == 302
    desk = sitting_at(moderator)
    lines = b"".join(desk.get(export).streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(lines))
    assert [(row["verdict"], row["author"], row["after"], row["text"]) for row in rows] == [
        ("reject", "author", "rejected", "A comment"),
        ("remove", "owner", "removed", "The bad one"),
        ("approve", "author", "published", "Harmless"),
        ("restore", "author", "published", "A comment"),
    ]
    assert (rows[1]["by"], rows[1]["reason"], rows[1]["comment"]) == ("moderator", "harassment", "")
    filtered = b"".join(desk.get(export, {"verdict__exact": "reject"}).streaming_content)  # type: ignore[attr-defined]
    assert b"The bad one" not in filtered
    decided = reverse("admin:comments_privatemessage_changelist") + "?state=handled"
    assert decided in desk.get(reverse("admin:comments_decision_changelist")).content.decode()
    page = desk.get(decided).content.decode()
    assert "The bad one" in page
    assert "Harmless" in page


def test_the_desk_says_how_many_private_messages_wait(owner: User, stranger: User, moderator: User) -> None:
    desk, address = sitting_at(moderator), "/admin/moderation/reported/"
    waiting = reverse("admin:comments_privatemessage_changelist") + "?state=open"
    nothing = '<p class="desk-private" data-private-reports hidden>'
    assert sitting_at(stranger).get(address).status_code == 302
    assert nothing in desk.get(address).content.decode()

    message = reported_message(owner, stranger)
    page = desk.get(address).content.decode()
    assert f'<p class="desk-private" data-private-reports><a href="{waiting}">1 private message was' in page

    private.decide(message.pk, is_removed=False, acting_user=moderator)
    assert nothing in desk.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_desks_count_anew_when_a_message_is_reported_and_when_it_is_decided_about(
    owner: User, stranger: User, moderator: User, published: Published
) -> None:
    message = send(owner, stranger)
    assert published.notices == 0

    private.report(message.pk, "spam", acting_user=stranger)
    assert (published.notices, queues.counted()["private"]) == (1, 1)
    private.report(message.pk, "spam", acting_user=stranger)
    assert published.notices == 1
    private.decide(message.pk, is_removed=True, acting_user=moderator)

    assert (published.notices, queues.counted()["private"]) == (2, 0)
    assert published.noticed == []


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
