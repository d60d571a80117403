"""One's settings, without JavaScript as with it. What is right is for the verbs to say."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from .avatars import LIMIT
from .models import Fate, User
from .preferences import NAME_LIMIT, time_zones

# As `preferences.REGIONS`, in words.
REGION_NAMES = {
    "Africa": pgettext_lazy("region", "Africa"),
    "America": pgettext_lazy("region", "America"),
    "Antarctica": pgettext_lazy("region", "Antarctica"),
    "Arctic": pgettext_lazy("region", "Arctic"),
    "Asia": pgettext_lazy("region", "Asia"),
    "Atlantic": pgettext_lazy("region", "Atlantic"),
    "Australia": pgettext_lazy("region", "Australia"),
    "Europe": pgettext_lazy("region", "Europe"),
    "Indian": pgettext_lazy("region", "Indian Ocean"),
    "Pacific": pgettext_lazy("region", "Pacific"),
}


class SettingsForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Display name"),
        max_length=NAME_LIMIT,
        required=False,
        help_text=gettext_lazy("What other readers see. Without one they see your username."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    is_shown = forms.BooleanField(
        label=gettext_lazy("Name me among those who are here"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise you are counted and never named, neither as reading nor as typing."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            ("", _("As my browser asks")),
            *((code, _in_its_own_words(code)) for code, name in settings.LANGUAGES),
        ]
        self.fields["time_zone"].choices = _zone_choices()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, user: User) -> "SettingsForm":
        """As it is now."""
        return cls(
            initial={
                "name": user.name,
                "language": user.language,
                "time_zone": user.time_zone,
                "is_shown": user.is_shown,
            }
        )


class PictureForm(forms.Form):
    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Please choose a file first.")},
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )

    def clean_picture(self) -> bytes:
        """The file, or the first byte beyond what is allowed: enough to be refused."""
        upload: Any = self.cleaned_data["picture"]
        return bytes(upload.read(LIMIT + 1))


class DeleteForm(forms.Form):
    fate = forms.ChoiceField(
        label=pgettext_lazy("comments", "What becomes of my comments?"),
        choices=Fate.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose what becomes of your comments.")},
    )
    is_sure = forms.BooleanField(required=False)


def _in_its_own_words(code: str) -> str:
    from django.conf.locale import LANG_INFO

    return str(LANG_INFO[code]["name_local"])


def _zone_choices() -> list[tuple[str, Any]]:
    """Zones by region, each with what its clocks are ahead or behind by today."""
    now = datetime.now(ZoneInfo("UTC"))
    choices: list[tuple[str, Any]] = [("", _("My browser's")), ("UTC", "UTC")]
    for region, zones in groupby(time_zones()[1:], key=lambda zone: zone.split("/")[0]):
        choices.append((str(REGION_NAMES[region]), [(zone, _zone_label(zone, now)) for zone in zones]))
    return choices


def _zone_label(zone: str, now: datetime) -> str:
    place = zone.split("/", 1)[1].replace("_", " ").replace("/", ", ")
    ahead = now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    sign, minutes = "+" if ahead >= timedelta(0) else "\N{MINUS SIGN}", abs(int(ahead.total_seconds())) // 60
    clock = f"{minutes // 60}:{minutes % 60:02}" if minutes % 60 else str(minutes // 60)
    return pgettext("time zone", "%(place)s (UTC%(offset)s)") % {"place": place, "offset": f"{sign}{clock}"}
