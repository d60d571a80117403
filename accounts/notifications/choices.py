"""What somebody wants to be told, kind by kind, and how: on the page, by the browser, a sound, by mail."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Inbox, Kind, Notification, User
from realtime.errors import ErrorCode, Refused

from .notices import stale

# What is told at once by mail waits so long: whoever is here reads it on the page, and gets no letter.
AT_ONCE_AFTER = timedelta(minutes=1)
# When daily letters are written, in their reader's zone.
DAILY_AT = 8


class Mail(models.TextChoices):
    NEVER = "never", _("no e-mail")
    ONCE = "once", _("at once")
    HOURLY = "hourly", _("every hour")
    DAILY = "daily", _("every day")


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody is told of one kind. Without `page` nothing of the kind is kept, so the rest is idle."""

    page: bool = True
    browser: bool = False
    sound: bool = False
    mail: str = Mail.NEVER

    @property
    def is_mailed(self) -> bool:
        return self.page and self.mail != Mail.NEVER


# Nobody gets letters who has not asked for them. The browser's own notifications need its permission besides.
DEFAULTS: Mapping[str, Choice] = {
    Kind.MENTION: Choice(browser=True),
    Kind.COMMENT: Choice(browser=True),
    Kind.LIKE: Choice(),
    Kind.FOLLOW: Choice(),
    Kind.MESSAGE: Choice(browser=True),
    Kind.MODERATION: Choice(browser=True),
    Kind.SYSTEM: Choice(browser=True),
}
# What concerns somebody whether they like it or not.
ALWAYS = frozenset({Kind.MODERATION, Kind.SYSTEM})


def read(stored: Mapping[str, Any] | None, kind: str) -> Choice:
    """What holds for one kind, of what is stored: what was never chosen is as ever."""
    known = asdict(DEFAULTS[kind])
    given = (stored or {}).get(kind, {})
    choice = {**known, **{name: value for name, value in given.items() if name in known}}
    if kind in ALWAYS:
        choice["page"] = True
    return Choice(**choice)


def of(user: User) -> dict[str, Choice]:
    """All of somebody's choices."""
    stored = Inbox.objects.filter(pk=user.pk).values_list("choices", flat=True).first()
    return {kind: read(stored, kind) for kind in Kind.values}


def choose(chosen: Mapping[str, Choice], *, acting_user: User) -> None:
    """Change somebody's own choices; kinds that are not named stay. Raises `Refused` with `invalid`.

    What waits to be written of is let go, where letters of its kind are wanted no more.
    """
    for kind, choice in chosen.items():
        if kind not in Kind.values or choice.mail not in Mail.values:
            raise Refused(ErrorCode.INVALID)
    with transaction.atomic():
        inbox, _ = Inbox.objects.select_for_update().get_or_create(user=acting_user)
        inbox.choices = {**inbox.choices, **{kind: asdict(choice) for kind, choice in chosen.items()}}
        inbox.wants_news_by_mail = read(inbox.choices, Kind.SYSTEM).mail != Mail.NEVER
        inbox.save(update_fields=["choices", "wants_news_by_mail"])
        now = {kind: read(inbox.choices, kind) for kind in chosen}
        silent = [kind for kind, choice in now.items() if not choice.is_mailed]
        waiting = Notification.objects.filter(user=acting_user, kind__in=silent, mail_due__isnull=False)
        waiting.update(mail_due=None)
        stale([acting_user.pk])


def no_more_mail(user_id: int) -> None:
    """Write to somebody of nothing any more."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return
    with transaction.atomic():
        now = of(user)
        silent = {kind: Choice(each.page, each.browser, each.sound, Mail.NEVER) for kind, each in now.items()}
        choose(silent, acting_user=user)


def mail_due(choice: Choice, zone: str, now: datetime) -> datetime | None:
    """When a letter may tell of what happens `now`."""
    if choice.mail == Mail.ONCE:
        return now + AT_ONCE_AFTER
    if choice.mail == Mail.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if choice.mail != Mail.DAILY:
        return None
    here = timezone.localtime(now, timezone.get_default_timezone())
    if zone:
        with suppress(ZoneInfoNotFoundError, ValueError):  # one that the world has given up since
            here = now.astimezone(ZoneInfo(zone))
    due = here.replace(hour=DAILY_AT, minute=0, second=0, microsecond=0)
    return due if due > here else due + timedelta(days=1)
