"""What managers do to rooms, live for everyone in them: one post's, or all of them at once."""

from accounts.models import User

from .models import Post, RoomState, SiteControl


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

    `slow_mode` and `auto_slow_seconds` are seconds, `auto_slow_above` comments a minute; 0 switches off.
    Raises `Refused`: `forbidden` without the permission `comments.manage_rooms`, `not_found`, `invalid`.
    """
    raise NotImplementedError


def set_site(
    *, acting_user: User, paused: bool | None = None, hold_everything: bool | None = None
) -> SiteControl:
    """Pause writing everywhere, or hold every comment first; None leaves it as it is.

    Every process obeys within about a second, and tells its rooms then. Raises `Refused`: `forbidden`
    without the permission `comments.manage_rooms`.
    """
    raise NotImplementedError


def pause_site(on: bool, *, acting_user: User) -> SiteControl:
    """Pause everything, or let it go on. Raises `Refused` as `set_site` does."""
    return set_site(acting_user=acting_user, paused=on)
