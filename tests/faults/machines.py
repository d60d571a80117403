"""What a site stands on, made to fail: a PostgreSQL and a Redis that can be killed, paused and started."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.servers import (
    STOP_WITHIN,
    free_port,
    postgres_command,
    postgres_user,
    redis_command,
    wait_for_port,
    wait_for_postgres,
)


class Machine:
    """One program at one address, which stays the same however often it is started."""

    def __init__(self, command: Sequence[str], port: int, log: Path, *, user: str | None = None) -> None:
        self.port = port
        self._command = command
        self._log = log
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self._user,
                cwd=self._log.parent,
                start_new_session=True,
            )
        wait_for_port(self.port, self._process, self._log)

    def stop(self, with_signal: signal.Signals = signal.SIGINT) -> None:
        """End it; PostgreSQL does not wait for its connections on SIGINT, and Redis has nothing to save."""
        self.send(signal.SIGCONT)
        self.send(with_signal)
        self._running().wait(STOP_WITHIN)
        self._process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def pause(self) -> None:
        """Hang: connections stay open and nobody answers."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)

    def send(self, signal_: signal.Signals) -> None:
        os.kill(self._running().pid, signal_)

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def heal(self) -> None:
        """Make it work again, whatever has been done to it."""
        if self.is_running:
            self.resume()
        else:
            self.start()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it does not run"
        return self._process


class Redis(Machine):
    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class Postgres(Machine):
    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        super().start()
        wait_for_postgres(self.port)


M = TypeVar("M", bound=Machine)


@contextmanager
def redis_machine() -> Iterator[Redis]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="postroom-redis-") as directory:
        redis = Redis(redis_command(directory, port), port, Path(directory) / "log")
        yield from _running(redis)


@contextmanager
def postgres_machine() -> Iterator[Postgres]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="postroom-pg-") as directory:
        command = postgres_command(directory, port)
        postgres = Postgres(command, port, Path(directory) / "log", user=postgres_user())
        yield from _running(postgres)


def _running(machine: M) -> Iterator[M]:
    machine.start()
    try:
        yield machine
    finally:
        if machine.is_running:
            machine.stop()
