"""Comments, the reactions to them, and the texts that they had before."""

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason
from comments.models.expressions import (
    DESK,
    DESK_FOR_REASON,
    DESK_OF_POST,
    HAS_REASON,
    IS_HIDDEN,
    IS_OFF_DESK,
    IS_REPORTED,
    IS_URGENT,
    NEWEST_FIRST,
    PUBLISHED_IN,
)
from comments.models.posts import Post


class Status(models.TextChoices):
    PUBLISHED = "published", _("published")
    PENDING = "pending", _("waiting for review")
    REJECTED = "rejected", _("rejected")
    SPAM = "spam", _("spam")
    REMOVED = "removed", _("removed")


# What moderators may have done to a comment that its author can appeal against.
HIDDEN = frozenset({Status.REJECTED, Status.SPAM, Status.REMOVED})


class Remover(models.TextChoices):
    """Who took a comment away, as readers are told."""

    AUTHOR = "author", _("author")
    MODERATOR = "moderator", _("moderator")


class Rule(models.TextChoices):
    """What may hold or reject a comment before anybody has seen it, in the order in which they are asked."""

    ROOM = "room", _("everything is held here")
    SANCTION = "sanction", _("the author's comments are held first")
    BANNED_WORD = "banned_word", _("banned word")
    SUSPECT_WORD = "suspect_word", _("suspect word")
    LINKS = "links", _("many links")
    NEWCOMER = "newcomer", _("newcomer")
    CHECK = "check", _("the site's own check")


class CommentQuerySet(models.QuerySet["Comment"]):
    def shown_in(
        self, post: Any, *, back_to: int | None = None, before: int | None = None
    ) -> "CommentQuerySet":
        """The published comments of a post, newest first, down to comment `back_to`, from what came right
        before comment `before`."""
        found = self.alias(published_in=PUBLISHED_IN, newest_first=NEWEST_FIRST).filter(published_in=post)
        if back_to is not None:
            found = found.filter(newest_first__lte=-back_to)
        if before is not None:
            found = found.filter(newest_first__gt=-before)
        return found.order_by("newest_first")


class Comment(models.Model):
    """A comment, or a reply to one.

    `version` is the post's version at this comment's last change that readers could see; 0 as long as
    it was never published. `html` is `content` rendered when it was written, so reading costs no
    Markdown. Ids grow in the order of publication within a post, because the post's row is locked
    while one is written.
    """

    # Neither of the first two has an index of its own: others begin with the same column, and a second
    # one costs each writer and tempts the planner.
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, db_index=False, related_name="comments", verbose_name=_("post")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="comments",
        verbose_name=_("author"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("in reply to"),
    )
    content = models.TextField(_("text"))
    html = models.TextField(editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PUBLISHED)
    removed_by = models.CharField(_("removed by"), max_length=10, choices=Remover, blank=True, editable=False)
    version = models.PositiveBigIntegerField(_("version"), default=0, editable=False)
    client_id = models.CharField(max_length=64, null=True, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    # What moderators need to find it by. The database knows the defaults, too: the usual comment leaves
    # these columns out.
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, editable=False)
    held_for = models.CharField(
        _("held for"), max_length=13, choices=Rule, blank=True, default="", db_default="", editable=False
    )
    reason = models.CharField(
        _("reason"), max_length=13, choices=Reason, blank=True, default="", db_default="", editable=False
    )
    flag_count = models.PositiveIntegerField(_("flags"), default=0, db_default=0, editable=False)
    priority = models.FloatField(_("priority"), default=0, db_default=0, editable=False)
    # What the text comes to for the rule about repeating oneself; null where it was never asked.
    digest = models.BigIntegerField(null=True, editable=False)
    # How often readers reacted with each emoji, as JSON, so that a page of comments need not count; empty as
    # long as nobody has. Who did stands in `Reaction`; `comments.reactions` keeps both.
    reactions = models.TextField(default="", db_default="", editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        permissions = [("moderate", "Can see the queues and decide about comments")]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_id"],
                name="comment_once_per_client_id",
            ),
        ]
        indexes = [
            # A page of a post, and its changes since a version.
            models.Index(PUBLISHED_IN, NEWEST_FIRST, name="comment_page"),
            models.Index(fields=["post", "version"], name="comment_changes"),
            # What somebody wrote: for the rule about repeating oneself, their history, a purge.
            models.Index(fields=["author", "created_at", "id"], name="comment_by_author"),
            models.Index(
                fields=["author", "post", "id"], name="comment_own_hidden", condition=models.Q(IS_HIDDEN)
            ),
            # The queues: by age, by post, by reason, by priority.
            models.Index(DESK, "created_at", "id", name="comment_queue"),
            models.Index(
                DESK_OF_POST, "created_at", "id", name="comment_queue_post", condition=models.Q(IS_OFF_DESK)
            ),
            models.Index(
                DESK_FOR_REASON,
                "created_at",
                "id",
                name="comment_queue_reason",
                condition=models.Q(HAS_REASON),
            ),
            models.Index(DESK, "priority", "id", name="comment_queue_urgent", condition=models.Q(IS_URGENT)),
            models.Index("created_at", "id", name="comment_reported", condition=models.Q(IS_REPORTED)),
            models.Index("priority", "id", name="comment_reported_urgent", condition=models.Q(IS_REPORTED)),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {Truncator(self.content).chars(60)}"

    def get_absolute_url(self) -> str:
        return reverse("comments:comment", args=[self.pk])

    @property
    def reaction_counts(self) -> dict[str, int]:
        """How many people reacted with each emoji."""
        return json.loads(self.reactions) if self.reactions else {}


class Reaction(models.Model):
    """That somebody reacted to a comment with an emoji; see `comments.reactions`."""

    comment = models.ForeignKey(
        Comment,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="reactions_given",
        verbose_name=_("comment"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="reactions",
        verbose_name=_("person"),
    )
    emoji = models.CharField(_("emoji"), max_length=32)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        constraints = [
            # In this order it also finds one reader's own among the comments of a page.
            models.UniqueConstraint(fields=["user", "comment", "emoji"], name="reaction_once_per_person"),
        ]
        # What a comment has got since somebody last looked.
        indexes = [models.Index(fields=["comment", "id"], name="reaction_of_comment")]

    def __str__(self) -> str:
        return f"{self.emoji} {self.comment_id}"


class CommentRevision(models.Model):
    """A text that a comment had before it was changed. Moderators see it; no page shows it to anybody else,
    and its author has it only in the file of all their data.

    `written_at` is since when the comment had it, `replaced_by` who changed it: the author, or a moderator,
    whose reasons stand in a `Decision`.
    """

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="revisions", verbose_name=_("comment")
    )
    content = models.TextField(_("text"))
    written_at = models.DateTimeField(_("written"))
    replaced_at = models.DateTimeField(_("changed"), default=timezone.now)
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("earlier text")
        verbose_name_plural = _("earlier texts")

    def __str__(self) -> str:
        return f"{self.comment_id}: {Truncator(self.content).chars(60)}"
