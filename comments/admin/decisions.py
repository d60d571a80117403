"""Every decision, found again: nobody changes one, and all of them can be taken along as CSV."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from comments import audit
from comments.models import Decision
from realtime.errors import Refused
from realtime.streaming import attachment

from .base import ReadOnlyAdmin, acting, link_to


class MadeBy(admin.SimpleListFilter):
    title = _("made by")
    parameter_name = "made_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("person", _("a person")), ("rule", _("a rule"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        if self.value() in ("person", "rule"):
            return queryset.filter(rule="") if self.value() == "person" else queryset.exclude(rule="")
        return queryset


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin[Decision]):
    list_display = ("made_at", "verdict", "by", "reason", "about", "author", "explanation_begins")
    list_display_links = ("made_at",)
    list_filter = ("verdict", MadeBy, "reason", "rule", "made_at")
    list_select_related = ("moderator", "comment__author")
    search_fields = (
        "content",
        "explanation",
        "note",
        "moderator__username",
        "moderator__name",
        "comment__author__username",
        "comment__author__name",
    )
    date_hierarchy = "made_at"
    ordering = ("-id",)
    fields = (
        "made_at", "verdict", "by", "reason", "explanation", "note", "commented", "author", "before", "after",
        "content", "undoes", "undone", "appeal_text",
    )  # fmt: skip
    readonly_fields = fields
    change_list_template = "admin/comments/decision_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).select_related("undoes", "appeal")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        return [path("export/", view, name="comments_decision_export"), *super().get_urls()]

    @admin.display(description=_("by"), ordering="moderator")
    def by(self, decision: Decision) -> str:
        if decision.rule:
            return _("rule: %(rule)s") % {"rule": decision.get_rule_display()}
        return decision.moderator.shown_name if decision.moderator is not None else "—"

    @admin.display(description=_("text as it stood"), ordering="comment")
    def about(self, decision: Decision) -> SafeString | str:
        return link_to(decision.comment, Truncator(decision.content).chars(90))

    @admin.display(description=_("comment"))
    def commented(self, decision: Decision) -> SafeString | str:
        return link_to(decision.comment)

    @admin.display(description=_("author"), ordering="comment__author")
    def author(self, decision: Decision) -> SafeString | str:
        return link_to(decision.comment.author, decision.comment.author.shown_name)

    @admin.display(description=_("explanation"))
    def explanation_begins(self, decision: Decision) -> str:
        return Truncator(decision.explanation).chars(60) or "—"

    @admin.display(description=_("taken back by"))
    def undone(self, decision: Decision) -> SafeString | str:
        return link_to(Decision.objects.filter(undoes=decision).first())

    @admin.display(description=_("appeal"))
    def appeal_text(self, decision: Decision) -> SafeString | str:
        appeal = getattr(decision, "appeal", None)
        return "—" if appeal is None else link_to(appeal, Truncator(appeal.text).chars(90))

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows under the same filters, as a file."""
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
            # What is chosen, beyond the order, is chosen of decisions about comments.
            is_all = not set(request.GET) - {"o", "p", "all"}
            lines = audit.csv_lines(acting_user=acting(request), among=found, with_private=is_all)
        except Refused as refusal:
            raise PermissionDenied from refusal
        return attachment(
            request,
            lines,
            name=f"decisions-{timezone.localdate():%Y-%m-%d}.csv",
            content_type="text/csv; charset=utf-8",
        )
