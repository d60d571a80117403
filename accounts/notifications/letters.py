"""Letters that tell of notifications which nobody has read: at once, by the hour or by the day.

When one is due stands in the rows themselves, so a command that runs now and then has nothing to remember:
what is due and still unread goes into one letter a person, and then is due no more. A letter that cannot be
sent is tried again; one that was sent by a process that died before it could say so may come twice.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from smtplib import SMTPException
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext, override

from accounts.models import Inbox, Mute, Notification, User

from . import choices, inbox, unsubscribing
from .entries import Entry
from .texts import sentence

logger = logging.getLogger("postroom")

# Entries that a letter has; all others it counts.
SHOWN = 20
# People who are written to before others get a turn at the database.
AT_ONCE = 200
TRY_AGAIN = timedelta(minutes=10)
# Many mail servers end a connection by which a hundred came.
LETTERS_A_CONNECTION = 50


def send_due(now: datetime | None = None) -> int:
    """Write to everybody to whom something is due; how many letters went out."""
    moment = now or timezone.now()
    _think_of_absent()
    sent = 0
    last = 0
    with _Post() as post:
        while True:
            due = Notification.objects.filter(mail_due__lte=moment, user__gt=last).order_by("user_id")
            people = list(due.values_list("user_id", flat=True).distinct()[:AT_ONCE])
            if not people:
                return sent
            for user_id in people:
                if user_id is not None:
                    if not post.is_open():
                        return sent
                    sent += _write_to(user_id, moment, post)
                    last = user_id


class _Post:
    """The way to the mail server: one connection for many letters. Use it as a context manager."""

    def __init__(self) -> None:
        self._connection = get_connection()
        self._given = 0

    def __enter__(self) -> "_Post":
        return self

    def __exit__(self, *problem: object) -> None:
        self._close()

    def is_open(self) -> bool:
        """Open it where it is not. A server that is not there is there for none of the letters."""
        if self._given >= LETTERS_A_CONNECTION:
            self._close()
        try:
            self._connection.open()
        except (SMTPException, OSError) as problem:
            logger.warning("no letters were sent: %s", problem)
            return False
        return True

    def take(self, letter: EmailMessage) -> None:
        letter.connection = self._connection
        try:
            letter.send()
        except Exception:
            self._close()  # nobody knows in which state it is
            raise
        self._given += 1

    def _close(self) -> None:
        self._given = 0
        with suppress(SMTPException, OSError):
            self._connection.close()


def _think_of_absent() -> None:
    """Whoever wants letters of what is for everybody gets their rows, though they have not come by."""
    newest = inbox.newest_original()
    waiting = Inbox.objects.filter(wants_news_by_mail=True, caught_up_to__lt=newest).order_by("pk")
    last = 0
    while people := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        inbox.catch_up(people)
        last = people[-1]


def _write_to(user_id: int, now: datetime, post: _Post) -> bool:
    """One letter; whether it went out.

    A mail server may take its time, and nobody else's comment waits for it: what is due is taken in a
    transaction of its own, by putting it off. So of two commands one sends it; and what could not be sent, or
    was not noted as sent because the process died, is due again later.
    """
    later = max(now, timezone.now()) + TRY_AGAIN
    with transaction.atomic():
        held = Notification.objects.select_for_update(skip_locked=True)
        due = list(held.filter(user=user_id, mail_due__lte=now).order_by("-pk"))
        user = User.objects.filter(pk=user_id, is_active=True).first()
        address = None if user is None else unsubscribing.address_of(user)
        acted = {row.actor_id for row in due if row.actor_id is not None}
        # They may have muted somebody since; or ended letters while one more was on its way into the rows.
        muted = set(Mute.objects.filter(user=user_id, muted__in=acted).values_list("muted_id", flat=True))
        chosen = Inbox.objects.filter(pk=user_id).values_list("choices", flat=True).first()
        unread = [
            row
            for row in due
            if row.read_at is None and row.actor_id not in muted and choices.read(chosen, row.kind).is_mailed
        ]
        taken = Notification.objects.filter(pk__in=[row.pk for row in due])
        if user is None or address is None or not unread:
            taken.update(mail_due=None)
            return False
        taken.update(mail_due=later)
    try:
        post.take(_letter(user, address, unread))
    except (SMTPException, OSError) as problem:
        # One mailbox that is full must not keep the letters of all others.
        logger.warning("a letter to user %d was not sent: %s", user_id, problem)
        return False
    except Exception:
        # Nor must one that cannot be written.
        logger.exception("a letter to user %d could not be written", user_id)
        return False
    taken.filter(mail_due=later).update(mail_due=None)
    return True


def _letter(user: User, address: str, unread: Sequence[Notification]) -> EmailMessage:
    actors = User.objects.in_bulk({row.actor_id for row in unread if row.actor_id is not None})
    groups: dict[str, list[Notification]] = {}
    for row in unread:
        groups.setdefault(row.group_key, []).append(row)
    entries = [
        Entry.of(rows[0], [row.actor_id for row in rows if row.actor_id], actors) for rows in groups.values()
    ]
    way_out = _address(reverse("no-notification-mail", args=[unsubscribing.token(user)]))
    with override(user.language or settings.LANGUAGE_CODE), timezone.override(_zone(user)):
        lines = [
            (sentence(entry), _address(reverse("notification", args=[entry.id])), entry.created_at)
            for entry in entries[:SHOWN]
        ]
        context = {
            "user": user,
            "lines": lines,
            "more": max(0, len(entries) - SHOWN),
            "all": _address(reverse("notifications")),
            "choices": _address(reverse("notification-choices")),
            "way_out": way_out,
            "site_name": settings.SITE_NAME,
        }
        if len(entries) == 1:
            subject = lines[0][0]
        else:
            said = ngettext("%(count)s notification", "%(count)s notifications", len(entries))
            subject = said % {"count": len(entries)}
        # A subject is one line, and not a long one.
        subject = " ".join(f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}".split())
        body = render_to_string("accounts/notifications/letter.txt", context)
    if len(subject) > 120:
        subject = f"{subject[:119].rstrip()}…"
    return EmailMessage(
        subject,
        body,
        to=[address],
        headers={
            # RFC 2369 and RFC 8058: mail programs show a button of their own for it.
            "List-Unsubscribe": f"<{way_out}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )


def _address(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def _zone(user: User) -> ZoneInfo | None:
    try:
        return ZoneInfo(user.time_zone) if user.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
