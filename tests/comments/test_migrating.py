"""A site from before has its decisions, its moderators and two groups after the migrations."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, Decision

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("accounts", "0001_initial"), ("comments", "0002_comment_indexes")]


def migrate(targets: list[tuple[str, str]]) -> Any:
    """The apps as they are at these migrations."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def old_apps() -> Iterator[Any]:
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrate(BEFORE)
    migrate(latest)


def test_an_older_site_goes_on(old_apps: Any) -> None:
    person = old_apps.get_model("accounts", "User").objects.create(username="former")
    group = old_apps.get_model("auth", "Group").objects.create(name="editors")
    kind, _ = old_apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="comments", model="comment"
    )
    change, _ = old_apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename="change_comment", defaults={"name": "Can change comment"}
    )
    person.user_permissions.add(change)
    group.permissions.add(change)
    post = old_apps.get_model("comments", "Post").objects.create(title="T", slug="t", body="b", author=person)
    old_comment = old_apps.get_model("comments", "Comment")
    hidden, untouched = (
        old_comment.objects.create(post=post, author=person, content=text, html=text, status=status)
        for text, status in (("hidden", "rejected"), ("untouched", "published"))
    )
    made_at = timezone.now()
    old_apps.get_model("comments", "Decision").objects.create(
        comment=hidden, moderator=person, verdict="hide", reason="r" * 500, content="hidden", made_at=made_at
    )

    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

    decision = Decision.objects.get()
    assert (decision.verdict, decision.note, decision.reason) == ("reject", "r" * 500, "")
    assert Comment.objects.get(pk=hidden.pk).reviewed_at == made_at
    kept = Comment.objects.get(pk=untouched.pk)
    assert (kept.reviewed_at, kept.flag_count, kept.priority, kept.held_for) == (None, 0, 0, "")
    assert User.objects.get(username="former").has_perm("comments.moderate")
    assert Group.objects.get(name="editors").permissions.filter(codename="moderate").exists()


def test_there_are_two_groups_with_what_they_need(old_apps: Any) -> None:
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

    people = {}
    for name in ("moderators", "managers"):
        people[name] = User.objects.create(username=name)
        people[name].groups.add(Group.objects.get(name=name))
    both = ["comments.moderate", "comments.view_comment", "accounts.view_sanction"]
    managers_only = [
        "comments.manage_rooms",
        "comments.change_restrictedword",
        "accounts.sanction_users",
    ]
    assert people["moderators"].has_perms(both)
    assert not any(people["moderators"].has_perm(each) for each in managers_only)
    assert people["managers"].has_perms([*both, *managers_only])
    assert Permission.objects.filter(codename="moderate").count() == 1
