"""The standing cast: author, owner, stranger, moderator, a post and a comment.

The tests' own environment is set here, before Django reads it.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

VAR_DIR = Path(tempfile.mkdtemp(prefix="postroom-tests-"))
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
# A developer's own settings are not under test. Only the database may be chosen: PostgreSQL, say.
for name in ("SECRET_KEY", "REDIS_URL", "ALLOWED_HOSTS", "TRUSTED_ORIGINS", "DEBUG", "LANGUAGE_CODE"):
    os.environ.pop(name, None)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{VAR_DIR / 'db.sqlite3'}"
os.environ["VAR_DIR"] = str(VAR_DIR)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

from django.conf import settings

if settings.configured:
    raise pytest.UsageError("Django is set up already: run the tests without --ds")
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Sockets use the database from several threads, which an in-memory SQLite cannot serve.
settings.DATABASES["default"]["TEST"] = {"NAME": None}
if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    settings.DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

from tests.cast import Published

# Django's models can be imported once pytest-django has set Django up, hence the imports below.


@pytest.fixture
def author(db: None) -> Any:
    """Writes the posts."""
    from tests.cast import a_person

    return a_person("author", name="Ana Author")


@pytest.fixture
def owner(db: None) -> Any:
    """A reader, and the one who wrote `comment`."""
    from tests.cast import a_person

    return a_person("owner", name="Omar Owner")


@pytest.fixture
def stranger(db: None) -> Any:
    """Another reader, logged in like everyone here."""
    from tests.cast import a_person

    return a_person("stranger", name="Sue Stranger")


@pytest.fixture
def moderator(db: None) -> Any:
    """Staff who may change comments, and no superuser."""
    from tests.cast import a_moderator

    return a_moderator("moderator")


@pytest.fixture
def post(author: Any) -> Any:
    from tests.cast import a_post

    return a_post(author, title="A post", slug="a-post")


@pytest.fixture
def comment(post: Any, owner: Any) -> Any:
    """The owner's published comment, the first one under `post`."""
    from tests.cast import write

    return write(owner, post, "What the owner wrote")


@pytest.fixture
def published() -> Iterator[Published]:
    """What leaves for the sockets while the test runs."""
    with Published() as heard:
        yield heard


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """With POSTROOM_NO_SKIPS a machine has all that tests want, and a skipped test is a failed one."""
    report = yield
    if report.skipped and "POSTROOM_NO_SKIPS" in os.environ:
        report.outcome = "failed"
    return report
