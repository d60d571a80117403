"""Everybody comes back: readers who lost their process, one by one, and the queue before the one they find.

A page tries again after about a second, half a second more or less, then after twice as long each time, up to
half a minute, as `static/js/postroom/connection.js` tells Socket.IO's client. A process answers one after the
other.
"""

import heapq
import math
import random
from dataclasses import dataclass

from .costs import CONNECT_WITHIN, Costs

MICRO = 1e6
RETRY_FROM, RETRY_TO, JITTER = 1.0, 30.0, 0.5
# Nobody looks longer than this: seconds after the first has left.
LOOKED_FOR = 900.0
SEED = 1


@dataclass(frozen=True, slots=True)
class Storm:
    """`readers` come to one process; they leave within `leaving` seconds, nobody answers for `away` seconds,
    and the process has the share `free` of its core for them.
    """

    name: str
    readers: int
    leaving: float
    away: float = 0.0
    free: float = 1.0


@dataclass(frozen=True, slots=True)
class Return:
    """Seconds since the first left until so many were back, infinite where they were not after `LOOKED_FOR`;
    `attempts` are per reader.
    """

    half: float
    nearly_all: float
    everybody: float
    attempts: float


def come_back(costs: Costs, storm: Storm) -> Return:
    """Whoever waits longer than a page has patience for tries later; the answer that comes too late is paid
    for all the same, which is the worse assumption.
    """
    chance = random.Random(SEED)
    service = costs.join_back / MICRO / storm.free

    def pause(attempt: int) -> float:
        return min(RETRY_TO, RETRY_FROM * 2.0**attempt) * chance.uniform(1 - JITTER, 1 + JITTER)

    tries = [(chance.uniform(0, storm.leaving) + pause(0), 0) for _ in range(storm.readers)]
    heapq.heapify(tries)
    free_at, attempts, back = 0.0, 0, []
    while tries:
        now, attempt = heapq.heappop(tries)
        if now > LOOKED_FOR:
            break
        attempts += 1
        if now < storm.away:
            heapq.heappush(tries, (now + pause(attempt + 1), attempt + 1))
            continue
        free_at = max(now, free_at) + service
        if free_at - now > CONNECT_WITHIN:
            heapq.heappush(tries, (now + CONNECT_WITHIN + pause(attempt + 1), attempt + 1))
        else:
            back.append(free_at)
    back.sort()

    def when(share: float) -> float:
        wanted = math.ceil(share * storm.readers)
        return back[wanted - 1] if wanted <= len(back) else math.inf

    return Return(half=when(0.5), nearly_all=when(0.99), everybody=when(1), attempts=attempts / storm.readers)
