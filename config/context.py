"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.notifications import inbox
from comments.chat import private


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, and what the scripts of every page go by."""
    minutes = settings.AWAY_MINUTES
    return {
        "site_name": settings.SITE_NAME,
        "away_minutes": int(minutes) if minutes == int(minutes) else minutes,
    }


def chat(request: HttpRequest) -> dict[str, object]:
    """How many private messages whoever is logged in has not read; asked only by a page that shows it."""

    def count() -> int:
        user = getattr(request, "user", None)
        return private.unread_count(user) if isinstance(user, User) else 0

    return {"private_unread": SimpleLazyObject(count)}


def bell(request: HttpRequest) -> dict[str, object]:
    """How much whoever is logged in has not read; asked only by a page that shows it."""

    def count() -> int:
        user = getattr(request, "user", None)
        if not isinstance(user, User):
            return 0
        inbox.catch_up([user.pk])
        return inbox.unread_count(user)

    return {"unread_notifications": SimpleLazyObject(count)}
