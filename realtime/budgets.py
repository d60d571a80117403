"""Every rate limit by name, with its reason.

Counted by the `limits` library: in Redis when there is one, so that all processes share a count, and
in this process's memory otherwise or while Redis does not answer. Windows move, so `retry_after` is
when the oldest hit leaves the window, not when a clock strikes.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from .errors import ErrorCode, Refused

logger = logging.getLogger("postroom.realtime")


@dataclass(frozen=True, slots=True)
class Budget:
    """`amount` hits in any `seconds`; whoever asks for more is refused for `locked_for` seconds."""

    name: str
    amount: int
    seconds: int
    locked_for: int = 0


# A page that is logged out gives up after one refusal. Five from the same address with the same
# cookie within a minute is a script, and it need not reach the database for two minutes.
FAILED_HANDSHAKES = Budget("failed_handshakes", 5, 60, locked_for=120)
# A script that brings a new cookie each time has a new count above each time, and leaves a key in the store.
# So an address has a count too: a hundred, because an office whose sessions end together, after a new
# `SECRET_KEY` say, comes back with all its tabs once. Beyond it nothing more is noted for two minutes and
# cookies that do not stand are told to wait; those that do stand are let in from there as ever.
FAILED_FROM_ADDRESS = Budget("failed_from_address", 100, 60, locked_for=120)
# A standing session may try sixty times as often, and waits for moments only: the page on a train in and
# out of tunnels retries every few seconds, in ten tabs. The count is by address and user, so an office
# behind one address shares nothing.
HANDSHAKES = Budget("handshakes", 300, 60, locked_for=10)
# New comments, edits and removals: one every two seconds for a whole minute is more than a person types. An
# outbox that is fuller after a tunnel waits as long as it is told to and then goes on.
WRITING = Budget("writing", 30, 60)
# Requests that are not understood or break a rule of form. They cost nothing of the budgets above, so
# nobody is locked out of writing by an empty comment; a script that floods is stopped all the same.
MISTAKES = Budget("mistakes", 240, 60)
# Reactions, given and taken back: one a second for a minute, which is somebody reading fast.
REACTING = Budget("reacting", 60, 60)
# Whom to call by name: a question for each letter that is typed, as fast as somebody types.
NAMING = Budget("naming", 240, 60)
# What a reader chooses for themselves alone: following, muting. Nobody else notices.
CHOOSING = Budget("choosing", 60, 60)
# What one is to others, and that one has stopped moving: somebody with ten tabs who comes and goes, each of
# which asks once how the others are.
STATUSES = Budget("statuses", 120, 60)
# People to whom somebody writes in private for the first time: more than that in an hour is no conversation.
MEETING = Budget("meeting", 20, 3_600)
# Under one post: one every five seconds for ten minutes still leaves room for others.
WRITING_HERE = Budget("writing_here", 120, 600)
# Previews: somebody who looks at each sentence. They cost what rendering costs and write nothing.
PREVIEWING = Budget("previewing", 60, 60)
# Entering and leaving: a reader who leafs through the front page, in several tabs, after a reconnect.
JOINING = Budget("joining", 120, 60)
# Flags, appeals and the like: what moderators have to read. Twenty in ten minutes is more than a reader finds
# who means it, and not enough to fill a queue with.
REPORTING = Budget("reporting", 20, 600)
# Pictures of oneself: each costs up to a second to draw anew. Somebody who tries a few until one pleases.
PICTURES = Budget("pictures", 12, 600)
# One's own settings: a form that a person fills in.
SETTLING = Budget("settling", 30, 600)
# All that one has ever written is read for it. Once is what anybody needs, and a download may break.
DOWNLOADING = Budget("downloading", 5, 3_600)
# Decisions, undoing them, sanctions: five a second is faster than anybody reads, and slower than a script.
DECIDING = Budget("deciding", 300, 60)
# Watching a queue, its next page, which item somebody looks at: a moderator who holds a key down. Pages keep
# to a few of these a second by themselves.
WATCHING = Budget("watching", 600, 60)
# That somebody types: a page says so every three seconds at most, and when it stops. Twice that for somebody
# who goes to and fro, and in another tab.
TYPING = Budget("signs_of_typing", 80, 60)
# One's own inbox, read and marked: somebody who opens and reads one after the other, in several tabs that all
# come back after a reconnect.
READING_INBOX = Budget("reading_inbox", 240, 60)
# Other pages, earlier and later: 120 a minute is 6,000 comments, faster than anybody scrolls.
READING = Budget("reading", 120, 60)

# Sockets at once, per process: with several workers the bound is as many times higher. A person has a few
# devices with a few tabs each.
SOCKETS_PER_USER = 20
# What an address may hold is the setting `SOCKETS_PER_ADDRESS`, and half as many transports that have not
# been let in yet; see `addresses` for what happens beyond. A company, a campus or a mobile carrier may stand
# behind one address with thousands of readers, who all come back at once after a restart; and behind a proxy
# that does not say for whom it asks everybody is one address. So this only keeps an address from taking all
# the descriptors of a process.
# When to try again after one of these, in seconds: a tab must be closed first, or somebody leave.
USER_IS_FULL = 30
ADDRESS_IS_FULL = 60

# Counting must never hold up what it guards: Redis gets this long, in seconds, and after a failure is
# left alone for a while.
REDIS_TIMEOUT = 0.25
REDIS_PAUSE = 5.0


async def spend(budget: Budget, *who: object) -> None:
    """Take one hit from somebody's budget. Raises `Refused` with `retry_after` when it is used up."""
    if not settings.BUDGETS:
        return
    _refuse(await _counters().ask(lambda counter: counter.wait_for(budget, _key(who))))


