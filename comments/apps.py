from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Posts and comments")

    def ready(self) -> None:
        from accounts import deletion, mutes
        from accounts.own_data import include

        from . import erasing, own_data, profiles
        from .chat import private

        # Whoever is deleted takes their reactions with them, wherever that is done: pages count them.
        pre_delete.connect(_user_goes, sender=get_user_model(), dispatch_uid="comments.user_goes")
        deletion.erase_with(erasing.erase)
        deletion.erase_with(private.erase)
        mutes.count_as_known(profiles.is_known)
        mutes.count_as_known(private.is_known)
        for name, part in own_data.OWN_DATA.items():
            include(name, part)


def _user_goes(instance: Any, **kwargs: Any) -> None:
    from .reactions import forget

    forget(instance)
