"""What a site shows to whoever runs it, and a proxy set up as the README says."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest
import socketio.exceptions

from tests.realtime.sockets.reader import Reader, Transport
from tests.servers import BASE_DIR, Site, free_port, wait_for_port

from .conftest import Connect
from .oracle import Oracle
from .page import Page
from .town import Town, founded_town, restart

pytestmark = pytest.mark.xdist_group("faults: outside")

TOKEN = "only Prometheus knows"
SOON = 2.0  # seconds within which a server says that it is not ready


@pytest.fixture(scope="module")
def standing_town() -> Iterator[Town]:
    with founded_town({"METRICS_TOKEN": TOKEN}, workers=(1, 1)) as town:
        yield town


async def get(site: Site, path: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(site.url + path, headers=headers) as answer:
        return answer.status, await answer.text()


async def ready(site: Site, wanted: dict[str, bool], within: float = 10) -> None:
    """Until a server says so of itself."""
    status, text = 0, ""
    try:
        async with asyncio.timeout(within):
            while json.loads(text or "{}") != wanted:
                status, text = await get(site, "/readyz")
    except TimeoutError:
        raise AssertionError(text) from None
    assert status == (200 if all(wanted.values()) else 503)


async def sockets(site: Site) -> int:
    """How many a server says that it has."""
    _, text = await get(site, "/metrics", Authorization=f"Bearer {TOKEN}")
    return int(re.findall(r"^postroom_sockets (\d+)", text, re.MULTILINE)[0])


WELL = {"database": True, "bus": True, "staying": True}


async def test_a_server_is_ready_while_database_and_bus_answer(town: Town) -> None:
    await ready(town.first, WELL)
    position = town.first.log.position

    town.redis.kill()
    await asyncio.sleep(1.5)  # for the libraries' own attempts
    await ready(town.first, {**WELL, "bus": False})
    town.redis.start()
    await ready(town.first, WELL)
    town.redis.pause()
    await ready(town.first, {**WELL, "bus": False})
    town.redis.resume()
    await ready(town.first, WELL)
    await asyncio.to_thread(town.postgres.stop)
    began_at = time.monotonic()
    status, _ = await get(town.first, "/readyz")
    assert (status, time.monotonic() - began_at < SOON) == (503, True)
    await ready(town.first, {**WELL, "database": False})
    assert (await get(town.first, "/healthz"))[0] == 200
    await asyncio.to_thread(town.postgres.start)
    await ready(town.first, WELL)
    assert "Traceback" not in town.first.log.text(position)


async def test_figures_are_for_who_knows_the_token(town: Town, connect: Connect) -> None:
    reader = await connect(town.first, town.first.person("reader"))
    await reader.join(town.post())

    assert (await get(town.first, "/metrics"))[0] == 404
    for wrong in ("Bearer ", "Bearer guessed", TOKEN):
        assert (await get(town.first, "/metrics", Authorization=wrong))[0] == 404
    status, text = await get(town.first, "/metrics", Authorization=f"Bearer {TOKEN}")

    assert status == 200
    assert await sockets(town.first) == 1
    assert re.search(r"^postroom_rooms 1\.0$", text, re.MULTILINE)


# --- Behind nginx -----------------------------------------------------------------------------------


@pytest.fixture
def behind_nginx(town: Town) -> Iterator[Site]:
    """Both servers behind the README's proxy, but without its certificate; where it is."""
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("nginx is not installed")
    [example] = re.findall(r"```nginx\n(.*?)```", (BASE_DIR / "README.md").read_text(), re.DOTALL)
    port = free_port()
    replacements = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "127.0.0.1:8001": f"127.0.0.1:{town.first.port}",
        "127.0.0.1:8002": f"127.0.0.1:{town.second.port}",
    }
    for there, here in replacements.items():
        assert example.count(there) == 1, there
        example = example.replace(there, here)
    with tempfile.TemporaryDirectory(prefix="postroom-nginx-") as directory:
        folders = "\n".join(
            f"{name}_temp_path {directory}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        config = Path(directory) / "nginx.conf"
        config.write_text(
            f"daemon off; {user} pid {directory}/pid; error_log {directory}/log; events {{}}\n"
            f"http {{ access_log {directory}/access; {folders}\n{example}\n}}\n"
        )
        log = Path(directory) / "log"
        process = subprocess.Popen([program, "-p", directory, "-c", str(config), "-e", str(log)])
        try:
            wait_for_port(port, process, log)
            yield cast(Site, SimpleNamespace(url=f"http://127.0.0.1:{port}"))
        finally:
            process.terminate()
            process.wait()


async def test_polling_readers_keep_their_process_behind_the_proxy(town: Town, behind_nginx: Site) -> None:
    post_id = town.post()
    async with AsyncExitStack() as stack:
        pages = [
            Page(
                lambda: behind_nginx.url,
                person,
                post_id,
                transport="websocket" if number % 4 == 3 else "polling",
                source=f"127.0.0.{number + 2}",
            )
            for number, person in enumerate(town.people(16))
        ]
        for page in pages:
            await stack.enter_async_context(page)
        await asyncio.gather(*(page.live() for page in pages))
        held = [await sockets(site) for site in town.sites]
        for page in pages:
            page.write("First")
            page.write("Second")

        verdict = await Oracle(town.database_url, post_id).judge(pages)

        assert verdict.problems == [], verdict.told()
        assert verdict.connections == sum(held) == len(pages)
        assert all(held), "one server has them all"


async def test_another_sites_page_cannot_connect_through_the_proxy(town: Town, behind_nginx: Site) -> None:
    person = town.first.person("reader")
    own = await Reader(behind_nginx, person, "polling").open({"Origin": behind_nginx.url})
    await own.close()
    transports: tuple[Transport, ...] = ("polling", "websocket")
    for transport in transports:
        stranger = Reader(behind_nginx, person, transport)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await stranger.open({"Origin": "https://evil.example"})
        await stranger.close()


# Last, as it changes a server.
async def test_without_a_token_there_are_no_figures(town: Town) -> None:
    town.second.environment["METRICS_TOKEN"] = ""
    await restart(town.second, gently=True)

    for guess in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}"):
        assert (await get(town.second, "/metrics", Authorization=guess))[0] == 404
