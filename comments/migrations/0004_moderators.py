"""Decisions from before this have today's words, and the groups `moderators` and `managers` exist."""

from django.conf import settings
from django.db import migrations
from django.db.models import OuterRef, Subquery

MODERATORS = [
    ("comments", "comment", "moderate", "Can see the queues and decide about comments"),
    ("comments", "comment", "view_comment", "Can view comment"),
    ("comments", "comment", "change_comment", "Can change comment"),
    ("comments", "decision", "view_decision", "Can view decision"),
    ("comments", "flag", "view_flag", "Can view flag"),
    ("comments", "appeal", "view_appeal", "Can view appeal"),
    ("comments", "post", "view_post", "Can view post"),
    ("accounts", "sanction", "view_sanction", "Can view sanction"),
    ("accounts", "user", "view_user", "Can view user"),
]
MANAGERS = [
    *MODERATORS,
    ("comments", "post", "manage_rooms", "Can control rooms and pause the site"),
    ("comments", "sitecontrol", "view_sitecontrol", "Can view site control"),
    ("comments", "sitecontrol", "change_sitecontrol", "Can change site control"),
    ("comments", "restrictedword", "view_restrictedword", "Can view restricted word"),
    ("comments", "restrictedword", "add_restrictedword", "Can add restricted word"),
    ("comments", "restrictedword", "change_restrictedword", "Can change restricted word"),
    ("comments", "restrictedword", "delete_restrictedword", "Can delete restricted word"),
    ("accounts", "sanction", "sanction_users", "Can impose and lift sanctions"),
]


def name_decisions_anew(apps, schema_editor):
    Decision = apps.get_model("comments", "Decision")
    Comment = apps.get_model("comments", "Comment")
    Decision.objects.filter(verdict="hide").update(verdict="reject")
    last = Decision.objects.filter(comment=OuterRef("pk")).order_by("-id").values("made_at")[:1]
    decided = Decision.objects.values("comment")
    Comment.objects.filter(pk__in=decided).update(reviewed_at=Subquery(last))


def make_groups(apps, schema_editor):
    """Django makes permissions after all migrations; those that the groups need are made here."""
    Group = apps.get_model("auth", "Group")
    for name, permissions in (("moderators", MODERATORS), ("managers", MANAGERS)):
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*[_permission(apps, *each) for each in permissions])


def let_moderators_go_on(apps, schema_editor):
    """Whoever could change comments moderated them with that."""
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    app, model = settings.AUTH_USER_MODEL.split(".")
    moderate = _permission(apps, *MODERATORS[0])
    for change in Permission.objects.filter(content_type__app_label="comments", codename="change_comment"):
        for group in Group.objects.filter(permissions=change):
            group.permissions.add(moderate)
        for user in apps.get_model(app, model).objects.filter(user_permissions=change):
            user.user_permissions.add(moderate)


def make_controls(apps, schema_editor):
    apps.get_model("comments", "SiteControl").objects.get_or_create(pk=1)


def _permission(apps, app, model, codename, name):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    kind, _ = ContentType.objects.get_or_create(app_label=app, model=model)
    permission, _ = Permission.objects.get_or_create(
        content_type=kind, codename=codename, defaults={"name": name}
    )
    return permission


class Migration(migrations.Migration):

    dependencies = [
        ("comments", "0003_moderation"),
        ("accounts", "0002_sanctions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(name_decisions_anew, migrations.RunPython.noop),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.RunPython(let_moderators_go_on, migrations.RunPython.noop),
        migrations.RunPython(make_controls, migrations.RunPython.noop),
    ]
