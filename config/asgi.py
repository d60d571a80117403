"""The ASGI application: Channels tells pages and sockets apart, python-socketio serves the latter."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()

# These need the app registry, which the line above has filled.
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

import comments.sockets  # noqa: F401  (registers its requests)
from realtime.server import sio

application = ProtocolTypeRouter(
    {
        "http": URLRouter([re_path(r"^socket\.io/", sio), re_path(r"", pages)]),
        "websocket": URLRouter([re_path(r"^socket\.io/", sio), re_path(r"", sio.reject)]),
    }
)
