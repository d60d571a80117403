"""What the machine says: CPU time, memory, cores. Linux only, everything is read from /proc."""

import os
import platform
import resource
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
# Descriptors beside the sockets: libraries, pipes, the database's connections.
SPARE_FILES = 200


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time that these processes have used in all their threads, user and system, in seconds.

    The scheduler's own account counts nanoseconds; `/proc/<pid>/stat` would count ticks of ten
    milliseconds. Threads that have ended are missing, but no server here ends one under load.
    """
    total = 0
    for pid in pids:
        for path in (PROC / str(pid) / "task").glob("*/schedstat"):
            with suppress(OSError):  # a thread that ended since the directory was read
                total += int(path.read_text().split()[0])
    return total / 1e9


def memory_bytes(pid: int) -> int:
    """Memory that is this process's own: pages that it shares with others count in proportion."""
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this kernel does not tell a process's proportional share of memory")


def family_cpu_seconds(pid: int) -> float:
    """CPU time of a process and everything below it, children that have ended included, in seconds."""
    children: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            children.setdefault(int(_fields(path)[1]), []).append(int(path.parent.name))
    family = [pid]
    for each in family:
        family += children.get(each, [])
    ended = 0
    for each in family:
        with suppress(OSError):
            # Of children that were waited for the kernel keeps ticks only, of one hundredth of a second.
            ended += sum(map(int, _fields(PROC / str(each) / "stat")[13:15]))
    return cpu_seconds(family) + ended / os.sysconf("SC_CLK_TCK")


def _fields(stat: Path) -> list[str]:
    """What follows a process's name, which stands in brackets and may hold spaces."""
    return stat.read_text().rpartition(")")[2].split()


def find_process(*arguments: str) -> int | None:
    """The oldest process in whose command line these arguments stand side by side."""
    wanted = "\0".join(("", *arguments, ""))
    for path in sorted(PROC.glob("[0-9]*/cmdline"), key=lambda path: int(path.parent.name)):
        with suppress(OSError):
            if wanted in path.read_text(errors="replace"):
                return int(path.parent.name)
    return None


def pin(pid: int, cores: Iterable[int]) -> None:
    """Keep a process, all its threads and those it will start on these cores."""
    wanted = set(cores) & os.sched_getaffinity(0)
    if not wanted:
        return
    for path in (PROC / str(pid) / "task").iterdir():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(path.name), wanted)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def raise_file_limit() -> int:
    """Allow this process and its children as many open files as the machine grants; how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def describe() -> dict[str, str]:
    """What figures depend on, for the report."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in (PROC / "cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "processor": model,
        "cores": str(cores()),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "node": _version("node"),
    }


def _version(program: str) -> str:
    try:
        return subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    except OSError:
        return "none"
