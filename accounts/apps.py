from typing import Any

from django.apps import AppConfig
from django.db.models.signals import m2m_changed, pre_delete
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import follows, mutes, sanctions
        from accounts.models import User
        from accounts.notifications import memberships
        from accounts.notifications.notices import groups_changed
        from realtime import session

        session.bar_with(sanctions.bars)
        # Whoever's row goes, in a shell or the admin, is named by no inbox either.
        pre_delete.connect(_user_goes, sender=User, dispatch_uid="accounts.notifications.user_goes")
        mutes.count_as_known(follows.is_known)
        # In every process that may change somebody's groups, and not only where sockets are served.
        m2m_changed.connect(
            memberships.noted, sender=User.groups.through, dispatch_uid="accounts.notifications.joins"
        )
        m2m_changed.connect(
            groups_changed, sender=User.groups.through, dispatch_uid="accounts.notifications.groups"
        )


def _user_goes(instance: Any, **kwargs: Any) -> None:
    from accounts import notifications

    notifications.forget(instance)
