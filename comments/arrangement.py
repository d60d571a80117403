"""How somebody wants to read the comments of a post: in threads or as a stream, and in which order.

It is remembered in two cookies, which a page's script writes as well: so the server renders at once what the
reader wants, and nothing moves when the script arrives.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .threads import Thread

REMEMBERED_FOR = 365 * 24 * 3600
VIEW_COOKIE = "comments_view"
ORDER_COOKIE = "comments_order"


class View(StrEnum):
    THREADS = "threads"  # replies under what they answer
    LIVE = "live"  # one after the other, in the order of time


class Order(StrEnum):
    """Of threads; replies always stand oldest first."""

    OLDEST = "oldest"
    NEWEST = "newest"
    TOP = "top"  # most reactions first


Choice = TypeVar("Choice", View, Order)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`is_asked`: it was asked for by address, so it is remembered."""

    view: View
    order: Order
    is_asked: bool = False

    @property
    def is_downward(self) -> bool:
        """Whether newer comments stand below older ones."""
        return self.view == View.LIVE or self.order == Order.OLDEST


def arrangement_of(request: HttpRequest) -> Arrangement:
    """What the address asks for, or else what was asked for the last time."""
    view = _choice(View, request.GET.get("view"))
    order = _choice(Order, request.GET.get("order"))
    return Arrangement(
        view or _choice(View, request.COOKIES.get(VIEW_COOKIE)) or View.THREADS,
        order or _choice(Order, request.COOKIES.get(ORDER_COOKIE)) or Order.OLDEST,
        is_asked=bool(view or order),
    )


def remember(arrangement: Arrangement, response: HttpResponse) -> None:
    for name, value in ((VIEW_COOKIE, arrangement.view), (ORDER_COOKIE, arrangement.order)):
        response.set_cookie(
            name,
            value.value,
            max_age=REMEMBERED_FOR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def arranged(threads: list[Thread], order: Order) -> list[Thread]:
    """Threads that stand oldest first, in another order. `models/threads.js` does the same."""
    if order == Order.OLDEST:
        return threads
    if order == Order.NEWEST:
        return threads[::-1]
    return sorted(threads, key=lambda each: (each.comment.reaction_count, each.comment.id or 0), reverse=True)


def address(url: str, **parameters: object) -> str:
    """A post's address with these parameters, at its comments."""
    return f"{url}?{urlencode(parameters)}#comments"


def _choice(kind: type[Choice], text: str | None) -> Choice | None:
    return next((each for each in kind if each == text), None)
