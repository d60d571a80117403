"""What one wants to be told, as a form: a row for each kind."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Kind

from .choices import ALWAYS, Choice, Mail


class ChoicesForm(forms.Form):
    def __init__(self, now: Mapping[str, Choice], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Kind.values:
            choice = now[kind]
            self.fields[f"{kind}-page"] = forms.BooleanField(
                label=_("On this site"),
                required=False,
                initial=choice.page,
                disabled=kind in ALWAYS,
            )
            self.fields[f"{kind}-browser"] = forms.BooleanField(
                label=_("By my browser"), required=False, initial=choice.browser
            )
            self.fields[f"{kind}-sound"] = forms.BooleanField(
                label=_("With a sound"), required=False, initial=choice.sound
            )
            self.fields[f"{kind}-mail"] = forms.ChoiceField(
                label=_("By e-mail"), choices=Mail.choices, initial=choice.mail
            )
            for way in ("page", "browser", "sound", "mail"):
                # A screen reader hears which kind it is about: the rows' names are the groups' legends.
                self.fields[f"{kind}-{way}"].widget.attrs["data-way"] = way

    def rows(self) -> Iterator[tuple[str, Any, list[forms.BoundField]]]:
        """Each kind: its code, what it is, its fields."""
        for kind, label in Kind.choices:
            yield kind, label, [self[f"{kind}-{way}"] for way in ("page", "browser", "sound", "mail")]

    def chosen(self) -> dict[str, Choice]:
        given = self.cleaned_data
        return {
            kind: Choice(
                page=given[f"{kind}-page"],
                browser=given[f"{kind}-browser"],
                sound=given[f"{kind}-sound"],
                mail=given[f"{kind}-mail"],
            )
            for kind in Kind.values
        }
