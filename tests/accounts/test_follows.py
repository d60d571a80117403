"""Following people: rows of one reader, of which the followed are told once, and nobody else is shown."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import deletion, erasure, follows, last_seen, own_data, preferences, sanctions
from accounts.models import LastSeen, Mute, Notification, PersonFollow, User
from accounts.notifications import choices, inbox
from accounts.notifications.texts import sentence
from realtime.errors import Refused
from realtime.session import identify, user_room
from tests.callers import ask
from tests.cast import Published, a_person, again, sitting_at

pytestmark = pytest.mark.django_db

NAMESPACE = "/notifications"
DAY = timedelta(days=1)
# Handlers use the database in threads of their own.
by_socket = pytest.mark.django_db(transaction=True)


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def press(client: Client, person: User, *, on: bool = True, **more: str) -> Any:
    address = f"/people/{person.username}/follow/"
    return client.post(address, {"on": "1" if on else "0", **more})


# --- Outsiders -----------------------------------------------------------------------------------


def test_a_visitor_is_asked_to_log_in(owner: User, client: Client) -> None:
    for answer in (
        press(client, owner),
        client.get("/following/"),
        client.post("/accounts/status/", {"status": "away"}),
    ):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
    assert not PersonFollow.objects.exists()


def test_nobody_follows_themselves_or_who_is_not_there(owner: User, stranger: User) -> None:
    gone = a_person("gone", is_active=False)

    assert code(lambda: follows.follow(owner.pk, on=True, acting_user=owner)) == "forbidden"
    assert code(lambda: follows.follow(gone.pk, on=True, acting_user=owner)) == "not_found"
    assert code(lambda: follows.follow(10**9, on=True, acting_user=owner)) == "not_found"
    assert press(sitting_at(owner), a_person("unknown-to-the-database-after-this")).status_code == 302
    assert sitting_at(owner).post("/people/nobody-of-this-name/follow/").status_code == 404


def test_whom_somebody_follows_is_on_no_page_but_their_own(owner: User, stranger: User, author: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)

    page = sitting_at(owner).get("/following/").content.decode()
    assert "Ana Author" in page
    others = sitting_at(stranger).get("/following/").content.decode()
    assert "Ana Author" not in others
    for person in (author, owner):
        seen = sitting_at(stranger).get(f"/people/{person.username}/").content.decode()
        assert "Stop following" not in seen


def test_the_status_of_a_person_is_on_their_page_for_who_follows_them_only(
    owner: User, stranger: User, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime.server import sio
    from realtime.statuses import Status

    monkeypatch.setattr(sio.statuses, "of", lambda user_id: Status.ONLINE)
    follows.follow(author.pk, on=True, acting_user=owner)

    assert 'data-status="online"' in sitting_at(owner).get("/people/author/").content.decode()
    assert 'data-status="online"' not in sitting_at(stranger).get("/people/author/").content.decode()
    assert "data-status" not in sitting_at(None).get("/people/author/").content.decode()


# --- Following -----------------------------------------------------------------------------------


def test_a_person_is_followed_once_however_often_the_button_is_pressed(
    owner: User, author: User, published: Published, django_capture_on_commit_callbacks: Any
) -> None:
    client = sitting_at(owner)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            assert press(client, author, next="/people/author/").url == "/people/author/"

    assert follows.follows(owner, author)
    assert PersonFollow.objects.count() == 1
    [told] = [m for m in published.messages if m["method"] == "event"]
    assert told["room"] == user_room(owner.pk)
    assert told["namespace"] == NAMESPACE
    [noticed] = [m for m in published.messages if m["method"] == "person_follow"]
    assert (noticed["user"], noticed["person"], noticed["on"]) == (owner.pk, author.pk, True)


def test_it_is_taken_back_even_from_who_is_gone(owner: User, author: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)
    User.objects.filter(pk=author.pk).update(is_active=False)

    press(sitting_at(owner), author, on=False)

    assert not PersonFollow.objects.exists()


def test_the_way_back_stays_on_this_site(owner: User, author: User) -> None:
    assert press(sitting_at(owner), author, next="https://example.org/").url == "/following/"


def test_there_is_an_end_to_it(owner: User, author: User, stranger: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(follows, "AT_MOST", 1)
    follows.follow(author.pk, on=True, acting_user=owner)

    assert code(lambda: follows.follow(stranger.pk, on=True, acting_user=owner)) == "forbidden"
    assert PersonFollow.objects.count() == 1


def test_whoever_is_muted_cannot_tell(owner: User, author: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)
    LastSeen.objects.create(user=author, at=timezone.now())
    before = sitting_at(owner).get("/following/").content.decode()

    Mute.objects.create(user=author, muted=owner)

    assert code_free(sitting_at(owner).get("/following/").content.decode()) == code_free(before)
    assert last_seen.note({author.pk: timezone.now()}) == 1
    follows.follow(author.pk, on=False, acting_user=owner)
    follows.follow(author.pk, on=True, acting_user=owner)


def code_free(page: str) -> list[str]:
    """The page without its tokens."""
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


def test_several_readers_are_read_in_one_query(
    owner: User, author: User, stranger: User, django_assert_num_queries: Any
) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)
    follows.follow(stranger.pk, on=True, acting_user=owner)
    with django_assert_num_queries(1):
        found = follows.followed_ids([owner.pk, stranger.pk, owner.pk])

    assert found == [{author.pk, stranger.pk}, frozenset(), {author.pk, stranger.pk}]


# --- What the followed are told ---------------------------------------------------------------------


def told(person: User) -> list[str]:
    """What somebody's inbox says of followers."""
    return [sentence(entry) for entry in inbox.page(person).entries]


