"""Posts and rooms of the chat, which are posts too."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _


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
