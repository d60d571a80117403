"""Figures for whoever runs the site, in Prometheus' words. They know counts, never texts or names."""

from prometheus_client import Counter, Gauge, Histogram

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
