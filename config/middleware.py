"""Middleware of the project's own."""

import re
import secrets
from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from realtime.logs import about

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")


@sync_and_async_middleware
def request_id(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Names each request in the log and in its answer; a proxy's own `X-Request-ID` is kept."""

    def begin(request: HttpRequest) -> str:
        given = request.headers.get("X-Request-ID", "")
        name = given if _PLAIN.fullmatch(given) else secrets.token_hex(8)
        about.set(name)
        return name

    if iscoroutinefunction(get_response):
        answer_later: Callable[[HttpRequest], Awaitable[HttpResponse]] = get_response

        async def asynchronous(request: HttpRequest) -> HttpResponse:
            name = begin(request)
            response = await answer_later(request)
            response.headers["X-Request-ID"] = name
            return response

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponse:
        name = begin(request)
        response: HttpResponse = get_response(request)
        response.headers["X-Request-ID"] = name
        return response

    return synchronous
