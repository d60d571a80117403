"""Nobody fills the disk with a request."""

import socket
from collections.abc import Iterator

import pytest

from config.bodies import LIMIT
from tests.servers import Site, running_site

CHUNK = 64 * 1024


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site("serve") as site:
        yield site


def answer_to(site: Site, headers: str, pieces: Iterator[bytes]) -> bytes:
    """What the server says first, whoever is not let finish."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(f"POST /accounts/settings/ HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        try:
            for piece in pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            return connection.recv(200)
        except ConnectionResetError:
            return b""


def test_a_body_that_says_it_is_too_long_is_not_read(site: Site) -> None:
    said = answer_to(site, f"Content-Length: {LIMIT + 1}\r\n", iter(()))
    assert said.startswith(b"HTTP/1.1 413")


def test_one_that_does_not_say_so_is_let_go_of(site: Site) -> None:
    piece = f"{CHUNK:x}\r\n".encode() + b"x" * CHUNK + b"\r\n"
    said = answer_to(site, "Transfer-Encoding: chunked\r\n", (piece for _ in range(LIMIT // CHUNK + 2)))
    assert said == b"" or said.startswith(b"HTTP/1.1 413")
    assert "Traceback" not in site.log.text()


def test_a_photograph_that_is_too_large_still_gets_as_far_as_the_page(site: Site) -> None:
    size = 5 * 1024 * 1024
    said = answer_to(
        site,
        f"Content-Length: {size}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        (b"x" * CHUNK for _ in range(size // CHUNK)),
    )
    assert not said.startswith(b"HTTP/1.1 413")
