"""Users in the admin, each with what was imposed on them."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import models
from django.db.models import QuerySet
from django.forms import SplitDateTimeField
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from . import avatars
from .models import Sanction, User
from .reports import state_of
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
class UserAdmin(UserAdminBase):
    list_display = ("username", "name", "shown_picture", "email", "is_active", "is_staff", "date_joined")
    search_fields = ("username", "name", "email")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    formfield_overrides = {models.DateTimeField: {"form_class": SplitDateTimeField, "widget": DateAndTime}}
    readonly_fields = ("trusted_at",)
    inlines = (SanctionInline,)
    actions = ("remove_picture",)
    change_form_template = "admin/accounts/user/change_form.html"
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

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj is not None else ()
