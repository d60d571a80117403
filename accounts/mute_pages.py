"""The pages by which somebody mutes a person, and sees whom they have muted."""

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from realtime.budgets import CHOOSING, spend
from realtime.errors import Refused

from . import mutes
from .models import User


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mute(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask first, then fold away what this person writes; with `on` 0 show it again."""
    reader = _reader(request)
    try:
        person = mutes.find(user_id, acting_user=reader)
    except Refused as refusal:
        raise Http404 from refusal
    if person == reader:
        raise Http404
    place = request.POST.get("next", request.GET.get("next", ""))
    if not url_has_allowed_host_and_scheme(place, allowed_hosts=None):
        place = ""
    if request.method != "POST":
        return render(request, "accounts/mute.html", {"person": person, "next": place})
    on = request.POST.get("on") != "0"
    try:
        async_to_sync(spend)(CHOOSING, reader.pk)
        mutes.mute(person.pk, on=on, acting_user=reader)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        sentence = _("You have muted %(name)s.") if on else _("You no longer mute %(name)s.")
        messages.success(request, sentence % {"name": person.shown_name})
    return redirect(place or "muted")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def muted(request: HttpRequest) -> HttpResponse:
    """Whom one has muted, each with a way to take it back."""
    return render(request, "accounts/muted.html", {"people": mutes.muted_by(_reader(request))})


def _reader(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("this view needs @login_required")
    return request.user
