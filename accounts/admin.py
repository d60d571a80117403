"""Users in the admin, each with what was imposed on them."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, SplitDateTimeField
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from . import avatars
from .erasure import erase, is_on_record, may_erase
from .models import Sanction, User
from .notifications import admin as _notifications  # noqa: F401  (registers its page)
from .reports import state_of
from .titles import PlainTitles
from .widgets import DateAndTime

if TYPE_CHECKING:
    UserAdminBase = DjangoUserAdmin[User]
    SanctionInlineBase = admin.TabularInline[Sanction, User]
else:
    UserAdminBase = DjangoUserAdmin
    SanctionInlineBase = admin.TabularInline


class SanctionInline(SanctionInlineBase):
    """The history of somebody's sanctions, the latest first. Nobody rewrites it."""

    model = Sanction
    fk_name = "user"
    extra = 0
    can_delete = False
    template = "admin/history_inline.html"
    verbose_name_plural = _("sanctions")
    fields = ("created_at", "kind", "reason", "explanation", "note", "imposed_by", "until", "state")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sanction]:
        return super().get_queryset(request).select_related("by", "lifted_by").order_by("-pk")

    @admin.display(description=_("imposed by"))
    def imposed_by(self, sanction: Sanction) -> str:
        return sanction.by.shown_name if sanction.by is not None else "—"

    @admin.display(description=_("state"))
    def state(self, sanction: Sanction) -> str:
        return state_of(sanction)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return user.has_perm("accounts.sanction_users") or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(PlainTitles, UserAdminBase):
    list_display = ("username", "name", "shown_picture", "email", "is_active", "is_staff", "date_joined")
    search_fields = ("username", "name", "email")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    formfield_overrides = {models.DateTimeField: {"form_class": SplitDateTimeField, "widget": DateAndTime}}
    readonly_fields = ("trusted_at",)
    # Django's chooser of two lists names its boxes in a way that screen readers are not to read.
    filter_horizontal = ()
    inlines = (SanctionInline,)
    actions = ("remove_picture",)
    change_form_template = "admin/accounts/user/change_form.html"
    delete_confirmation_template = "admin/accounts/user/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/accounts/user/delete_selected_confirmation.html"
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "email")}),
        (
            _("Permissions"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined", "trusted_at")}),
    )

    class Media:
        css = {"all": ["css/admin.css"]}

    @admin.display(description=_("picture"))
    def shown_picture(self, user: User) -> SafeString | str:
        if not user.picture:
            return ""
        return format_html(
            '<img src="{}" alt="" width="24" height="24" loading="lazy">', user.picture_address
        )

    @admin.action(description=_("Remove the picture"), permissions=["sanction"])
    def remove_picture(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        acting_user: Any = request.user
        for user in chosen.exclude(picture=""):
            avatars.remove_picture(user, acting_user=acting_user)
            self.log_change(request, user, "picture removed")

    def has_sanction_permission(self, request: HttpRequest) -> bool:
        acting_user: Any = request.user
        return bool(acting_user.has_perm("accounts.sanction_users"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody brings a deleted account back to life."""
        is_gone = obj is not None and obj.is_deleted
        return not is_gone and super().has_change_permission(request, obj)

    # --- Deleting ------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and (obj.pk == request.user.pk or is_on_record(obj)):
            return may_erase(_acting(request), obj)
        return super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Of people who are on record only what says who they are is deleted, so nothing protects them."""
        if not any(is_on_record(each) for each in objs):
            return super().get_deleted_objects(objs, request)
        barred = {
            str(self.opts.verbose_name) for each in objs if not self.has_delete_permission(request, each)
        }
        names = [str(each) for each in objs]
        return names, {str(self.opts.verbose_name_plural): len(names)}, barred, []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        if is_on_record(obj):
            erase(obj.pk, acting_user=_acting(request))
        else:
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for each in queryset:
            self.delete_model(request, each)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj is not None else ()


def _acting(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
