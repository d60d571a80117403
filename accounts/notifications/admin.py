"""What admins have to say to everybody, to a group or to some people."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Audience, Notification, SystemNotice, User
from accounts.titles import PlainTitles
from realtime.errors import Refused

from .sending import TEXT_LIMIT, announce, take_back

if TYPE_CHECKING:
    SystemNoticeBase = admin.ModelAdmin[SystemNotice]
else:
    SystemNoticeBase = admin.ModelAdmin
PEOPLE_LIMIT = 10_000


class AnnouncementForm(forms.ModelForm):  # type: ignore[type-arg]
    text = forms.CharField(
        label=gettext_lazy("text"),
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=gettext_lazy(
            "Plain text. It goes out at once and cannot be changed; it can be taken back."
        ),
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("for"), choices=Audience.choices, initial=Audience.ALL, widget=forms.RadioSelect
    )
    group = forms.ModelChoiceField(
        label=gettext_lazy("group"), queryset=Group.objects.order_by("name"), required=False
    )
    people = forms.CharField(
        label=gettext_lazy("people"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Usernames, separated by spaces, commas or lines."),
    )
    path = forms.CharField(
        label=gettext_lazy("leads to"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("An address on this site, for example /posts/hello/. May be empty."),
    )

    class Meta:
        model = SystemNotice
        fields = ("path",)

    # Who sends it; set by the page.
    acting_user: User

    def clean_people(self) -> list[int]:
        names = set(re.split(r"[\s,;]+", self.cleaned_data["people"].strip())) - {""}
        if len(names) > PEOPLE_LIMIT:
            raise forms.ValidationError(_("These are too many people."))
        found = dict(User.objects.filter(username__in=names).values_list("username", "pk"))
        missing = sorted(names - set(found))
        if missing:
            said = _("There is nobody called %(names)s.") % {"names": ", ".join(missing[:10])}
            raise forms.ValidationError(said)
        return sorted(found.values())

    def clean_path(self) -> str:
        path = str(self.cleaned_data["path"]).strip()
        if path and (not path.startswith("/") or path.startswith("//")):
            raise forms.ValidationError(_("An address on this site begins with one slash."))
        return path

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        audience = given.get("audience")
        if audience == Audience.GROUP and not given.get("group") and "group" not in self.errors:
            self.add_error("group", _("Please choose a group."))
        if audience == Audience.PEOPLE and not given.get("people") and "people" not in self.errors:
            self.add_error("people", _("Please name somebody."))
        return given


@admin.register(SystemNotice)
class SystemNoticeAdmin(PlainTitles, SystemNoticeBase):
    """To add one is to send it; to delete it takes it back from everybody. Nothing is changed afterwards."""

    form = AnnouncementForm
    list_display = ("created_at", "shown_text", "audience", "group", "sent_by")
    list_filter = ("audience",)
    fields = ("text", "audience", "group", "people", "path")
    ordering = ("-pk",)
    actions = None

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[SystemNotice]:
        return super().get_queryset(request).filter(user__isnull=True).select_related("group")

    @admin.display(description=gettext_lazy("text"))
    def shown_text(self, notice: Notification) -> str:
        return Truncator(str(notice.about.get("text", ""))).chars(80)

    @admin.display(description=gettext_lazy("sent by"))
    def sent_by(self, notice: Notification) -> str:
        return str(notice.about.get("by", "—"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        seen = ("created_at", "full_text", "audience", "group", "path", "sent_by")
        return self.fields if obj is None else seen

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    @admin.display(description=gettext_lazy("text"))
    def full_text(self, notice: Notification) -> str:
        return str(notice.about.get("text", ""))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The form is only read: `announce` makes the row."""
        if not isinstance(request.user, User):
            raise PermissionDenied
        given = form.cleaned_data
        audience = given["audience"]
        try:
            original = announce(
                given["text"],
                acting_user=request.user,
                audience=audience,
                path=given["path"],
                group=given["group"] if audience == Audience.GROUP else None,
                people=given["people"] if audience == Audience.PEOPLE else (),
            )
            return SystemNotice.objects.get(pk=original.pk)
        except Refused as refusal:
            raise PermissionDenied(str(refusal.message)) from refusal

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """It is stored already."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """It has nothing beside it."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Not the rows of all who were told."""
        names = [self.shown_text(each) for each in objs]
        return names, {str(self.opts.verbose_name_plural): len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        take_back(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SystemNotice]) -> None:
        for each in queryset:
            take_back(each)
