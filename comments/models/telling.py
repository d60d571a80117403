"""Whom a comment names, who follows a post, and up to where both were told of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from comments.models.posts import Post


class Mention(models.Model):
    """That a comment names somebody; see `comments.mentions`, and `comments.telling`."""

    comment = models.ForeignKey(
        Comment,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="mentions",
        verbose_name=_("comment"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions", verbose_name=_("person")
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="mention_once_per_comment"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.comment_id}"


class PostFollow(models.Model):
    """That somebody wants to hear what is written under a post; see `comments.telling`."""

    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, db_index=False, related_name="follows", verbose_name=_("post")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows", verbose_name=_("person")
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="follow_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.post_id}"


class PostTold(models.Model):
    """Up to which of a post's changes people were notified of them; see `comments.telling`."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="told")
    version = models.PositiveBigIntegerField(default=0)
    # The latest reaction that its comment's author was told of.
    reaction_id = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("notified changes")
        verbose_name_plural = _("notified changes")

    def __str__(self) -> str:
        return f"{self.pk}: {self.version}"


class FollowersTold(models.Model):
    """Up to which of a post's changes those who follow it were notified of them; see `comments.telling`.

    Beside `PostTold`, so that whoever holds one of them does not keep the other from being told of.
    """

    post = models.OneToOneField(
        Post, on_delete=models.CASCADE, primary_key=True, related_name="followers_told"
    )
    version = models.PositiveBigIntegerField(default=0)
    # Of changes up to this one they are being told; whoever has an id up to `after` was.
    up_to = models.PositiveBigIntegerField(default=0)
    after = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("notified changes")
        verbose_name_plural = _("notified changes")

    def __str__(self) -> str:
        return f"{self.pk}: {self.version}"
