"""Signing up, logging in and out, by the pages that readers use."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from comments.models import Comment, Post
from realtime.session import Identity, identify

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_rate_limits_of_other_tests() -> None:
    cache.clear()


@pytest.fixture
def reader(owner: User) -> User:
    owner.set_password(PASSWORD)
    owner.save()
    return owner


def log_in(client: Client, login: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": login, "password": password, **more})


@pytest.mark.parametrize("login", ["owner", "owner@example.com"])
def test_a_reader_logs_in_by_name_or_address_and_comes_back(login: str, reader: User, post: Post) -> None:
    client = Client()

    response = log_in(client, login, next=post.get_absolute_url())

    assert response.status_code == 302
    assert response["Location"] == post.get_absolute_url()
    [identity] = identify([client.cookies["sessionid"].value])
    assert isinstance(identity, Identity)
    assert identity.user_id == reader.pk


def test_a_wrong_password_does_not_log_in(reader: User) -> None:
    client = Client()

    assert log_in(client, "owner", "wrong").status_code == 200
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_logging_in_leads_to_no_other_site(elsewhere: str, reader: User) -> None:
    response = log_in(Client(), "owner", next=elsewhere)

    assert response.status_code == 302
    assert response["Location"] == "/"


def test_logging_in_takes_a_new_session_key(reader: User, stranger: User) -> None:
    client = Client()
    client.force_login(stranger)
    before = client.cookies["sessionid"].value
    client.post("/accounts/logout/")

    log_in(client, "owner")

    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_logging_out_needs_a_click(reader: User) -> None:
    client = Client()
    log_in(client, "owner")
    key = client.cookies["sessionid"].value

    assert client.get("/accounts/logout/").status_code == 200
    assert Session.objects.filter(session_key=key).exists()

    assert client.post("/accounts/logout/").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()


def test_a_reader_signs_up_and_may_write_at_once(post: Post) -> None:
    client = Client()
    data = {"email": "new@example.com", "username": "newcomer", "password1": PASSWORD}

    response = client.post("/accounts/signup/", data)

    assert response.status_code == 302
    user = User.objects.get(username="newcomer")
    assert not user.is_staff
    assert client.post(f"{post.get_absolute_url()}comments/", {"content": "Hi"}).status_code == 302
    assert post.comments.get().author == user


@pytest.mark.parametrize("username", [".", "..", "..."])
def test_a_username_of_dots_would_have_no_page(username: str) -> None:
    data = {"email": "sam@example.com", "username": username, "password1": "a long way home"}
    response = Client().post("/accounts/signup/", data)
    assert response.status_code == 200
    assert not User.objects.filter(username=username).exists()


@pytest.mark.parametrize("field", ["is_staff", "is_superuser"])
def test_nobody_signs_up_as_staff(field: str) -> None:
    data = {"email": "new@example.com", "username": "newcomer", "password1": PASSWORD, field: "on"}

    Client().post("/accounts/signup/", data)

    assert not getattr(User.objects.get(username="newcomer"), field)


def test_a_switched_off_reader_is_logged_out_everywhere(reader: User, post: Post) -> None:
    client = Client()
    log_in(client, "owner")
    User.objects.update(is_active=False)

    response = client.post(f"{post.get_absolute_url()}comments/", {"content": "Still here?"})

    assert response.status_code == 403
    assert "/accounts/login/" in response.content.decode()
    assert not post.comments.exists()


def test_account_pages_open_for_those_who_are_logged_in(reader: User) -> None:
    client = Client()
    log_in(client, "owner")

    for url in ("email/", "password/change/", "sessions/", "2fa/"):
        for language in ("en", "ko"):
            response = client.get(f"/accounts/{url}", headers={"accept-language": language}, follow=True)
            assert response.status_code == 200, url
    for url in ("login/", "signup/", "password/reset/", "login/code/"):
        assert Client().get(f"/accounts/{url}").status_code == 200, url


def test_confirming_the_address_leads_back_to_what_one_was_answering(
    post: Post, comment: Comment, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    back = f"{post.get_absolute_url()}?reply={comment.pk}#composer"
    client = Client()
    data = {"email": "new@example.com", "username": "newcomer", "password1": PASSWORD, "next": back}
    assert client.post("/accounts/signup/", data)["Location"] == "/accounts/confirm-email/"
    [letter] = mailoutbox
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", str(letter.body))
    assert link is not None

    client.get(link[1])
    response = client.post(link[1])

    assert response["Location"] == back
    assert client.session["_auth_user_id"] == str(User.objects.get(username="newcomer").pk)
