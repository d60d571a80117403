"""What pages of the admin are called."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst


class PlainTitles:
    """A page is called what it shows. Django's sentences, "Select … to change", are none in Korean, where a
    name cannot be put into one without knowing how it ends."""

    opts: Any

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        titled = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        found: HttpResponse = super().changelist_view(request, titled)  # type: ignore[misc]
        return found

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        titled = {"title": capfirst(self.opts.verbose_name), **(extra_context or {})}
        found: HttpResponse = super().change_view(request, object_id, form_url, titled)  # type: ignore[misc]
        return found
