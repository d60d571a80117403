"""Why somebody's words or somebody are acted upon: one list for flags, decisions and sanctions."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Reason(models.TextChoices):
    """A code that goes over the wire; each page says it in its reader's language."""

    OFFENSIVE = "offensive", _("offensive")
    HARASSMENT = "harassment", _("harassment")
    HATE = "hate", _("hate")
    SPAM = "spam", pgettext_lazy("reason", "spam")
    ADVERTISING = "advertising", _("advertising")
    OFF_TOPIC = "off_topic", _("off topic")
    ILLEGAL = "illegal", _("illegal")
    PERSONAL_DATA = "personal_data", _("personal data")
    BANNED_WORD = "banned_word", _("banned word")
    OTHER = "other", _("other")
