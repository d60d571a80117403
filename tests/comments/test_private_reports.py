"""Private messages that are taken back, reported, and decided about."""

import csv

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.events import wire_time
from accounts.models import Fate, Notification, User
from comments import moderation, queues
from comments.chat import private
from comments.models import Post, PrivateMessage
from realtime.errors import ErrorCode
from tests.callers import ask
from tests.cast import Published, sitting_at, write

from .messages import data_of, refused, send, texts, told

pytestmark = pytest.mark.django_db


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
