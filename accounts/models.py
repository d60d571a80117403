"""Users, their pictures, the sanctions against them, and what is left of those who went."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from realtime.statuses import Status

from .reasons import Reason

AVATAR_COLOURS = 12  # as many as the stylesheet has
# What the usernames of deleted accounts begin with. Nobody can choose such a one, for it has a colon; so
# whoever has read a username knows, and a comment's author costs no further column.
DELETED = "deleted:"
AVATARS = "/avatars/"  # where pictures are, as `accounts.urls` has it


class ChosenStatus(models.TextChoices):
    """What somebody wants to be to those who follow them; ONLINE is away by itself where nobody moves."""

    ONLINE = Status.ONLINE.value, pgettext_lazy("status", "Online")
    AWAY = Status.AWAY.value, pgettext_lazy("status", "Away")
    INVISIBLE = Status.INVISIBLE.value, pgettext_lazy("status", "Invisible")


class User(AbstractUser):
    """A person: reader, writer of posts, moderator or all of them."""

    name = models.CharField(
        _("display name"),
        max_length=60,
        blank=True,
        help_text=_("What other readers see. Without one they see the username."),
    )
    # What every comment asks of its author, so that the usual one costs no query of its own. True while a
    # sanction may be in force: `accounts.sanctions` keeps it, and whoever finds it true asks for the rows.
    is_sanctioned = models.BooleanField(default=False, db_default=False, editable=False)
    trusted_at = models.DateTimeField(
        _("trusted since"), null=True, blank=True, editable=False, help_text=_("No newcomer any more.")
    )
    # The digest of `Avatar`, or empty: every comment names its author's picture.
    picture = models.CharField(max_length=20, blank=True, default="", db_default="", editable=False)
    language = models.CharField(
        _("language"),
        max_length=7,
        choices=settings.LANGUAGES,
        blank=True,
        default="",
        db_default="",
        help_text=_("Empty: as the browser asks."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("Empty: the browser's."),
    )
    is_shown = models.BooleanField(
        _("named among those who are here"),
        default=True,
        db_default=True,
        help_text=_("Without it they are counted and never named."),
    )

    # Every handshake reads it: whoever is invisible has to be so from the first moment.
    status = models.CharField(
        _("status"),
        max_length=9,
        choices=ChosenStatus,
        default=ChosenStatus.ONLINE,
        db_default=ChosenStatus.ONLINE,
        editable=False,
    )

    class Meta(AbstractUser.Meta):
        # Django's own names, said again for catalogues that say them better.
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]
        indexes = [
            # Few rows at any time: those whose sanctions `settle` looks through.
            models.Index(fields=["id"], name="user_sanctioned", condition=models.Q(is_sanctioned=True)),
        ]

    @property
    def shown_name(self) -> str:
        """In the active language for a deleted account, which has no name of its own."""
        return gettext("Deleted account") if self.is_deleted else self.name or self.username

    @property
    def is_deleted(self) -> bool:
        """Whether its person has deleted the account: the row is kept for what hangs on it."""
        return self.username.startswith(DELETED)

    @property
    def avatar(self) -> int:
        """The number of this user's avatar colour, 0 to `AVATAR_COLOURS` - 1; all deleted ones share one."""
        return 0 if self.is_deleted else (self.pk or 0) % AVATAR_COLOURS

    @property
    def picture_address(self) -> str:
        """The path of the picture they have uploaded; empty without one."""
        return f"{AVATARS}{self.picture}.webp" if self.picture else ""

    @property
    def initials(self) -> str:
        """One or two letters for the avatar: first and last word, or one syllable of a Korean name."""
        if self.is_deleted:
            return "\N{EN DASH}"
        words = self.shown_name.split()
        letters = words[0][0] + (words[-1][0] if len(words) > 1 else "") if words else "?"
        return letters.upper()


def shown_name(user: Any) -> str:
    """How allauth's pages and letters call a user."""
    return str(user.shown_name)


class Avatar(models.Model):
    """A picture that somebody uploaded, as `accounts.avatars` made it: square, small, without metadata.

    In the database, so that several processes and machines need share no disk. `digest` names it in its
    address; another picture has another one, so browsers may keep it for ever.
    """

    # `user.avatar` is the number of a colour, for who has no picture.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    digest = models.CharField(max_length=20, unique=True)
    image = models.BinaryField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.digest


