"""What ends a session asks every process to close its sockets, after the commit only."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.notifications.notices import MOVED
from realtime.events import EndReason
from realtime.session import session_digest
from tests.cast import Published, a_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def room(client: Client) -> str:
    return f"session_{session_digest(client.cookies['sessionid'].value)}"


class Abandoned(Exception):
    pass


def test_logging_out_ends_the_sessions_sockets(reader: Client, published: Published) -> None:
    sockets = room(reader)

    reader.post("/accounts/logout/")

    assert published.ended == [(sockets, EndReason.LOGGED_OUT)]


def test_another_session_of_the_same_user_goes_on(reader: Client, owner: User, published: Published) -> None:
    other = Client()
    other.force_login(owner)

    reader.post("/accounts/logout/")

    assert room(other) not in {ended for ended, _ in published.ended}


def test_a_deleted_row_ends_them_whoever_deleted_it(reader: Client, published: Published) -> None:
    Session.objects.all().delete()

    assert published.ended == [(room(reader), EndReason.LOGGED_OUT)]


def test_a_session_that_gets_a_new_key_takes_its_sockets_along(reader: Client, published: Published) -> None:
    sockets = room(reader)
    session = reader.session

    session.cycle_key()

    assert published.ended == []
    assert [(m["method"], m["room"]) for m in published.messages] == [("drop", sockets)]


def test_nothing_ends_before_the_commit(reader: Client, published: Published) -> None:
    with transaction.atomic():
        Session.objects.all().delete()
        assert published.ended == []

    assert published.ended == [(room(reader), EndReason.LOGGED_OUT)]


def test_nothing_ends_if_the_transaction_is_abandoned(reader: Client, published: Published) -> None:
    with pytest.raises(Abandoned), transaction.atomic():
        Session.objects.all().delete()
        raise Abandoned

    assert published.messages == []


def test_logging_in_ends_nothing_of_others(reader: Client, stranger: User, published: Published) -> None:
    Client().force_login(stranger)

    assert room(reader) not in {ended for ended, _ in published.ended}
    assert published.rechecked == []


def test_a_deleted_user_takes_all_sockets_along(owner: User, published: Published) -> None:
    user_id = owner.pk
    with transaction.atomic():
        owner.delete()
        assert published.ended == []

    assert (f"user_{user_id}", EndReason.DELETED) in published.ended


def test_a_changed_user_is_looked_at_again(owner: User, published: Published) -> None:
    owner.is_active = False
    with transaction.atomic():
        owner.save()
        assert published.rechecked == []

    assert published.rechecked == [f"user_{owner.pk}"]


def test_a_new_password_has_the_sockets_looked_at(owner: User, published: Published) -> None:
    owner.set_password("another")
    owner.save(update_fields=["password"])

    assert published.rechecked == [f"user_{owner.pk}"]


def test_a_new_user_and_the_time_of_a_log_in_concern_no_socket(owner: User, published: Published) -> None:
    newcomer = a_person("newcomer")
    newcomer.groups.add(Group.objects.create(name="readers"))
    owner.save(update_fields=["last_login"])

    # A group has a room of its own, into which its people move; nobody's session is looked at.
    assert published.messages == [{"method": MOVED, "users": [newcomer.pk]}]
