"""Static files under names that carry their content's hash, so browsers may keep them for ever."""

import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.core.management import call_command
from servestatic.storage import CompressedManifestStaticFilesStorage

from . import bundles
from .minifying import minified_script, minified_styles


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also joins our ES modules and stylesheets (see `bundles`), makes them short, and rewrites the imports
    that are left in them, which Django does on request only."""

    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode())

        joined = InMemoryStorage()
        ours = {}
        if not dry_run:
            entries = (*bundles.ENTRIES, *bundles.COMMON)
            ours = {entry: minified_script(bundles.join(entry, read)) for entry in entries}
            styles = [name for name in paths if name.startswith("css/") and name.endswith(".css")]
            ours |= {name: minified_styles(bundles.join_styles(name, read)) for name in styles}
        for name, text in ours.items():
            joined.save(name, ContentFile(text.encode()))
        yield from super().post_process(
            {**paths, **{name: (joined, name) for name in ours}}, dry_run, **options
        )


def collect_if_stale() -> None:
    """Collect the static files unless what is there is newer than every source.

    So nobody can forget it, and a server that starts again does not wait for it.
    """
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    manifest = root / "staticfiles.json"
    # Two servers that start at once on one machine must not write the same files.
    with (root.parent / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not manifest.exists() or manifest.stat().st_mtime < _newest_source():
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)


def _newest_source() -> float:
    return max(
        Path(storage.path(path)).stat().st_mtime
        for finder in get_finders()
        for path, storage in finder.list([])
    )
