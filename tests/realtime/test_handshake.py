"""What is kept of the request that opens a connection."""

from typing import Any

import pytest

from realtime.session import Handshake


def handshake(client: Any = ("10.0.0.7", 1), **headers: str) -> Handshake:
    encoded = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Handshake.from_scope({"headers": encoded, "client": client})


def test_nothing_is_nobody_in_the_sites_language() -> None:
    assert handshake(client=None) == Handshake("", "en", "unknown")


def test_the_session_is_taken_from_its_cookie() -> None:
    assert handshake(cookie="a=b; sessionid=the-key; csrftoken=c").session_key == "the-key"
    assert handshake(Cookie="sessionid=the-key").session_key == "the-key"


@pytest.mark.parametrize("cookie", ["", ";", "sessionid", "=x", "session_id=x", "\xff\xfe", "x" * 10_000])
def test_other_cookies_are_no_session(cookie: str) -> None:
    assert handshake(cookie=cookie).session_key == ""


@pytest.mark.parametrize(
    ("accepted", "cookie", "language"),
    [
        ("ko", "", "ko"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "", "ko"),
        ("KO", "", "ko"),
        ("de,ko;q=0.5,en;q=0.4", "", "ko"),
        ("en;q=0.4,ko;q=0.5", "", "ko"),
        ("de", "", "en"),
        ("*", "", "en"),
        ("", "", "en"),
        ("\x00;q=x", "", "en"),
        ("en", "django_language=ko", "ko"),
        ("ko", "django_language=xx", "ko"),
    ],
)
def test_the_language_is_what_a_page_would_have(accepted: str, cookie: str, language: str) -> None:
    assert handshake(accept_language=accepted, cookie=cookie).language == language


def test_the_address_is_the_peers() -> None:
    assert handshake(x_forwarded_for="1.2.3.4").address == "10.0.0.7"
