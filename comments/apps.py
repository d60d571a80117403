from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Posts and comments")

    def ready(self) -> None:
        from accounts import deletion
        from accounts.own_data import include

        from . import erasing, own_data

        deletion.erase_with(erasing.erase)
        for name, part in own_data.OWN_DATA.items():
            include(name, part)
