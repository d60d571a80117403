"""Nothing that the Content-Security-Policy would stop, nothing from other hosts, no secrets."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.project.files import BASE_DIR, ours, text

TEMPLATES = list(ours("templates", ".html"))
NAMES = [str(path.relative_to(BASE_DIR)) for path in TEMPLATES]


class Strict(HTMLParser):
    """Collects what a strict policy forbids."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.in_script = False
        self.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", source, flags=re.DOTALL))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "style":
            self.problems.append("<style>")
        if tag == "script" and "src" not in attributes and attributes.get("type") != "application/json":
            self.problems.append("an inline script")
        for name, value in attrs:
            if name == "style" or re.fullmatch(r"on[a-z]+", name):
                self.problems.append(f"{name}={value}")
            if re.match(r"\s*(javascript|data|vbscript):", value or "", re.IGNORECASE):
                self.problems.append(f"{name}={value}")
            loads = name in {"src", "srcset", "action"} or (tag == "link" and name == "href")
            if loads and re.match(r"\s*(https?:)?//", value or "", re.IGNORECASE):
                self.problems.append(f"another host: {value}")


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_has_nothing_inline(path: Path) -> None:
    assert Strict(path.read_text()).problems == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_marks_nothing_as_safe(path: Path) -> None:
    # A help text is a form's own and may be a list, as Django's about passwords is.
    source = path.read_text().replace("{{ field.help_text|safe }}", "")

    assert not re.search(r"\|\s*safe\b|autoescape off", source)


def test_every_form_that_posts_has_its_token() -> None:
    for path in TEMPLATES:
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL):
            if re.search(r'method="post"', form, re.IGNORECASE):
                assert "{% csrf_token %}" in form, path


@pytest.mark.parametrize("path", list(ours("static/js", ".js")), ids=lambda path: path.name)
def test_javascript_makes_no_markup_of_text(path: Path) -> None:
    code = re.sub(r"//.*|/\*.*?\*/", "", path.read_text())

    forbidden = r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function)\b"
    assert not re.search(forbidden, code)
    assert not re.search(r"https?://(?!www\.w3\.org/)", code), "another host"


@pytest.mark.parametrize("path", list(ours("static/css", ".css")), ids=lambda path: path.name)
def test_the_stylesheets_load_nothing_from_elsewhere(path: Path) -> None:
    # One that takes in its neighbours becomes one file with them.
    text = re.sub(r'^@import url\("[\w-]+\.css"\);$', "", path.read_text(), flags=re.MULTILINE)
    assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", text)


def test_no_file_mentions_a_package_registry() -> None:
    # Taken apart, because this file is one of them.
    hosts = ["py" + "pi.org", "python" + "hosted", "npm" + "js.", "un" + "pkg.", "jsdel" + "ivr"]
    for path in ours():
        source = path.read_bytes().decode(errors="ignore")
        for host in hosts:
            assert host not in source, path
        assert not re.search(r"(?<!emit-)index-" + "url", source), path


def test_the_lock_files_pin_everything_with_hashes_and_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        source = text(name)
        assert "://" not in source
        packages = re.findall(r"^[a-z0-9].*$", source, re.MULTILINE | re.IGNORECASE)
        assert packages
        assert all("==" in package for package in packages)
        assert source.count("--hash=sha256:") >= len(packages)


def test_no_secret_stands_in_the_repository() -> None:
    pattern = re.compile(r"django-insecure|BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_\w{30}")
    for path in ours():
        if path != Path(__file__):
            assert not pattern.search(path.read_bytes().decode(errors="ignore")), path


def test_vendored_packages_bring_their_licence_and_version() -> None:
    for folder in (BASE_DIR / "static" / "vendor").iterdir():
        names = {path.name.split(".")[0] for path in folder.iterdir()}
        assert {"LICENSE", "VERSION"} <= names, folder
