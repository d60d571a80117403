"""The cache in Redis, or in this process's memory while Redis does not answer.

What is kept there are allauth's counts of log-ins and the like. Nobody should be kept from logging in
because Redis is away, nor wait for it.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger("postroom.cache")

# Seconds that Redis gets for an answer, and for which it is left alone when it gave none.
TIMEOUT = 0.25
PAUSE = 5.0
_METHODS = (
    "add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear",
)  # fmt: skip


class RedisOrMemoryCache(RedisCache):
    # Django makes an instance per thread or request; what one has found out holds for all.
    _pause_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        impatience = {
            "socket_timeout": TIMEOUT,
            "socket_connect_timeout": TIMEOUT,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, {**params, "OPTIONS": {**impatience, **params.get("OPTIONS", {})}})
        self._memory = LocMemCache("while Redis is away", params)


def _either(name: str) -> Callable[..., Any]:
    in_redis: Callable[..., Any] = getattr(RedisCache, name)

    def call(self: RedisOrMemoryCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= RedisOrMemoryCache._pause_until:
            try:
                return in_redis(self, *args, **kwargs)
            except (RedisError, OSError) as problem:
                logger.warning("the cache is kept in memory, Redis does not answer: %r", problem)
                RedisOrMemoryCache._pause_until = time.monotonic() + PAUSE
        return getattr(self._memory, name)(*args, **kwargs)

    return call


for _name in _METHODS:
    setattr(RedisOrMemoryCache, _name, _either(_name))
