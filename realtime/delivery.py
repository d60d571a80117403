"""From one process to its sockets: an event is encoded once, whoever receives it."""

from collections.abc import Iterable
from typing import Any

from engineio import packet as engine_packet

from . import wire_json
from .protocol import Engine


def encode_event(event: str, *arguments: Any, namespace: str = "/") -> str:
    """A Socket.IO EVENT packet. Raises ValueError where an argument is not JSON."""
    prefix = "2" if namespace == "/" else f"2{namespace},"
    return prefix + wire_json.dumps([event, *arguments])


def deliver(engine: Engine, connections: Iterable[str], encoded: str) -> int:
    """Queue one encoded packet for each connection that is still open; how many there were."""
    packet = engine_packet.Packet(engine_packet.MESSAGE, encoded)
    delivered = 0
    for connection in connections:
        socket = engine.sockets.get(connection)
        if socket is not None and not socket.closed:
            socket.post(packet)
            delivered += 1
    return delivered
