"""Middleware of the project's own."""

import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http.cookies import Morsel
from inspect import iscoroutinefunction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.decorators import sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin

from accounts.models import AVATARS, User
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


@sync_and_async_middleware
def partition_cookies(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Has browsers keep our cookies apart for each site whose pages ask us, if the settings say so."""
    if settings.CROSS_SITE_COOKIES != "partitioned":
        raise MiddlewareNotUsed
    # Neither Django 5.2 nor Python before 3.14 knows this attribute of a cookie.
    Morsel._reserved.setdefault("partitioned", "Partitioned")  # type: ignore[attr-defined]
    Morsel._flags.add("partitioned")  # type: ignore[attr-defined]

    def partition(response: HttpResponseBase) -> None:
        for cookie in response.cookies.values():
            cookie["partitioned"] = True

    if iscoroutinefunction(get_response):
        answer_later: Callable[[HttpRequest], Awaitable[HttpResponse]] = get_response

        async def asynchronous(request: HttpRequest) -> HttpResponse:
            response = await answer_later(request)
            partition(response)
            return response

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        partition(response)
        return response

    return synchronous


class OwnLanguageAndTime(MiddlewareMixin):
    """Pages speak the language and tell the time that their reader has chosen in their account.

    It stands behind authentication, which the middleware for the browser's language cannot. Without a choice
    that one's stays, and the site's own time zone.
    """

    def process_request(self, request: HttpRequest) -> None:
        timezone.deactivate()
        # A picture is the same for everybody, and need not ask who wants it.
        if request.path_info.startswith(AVATARS) or not isinstance(request.user, User):
            return
        if request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        if request.user.time_zone:
            with suppress(ZoneInfoNotFoundError, ValueError):  # one that the world has given up since
                timezone.activate(ZoneInfo(request.user.time_zone))

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        timezone.deactivate()
        return response
