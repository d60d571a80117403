"""The real socket.io-client from npm, under node, against both servers."""

import asyncio
import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import BASE_DIR, Site
from tests.tasks import patience

from .conftest import Cast

CLIENT = "socket.io-client@4.8.4"
SCRIPT = Path(__file__).with_name("client.mjs")


@pytest.fixture(scope="session")
def library() -> Path:
    """Where the client is installed: once, in this checkout's own var directory."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    directory = BASE_DIR / "var" / CLIENT
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if not (directory / "node_modules" / "socket.io-client" / "package.json").exists():
            options = ["--no-save", "--no-audit", "--no-fund", "--prefix", str(directory)]
            done = subprocess.run(
                ["npm", "install", *options, CLIENT], capture_output=True, text=True, timeout=120
            )
            if done.returncode != 0:
                pytest.skip(f"npm cannot install {CLIENT}: {done.stderr[-500:]}")
    return directory


@pytest.mark.parametrize(
    "transports",
    [
        pytest.param(["websocket", "polling"], id="websocket first"),
        pytest.param(["polling", "websocket"], id="polling first"),
        pytest.param(["polling"], id="polling only"),
    ],
)
async def test_a_program_in_javascript_can_do_it_all(
    site: Site, cast: Cast, library: Path, post_id: int, transports: list[str]
) -> None:
    case = {
        "library": f"{library}/",
        "url": site.url,
        "transports": transports,
        "owner": cast.owner.session,
        "stranger": cast.stranger.session,
        "postId": post_id,
        "otherPostId": site.post(author=cast.author),
    }
    process = await asyncio.create_subprocess_exec(
        "node", SCRIPT, json.dumps(case), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with patience(30):
        output, _ = await process.communicate()

    assert process.returncode == 0, output.decode()
    assert len(site.stored(post_id)) == 3
