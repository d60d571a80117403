"""Which pages may open a connection with a reader's cookies."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from realtime.origins import is_allowed


def asked(host: str = "blog.example.org", scheme: str = "http") -> dict[str, Any]:
    return {"HTTP_HOST": host, "asgi.scope": {"scheme": scheme}}


@pytest.fixture(autouse=True)
def _hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["blog.example.org"]
    settings.TRUSTED_ORIGINS = ["https://other.example.org"]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://evil.example",
        "http://blog.example.org.evil.example",
        "http://evilblog.example.org",
        "http://sub.blog.example.org",
        "http://blog.example.org:8000",
        "http://blog.example.org@evil.example",
        "http://evil.example/blog.example.org",
        "http://evil.example#blog.example.org",
        "https://blog.example.org",
        "ftp://blog.example.org",
        "blog.example.org",
        "//blog.example.org",
        "null",
        "*",
        "file://",
        "http://",
        "http://[",
        "http://other.example.org",
        "https://other.example.org:444",
        "https://other.example.org.evil.example",
        "https://sub.other.example.org",
        " http://blog.example.org",
        "http://blog.example.org\n",
    ],
)
def test_another_sites_page_may_not(origin: str) -> None:
    assert is_allowed("http://blog.example.org", asked())

    assert not is_allowed(origin, asked())


@pytest.mark.parametrize("host", ["evil.example", "", "blog.example.org.evil.example", "[", "a b", ":80"])
def test_a_host_that_is_not_ours_vouches_for_nobody(host: str) -> None:
    assert not is_allowed(f"http://{host}", asked(host))


def test_the_site_itself_may(settings: Settings) -> None:
    assert is_allowed("http://blog.example.org", asked())
    assert is_allowed("http://blog.example.org:8000", asked("blog.example.org:8000"))


@pytest.mark.parametrize("scheme", ["https", "wss"])
def test_the_scheme_counts(scheme: str) -> None:
    assert is_allowed("https://blog.example.org", asked(scheme=scheme))
    assert not is_allowed("http://blog.example.org", asked(scheme=scheme))


def test_a_websockets_scheme_is_that_of_its_page() -> None:
    assert is_allowed("http://blog.example.org", asked(scheme="ws"))


def test_what_the_setting_lists_may() -> None:
    assert is_allowed("https://other.example.org", asked())


def test_who_is_no_browser_may() -> None:
    assert is_allowed(None, asked())
    assert is_allowed("", asked())


def test_a_subdomain_may_where_the_hosts_say_so(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [".example.org"]

    assert is_allowed("http://a.example.org", asked("a.example.org"))
    assert not is_allowed("http://b.example.org", asked("a.example.org"))


def test_while_developing_loopback_names_may(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = []
    settings.DEBUG = True

    assert is_allowed("http://localhost:8000", asked("localhost:8000"))
    assert not is_allowed("http://evil.example", asked("evil.example"))
