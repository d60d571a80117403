"""The desk's pages: a queue, an item in its context, and what is done there, all without JavaScript too."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import SanctionKind, User
from accounts.reasons import Reason
from comments import appeals, bulk, moderation, queues
from comments.models import Comment, Decision, Rule, Status, Verdict
from comments.queues import Queue
from realtime.budgets import DECIDING, spend
from realtime.errors import ErrorCode, Refused

from .acts import may_be_at_the_desk, sanction_the_author
from .events import item_payload
from .forms import AnswerForm, DecisionForm, FilterForm, SanctionForm
from .items import Item, described, items

# Comments shown before and after one in its context, the decisions about it, and the texts it had.
AROUND = 3
DECISIONS_SHOWN = 30
REVISIONS_SHOWN = 10
# How long the request that orders a purge works on it itself, in seconds.
FIRST = 1.0

View = Callable[..., HttpResponse]


def at_the_desk(view: View) -> View:
    """For staff who may moderate; whoever is logged out is asked to log in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_be_at_the_desk(_user(request)):
            raise PermissionDenied
        if any(isinstance(value, int) and value >= 2**63 for value in kwargs.values()):
            raise Http404  # no id of this size fits into the database
        return view(request, *args, **kwargs)

    return never_cache(staff_member_required(guarded, login_url="admin:login"))


@at_the_desk
@require_GET
def first_queue(request: HttpRequest) -> HttpResponse:
    return redirect("desk:queue", queue=Queue.REPORTED.value)


@at_the_desk
@require_GET
def queue(request: HttpRequest, queue: str) -> HttpResponse:
    if queue not in Queue.values:
        raise Http404
    user = _user(request)
    form = FilterForm(request.GET, auto_id="filter-%s")
    form.is_valid()
    filters = form.filters()
    if queue == Queue.APPEALS:
        filters = replace(filters, search="")  # there is none among appeals
    cursor = request.GET.get("cursor", "")
    try:
        page = queues.page(queue, acting_user=user, filters=filters, order=form.order_chosen, cursor=cursor)
    except Refused as refusal:
        if not cursor:
            raise Http404 from refusal
        return redirect(_address(queue, form.chosen))  # a cursor of another order, say
    shown = described(page.items, page.appeals if queue == Queue.APPEALS else None)
    address = _address(queue, form.chosen)
    context = {
        **_common(request, Queue(queue)),
        "title": _("Moderation: %(queue)s") % {"queue": Queue(queue).label},
        "queue": queue,
        "queue_label": Queue(queue).label,
        "items": shown,
        "payloads": [item_payload(each) for each in shown],
        "form": form,
        "filters": filters,
        "is_filtered": bool(set(form.chosen) - {"order"}),
        "order": form.order_chosen.value,
        "cursor": page.cursor,
        "address": address,
        "is_first": not cursor,
        "next_address": _address(queue, {**form.chosen, "cursor": page.cursor}) if page.cursor else None,
        "done": _done(request, user),
        "labels": labels(),
    }
    return render(request, "admin/moderation/queue.html", context)


@at_the_desk
@require_GET
def item(request: HttpRequest, comment_id: int) -> HttpResponse:
    """One item in its context: what stands around it, and everything decided about it."""
    return _item_page(request, _item(comment_id))


@at_the_desk
@require_POST
def decide(request: HttpRequest, comment_id: int) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _item_page(request, _item(comment_id), decision_form=form, status=422)
    said = form.cleaned_data
    try:
        if said["verdict"] == Verdict.REJECT and not said["reason"]:
            raise Refused(ErrorCode.INVALID, _("Please choose a reason."))
        async_to_sync(spend)(DECIDING, _user(request).pk)
        [outcome] = moderation.decide(
            [comment_id],
            said["verdict"],
            acting_user=_user(request),
            reason=said["reason"],
            explanation=said["explanation"],
            note=said["note"],
            seen={comment_id: said["seen"]},
        )
        if outcome.refusal is not None:
            raise outcome.refusal
    except Refused as refusal:
        _say_refused(request, refusal)
        if refusal.code == ErrorCode.INVALID:
            return _item_page(request, _item(comment_id), decision_form=form, status=422)
        return _back(request)
    if outcome.decision is None:
        messages.info(request, _("There was nothing to change."))
        return _back(request)
    return _back(request, done=outcome.decision.pk)


@at_the_desk
@require_POST
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    try:
        async_to_sync(spend)(DECIDING, _user(request).pk)
        moderation.undo(decision_id, acting_user=_user(request))
    except Refused as refusal:
        _say_refused(request, refusal)
    else:
        messages.success(request, _("The decision was undone."))
    return _back(request)


@at_the_desk
@require_POST
def answer(request: HttpRequest, appeal_id: int) -> HttpResponse:
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(ErrorCode.INVALID)
        async_to_sync(spend)(DECIDING, _user(request).pk)
        appeals.answer_appeal(
            appeal_id,
            form.cleaned_data["accepted"],
            acting_user=_user(request),
            explanation=form.cleaned_data["explanation"],
            note=form.cleaned_data["note"],
        )
    except Refused as refusal:
        _say_refused(request, refusal)
    else:
        accepted = form.cleaned_data["accepted"]
        said = _("The appeal was accepted.") if accepted else _("The appeal was turned down.")
        messages.success(request, said)
    return _back(request)


