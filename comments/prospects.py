"""What awaits a reader who would write under a post now, for the page to say before they do."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import Sanction, User
from accounts.sanctions import CLEAR, Standing, standing_of

from . import controls, reading, trust
from .events import StatePayload, state_payload
from .models import Post


@dataclass(frozen=True, slots=True)
class Prospects:
    """`state` as the sockets say it; the rest is what a template shows of it."""

    state: StatePayload
    standing: Standing

    @property
    def sanction(self) -> Sanction | None:
        """What keeps this reader from writing, where the room would let them."""
        stopped_by_room = not self.state["canWrite"] and self.state["reason"] and "sanction" not in self.state
        return None if stopped_by_room else self.standing.silencing

    @property
    def concerns(self) -> str:
        """The path on this site that the sanction is about, if it names one."""
        path = self.sanction.concerns if self.sanction is not None else ""
        return path if path.startswith("/") and not path.startswith("//") else ""

    @property
    def wait(self) -> int:
        """Seconds until slow mode lets them write."""
        return -int(-self.state.get("retryAfter", 0) // 1)


def prospects(post: Post, reader: User | None) -> Prospects:
    """A reader's own, or what holds for everybody."""
    site = controls.current()
    if reader is None:
        return Prospects(state_payload(post, site=site), CLEAR)
    standing = standing_of(reader)
    state = state_payload(
        post,
        is_staff=reader.is_staff,
        is_author=reader.pk == post.author_id,
        site=site,
        standing=standing,
        wait=_wait(post, reader),
        is_held=_is_held(post, reader),
    )
    return Prospects(state, standing)


def _wait(post: Post, reader: User) -> float:
    now = timezone.now()
    slow = post.slow_seconds(now)
    if not slow or reader.is_staff:
        return 0.0
    latest = reading.latest_comments(post, {reader.pk}, now - timedelta(seconds=slow)).get(reader.pk)
    return 0.0 if latest is None else round(slow - (now - latest).total_seconds(), 1)


def _is_held(post: Post, reader: User) -> bool:
    if not post.hold_newcomers or reader.is_staff or reader.pk == post.author_id:
        return False
    return reader.trusted_at is None and reader.pk not in trust.trusted([reader.pk])
