"""What each kind of work costs: found in the measured figures, or assumed with a reason.

CPU times are microseconds of the server's own time, user and system, as the bench counts it: over loopback,
without TLS, with rate limits off and PostgreSQL's fsync off.
"""

import math
from dataclasses import dataclass, field, fields

# The program's own numbers; a test compares them with the code.
PING_EVERY = 25.0
HEARTBEAT_EVERY = 15.0
SWEEP_EVERY = 30.0
TICK_EVERY = 1.0
PRESENCE_EVERY = 1.0
PRESENCE_SOCKETS = 2_000
PRESENCE_REPEATED = 30.0
PULSE_EVERY = 1.0
MESSAGES_AT_ONCE = 100
LARGEST_BATCH = 100
DRAIN = 5.0
CONNECT_WITHIN = 20.0
# Sockets of the smallest process whose writes were measured; smaller ones are taken to cost the same.
SMALLEST = 500
# What the bench keeps in flight.
HOT, BUSY = 16, 64
ROOM_OF_MANY = 8  # readers in each of many rooms


@dataclass(frozen=True, slots=True)
class Costs:
    """Fitted: the values here are where the search begins, and stay where nothing measured tells.

    CPU in microseconds: `request` is a comment read, checked, encoded and confirmed; `transaction`,
    `comment` and `post` are writing one transaction, each comment in it, each further post in it; `write` is
    one write to a socket in a process of 500, `growth` the factor by which it rises with ten times as many
    sockets; `event` is each event in a write, for each socket. `together` is the share of comments in flight
    that leave in the same write.
    """

    request: float = 150.0
    transaction: float = 1_000.0
    comment: float = 150.0
    post: float = 100.0
    write: float = 8.0
    growth: float = 1.2
    event: float = 0.2
    together: float = 0.5
    # PostgreSQL's CPU in microseconds.
    database_transaction: float = 600.0
    database_comment: float = 60.0
    database_post: float = 40.0
    # By the clock: milliseconds in which a comment waits for the database and for threads to wake up, and how
    # much longer than its CPU time work takes.
    wait_ms: float = 2.0
    stretch: float = 1.5
    # Taken as measured.
    join: float = 1_000.0
    join_back: float = 1_000.0
    join_alone: float = 3_000.0
    connection_kib: float = 12.0
    process_mib: float = 105.0
    event_bytes: float = 710.0
    history_bytes: float = 30_000.0
    back_bytes: float = 12_000.0

    def write_among(self, sockets: float) -> float:
        """One write, where the process has so many sockets: more of them fit less well into its caches."""
        return float(self.write * max(self.growth, 1.0) ** math.log10(max(sockets, SMALLEST) / SMALLEST))

    def in_one_write(self, in_flight: float) -> float:
        """How many of the comments that come together leave in the same write."""
        return max(1.0, min(1.0, self.together) * in_flight)

    def delivering(self, readers: float, *, sockets: float, at_once: float = 1.0) -> float:
        """CPU of one event for so many readers, where `at_once` of them share a write."""
        return readers * (self.write_among(sockets) / at_once + self.event)

    def writing(self, batch: float, *, posts: float = 1.0) -> float:
        """CPU of one comment, `batch` of which share a transaction that touches so many posts."""
        return (
            self.request
            + self.comment
            + (self.transaction + max(0.0, min(posts, batch) - 1) * self.post) / batch
        )

    def storing(self, batch: float, *, posts: float = 1.0) -> float:
        """PostgreSQL's CPU for the same."""
        more = max(0.0, min(posts, batch) - 1) * self.database_post
        return self.database_comment + (self.database_transaction + more) / batch


def _assume(value: float, unit: str, why: str) -> float:
    found: float = field(default=value, metadata={"unit": unit, "why": why})
    return found


@dataclass(frozen=True, slots=True)
class Assumed:
    """Not measured by the bench. Each stands with its reason in the document."""

    bus_send: float = _assume(
        120, "us", "one publish through channels-redis, tried by hand, not by the bench"
    )
    bus_hear: float = _assume(
        200, "us", "one message heard by a process, its own included; tried by hand in the same way"
    )
    bus_each: float = _assume(10, "us", "each further message that travels in the same one")
    pong: float = _assume(15, "us", "reading a pong: a read from the kernel and one call")
    tick: float = _assume(0.2, "us", "the clock looks at each socket once a second")
    encode: float = _assume(15, "us", "a presence or heartbeat as JSON and as a frame")
    verify: float = _assume(60, "us", "one session of a sweep: a row, its signature and the password's hash")
    budget: float = _assume(150, "us", "one rate limit asked of Redis; the bench lifts them")
    budgets_per_join: float = _assume(3, "", "one lock, one handshake, one join")
    budgets_per_comment: float = _assume(2, "", "one for the writer, one for the writer under this post")
    kernel_kib: float = _assume(6, "KiB", "an idle TCP connection in the kernel, which the bench cannot see")
    proxy_kib: float = _assume(
        50, "KiB", "a TLS connection in nginx, its buffers, and both ends in the kernel"
    )
    proxy_write: float = _assume(15, "us", "one message through nginx, encrypted")
    proxy_join: float = _assume(1_500, "us", "a TLS handshake and the upgrade; resumed sessions cost less")
    packet_bytes: float = _assume(
        100, "bytes", "headers of frame, TLS record, TCP, IP and Ethernet per write"
    )
    redis_publish: float = _assume(10, "us", "Redis: one message in")
    redis_copy: float = _assume(3, "us", "Redis: one message out to one process")
    redis_budget: float = _assume(15, "us", "Redis: one rate limit")
    database_join: float = _assume(300, "us", "PostgreSQL: a join's share of the queries that answer it")
    database_verify: float = _assume(10, "us", "PostgreSQL: a session and its user in a sweep")
    database_room: float = _assume(5, "us", "PostgreSQL: one post of a heartbeat")
    fsync_ms: float = _assume(2, "ms", "a commit that reaches the disk; the bench does without")
    comment_bytes: float = _assume(
        1_200,
        "bytes",
        "a comment of 200 characters: text, HTML, five indexes, dead versions of the post's row",
    )


ASSUMED = Assumed()


def names_of(kind: type[Costs] | type[Assumed]) -> list[str]:
    return [each.name for each in fields(kind)]
