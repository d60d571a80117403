"""Sentences for scripts, in the reader's language."""

from typing import Any

from django.views.i18n import JavaScriptCatalog


class Sentences(JavaScriptCatalog):
    """Django's catalogue, without what says of itself that it is what it is: scripts show a sentence that is
    not in it as it stands, in the singular of one and the plural of all else. Of English nothing is left."""

    def get_catalog(self) -> dict[str, Any]:
        return {key: said for key, said in super().get_catalog().items() if not _is_said_so(key, said)}


def _is_said_so(key: str, said: str | list[str]) -> bool:
    sentence = key.rpartition("\x04")[2]  # behind its context
    return said == sentence if isinstance(said, str) else len(said) == 2 and said[0] == sentence
