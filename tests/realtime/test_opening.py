"""Which requests are read at one glance, and that they are answered as the library would answer them."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.http11 import Request
from websockets.server import ServerProtocol

from realtime.opening import LONGEST, read_opening

PATH = "/socket.io/?EIO=4&transport=websocket"
HEADERS = {
    "Host": "blog.example",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
# As Firefox and Chromium send them.
BROWSERS = [
    {
        **HEADERS,
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Accept": "*/*",
        "Accept-Language": "ko-KR,ko;q=0.8,en-US;q=0.5,en;q=0.3",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Origin": "https://blog.example",
        "Sec-WebSocket-Extensions": "permessage-deflate",
        "Connection": "keep-alive, Upgrade",
        "Cookie": 'csrftoken=a; sessionid=b; other="c d; e"',
        "Sec-Fetch-Mode": "websocket",
        "Pragma": "no-cache",
    },
    {
        **HEADERS,
        "Pragma": "no-cache",
        "Origin": "https://blog.example",
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        "Cookie": "sessionid=b",
    },
]


def request(
    headers: dict[str, str], *, path: str = PATH, first: str = "GET {} HTTP/1.1", end: str = ""
) -> bytes:
    lines = [first.format(path), *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + end).encode("latin-1")


def changed(**changes: str | None) -> bytes:
    """A request with some headers set, or left out."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {**HEADERS, **named}
    return request({name: value for name, value in headers.items() if value is not None})


@pytest.mark.parametrize("headers", [HEADERS, *BROWSERS])
@pytest.mark.parametrize(
    "path",
    [PATH, "/socket.io/?transport=websocket&EIO=4", PATH + "&t=P3a_x.y-0"],
)
def test_what_browsers_send_is_read_at_one_glance(headers: dict[str, str], path: str) -> None:
    opening = read_opening(request(headers, path=path))

    assert opening is not None
    assert opening.headers == {name.lower().encode(): value.encode() for name, value in headers.items()}
    assert opening.text(b"cookie") == headers.get("Cookie", "")


@pytest.mark.parametrize(
    "data",
    [
        changed(Upgrade="WebSocket"),
        changed(Connection="keep-alive, upgrade"),
        changed(Connection="UPGRADE"),
        request({name.upper(): value for name, value in HEADERS.items()}),
        request({name.lower(): value for name, value in HEADERS.items()}),
    ],
)
def test_capitals_mean_nothing(data: bytes) -> None:
    assert read_opening(data) is not None


