"""To be seen from outside: whether the process lives, whether it can work, and its figures."""

import hmac
import os

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from comments.events import POST_ROOMS
from realtime import metrics
from realtime.bus import probe
from realtime.server import sio


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
async def readyz(request: HttpRequest) -> HttpResponse:
    """The database and the bus answer; 503 while one does not, or while the server leaves."""
    checks = {
        "database": await sync_to_async(_database_answers)(),
        "bus": await probe(),
        "staying": not sio.eio.draining,
    }
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


@require_safe
@never_cache
def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus' figures for who knows `METRICS_TOKEN`; without a token there are none."""
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    metrics.sockets.set(len(sio.callers))
    metrics.transports.set(len(sio.eio.sockets))
    metrics.rooms.set(len(sio.manager.local_rooms(POST_ROOMS)))
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # several workers, see `serve`
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
