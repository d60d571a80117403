"""The load generator, `herd.c`, as this program drives it: one command, one answer."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import machine

SOURCES = Path(__file__).parent
WARNINGS = ("-O2", "-Wall", "-Wextra", "-Werror")

Answer = dict[str, Any]


class Unavailable(Exception):
    """Something that the bench needs is not on this machine."""


def build(name: str, directory: Path) -> Path:
    """Compile `name`.c unless that was done since it changed; the program. Raises `Unavailable`."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Unavailable("the load generator is a C program: install a compiler (cc)")
    source, program = SOURCES / f"{name}.c", directory / name
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        directory.mkdir(parents=True, exist_ok=True)
        # Written aside first: two benches may start at the same time.
        made = program.with_name(f"{name}.{id(program)}")
        done = subprocess.run(
            [compiler, *WARNINGS, "-o", str(made), str(source)], capture_output=True, text=True
        )
        if done.returncode != 0:
            raise Unavailable(f"{source.name} does not compile:\n{done.stderr}")
        made.replace(program)
    return program


class Herd:
    """Readers in a process of their own. Latencies in its answers are in milliseconds."""

    def __init__(self, program: Path, *, cores: Sequence[int] = ()) -> None:
        self._process = subprocess.Popen(
            [str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        machine.pin(self._process.pid, cores)

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(
        self,
        port: int,
        file: Path,
        *,
        in_flight: int = 64,
        since: int = -1,
        raw: bool = False,
        inbox: bool = False,
    ) -> Answer:
        """Open the connections that `file` lists and have each join its post, or enter its inbox."""
        # A machine on which each takes longer than this has nothing to tell about thousands of them.
        timeout = 60 + 0.04 * len(file.read_text().splitlines())
        return self._ask(
            f"open port={port} file={file} inflight={in_flight} since={since} raw={int(raw)}"
            f" inbox={int(inbox)} timeout={timeout}"
        )

    def run(
        self,
        *,
        seconds: float,
        in_flight: int = 1,
        comments: int = 0,
        event: str = "new_comment",
        size: int = 200,
    ) -> Answer:
        """Write comments of `size` characters in a closed loop; what became of them."""
        return self._ask(
            f"run event={event} size={size} inflight={in_flight} seconds={seconds} comments={comments}"
        )

    def hear(self, events: int, *, seconds: float = 20) -> Answer:
        """Wait for so many events of comments, or notifications, that somebody else brought about. When
        the `last` of them came is in nanoseconds of this machine's monotonic clock."""
        return self._ask(f"hear events={events} seconds={seconds}")

    def idle(self, seconds: float) -> Answer:
        """Only answer pings."""
        return self._ask(f"idle seconds={seconds}")

    def close_all(self) -> Answer:
        """Close every connection, as readers do whose network went away."""
        return self._ask("close")

    def quit(self) -> None:
        if self._process.poll() is None:
            self._process.communicate("quit\n")

    def _ask(self, command: str) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the load generator ended with {self._process.wait()} at: {command}")
        answer: Answer = json.loads(line)
        return answer
