"""Sanctions in the admin: imposed and lifted by managers, seen in a user's history, never rewritten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import avatars, deletion, sanctions
from accounts.models import Sanction, User
from comments.models import Comment, Post, Status
from tests.accounts.test_avatars import a_picture
from tests.cast import Published, a_member, a_person, again, sitting_at, write

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]
SANCTIONS = reverse("admin:accounts_sanction_changelist")
IMPOSE = reverse("admin:accounts_sanction_add")


def page_of(row: Sanction | User) -> str:
    return reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])


def lift_url(sanction: Sanction) -> str:
    return reverse("admin:accounts_sanction_lift", args=[sanction.pk])


def form(person: User, **changed: Any) -> dict[str, Any]:
    given = {"person": person.username, "kind": "suspension", "ends": "24", "reason": "spam"}
    return {**given, "explanation": "Too many links.", "note": "third time", **changed}


@pytest.fixture
def office(manager: User) -> Client:
    return sitting_at(manager)


@pytest.fixture
def suspension(owner: User, manager: User) -> Sanction:
    return sanctions.impose(
        owner.pk,
        "suspension",
        acting_user=manager,
        reason="spam",
        duration=timedelta(days=1),
        explanation="Too many links.",
        note="third time",
    )


# --- Outsiders -----------------------------------------------------------------------------------


def test_sanctions_are_for_managers(
    owner: User, stranger: User, moderator: User, suspension: Sanction
) -> None:
    group = a_member("mo", "moderators")
    for outsider, status in ((None, 302), (stranger, 302), (owner, 302), (moderator, 403), (group, 403)):
        desk = sitting_at(outsider)
        assert desk.post(IMPOSE, form(stranger)).status_code == status
        assert desk.get(IMPOSE).status_code == status
        if status == 302:
            assert desk.get(page_of(suspension)).status_code == 302
        desk.post(lift_url(suspension))
        desk.post(SANCTIONS, {"action": "lift_selected", "_selected_action": [suspension.pk]})

    assert Sanction.objects.get() == suspension
    assert again(suspension).lifted_at is None


def test_the_group_of_moderators_sees_them(suspension: Sanction) -> None:
    desk = sitting_at(a_member("mo", "moderators"))

    assert "Omar Owner" in desk.get(SANCTIONS).content.decode()
    page = desk.get(page_of(suspension)).content.decode()
    assert "third time" in page
    assert "Lift this sanction" not in page


def test_nobody_rewrites_or_deletes_one(suspension: Sanction) -> None:
    desk = sitting_at(a_person("root", is_staff=True, is_superuser=True))
    before = Sanction.objects.values().get()

    assert desk.post(page_of(suspension), {"explanation": "Never said so"}).status_code == 403
    assert desk.post(reverse("admin:accounts_sanction_delete", args=[suspension.pk])).status_code == 403
    desk.post(SANCTIONS, {"action": "delete_selected", "_selected_action": [suspension.pk], "post": "yes"})
    desk.post(
        page_of(suspension.user),
        {"sanctions-TOTAL_FORMS": "1", "sanctions-INITIAL_FORMS": "1", "sanctions-0-id": suspension.pk,
         "sanctions-0-note": "nicer", "sanctions-0-DELETE": "on"},
    )  # fmt: skip

    assert Sanction.objects.values().get() == before


# --- Imposing ------------------------------------------------------------------------------------


def test_a_sanction_is_imposed_and_its_person_told(
    owner: User,
    manager: User,
    office: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    page = office.get(f"{IMPOSE}?user={owner.pk}")
    assert 'value="owner"' in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        response = office.post(IMPOSE, form(owner), follow=True)

    assert "1 person sanctioned." in response.content.decode()
    imposed = Sanction.objects.get()
    assert (imposed.user, imposed.by, imposed.kind, imposed.note) == (
        owner,
        manager,
        "suspension",
        "third time",
    )
    [event] = published.told(owner)
    assert (event.name, event.payload["explanation"]) == ("sanction_changed", "Too many links.")
    assert "note" not in event.payload


def test_an_end_of_ones_own_counts_in_the_sites_time(owner: User, office: Client) -> None:
    end = timezone.localtime(timezone.now() + timedelta(days=3)).replace(microsecond=0, second=0)
    own = {"ends": "other", "until_0": f"{end:%Y-%m-%d}", "until_1": f"{end:%H:%M}"}

    office.post(IMPOSE, form(owner, **own))

    assert Sanction.objects.get().until == end


def test_a_warning_takes_no_end(owner: User, office: Client) -> None:
    office.post(IMPOSE, form(owner, kind="warning", ends="24"))

    assert Sanction.objects.get().until is None


@pytest.mark.parametrize("name", ["nobody", "manager", "colleague", ""])
def test_nobody_oneself_and_staff_are_errors_on_the_page(name: str, office: Client, stranger: User) -> None:
    a_person("colleague", is_staff=True)

    response = office.post(IMPOSE, {**form(stranger), "person": name})

    assert response.status_code == 200
    assert response.context["errors"]
    assert not Sanction.objects.exists()


def test_with_everything_they_wrote(post: Post, comment: Comment, owner: User, office: Client) -> None:
    write(owner, post, "More")

    response = office.post(IMPOSE, form(owner, kind="ban", ends="never", purge="on"), follow=True)

    assert "Finished: 2 of 2 changed." in response.content.decode()
    assert set(Comment.objects.values_list("status", flat=True)) == {Status.REJECTED}


def test_who_may_sanction_but_not_moderate_purges_nothing(comment: Comment, owner: User) -> None:
    manager = a_member("ma", "managers")
    manager.groups.clear()
    names = ("sanction_users", "view_sanction")
    manager.user_permissions.set(Permission.objects.filter(codename__in=names))
    office = sitting_at(manager)
    assert 'name="purge"' not in office.get(IMPOSE).content.decode()

    office.post(IMPOSE, form(owner, kind="ban", ends="never", purge="on"))

    assert Sanction.objects.get().user == owner
    assert again(comment).status == Status.PUBLISHED


# --- Lifting -------------------------------------------------------------------------------------


def test_a_sanction_is_lifted_on_its_page_once(
    suspension: Sanction,
    owner: User,
    manager: User,
    office: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    assert "Lift this sanction" in office.get(page_of(suspension)).content.decode()
    assert office.get(lift_url(suspension)).status_code == 405
    with django_capture_on_commit_callbacks(execute=True):
        response = office.post(lift_url(suspension), follow=True)

    text = response.content.decode()
    assert "The sanction is lifted; its person knows." in text
    assert "lifted by manager" in text
    assert "Lift this sanction" not in text
    assert again(suspension).lifted_by == manager
    assert [event.payload["state"] for event in published.told(owner)] == ["lifted"]


def test_several_are_lifted_from_the_list(
    suspension: Sanction, stranger: User, manager: User, office: Client
) -> None:
    other = sanctions.impose(stranger.pk, "ban", acting_user=manager, reason="hate")
    sanctions.lift(other.pk, acting_user=manager)

    data = {"action": "lift_selected", "_selected_action": [suspension.pk, other.pk]}
    response = office.post(SANCTIONS, data, follow=True)

    assert "1 sanction lifted." in response.content.decode()
    assert not Sanction.objects.in_force().exists()


# --- Finding -------------------------------------------------------------------------------------


def test_the_list_tells_what_is_in_force_from_what_is_over(
    suspension: Sanction, stranger: User, manager: User, office: Client
) -> None:
    over = sanctions.impose(stranger.pk, "warning", acting_user=manager, reason="offensive")
    sanctions.acknowledge(over.pk, acting_user=stranger)

    def found(query: str) -> set[int]:
        return {row.pk for row in office.get(f"{SANCTIONS}?{query}").context["cl"].result_list}

    assert found("state=in_force") == {suspension.pk}
    assert found("state=over") == {over.pk}
    assert found("q=links") == {suspension.pk}


def test_a_users_page_has_their_history(suspension: Sanction, owner: User, manager: User) -> None:
    sanctions.lift(suspension.pk, acting_user=manager)
    desk = sitting_at(a_member("ma", "managers"))

    text = desk.get(page_of(owner)).content.decode()

    for said in ("suspension", "Too many links.", "third time", "lifted by manager", "Impose a sanction"):
        assert said in text, said
    assert f"{IMPOSE}?user={owner.pk}" in text


# --- Pictures, and accounts that are gone --------------------------------------------------------------


def test_a_moderator_who_may_not_sanction_removes_no_picture(owner: User, moderator: User) -> None:
    moderator.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    avatars.change_picture(a_picture(), acting_user=owner)
    data = {"action": "remove_picture", "_selected_action": owner.pk}

    sitting_at(moderator).post(reverse("admin:accounts_user_changelist"), data)

    assert again(owner).picture


def test_a_manager_removes_pictures(owner: User, manager: User) -> None:
    manager.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    avatars.change_picture(a_picture(), acting_user=owner)
    client, people = sitting_at(manager), reverse("admin:accounts_user_changelist")
    address = again(owner).picture_address
    assert address in client.get(people).content.decode()

    client.post(people, {"action": "remove_picture", "_selected_action": owner.pk})

    assert again(owner).picture == ""
    assert client.get(address).status_code == 404


def test_nobody_brings_a_deleted_account_back_to_life(owner: User) -> None:
    boss = a_person("boss", is_superuser=True, is_staff=True)
    deletion.delete_account(acting_user=owner, fate="anonymise")
    client = sitting_at(boss)

    assert client.get(page_of(owner)).status_code == 200
    response = client.post(page_of(owner), {"username": "owner", "is_active": "on"})

    assert response.status_code == 403
    assert not again(owner).is_active
