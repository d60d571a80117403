"""English and Korean are both complete, compiled, and of today's sentences."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.test import Client

from config.catalogue import _is_said_so
from tests.project.files import BASE_DIR, NOT_OURS

LOCALE = BASE_DIR / "config" / "locale"
LANGUAGES = ["en", "ko"]
DOMAINS = ["django", "djangojs"]

each = pytest.mark.parametrize(
    ("language", "domain"), [(language, domain) for language in LANGUAGES for domain in DOMAINS]
)

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|%%")


def catalogue(language: str, domain: str, locale: Path = LOCALE) -> polib.POFile:
    return polib.pofile(str(locale / language / "LC_MESSAGES" / f"{domain}.po"))


def key(entry: polib.POEntry | polib.MOEntry) -> tuple[str, str, str]:
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


@each
def test_everything_is_translated(language: str, domain: str) -> None:
    entries = catalogue(language, domain)

    assert [entry.msgid for entry in entries.untranslated_entries()] == []
    assert [entry.msgid for entry in entries.fuzzy_entries()] == []
    assert [entry.msgid for entry in entries.obsolete_entries()] == []
    for entry in entries:
        assert all(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr, entry.msgid


@each
def test_what_is_compiled_is_what_was_written(language: str, domain: str) -> None:
    written = catalogue(language, domain)
    compiled = polib.mofile(str(LOCALE / language / "LC_MESSAGES" / f"{domain}.mo"))

    def contents(entries: polib.POFile | polib.MOFile) -> dict[tuple[str, str, str], object]:
        return {key(e): e.msgstr_plural or e.msgstr for e in entries if not e.obsolete}

    assert contents(compiled) == contents(written), "run `make messages`"


@pytest.mark.parametrize("domain", DOMAINS)
def test_both_languages_say_the_same_sentences(domain: str) -> None:
    english, korean = ({key(e) for e in catalogue(code, domain)} for code in LANGUAGES)

    assert english == korean


@each
def test_a_translation_keeps_its_placeholders(language: str, domain: str) -> None:
    for entry in catalogue(language, domain):
        known = set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
        for said in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert set(PLACEHOLDER.findall(said)) <= known, entry.msgid
        if entry.msgstr:
            assert set(PLACEHOLDER.findall(entry.msgstr)) == set(PLACEHOLDER.findall(entry.msgid)), (
                entry.msgid
            )


@pytest.mark.parametrize("domain", DOMAINS)
def test_korean_is_korean(domain: str) -> None:
    for entry in catalogue("ko", domain):
        said = entry.msgstr or entry.msgstr_plural[0]
        if any(letter.isalpha() for letter in PLACEHOLDER.sub("", entry.msgid)) and said != entry.msgid:
            assert any("가" <= letter <= "힣" for letter in said), entry.msgid


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext is not installed")
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_fresh_extraction_finds_nothing_new(domain: str, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    # `vendor` stays out by name, as `make messages` leaves it out.
    shutil.copytree(BASE_DIR, copy, ignore=shutil.ignore_patterns(*NOT_OURS, "tests"))
    command = [sys.executable, "manage.py", "makemessages", "--domain", domain, "--no-wrap", "--no-location"]
    for language in LANGUAGES:
        command += ["--locale", language]
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var")}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    for language in LANGUAGES:
        fresh = catalogue(language, domain, copy / "config" / "locale")
        found = {key(entry) for entry in fresh if not entry.obsolete}
        known = {key(entry) for entry in catalogue(language, domain)}
        assert found - known == set(), "run `make messages`"
        assert known - found == set(), "run `make messages`"


def sentences_for(language: str) -> str:
    response = Client().get("/i18n/catalogue.js", headers={"accept-language": language})
    return response.content.decode()


@pytest.mark.django_db
def test_scripts_are_sent_no_sentence_that_says_only_itself() -> None:
    english, korean = sentences_for("en"), sentences_for("ko")

    assert "Your comment is published." not in english
    assert "%(count)s new comment" not in english
    assert '"%(count)s new comment"' in korean
    assert "Your comment is published." in korean
    assert len(english) < 7_000  # Django's own functions, and how English counts and dates


@pytest.mark.parametrize(
    ("key", "said", "is_kept"),
    [
        ("Later", "Later", False),
        ("time\x04Later", "Later", False),
        ("Later", "나중에", True),
        ("one", ["one", "many"], False),
        ("one", ["하나"], True),
        ("one", ["one"], True),
        ("Later", "Afterwards", True),
    ],
)
def test_what_says_something_else_is_kept(key: str, said: str | list[str], is_kept: bool) -> None:
    assert _is_said_so(key, said) is not is_kept
