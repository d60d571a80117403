"""The rooms of the chat: a lobby, which is always there, and those that admins make."""

from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from comments.models import Post, PostKind, lobby_title
from realtime.errors import ErrorCode, Refused

LOBBY = "lobby"
# Where a post has taken that address.
OTHERWISE = "chat-lobby"


def lobby() -> Post | None:
    """The room that everybody comes to first; None where an admin has closed it to readers.

    It is made when it is first asked for, so nobody can forget to.
    """
    found = Post.objects.filter(kind=PostKind.LOBBY).defer("body").first() or _make_lobby()
    return found if found.published_at is not None and found.published_at <= timezone.now() else None


def _make_lobby() -> Post:
    slug = OTHERWISE if Post.objects.filter(slug=LOBBY).exists() else LOBBY
    try:
        with transaction.atomic():
            return Post.objects.create(
                kind=PostKind.LOBBY,
                slug=slug,
                title=lobby_title(),
                language=settings.LANGUAGE_CODE,
                published_at=timezone.now(),
            )
    except IntegrityError:  # somebody else was quicker
        return Post.objects.get(kind=PostKind.LOBBY)


def all_rooms() -> Sequence[Post]:
    """Those that readers may see: the lobby first, then by their names."""
    lobby()
    rooms = list(Post.objects.reachable().rooms().defer("body"))
    return sorted(rooms, key=lambda room: (room.kind != PostKind.LOBBY, room.shown_title.casefold()))


def find(wanted: str) -> Post:
    """A room by its address, its id or its name; empty: the lobby. Raises `Refused` with `not_found`."""
    wanted = wanted.strip()
    if not wanted or wanted.casefold() == LOBBY:
        found = lobby()
        if found is None:
            raise Refused(ErrorCode.NOT_FOUND)
        return found
    known = Post.objects.reachable().rooms().defer("body")
    by = Q(slug=wanted.lower()) | Q(title__iexact=wanted)
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19:
        by |= Q(pk=int(wanted))
    rooms = sorted(known.filter(by), key=lambda room: (room.slug != wanted.lower(), room.pk))
    if not rooms:
        raise Refused(ErrorCode.NOT_FOUND)
    return rooms[0]


def by_id(post_id: int) -> Post:
    """A room by its id alone, which may be another one's address. Raises `Refused` with `not_found`."""
    found = Post.objects.reachable().rooms().defer("body").filter(pk=post_id).first()
    if found is None:
        raise Refused(ErrorCode.NOT_FOUND)
    return found
