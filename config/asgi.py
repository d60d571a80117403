"""The ASGI application: Channels tells pages and sockets apart, python-socketio serves the latter."""

import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()

# These need the app registry, which the line above has filled.
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

import accounts.notifications.sockets
import accounts.sockets
import accounts.status.sockets  # noqa: F401  (registers its requests)
import comments.chat.sockets
import comments.desk.sockets
import comments.sockets  # noqa: F401  (registers its requests)
from config import monitoring
from config.bodies import BoundedBody
from realtime.server import sio

sio.every(monitoring.MEASURE_EVERY, monitoring.measure)

# Django's stubs know views only, and Channels routes to ASGI applications.
http: list[Any] = [re_path(r"^socket\.io/", cast(Any, sio)), re_path(r"", cast(Any, BoundedBody(pages)))]
websocket: list[Any] = [re_path(r"^socket\.io/", cast(Any, sio)), re_path(r"", cast(Any, sio.reject))]

router = ProtocolTypeRouter({"http": URLRouter(http), "websocket": URLRouter(websocket)})


async def application(scope: Any, receive: Any, send: Any) -> None:
    # Here and not at the first socket: a process that has served pages only publishes too.
    sio.start()
    await router(scope, receive, send)
