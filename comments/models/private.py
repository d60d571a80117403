"""What people write to each other where nobody else reads it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason
from comments.models.decisions import Verdict


class PrivateMessage(models.Model):
    """What one person wrote to another; see `comments.chat.private`.

    Nobody else reads it, and no moderator either, unless the recipient has reported it. `is_withheld` is what
    the recipient never sees, because they had blocked or muted the sender when it was written; nothing tells
    the sender. `pair` is what both directions of a conversation have in common.
    """

    pair = models.CharField(max_length=41, editable=False)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="private_sent",
        verbose_name=_("sender"),
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="private_received",
        verbose_name=_("recipient"),
    )
    content = models.TextField(_("text"))
    html = models.TextField(editable=False)
    client_id = models.CharField(max_length=64, null=True, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True)
    is_withheld = models.BooleanField(default=False)
    # Taken away, by the sender or a moderator; the text goes some days later: `comments.chat.private.KEPT`.
    removed_at = models.DateTimeField(_("removed"), null=True)
    reported_at = models.DateTimeField(_("reported"), null=True)
    report_reason = models.CharField(_("reason"), max_length=13, choices=Reason, blank=True)
    report_note = models.TextField(_("note"), blank=True)
    # What a moderator decided about it, once and for all: this row is the record of that, as a `Decision` is
    # of what was decided about a comment.
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict, blank=True)
    handled_at = models.DateTimeField(_("decided"), null=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("moderator"),
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("reported private message")
        verbose_name_plural = _("reported private messages")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["sender", "client_id"], name="private_once_per_client_id"),
        ]
        indexes = [
            models.Index(fields=["pair", "-id"], name="private_pair"),
            models.Index(fields=["sender", "-id"], name="private_sent"),
            models.Index(fields=["recipient", "-id"], name="private_received"),
            # What waits to be read, on every page of whom it is for.
            models.Index(
                fields=["recipient", "pair"],
                name="private_unread",
                condition=models.Q(read_at__isnull=True, removed_at__isnull=True, is_withheld=False),
            ),
            models.Index(
                fields=["reported_at"],
                name="private_reported",
                condition=models.Q(reported_at__isnull=False),
            ),
            # Reports that wait, which the desk counts again and again.
            models.Index(
                fields=["reported_at"],
                name="private_waiting",
                condition=models.Q(reported_at__isnull=False, handled_at__isnull=True),
            ),
            # What was taken back and has its text still.
            models.Index(
                fields=["removed_at"],
                name="private_kept",
                condition=models.Q(removed_at__isnull=False, reported_at__isnull=True)
                & ~models.Q(content=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
