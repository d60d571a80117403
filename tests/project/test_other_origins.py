"""A front end on another origin may read what answers in JSON, and only where `TRUSTED_ORIGINS` says so."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import notifications
from accounts.models import Kind, Notification, User
from comments.chat import private
from comments.models import Comment
from tests.project.files import BASE_DIR
from tests.project.test_security import configured

OURS = "https://app.example.org"
SESSION = "/accounts/session/"
COOKIES = [
    f"{kind}_COOKIE_{name}" for kind in ("SESSION", "CSRF", "LANGUAGE") for name in ("SAMESITE", "SECURE")
]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _trusted(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [OURS]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", f"{OURS}.evil.example", "http://app.example.org", f"{OURS}:444"],
)
def test_another_sites_page_reads_nothing(origin: str, owner: User) -> None:
    client = Client()
    client.force_login(owner)
    assert "Access-Control-Allow-Origin" in client.get(SESSION, headers={"origin": OURS})

    for answer in (
        client.get(SESSION, headers={"origin": origin}),
        client.options(SESSION, headers={"origin": origin, "access-control-request-method": "POST"}),
    ):
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_another_sites_page_logs_nobody_out(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    token = client.get(SESSION).json()["csrfToken"]

    def log_out(origin: str, **headers: str) -> int:
        return client.post("/accounts/logout/", headers={"origin": origin, **headers}).status_code

    assert log_out("https://evil.example", **{"x-csrftoken": token}) == 403
    assert log_out(OURS) == 403
    assert client.get(SESSION).json()["reader"]["id"] == str(owner.pk)
    log_out(OURS, **{"x-csrftoken": token})
    assert client.get(SESSION).json()["reader"] is None


def test_a_trusted_one_reads_who_is_logged_in(owner: User) -> None:
    client = Client()
    assert client.get(SESSION, headers={"origin": OURS}).json()["reader"] is None
    client.force_login(owner)

    answer = client.get(SESSION, headers={"origin": OURS})

    assert answer.json()["reader"] == {"id": str(owner.pk), "username": "owner", "name": owner.shown_name}
    assert answer["Access-Control-Allow-Origin"] == OURS
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert {"origin", "cookie"} <= {name.strip().lower() for name in answer["Vary"].split(",")}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/posts/a-post/", "/accounts/settings/", "/admin/", "/notifications/"])
def test_pages_are_for_this_site(path: str, comment: Comment, owner: User) -> None:
    client = Client()
    client.force_login(owner)

    assert "Access-Control-Allow-Origin" not in client.get(path, headers={"origin": OURS})


ELSEWHERE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
NEXT_DOOR = {**ELSEWHERE, "sec-fetch-site": "same-site"}
PREFETCHED = {
    "sec-fetch-site": "same-origin",
    "sec-fetch-dest": "document",
    "sec-purpose": "prefetch;prerender",
}
FOLLOWED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def opens(owner: User, stranger: User, headers: dict[str, str]) -> tuple[int, int]:
    """What stays unread of a notification and of a conversation that a browser asks for so."""
    private.send(owner, "Hello", acting_user=stranger)
    notifications.send(Kind.FOLLOW, to_user=owner.pk, actor=stranger.pk, path="/people/stranger/")
    told = Notification.objects.unread().filter(user=owner, kind=Kind.FOLLOW)
    client = Client()
    client.force_login(owner)
    answer = client.get(f"/notifications/{told.get().pk}/", headers=headers)
    assert (answer.status_code, answer["Location"]) == (302, "/people/stranger/")
    assert client.get("/chat/with/stranger/", headers=headers).status_code == 200
    return told.count(), private.unread_count(owner)


@pytest.mark.parametrize(
    "headers",
    [
        {**ELSEWHERE, "sec-fetch-dest": "image"},
        {**ELSEWHERE, "sec-fetch-dest": "iframe"},
        {**ELSEWHERE, "sec-fetch-dest": "empty"},
        {**NEXT_DOOR, "sec-fetch-dest": "image"},
        PREFETCHED,
    ],
)
def test_another_sites_page_reads_nothing_for_somebody_either(
    owner: User, stranger: User, headers: dict[str, str]
) -> None:
    """An <img> of a page somewhere comes with cookies that are SameSite=None."""
    assert opens(owner, stranger, headers) == (1, 1)


@pytest.mark.parametrize(
    "headers", [{}, FOLLOWED, {"sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"}]
)
def test_whoever_goes_there_has_read_it(owner: User, stranger: User, headers: dict[str, str]) -> None:
    assert opens(owner, stranger, headers) == (0, 0)


def test_cookies_are_for_this_sites_pages_unless_asked_for(tmp_path: Path) -> None:
    assert set(configured(tmp_path, COOKIES, {}).values()) == {"Lax", False}
    for wanted in ("on", "partitioned"):
        settings = configured(tmp_path, COOKIES, {"CROSS_SITE_COOKIES": wanted})
        assert set(settings.values()) == {"None", True}


PRINT_COOKIES = """
import django
django.setup()
from django.test import Client
from pytest_django.fixtures import Settings
print(Client().get('/accounts/session/', headers={'host': 'localhost'}).cookies.output())
"""


@pytest.mark.parametrize(("wanted", "says"), [("on", False), ("partitioned", True)])
def test_they_are_kept_apart_where_that_is_asked_for(tmp_path: Path, wanted: str, says: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINT_COOKIES],
        cwd=BASE_DIR,
        env={
            "VAR_DIR": str(tmp_path),
            "CROSS_SITE_COOKIES": wanted,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "SameSite=None" in done.stdout
    assert ("Partitioned" in done.stdout) is says
