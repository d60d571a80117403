"""Posts, comments, and what is said and decided about them.

Only `comments.actions` and `comments.moderation` write comments: they take the post's next version,
keep its count and publish what changed. Flags, appeals, words and controls have their own verbs, in the
modules of these names.
"""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason


class RoomState(models.TextChoices):
    OPEN = "open", _("open")
    READ_ONLY = "read_only", _("read-only")
    CLOSED = "closed", _("closed")


class PostKind(models.TextChoices):
    """A room of the chat is a post whose text nobody reads: its messages are comments in every other way."""

    POST = "post", _("post")
    ROOM = "room", _("room of the chat")
    LOBBY = "lobby", _("lobby")


def lobby_title() -> str:
    """What the lobby is called as long as nobody calls it otherwise, in the site's language."""
    with override(settings.LANGUAGE_CODE):
        return gettext("Lobby")


class PostQuerySet(models.QuerySet["Post"]):
    def reachable(self) -> "PostQuerySet":
        """What readers may see, rooms of the chat too: published, and not in the future."""
        return self.filter(published_at__lte=timezone.now())

    def posts(self) -> "PostQuerySet":
        """Those that have a page of their own, and stand on the front page."""
        return self.filter(kind=PostKind.POST)

    def rooms(self) -> "PostQuerySet":
        """The rooms of the chat."""
        return self.exclude(kind=PostKind.POST)


class Post(models.Model):
    """A blog post, or a room of the chat; its comments live in the room `post_<id>`.

    Rooms have no author: nobody moderates there, or is spared what is asked of others, for having made one.
    """

    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    body = models.TextField(_("text"), help_text=_("Markdown."))
    kind = models.CharField(
        max_length=5, choices=PostKind, default=PostKind.POST, db_default=PostKind.POST, editable=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="posts",
        verbose_name=_("author"),
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
    hold_newcomers = models.BooleanField(
        _("hold newcomers"),
        default=False,
        help_text=_("A moderator publishes the first comments of somebody new."),
    )
    auto_slow_above = models.PositiveIntegerField(
        _("slow mode by itself above"), default=0, help_text=_("Comments a minute; 0: never by itself.")
    )
    auto_slow_seconds = models.PositiveIntegerField(
        _("slow mode by itself"), default=30, help_text=_("Seconds between two comments then.")
    )
    # Until when slow mode is on because of a rush; the rules set it, a job of the sockets takes it away.
    auto_slow_until = models.DateTimeField(null=True, editable=False)
    # When what can be read here last changed. A feed tells it, to whoever only asks for what is newer.
    changed_at = models.DateTimeField(null=True, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        permissions = [("manage_rooms", "Can control rooms and pause the site")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], name="one_lobby", condition=models.Q(kind=PostKind.LOBBY)
            ),
            models.CheckConstraint(
                name="posts_have_authors",
                condition=models.Q(author__isnull=False) | ~models.Q(kind=PostKind.POST),
            ),
        ]
        indexes = [
            models.Index(
                fields=["auto_slow_until"],
                name="post_rushed",
                condition=models.Q(auto_slow_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.shown_title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save without what comments written since this row was read own: version, count, the rush."""
        others = {"version", "comment_count", "auto_slow_until", "changed_at"}
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in others
            ]
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("chat:room" if self.is_room else "comments:post", args=[self.slug])

    @property
    def is_room(self) -> bool:
        """Whether it is a room of the chat."""
        return self.kind != PostKind.POST

    @property
    def shown_title(self) -> str:
        """What it is called; the lobby in the active language, unless an admin has given it another name."""
        return gettext("Lobby") if self.kind == PostKind.LOBBY and self.title == lobby_title() else self.title

    def slow_seconds(self, now: datetime) -> int:
        """Seconds that a reader waits between two comments at `now`; 0: none."""
        if self.auto_slow_until is not None and self.auto_slow_until > now:
            return max(self.slow_mode, self.auto_slow_seconds)
        return self.slow_mode


class Room(Post):
    """A room of the chat, as the admin knows it; see `comments.chat`."""

    class Meta:
        proxy = True
        verbose_name = _("room of the chat")
        verbose_name_plural = _("rooms of the chat")


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


# The desk a comment lies on, as one value, so that one index serves five queues: `pending`, `rejected`,
# `spam` and `removed` are statuses; what is published is `unreviewed` or, once a person has decided,
# `approved`. Constants stand in the text of it: SQLite takes an index of expressions only where a query has
# the same words.
DESK = models.Func(
    models.Func("status", template="NULLIF(%(expressions)s, 'published')", output_field=models.CharField()),
    models.Func(
        "reviewed_at",
        template="CASE WHEN %(expressions)s IS NULL THEN 'unreviewed' ELSE 'approved' END",
        output_field=models.CharField(),
    ),
    function="COALESCE",
    output_field=models.CharField(),
)
# Conditions of the indexes that the usual comment is not in, and so pays nothing for.
IS_OFF_DESK = models.Func(
    DESK, template="(%(expressions)s <> 'unreviewed')", output_field=models.BooleanField()
)
# A desk's comments under one post, and for one reason: each as one value, too, because a planner that had the
# choice would now and then walk the whole desk in search of a post's few.
DESK_OF_POST = models.Func(
    DESK,
    models.Func("post", template="CAST(%(expressions)s AS text)", output_field=models.CharField()),
    arg_joiner=" || ':' || ",
    template="(%(expressions)s)",
    output_field=models.CharField(),
)
DESK_FOR_REASON = models.Func(
    DESK,
    "reason",
    arg_joiner=" || ':' || ",
    template="(%(expressions)s)",
    output_field=models.CharField(),
)
IS_REPORTED = models.Func(
    models.Func("status", template="%(expressions)s = 'published'", output_field=models.BooleanField()),
    models.Func("flag_count", template="%(expressions)s > 0", output_field=models.BooleanField()),
    arg_joiner=" AND ",
    template="(%(expressions)s)",
    output_field=models.BooleanField(),
)
IS_URGENT = models.Func("priority", template="(%(expressions)s > 0)", output_field=models.BooleanField())
# What only its author is shown under a post, and hardly ever anything.
IS_HIDDEN = models.Func(
    "status", template="(%(expressions)s <> 'published')", output_field=models.BooleanField()
)
HAS_REASON = models.Func("reason", template="(%(expressions)s <> '')", output_field=models.BooleanField())


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


class Verdict(models.TextChoices):
    APPROVE = "approve", _("approve")
    REJECT = "reject", _("reject")
    SPAM = "spam", pgettext_lazy("decision", "spam")
    RESTORE = "restore", _("restore")
    REMOVE = "remove", _("remove")
    EDIT = "edit", _("edit")
    HOLD = "hold", _("hold")
    UNDO = "undo", _("undo")


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
