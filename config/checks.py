"""Wrong or dangerous settings, each with an id and what to do about it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from comments.check import load

# As many characters as the column of `comments.models.Reaction` holds; no emoji needs more.
EMOJI_LIMIT = 32


@register(Tags.security)
def check_secret(**kwargs: Any) -> list[CheckMessage]:
    """W001: a secret made for this installation is fine on one machine and wrong on two."""
    if settings.SECRET_KEY_IS_LOCAL and not (settings.DEBUG or settings.IS_LOCAL):
        return [
            checks.Warning(
                "SECRET_KEY is not set; the one in VAR_DIR is used.",
                hint="Set SECRET_KEY: other machines need the same, and so does a restored backup.",
                id="postroom.W001",
            )
        ]
    return []


@register(Tags.security)
def check_origins(**kwargs: Any) -> list[CheckMessage]:
    """E001: an origin is a scheme and a host; a wildcard would hand readers' cookies to any site."""
    problems: list[CheckMessage] = []
    for origin in settings.TRUSTED_ORIGINS:
        parts = urlsplit(origin)
        plain = parts.scheme in {"http", "https"} and parts.netloc and not parts.path
        if "*" in origin or not plain:
            problems.append(
                Error(
                    f"TRUSTED_ORIGINS has {origin!r}, which is not one origin.",
                    hint="Write each as scheme://host or scheme://host:port, without a wildcard.",
                    id="postroom.E001",
                )
            )
    return problems


@register(Tags.security)
def check_cookies(**kwargs: Any) -> list[CheckMessage]:
    """E008, W003: cookies that go with other sites' requests are one wall fewer."""
    if settings.CROSS_SITE_COOKIES not in {"off", "on", "partitioned"}:
        return [
            Error(
                f"CROSS_SITE_COOKIES is {settings.CROSS_SITE_COOKIES!r}.",
                hint="Set it to off, on or partitioned.",
                id="postroom.E008",
            )
        ]
    if settings.CROSS_SITE_COOKIES != "off" and not settings.TRUSTED_ORIGINS:
        return [
            checks.Warning(
                "CROSS_SITE_COOKIES sends cookies with other sites' requests, and no origin is trusted.",
                hint="Set TRUSTED_ORIGINS, or leave CROSS_SITE_COOKIES off.",
                id="postroom.W003",
            )
        ]
    return []


@register(Tags.security)
def check_hosts(**kwargs: Any) -> list[CheckMessage]:
    """E002: with any host allowed, any name that points here would count as the site itself."""
    if "*" in settings.ALLOWED_HOSTS and not settings.DEBUG:
        return [
            Error(
                "ALLOWED_HOSTS allows every host.",
                hint="List the names under which readers reach the site.",
                id="postroom.E002",
            )
        ]
    return []


@register(Tags.security)
def check_budgets(**kwargs: Any) -> list[CheckMessage]:
    """W002: BUDGETS=off is for benchmarks."""
    if not settings.BUDGETS:
        return [
            checks.Warning(
                "BUDGETS is off: nothing limits how often anybody may do anything.",
                hint="Leave BUDGETS unset outside benchmarks.",
                id="postroom.W002",
            )
        ]
    return []


@register(Tags.caches)
def check_sessions(**kwargs: Any) -> list[CheckMessage]:
    """E003: sockets are admitted by the session table."""
    if settings.SESSION_ENGINE != "realtime.session_store":
        return [
            Error(
                "SESSION_ENGINE is not the database's.",
                hint="Sockets look sessions up in the database; leave SESSION_ENGINE as it is.",
                id="postroom.E003",
            )
        ]
    return []


@register()
def check_comment_check(**kwargs: Any) -> list[CheckMessage]:
    """E005, E006: a check that cannot be called would let everything through, or hold everything."""
    problems: list[CheckMessage] = []
    if settings.COMMENT_CHECK:
        try:
            load(settings.COMMENT_CHECK)
        except ImportError as problem:
            problems.append(
                Error(
                    f"COMMENT_CHECK cannot be used: {problem}.",
                    hint="Give the dotted path of a function, as package.module.function.",
                    id="postroom.E005",
                )
            )
    if settings.COMMENT_CHECK_FAILS not in {"open", "closed"}:
        problems.append(
            Error(
                f"COMMENT_CHECK_FAILS is {settings.COMMENT_CHECK_FAILS!r}.",
                hint="Set it to open, which publishes, or to closed, which holds.",
                id="postroom.E006",
            )
        )
    return problems


@register()
def check_reactions(**kwargs: Any) -> list[CheckMessage]:
    """E007: an emoji of `REACTIONS` is stored, and stands between spaces in a page."""
    offered = settings.REACTIONS
    fit = all(emoji and len(emoji) <= EMOJI_LIMIT and not set(emoji) & set(" \t\n\0") for emoji in offered)
    if fit and len(set(offered)) == len(offered):
        return []
    return [
        Error(
            f"REACTIONS is {offered!r}.",
            hint="List each emoji once, comma-separated, without spaces.",
            id="postroom.E007",
        )
    ]


def check_workers(workers: int) -> list[CheckMessage]:
    """E004: processes meet only in Redis. Asked by `serve`, which alone knows their number."""
    problems: list[CheckMessage] = []
    if workers > 1 and not settings.REDIS_URL:
        problems.append(
            Error(
                f"{workers} workers cannot tell each other what happens.",
                hint="Set REDIS_URL, or serve with one worker.",
                id="postroom.E004",
            )
        )
    return problems
