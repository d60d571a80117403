"""Several workers on one port: whoever polls is served by the one that knows them."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.servers import Site, redis_server, running_site

from .reader import Reader

pytestmark = pytest.mark.xdist_group("workers")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with (
        redis_server() as redis,
        running_site(
            "serve",
            environment={"REDIS_URL": redis, "BUDGETS": "off"},
            arguments=["--workers", "3"],
        ) as site,
    ):
        yield site


async def test_polling_readers_on_three_workers_hear_each_other_exactly_once(site: Site) -> None:
    author = site.person("author")
    post_id = site.post(author=author)
    readers = [Reader(site, site.person(f"reader{number}"), "polling") for number in range(6)]
    try:
        for reader in readers:
            await reader.open()
            await reader.join(post_id)
        for number, reader in enumerate(readers):
            await reader.write(post_id, f"from {number}")
        async with asyncio.timeout(10):
            for reader in readers:
                while len(reader.all("comment_added")) < len(readers):
                    await asyncio.sleep(0.05)
        for reader in readers:
            contents = [added["content"] for added in reader.all("comment_added")]
            assert sorted(contents) == [f"from {number}" for number in range(len(readers))]
    finally:
        for reader in readers:
            await reader.close()
    assert "Traceback" not in site.log.text()
