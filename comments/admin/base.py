"""What our pages in the admin have in common: rows that nobody writes, refusals, links, history."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.titles import PlainTitles
from comments.models import Comment, Post
from realtime.errors import Refused

Row = TypeVar("Row", bound=Model)
Child = TypeVar("Child", bound=Model)

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline
else:
    # Django's own classes take no types where they run.
    class ModelAdmin(admin.ModelAdmin, Generic[Row]):
        pass

    class TabularInline(admin.TabularInline, Generic[Child, Row]):
        pass


STYLES = {"all": ["css/admin.css"]}
# Of what a row has without end, its page shows the latest.
LATEST = 50


def acting(request: HttpRequest) -> User:
    """Who acts; the admin lets nobody in who is not logged in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class OursAdmin(PlainTitles, ModelAdmin[Row]):
    """A page of ours: written by verbs, whose refusals are shown."""

    show_full_result_count = False
    list_per_page = 50

    class Media:
        css = STYLES

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            # The transaction is undone: back to the page as it stands now.
            messages.error(request, str(refusal.message))
            return HttpResponseRedirect(request.get_full_path())

    def page_context(self, request: HttpRequest, title: object, **more: Any) -> dict[str, Any]:
        """What a page of ours needs to look like one of Django's."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "has_view_permission": self.has_view_permission(request),
            **more,
        }


class ReadOnlyAdmin(OursAdmin[Row]):
    """Rows that verbs write and nobody changes, for whoever may moderate."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_look(request) or super().has_view_permission(request, obj)


class HistoryInline(TabularInline[Child, Row]):
    """The latest of what happened to a row; nobody changes it."""

    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Child]:
        found: QuerySet[Child] = super().get_queryset(request)
        match = request.resolver_match
        owner = match.kwargs.get("object_id") if match is not None else None
        if owner is None or not str(owner).isdecimal():
            return found
        name = self.fk_name or next(
            field.name
            for field in self.model._meta.concrete_fields
            if field.is_relation and field.related_model is self.parent_model
        )
        newest = found.filter(**{name: owner}).order_by("-pk").values_list("pk", flat=True)[:LATEST]
        return found.filter(pk__in=list(newest)).order_by("-pk")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_look(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def may_look(request: HttpRequest) -> bool:
    user = acting(request)
    return user.is_active and user.has_perm("comments.moderate")


def native(form: forms.Form, fieldsets: Sequence[tuple[Any, dict[str, Any]]]) -> AdminForm:
    """A form of ours, laid out by the admin's own templates."""
    begin_labels_large(form)
    for name, field in form.fields.items():
        form[name].label = str(field.label)  # where the form was asked already, it had taken the old one
    return AdminForm(form, fieldsets, {})  # type: ignore[arg-type]


def begin_labels_large(form: forms.BaseForm) -> None:
    """Write the labels as the admin writes those of a model's fields."""
    for field in form.fields.values():
        field.label = capfirst(field.label or "")


def link_to(row: Model | None, text: object = None) -> SafeString | str:
    """A link to a row's page in the admin, for whoever may open it; the page itself checks that."""
    if row is None:
        return "—"
    name = "room" if isinstance(row, Post) and row.is_room else row._meta.model_name
    try:
        url = reverse(f"admin:{row._meta.app_label}_{name}_change", args=[row.pk])
    except NoReverseMatch:
        return str(text or row)
    return format_html('<a href="{}">{}</a>', url, text or row)


def beginning(comment: Comment, length: int = 140) -> str:
    return Truncator(comment.content).chars(length)


def refused_once_each(request: HttpRequest, refusals: Sequence[tuple[object, Refused]]) -> None:
    """Say why some were left as they are: each reason once, with the first few that it kept."""
    by_reason: dict[str, list[str]] = {}
    for name, refusal in refusals:
        by_reason.setdefault(str(refusal.message), []).append(str(name))
    for reason, names in by_reason.items():
        shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
        messages.warning(
            request, _("Left as it is: %(names)s. %(reason)s") % {"names": shown, "reason": reason}
        )
