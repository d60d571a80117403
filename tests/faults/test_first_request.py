"""What a page changes is published by the quick door from the process's first request on."""

import time

import pytest

from tests.servers import running_site

from .machines import redis_machine
from .visitor import Visitor

pytestmark = pytest.mark.xdist_group("faults: first request")


async def test_pages_do_not_wait_for_redis_before_there_is_a_socket() -> None:
    with redis_machine() as redis, running_site(environment={"REDIS_URL": redis.url}) as site:
        owner = site.person("owner")
        site.post(author=owner, slug="a-post")
        async with Visitor(site, owner) as visitor:
            await visitor.read("/posts/a-post/")
            redis.pause()
            began_at = time.monotonic()
            for number in range(4):
                await visitor.fill(
                    "/posts/a-post/", to="/posts/a-post/comments/", content=f"By form {number}"
                )
            took = time.monotonic() - began_at
            redis.resume()

    assert took < 2.5  # a second for each event before, and a moment now
