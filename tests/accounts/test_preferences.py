"""One's settings, and what pages and sockets make of them."""

from typing import Any

import pytest
from django.test import Client

from accounts import preferences
from accounts.models import User
from comments.models import Comment, Post
from realtime.budgets import SETTLING
from realtime.errors import ErrorCode, Refused
from realtime.session import Identity, identify
from tests.cast import Published, again, sitting_at

pytestmark = pytest.mark.django_db

UNCHANGED = {"name": "Omar Owner", "language": "", "time_zone": "", "is_shown": True}


def save(client: Client, **fields: Any) -> Any:
    data = {"action": "save", **UNCHANGED, **fields}
    return client.post(
        "/accounts/settings/", {key: value for key, value in data.items() if value is not False}
    )


def refused(user: User, **fields: Any) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        preferences.change_settings(acting_user=user, **{**UNCHANGED, **fields})
    return refusal.value.code


def test_whoever_is_not_logged_in_logs_in_first() -> None:
    response = Client().get("/accounts/settings/")

    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/accounts/settings/"


def test_settings_are_saved_and_shown(owner: User, stranger: User) -> None:
    client = sitting_at(owner)

    response = save(
        client, name="  Omar  the Reader ", language="ko", time_zone="America/New_York", is_shown=False
    )

    assert response.status_code == 302
    saved = again(owner)
    assert (saved.name, saved.language, saved.time_zone) == ("Omar the Reader", "ko", "America/New_York")
    assert saved.is_shown is False
    assert again(stranger).language == ""
    page = client.get("/accounts/settings/").content.decode()
    assert 'value="Omar the Reader"' in page
    assert '<option value="ko" selected>한국어</option>' in page
    assert '<option value="America/New_York" selected>' in page


@pytest.mark.parametrize("name", ["\u202eevil", "zero\u200bwidth", "\u3164\u3164", "bell\u0007"])
def test_a_name_that_hides_something_is_refused(name: str, owner: User) -> None:
    assert refused(owner, name=name) == ErrorCode.INVALID
    response = save(sitting_at(owner), name=name)
    assert response.status_code == 422
    assert "cannot be seen" in response.content.decode()
    assert again(owner).name == "Omar Owner"


@pytest.mark.parametrize("name", ["", "김민아", "👩\u200d🚀 Ada", "می\u200cخواهم", "ßeta", "Ñandú 7"])
def test_names_in_any_script_are_fine(name: str, owner: User) -> None:
    assert save(sitting_at(owner), name=name).status_code == 302
    assert again(owner).name == name


def test_what_is_not_offered_is_refused(owner: User) -> None:
    assert refused(owner, language="tlh") == ErrorCode.INVALID
    assert refused(owner, time_zone="Mars/Olympus") == ErrorCode.INVALID
    assert refused(owner, time_zone="../../etc/passwd") == ErrorCode.INVALID
    assert refused(owner, name="x" * 61) == ErrorCode.TOO_LONG
    for fields in ({"language": "tlh"}, {"time_zone": "Mars/Olympus"}, {"name": "x" * 61}):
        assert save(sitting_at(owner), **fields).status_code == 422


def test_settings_have_a_budget(owner: User) -> None:
    client = sitting_at(owner)
    codes = [save(client).status_code for _ in range(SETTLING.amount + 1)]

    assert codes == [302] * SETTLING.amount + [422]


# --- Language --------------------------------------------------------------------------------------


def language_of(client: Client, path: str = "/") -> str:
    page = client.get(path, headers={"accept-language": "en"}).content.decode()
    return page.split('<html lang="')[1][:2]


def test_pages_speak_the_language_of_the_account_and_not_the_browsers(owner: User) -> None:
    client = sitting_at(owner)
    assert language_of(client) == "en"

    save(client, language="ko")

    assert language_of(client) == "ko"
    assert language_of(client, "/no-such-page/") == "ko"
    another_browser = sitting_at(again(owner))
    assert language_of(another_browser) == "ko"
    assert "설정" in another_browser.get("/accounts/settings/").content.decode()


def test_whoever_goes_back_to_the_browsers_language_gets_it_whatever_a_cookie_said(
    owner: User,
) -> None:
    client = sitting_at(owner)
    save(client, language="ko")
    assert client.cookies["django_language"].value == "ko"

    save(client, language="")

    assert client.cookies["django_language"].value == ""
    assert language_of(client) == "en"


def test_the_button_in_the_header_chooses_for_the_account(owner: User) -> None:
    client = sitting_at(owner)
    client.post("/i18n/setlang/", {"language": "ko", "next": "/"})

    assert again(owner).language == "ko"
    assert language_of(sitting_at(again(owner))) == "ko"
    client.post("/i18n/setlang/", {"language": "tlh", "next": "/"})
    assert again(owner).language == "ko"


def test_a_socket_knows_the_language_and_whether_its_person_is_shown(owner: User) -> None:
    client = sitting_at(owner)
    save(client, language="ko", is_shown=False)

    [identity] = identify([client.cookies["sessionid"].value])

    assert isinstance(identity, Identity)
    assert (identity.language, identity.is_shown) == ("ko", False)


@pytest.mark.django_db(transaction=True)
def test_sockets_that_are_open_are_looked_at_again(owner: User, published: Published) -> None:
    preferences.change_settings(acting_user=owner, **{**UNCHANGED, "is_shown": False})  # type: ignore[arg-type]

    assert published.rechecked == [f"user_{owner.pk}"]


# --- Time zone -------------------------------------------------------------------------------------


def test_times_are_told_in_the_zone_of_the_account(owner: User, post: Post, comment: Comment) -> None:
    Comment.objects.update(created_at="2026-03-01T23:30:00Z")
    client = sitting_at(owner)
    assert "March 2, 2026, 8:30" in client.get(post.get_absolute_url()).content.decode()  # in Seoul

    save(client, time_zone="America/New_York")

    page = client.get(post.get_absolute_url()).content.decode()
    assert "March 1, 2026, 6:30" in page
    assert 'data-time-zone="America/New_York"' in page
    assert "March 2, 2026, 8:30" in Client().get(post.get_absolute_url()).content.decode()


def test_a_zone_that_is_no_more_does_no_harm(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="Asia/Atlantis")

    assert sitting_at(owner).get("/").status_code == 200


def test_every_zone_has_a_place_in_its_region() -> None:
    assert {"Asia/Seoul", "Europe/Berlin", "America/Argentina/Ushuaia", "UTC"} <= set(
        preferences.time_zones()
    )
    assert all(len(zone) <= 40 for zone in preferences.time_zones())
