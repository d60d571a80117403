"""How far decisions about many comments have come."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from comments import bulk
from comments.models import BulkDecision
from realtime.errors import DEFAULT_MESSAGES, ErrorCode, Refused

from .base import ReadOnlyAdmin, acting

# Whoever looks lends a hand: so the work goes on where no server of ours runs beside the admin, too.
HAND = 1.0


@admin.register(BulkDecision)
class BulkDecisionAdmin(ReadOnlyAdmin[BulkDecision]):
    list_display = ("created_at", "verdict", "reason", "by", "progress", "state")
    list_filter = ("verdict", "created_at")
    list_select_related = ("by",)
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        stop = self.admin_site.admin_view(require_POST(self.stop))
        return [path("<int:bulk_id>/stop/", stop, name="comments_bulkdecision_stop"), *super().get_urls()]

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, work: BulkDecision) -> str:
        return f"{number_format(work.done)} / {number_format(work.total)}"

    @admin.display(description=gettext_lazy("state"))
    def state(self, work: BulkDecision) -> str:
        return said_of(work)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """How it stands. It was ordered once and goes on by itself: to look may hasten it, and changes
        nothing of it."""
        found = BulkDecision.objects.defer("comment_ids")
        work = get_object_or_404(found, pk=int(object_id) if object_id.isdecimal() else 0)
        if not self.has_view_permission(request, work):
            return super().change_view(request, object_id, form_url, extra_context)
        work = bulk.advance(work.pk, seconds=HAND)
        if request.GET.get("as") == "json":
            return JsonResponse(
                {"done": work.done, "total": work.total, "over": work.finished_at is not None,
                 "text": said_of(work)}
            )  # fmt: skip
        context = self.page_context(
            request,
            _("Bulk decision: %(verdict)s") % {"verdict": work.get_verdict_display()},
            original=work,
            work=work,
            state=said_of(work),
            fields=[
                (_("Decision"), work.get_verdict_display()),
                (_("Reason"), work.get_reason_display() or "—"),
                (_("Explanation to the authors"), work.explanation or "—"),
                (_("Note for colleagues"), work.note or "—"),
                (_("Moderator"), work.by.shown_name if work.by is not None else "—"),
            ],
        )
        return TemplateResponse(request, "admin/comments/progress.html", context)

    def stop(self, request: HttpRequest, bulk_id: int) -> HttpResponse:
        try:
            bulk.stop(bulk_id, acting_user=acting(request))
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        return HttpResponseRedirect(reverse("admin:comments_bulkdecision_change", args=[bulk_id]))


def said_of(work: BulkDecision) -> str:
    """How it stands, in a sentence."""
    numbers = {
        "done": number_format(work.done, force_grouping=True),
        "total": number_format(work.total, force_grouping=True),
        "changed": number_format(work.changed, force_grouping=True),
        "refused": number_format(work.refused, force_grouping=True),
    }
    if work.finished_at is None:
        return _("Under way: %(done)s of %(total)s.") % numbers
    if work.problem == bulk.STOPPED:
        return _("Stopped: %(done)s of %(total)s were done, %(changed)s changed.") % numbers
    if work.problem:
        why = str(DEFAULT_MESSAGES[ErrorCode(work.problem)])
        return _("Ended after %(done)s of %(total)s: %(why)s") % {**numbers, "why": why}
    if work.refused:
        return _("Finished: %(changed)s changed, %(refused)s left as they were.") % numbers
    return _("Finished: %(changed)s of %(total)s changed.") % numbers
