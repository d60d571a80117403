"""Frames of every length are what an independent implementation reads back."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from realtime.frames import binary_frame, text_frame

LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]


def read(data: bytes) -> list[Frame]:
    client = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN, max_size=None)
    client.receive_data(data)
    return [event for event in client.events_received() if isinstance(event, Frame)]


@pytest.mark.parametrize("length", LENGTHS)
def test_text(length: int) -> None:
    [frame] = read(text_frame("x" * length))
    assert (frame.opcode, bytes(frame.data), frame.fin) == (Opcode.TEXT, b"x" * length, True)


@pytest.mark.parametrize("length", LENGTHS)
def test_bytes(length: int) -> None:
    [frame] = read(binary_frame(b"\x00\xff" * (length // 2)))
    assert (frame.opcode, bytes(frame.data)) == (Opcode.BINARY, b"\x00\xff" * (length // 2))


def test_lengths_are_counted_in_bytes() -> None:
    [frame] = read(text_frame("한" * 50))
    assert bytes(frame.data).decode() == "한" * 50


def test_several_in_one_piece() -> None:
    texts = ["first", "둘째" * 100, "x" * 70_000]
    frames = read(b"".join(map(text_frame, texts)))
    assert [bytes(frame.data).decode() for frame in frames] == texts


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        text_frame("\ud800")
