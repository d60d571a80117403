"""Posts, comments and the decisions about them.

Only `comments.actions` and `comments.moderation` write comments: they take the post's next version,
keep its count and publish what changed.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _


class RoomState(models.TextChoices):
    OPEN = "open", _("open")
    READ_ONLY = "read_only", _("read-only")
    CLOSED = "closed", _("closed")


class PostQuerySet(models.QuerySet["Post"]):
    def reachable(self) -> "PostQuerySet":
        """The posts that readers may see: published, and not in the future."""
        return self.filter(published_at__lte=timezone.now())


class Post(models.Model):
    """A blog post; its comments live in the room `post_<id>`."""

    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    body = models.TextField(_("text"), help_text=_("Markdown."))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts", verbose_name=_("author")
    )
    language = models.CharField(
        _("language"), max_length=7, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    published_at = models.DateTimeField(
        _("published"), null=True, blank=True, db_index=True, help_text=_("Empty: a draft that nobody sees.")
    )
    version = models.PositiveBigIntegerField(_("version"), default=0, editable=False)
    comment_count = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    room_state = models.CharField(_("comments are"), max_length=10, choices=RoomState, default=RoomState.OPEN)
    pre_moderation = models.BooleanField(
        _("hold comments first"), default=False, help_text=_("A moderator publishes each comment.")
    )
    slow_mode = models.PositiveIntegerField(
        _("slow mode"), default=0, help_text=_("Seconds between two comments of one reader; 0: none.")
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        verbose_name = _("post")
        verbose_name_plural = _("posts")

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save without `version` and `comment_count`: comments written since this row was read own them."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in {"version", "comment_count"}
            ]
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("comments:post", args=[self.slug])


class Status(models.TextChoices):
    PUBLISHED = "published", _("published")
    PENDING = "pending", _("waiting for review")
    REJECTED = "rejected", _("rejected")
    SPAM = "spam", _("spam")
    REMOVED = "removed", _("removed")


class Remover(models.TextChoices):
    """Who took a comment away, as readers are told."""

    AUTHOR = "author", _("author")
    MODERATOR = "moderator", _("moderator")


# What the index of pages is made of. Asked for a post, a status and the order of ids, PostgreSQL weighs that
# index against others that know a part of it, by how many comments it believes a post to have. Where it
# believed wrong, or expected luck, it read a hundred thousand rows for fifty. No other index knows these.
PUBLISHED_IN = models.Func(
    "status",
    "post",
    # Django compares migrations by the order of these, too: it writes them by their names.
    arg_joiner=" WHEN 'published' THEN ",
    output_field=models.BigIntegerField(),
    template="CAST(CASE %(expressions)s END AS bigint)",
)
NEWEST_FIRST = models.Func("id", output_field=models.BigIntegerField(), template="(-%(expressions)s)")


class CommentQuerySet(models.QuerySet["Comment"]):
    def shown_in(self, post: Any, *, back_to: int | None = None) -> "CommentQuerySet":
        """The published comments of a post, newest first, down to comment `back_to`."""
        found = self.alias(published_in=PUBLISHED_IN, newest_first=NEWEST_FIRST).filter(published_in=post)
        if back_to is not None:
            found = found.filter(newest_first__lte=-back_to)
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

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_id"],
                name="comment_once_per_client_id",
            ),
        ]
        indexes = [
            # The three reads: a page of a post, its changes since a version, the queues. The first is
            # not a partial index: SQLite takes one only where a query spells its condition out.
            models.Index(PUBLISHED_IN, NEWEST_FIRST, name="comment_page"),
            models.Index(fields=["post", "version"], name="comment_changes"),
            models.Index(fields=["status", "-id"], name="comment_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {Truncator(self.content).chars(60)}"

    def get_absolute_url(self) -> str:
        return reverse("comments:comment", args=[self.pk])


class Verdict(models.TextChoices):
    HIDE = "hide", _("hide")
    RESTORE = "restore", _("restore")
    REMOVE = "remove", _("remove")
    EDIT = "edit", _("edit")


class Decision(models.Model):
    """A moderator's act on one comment: who, what, why, when, and the text as it stood."""

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
    verdict = models.CharField(_("decision"), max_length=10, choices=Verdict)
    reason = models.TextField(_("reason"), blank=True)
    content = models.TextField(_("text as it stood"))
    made_at = models.DateTimeField(_("when"), default=timezone.now)

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
