"""Which pages may open a connection with a reader's cookies, and what only looks as if a reader had come."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def is_allowed(origin: str | None, environ: dict[str, Any]) -> bool:
    """The same of a request as python-engineio knows it."""
    is_secure = environ["asgi.scope"].get("scheme") in {"https", "wss"}
    return is_welcome(origin, host=environ.get("HTTP_HOST", ""), is_secure=is_secure)


def is_welcome(origin: str | None, *, host: str, is_secure: bool) -> bool:
    """The site itself, and what `TRUSTED_ORIGINS` lists.

    The site itself is the host that was asked, if `ALLOWED_HOSTS` knows it, under the scheme that was
    used; a trusted proxy may have told the latter. A request without an Origin header does not come
    from another site's script: browsers send it with every websocket and every cross-site POST.
    """
    if not origin:
        return True
    if origin in settings.TRUSTED_ORIGINS:
        return True
    allowed_hosts = settings.ALLOWED_HOSTS
    if settings.DEBUG and not allowed_hosts:
        allowed_hosts = [".localhost", "127.0.0.1", "[::1]"]
    return origin == f"{'https' if is_secure else 'http'}://{host}" and _is_ours(host, tuple(allowed_hosts))


def is_visit(headers: Mapping[str, str]) -> bool:
    """Whether a reader looks at the page that is asked for, so that a GET may note that they have seen it.

    Not what another site has put into a page of its own, as a picture or a frame: with `CROSS_SITE_COOKIES`
    that comes with the reader's cookies. This is what SameSite=Lax would have kept away. Nor what a browser
    fetches in case the reader goes there. Browsers say all this wherever a Secure cookie goes; what says
    nothing is an old browser or a program.
    """
    if "prefetch" in headers.get("Sec-Purpose", headers.get("Purpose", "")):
        return False
    by = headers.get("Sec-Fetch-Site", "none")
    return by in {"same-origin", "none"} or headers.get("Sec-Fetch-Dest") == "document"


@lru_cache(maxsize=64)
def _is_ours(host: str, allowed_hosts: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed_hosts)
