"""Wrong or dangerous settings are found, each with an id and what to do about it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import ERROR, WARNING, CheckMessage, run_checks
from pytest_django.fixtures import Settings

from config.checks import check_workers
from tests.project.files import BASE_DIR


def found(name: str) -> list[CheckMessage]:
    return [problem for problem in run_checks() if problem.id == f"postroom.{name}"]


def test_a_new_installation_has_nothing_to_complain_about() -> None:
    assert run_checks() == []


@pytest.mark.parametrize(
    ("name", "level", "changed"),
    [
        ("E001", ERROR, {"TRUSTED_ORIGINS": ["*"]}),
        ("E001", ERROR, {"TRUSTED_ORIGINS": ["https://*.example.org"]}),
        ("E001", ERROR, {"TRUSTED_ORIGINS": ["blog.example.org"]}),
        ("E001", ERROR, {"TRUSTED_ORIGINS": ["https://"]}),
        ("E001", ERROR, {"TRUSTED_ORIGINS": ["https://blog.example.org/"]}),
        ("E001", ERROR, {"TRUSTED_ORIGINS": ["ftp://blog.example.org"]}),
        ("E002", ERROR, {"ALLOWED_HOSTS": ["*"]}),
        ("E002", ERROR, {"ALLOWED_HOSTS": ["blog.example.org", "*"]}),
        ("E003", ERROR, {"SESSION_ENGINE": "django.contrib.sessions.backends.cache"}),
        ("E003", ERROR, {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"}),
        ("E008", ERROR, {"CROSS_SITE_COOKIES": "yes"}),
        ("W003", WARNING, {"CROSS_SITE_COOKIES": "on"}),
        ("W003", WARNING, {"CROSS_SITE_COOKIES": "partitioned"}),
        ("E007", ERROR, {"REACTIONS": ["👍", "👍"]}),
        ("E007", ERROR, {"REACTIONS": ["👍", ""]}),
        ("E007", ERROR, {"REACTIONS": ["👍 🎉"]}),
        ("E007", ERROR, {"REACTIONS": ["👍" * 33]}),
        ("W001", WARNING, {"SECRET_KEY_IS_LOCAL": True, "IS_LOCAL": False}),
        ("W002", WARNING, {"BUDGETS": False}),
    ],
)
def test_it_is_found_with_a_hint(name: str, level: int, changed: dict[str, Any], settings: Settings) -> None:
    assert found(name) == []
    for setting, value in changed.items():
        setattr(settings, setting, value)

    [problem] = found(name)

    assert problem.level == level
    assert problem.hint
    assert problem.msg


@pytest.mark.parametrize(
    "changed",
    [
        {"TRUSTED_ORIGINS": ["https://a.example.org", "http://b.example.org:8000"]},
        {"ALLOWED_HOSTS": ["blog.example.org", ".example.org"]},
        {"ALLOWED_HOSTS": ["*"], "DEBUG": True},
        {"SECRET_KEY_IS_LOCAL": False, "IS_LOCAL": False},
        {"SECRET_KEY_IS_LOCAL": True, "IS_LOCAL": True},
    ],
)
def test_what_is_right_is_not_complained_about(changed: dict[str, Any], settings: Settings) -> None:
    for setting, value in changed.items():
        setattr(settings, setting, value)

    assert [problem.id for problem in run_checks() if str(problem.id).startswith("postroom")] == []


def test_several_wrong_origins_are_each_named(settings: Settings) -> None:
    settings.TRUSTED_ORIGINS = ["*", "https://good.example.org", "bad"]

    assert ["'*'" in found("E001")[0].msg, "'bad'" in found("E001")[1].msg] == [True, True]


def test_several_workers_need_redis(settings: Settings) -> None:
    assert check_workers(1) == []
    [problem] = check_workers(2)
    assert (problem.id, problem.level) == ("postroom.E004", ERROR)
    assert "REDIS_URL" in str(problem.hint)

    settings.REDIS_URL = "redis://localhost"
    assert [problem.id for problem in check_workers(2)] != ["postroom.E004"]


def check(var_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(var_dir), **environment},
        capture_output=True,
        text=True,
    )


def test_the_readmes_site_passes_every_check(tmp_path: Path) -> None:
    done = check(tmp_path, ALLOWED_HOSTS="blog.example.org", SECRET_KEY="long-and-random-" * 4 + "0123456789")

    assert done.returncode == 0, done.stderr


def test_check_speaks_up_about_a_dangerous_site(tmp_path: Path) -> None:
    done = check(tmp_path, ALLOWED_HOSTS="*", TRUSTED_ORIGINS="*", BUDGETS="off")

    assert done.returncode != 0
    for name in ("E001", "E002", "W001", "W002"):
        assert f"postroom.{name}" in done.stderr
