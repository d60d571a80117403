"""Time that stands still until a test lets it go on, for whatever would wait for a clock otherwise."""

import asyncio
import time

STEP = 0.005  # seconds between two looks at what is due


class Clock:
    """Stands for `time.monotonic`, by which asyncio's event loop goes as well: what sleeps or has a limit
    waits until `pass_by` lets time go on, and where nobody does, for ever."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def __call__(self) -> float:
        return self.now


async def pass_by(seconds: float) -> None:
    """Let so much time pass, and everything happen that is due meanwhile. Wants the fixture `clock`."""
    clock = time.monotonic
    assert isinstance(clock, Clock), "here time goes on by itself"
    until = clock.now + seconds
    while clock.now < until:
        clock.now = min(until, clock.now + STEP)
        for _ in range(5):  # what is due may lead to something that is due at once
            await asyncio.sleep(0)
