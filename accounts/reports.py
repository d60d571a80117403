"""How colleagues are told of a sanction."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .models import Sanction


def state_of(sanction: Sanction) -> str:
    """Whether it is in force, and if not, how it ended."""

    def at(moment: object) -> str:
        return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")  # type: ignore[arg-type]

    if sanction.lifted_at is not None:
        by = sanction.lifted_by.shown_name if sanction.lifted_by is not None else "—"
        return _("lifted by %(name)s, %(time)s") % {"name": by, "time": at(sanction.lifted_at)}
    if sanction.acknowledged_at is not None:
        return _("acknowledged, %(time)s") % {"time": at(sanction.acknowledged_at)}
    return _("in force") if sanction.is_in_force() else _("over")
