"""The inbox as pages, for whoever has no JavaScript; what is chosen about it; and the way out of letters."""

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import User
from realtime.budgets import READING_INBOX, SETTLING, spend
from realtime.errors import ErrorCode, Refused
from realtime.origins import is_visit

from . import choices, inbox, unsubscribing
from .forms import ChoicesForm
from .texts import sentence


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """One's notifications, a page at a time; the button marks as read what was there when it was made."""
    user = _user(request)
    if request.method == "POST":
        up_to = request.POST.get("up_to", "")
        try:
            async_to_sync(spend)(READING_INBOX, user.pk)
            inbox.mark_all_read(acting_user=user, up_to=_number(up_to) if up_to else None)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        return redirect("notifications")
    try:
        page = inbox.page(user, request.GET.get("after", ""))
    except Refused as refusal:
        raise Http404 from refusal
    entries = [(entry, sentence(entry)) for entry in page.entries]
    context = {
        "entries": entries,
        "cursor": page.cursor,
        "unread": page.unread.entries,
        # Not what comes while the page is looked at: nobody has seen that.
        "up_to": next((entry.id for entry in page.entries if not entry.is_read), None),
        "is_first": "after" not in request.GET,
    }
    return render(request, "accounts/notifications/index.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notification(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Where a notification leads: whoever goes there has read it. Sent as a form it is only marked."""
    user = _user(request)
    try:
        async_to_sync(spend)(READING_INBOX, user.pk)
        is_looked_at = request.method == "GET" and is_visit(request.headers)
        if request.method != "POST" and not is_looked_at:
            found = inbox.own(notification_id, user)
        else:
            found = inbox.mark_read(notification_id, acting_user=user)
    except Refused as refusal:
        raise Http404 from refusal
    is_safe = url_has_allowed_host_and_scheme(found.path, allowed_hosts=None)
    if request.method == "POST" or not (found.path and is_safe):
        return redirect("notifications")
    return redirect(found.path)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Kind by kind what one wants to be told, and how."""
    user = _user(request)
    form = ChoicesForm(choices.of(user), request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            async_to_sync(spend)(SETTLING, user.pk)
            choices.choose(form.chosen(), acting_user=user)
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Your settings are saved."))
            return redirect("notification-choices")
    context = {"form": form, "address": unsubscribing.address_of(user)}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/notifications/choices.html", context, status=status)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The way out of letters, for whoever has one: without logging in, and by one request as RFC 8058 has it.

    Following the link asks first, for programs that look at letters follow links. There is nothing to forge:
    whoever has the token may do it.
    """
    user_id = unsubscribing.read(token)
    if user_id is None:
        raise Http404
    if request.method == "POST":
        choices.no_more_mail(user_id)
    is_done = request.method == "POST"
    return render(request, "accounts/notifications/unsubscribe.html", {"is_done": is_done, "token": token})


def _number(text: str) -> int:
    """Raises `Refused` with `not_found` for what is no number of ours."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Refused(ErrorCode.NOT_FOUND)
    return int(text)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("this view needs @login_required")
    return request.user