class Fate(models.TextChoices):
    """What becomes of the comments of somebody who deletes their account."""

    ANONYMISE = "anonymise", pgettext_lazy("comments", "They stay, without my name")
    REMOVE = "remove", pgettext_lazy("comments", "They are removed")


class Deletion(models.Model):
    """An account that its person has deleted. It is empty at once; what hangs on it follows in batches, and
    `finished_at` is when nothing was left to do. See `accounts.deletion`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="deletion"
    )
    fate = models.CharField(max_length=10, choices=Fate)
    asked_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("deleted account")
        verbose_name_plural = _("deleted accounts")
        indexes = [
            models.Index(
                fields=["asked_at"], name="deletion_under_way", condition=models.Q(finished_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_fate_display()} {self.pk}"


class SanctionKind(models.TextChoices):
    SUSPENSION = "suspension", _("suspension")
    HOLD_FIRST = "hold_first", _("comments held first")
    BAN = "ban", _("ban")
    WARNING = "warning", _("warning")


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def in_force(self, now: datetime | None = None) -> "SanctionQuerySet":
        """Those that hold at `now`: neither lifted nor past their end nor, for a warning, acknowledged."""
        moment = timezone.now() if now is None else now
        return self.filter(
            models.Q(until__isnull=True) | models.Q(until__gt=moment),
            lifted_at__isnull=True,
            acknowledged_at__isnull=True,
        )


class Sanction(models.Model):
    """What was imposed on somebody: by whom, when, why, until when, and how it ended.

    Only `accounts.sanctions` writes these. `explanation` is for the person, `note` for colleagues;
    `concerns` is the path of what it is about, a comment's permanent address for example.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="sanctions",
        verbose_name=_("person"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=SanctionKind)
    reason = models.CharField(_("reason"), max_length=13, choices=Reason)
    explanation = models.TextField(_("explanation to the person"), blank=True)
    note = models.TextField(_("note for colleagues"), blank=True)
    concerns = models.CharField(_("concerns"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="sanctions_imposed",
        verbose_name=_("imposed by"),
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: without an end."))
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="sanctions_lifted",
        verbose_name=_("lifted by"),
    )
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        permissions = [("sanction_users", "Can impose and lift sanctions")]
        indexes = [models.Index(fields=["user", "-id"], name="sanction_history")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.user_id}"

    def is_in_force(self, now: datetime | None = None) -> bool:
        """Whether it holds at `now`."""
        moment = timezone.now() if now is None else now
        ended = self.lifted_at or self.acknowledged_at or (self.until is not None and self.until <= moment)
        return not ended


class Mute(models.Model):
    """That somebody does not want to see what another person writes. Only they know: see `accounts.mutes`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="mutes",
        verbose_name=_("person"),
    )
    muted = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("muted person")
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("mute")
        verbose_name_plural = _("mutes")
        constraints = [
            models.UniqueConstraint(fields=["user", "muted"], name="mute_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.muted_id}"


class MessageBlock(models.Model):
    """That somebody gets no private messages from a person. Only they know: see `accounts.blocks`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="message_blocks",
        verbose_name=_("person"),
    )
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("blocked person"),
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("blocked person")
        verbose_name_plural = _("blocked people")
        constraints = [
            models.UniqueConstraint(fields=["user", "blocked"], name="message_block_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.blocked_id}"


class PersonFollow(models.Model):
    """That somebody follows a person: they hear of their status while both may. See `accounts.follows`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="person_follows",
        verbose_name=_("person"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("followed person"),
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("followed person")
        verbose_name_plural = _("followed people")
        constraints = [
            models.UniqueConstraint(fields=["user", "person"], name="person_followed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.person_id}"


class LastSeen(models.Model):
    """When somebody was last on the site, as far as others may know: see `accounts.last_seen`.

    A table of its own: it changes more often than anything else about a person, and their row is read by
    every handshake and under every comment.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="last_seen"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("last visit")
        verbose_name_plural = _("last visits")

    def __str__(self) -> str:
        return f"{self.pk} {self.at}"


class Kind(models.TextChoices):
    """What a notification is about."""

    MENTION = "mention", _("Somebody mentions you")
    COMMENT = "comment", _("Answers, and comments on your posts or those you follow")
    LIKE = "like", _("Reactions to what you wrote")
    FOLLOW = "follow", _("Somebody follows you")
    MESSAGE = "message", _("Private messages")
    MODERATION = "moderation", _("Moderators' decisions about you")
    SYSTEM = "system", _("News from this site")


class Audience(models.TextChoices):
    """Whom a notification is for that stands for many."""

    ALL = "all", _("everybody")
    GROUP = "group", _("a group")
    PEOPLE = "people", _("some people")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at__isnull=True)


class Notification(models.Model):
    """One thing that one person is told; `accounts.notifications` writes these and nobody else.

    Which sentence it is `action` says, and `about` has what the sentence names; of what somebody wrote it has
    nothing, so that nothing has to be taken back from here. Those of one `group_key` are shown as one. Nobody
    is told twice of one `source`.

    What is for everybody, or a group, is a row without a `user`, the original: whoever comes by gets a row of
    their own that names it, and on the wire both have the original's id.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        db_index=False,
        related_name="notifications",
        verbose_name=_("person"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    action = models.CharField(max_length=20)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("by"),
    )
    group_key = models.CharField(max_length=60)
    source = models.CharField(max_length=60, null=True)
    path = models.CharField(_("leads to"), max_length=300, blank=True)
    about = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True)
    # Whether it was taken back before anybody read it, and may be given again: until then nobody sees it.
    is_withdrawn = models.BooleanField(default=False)
    # When a letter may tell of it, if nobody has read it by then; null: none is wanted, or it is written.
    mail_due = models.DateTimeField(null=True)
    original = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, db_index=False, related_name="copies"
    )
    audience = models.CharField(_("for"), max_length=6, choices=Audience, blank=True, default="")
    group = models.ForeignKey(
        "auth.Group",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("group"),
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            # In this order they also find all who were told of something.
            models.UniqueConstraint(fields=["source", "user"], name="notification_once_per_source"),
            models.UniqueConstraint(
                fields=["original", "user"],
                name="notification_once_per_original",
                condition=models.Q(original__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "group_key"],
                name="notification_unread",
                condition=models.Q(read_at__isnull=True),
            ),
            models.Index(fields=["user", "-id"], name="notification_list"),
            models.Index(
                fields=["mail_due"], name="notification_mail", condition=models.Q(mail_due__isnull=False)
            ),
            models.Index(
                fields=["-id"], name="notification_originals", condition=models.Q(user__isnull=True)
            ),
            models.Index(fields=["created_at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def wire_id(self) -> int:
        """What sockets and pages call it."""
        return self.original_id or self.pk


class Inbox(models.Model):
    """What somebody wants to be told and how: see `notifications.choices`; and how far they are with what is
    for many. None: they have chosen nothing, and nothing was for everybody yet."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="inbox"
    )
    choices = models.JSONField(default=dict)
    # Whoever wants letters of what is for everybody must be thought of although they do not come by.
    wants_news_by_mail = models.BooleanField(default=False)
    # Of what is for many they have a row up to this original, as far as it is for them.
    caught_up_to = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("choice of notifications")
        verbose_name_plural = _("choices of notifications")
        indexes = [
            models.Index(
                fields=["caught_up_to", "user"],
                name="inbox_awaits_news",
                condition=models.Q(wants_news_by_mail=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class GroupJoin(models.Model):
    """Since when somebody is in a group; see `notifications.memberships`. Whoever was in it before this was
    noted has none, and counts as a member since their account is there."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="group_joins")
    group = models.ForeignKey("auth.Group", on_delete=models.CASCADE, related_name="joins")
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("group")
        constraints = [
            models.UniqueConstraint(fields=["user", "group"], name="join_once_per_group"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.group_id}"


class SystemNotice(Notification):
    """What admins have sent: the originals, and nobody's own row."""

    class Meta:
        proxy = True
        verbose_name = _("system notification")
        verbose_name_plural = _("system notifications")