def test_nobody_but_the_followed_is_told(owner: User, author: User, stranger: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)

    assert told(author) == ["Omar Owner followed you."]
    assert told(stranger) == told(owner) == []


def test_who_follows_somebody_is_told_once_and_leads_to_their_page(
    owner: User, author: User, published: Published, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for on in (True, True, False, True, False, True):
            follows.follow(author.pk, on=on, acting_user=owner)

    [notification] = Notification.objects.filter(user=author)
    assert (notification.kind, notification.actor) == ("follow", owner)
    assert notification.path == "/people/owner/"
    assert sitting_at(author).get(notification.path).status_code == 200
    assert published.inboxes == [(author.pk, "followers")]


def test_once_read_it_is_not_told_again_either(owner: User, author: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)
    inbox.mark_all_read(acting_user=author)
    for on in (False, True):
        follows.follow(author.pk, on=on, acting_user=owner)

    assert inbox.unread_count(author) == 0


def test_several_who_follow_are_one_entry(owner: User, author: User, stranger: User) -> None:
    for person in (owner, stranger, a_person("third", name="Third")):
        follows.follow(author.pk, on=True, acting_user=person)

    assert told(author) == ["Third and 2 others followed you."]


def test_a_name_from_right_to_left_does_not_turn_the_sentence(author: User) -> None:
    follows.follow(author.pk, on=True, acting_user=a_person("noor", name="نور"))

    assert told(author) == ["\u2068نور\u2069 followed you."]


def test_whom_they_have_muted_they_do_not_hear_of_and_a_choice_counts(owner: User, author: User) -> None:
    Mute.objects.create(user=author, muted=owner)
    choices.choose({"follow": choices.Choice(page=False)}, acting_user=owner)

    follows.follow(author.pk, on=True, acting_user=owner)
    follows.follow(owner.pk, on=True, acting_user=author)

    assert not Notification.objects.exists()
    assert follows.follows(owner, author)
    assert follows.follows(author, owner)


@pytest.mark.parametrize("kind", ["ban", "suspension", "warning"])
def test_who_may_not_write_does_not_ring_by_following(
    owner: User, author: User, manager: User, kind: str
) -> None:
    how_long = DAY if kind == "suspension" else None
    sanctions.impose(owner.pk, kind, acting_user=manager, reason="harassment", duration=how_long)
    follows.follow(author.pk, on=True, acting_user=again(owner))

    assert told(author) == []


def test_a_deleted_account_is_not_named_to_whom_it_followed(owner: User, author: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)

    deletion.delete_account(acting_user=owner, fate="anonymise")

    assert not Notification.objects.exists()


# --- By the socket --------------------------------------------------------------------------------


@by_socket
def test_a_number_alone_follows_nobody_whom_one_does_not_know(owner: User, stranger: User) -> None:
    def code_of(**wanted: Any) -> str:
        return ask(owner, "follow_person", wanted, namespace=NAMESPACE).code

    for on in (True, False):
        assert code_of(userId=stranger.pk, on=on) == "not_found"
    for nobody in ("nobody", "", "\ud800", "a\0b", "x" * 151):
        assert code_of(username=nobody) in {"not_found", "invalid"}
    assert not PersonFollow.objects.exists()

    # Who follows one is named to one.
    follows.follow(owner.pk, on=True, acting_user=stranger)
    assert ask(owner, "follow_person", stranger.pk, namespace=NAMESPACE).ok


@by_socket
def test_whoever_knows_a_username_needs_no_number(owner: User, stranger: User) -> None:
    answer = ask(owner, "follow_person", {"username": stranger.username}, namespace=NAMESPACE)

    assert answer.ack == {"ok": True, "userId": str(stranger.pk), "on": True}
    assert ask(owner, "follow_person", {"userId": stranger.pk, "on": False}, namespace=NAMESPACE).ok
    assert not PersonFollow.objects.exists()


@by_socket
@pytest.mark.usefixtures("post")
def test_a_request_follows_and_tells_how_that_person_is(owner: User, author: User) -> None:
    answer = ask(owner, "follow_person", {"userId": str(author.pk)}, namespace=NAMESPACE)

    assert answer.ack == {"ok": True, "userId": str(author.pk), "on": True}
    [told] = answer.heard("friend_status_changed")
    assert told == {"userId": str(author.pk), "status": "offline", "lastSeen": None}
    assert follows.follows(owner, author)


@by_socket
def test_requests_that_make_no_sense_are_refused(owner: User) -> None:
    def refused(event: str, *payload: Any) -> str:
        return ask(owner, event, *payload, namespace=NAMESPACE).code

    assert refused("follow_person", {"userId": str(owner.pk)}) == "forbidden"
    assert refused("follow_person", 10**9) == "not_found"
    assert refused("follow_person") == "invalid"
    for payload in ({}, "offline", "busy", {"status": "away", "idle": True}, {"idle": 1}, None, 7):
        assert refused("update_status", payload) == "invalid"
    assert again(owner).status == "online"


@by_socket
def test_the_others_are_asked_for_with_a_reply_of_ones_own(owner: User, author: User) -> None:
    seen = timezone.now() - timedelta(days=1)
    LastSeen.objects.create(user=author, at=seen)
    follows.follow(author.pk, on=True, acting_user=owner)

    payloads: list[tuple[Any, ...]] = [(), ({},), (None,)]
    for payload in payloads:
        answer = ask(owner, "get_statuses", *payload, namespace=NAMESPACE)
        assert answer.ack == {"ok": True, "status": "online", "isShown": True}
        [told] = answer.heard("friend_statuses")
        [one] = told["statuses"]
        assert (one["userId"], one["status"]) == (str(author.pk), "offline")
        assert one["lastSeen"].endswith("+09:00")


# --- What one is to others ------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["away", "invisible", "online"])
def test_what_is_chosen_is_known_to_every_handshake_and_ones_other_pages(
    owner: User, status: str, published: Published, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=owner.pk).update(status="away" if status == "online" else "online")
    client = sitting_at(again(owner))
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/status/", {"status": status})

    [identity] = identify([client.session.session_key or ""])
    assert getattr(identity, "status", None) == status
    assert published.rechecked == [user_room(owner.pk)]
    [told] = [m for m in published.messages if m["method"] == "event"]
    assert json.loads(told["packet"].removeprefix(f"2{NAMESPACE},")) == [
        "own_status",
        {"status": status, "isShown": True},
    ]
    page = client.get("/following/").content.decode()
    assert page.count('aria-pressed="true"') == 1


def test_nothing_else_can_be_chosen(owner: User) -> None:
    assert code(lambda: preferences.choose_status("offline", acting_user=owner)) == "invalid"
    page = sitting_at(owner).post("/accounts/status/", {"status": "offline"}, follow=True)
    assert "could not be understood" in page.content.decode()


# --- When they were last here ---------------------------------------------------------------------


def test_it_is_noted_only_of_whom_somebody_may_ask(owner: User, author: User, stranger: User) -> None:
    shy = a_person("shy", is_shown=False)
    for person in (author, shy):
        follows.follow(person.pk, on=True, acting_user=owner)

    assert last_seen.note({p.pk: timezone.now() for p in (author, shy, stranger, owner)}) == 1
    assert list(LastSeen.objects.values_list("user_id", flat=True)) == [author.pk]


def test_hundreds_cost_a_few_statements(owner: User, django_assert_max_num_queries: Any) -> None:
    people = User.objects.bulk_create([User(username=f"reader{n}") for n in range(600)])
    PersonFollow.objects.bulk_create([PersonFollow(user=owner, person=person) for person in people])
    earlier, later = timezone.now() - timedelta(hours=1), timezone.now()
    with django_assert_max_num_queries(12):
        for moment in (earlier, later):
            assert last_seen.note({person.pk: moment for person in people}) == 600

    assert set(LastSeen.objects.values_list("at", flat=True)) == {later}


def test_whoever_does_not_want_to_be_named_has_never_been_seen(owner: User, author: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)
    LastSeen.objects.create(user=author, at=timezone.now())
    assert "last seen" in visible(sitting_at(owner), "/following/")

    User.objects.filter(pk=author.pk).update(is_shown=False)

    assert follows.followed_by(owner)[0].last_seen is None
    for address in ("/following/", "/people/author/"):
        assert "last seen" not in visible(sitting_at(owner), address)


def visible(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return "\n".join(line for line in page.splitlines() if "data-status-seen hidden" not in line)


# --- The end of an account ------------------------------------------------------------------------


def test_a_deleted_account_leaves_no_follows_and_no_traces(owner: User, author: User, stranger: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)
    follows.follow(owner.pk, on=True, acting_user=stranger)
    follows.follow(author.pk, on=True, acting_user=stranger)
    LastSeen.objects.create(user=owner, at=timezone.now())
    preferences.choose_status("invisible", acting_user=owner)

    deletion.delete_account(acting_user=owner, fate="anonymise")

    assert list(PersonFollow.objects.values_list("user_id", "person_id")) == [(stranger.pk, author.pk)]
    assert not LastSeen.objects.exists()
    assert again(owner).status == "online"


def test_a_follow_is_no_record(owner: User, stranger: User) -> None:
    follows.follow(stranger.pk, on=True, acting_user=owner)
    LastSeen.objects.create(user=stranger, at=timezone.now())

    assert not erasure.is_on_record(owner)
    assert not erasure.is_on_record(stranger)


def test_it_is_in_what_one_downloads(owner: User, author: User) -> None:
    follows.follow(author.pk, on=True, acting_user=owner)
    preferences.choose_status("away", acting_user=owner)

    known = json.loads("".join(own_data.pieces(again(owner))))

    assert [row["username"] for row in known["followedPeople"]] == ["author"]
    assert known["settings"]["status"] == "away"
    assert known["profile"]["lastSeen"] is None
