"""The pages by which readers react, follow and choose what they see.

Each is what a button in the page of a post does by a socket, for whoever has no JavaScript.
"""

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from realtime.budgets import CHOOSING, REACTING, spend
from realtime.errors import Refused

from . import follows, reactions
from .models import Comment, Post, Status
from .threads import ReaderSees, shown
from .views import REACTIONS_COOKIE, as_it_is_now, reader_of

A_YEAR = 365 * 24 * 60 * 60


@as_it_is_now
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def react(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Choose a reaction; `add` or `remove` with an emoji is one."""
    reader = reader_of(request)
    published = Comment.objects.filter(status=Status.PUBLISHED, post__in=Post.objects.reachable())
    found = get_object_or_404(published.select_related("author", "post", "parent__author"), pk=comment_id)
    status, problem = 200, ""
    if request.method == "POST":
        on = "add" in request.POST
        emoji = request.POST.get("add" if on else "remove", "")
        try:
            async_to_sync(spend)(REACTING, reader.pk)
            reactions.react(found.pk, emoji, on=on, acting_user=reader)
        except Refused as refusal:
            status, problem = 422, str(refusal.message)
        else:
            return redirect(found)
    own = reactions.own_reactions({reader.pk}, reactions.with_any([found]))[reader.pk]
    context = {
        "comment": shown(found, reader, ReaderSees(reacted=own)),
        "post": found.post,
        "problem": problem,
        "offered": [(emoji, emoji in own.get(found.pk, ())) for emoji in settings.REACTIONS],
    }
    return render(request, "comments/react.html", context, status=status)


@login_required
@require_POST
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    """Follow a post, or, with `on` 0, no more."""
    found = get_object_or_404(Post.objects.reachable(), slug=slug)
    on = request.POST.get("on") != "0"
    try:
        async_to_sync(spend)(CHOOSING, reader_of(request).pk)
        follows.follow(found.pk, on=on, acting_user=reader_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("You follow this post.") if on else _("You no longer follow this post."))
    return redirect(f"{found.get_absolute_url()}#comments")


@require_POST
def show_reactions(request: HttpRequest) -> HttpResponse:
    """Keep in this browser whether its reader wants to see reactions; no account is needed for that."""
    place = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(place, allowed_hosts=None):
        place = reverse("comments:index")
    answer = redirect(place)
    if request.POST.get("show") == "0":
        # Not HttpOnly: with JavaScript the page itself writes it, so that no choice is older than the other.
        answer.set_cookie(
            REACTIONS_COOKIE, "hidden", max_age=A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        answer.delete_cookie(REACTIONS_COOKIE, samesite="Lax")
    return answer
