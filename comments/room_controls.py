"""What managers do to rooms, live for everyone in them: one post's, or all of them at once."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from realtime.errors import ErrorCode, Refused

from . import controls
from .actions import announce_post, lock_post
from .models import Post, RoomState, SiteControl

# An hour between two comments, and more of them a minute than anybody can read.
SLOWEST = 3_600
BUSIEST = 10_000


def set_room(
    post_id: int,
    *,
    acting_user: User,
    room_state: RoomState | str | None = None,
    slow_mode: int | None = None,
    pre_moderation: bool | None = None,
    hold_newcomers: bool | None = None,
    auto_slow_above: int | None = None,
    auto_slow_seconds: int | None = None,
) -> Post:
    """Change what is given of a room (None leaves it as it is) and tell everyone in it.

    `slow_mode` and `auto_slow_seconds` are seconds up to `SLOWEST`, `auto_slow_above` comments a minute up
    to `BUSIEST`; 0 switches off. Raises `Refused`: `forbidden` without the permission
    `comments.manage_rooms`, `not_found`, `invalid`.
    """
    may_control(acting_user)
    if room_state is not None and room_state not in RoomState.values:
        raise Refused(ErrorCode.INVALID)
    for value, most in ((slow_mode, SLOWEST), (auto_slow_seconds, SLOWEST), (auto_slow_above, BUSIEST)):
        if value is not None and not 0 <= value <= most:
            raise Refused(ErrorCode.INVALID)
    wanted: dict[str, Any] = {
        "room_state": room_state,
        "slow_mode": slow_mode,
        "pre_moderation": pre_moderation,
        "hold_newcomers": hold_newcomers,
        "auto_slow_above": auto_slow_above,
        "auto_slow_seconds": auto_slow_seconds,
    }
    with transaction.atomic():
        post = lock_post(post_id)
        changed = {
            name: value
            for name, value in wanted.items()
            if value is not None and value != getattr(post, name)
        }
        if changed:
            if changed.get("auto_slow_above") == 0:
                changed["auto_slow_until"] = None
            Post.objects.filter(pk=post.pk).update(**changed)
            for name, value in changed.items():
                setattr(post, name, value)
            announce_post(post)
    return post


def set_site(
    *, acting_user: User, paused: bool | None = None, hold_everything: bool | None = None
) -> SiteControl:
    """Pause writing everywhere, or hold every comment first; None leaves it as it is.

    Every process obeys within about a second, and tells its rooms then. Raises `Refused`: `forbidden`
    without the permission `comments.manage_rooms`.
    """
    may_control(acting_user)
    with transaction.atomic():
        SiteControl.objects.get_or_create(pk=1)
        site = SiteControl.objects.select_for_update().get(pk=1)
        before = (site.paused, site.hold_everything)
        site.paused = site.paused if paused is None else paused
        site.hold_everything = site.hold_everything if hold_everything is None else hold_everything
        if (site.paused, site.hold_everything) != before:
            site.changed_by, site.changed_at = acting_user, timezone.now()
            site.save()
            controls.forget_on_commit()
    return site


def pause_site(on: bool, *, acting_user: User) -> SiteControl:
    """Pause everything, or let it go on. Raises `Refused` as `set_site` does."""
    return set_site(acting_user=acting_user, paused=on)


def may_control(user: User) -> None:
    """Raises `Refused` for whoever may not control rooms."""
    if not (user.is_active and user.has_perm("comments.manage_rooms")):
        raise Refused(ErrorCode.FORBIDDEN)
