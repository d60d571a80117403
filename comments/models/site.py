"""What holds for all rooms: restricted words, and what admins have switched for the whole site."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WordKind(models.TextChoices):
    BANNED = "banned", _("banned: rejected")
    SUSPECT = "suspect", _("suspect: held")


class RestrictedWord(models.Model):
    """A word or a phrase that rejects or holds what it stands in; `*` stands for any letters.

    See `comments.words` for what a pattern finds.
    """

    pattern = models.CharField(
        _("word"),
        max_length=100,
        unique=True,
        help_text=_("A whole word or phrase; * at its beginning or end stands for any letters."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=WordKind, default=WordKind.SUSPECT)
    note = models.CharField(_("note for colleagues"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("added by"),
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True, db_index=True)

    class Meta:
        ordering = ["pattern"]
        verbose_name = _("restricted word")
        verbose_name_plural = _("restricted words")

    def __str__(self) -> str:
        return self.pattern


class SiteControl(models.Model):
    """What holds for all rooms at once: one row, made by a migration."""

    paused = models.BooleanField(_("everything is paused"), default=False)
    hold_everything = models.BooleanField(_("hold comments first"), default=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("changed by"),
    )
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("site control")
        verbose_name_plural = _("site control")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
