"""What is reported, decided and answered about comments: the record that moderation leaves."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.reasons import Reason
from comments.models.comments import HIDDEN, Comment, Rule, Status


class Verdict(models.TextChoices):
    APPROVE = "approve", _("approve")
    REJECT = "reject", _("reject")
    SPAM = "spam", pgettext_lazy("decision", "spam")
    RESTORE = "restore", _("restore")
    REMOVE = "remove", _("remove")
    EDIT = "edit", _("edit")
    HOLD = "hold", _("hold")
    UNDO = "undo", _("undo")


class Decision(models.Model):
    """What a moderator or a rule decided about one comment: who, what, why, when, and the text as it stood.

    `reason` is a code and `explanation` is for the comment's author, `note` for colleagues. `undoes` is the
    decision that this one takes back. `before` and `after` are the comment's status; `reviewed_before` is
    when a person had last decided until then, `priority_before` how urgent the comment was.
    """

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("comment")
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="decisions",
        verbose_name=_("moderator"),
    )
    rule = models.CharField(_("rule"), max_length=13, choices=Rule, blank=True)
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict)
    reason = models.CharField(_("reason"), max_length=13, choices=Reason, blank=True)
    explanation = models.TextField(_("explanation to the author"), blank=True)
    note = models.TextField(_("note for colleagues"), blank=True)
    content = models.TextField(_("text as it stood"))
    before = models.CharField(_("before"), max_length=10, choices=Status, blank=True)
    after = models.CharField(_("after"), max_length=10, choices=Status, blank=True)
    reviewed_before = models.DateTimeField(null=True, editable=False)
    priority_before = models.FloatField(default=0, editable=False)
    undoes = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, related_name="undone_by", verbose_name=_("takes back")
    )
    made_at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} {self.comment_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A decision is never changed after it was made.")
        super().save(*args, **kwargs)

    @property
    def is_adverse(self) -> bool:
        """Whether it keeps the comment from readers, so that its author may appeal."""
        return self.after in HIDDEN and self.verdict != Verdict.EDIT


class BulkDecision(models.Model):
    """The same decision about many comments, made in batches; see `comments.bulk`.

    `comment_ids` are in the order in which they are decided about, those of one post beside each other;
    they are let go when it is over. Whoever works on it holds it until `claimed_until`. `problem` is why it
    ended before it was done: the code of a refusal, or `stopped`.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="bulk_decisions",
        verbose_name=_("moderator"),
    )
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict)
    reason = models.CharField(_("reason"), max_length=13, choices=Reason, blank=True)
    explanation = models.TextField(_("explanation to the authors"), blank=True)
    note = models.TextField(_("note for colleagues"), blank=True)
    comment_ids = models.JSONField(default=list)
    total = models.PositiveIntegerField(_("comments"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    refused = models.PositiveIntegerField(_("left as they were"), default=0)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    claimed_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    problem = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("bulk decision")
        verbose_name_plural = _("bulk decisions")
        indexes = [
            models.Index(fields=["id"], name="bulk_under_way", condition=models.Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} ({self.total})"


class FlagOutcome(models.TextChoices):
    UPHELD = "upheld", _("upheld")
    DISMISSED = "dismissed", _("dismissed")


class Flag(models.Model):
    """A reader's report of a comment; `outcome` is empty until a moderator has decided about that.

    `weight` is how much the reporter's word counted when it was given, 0 to 1; see `comments.priority`.
    """

    comment = models.ForeignKey(
        Comment,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="flags",
        verbose_name=_("comment"),
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="flags",
        verbose_name=_("reported by"),
    )
    reason = models.CharField(_("reason"), max_length=13, choices=Reason)
    note = models.TextField(_("note"), blank=True)
    weight = models.FloatField(_("weight"))
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    outcome = models.CharField(_("outcome"), max_length=10, choices=FlagOutcome, blank=True)
    decision = models.ForeignKey(
        Decision, on_delete=models.SET_NULL, null=True, related_name="flags", verbose_name=_("decision")
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        constraints = [
            models.UniqueConstraint(fields=["comment", "reporter"], name="flag_once_per_person"),
        ]
        # Who was right how often lately.
        indexes = [models.Index(fields=["reporter", "-id"], name="flag_record")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.comment_id}"


class Appeal(models.Model):
    """An author's answer to a decision; `accepted` is null until a moderator has answered it."""

    decision = models.OneToOneField(
        Decision, on_delete=models.CASCADE, related_name="appeal", verbose_name=_("decision")
    )
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    accepted = models.BooleanField(_("accepted"), null=True)
    explanation = models.TextField(_("explanation to the author"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="appeals_answered",
        verbose_name=_("answered by"),
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        indexes = [
            models.Index(fields=["id"], name="appeal_open", condition=models.Q(answered_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {Truncator(self.text).chars(60)}"
