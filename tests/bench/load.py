"""What a measurement stands on: a database with people in it, the programs, one load on one server."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from tests.servers import BASE_DIR, postgres_server

from . import machine, servers
from .herd import Answer, Herd, Unavailable, build
from .servers import Served

# The server has one core to itself and the load generator the other. The database runs where the kernel
# puts it, which is mostly beside the load generator.
SERVER_CORE, HERD_CORE = 0, 1
COMMENT_LENGTH = 200  # characters
# What a comment of that length weighs in a frame, for a limit that is measured without a server beside it.
PAYLOAD_BYTES = 707

Measures = dict[str, float]


class Helper:
    """A process of ours that does one task a line: `seed` fills the database, `moderator` decides."""

    def __init__(self, name: str, environment: Mapping[str, str], *, cores: Sequence[int] = ()) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.{name}"],
            cwd=BASE_DIR,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        machine.pin(self._process.pid, cores)

    def cpu_seconds(self) -> float:
        """Of everything that it has started, too."""
        return machine.family_cpu_seconds(self._process.pid)

    def ask(self, task: str, **details: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([task, details]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"problem": "the process is gone"}')
        if "problem" in answer:
            raise RuntimeError(f"{task}: {answer['problem']}")
        return answer["result"]

    def close(self) -> None:
        self._process.communicate()


@dataclass
class Bench:
    """Everything that lasts for one run of the bench. `seconds` is how long one load is kept up."""

    directory: Path
    database_url: str
    environment: Mapping[str, str]
    seed: Helper
    sessions: list[str]
    herd_program: Path
    kernel_program: Path
    packages: Path | None  # None: the server for Node.js cannot run here
    browser: Path | None  # None: there is none here
    seconds: float
    database_pid: int | None = None
    payload_bytes: int = PAYLOAD_BYTES  # as last seen
    old_posts: dict[int, int] = field(default_factory=dict)  # number of comments -> post
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def var_dir(self) -> Path:
        return self.directory / "var"

    def posts(self, number: int = 1, *, comments: int = 0) -> list[int]:
        made: list[int] = self.seed.ask("posts", count=number, comments=comments)
        return made

    def readers(self, rooms: Sequence[int], each: int, *, skip: int = 0) -> Path:
        """A file for the load generator: `each` readers in each room, all of them different people."""
        path = self.directory / f"readers-{next(self._numbers)}"
        people = iter(self.sessions[skip:])
        path.write_text("".join(f"{next(people)} {room}\n" for _ in range(each) for room in rooms))
        return path

    @contextmanager
    def server(self, name: str, *, readers: int = 0, relay: bool = False) -> Iterator[Served]:
        """A new server: `postroom`, `node` or, for so many readers, `kernel`."""
        if name == "postroom":
            with servers.postroom(
                self.var_dir, self.database_url, cores=[[SERVER_CORE]], relay=relay
            ) as served:
                yield served
        elif name == "node":
            assert self.packages is not None
            log = self.directory / "node.log"
            with servers.node(
                self.packages, self.database_url, self.environment, log, core=SERVER_CORE
            ) as served:
                yield served
        else:
            with servers.kernel(self.kernel_program, readers, self.payload_bytes, core=SERVER_CORE) as served:
                yield served

    @contextmanager
    def herd(self, cores: Sequence[int] = (HERD_CORE,)) -> Iterator[Herd]:
        herd = Herd(self.herd_program, cores=cores)
        try:
            yield herd
        finally:
            herd.quit()

    @contextmanager
    def moderator(self) -> Iterator[Helper]:
        """A moderator, beside the load generator."""
        moderator = Helper("moderator", self.environment, cores=[HERD_CORE])
        try:
            yield moderator
        finally:
            moderator.close()

    @contextmanager
    def followers(self) -> Iterator[Helper]:
        """People who follow others, beside the load generator."""
        followers = Helper("followers", self.environment, cores=[HERD_CORE])
        try:
            yield followers
        finally:
            followers.close()

    def database_cpu_seconds(self) -> float:
        """CPU time of all the database's processes; 0 where it is part of the server."""
        if self.database_pid is None:
            return 0.0
        return machine.family_cpu_seconds(self.database_pid)


