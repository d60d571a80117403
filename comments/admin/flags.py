"""What readers reported, and what became of it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from comments.models import Flag, FlagOutcome

from .base import ReadOnlyAdmin, beginning, link_to


class Outcome(admin.SimpleListFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), *FlagOutcome.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Flag]) -> QuerySet[Flag]:
        wanted = self.value()
        if wanted is None:
            return queryset
        return queryset.filter(outcome="" if wanted == "open" else wanted)


@admin.register(Flag)
class FlagAdmin(ReadOnlyAdmin[Flag]):
    list_display = ("created_at", "reason", "note", "about", "reporter_link", "shown_outcome")
    list_filter = (Outcome, "reason", "created_at")
    list_select_related = ("comment", "reporter", "decision")
    search_fields = ("note", "comment__content", "reporter__username", "reporter__name")
    ordering = ("-id",)
    fields = (
        "created_at", "reporter_link", "reason", "note", "about", "shown_weight", "shown_outcome",
        "decided_by",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("comment"), ordering="comment")
    def about(self, flag: Flag) -> SafeString | str:
        return link_to(flag.comment, beginning(flag.comment))

    @admin.display(description=_("reported by"), ordering="reporter")
    def reporter_link(self, flag: Flag) -> SafeString | str:
        return link_to(flag.reporter, flag.reporter.shown_name)

    @admin.display(description=_("outcome"), ordering="outcome")
    def shown_outcome(self, flag: Flag) -> str:
        return flag.get_outcome_display() if flag.outcome else str(_("open"))

    @admin.display(description=_("weight"))
    def shown_weight(self, flag: Flag) -> str:
        return f"{flag.weight:.0%}"

    @admin.display(description=_("decision"))
    def decided_by(self, flag: Flag) -> SafeString | str:
        return link_to(flag.decision)
