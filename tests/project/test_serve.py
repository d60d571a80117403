"""`manage.py serve` says clearly what keeps it from serving. That it serves, the sockets' tests show."""

import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.files import BASE_DIR
from tests.servers import running_site


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def serve(var_dir: Path, *arguments: str, **environment: str) -> str:
    """What `serve` complains about, at once and without a traceback."""
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", *arguments],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(var_dir), "DEBUG": "1", **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert "http://" not in done.stdout, "it promises no address"
    return done.stderr


def test_a_taken_port_is_named_with_a_way_out(tmp_path: Path, taken: int) -> None:
    complaint = serve(tmp_path, "--port", str(taken))

    assert f"Port {taken} is taken." in complaint
    assert "make run PORT=" in complaint


def test_the_port_may_come_from_the_environment(tmp_path: Path, taken: int) -> None:
    assert f"Port {taken} is taken." in serve(tmp_path, PORT=str(taken))


def test_an_address_that_is_not_ours_is_named(tmp_path: Path) -> None:
    assert "Cannot listen on 192.0.2.1:0" in serve(tmp_path, "--host", "192.0.2.1", "--port", "0")


@pytest.mark.parametrize("workers", ["0", "-1"])
def test_at_least_one_worker_serves(tmp_path: Path, workers: str) -> None:
    assert "--workers must be at least 1" in serve(tmp_path, "--workers", workers)


def test_several_workers_without_redis_do_not_start(tmp_path: Path) -> None:
    complaint = serve(tmp_path, "--workers", "2", "--port", "0")

    assert "postroom.E004" in complaint
    assert "REDIS_URL" in complaint


def test_a_dangerous_setting_does_not_start(tmp_path: Path) -> None:
    assert "postroom.E001" in serve(tmp_path, "--port", "0", TRUSTED_ORIGINS="*")


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux shows a process's limits")
def test_it_may_open_as_many_files_as_the_system_allows() -> None:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, most), most))
    try:
        with running_site("serve") as site:
            limits = Path(f"/proc/{site.pid}/limits").read_text()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))

    [line] = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert line.split()[3:5] == [str(most), str(most)]
