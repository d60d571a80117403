"""Memory goes back to the system once a crowd has left.

CPython and glibc keep what thousands of connections needed, in case they come back, and what hangs
together in circles waits for a collection that an idle process does not come to.
"""

import ctypes
import gc
import logging

logger = logging.getLogger("postroom.realtime")

# Collecting takes some milliseconds in which nothing else runs; fewer sockets than these are not worth it.
WORTH_IT = 100


# The collector looks at what is young after so many more objects were made than let go. Python's 700 is a few
# comments' worth here; of ten thousand connections it would look at all again and again.
YOUNG = 20_000


def settle() -> None:
    """What start-up has made stays for good: the collector need not look at it again. Once per process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


def _find_trim() -> "ctypes._NamedFuncPointer | None":
    try:
        return ctypes.CDLL(None).malloc_trim  # glibc's alone
    except (OSError, AttributeError):
        return None


class Housekeeper:
    """Told the number of sockets now and then, gives memory back when most of them have left."""

    def __init__(self) -> None:
        self._most = 0
        self._trim = _find_trim()

    def look(self, sockets: int) -> bool:
        """Whether memory was given back."""
        self._most = max(self._most, sockets)
        if self._most < WORTH_IT or sockets > self._most // 2:
            return False
        # Not all at once: what a socket held may be let go some seconds after it is counted out.
        self._most //= 2
        gc.collect()
        if self._trim is not None:
            self._trim(0)
        return True