ODD = {
    "nothing": b"",
    "the beginning of one": request(HEADERS)[:-1],
    "a first frame behind it": request(HEADERS, end="\x81\x80abcd"),
    "another one behind it": request(HEADERS) * 2,
    "POST": request(HEADERS, first="POST {} HTTP/1.1"),
    "HTTP/1.0": request(HEADERS, first="GET {} HTTP/1.0"),
    "HTTP/2": request(HEADERS, first="GET {} HTTP/2"),
    "no version": request(HEADERS, first="GET {}"),
    "two spaces": request(HEADERS, first="GET  {} HTTP/1.1"),
    "a whole address": request(HEADERS, path="http://blog.example" + PATH),
    "another path": request(HEADERS, path="/socket.io?EIO=4&transport=websocket"),
    "an escaped path": request(HEADERS, path="/socket%2eio/?EIO=4&transport=websocket"),
    "polling": request(HEADERS, path="/socket.io/?EIO=4&transport=polling"),
    "an unknown transport": request(HEADERS, path="/socket.io/?EIO=4&transport=webtransport"),
    "two transports": request(HEADERS, path=PATH + "&transport=polling"),
    "an id": request(HEADERS, path=PATH + "&sid=abc"),
    "JSONP": request(HEADERS, path=PATH + "&j=0"),
    "an old protocol": request(HEADERS, path="/socket.io/?EIO=3&transport=websocket"),
    "no protocol": request(HEADERS, path="/socket.io/?transport=websocket"),
    "a fragment": request(HEADERS, path=PATH + "#x"),
    "too long": changed(Cookie="x" * LONGEST),
    "no host": changed(Host=None),
    "no key": changed(Sec_WebSocket_Key=None),
    "a short key": changed(Sec_WebSocket_Key="dGhlIHNhbXBsZQ=="),
    "a key that is none": changed(Sec_WebSocket_Key="!GhlIHNhbXBsZSBub25jZQ=="),
    "version 12": changed(Sec_WebSocket_Version="12"),
    "version 013": changed(Sec_WebSocket_Version="013"),
    "no version of the protocol": changed(Sec_WebSocket_Version=None),
    "no upgrade": changed(Upgrade=None),
    "an upgrade to something else": changed(Upgrade="h2c"),
    "two upgrades": changed(Upgrade="websocket, h2c"),
    "no connection": changed(Connection=None),
    "a connection that is closed": changed(Connection="close"),
    "a body": changed(Content_Length="5"),
    "no body, said aloud": changed(Content_Length="0"),
    "chunks": changed(Transfer_Encoding="chunked"),
    "an expectation": changed(Expect="100-continue"),
    "a subprotocol": changed(Sec_WebSocket_Protocol="chat"),
    "an empty header": changed(Cookie=""),
    "a space before the colon": request(HEADERS).replace(b"Host:", b"Host :"),
    "no space behind the colon": request(HEADERS).replace(b"Host: ", b"Host:"),
    "a tab behind the colon": request(HEADERS).replace(b"Host: ", b"Host:\t"),
    "a space at the end": changed(Cookie="sessionid=x "),
    "a folded line": changed(Cookie="a=b;\r\n sessionid=x"),
    "an underscore": request({**HEADERS, "X_Forwarded_For": "1.2.3.4"}),
    "a header twice": request({**HEADERS, "HOST": "evil.example"}),
    "two cookies": request({**HEADERS, "Cookie": "a=b", "cookie": "sessionid=x"}),
    "letters that are not ASCII": changed(Cookie="sessionid=é"),
    "NUL": changed(Cookie="sessionid=\x00"),
    "a bare line feed": changed(Cookie="a=b\nsessionid: x"),
    "a bare carriage return": changed(Cookie="a=b\rsessionid: x"),
    "line feeds only": request(HEADERS).replace(b"\r\n", b"\n"),
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in ODD.items()])
def test_what_is_unusual_is_left_to_the_libraries(data: bytes) -> None:
    assert read_opening(data) is None


def libraries_answer(data: bytes) -> tuple[list[Any], bytes]:
    """The requests that `websockets` finds in these bytes, and what it would say to the first."""
    protocol = ServerProtocol()
    protocol.receive_data(data)
    requests = [event for event in protocol.events_received() if isinstance(event, Request)]
    for each in requests:
        response = protocol.accept(each)
        del response.headers["Date"]
        protocol.send_response(response)
    return requests, protocol.data_to_send()[0]


@pytest.mark.parametrize("headers", [HEADERS, *BROWSERS])
def test_the_answer_is_the_librarys(headers: dict[str, str]) -> None:
    data = request(headers)
    opening = read_opening(data)
    assert opening is not None

    [found], answer = libraries_answer(data)

    assert opening.response([]) == answer
    assert opening.headers == {
        name.lower().encode(): value.encode() for name, value in found.headers.raw_items()
    }


def test_the_servers_own_headers_follow() -> None:
    opening = read_opening(request(HEADERS))
    assert opening is not None

    answer = opening.response([(b"date", b"today"), (b"x", b"y")])

    assert answer == opening.response([])[:-2] + b"date: today\r\nx: y\r\n\r\n"


PIECES = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b":",
        b": ",
        b"\t",
        b"\x00",
        b"\xc3\xa9",
        b"x",
        b"Host: a",
        b"Cookie: b",
        b"13",
    ]
)


@given(st.lists(st.tuples(st.integers(0, len(request(HEADERS))), st.integers(0, 6), PIECES), max_size=3))
@example([])
def test_whatever_is_read_is_what_the_library_reads(edits: list[tuple[int, int, bytes]]) -> None:
    data = request(HEADERS)
    for place, length, piece in edits:
        data = data[:place] + piece + data[place + length :]

    opening = read_opening(data)

    if opening is not None:
        [found], answer = libraries_answer(data)
        assert opening.response([]) == answer
        assert opening.headers == {
            name.lower().encode(): value.encode() for name, value in found.headers.raw_items()
        }
        assert found.path.startswith("/socket.io/?")
