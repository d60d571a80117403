"""The servers that are compared, each started anew for each measurement and gone after it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import BASE_DIR, Site

from . import machine
from .herd import SOURCES, Unavailable

# A site as its owner would run it, but for the rate limits, which would stop any load but a person's, and
# for the time that is spent on stopping.
SETTINGS = {"DEBUG": "0", "BUDGETS": "off", "DRAIN_SECONDS": "1"}
PACKAGE_FILES = ("package.json", "package-lock.json")


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs: where it listens, one port for each of its processes, and who it is."""

    name: str
    ports: list[int]
    pids: list[int]

    def cpu_seconds(self) -> float:
        return machine.cpu_seconds(self.pids)

    def memory_bytes(self) -> int:
        """After what can be collected has been."""
        if self.name == "node":
            for pid in self.pids:
                os.kill(pid, signal.SIGUSR2)
            time.sleep(1)
        return sum(machine.memory_bytes(pid) for pid in self.pids)


class _RelaySite(Site):
    """A site whose server also knows the request `relay`."""

    def start(self) -> None:
        with self.log.path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.relay", "serve", "--port", str(self.port)],
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_answers()


def site(
    var_dir: Path, database_url: str | None, *, relay: bool = False, redis_url: str | None = None
) -> Site:
    """A site on a database that is there already, or on SQLite in `var_dir`."""
    environment = dict(SETTINGS)
    if database_url is not None:
        environment["DATABASE_URL"] = database_url
    if redis_url is not None:
        environment["REDIS_URL"] = redis_url
    return (_RelaySite if relay else Site)(var_dir, environment=environment)


@contextmanager
def postroom(
    var_dir: Path,
    database_url: str,
    *,
    cores: Sequence[Sequence[int]] = ((0,),),
    relay: bool = False,
    redis_url: str | None = None,
) -> Iterator[Served]:
    """`serve`, one process for each of `cores`."""
    sites = [site(var_dir, database_url, relay=relay, redis_url=redis_url) for _ in cores]
    try:
        for each, where in zip(sites, cores, strict=True):
            each.start()
            machine.pin(each.pid, where)
        yield Served("postroom", [each.port for each in sites], [each.pid for each in sites])
    finally:
        for each in sites:
            if each.is_running:
                each.kill()  # it has nothing left to say to anybody


@contextmanager
def node(
    packages: Path, database_url: str, environment: Mapping[str, str], log: Path, *, core: int = 0
) -> Iterator[Served]:
    """The server for Node.js on the same database."""
    variables = {
        "PATH": environment["PATH"],
        "SECRET_KEY": environment["SECRET_KEY"],
        "DATABASE_URL": database_url,
        "PACKAGES": str(packages),
        "NODE_ENV": "production",
    }
    with log.open("ab") as errors:
        process = subprocess.Popen(
            ["node", "--expose-gc", str(SOURCES / "node" / "server.js")],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise Unavailable(f"the server for Node.js did not start:\n{log.read_text()[-2000:]}")
        machine.pin(process.pid, [core])
        yield Served("node", [int(line)], [process.pid])
    finally:
        process.kill()
        process.communicate()


@contextmanager
def kernel(program: Path, readers: int, payload_bytes: int, *, core: int = 0) -> Iterator[Served]:
    """A loop of plain sends to so many readers: see `kernel.c`."""
    process = subprocess.Popen(
        [str(program), str(readers), str(payload_bytes)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        machine.pin(process.pid, [core])
        yield Served("kernel", [int(process.stdout.readline())], [process.pid])
    finally:
        process.kill()
        process.communicate()


def install_packages(directory: Path) -> Path:
    """Install what the server for Node.js needs, pinned, unless it is there. Raises `Unavailable`."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Unavailable(f"{program} is not installed")
    directory.mkdir(parents=True, exist_ok=True)
    wanted = [(SOURCES / "node" / name).read_text() for name in PACKAGE_FILES]
    done_with = directory / "installed"
    if done_with.exists() and done_with.read_text() == "".join(wanted):
        return directory
    for name, text in zip(PACKAGE_FILES, wanted, strict=True):
        (directory / name).write_text(text)
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode != 0:
        raise Unavailable(f"npm cannot install what the server for Node.js needs: {done.stderr[-500:]}")
    done_with.write_text("".join(wanted))
    return directory
