"""Sanctions: who imposes them, how they end, and what their person is told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sanctions
from accounts.models import Sanction, SanctionKind, User
from accounts.reasons import Reason
from realtime.errors import ErrorCode, Refused
from realtime.session import Identity, identify
from tests.cast import Published, a_person, again

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]
HOUR = timedelta(hours=1)


def suspend(user: User, manager: User, **more: Any) -> Sanction:
    details = {"duration": HOUR, "reason": Reason.OFFENSIVE, **more}
    return sanctions.impose(user.pk, SanctionKind.SUSPENSION, acting_user=manager, **details)


def impose(kind: SanctionKind, user: User, manager: User, **more: Any) -> Sanction:
    return sanctions.impose(user.pk, kind, acting_user=manager, reason=Reason.SPAM, **more)


def refusal(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


# --- Outsiders -----------------------------------------------------------------------------------


def test_readers_and_moderators_sanction_nobody(owner: User, stranger: User, moderator: User) -> None:
    for outsider in (stranger, moderator):
        assert not outsider.has_perm("accounts.sanction_users")
        assert refusal(lambda who=outsider: suspend(owner, who)) == ErrorCode.FORBIDDEN  # type: ignore[misc]

    assert not Sanction.objects.exists()
    assert not again(owner).is_sanctioned


def test_nor_do_they_lift_any(owner: User, moderator: User, manager: User) -> None:
    sanction = suspend(owner, manager)

    for outsider in (owner, moderator):
        code = refusal(lambda who=outsider: sanctions.lift(sanction.pk, acting_user=who))  # type: ignore[misc]
        assert code == ErrorCode.FORBIDDEN

    assert again(sanction).is_in_force()


def test_a_manager_who_was_switched_off_sanctions_nobody(owner: User, manager: User) -> None:
    User.objects.filter(pk=manager.pk).update(is_active=False)

    assert refusal(lambda: suspend(owner, again(manager))) == ErrorCode.FORBIDDEN


def test_nobody_sanctions_themselves_or_staff_but_a_superuser(moderator: User, manager: User) -> None:
    editor = a_person("editor", is_staff=True, is_superuser=True)

    assert refusal(lambda: suspend(manager, manager)) == ErrorCode.FORBIDDEN
    assert refusal(lambda: suspend(moderator, manager)) == ErrorCode.FORBIDDEN
    assert suspend(moderator, editor).pk


def test_a_warning_is_acknowledged_by_its_person_only(owner: User, stranger: User, manager: User) -> None:
    warning = impose(SanctionKind.WARNING, owner, manager)

    for other in (stranger, manager):
        code = refusal(lambda who=other: sanctions.acknowledge(warning.pk, acting_user=who))  # type: ignore[misc]
        assert code == ErrorCode.NOT_FOUND
    assert again(warning).is_in_force()


# --- Imposing ------------------------------------------------------------------------------------


def test_a_sanction_says_by_whom_when_why_and_until_when(owner: User, manager: User) -> None:
    before = timezone.now()
    sanction = suspend(owner, manager, explanation="Be kind.", note="again", concerns="/comments/1/")

    kept = again(sanction)
    assert (kept.user, kept.by, kept.kind, kept.reason) == (owner, manager, "suspension", "offensive")
    assert (kept.explanation, kept.note, kept.concerns) == ("Be kind.", "again", "/comments/1/")
    assert before <= kept.created_at <= timezone.now()
    assert kept.until == kept.created_at + HOUR
    assert again(owner).is_sanctioned


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("suspension", {}),
        ("suspension", {"duration": HOUR, "until": timezone.now() + HOUR}),
        ("suspension", {"until": timezone.now() - HOUR}),
        ("suspension", {"duration": timedelta(0)}),
        ("suspension", {"duration": timedelta.max}),
        ("suspension", {"until": datetime.max.replace(tzinfo=UTC)}),
        ("ban", {"until": timezone.now() + timedelta(days=365 * 7_000)}),
        ("ban", {"explanation": "\x00"}),
        ("ban", {"note": "\ud800"}),
        ("warning", {"duration": HOUR}),
        ("shadow_ban", {}),
        ("ban", {"reason": "no reason"}),
    ],
)
def test_what_makes_no_sense_is_refused(
    kind: str, details: dict[str, Any], owner: User, manager: User
) -> None:
    given = {"reason": Reason.SPAM, **details}

    assert (
        refusal(lambda: sanctions.impose(owner.pk, kind, acting_user=manager, **given)) == ErrorCode.INVALID
    )
    assert not again(owner).is_sanctioned


def test_nobody_is_nobody(manager: User) -> None:
    assert refusal(lambda: suspend(User(pk=10**9), manager)) == ErrorCode.NOT_FOUND
    assert refusal(lambda: sanctions.lift(10**9, acting_user=manager)) == ErrorCode.NOT_FOUND


def test_its_person_is_told_and_nothing_that_is_for_colleagues(
    owner: User, manager: User, published: Published, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sanction = suspend(owner, manager, explanation="Be kind.", note="The second time")
        assert published.messages == []

    [event] = published.events
    assert (event.room, event.name) == (f"user_{owner.pk}", "sanction_changed")
    assert event.payload == {
        "sanctionId": str(sanction.pk),
        "kind": "suspension",
        "reason": "offensive",
        "explanation": "Be kind.",
        "concerns": "",
        "until": timezone.localtime(sanction.until).isoformat(timespec="milliseconds"),
        "state": "imposed",
    }
    assert "second time" not in json.dumps(event.payload)
    assert published.ended == []


# --- Ending --------------------------------------------------------------------------------------


def test_it_ends_by_itself_whatever_the_mark_says(owner: User, manager: User) -> None:
    sanction = suspend(owner, manager)
    Sanction.objects.filter(pk=sanction.pk).update(until=timezone.now())

    assert again(owner).is_sanctioned
    assert sanctions.standing_of(again(owner)) == sanctions.CLEAR
    assert not again(sanction).is_in_force()


def test_the_mark_is_taken_away_later(owner: User, stranger: User, manager: User) -> None:
    over = suspend(owner, manager)
    suspend(stranger, manager)
    Sanction.objects.filter(pk=over.pk).update(until=timezone.now())

    assert sanctions.settle() == 1

    assert (again(owner).is_sanctioned, again(stranger).is_sanctioned) == (False, True)
    assert sanctions.settle() == 0


def test_lifting_by_hand_is_kept_and_told(
    owner: User, manager: User, published: Published, django_capture_on_commit_callbacks: Capture
) -> None:
    first = suspend(owner, manager)
    second = impose(SanctionKind.HOLD_FIRST, owner, manager)
    with django_capture_on_commit_callbacks(execute=True):
        sanctions.lift(first.pk, acting_user=manager)

    [event] = published.events
    assert (event.payload["sanctionId"], event.payload["state"]) == (str(first.pk), "lifted")
    lifted = again(first)
    assert lifted.lifted_by == manager
    assert again(owner).is_sanctioned, "the other one is still in force"
    sanctions.lift(second.pk, acting_user=manager)
    assert not again(owner).is_sanctioned

    when = lifted.lifted_at
    with django_capture_on_commit_callbacks(execute=True):
        sanctions.lift(first.pk, acting_user=manager)
    assert again(first).lifted_at == when
    assert len(published.events) == 1


def test_acknowledging_ends_a_warning_once(owner: User, manager: User) -> None:
    warning = impose(SanctionKind.WARNING, owner, manager)
    assert sanctions.standing_of(again(owner)).warning == warning

    sanctions.acknowledge(warning.pk, acting_user=owner)
    when = again(warning).acknowledged_at
    sanctions.acknowledge(warning.pk, acting_user=owner)

    assert again(warning).acknowledged_at == when is not None
    assert not again(owner).is_sanctioned


def test_a_suspension_cannot_be_acknowledged_away(owner: User, manager: User) -> None:
    sanction = suspend(owner, manager)

    assert refusal(lambda: sanctions.acknowledge(sanction.pk, acting_user=owner)) == ErrorCode.NOT_FOUND


# --- Standing ------------------------------------------------------------------------------------


def test_of_several_the_one_that_lasts_longest_counts(owner: User, manager: User) -> None:
    long = suspend(owner, manager, duration=24 * HOUR)
    suspend(owner, manager, duration=HOUR)

    assert sanctions.standing_of(again(owner)).suspension == long


def test_a_ban_weighs_more_than_a_suspension_and_that_more_than_a_warning(owner: User, manager: User) -> None:
    for kind in (SanctionKind.WARNING, SanctionKind.SUSPENSION, SanctionKind.BAN):
        more = {"duration": HOUR} if kind == SanctionKind.SUSPENSION else {}
        sanction = impose(kind, owner, manager, **more)
        assert sanctions.standing_of(again(owner)).silencing == sanction


def test_asking_for_many_is_one_query(owner: User, stranger: User, author: User, manager: User) -> None:
    suspend(owner, manager)
    impose(SanctionKind.BAN, stranger, manager)

    with CaptureQueriesContext(connection) as captured:
        found = sanctions.standing([owner.pk, stranger.pk, author.pk])

    assert len(captured) == 1
    assert found[owner.pk].suspension is not None
    assert found[stranger.pk].ban is not None
    assert found[author.pk] == sanctions.CLEAR


def test_whoever_is_not_marked_costs_no_query(owner: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert sanctions.standing_of(owner) == sanctions.CLEAR
        assert sanctions.bars([owner]) == {}
    assert len(captured) == 0


# --- Bans ----------------------------------------------------------------------------------------


def test_a_ban_ends_every_socket_of_its_person_after_the_commit(
    owner: User, manager: User, published: Published, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        impose(SanctionKind.BAN, owner, manager)
        assert published.ended == []

    assert published.ended == [(f"user_{owner.pk}", "banned")]


def test_a_banned_person_is_known_and_barred(owner: User, stranger: User, manager: User) -> None:
    keys = []
    for user in (owner, stranger):
        client = Client()
        client.force_login(user)
        keys.append(str(client.cookies["sessionid"].value))
    ban = impose(SanctionKind.BAN, owner, manager, explanation="Enough.")
    suspend(stranger, manager)

    barred, free = identify(keys)

    assert isinstance(barred, Identity)
    assert isinstance(free, Identity)
    assert free.bar is None
    assert barred.bar is not None
    answer = barred.bar.as_answer()
    assert answer["code"] == "banned"
    assert (answer["sanction"]["sanctionId"], answer["sanction"]["explanation"]) == (str(ban.pk), "Enough.")


def test_handshakes_of_people_without_a_mark_cost_no_more_than_before(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    key = str(client.cookies["sessionid"].value)

    with CaptureQueriesContext(connection) as captured:
        identify([key])

    assert len(captured) == 2


def test_pages_stay_readable_for_whoever_is_banned(owner: User, manager: User) -> None:
    client = Client()
    client.force_login(owner)
    impose(SanctionKind.BAN, owner, manager)

    response = client.get("/")

    assert response.status_code == 200
    assert response.context["user"] == owner
