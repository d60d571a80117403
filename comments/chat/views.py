"""The chat's pages: a room, which is a post's page without the post, and what two people write to each other.

All of it works without JavaScript.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import blocks, mutes
from accounts.models import User
from comments.forms import REPORTED_FOR, ReportForm
from comments.models import Post, PrivateMessage
from comments.rules import check_message, longest_message
from comments.views import as_it_is_now, page_of, reader_of
from realtime.budgets import CHOOSING, MEETING, READING, REPORTING, WRITING, spend
from realtime.errors import ErrorCode, Refused
from realtime.origins import is_visit

from . import private, rooms


class MessageForm(forms.Form):
    """`client_id` makes a form that is sent twice one message."""

    content = forms.CharField(
        label=gettext_lazy("Message"),
        widget=forms.Textarea(attrs={"rows": 1}),
        strip=False,
        required=False,
    )
    client_id = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def clean_content(self) -> str:
        try:
            return check_message(str(self.cleaned_data["content"]).replace("\r\n", "\n"))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal.message)) from refusal


@as_it_is_now
@require_safe
def lobby(request: HttpRequest) -> HttpResponse:
    found = rooms.lobby()
    if found is None:
        # An admin has closed it: whoever comes is shown the first of the other rooms.
        others = rooms.all_rooms()
        if not others:
            raise Http404
        return redirect(others[0])
    return page_of(request, found)


@as_it_is_now
@require_safe
def room(request: HttpRequest, slug: str) -> HttpResponse:
    if slug == rooms.LOBBY:
        rooms.lobby()  # made, if nobody has asked for it yet
    return page_of(request, get_object_or_404(Post.objects.reachable().rooms(), slug=slug))


@never_cache
@login_required
@require_safe
def conversations(request: HttpRequest) -> HttpResponse:
    """With whom one has written, and where one begins to."""
    reader = reader_of(request)
    name = request.GET.get("name", "").strip().removeprefix("@")
    problem, status = "", 200
    if name:
        try:
            async_to_sync(spend)(READING, reader.pk)
            person = private.find_person(name[:150], acting_user=reader)
        except Refused as refusal:
            if refusal.code != ErrorCode.NOT_FOUND:
                problem, status = str(refusal.message), 429
            else:
                problem, status = _("There is nobody of this name."), 404
        else:
            if person != reader:
                return redirect("chat:conversation", person.username)
            problem, status = _("That is you."), 404
    context = {
        "conversations": private.conversations(reader),
        "blocked": blocks.blocked_by(reader),
        "rooms": rooms.all_rooms(),
        "problem": problem,
        "name": name,
    }
    return render(request, "chat/conversations.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request: HttpRequest, username: str) -> HttpResponse:
    """What two people write to each other. Looking at it is reading it."""
    reader = reader_of(request)
    other = get_object_or_404(User, username=username)
    before = request.GET.get("before", "")
    start = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    can_write = private.can_be_written_to(other)
    if other == reader or (not can_write and private.is_first(reader, other)):
        raise Http404
    form = MessageForm(request.POST or None, initial={"client_id": str(uuid4())})
    if request.method == "POST" and can_write and form.is_valid():
        try:
            async_to_sync(spend)(WRITING, reader.pk)
            if private.is_first(reader, other):
                async_to_sync(spend)(MEETING, reader.pk)
            _send(other, form.cleaned_data, acting_user=reader)
        except Refused as refusal:
            form.add_error("content", str(refusal.message))
        else:
            return redirect(f"{request.path}#composer")
    page = private.conversation(reader, other, before=start)
    if start is None and request.method == "GET" and is_visit(request.headers):
        private.mark_read(other, acting_user=reader)
    for message in page.messages:
        message.shown_html = mark_safe(message.html)  # type: ignore[attr-defined]  # cleaned when written
    context = {
        "other": other,
        "page": page,
        "before": page.messages[0].pk if page.has_more else None,
        "is_newest": start is None,
        "taken_back": private.taken_back(reader, other) if start is None else [],
        "form": form,
        "can_write": can_write,
        "is_blocked": blocks.blocks(reader, other),
        "is_muted": mutes.mutes(reader, other),
        "rooms": rooms.all_rooms(),
        "max_length": longest_message(),
        "report_reasons": REPORTED_FOR,
    }
    return render(request, "chat/conversation.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def block(request: HttpRequest, username: str) -> HttpResponse:
    """Get no private messages from a person, or, with `on` 0, get them again."""
    reader = reader_of(request)
    person = get_object_or_404(User, username=username)
    on = request.POST.get("on") != "0"
    try:
        async_to_sync(spend)(CHOOSING, reader.pk)
        blocks.block(person.pk, on=on, acting_user=reader)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        sentence = (
            _("You get no more messages from %(name)s. They cannot tell.")
            if on
            else _("%(name)s can write to you again.")
        )
        messages.success(request, sentence % {"name": person.shown_name})
    return redirect("chat:conversation", person.username)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, message_id: int) -> HttpResponse:
    """Take back a message that one has written."""
    reader = reader_of(request)
    own = PrivateMessage.objects.filter(sender=reader, removed_at__isnull=True)
    found = get_object_or_404(own.select_related("recipient"), pk=message_id)
    if request.method == "POST":
        try:
            async_to_sync(spend)(WRITING, reader.pk)
            private.remove(found.pk, acting_user=reader)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("Your message was removed."))
        return redirect("chat:conversation", found.recipient.username)
    return render(request, "chat/delete.html", _asked(found, found.recipient))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show a message that one has got to the moderators, and nothing else of the conversation."""
    reader = reader_of(request)
    found = get_object_or_404(private.reportable(reader).select_related("sender"), pk=message_id)
    form = ReportForm(request.POST or None)
    if form.is_valid():
        try:
            async_to_sync(spend)(REPORTING, reader.pk)
            private.report(
                found.pk, form.cleaned_data["reason"], form.cleaned_data["note"], acting_user=reader
            )
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Thank you. A moderator will look at it."))
            return redirect("chat:conversation", found.sender.username)
    context = {**_asked(found, found.sender), "form": form, "report_reasons": REPORTED_FOR}
    return render(request, "chat/report.html", context, status=422 if form.is_bound else 200)


def _asked(message: PrivateMessage, other: User) -> dict[str, Any]:
    # Cleaned when it was written. What was taken back is nobody's to read any more but a moderator's.
    html = mark_safe(message.html if message.removed_at is None else "")
    return {"message": message, "html": html, "other": other}


def _send(other: User, data: dict[str, Any], *, acting_user: User) -> PrivateMessage:
    """As a comment's form: another text under the id of what was sent already is another message."""
    content, client_id = data["content"], data["client_id"] or None
    try:
        return private.send(other, content, acting_user=acting_user, client_id=client_id)
    except Refused as refusal:
        if refusal.code != ErrorCode.CONFLICT:
            raise
    again = str(uuid5(NAMESPACE_URL, f"{client_id}/{other.pk}/{content}"))
    return private.send(other, content, acting_user=acting_user, client_id=again)
