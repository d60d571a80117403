"""What a process that serves sockets does about people beside its requests."""

from realtime.database import in_database
from realtime.server import sio

from . import sanctions

# How long the mark of an ended sanction may stay on its person, in seconds; until then their comments cost a
# query more.
SETTLE = 60.0


async def settle() -> None:
    await in_database(sanctions.settle)


sio.every(SETTLE, settle)
