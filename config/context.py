"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, and what the scripts of every page go by."""
    minutes = settings.AWAY_MINUTES
    return {
        "site_name": settings.SITE_NAME,
        "away_minutes": int(minutes) if minutes == int(minutes) else minutes,
    }