async def check_lock(budget: Budget, *who: object) -> None:
    """Refuse somebody who is locked out, without counting. Raises `Refused`."""
    if not settings.BUDGETS:
        return
    _refuse(await _counters().ask(lambda counter: counter.locked_for(budget, _key(who))))


def _key(who: tuple[object, ...]) -> str:
    return ":".join(map(str, who))


def _refuse(wait: float) -> None:
    if wait > 0:
        raise Refused(ErrorCode.RATE_LIMITED, retry_after=max(1, round(wait)))


class _Counter:
    """Budgets counted in one storage."""

    def __init__(self, storage: MemoryStorage | RedisStorage) -> None:
        self._storage = storage
        self._limiter = MovingWindowRateLimiter(storage)

    async def wait_for(self, budget: Budget, who: str) -> float:
        """Seconds until a hit will be granted; 0 where it was granted now."""
        locked = await self.locked_for(budget, who)
        if locked > 0:
            return locked
        item = RateLimitItemPerSecond(budget.amount, budget.seconds, namespace=budget.name)
        if await self._limiter.hit(item, who):
            return 0.0
        if budget.locked_for:
            await self._storage.incr(_lock_key(budget, who), budget.locked_for)
            return float(budget.locked_for)
        window = await self._limiter.get_window_stats(item, who)
        return max(window.reset_time - time.time(), 0.1)

    async def locked_for(self, budget: Budget, who: str) -> float:
        if not budget.locked_for or not await self._storage.get(_lock_key(budget, who)):
            return 0.0
        return max(await self._storage.get_expiry(_lock_key(budget, who)) - time.time(), 0.1)


class _Counters:
    """Redis first, memory while it is away."""

    def __init__(self) -> None:
        self._memory = _Counter(MemoryStorage())
        self._shared: _Counter | None = None
        self._pause_until = 0.0
        if settings.REDIS_URL:
            storage = RedisStorage(
                f"async+{settings.REDIS_URL}", implementation="redispy", key_prefix="postroom:budget"
            )
            self._shared = _Counter(storage)

    async def ask(self, question: Callable[[_Counter], Awaitable[float]]) -> float:
        if self._shared is not None and time.monotonic() >= self._pause_until:
            try:
                async with asyncio.timeout(REDIS_TIMEOUT):
                    return await question(self._shared)
            except (RedisError, OSError, TimeoutError) as problem:
                logger.warning("budgets are counted in memory, Redis does not answer: %r", problem)
                self._pause_until = time.monotonic() + REDIS_PAUSE
        return await question(self._memory)


@lru_cache(maxsize=1)
def _counters() -> _Counters:
    return _Counters()


def _lock_key(budget: Budget, who: str) -> str:
    return f"lock/{budget.name}/{who}"