@contextmanager
def prepared(
    *,
    build_dir: Path,
    packages: Path | None,
    people: int,
    database: str,
    seconds: float,
    browser: Path | None = None,
) -> Iterator[Bench]:
    """A database with `people` in it, and the programs. Raises `Unavailable`, or skips as tests do."""
    herd_program, kernel_program = build("herd", build_dir), build("kernel", build_dir)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postroom-bench-")))
        if database == "postgres":
            url = stack.enter_context(postgres_server())
            pid = machine.find_process("-p", str(urlparse(url).port))
        else:
            url, pid = f"sqlite:///{directory / 'bench.sqlite3'}", None
        site = servers.site(directory / "var", url)
        site.prepare()
        seed = Helper("seed", site.environment)
        stack.callback(seed.close)
        sessions = directory / "sessions"
        seed.ask("readers", count=people, path=str(sessions))
        yield Bench(
            directory=directory,
            database_url=url,
            environment=site.environment,
            seed=seed,
            sessions=sessions.read_text().split(),
            herd_program=herd_program,
            kernel_program=kernel_program,
            packages=packages,
            browser=browser,
            seconds=seconds,
            database_pid=pid,
        )


def opened(herd: Herd, port: int, readers: Path, **how: Any) -> Answer:
    """Open connections. Raises `Unavailable` if one failed: figures for fewer would look like better ones."""
    answer = herd.open(port, readers, **how)
    if answer["failed"]:
        raise Unavailable(f"{answer['failed']} connections could not be opened: {answer['problem']}")
    return answer


def loaded(
    bench: Bench, served: Served, herd: Herd, *, event: str = "new_comment", in_flight: int
) -> Measures:
    """Keep `in_flight` comments under way for a while, after a shorter while to warm up."""
    herd.run(seconds=bench.seconds / 4, in_flight=in_flight, event=event, size=COMMENT_LENGTH)
    cpu, database = [machine.cpu_seconds([pid]) for pid in served.pids], bench.database_cpu_seconds()
    answer = herd.run(seconds=bench.seconds, in_flight=in_flight, event=event, size=COMMENT_LENGTH)
    used = [machine.cpu_seconds([pid]) - before for pid, before in zip(served.pids, cpu, strict=True)]
    database = bench.database_cpu_seconds() - database
    comments, deliveries = answer["comments"], answer["deliveries"]
    if not deliveries:
        raise RuntimeError(f"nothing was delivered: {answer['problem']}")
    seconds = answer["seconds"] or answer["wall"]
    bench.payload_bytes = round(answer["payload_bytes"])
    return {
        "cpu_per_delivery_us": sum(used) / deliveries * 1e6,
        "cpu_per_comment_us": sum(used) / comments * 1e6,
        "database_cpu_per_comment_us": 0.0 if served.name == "kernel" else database / comments * 1e6,
        "deliveries_per_second": deliveries / seconds,
        "accepted_per_second": answer["accepted"] / seconds,
        "deliveries_per_core_second": deliveries / max(*used, 1e-9),
        "p50_ms": answer["delivered"]["p50"],
        "p99_ms": answer["delivered"]["p99"],
        "max_ms": answer["delivered"]["max"],
        "last_reader_p50_ms": answer["complete"]["p50"],
        "last_reader_p99_ms": answer["complete"]["p99"],
        "last_reader_max_ms": answer["complete"]["max"],
        "elsewhere_p50_ms": answer["elsewhere"]["p50"],
        "payload_bytes": answer["payload_bytes"],
        "deliveries_per_read": deliveries / answer["reads"],
        "server_cpu_share": sum(used) / answer["wall"],
        "herd_cpu_share": answer["cpu_share"],
        "faults": float(sum(answer[name] for name in ("refused", "strays", "lost", "gone"))),
    }


def joined(answer: Answer, served: Served, cpu_before: float) -> Measures:
    """The figures of one opening."""
    return {
        "joins_per_second": answer["opened"] / answer["seconds"],
        "join_p50_ms": answer["times"]["p50"],
        "join_p99_ms": answer["times"]["p99"],
        "join_max_ms": answer["times"]["max"],
        "cpu_per_join_us": (served.cpu_seconds() - cpu_before) / answer["opened"] * 1e6,
        "history_bytes": answer["history_bytes"] / max(1, answer["histories"]),
        "herd_cpu_share": answer["cpu_seconds"] / answer["seconds"],
    }


def settled(served: Served, *, within: float = 20.0) -> None:
    """Wait until a server has nothing left to do: it used a tenth of its core or less for half a second."""
    deadline = time.monotonic() + within
    before = served.cpu_seconds()
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = served.cpu_seconds()
        if now - before <= 0.05:
            return
        before = now