@at_the_desk
@require_POST
def sanction(request: HttpRequest, comment_id: int) -> HttpResponse:
    form = SanctionForm(request.POST, auto_id=False)
    if not form.is_valid():
        return _item_page(request, _item(comment_id), sanction_form=form, status=422)
    try:
        async_to_sync(spend)(DECIDING, _user(request).pk)
        imposed, work = sanction_the_author(comment_id, acting_user=_user(request), **form.terms())
        if work is not None:
            bulk.advance(work.pk, seconds=FIRST)
    except Refused as refusal:
        _say_refused(request, refusal)
        return _item_page(request, _item(comment_id), sanction_form=form, status=422)
    said = _("%(name)s: %(sanction)s.")
    kind = imposed.get_kind_display()
    messages.success(request, said % {"name": imposed.user.shown_name, "sanction": kind})
    return _back(request)


def labels() -> dict[str, dict[str, str]]:
    """Words for the codes that events carry, in the moderator's language."""
    return {
        name: {str(value): str(label) for value, label in choices.choices}
        for name, choices in (
            ("reasons", Reason),
            ("rules", Rule),
            ("verdicts", Verdict),
            ("statuses", Status),
            ("sanctions", SanctionKind),
        )
    }


# --- Pages -----------------------------------------------------------------------------------------------


def _item_page(
    request: HttpRequest,
    found: Item,
    *,
    decision_form: DecisionForm | None = None,
    sanction_form: SanctionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    comment = found.comment
    published = Comment.objects.shown_in(comment.post_id).select_related("author")
    before = list(published.filter(newest_first__gt=-comment.pk)[:AROUND])  # type: ignore[misc]
    later = published.filter(newest_first__lt=-comment.pk)  # type: ignore[misc]
    after = list(later.order_by("-newest_first")[:AROUND])  # type: ignore[misc]
    home = found.queues[0] if found.queues else Queue.REPORTED
    context = {
        **_common(request, home),
        "title": _("Comment by %(name)s") % {"name": comment.author.shown_name},
        "queue": Queue.APPEALS.value if found.appeal is not None else home.value,
        "queue_label": home.label,
        "item": found,
        "address": request.path,
        "next": _next(request, reverse("desk:queue", args=[home.value])),
        "before": reversed(before),
        "after": after,
        "decisions": comment.decisions.select_related("moderator")[:DECISIONS_SHOWN],
        "revisions": list(comment.revisions.select_related("replaced_by")[:REVISIONS_SHOWN]),
        "is_published": comment.status == Status.PUBLISHED,
        "decision_form": decision_form or DecisionForm(initial={"reason": found.main_reason}, auto_id=False),
        "sanction_form": sanction_form or _sanction_form(found),
        "done": _done(request, _user(request)),
    }
    return render(request, "admin/moderation/item.html", context, status=status)


def _sanction_form(found: Item | None = None) -> SanctionForm:
    reason = found.main_reason if found is not None else ""
    return SanctionForm(initial={"sentence": "86400", "reason": reason}, auto_id=False)


def _common(request: HttpRequest, current: Queue) -> dict[str, Any]:
    user = _user(request)
    counts = queues.counts(acting_user=user)
    return {
        **admin.site.each_context(request),
        # The queues are the way around here; the list of models would only take their room.
        "is_nav_sidebar_enabled": False,
        "tabs": tabs(counts, current),
        "private_reports": counts[queues.PRIVATE],
        "may_sanction": user.has_perm("accounts.sanction_users"),
        "decision_form": DecisionForm(auto_id=False),
        "sanction_form": _sanction_form(),
    }


def tabs(counts: dict[str, int], current: Queue | None = None) -> list[dict[str, Any]]:
    """The queues with their counters and keys."""
    return [
        {
            "queue": each.value,
            "label": each.label,
            "address": reverse("desk:queue", args=[each.value]),
            "count": counts[each.value],
            "is_more": counts[each.value] >= queues.COUNTED,
            "key": number,
            "is_current": each == current,
        }
        for number, each in enumerate(Queue, start=1)
    ]


def _done(request: HttpRequest, user: User) -> Decision | None:
    """The decision that this moderator has just made, to be undone."""
    number = request.GET.get("done", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    own = Decision.objects.filter(pk=int(number), moderator=user, undone_by__isnull=True)
    return own.select_related("comment__author").first()


def _item(comment_id: int) -> Item:
    found = items([comment_id])
    if not found:
        raise Http404
    return found[0]


def _address(queue: str, query: dict[str, Any]) -> str:
    address = reverse("desk:queue", args=[queue])
    return f"{address}?{urlencode(query)}" if query else address


def _next(request: HttpRequest, otherwise: str) -> str:
    """Where a form leads back to: a page of the desk."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    desk = reverse("desk:first")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith(desk)
    return wanted if is_ours else otherwise


def _back(request: HttpRequest, done: int | None = None) -> HttpResponse:
    address = _next(request, reverse("desk:first"))
    if done is not None:
        address += f"{'&' if '?' in address else '?'}done={done}"
    return redirect(address)


def _say_refused(request: HttpRequest, refusal: Refused) -> None:
    changed = refusal.details.get("changed")
    sentence = str(refusal.message)
    if changed is not None:
        sentence = f"{sentence} {what_changed(changed)}".strip()
    messages.error(request, sentence)


def what_changed(changed: dict[str, Any]) -> str:
    """What a moderator reads of a decision that was refused because of what happened meanwhile."""
    said = []
    if "text" in changed["what"]:
        said.append(_("Its author has changed the text."))
    if changed["verdict"] and {"decision", "status"} & set(changed["what"]):
        verdict = Verdict(changed["verdict"]).label
        who = changed["by"] or _("A rule")
        said.append(_("%(name)s has decided: %(verdict)s.") % {"name": who, "verdict": verdict})
    elif "status" in changed["what"]:
        said.append(_("It is %(status)s now.") % {"status": Status(changed["status"]).label})
    return " ".join(said)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("this view needs somebody who is logged in")
    return request.user
