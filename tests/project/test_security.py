"""What every answer carries, and what a public site switches on."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from comments.models import Comment
from tests.project.files import BASE_DIR

PAGES = ["/", "/posts/a-post/", "/accounts/login/", "/admin/login/", "/no-such-page/"]


@pytest.mark.django_db
@pytest.mark.parametrize("url", PAGES)
def test_every_page_carries_a_strict_policy(url: str, comment: Comment) -> None:
    response = Client().get(url)

    policy = dict(
        directive.strip().split(" ", 1) for directive in response["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "*" not in response["Content-Security-Policy"]
    assert not {"script-src", "style-src"} & set(policy), "they fall back to default-src"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_cookies_are_for_this_site_and_no_script(owner: User) -> None:
    owner.set_password("correct horse battery")
    owner.save()
    client = Client()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "owner", "password": "correct horse battery"})
    client.post("/i18n/setlang/", {"language": "ko"})

    assert {"sessionid", "csrftoken", "django_language"} <= set(client.cookies)
    for cookie in client.cookies.values():
        if cookie.value:
            assert cookie["httponly"], cookie.key
            assert cookie["samesite"] == "Lax", cookie.key


@pytest.mark.django_db
def test_a_page_with_ones_own_name_on_it_is_not_for_shared_caches(comment: Comment, owner: User) -> None:
    client = Client()
    client.force_login(owner)

    assert "Cookie" in client.get("/posts/a-post/")["Vary"]


@pytest.mark.django_db
def test_a_request_for_an_unknown_host_is_refused(comment: Comment) -> None:
    assert Client(headers={"host": "evil.example"}).get("/").status_code == 400


# --- A site with a name of its own ---------------------------------------------------------------


def configured(var_dir: Path, names: list[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Settings as a new process reads them."""
    program = (
        "import json; from config import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        env={"VAR_DIR": str(var_dir), **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


SECURE = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SECURE_HSTS_SECONDS"]


def test_a_public_site_has_secure_cookies_and_hsts(tmp_path: Path) -> None:
    public = configured(tmp_path, SECURE, {"ALLOWED_HOSTS": "blog.example.org", "SECRET_KEY": "x" * 60})

    assert all(public.values())


@pytest.mark.parametrize("hosts", ["", "localhost", "127.0.0.1,localhost"])
def test_a_trial_on_ones_own_machine_has_neither(tmp_path: Path, hosts: str) -> None:
    local = configured(tmp_path, SECURE, {"ALLOWED_HOSTS": hosts} if hosts else {})

    assert not any(local.values())


def test_a_public_site_among_loopback_names_is_still_public(tmp_path: Path) -> None:
    assert all(configured(tmp_path, SECURE, {"ALLOWED_HOSTS": "localhost,blog.example.org"}).values())


def test_debug_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert configured(tmp_path, ["DEBUG"], {}) == {"DEBUG": False}
    assert configured(tmp_path, ["DEBUG"], {"DEBUG": "on"}) == {"DEBUG": True}


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = configured(tmp_path / "a", ["SECRET_KEY"], {})
    again = configured(tmp_path / "a", ["SECRET_KEY"], {})
    other = configured(tmp_path / "b", ["SECRET_KEY"], {})

    assert first == again != other
    assert len(first["SECRET_KEY"]) >= 50
    assert (tmp_path / "a" / "secret_key").stat().st_mode & 0o077 == 0
