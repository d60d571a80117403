"""The pages by which somebody follows a person, sees whom they follow, and says what they are to others.

Each does what a button does by a socket, for whoever has no JavaScript.
"""

from dataclasses import dataclass
from datetime import datetime

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from realtime.budgets import CHOOSING, STATUSES, spend
from realtime.errors import Refused
from realtime.server import sio
from realtime.statuses import Status

from . import follows, preferences
from .models import ChosenStatus, User

_ORDER = [Status.ONLINE, Status.AWAY, Status.OFFLINE]


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to a reader who follows them, as this process knows it now."""

    person: User
    status: Status
    last_seen: datetime | None

    @classmethod
    def of(cls, followed: follows.Followed) -> "Standing":
        return cls(followed.person, sio.statuses.of(followed.person.pk), followed.last_seen)

    @classmethod
    def unknown(cls, person: User) -> "Standing":
        """To whoever may not know."""
        return cls(person, Status.OFFLINE, None)


@never_cache
@login_required
@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """Whom one follows: those who are here first, then whoever was here last."""
    reader = _reader(request)
    people = [Standing.of(each) for each in follows.followed_by(reader)]
    people.sort(key=lambda each: each.person.shown_name.casefold())
    people.sort(key=lambda each: each.last_seen.timestamp() if each.last_seen else 0, reverse=True)
    people.sort(key=lambda each: _ORDER.index(each.status))
    context = {
        "people": people,
        "here": sum(each.status != Status.OFFLINE for each in people),
        "chosen": reader.status,
        "choices": ChosenStatus.choices,
    }
    return render(request, "accounts/following.html", context)


@login_required
@require_POST
def follow(request: HttpRequest, username: str) -> HttpResponse:
    """Follow a person, or, with `on` 0, no more."""
    reader = _reader(request)
    person = get_object_or_404(User, username=username)
    on = request.POST.get("on") != "0"
    try:
        async_to_sync(spend)(CHOOSING, reader.pk)
        follows.follow(person.pk, on=on, acting_user=reader)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        sentence = _("You follow %(name)s.") if on else _("You no longer follow %(name)s.")
        messages.success(request, sentence % {"name": person.shown_name})
    return redirect(_place(request))


@login_required
@require_POST
def status(request: HttpRequest) -> HttpResponse:
    """Be online, away or invisible from now on."""
    reader = _reader(request)
    try:
        async_to_sync(spend)(STATUSES, reader.pk)
        preferences.choose_status(request.POST.get("status", ""), acting_user=reader)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect(_place(request))


def _place(request: HttpRequest) -> str:
    place = request.POST.get("next", "")
    return place if url_has_allowed_host_and_scheme(place, allowed_hosts=None) else "accounts:following"


def _reader(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("this view needs @login_required")
    return request.user
