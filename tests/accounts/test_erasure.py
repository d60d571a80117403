"""Whoever is on record can be taken off the site; the record stays."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from accounts import erasure, sanctions
from accounts.models import Sanction, User
from comments import flags, moderation
from comments.models import Comment, Decision, Flag, Post
from realtime.errors import ErrorCode, Refused
from tests.cast import Published, a_person, again, sitting_at, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> User:
    return a_person("boss", is_staff=True, is_superuser=True)


def code(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def delete(by: User, person: User) -> int:
    address = f"/admin/accounts/user/{person.pk}/delete/"
    return sitting_at(by).post(address, {"post": "yes"}).status_code


# --- Outsiders -----------------------------------------------------------------------------------


def test_only_a_superuser_erases_somebody_and_nobody_themselves(
    comment: Comment, owner: User, manager: User, boss: User
) -> None:
    manager.user_permissions.add(Permission.objects.get(codename="delete_user"))
    for other in (owner, manager):
        assert code(lambda who=other: erasure.erase(owner.pk, acting_user=who)) == "forbidden"  # type: ignore[misc]
    assert code(lambda: erasure.erase(boss.pk, acting_user=boss)) == "forbidden"
    assert code(lambda: erasure.erase(10**9, acting_user=boss)) == "not_found"

    assert delete(again(manager), owner) == 403
    assert delete(boss, boss) == 403

    assert again(owner).username == "owner"
    assert again(boss).is_active


# --- The record ----------------------------------------------------------------------------------


def test_an_author_becomes_nobody_and_the_record_stays(
    post: Post, owner: User, stranger: User, manager: User, boss: User
) -> None:
    EmailAddress.objects.create(user=owner, email="owner@example.com", primary=True)
    written = write(owner, post, "What I said")
    flags.flag(write(stranger, post).pk, "spam", acting_user=owner)
    sanctions.impose(owner.pk, "hold_first", acting_user=manager, reason="spam")
    [outcome] = moderation.decide([written.pk], "reject", acting_user=manager, reason="hate")

    assert delete(boss, owner) == 302

    nobody = again(owner)
    assert (nobody.username, nobody.name, nobody.email) == (f"deleted:{owner.pk}", "", "")
    assert not nobody.is_active
    assert not nobody.has_usable_password()
    assert not EmailAddress.objects.exists()
    assert again(written).content == "What I said"
    assert Decision.objects.get() == outcome.decision
    assert Flag.objects.get().reporter == nobody
    assert Sanction.objects.get().user == nobody
    assert not LogEntry.objects.filter(object_repr__contains="owner").exists()


def test_a_moderator_becomes_nobody_and_the_decisions_stay(
    comment: Comment, moderator: User, boss: User
) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)

    assert delete(boss, moderator) == 302

    assert not again(moderator).has_perm("comments.moderate")
    assert not again(moderator).is_staff
    assert Decision.objects.get().moderator == moderator


def test_an_erased_persons_browsers_are_logged_out(
    comment: Comment,
    owner: User,
    boss: User,
    published: Published,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    browser = sitting_at(owner)
    assert "_auth_user_id" in browser.session

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        erasure.erase(owner.pk, acting_user=boss)

    assert f"user_{owner.pk}" in published.rechecked
    assert browser.get("/accounts/email/").status_code == 302


def test_several_are_deleted_from_the_list_each_in_its_way(
    comment: Comment, owner: User, stranger: User, boss: User
) -> None:
    browser: Client = sitting_at(boss)
    chosen = {"action": "delete_selected", "_selected_action": [owner.pk, stranger.pk]}
    page = browser.post("/admin/accounts/user/", chosen).content.decode()
    assert "stays on record" in page

    browser.post("/admin/accounts/user/", {**chosen, "post": "yes"})

    assert again(owner).username == f"deleted:{owner.pk}"
    assert not User.objects.filter(pk=stranger.pk).exists()
