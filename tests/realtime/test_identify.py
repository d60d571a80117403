"""A session key is worth what Django's own rules say it is, and asking changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from realtime.events import EndReason
from realtime.session import Identity, identify, session_digest
from realtime.session_store import Decoder

pytestmark = pytest.mark.django_db


def log_in(user: User) -> str:
    """A session as a log-in makes it; its key."""
    client = Client()
    client.force_login(user)
    return str(client.cookies["sessionid"].value)


def change(key: str, **contents: Any) -> None:
    store = SessionStore(session_key=key)
    for name, value in contents.items():
        store[name] = value
    store.save()


def who(key: str) -> Identity | EndReason:
    [identity] = identify([key])
    return identity


# --- Outsiders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "x", "no-such-session", "\x00", "가", "x" * 10_000, "' OR 1=1 --"])
def test_an_unknown_key_is_nobodys(key: str, owner: User) -> None:
    assert isinstance(who(log_in(owner)), Identity)

    assert who(key) == EndReason.LOGGED_OUT


def test_a_session_of_a_reader_who_never_logged_in_is_nobodys() -> None:
    store = SessionStore()
    store["language"] = "ko"
    store.create()

    assert who(str(store.session_key)) == EndReason.LOGGED_OUT


def test_an_expired_session_is_worth_nothing(owner: User) -> None:
    key = log_in(owner)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert who(key) == EndReason.EXPIRED


def test_a_session_of_an_inactive_user_is_worth_nothing(owner: User) -> None:
    key = log_in(owner)
    User.objects.update(is_active=False)

    assert who(key) == EndReason.DEACTIVATED


def test_a_session_of_a_deleted_user_is_worth_nothing(owner: User) -> None:
    key = log_in(owner)
    owner.delete()

    assert who(key) == EndReason.DELETED


def test_a_session_from_before_the_password_changed_is_worth_nothing(owner: User) -> None:
    key = log_in(owner)
    owner.set_password("another")
    owner.save()

    assert who(key) == EndReason.PASSWORD_CHANGED


@pytest.mark.parametrize("stored", ["", "0" * 64, None, 7, "가"])
def test_a_wrong_hash_is_worth_nothing(owner: User, stored: Any) -> None:
    key = log_in(owner)
    change(key, **{HASH_SESSION_KEY: stored})

    assert who(key) == EndReason.PASSWORD_CHANGED


@pytest.mark.parametrize("backend", ["", "evil.Backend", None, 7, ["x"]])
def test_a_session_of_another_backend_is_worth_nothing(owner: User, backend: Any) -> None:
    key = log_in(owner)
    change(key, **{BACKEND_SESSION_KEY: backend})

    assert who(key) == EndReason.LOGGED_OUT


@pytest.mark.parametrize("user_id", ["", "x", "-1", None, "²", ["1"]])
def test_a_user_id_that_cannot_be_is_nobodys(owner: User, user_id: Any) -> None:
    key = log_in(owner)
    change(key, **{SESSION_KEY: user_id})

    assert isinstance(who(key), EndReason)


def test_contents_that_were_not_signed_here_are_worth_nothing(
    owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    key = log_in(owner)
    Session.objects.update(session_data="forged:1abcde:" + "x" * 43)

    assert who(key) == EndReason.LOGGED_OUT


# --- Whoever may ---------------------------------------------------------------------------------


def test_a_session_is_its_users(owner: User) -> None:
    key = log_in(owner)

    assert who(key) == Identity(owner.pk, "Omar Owner", session_digest(key))


def test_a_digest_does_not_give_the_key_away(owner: User) -> None:
    key = log_in(owner)

    assert key not in session_digest(key)
    assert session_digest(key) == session_digest(key) != session_digest(key + "x")


@pytest.mark.parametrize("signed_with", ["the secret", "a former secret", "somebody's secret"])
@pytest.mark.parametrize("contents", [{}, {"a": "b"}, {"text": "가나다 " * 500}])
def test_contents_are_read_as_django_reads_them(
    signed_with: str, contents: dict[str, str], settings: Settings
) -> None:
    settings.SECRET_KEY = signed_with
    data = SessionStore().encode(contents)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the secret", ["an older secret", "a former secret"]

    for text in (data, data[:-1], data + "x", data.replace(":", ""), "", ":", "::", "a:b:c", "가"):
        assert Decoder()(text) == SessionStore().decode(text)
    assert Decoder()(data) == ({} if signed_with == "somebody's secret" else contents)


def test_many_keys_are_answered_in_their_order_with_two_queries(owner: User, stranger: User) -> None:
    keys = [log_in(owner), "nobody", log_in(stranger), "", log_in(owner)] * 10

    with CaptureQueriesContext(connection) as queries:
        found = identify(keys)

    assert len(queries) == 2
    ids = [identity.user_id if isinstance(identity, Identity) else None for identity in found]
    assert ids == [owner.pk, None, stranger.pk, None, owner.pk] * 10


def test_nobody_costs_no_more(owner: User) -> None:
    assert identify([]) == []


def test_after_the_secret_changed_the_former_one_still_counts_and_nothing_is_written(
    owner: User, settings: Settings
) -> None:
    key = log_in(owner)
    before = Session.objects.values().get()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the new secret"

    with CaptureQueriesContext(connection) as queries:
        identity = who(key)

    assert identity == Identity(owner.pk, "Omar Owner", session_digest(key))
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
    assert Session.objects.values().get() == before


def test_a_secret_that_was_thrown_away_counts_no_more(owner: User, settings: Settings) -> None:
    key = log_in(owner)
    settings.SECRET_KEY = "the new secret"

    assert isinstance(who(key), EndReason)


def test_pages_and_sockets_agree_about_a_session(owner: User, settings: Settings) -> None:
    client = Client()
    client.force_login(owner)
    key = client.cookies["sessionid"].value
    assert isinstance(who(key), Identity)
    assert client.get("/accounts/email/").status_code == 200

    User.objects.update(is_active=False)

    assert isinstance(who(key), EndReason)
    assert client.get("/accounts/email/").status_code == 302
