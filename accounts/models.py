"""Users."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

AVATAR_COLOURS = 12  # as many as the stylesheet has


class User(AbstractUser):
    """A person: reader, writer of posts, moderator or all of them."""

    name = models.CharField(
        _("display name"),
        max_length=60,
        blank=True,
        help_text=_("What other readers see. Without one they see the username."),
    )

    @property
    def shown_name(self) -> str:
        return self.name or self.username

    @property
    def avatar(self) -> int:
        """The number of this user's avatar colour, 0 to `AVATAR_COLOURS` - 1."""
        return (self.pk or 0) % AVATAR_COLOURS

    @property
    def initials(self) -> str:
        """One or two letters for the avatar: first and last word, or one syllable of a Korean name."""
        words = self.shown_name.split()
        letters = words[0][0] + (words[-1][0] if len(words) > 1 else "") if words else "?"
        return letters.upper()


def shown_name(user: Any) -> str:
    """How allauth's pages and letters call a user."""
    return str(user.shown_name)
