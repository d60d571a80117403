"""Real servers for tests: this project's own in a process of its own, and what stands beside it.

    with running_site("serve") as site:
        owner = site.person("owner")
        post_id = site.post(author=owner)
        requests.get(site.url, cookies={"sessionid": owner.session})

A site has its own directory and database and can be stopped and started again. People, posts and
sessions are made by a clerk, a process that shares the site's settings; see `tests.clerk`.
"""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Literal

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
START_WITHIN = 60.0  # seconds until a server must answer; a busy machine is slow
STOP_WITHIN = 20.0  # seconds after SIGTERM until it must be gone; `serve` drains for up to 10
# Nothing else of the environment reaches a server: a developer's own settings are not under test.
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR")

Command = Literal["serve", "runserver"]


@dataclass(frozen=True, slots=True)
class Person:
    """A user of a site and one of their sessions, as the value of its cookie."""

    id: int
    username: str
    session: str


class Site:
    """One installation and the server process that serves it.

    `environment` goes over the defaults (DEBUG on, SQLite in `var_dir`). With `watched` the process
    can be asked what it holds in memory: see `report`.
    """

    def __init__(
        self,
        var_dir: Path,
        command: Command = "serve",
        *,
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        watched: bool = False,
    ) -> None:
        self.var_dir = var_dir
        self.command = command
        self.arguments = list(arguments)
        self.port = free_port()
        self.log = Log(var_dir / "server.log")
        self.environment = {
            **{name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": "a secret that only tests know",
            "DEBUG": "1",
            "VAR_DIR": str(var_dir),
            **(environment or {}),
        }
        self._watched = watched
        self._watch: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._clerk: Clerk | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process; with several workers, their parent."""
        return self._running().pid

    @property
    def is_running(self) -> bool:
        return self._process is not None

    # --- The process -------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the directory and migrate the database."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        if "DATABASE_URL" in self.environment:
            self.manage("migrate", "--verbosity", "0")
        else:
            shutil.copy(_migrated_database(), self.var_dir / "db.sqlite3")

    def manage(self, *arguments: str) -> str:
        """Run one management command of this site; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Start the server, at the same address as before, and wait until it answers."""
        if self.command == "serve":
            arguments = ["serve", "--host", "127.0.0.1", "--port", str(self.port)]
        else:
            arguments = ["runserver", "--noreload", f"127.0.0.1:{self.port}"]
        program = ["manage.py"]
        environment = self.environment
        with ExitStack() as stack:
            inherited = []
            if self._watched:
                ours, theirs = map(stack.enter_context, socket.socketpair())
                ours.settimeout(10)
                self._watch = ours.makefile("rw")
                inherited = [theirs.fileno()]
                program = ["-m", "tests.watched"]
                environment = {**environment, "WATCH_FD": str(theirs.fileno())}
            self._process = subprocess.Popen(
                [sys.executable, *program, *arguments, *self.arguments],
                cwd=BASE_DIR,
                env=environment,
                pass_fds=inherited,
                stdin=subprocess.DEVNULL,
                stdout=stack.enter_context(self.log.path.open("ab")),
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End the server as a service manager would; fails if it does not go."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"{self.command} did not stop on SIGTERM:\n{self.log.text()}")
        self._forget_process()
        # uvicorn ends its process by the signal that stopped it, daphne by itself.
        assert status in (0, -signal.SIGTERM), f"exit status {status}:\n{self.log.text()}"

    def kill(self) -> None:
        """End the server, and its workers, without a chance to say goodbye."""
        process = self._running()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._forget_process()

    def close(self) -> None:
        """Stop what runs for this site."""
        try:
            if self._process is not None:
                self.stop()
        finally:
            if self._clerk is not None:
                self._clerk.close()
                self._clerk = None

    def report(self) -> dict[str, Any]:
        """What the server holds in memory; see `tests.watched.describe`."""
        assert self._watched, "only a watched site can tell"
        assert self._watch is not None, "the server does not run"
        self._watch.write("report\n")
        self._watch.flush()
        report: dict[str, Any] = json.loads(self._watch.readline())
        return report

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server does not run"
        return self._process

    def _forget_process(self) -> None:
        self._process = None
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            status = self._running().poll()
            if status is not None:
                self._forget_process()
                pytest.fail(f"{self.command} ended with {status}:\n{self.log.text()}")
            try:
                urllib.request.urlopen(f"{self.url}/i18n/catalogue.js", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.kill()
        pytest.fail(f"{self.command} did not answer in {START_WITHIN} s:\n{self.log.text()}")

    # --- What it serves ----------------------------------------------------------------------

    def ask_clerk(self, task: str, **details: Any) -> Any:
        """Have the clerk do one of the tasks of `tests.clerk`."""
        if self._clerk is None:
            self._clerk = Clerk(self.environment, self.var_dir / "clerk.log")
        return self._clerk.ask(task, **details)

    def person(self, username: str, **details: Any) -> Person:
        """A user with a new session, made if there is none of this name (see `tests.clerk.person`)."""
        return Person(username=username, **self.ask_clerk("person", username=username, **details))

    def session(self, person: Person, **details: Any) -> Person:
        """The same person in another session, as from another browser."""
        session = self.ask_clerk("session", user_id=person.id, **details)
        return Person(person.id, person.username, session)

    def post(self, *, author: Person, **fields: Any) -> int:
        """A new post that readers can see; `fields` are the model's. Its id."""
        return int(self.ask_clerk("post", author_id=author.id, **fields))

    def fill(self, post_id: int, *, author: Person, contents: Sequence[str]) -> None:
        """Give a post comments, oldest first."""
        self.ask_clerk("fill", post_id=post_id, author_id=author.id, contents=list(contents))

    def verb(self, name: str, *arguments: Any, by: Person, **details: Any) -> Any:
        """Have somebody moderate, from another process than the server's; see `tests.clerk`."""
        return self.ask_clerk("verb", name=name, by=by.id, arguments=arguments, **details)

    def stored(self, post_id: int) -> list[dict[str, Any]]:
        """The comments of a post as the database has them, oldest first, whatever their status."""
        rows: list[dict[str, Any]] = self.ask_clerk("stored", post_id=post_id)
        return rows


class Log:
    """What a server has written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def text(self, since: int = 0) -> str:
        """Everything after position `since`."""
        return self.path.read_bytes()[since:].decode(errors="replace") if self.path.exists() else ""

    @property
    def position(self) -> int:
        """Where the log ends now."""
        return self.path.stat().st_size if self.path.exists() else 0


class Clerk:
    """The process that writes into a site's database on behalf of a test."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.clerk"],
                cwd=BASE_DIR,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def ask(self, task: str, **details: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([task, details]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"problem": "the clerk is gone"}')
        assert "problem" not in answer, f"{task}: {answer['problem']}"
        return answer["result"]

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def running_site(
    command: Command = "serve",
    *,
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    watched: bool = False,
) -> Iterator[Site]:
    """A site in a directory of its own, served until the block ends."""
    with tempfile.TemporaryDirectory(prefix="postroom-") as directory:
        site = Site(
            Path(directory) / "var",
            command,
            environment=environment,
            arguments=arguments,
            watched=watched,
        )
        site.prepare()
        try:
            site.start()
            yield site
        finally:
            site.close()


@lru_cache(maxsize=1)
def _migrated_database() -> Path:
    """An empty database to copy: migrating takes longer than everything else about a new site."""
    directory = Path(tempfile.mkdtemp(prefix="postroom-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    Site(directory).manage("migrate", "--verbosity", "0")
    return directory / "db.sqlite3"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- Beside it --------------------------------------------------------------------------------


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of one's own, empty and kept in memory only; its URL. Skips where there is none."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="postroom-redis-") as directory:
        command = redis_command(directory, port)
        with _process(command, Path(directory) / "log", stop_with=signal.SIGTERM) as process:
            wait_for_port(port, process, Path(directory) / "log")
            yield f"redis://127.0.0.1:{port}/0"


def redis_command(directory: str | Path, port: int) -> list[str]:
    """How to start a Redis in an empty directory. Skips where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    options = {
        "dir": str(directory),
        "port": str(port),
        "bind": "127.0.0.1",
        "save": "",
        "appendonly": "no",
    }
    return [program, *(part for name, value in options.items() for part in (f"--{name}", value))]


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of one's own with an empty database; its URL. Skips where there is none."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="postroom-pg-") as directory:
        command = postgres_command(directory, port)
        log = Path(directory) / "log"
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for connections to end.
        with _process(command, log, stop_with=signal.SIGINT, user=postgres_user()) as process:
            wait_for_port(port, process, log)
            yield wait_for_postgres(port)


def postgres_command(directory: str | Path, port: int) -> list[str]:
    """How to start a PostgreSQL for which an empty directory is made ready here; as `postgres_user`.
    Skips where there is none."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("the PostgreSQL server is not installed")
    user = postgres_user()
    if user is not None:
        shutil.chown(directory, user)
    data = Path(directory) / "data"
    options = ["-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync"]
    made = subprocess.run(
        [str(programs / "initdb"), *options, "-E", "UTF8", "--locale=C.UTF-8"],
        user=user,
        cwd=directory,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    settings = {"fsync": "off", "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
    return [*command, *(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))]


def postgres_user() -> str | None:
    """Who runs it: PostgreSQL refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else None


def _postgres_programs() -> Path | None:
    """The newest directory with PostgreSQL's server in it."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def wait_for_postgres(port: int) -> str:
    """Until a PostgreSQL takes connections; the URL of its first, empty database."""
    programs = _postgres_programs()
    assert programs is not None
    url = f"postgres://postgres@127.0.0.1:{port}/postgres"
    deadline = time.monotonic() + START_WITHIN
    command = [str(programs / "pg_isready"), "-q", "-d", url]
    while subprocess.run(command, user=postgres_user(), cwd="/").returncode != 0:
        assert time.monotonic() < deadline, "PostgreSQL does not take connections"
        time.sleep(0.05)
    return url


@contextmanager
def _process(
    command: Sequence[str], log: Path, *, stop_with: signal.Signals, user: str | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, user=user, cwd=log.parent
        )
    try:
        yield process
    finally:
        process.send_signal(stop_with)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"nothing listens on port {port}:\n{log.read_text(errors='replace')}")
