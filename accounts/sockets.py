"""What a process that serves sockets does about people beside its requests."""

from realtime.database import in_database
from realtime.server import sio

from . import deletion, sanctions

# How long the mark of an ended sanction may stay on its person, in seconds; until then their comments cost a
# query more.
SETTLE = 60.0
# How long a deleted account may lie whose person has closed the browser, in seconds.
ERASE = 2.0


async def settle() -> None:
    await in_database(sanctions.settle)


async def erase() -> None:
    """Go on with accounts that were deleted."""
    await in_database(deletion.carry_on)


sio.every(SETTLE, settle)
sio.every(ERASE, erase)
