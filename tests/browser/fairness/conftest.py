"""A site whose moderators sit in another process than its server, and whose authors moderate themselves.

The people and how they come are those of the other browser tests, at a site of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from tests.browser.conftest import (  # noqa: F401  (fixtures made anew here, for this site)
    ENVIRONMENT,
    Cast,
    cast,
    make_post,
    omar,
    post,
    sue,
    visit,
    visitors,
)
from tests.browser.tab import Post
from tests.servers import Person, Site, redis_server, running_site

_numbers = count(1)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with redis_server() as redis:
        environment = {**ENVIRONMENT, "REDIS_URL": redis, "AUTHORS_MODERATE": "1", "REPEAT_MINUTES": "0"}
        with running_site("serve", environment=environment) as site:
            yield site


@dataclass(frozen=True, slots=True)
class Moderator:
    """Somebody who decides about what stands under posts, and about people."""

    site: Site
    person: Person

    def comment_id(self, under: Post, text: str) -> int:
        [found] = [row["id"] for row in self.site.stored(under.id) if row["content"] == text]
        return int(found)

    def decide(self, under: Post, text: str, verdict: str, **details: Any) -> None:
        self.site.verb("decide", [self.comment_id(under, text)], verdict, by=self.person, **details)

    def impose(self, person: Person, kind: str, *, reason: str = "harassment", **details: Any) -> int:
        return int(self.site.verb("impose", person.id, kind, by=self.person, reason=reason, **details))

    def lift(self, sanction_id: int) -> None:
        self.site.verb("lift", sanction_id, by=self.person)

    def set_room(self, room: Post, **fields: Any) -> None:
        self.site.verb("set_room", room.id, by=self.person, **fields)

    def pause(self, on: bool) -> None:
        self.site.verb("pause_site", on, by=self.person)

    def answer(self, appeal_id: int, accepted: bool, **details: Any) -> None:
        self.site.verb("answer_appeal", appeal_id, accepted, by=self.person, **details)


@pytest.fixture
def mo(site: Site, cast: Cast) -> Moderator:  # noqa: F811
    return Moderator(site, cast.moderator)


@pytest.fixture
def bea(site: Site) -> Person:
    """Somebody who is not in the cast, to be sanctioned: a new person for each test."""
    return site.person(f"bea-{next(_numbers)}", name="Bea Banned")
