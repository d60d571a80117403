"""Which worker a request's first bytes belong to."""

import os

import pytest

from realtime import handoff
from realtime.handoff import Outcome


@pytest.fixture(autouse=True)
def several_workers(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv(handoff.FOLDER_VARIABLE, str(tmp_path))


def request(sid: str) -> bytes:
    return f"GET /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\n".encode()


def test_an_id_of_this_process_is_served_here() -> None:
    assert handoff.owner_of(request(handoff.mark("abc"))) is None


def test_an_id_of_another_process_names_it() -> None:
    assert handoff.owner_of(request(f"{os.getpid() + 1}.abc")) == os.getpid() + 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\n",
        b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n",
        b"GET /socket.io/?sid=99999999999999999999.x HTTP/1.1\r\n",
        b"GET /posts/?sid=1.x HTTP/1.1\r\n",
        b"GET /socket.io/?xsid=1.x HTTP/1.1\r\n",
        b"POST /socket.io/ HTTP/1.1\r\nX: ?sid=1.x",
    ],
)
def test_everything_else_is_served_here(data: bytes) -> None:
    assert handoff.owner_of(data) is None


def test_one_worker_marks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(handoff.FOLDER_VARIABLE)
    assert handoff.mark("abc") == "abc"
    assert handoff.owner_of(request("1.abc")) is None


def test_a_worker_that_is_gone_takes_nothing() -> None:
    assert handoff.hand_over(1, 0, b"") is Outcome.GONE
