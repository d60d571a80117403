"""The standing cast: author, owner, stranger, moderator, a post and a comment.

The tests' own environment is set here, before Django reads it.
"""

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import hypothesis
import pytest
from _pytest.nodeid import NodeId
from django.conf import settings
from django.utils import timezone, translation

if settings.configured:
    raise pytest.UsageError("Django is set up already: run the tests without --ds")

VAR_DIR = Path(tempfile.mkdtemp(prefix="postroom-tests-"))
(VAR_DIR / "static").mkdir()  # where `serve` would have collected the static files
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
# A developer's own settings are not under test. Only the database may be chosen: PostgreSQL, say.
for name in ("SECRET_KEY", "REDIS_URL", "ALLOWED_HOSTS", "TRUSTED_ORIGINS", "DEBUG", "LANGUAGE_CODE"):
    os.environ.pop(name, None)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
os.environ["VAR_DIR"] = os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(VAR_DIR)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

# No test asserts a time, and an example that met a busy machine is no fault.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Sockets use the database from several threads, which an in-memory SQLite cannot serve.
    settings.DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
django.setup()
# xdist's workers inherit this environment, and set Django up by way of this file themselves.
del os.environ["DJANGO_SETTINGS_MODULE"]

from accounts.models import User
from comments import controls, joining
from comments.models import Comment, Post
from realtime import budgets, database
from tests.cast import Published, a_manager, a_moderator, a_person, a_post, write
from tests.clock import Clock


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The database of the tests, dropped when the sockets' threads have let go of it."""
    yield
    database.let_go()


@pytest.fixture(autouse=True)
def _unspent_budgets() -> None:
    """Users of different tests have the same ids, and would spend each other's budgets."""
    budgets._counters.cache_clear()


@pytest.fixture(autouse=True)
def _nothing_encoded() -> None:
    """Posts of different tests have the same ids and versions: the database is set back after each."""
    joining.histories.clear()


@pytest.fixture(autouse=True)
def _controls(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test paused or put on a list is not the next one's; and a second that passes in the middle
    of a test costs no query, for some tests count them."""
    monkeypatch.setattr(controls, "FRESH", 3_600)
    monkeypatch.setattr(controls, "_known", controls.OPEN)
    monkeypatch.setattr(controls, "_known_at", time.monotonic())


@pytest.fixture(autouse=True)
def _language_and_time() -> None:
    """A client's request leaves its language behind in the thread, and the next test would speak it."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time stands still, until `clock.now` is set or `tests.clock.pass_by` awaited."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture
def author(db: None) -> User:
    """Writes the posts."""
    return a_person("author", name="Ana Author")


@pytest.fixture
def owner(db: None) -> User:
    """A reader, and the one who wrote `comment`."""
    return a_person("owner", name="Omar Owner")


@pytest.fixture
def stranger(db: None) -> User:
    """Another reader, logged in like everyone here."""
    return a_person("stranger", name="Sue Stranger")


@pytest.fixture
def moderator(db: None) -> User:
    """Staff who may change comments, and no superuser."""
    return a_moderator("moderator")


@pytest.fixture
def manager(db: None) -> User:
    """Staff who may control rooms, sanction people and keep the lists of words, besides moderating."""
    return a_manager("manager")


@pytest.fixture
def post(author: User) -> Post:
    return a_post(author, title="A post", slug="a-post")


@pytest.fixture
def comment(post: Post, owner: User) -> Comment:
    """The owner's published comment, the first one under `post`."""
    return write(owner, post, "What the owner wrote")


@pytest.fixture
def published() -> Iterator[Published]:
    """What leaves for the sockets while the test runs."""
    with Published() as heard:
        yield heard


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """With POSTROOM_NO_SKIPS a machine has all that tests want: a skipped test is a failed one."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and "POSTROOM_NO_SKIPS" in os.environ:
        report.outcome = "failed"
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one `xdist_group` on one worker: xdist 3.8 notes the group in `_nodeid`, where
    pytest 9.2 no longer looks, and each worker would start every server."""
    for item in items:
        noted = getattr(item, "_nodeid", None)
        if noted is not None and noted != item.nodeid:
            item._id = NodeId.parse(noted)
