"""What people decide about how they appear and what they are shown. Each verb takes whoever it is about."""

import unicodedata
from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from realtime.errors import ErrorCode, Refused
from realtime.publish import publish_on_commit
from realtime.session import user_room

from .models import ChosenStatus, User
from .status.events import NAMESPACE, StatusEvent, own_status_payload

NAME_LIMIT = 60
# Regions of the world; what else the database of zones has are abbreviations, and links for old programs.
REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian",
    "Pacific",
)  # fmt: skip
# Letters that are drawn as nothing, or turn around what follows them: a name could hide behind them, or pass
# for another. Two joiners are spared: Persian and Indian names and some emoji need them.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
# Hangul fillers and the empty Braille pattern: letters to Unicode, nothing to the eye.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")

# Of dots alone an address would lead elsewhere.
USERNAME_VALIDATORS = [
    UnicodeUsernameValidator(),
    RegexValidator(r"[^.]", _("A username has to have more than dots.")),
]


def change_settings(*, acting_user: User, name: str, language: str, time_zone: str, is_shown: bool) -> User:
    """Change all of somebody's own settings at once. Sockets that are open hear of it within a moment.

    An empty language or time zone stands for the browser's. Raises `Refused`: `invalid`, `too_long`.
    """
    name = checked_name(name)
    if language and language not in dict(settings.LANGUAGES):
        raise Refused(ErrorCode.INVALID)
    if time_zone and time_zone not in time_zones():
        raise Refused(ErrorCode.INVALID)
    acting_user.name, acting_user.is_shown = name, is_shown
    acting_user.language, acting_user.time_zone = language, time_zone
    # Its signal has every process look at this person's sockets again.
    acting_user.save(update_fields=["name", "language", "time_zone", "is_shown"])
    return acting_user


def change_language(language: str, *, acting_user: User) -> None:
    """Note which language somebody has chosen, of ours; others change nothing."""
    if language in dict(settings.LANGUAGES) and language != acting_user.language:
        acting_user.language = language
        acting_user.save(update_fields=["language"])


def choose_status(status: str, *, acting_user: User) -> User:
    """Be online, away or invisible to whoever follows one, from now on and on all devices.

    Raises `Refused`: `invalid` for anything else.
    """
    if status not in ChosenStatus.values:
        raise Refused(ErrorCode.INVALID)
    if status != acting_user.status:
        acting_user.status = status
        with transaction.atomic():
            # Its signal has every process look at this person's sockets again, so that all know it.
            acting_user.save(update_fields=["status"])
            publish_on_commit(
                StatusEvent.OWN_STATUS,
                own_status_payload(acting_user),
                room=user_room(acting_user.pk),
                namespace=NAMESPACE,
            )
    return acting_user


def checked_name(name: str) -> str:
    """A display name as it is kept. Raises `Refused` for one that cannot be seen, or is too long."""
    name = " ".join(name.split())
    if len(name) > NAME_LIMIT:
        raise Refused(ErrorCode.TOO_LONG)
    hidden = [each for each in name if unicodedata.category(each) in _UNSEEN and each not in _JOINERS]
    if hidden or (name and all(each in _BLANK | _JOINERS or each.isspace() for each in name)):
        raise Refused(ErrorCode.INVALID, _("This name has characters that cannot be seen."))
    return name


@cache
def time_zones() -> tuple[str, ...]:
    """The zones that can be chosen, in their order."""
    zones = (zone for zone in available_timezones() if zone.split("/")[0] in REGIONS and "/" in zone)
    return ("UTC", *sorted(zones))
