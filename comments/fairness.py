"""The pages by which readers report and appeal, read their warnings, and moderate under their own posts.

Each is what a form in the page of a post does by a socket, for whoever has no JavaScript.
"""

from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sanctions
from accounts.reasons import Reason
from realtime.budgets import REPORTING, WRITING, Budget, spend
from realtime.errors import Refused

from . import appeals, flags, moderation, reading
from .forms import REPORTED_FOR, AppealForm, HideForm, ReportForm
from .models import HIDDEN, Comment, Post, Remover, Status
from .threads import shown
from .views import reader_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Report somebody else's comment; one's own cannot be reported, and so has no such page."""
    reader = reader_of(request)
    found = get_object_or_404(_published().exclude(author=reader), pk=comment_id)
    if reading.reported([found], reader):
        messages.info(
            request,
            _("You have reported this message.")
            if found.post.is_room
            else _("You have reported this comment."),
        )
        return redirect(found)
    form = ReportForm(request.POST or None)

    def act() -> HttpResponse:
        flags.flag(found.pk, form.cleaned_data["reason"], form.cleaned_data["note"], acting_user=reader)
        messages.success(request, _("Thank you. A moderator will look at it."))
        return redirect(found)

    context = {"comment": shown(found, reader), "post": found.post, "report_reasons": REPORTED_FOR}
    return _answered(request, form, act, "report", context, REPORTING)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Answer a decision against one's own comment, once."""
    reader = reader_of(request)
    own = Comment.objects.filter(author=reader, status__in=HIDDEN, post__in=Post.objects.reachable())
    found = get_object_or_404(own.select_related("post").defer("content", "html"), decisions=decision_id)
    decision = found.decisions.select_related("appeal").latest("id")
    if decision.pk != decision_id or not appeals.holds(decision, found):
        raise Http404
    decision.comment = found
    place = f"{found.post.get_absolute_url()}#comment-{found.pk}"
    if hasattr(decision, "appeal"):
        messages.info(request, _("You have appealed against this decision already."))
        return redirect(place)
    form = AppealForm(request.POST or None)

    def act() -> HttpResponse:
        appeals.appeal(decision.pk, form.cleaned_data["text"], acting_user=reader)
        messages.success(request, _("Thank you. A moderator will answer your appeal."))
        return redirect(place)

    context = {"decision": decision, "place": place, "post": found.post}
    return _answered(request, form, act, "appeal", context, REPORTING)


@login_required
@require_POST
def acknowledge(request: HttpRequest, slug: str, sanction_id: int) -> HttpResponse:
    """Note that a warning was read, and go on where one wanted to write."""
    post = get_object_or_404(Post.objects.reachable(), slug=slug)
    try:
        async_to_sync(spend)(REPORTING, reader_of(request).pk)
        sanctions.acknowledge(sanction_id, acting_user=reader_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect(f"{post.get_absolute_url()}#composer")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hide(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Hide a comment with a reason: for whoever may moderate there."""
    reader = reader_of(request)
    found = _moderated(request, _published(), comment_id)
    form = HideForm(request.POST or None)

    def act() -> HttpResponse:
        data = form.cleaned_data
        moderation.hide_comment(
            found.pk, acting_user=reader, reason=data["reason"], explanation=data["explanation"]
        )
        is_message = found.post.is_room
        messages.success(request, _("The message is hidden.") if is_message else _("The comment is hidden."))
        return redirect(f"{found.post.get_absolute_url()}#comments")

    context = {"comment": shown(found, reader), "post": found.post, "reasons": list(Reason)}
    return _answered(request, form, act, "hide", context, WRITING)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Put back a comment that moderators have hidden; the page says nothing of its text."""
    reader = reader_of(request)
    hidden = Comment.objects.filter(
        status__in=HIDDEN, removed_by=Remover.MODERATOR, version__gt=0, post__in=Post.objects.reachable()
    )
    found = _moderated(request, hidden.select_related("post").defer("content", "html"), comment_id)
    form = forms.Form(request.POST if request.method == "POST" else None)

    def act() -> HttpResponse:
        moderation.restore_comment(found.pk, acting_user=reader)
        is_message = found.post.is_room
        messages.success(request, _("The message is back.") if is_message else _("The comment is back."))
        return redirect("comments:comment", found.pk)

    return _answered(request, form, act, "restore", {"post": found.post}, WRITING)


def _answered(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], HttpResponse],
    template: str,
    context: dict[str, Any],
    budget: Budget,
) -> HttpResponse:
    """The form's page; what `act` makes of it once it is sent and right; or why it was refused."""
    if form.is_valid():
        try:
            async_to_sync(spend)(budget, reader_of(request).pk)
            return act()
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
    status = 422 if form.is_bound else 200
    return render(request, f"comments/{template}.html", {**context, "form": form}, status=status)


def _published() -> Any:
    found = Comment.objects.filter(status=Status.PUBLISHED, post__in=Post.objects.reachable())
    return found.select_related("author", "post", "parent__author")


def _moderated(request: HttpRequest, comments: Any, comment_id: int) -> Comment:
    """A comment that the reader may decide about; for everybody else there is no such page."""
    found: Comment = get_object_or_404(comments, pk=comment_id)
    if not moderation.may_moderate_here(reader_of(request), found.post):
        raise Http404
    return found
