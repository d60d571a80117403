"""Letters about notifications: to whom, when, what stands in them, and the way out."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from smtplib import SMTPRecipientsRefused
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import get_connection
from django.core.mail.backends.locmem import EmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import notifications
from accounts.models import Kind, Mute, Notification, User
from accounts.notifications import choices, inbox, letters, unsubscribing
from accounts.notifications.choices import Choice, Mail
from tests.cast import a_person, sitting_at

pytestmark = pytest.mark.django_db

LATER = timedelta(days=2)


def later() -> datetime:
    return timezone.now() + LATER


def confirm(user: User, is_verified: bool = True) -> None:
    EmailAddress.objects.create(user=user, email=user.email, verified=is_verified, primary=True)


def wants(user: User, mail: str, kind: str = Kind.MENTION) -> None:
    choices.choose({kind: Choice(mail=mail)}, acting_user=user)


def mention(user: User, actor: User, number: int = 1) -> None:
    notifications.send(
        Kind.MENTION,
        to_user=user.pk,
        actor=actor.pk,
        group=f"mention:{number}",
        source=f"comment:{number}",
        path=f"/comments/{number}/",
        about={"title": "A post"},
    )


# --- Who gets none --------------------------------------------------------------------------------


def test_nobody_is_written_to_who_has_not_asked_for_it(owner: User, stranger: User) -> None:
    confirm(owner)
    mention(owner, stranger)

    assert letters.send_due(later()) == 0
    assert mail.outbox == []


def test_nor_at_an_address_that_nobody_has_confirmed(owner: User, stranger: User) -> None:
    confirm(owner, is_verified=False)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)

    assert letters.send_due(later()) == 0
    assert mail.outbox == []
    confirm_later = EmailAddress.objects.get(user=owner)
    confirm_later.verified = True
    confirm_later.save()
    assert letters.send_due(later()) == 0  # that is over


def test_nor_who_is_gone(owner: User, stranger: User) -> None:
    confirm(owner)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert letters.send_due(later()) == 0


def test_what_was_read_by_then_is_in_no_letter(owner: User, stranger: User) -> None:
    confirm(owner)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)
    inbox.mark_all_read(acting_user=owner)

    assert letters.send_due(later()) == 0


@pytest.mark.parametrize("choice", [Choice(mail=Mail.NEVER), Choice(mail=Mail.HOURLY, page=False)])
def test_whoever_has_switched_a_kind_off_is_written_to_of_it_no_more(
    owner: User, stranger: User, choice: Choice
) -> None:
    confirm(owner)
    wants(owner, Mail.HOURLY)
    wants(owner, Mail.HOURLY, Kind.FOLLOW)
    mention(owner, stranger)
    choices.choose({Kind.FOLLOW: Choice()}, acting_user=owner)
    assert Notification.objects.filter(mail_due__isnull=False).count() == 1  # another kind

    choices.choose({Kind.MENTION: choice}, acting_user=owner)
    wants(owner, Mail.HOURLY)  # what was let go does not come back

    assert letters.send_due(later()) == 0


def test_what_came_into_the_rows_while_letters_were_ended_is_not_written_of(
    owner: User, stranger: User
) -> None:
    confirm(owner)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)
    due = Notification.objects.get().mail_due
    choices.no_more_mail(owner.pk)
    # It had read what they wanted before, and committed after.
    Notification.objects.update(mail_due=due)

    assert letters.send_due(later()) == 0
    assert Notification.objects.get().mail_due is None


def test_of_whom_one_has_muted_since_nothing_is_written(owner: User, stranger: User, author: User) -> None:
    confirm(owner)
    wants(owner, Mail.HOURLY)
    mention(owner, stranger)
    Mute.objects.create(user=owner, muted=stranger)
    assert letters.send_due(later()) == 0

    mention(owner, author, 2)
    assert letters.send_due(later()) == 1
    assert stranger.shown_name not in mail.outbox[0].body


# --- When -----------------------------------------------------------------------------------------


def test_at_once_leaves_a_minute_to_read_it_here(owner: User, stranger: User) -> None:
    confirm(owner)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)

    assert letters.send_due() == 0
    assert letters.send_due(timezone.now() + timedelta(seconds=61)) == 1
    assert letters.send_due(later()) == 0


@pytest.mark.parametrize(
    ("chosen", "zone", "now", "due"),
    [
        (Mail.NEVER, "", datetime(2026, 3, 1, 10, 20, tzinfo=UTC), None),
        (Mail.HOURLY, "", datetime(2026, 3, 1, 10, 20, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC)),
        (Mail.DAILY, "UTC", datetime(2026, 3, 1, 7, 59, tzinfo=UTC), datetime(2026, 3, 1, 8, tzinfo=UTC)),
        (Mail.DAILY, "UTC", datetime(2026, 3, 1, 8, 0, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)),
        (Mail.DAILY, "", datetime(2026, 3, 1, 0, 0, tzinfo=UTC), datetime(2026, 3, 1, 23, tzinfo=UTC)),
        (
            Mail.DAILY,
            "No/Where",
            datetime(2026, 3, 1, 0, 0, tzinfo=UTC),
            datetime(2026, 3, 1, 23, tzinfo=UTC),
        ),
        (
            Mail.DAILY,
            "Europe/Berlin",  # whose clocks are put forward that night
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            datetime(2026, 3, 29, 8, tzinfo=ZoneInfo("Europe/Berlin")),
        ),
    ],
)
def test_when_a_letter_is_due(chosen: str, zone: str, now: datetime, due: datetime | None) -> None:
    assert choices.mail_due(Choice(mail=chosen), zone, now) == due


def test_a_digest_is_one_letter(owner: User, stranger: User) -> None:
    confirm(owner)
    wants(owner, Mail.DAILY)
    for number in range(1, 24):
        mention(owner, stranger, number)

    assert letters.send_due() == 0
    assert letters.send_due(later()) == 1

    [letter] = mail.outbox
    assert letter.subject == "[Postroom] 23 notifications"
    assert letter.body.count("Sue Stranger mentioned you under “A post”.") == 20
    assert "And 3 more:" in letter.body


def test_whoever_is_away_is_written_to_of_what_is_for_everybody(owner: User, stranger: User) -> None:
    confirm(owner)
    confirm(stranger)
    wants(owner, Mail.ONCE, Kind.SYSTEM)
    notifications.send(Kind.SYSTEM, to_all=True, about={"text": "We are back."})

    assert letters.send_due(later()) == 1

    assert mail.outbox[0].to == [owner.email]
    assert "We are back." in mail.outbox[0].body


def test_a_run_with_nothing_new_asks_the_same_however_many_want_news(owner: User, stranger: User) -> None:
    for number in range(20):
        person = a_person(f"reader{number}", date_joined=timezone.now() - timedelta(days=2))
        wants(person, Mail.ONCE, Kind.SYSTEM)
    for number in range(10):
        notifications.send(Kind.SYSTEM, to_all=True, about={"text": f"News {number}"})
    Notification.objects.update(created_at=timezone.now() - timedelta(days=1))
    letters.send_due()

    with CaptureQueriesContext(connection) as captured:
        letters.send_due()

    assert Notification.objects.filter(user__isnull=False).count() == 200
    assert len(captured) <= 3


# --- What stands in it ----------------------------------------------------------------------------


def test_a_letter_leads_to_what_it_tells_and_out_of_letters(
    owner: User, stranger: User, settings: Any
) -> None:
    settings.SITE_URL = "https://blog.example.org/"
    confirm(owner)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)
    call_command("send_notifications")
    assert mail.outbox == []
    letters.send_due(later())

    [letter] = mail.outbox
    message: EmailMessage = letter.message()
    way_out = f"https://blog.example.org/notifications/unsubscribe/{unsubscribing.token(owner)}/"
    assert letter.subject == "[Postroom] Sue Stranger mentioned you under “A post”."
    assert letter.to == [owner.email]
    assert f"https://blog.example.org/notifications/{Notification.objects.get().pk}/" in letter.body
    assert way_out in letter.body
    assert message["List-Unsubscribe"] == f"<{way_out}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_name_cannot_write_headers(owner: User) -> None:
    confirm(owner)
    wants(owner, Mail.ONCE)
    villain = a_person("villain", name="Vi\nBcc: everybody@example.com")
    mention(owner, villain)

    letters.send_due(later())

    [letter] = mail.outbox
    message = letter.message()
    assert message["Bcc"] is None
    assert "\n" not in letter.subject


def test_it_is_in_its_readers_language(owner: User, stranger: User) -> None:
    User.objects.filter(pk=owner.pk).update(language="ko")
    confirm(owner)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)

    letters.send_due(later())

    assert "Sue Stranger 님이" in mail.outbox[0].body


def test_a_mailbox_that_refuses_keeps_nobody_elses(
    owner: User, stranger: User, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (owner, stranger):
        confirm(user)
        wants(user, Mail.ONCE)
        mention(user, author)
    send = EmailBackend.send_messages

    def refuse(backend: EmailBackend, messages: Any) -> int:
        if messages[0].to == [owner.email]:
            raise SMTPRecipientsRefused({})
        return send(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert letters.send_due(later()) == 1
    assert [letter.to for letter in mail.outbox] == [[stranger.email]]
    monkeypatch.undo()
    assert letters.send_due(later()) == 0
    assert letters.send_due(later() + letters.TRY_AGAIN) == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_mail_server_and_of_two_commands_one_sends_it(
    owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(owner)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)
    moment = later()
    meanwhile: list[Any] = []
    send = EmailBackend.send_messages

    def take_time(backend: EmailBackend, messages: Any) -> int:
        meanwhile.append((connection.in_atomic_block, letters.send_due(moment)))
        return send(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", take_time)

    assert letters.send_due(moment) == 1
    assert meanwhile == [(False, 0)]
    assert Notification.objects.get().mail_due is None


def test_who_ends_letters_while_one_is_not_sent_gets_it_no_more(
    owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(owner)
    wants(owner, Mail.ONCE)
    mention(owner, stranger)

    def refuse(backend: EmailBackend, messages: Any) -> int:
        choices.no_more_mail(owner.pk)
        raise SMTPRecipientsRefused({})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert letters.send_due(later()) == 0
    monkeypatch.undo()
    assert letters.send_due(later() + letters.TRY_AGAIN) == 0


def test_a_letter_that_cannot_be_written_keeps_nobody_elses(
    owner: User,
    stranger: User,
    author: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for user in (owner, stranger):
        confirm(user)
        wants(user, Mail.ONCE)
        mention(user, author)
    write = letters._letter

    def fail(user: User, *given: Any) -> Any:
        if user == owner:
            raise UnicodeError("half a character")
        return write(user, *given)

    monkeypatch.setattr(letters, "_letter", fail)

    assert letters.send_due(later()) == 1
    assert [letter.to for letter in mail.outbox] == [[stranger.email]]
    assert f"a letter to user {owner.pk} could not be written" in caplog.text


class PostOffice:
    """In place of a mail server."""

    def __init__(self) -> None:
        self.opened = 0
        self.is_open = False
        self.is_there = True
        self.refuses = 0

    def open(self) -> None:
        if not self.is_there:
            raise ConnectionRefusedError
        self.opened += not self.is_open
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def send_messages(self, messages: list[Any]) -> int:
        if self.refuses:
            self.refuses -= 1
            raise SMTPRecipientsRefused({})
        return len(messages)


def test_many_letters_go_by_one_connection(
    owner: User, stranger: User, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PostOffice()
    monkeypatch.setattr(letters, "get_connection", lambda: office)
    for user in (owner, stranger):
        confirm(user)
        wants(user, Mail.ONCE)
        mention(user, author)

    assert letters.send_due() == 0
    assert office.opened == 0
    office.is_there = False
    assert letters.send_due(later()) == 0
    office.is_there = True
    assert letters.send_due(later()) == 2  # nothing was put off by a server that was not there
    assert office.opened == 1
    assert not office.is_open


def test_a_connection_is_not_used_for_ever_nor_after_it_failed(
    owner: User, stranger: User, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PostOffice()
    monkeypatch.setattr(letters, "get_connection", lambda: office)
    monkeypatch.setattr(letters, "LETTERS_A_CONNECTION", 1)
    for user in (owner, stranger):
        confirm(user)
        wants(user, Mail.ONCE)
        mention(user, author)
    assert letters.send_due(later()) == 2
    assert office.opened == 2

    monkeypatch.setattr(letters, "LETTERS_A_CONNECTION", 50)
    for user in (owner, stranger):
        mention(user, author, 2)
    office.refuses = 1
    assert letters.send_due(later()) == 1
    assert office.opened == 4


def test_a_mail_server_that_does_not_answer_is_not_waited_for_without_end() -> None:
    backend = get_connection("django.core.mail.backends.smtp.EmailBackend")
    assert isinstance(backend, SmtpBackend)

    assert backend.timeout == 10


# --- The way out ----------------------------------------------------------------------------------


def test_what_is_no_token_leads_nowhere(client: Client, owner: User) -> None:
    wants(owner, Mail.DAILY)
    good = unsubscribing.token(owner)

    for token in ("x", good[:-1], good + "x", str(owner.pk)):
        assert client.post(f"/notifications/unsubscribe/{token}/").status_code == 404
    assert choices.of(owner)[Kind.MENTION].mail == Mail.DAILY


def test_one_request_without_a_session_ends_all_letters(owner: User, stranger: User) -> None:
    """As RFC 8058 has it: a POST by the mail program, which has no cookie and no token of ours."""
    confirm(owner)
    wants(owner, Mail.DAILY)
    mention(owner, stranger)
    program = Client(enforce_csrf_checks=True)
    address = f"/notifications/unsubscribe/{unsubscribing.token(owner)}/"

    assert "No more letters?" in program.get(address).content.decode()
    assert choices.of(owner)[Kind.MENTION].mail == Mail.DAILY
    answer = program.post(address, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert all(choice.mail == Mail.NEVER for choice in choices.of(owner).values())
    assert letters.send_due(later()) == 0
    assert inbox.unread_count(owner) == 1


def test_the_page_of_choices_says_where_letters_go(owner: User) -> None:
    page = sitting_at(owner).get("/accounts/notifications/").content.decode()
    assert "Letters go to nobody" in page
    confirm(owner)
    page = sitting_at(owner).get("/accounts/notifications/").content.decode()
    assert "Letters go to owner@example.com." in page
