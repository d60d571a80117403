"""Taking somebody off the site whose doings are on record.

What a person wrote stands in conversations, and what they decided or reported in the audit, which nobody
changes. So a row stays behind all that, of which nobody can tell any more whose it was: no name, no address,
no password, no session. Whoever is not on record is simply deleted.
"""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from realtime.errors import ErrorCode, Refused

from . import notifications
from .models import (
    DELETED,
    Avatar,
    ChosenStatus,
    Inbox,
    LastSeen,
    MessageBlock,
    Mute,
    PersonFollow,
    User,
)

# Apps of which nothing may be lost with a person; what the others know of one goes.
ON_RECORD = frozenset({"accounts", "admin", "comments"})
# What somebody has chosen, or others about them: no record of what they did.
OFF_RECORD = frozenset(
    {
        "accounts.avatar",
        "accounts.groupjoin",
        "accounts.inbox",
        "accounts.lastseen",
        "accounts.messageblock",
        "accounts.mute",
        "accounts.notification",
        "accounts.personfollow",
        "comments.mention",
        "comments.postfollow",
        "comments.reaction",
    }
)


def may_erase(acting_user: User, user: User) -> bool:
    """Superusers take others off the site; nobody themselves, or a site might be left without any."""
    return acting_user.is_active and acting_user.is_superuser and user.pk != acting_user.pk


def is_on_record(user: User) -> bool:
    """Whether somebody wrote, reported, decided or was sanctioned: whether anything refers to them."""
    return any(
        _rows(user, relation).exists()
        for relation in _relations(*ON_RECORD)
        if relation.related_model._meta.label_lower not in OFF_RECORD
    )


def erase(user_id: int, *, acting_user: User) -> User:
    """Make somebody nobody; again changes nothing that matters. Their sockets end in every process.

    What they wrote stays where it is: purge it before, if it is to go. Raises `Refused`: `not_found`,
    `forbidden` unless a superuser acts, and for oneself.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id).first()
        if user is None:
            raise Refused(ErrorCode.NOT_FOUND)
        if not may_erase(acting_user, user):
            raise Refused(ErrorCode.FORBIDDEN)
        empty(user)
    return user


def empty(user: User) -> None:
    """Take from a held row all that says whose it was, and end its sessions."""
    known = UserSession.objects.filter(user=user).values("session_key")
    # One by one: each tells the sockets that stand on it. A session that is not listed there ends with the
    # password, for what it is signed with is gone.
    for session in Session.objects.filter(session_key__in=known):
        session.delete()
    for relation in _relations("account", "mfa", "usersessions"):
        _rows(user, relation).delete()
    Avatar.objects.filter(user=user).delete()
    Mute.objects.filter(Q(user=user) | Q(muted=user)).delete()
    MessageBlock.objects.filter(Q(user=user) | Q(blocked=user)).delete()
    notifications.forget(user)
    Inbox.objects.filter(user=user).delete()
    PersonFollow.objects.filter(Q(user=user) | Q(person=user)).delete()
    LastSeen.objects.filter(user=user).delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.username = f"{DELETED}{user.pk}"
    user.name = user.first_name = user.last_name = user.email = ""
    user.picture = user.language = user.time_zone = ""
    user.status = ChosenStatus.ONLINE
    user.is_active = user.is_staff = user.is_superuser = user.is_shown = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    # The admin's own history calls people by their names.
    mentions = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    )
    mentions.update(object_repr=user.username)


def _relations(*apps: str) -> list[Any]:
    return [each for each in User._meta.related_objects if each.related_model._meta.app_label in apps]


def _rows(user: User, relation: Any) -> Any:
    return relation.related_model._base_manager.filter(**{relation.field.name: user})
