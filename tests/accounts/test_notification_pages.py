"""The inbox as pages, the form of choices, the bell, and the admin's form to tell everybody."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import notifications
from accounts.models import Kind, Notification, User
from accounts.notifications import choices, inbox
from accounts.notifications.choices import Choice, Mail
from tests.cast import a_person, sitting_at

pytestmark = pytest.mark.django_db


def mention(user: User, actor: User, number: int = 1) -> int:
    notifications.send(
        Kind.MENTION,
        to_user=user.pk,
        actor=actor.pk,
        group=f"mention:{number}",
        source=f"comment:{number}",
        path=f"/comments/{number}/",
        about={"title": "A <b>post</b>"},
    )
    return Notification.objects.latest("pk").pk


def page_of(user: User, path: str = "/notifications/") -> str:
    answer = sitting_at(user).get(path)
    assert answer.status_code == 200, answer
    return answer.content.decode().partition("<template")[0]


def chosen(**given: str) -> dict[str, str]:
    """A form in which everything is on the page and nothing by mail."""
    form = {f"{kind}-page": "on" for kind in Kind.values}
    return {**form, **{f"{kind}-mail": "never" for kind in Kind.values}, **given}


# --- Outsiders ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/notifications/", "/notifications/1/", "/accounts/notifications/"])
def test_without_a_session_one_is_asked_to_log_in(client: Client, path: str) -> None:
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_what_is_somebody_elses_is_not_there(owner: User, stranger: User) -> None:
    pk = mention(owner, stranger)

    for answer in (
        sitting_at(stranger).get(f"/notifications/{pk}/"),
        sitting_at(stranger).post(f"/notifications/{pk}/"),
    ):
        assert answer.status_code == 404
    sitting_at(stranger).post("/notifications/", {"up_to": str(pk)})
    sitting_at(stranger).post("/notifications/")
    assert inbox.unread_count(owner) == 1
    assert "mentioned you" not in page_of(stranger)


@pytest.mark.parametrize("number", ["0", str(2**63), "1" + "0" * 19, "9" * 5_000, "٣", "-1", "x", "1e3"])
def test_what_is_no_number_of_ours_is_not_there(owner: User, stranger: User, number: str) -> None:
    mention(owner, stranger)
    browser = sitting_at(owner)

    if number.isascii() and number.isdecimal() and len(number) < 100:
        assert browser.get(f"/notifications/{number}/").status_code == 404
        assert browser.post(f"/notifications/{number}/").status_code == 404
    answer = browser.post("/notifications/", {"up_to": number}, follow=True)

    assert answer.status_code == 200
    assert "This does not exist, or no longer." in answer.content.decode()
    assert inbox.unread_count(owner) == 1


def test_visitors_have_no_bell(client: Client) -> None:
    assert "data-bell" not in client.get("/").content.decode()


# --- The page and the bell ------------------------------------------------------------------------


def test_the_page_tells_and_the_bell_counts(owner: User, stranger: User) -> None:
    assert "Nothing yet." in page_of(owner)
    pk = mention(owner, stranger)

    page = page_of(owner)

    assert "Sue Stranger mentioned you under “A &lt;b&gt;post&lt;/b&gt;”." in page
    assert f'href="/notifications/{pk}/"' in page
    for path in ("/", "/accounts/settings/", "/notifications/"):
        assert ">Notifications, 1 unread<" in page_of(owner, path)


def test_to_go_where_it_leads_is_to_have_read_it(owner: User, stranger: User) -> None:
    pk = mention(owner, stranger)
    desk = sitting_at(owner)

    assert desk.head(f"/notifications/{pk}/").status_code == 302
    assert inbox.unread_count(owner) == 1  # nobody has seen anything
    answer = desk.get(f"/notifications/{pk}/")

    assert answer.headers["Location"] == "/comments/1/"
    assert inbox.unread_count(owner) == 0


def test_it_leads_to_this_site_only(owner: User) -> None:
    for path in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""):
        notifications.send(Kind.SYSTEM, to_user=owner.pk, path=path, about={"text": "Hello"})
        pk = Notification.objects.latest("pk").pk
        assert sitting_at(owner).get(f"/notifications/{pk}/").headers["Location"] == "/notifications/"


def test_one_is_marked_by_its_button_and_all_by_another(owner: User, stranger: User) -> None:
    pks = [mention(owner, stranger, number) for number in (1, 2, 3)]
    desk = sitting_at(owner)

    assert desk.post(f"/notifications/{pks[0]}/").headers["Location"] == "/notifications/"
    assert inbox.unread_count(owner) == 2
    page = page_of(owner)
    assert f'name="up_to" value="{pks[2]}"' in page
    mention(owner, stranger, 4)  # while the page is looked at
    desk.post("/notifications/", {"up_to": str(pks[2])})
    assert inbox.unread_count(owner) == 1
    desk.post("/notifications/")
    assert inbox.unread_count(owner) == 0


def test_pages_lead_on_to_the_end(owner: User, stranger: User) -> None:
    for number in range(45):
        mention(owner, stranger, number)
    path: str | None = "/notifications/"
    seen = 0
    for _ in range(3):
        assert path is not None
        page = page_of(owner, path)
        seen += page.count("data-notice ")
        found = re.search(r'href="(/notifications/\?after=\w+)"', page)
        path = found[1] if found else None
    assert (seen, path) == (45, None)
    assert sitting_at(owner).get("/notifications/?after=nowhere").status_code == 404


def test_the_bell_costs_a_page_as_much_with_many_as_with_one(owner: User, stranger: User) -> None:
    desk = sitting_at(owner)
    mention(owner, stranger)
    desk.get("/")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get("/")
        return len(captured)

    one = queries()
    for number in range(2, 200):
        mention(owner, stranger, number)
    assert queries() == one


# --- Choices --------------------------------------------------------------------------------------


def test_what_is_chosen_holds(owner: User) -> None:
    form = chosen(**{"like-browser": "on", "like-sound": "on", "like-mail": "daily"})
    del form["mention-page"]

    assert sitting_at(owner).post("/accounts/notifications/", form).status_code == 302

    now = choices.of(owner)
    assert now[Kind.LIKE] == Choice(browser=True, sound=True, mail=Mail.DAILY)
    assert now[Kind.MENTION] == Choice(page=False)
    assert now[Kind.SYSTEM].page
    page = page_of(owner, "/accounts/notifications/")
    assert '<option value="daily" selected>' in page


def test_what_is_no_choice_changes_nothing(owner: User) -> None:
    answer = sitting_at(owner).post("/accounts/notifications/", chosen(**{"like-mail": "sometimes"}))

    assert answer.status_code == 422
    assert choices.of(owner) == dict(choices.DEFAULTS)


# --- The admin ------------------------------------------------------------------------------------

ADD = "/admin/accounts/systemnotice/add/"


@pytest.fixture
def admin(db: None) -> User:
    return a_person("admin", is_staff=True, is_superuser=True)


def test_who_may_not_has_no_form(owner: User, moderator: User, manager: User) -> None:
    assert sitting_at(owner).get(ADD).status_code == 302
    for outsider in (moderator, manager):
        assert sitting_at(outsider).get(ADD).status_code == 403
        assert sitting_at(outsider).post(ADD, {"text": "Hello", "audience": "all"}).status_code == 403
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "},
        {"audience": "group"},
        {"audience": "people"},
        {"audience": "people", "people": "owner nobody.such"},
        {"path": "https://elsewhere.example/"},
    ],
)
def test_what_is_wrong_is_said_and_not_sent(admin: User, owner: User, wrong: dict[str, str]) -> None:
    answer = sitting_at(admin).post(ADD, {"text": "Hello", "audience": "all", "path": "", **wrong})

    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("given", "hears"),
    [
        ({"audience": "all"}, {"owner", "stranger", "admin"}),
        ({"audience": "group"}, {"owner"}),
        ({"audience": "people", "people": "owner, stranger"}, {"owner", "stranger"}),
    ],
)
def test_admins_tell_all_a_group_or_some(
    admin: User, owner: User, stranger: User, given: dict[str, Any], hears: set[str]
) -> None:
    group = Group.objects.create(name="Gardeners")
    owner.groups.add(group)
    form = {"text": "The garden is open.", "path": "/posts/garden/", "group": str(group.pk), **given}

    assert sitting_at(admin).post(ADD, form).status_code == 302

    said = {user.username for user in (owner, stranger, admin) if inbox.page(user).entries}
    assert said == hears
    assert "The garden is open." in sitting_at(admin).get("/admin/accounts/systemnotice/").content.decode()


def test_what_was_said_can_be_taken_back_and_not_changed(admin: User, owner: User) -> None:
    desk = sitting_at(admin)
    desk.post(ADD, {"text": "Nonsense", "audience": "all"})
    inbox.page(owner)
    original = Notification.objects.get(user__isnull=True)
    place = f"/admin/accounts/systemnotice/{original.pk}"

    assert "Nonsense" in desk.get(f"{place}/change/").content.decode()
    assert desk.post(f"{place}/change/", {"text": "Other"}).status_code == 403
    assert desk.post(f"{place}/delete/", {"post": "yes"}).status_code == 302
    assert not Notification.objects.exists()
    assert inbox.page(owner).entries == []
