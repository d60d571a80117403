"""`manage.py serve`: the production server, uvicorn with everything this project needs of it."""

import errno
import logging
import os
import resource
import shutil
import socket
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.checks import ERROR
from django.core.management.base import BaseCommand, CommandError
from uvicorn.supervisors import Multiprocess

from config.checks import check_workers
from config.static import collect_if_stale
from realtime.doors import Door
from realtime.handoff import FOLDER_VARIABLE
from realtime.server import MAX_MESSAGE_BYTES
from realtime.uvicorn_protocols import WebSocketProtocol

logger = logging.getLogger("postroom.realtime")


class Command(BaseCommand):
    help = "Serve the site with uvicorn and uvloop."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port; 0 takes a free one")
        parser.add_argument("--workers", type=int, default=1, help="processes; more than one needs Redis")

    def handle(self, *, host: str, port: int, workers: int, **options: Any) -> None:
        if workers < 1:
            raise CommandError("--workers must be at least 1.")
        for problem in check_workers(workers):
            if problem.level >= ERROR:
                raise CommandError(f"{problem.id}: {problem.msg} {problem.hint}")
        if not settings.DEBUG:
            collect_if_stale()
        _allow_many_files()
        listener = _listen(host, port)
        bound = listener.getsockname()[1]
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
        self.stdout.write(f"Postroom is at http://{shown}:{bound}/ (stop with Ctrl+C)")
        self.stdout.flush()

        config = uvicorn.Config(
            "config.asgi:application",
            host=host,
            port=bound,
            workers=workers,
            loop="uvloop",
            http=Door,
            ws=WebSocketProtocol,
            ws_max_size=MAX_MESSAGE_BYTES,
            # Engine.IO has pings of its own, and a comment is too short to be worth compressing.
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="off",
            proxy_headers=True,
            forwarded_allow_ips=settings.TRUSTED_PROXIES,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=settings.DRAIN_SECONDS + 5,
        )
        if workers > 1:
            _share(settings.VAR_DIR)
            Multiprocess(config, sockets=[listener]).run()
            return
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def _share(var_dir: Path) -> None:
    """Give the workers a folder for figures that each can add up, and one for handing over connections."""
    for name, variable in (("metrics", "PROMETHEUS_MULTIPROC_DIR"), ("workers", FOLDER_VARIABLE)):
        folder = Path(var_dir) / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        os.environ[variable] = str(folder)


def _allow_many_files() -> None:
    """As many open files as the system lets this process have: each connection is one, and the usual
    allowance is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (OSError, ValueError) as problem:  # macOS names a limit that it does not grant
        logger.info("the limit of open files stays as it is: %s", problem)


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket, or a sentence about why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted sockets inherit it: a peer that acknowledges nothing for so long, in milliseconds, is gone.
    # Without it the kernel keeps what was sent to a dead phone for a quarter of an hour.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000)
    try:
        listener.bind((host, port))
    except OSError as problem:
        listener.close()
        if problem.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} is taken. Stop what uses it or choose another, as in: make run PORT=8123"
            ) from problem
        raise CommandError(f"Cannot listen on {host}:{port}: {problem.strerror}.") from problem
    listener.set_inheritable(True)
    return listener
