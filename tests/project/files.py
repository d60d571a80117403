"""The project's own files, without what is installed, built or vendored."""

from collections.abc import Iterator
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
NOT_OURS = {
    ".git", ".venv", "var", "node_modules", "vendor", "__pycache__",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis",
}  # fmt: skip


def ours(folder: str = ".", suffix: str = "") -> Iterator[Path]:
    """Files in a folder of the project, by the end of their names."""
    for path in sorted((BASE_DIR / folder).rglob(f"*{suffix}")):
        if path.is_file() and not NOT_OURS.intersection(path.relative_to(BASE_DIR).parts):
            yield path


def text(name: str) -> str:
    return (BASE_DIR / name).read_text()


def between(source: str, start: str, end: str = "<!-- end -->") -> str:
    """What stands between two markers."""
    assert source.count(start) == 1, f"{start} stands {source.count(start)} times"
    return source.split(start)[1].split(end)[0]
