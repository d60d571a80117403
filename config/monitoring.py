"""To be seen from outside: whether the process lives, whether it can work, and its figures."""

import asyncio
import hmac
import os

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

# Whoever asks whether we are ready does not wait for long, in seconds; the bus has a bound of its own.
ANSWER_WITHIN = 1.0
# How old a worker's figures may be when another worker shows them, in seconds.
MEASURE_EVERY = 5.0


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
async def readyz(request: HttpRequest) -> HttpResponse:
    """The database and the bus answer; 503 while one does not, or while the server leaves."""
    database, bus = await asyncio.gather(_database.answers(), probe())
    checks = {"database": database, "bus": bus, "staying": not sio.eio.draining}
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


@require_safe
@never_cache
def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus' figures for who knows `METRICS_TOKEN`; without a token there are none."""
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    _set_gauges()
    registry = REGISTRY
    if metrics.FOLDER_VARIABLE in os.environ:  # several workers, see `serve`
        metrics.forget_the_dead()
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


async def measure() -> None:
    """Note what this process holds, for whichever worker is asked next."""
    _set_gauges()


def _set_gauges() -> None:
    metrics.sockets.set(len(sio.callers))
    metrics.transports.set(len(sio.eio.sockets))
    metrics.rooms.set(len(sio.manager.local_rooms(POST_ROOMS)))


class _Database:
    """Asks the database for a sign of life, in one thread at a time however many want to know."""

    def __init__(self) -> None:
        self._question: asyncio.Future[bool] | None = None

    async def answers(self) -> bool:
        """Whether it does, within `ANSWER_WITHIN`. A question that hangs is asked only once."""
        if self._question is None or self._question.done():
            self._question = asyncio.ensure_future(asyncio.to_thread(_database_answers))
        done, _ = await asyncio.wait([self._question], timeout=ANSWER_WITHIN)
        return bool(done) and self._question.result()


_database = _Database()


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    finally:
        connection.close()  # the thread's own; nothing else would
    return True
