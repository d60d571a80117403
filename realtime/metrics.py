"""Figures for whoever runs the site, in Prometheus' words. They know counts, never texts or names."""

import os
from contextlib import suppress
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.multiprocess import mark_process_dead

# `serve` names a folder here when there are several workers; each keeps its figures in it.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

# From the click to the commit to the reader: below a hundredth of a second, or worth a look.
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

sockets = Gauge("postroom_sockets", "Admitted sockets.", multiprocess_mode="livesum")
transports = Gauge("postroom_transports", "Open connections, admitted or not.", multiprocess_mode="livesum")
rooms = Gauge("postroom_rooms", "Post rooms with somebody in them.", multiprocess_mode="livesum")
deliveries = Counter("postroom_deliveries_total", "Events put on their way to one socket each.")
events = Counter("postroom_events_total", "Events published to a room by this process.")
requests = Histogram(
    "postroom_request_seconds", "From a request's arrival to its answer.", ["event"], buckets=_SECONDS
)
refusals = Counter("postroom_refusals_total", "Requests and handshakes refused.", ["code"])
joins = Counter("postroom_joins_total", "Rooms entered, by what the reader needed.", ["kind"])
comments = Counter("postroom_comments_total", "Comments accepted over sockets.")
ended = Counter("postroom_sessions_ended_total", "Sockets closed with their session.", ["reason"])
slow_readers = Counter("postroom_slow_readers_total", "Connections dropped because they did not read.")
bus_lost = Counter("postroom_bus_lost_total", "Times the other processes could not be heard.")


def forget_the_dead() -> None:
    """Take out what workers held that are gone; what they have counted stays."""
    for path in Path(os.environ[FOLDER_VARIABLE]).glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not _is_alive(pid):
            with suppress(FileNotFoundError):  # another worker is asked at the same time
                mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):  # the latter: somebody else has the number now
        return False
    return True
