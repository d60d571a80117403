"""From one process to its sockets: an event is encoded once, and its frame built once, whoever receives it.

The first event of a turn of the loop schedules one flush; those that come in the same turn join it. Alone,
an event waits for nothing; in a burst each reader gets one write for many, and whoever is answered with
several packets gets them in one. A reader whose connection takes frames straight gets them so; everyone else
(polling, daphne, not upgraded yet, behind) gets packets.
"""

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from engineio import packet as engine_packet

from . import metrics, wire_json
from .frames import text_head
from .protocol import Socket

Members = Callable[[str, str], Collection[Socket]]
Event = tuple[int, str]  # its number, and the encoded packet


def encode_event(event: str, *arguments: Any, namespace: str = "/") -> str:
    """A Socket.IO EVENT packet. Raises ValueError where an argument is not JSON."""
    prefix = "2" if namespace == "/" else f"2{namespace},"
    return prefix + wire_json.dumps([event, *arguments])


def encode_ack(number: int, reply: Any, *, namespace: str = "/") -> str:
    """The ACK of the request that had this number."""
    prefix = "3" if namespace == "/" else f"3{namespace},"
    return f"{prefix}{number}[{wire_json.dumps(reply)}]"


def encode_connected(sid: str, *, namespace: str = "/") -> str:
    """The answer to a CONNECT: the client is in, under this name."""
    prefix = "0" if namespace == "/" else f"0{namespace},"
    return f'{prefix}{{"sid":"{sid}"}}'


def encode_event_raw(event: str, *json_texts: str, namespace: str = "/") -> str:
    """The same of arguments that are JSON already."""
    prefix = "2" if namespace == "/" else f"2{namespace},"
    # A history is long: it is copied once.
    return ",".join((f"{prefix}[{wire_json.dumps(event)}", *json_texts[:-1], f"{json_texts[-1]}]"))


class Delivery:
    """What this process sends to its rooms and sockets, for each socket in the order in which it happened.

    `members(namespace, room)` has the sockets of a room. Whoever changes that calls `flush_rooms` first, and
    whoever ends a socket `flush`.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        # What waits for the end of this turn of the loop, numbered in the order of the calls.
        self._for_rooms: dict[tuple[str, str], list[Event]] = {}
        self._for_sockets: dict[Socket, list[Event]] = {}
        self._for_some: list[tuple[Collection[Socket], list[Event]]] = []
        self._number = 0

    def add(self, namespace: str, room: str, encoded: str) -> None:
        """Send an encoded Socket.IO packet to a room."""
        event = self._numbered(encoded)
        self._for_rooms.setdefault((namespace, room), []).append(event)

    def add_to(self, sockets: Collection[Socket], encoded: str) -> None:
        """Send an encoded Socket.IO packet to these sockets: a room without some of its members, say."""
        event = self._numbered(encoded)
        self._for_some.append((sockets, [event]))

    def tell(self, socket: Socket, encoded: str) -> None:
        """Send an encoded Socket.IO packet to one socket."""
        event = self._numbered(encoded)
        self._for_sockets.setdefault(socket, []).append(event)

    def _numbered(self, encoded: str) -> Event:
        if not self._for_rooms and not self._for_sockets and not self._for_some:
            asyncio.get_running_loop().call_soon(self.flush)
        self._number += 1
        return self._number, encoded

    def flush_rooms(self) -> None:
        """Send now what waits, if any of it is for a room."""
        if self._for_rooms or self._for_some:
            self.flush()

    def flush(self) -> None:
        """Send now what waits."""
        for_rooms, self._for_rooms = self._for_rooms, {}
        for_sockets, self._for_sockets = self._for_sockets, {}
        for_some, self._for_some = self._for_some, []
        told = [(self._members(*room), events) for room, events in for_rooms.items()] + for_some
        if len(told) > 1:
            for socket in _in_several([sockets for sockets, _ in told]):
                for_sockets.setdefault(socket, [])
        for sockets, events in told:
            metrics.deliveries.inc(len(sockets) * len(events))
            if for_sockets:
                for socket in for_sockets.keys() & sockets:
                    for_sockets[socket] += events
                sockets = [socket for socket in sockets if socket not in for_sockets]
            _send(sockets, events)
        for socket, events in for_sockets.items():
            _send([socket], sorted(events))


def _in_several(rooms: list[Collection[Socket]]) -> set[Socket]:
    """Whoever is in more than one of these rooms, and so needs their events woven together."""
    seen: set[Socket] = set()
    several: set[Socket] = set()
    for sockets in rooms:
        several.update(seen.intersection(sockets))
        seen.update(sockets)
    return several


def _send(sockets: Collection[Socket], events: list[Event]) -> None:
    parts: list[bytes] = []
    for _, encoded in events:
        payload = encoded.encode()
        parts += (text_head(len(payload) + 1), b"4", payload)
    frames = b"".join(parts)
    packets: list[engine_packet.Packet] = []
    for socket in sockets:
        write = socket.write
        if write is not None:
            write(frames)
            continue
        if not packets:
            packets = [engine_packet.Packet(engine_packet.MESSAGE, encoded) for _, encoded in events]
        for packet in packets:
            socket.post(packet)
