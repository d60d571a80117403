"""The pages of one's own account, beside allauth's. Everything here works without JavaScript."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings as allauth_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from asgiref.sync import async_to_sync
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language as set_language_cookie

from realtime.budgets import DOWNLOADING, PICTURES, SETTLING, spend
from realtime.errors import Refused
from realtime.streaming import attachment

from . import avatars, deletion, own_data, preferences
from .forms import DeleteForm, PictureForm, SettingsForm
from .models import Avatar, User

View = Callable[..., HttpResponseBase]
# Seconds of removing comments that whoever deletes their account waits for.
ERASE_AT_ONCE = 1.0


@require_safe
@never_cache
def session(request: HttpRequest) -> JsonResponse:
    """For a front end of one's own: who is logged in, and what its forms have to send as `X-CSRFToken`.

    Pages of other origins can read it where `TRUSTED_ORIGINS` says so, and nowhere else.
    """
    reader = None
    if isinstance(request.user, User):
        user = request.user
        reader = {"id": str(user.pk), "username": user.username, "name": user.shown_name}
    return JsonResponse({"reader": reader, "csrfToken": get_token(request)})


def surely(view: View) -> View:
    """Only for who has logged in, or has given their password again, a short while ago."""
    asked_again: View = reauthentication_required(view)

    @wraps(view)
    def sure(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        records = get_authentication_records(request, _user(request))
        lately = time.time() - allauth_settings.REAUTHENTICATION_TIMEOUT
        if any(record.get("at", 0) > lately for record in records):
            return view(request, *args, **kwargs)
        if not get_adapter(request).get_reauthentication_methods(request.user):
            # Without a password there is nothing to ask for, and allauth would let them pass.
            messages.info(request, _("Please log in once more first."))
            back = urlencode({"next": request.get_full_path()})
            login = f"{reverse('account_login')}?{back}"
            return redirect(f"{reverse('account_logout')}?{urlencode({'next': login})}")
        return asked_again(request, *args, **kwargs)

    return login_required(sure)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """Two forms: the picture, which is sent by itself because it is a file, and the rest."""
    user = _user(request)
    form, picture_form = SettingsForm.of(user), PictureForm()
    action = request.POST.get("action", "")
    if action == "remove-picture":
        avatars.remove_picture(user, acting_user=user)
        messages.success(request, _("Your picture is removed."))
        return redirect("accounts:settings")
    if action == "picture":
        picture_form = PictureForm(request.POST, request.FILES)
        if _done(picture_form, "picture", lambda: _change_picture(user, picture_form)):
            messages.success(request, _("This is your picture from now on."))
            return redirect("accounts:settings")
    elif request.method == "POST":
        form = SettingsForm(request.POST)
        if _done(form, "name", lambda: _change_settings(user, form)):
            with translation.override(user.language or _browsers_language(request)):
                messages.success(request, _("Your settings are saved."))
            response = redirect("accounts:settings")
            _keep_language(response, user.language)
            return response
    context = {"form": form, "picture_form": picture_form, "site_zone": settings.TIME_ZONE}
    is_wrong = form.is_bound or picture_form.is_bound
    return render(request, "accounts/settings.html", context, status=422 if is_wrong else 200)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The button in the header. Whoever has an account chooses for all their devices."""
    if isinstance(request.user, User):
        preferences.change_language(request.POST.get("language", ""), acting_user=request.user)
    response: HttpResponse = set_language_cookie(request)
    return response


@csp_replace({"default-src": ["'none'"], "sandbox": True})  # type: ignore[arg-type]
@require_safe
def avatar(request: HttpRequest, digest: str) -> HttpResponse:
    """A picture. Its address is made of what is in it, so it never changes; its bytes were made here."""
    found = get_object_or_404(Avatar, digest=digest)
    return HttpResponse(
        bytes(found.image),
        content_type="image/webp",
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )


@never_cache
@login_required
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What can be taken along, and the way out."""
    return render(request, "accounts/data.html")


@never_cache
@surely
@require_http_methods(["GET", "HEAD", "POST"])
def download(request: HttpRequest) -> HttpResponseBase:
    """A page that asks for nothing but a press: whoever had to give a password first comes back here."""
    user = _user(request)
    if request.method != "POST":
        return render(request, "accounts/download.html")
    try:
        async_to_sync(spend)(DOWNLOADING, user.pk)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("accounts:data")
    name = f"{settings.SITE_NAME}-{timezone.now():%Y-%m-%d}.json".lower().replace(" ", "-")
    name = "".join(each for each in name if each.isascii() and (each.isalnum() or each in "-."))
    return attachment(request, own_data.pieces(user), name=name, content_type="application/json")


@never_cache
@surely
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponseBase:
    user = _user(request)
    is_only_superuser = deletion.is_only_superuser(user)
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            gone = deletion.delete_account(acting_user=user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            language = translation.get_language()
            logout(request)
            deletion.advance(gone.pk, seconds=ERASE_AT_ONCE)
            response = redirect("accounts:deleted")
            _keep_language(response, language if user.language else "")
            return response
    context = {"form": form, "is_only_superuser": is_only_superuser}
    return render(request, "accounts/delete.html", context, status=422 if form.is_bound else 200)


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/deleted.html")


def _change_picture(user: User, form: PictureForm) -> None:
    async_to_sync(spend)(PICTURES, user.pk)
    avatars.change_picture(form.cleaned_data["picture"], acting_user=user)


def _change_settings(user: User, form: SettingsForm) -> None:
    async_to_sync(spend)(SETTLING, user.pk)
    preferences.change_settings(acting_user=user, **form.cleaned_data)


def _done(form: PictureForm | SettingsForm, blamed: str, act: Callable[[], None]) -> bool:
    """Whether it was right and is done; what was refused is said at the field `blamed`."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as refusal:
        form.add_error(blamed, str(refusal.message))
        return False
    return True


def _keep_language(response: HttpResponse, language: str | None) -> None:
    """Let the browser know, too, for the pages that it sees logged out; or forget what it knew."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            path=settings.LANGUAGE_COOKIE_PATH,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)


def _browsers_language(request: HttpRequest) -> str:
    """What the next page will be in when no choice is left, neither in the account nor in a cookie."""
    request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
    return translation.get_language_from_request(request)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("this view needs @login_required")
    return request.user
