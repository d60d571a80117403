"""The demo's rooms and what was said there lately; and what awaits whoever logs in as the demo's reader.

No Django here either. A file in `rooms/` begins with what the room is, and then has a message a line:

    <minutes ago> <who>: What they said
    <minutes ago> <who> > <whom>: An answer to what that person said last
"""

import re
from dataclasses import dataclass
from pathlib import Path

from comments.demo.conversation import DemoComment

ROOMS = Path(__file__).parent / "rooms"
LOBBY = "lobby"

_SAID = re.compile(r"(\d+) ([\w.]+)(?: > ([\w.]+))?: (.+)")


@dataclass(frozen=True)
class DemoRoom:
    """The lobby has no title of its own: it is called so in each reader's language."""

    slug: str
    title: str
    about: str
    language: str
    messages: tuple[DemoComment, ...]

    @property
    def is_lobby(self) -> bool:
        return self.slug == LOBBY


# Who has written to the reader in private, and who follows them.
WROTE = (
    ("ewan", "If Jansson is sold out: I have a spare copy of *The Summer Book* and a stamp. Say the word!"),
)
FOLLOWERS = ("astrid.v", "kenji")


def rooms() -> list[DemoRoom]:
    """All rooms of the demo, the lobby first."""
    found = [_room(path.read_text("utf-8")) for path in sorted(ROOMS.glob("*.txt"))]
    return sorted(found, key=lambda room: not room.is_lobby)


def _room(source: str) -> DemoRoom:
    head, _, said = source.partition("---\n")
    told = dict(line.split(": ", 1) for line in head.splitlines())
    messages: list[DemoComment] = []
    latest: dict[str, int] = {}
    for line in said.splitlines():
        found = _SAID.fullmatch(line)
        if found is None:
            raise ValueError(f"not a message: {line}")
        minutes, author, answered, text = found.groups()
        parent = latest[answered] if answered else None
        latest[author] = len(messages)
        messages.append(DemoComment(author, text, parent, int(minutes)))
    return DemoRoom(
        told["slug"], told.get("title", ""), told.get("about", ""), told["language"], tuple(messages)
    )
