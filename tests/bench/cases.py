"""What is measured. Each trial starts a server, puts its load on it and returns the figures of its cases.

A trial serves several cases where opening the connections costs more than the load itself.
"""

import http.client
import statistics
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from realtime.statuses import GRACE, TICK
from tests.servers import redis_server

from . import announcer, decisions, machine, servers
from .load import HERD_CORE, SERVER_CORE, Bench, Measures, joined, loaded, opened, settled

HOT = 16  # comments in flight in a hot room
BUSY = 64  # comments in flight where many people write
ROOM_TOLD = 1.2  # seconds after the last join until everybody has been told who is in the room
HISTORIES = (100, 10_000, 100_000)  # comments of a post
NEWER = 20_000  # comments elsewhere that are newer than those
MISSED = 20  # comments that a reader who reconnects has missed
PAGES, JOINS = 20, 40  # of each history
FOLLOWERS = 20  # each of whom follows half of those who come and go
HELD = 400  # comments that wait for a moderator

Results = dict[str, Measures]  # by case


@dataclass(frozen=True, slots=True)
class Trial:
    """`cases` can be measured of each of `contestants`, wanted ones only, for so many `people`."""

    cases: tuple[str, ...]
    people: int
    run: Callable[[Bench, str, Collection[str]], Results]
    contestants: tuple[str, ...] = ("postroom", "node")
    wants_browser: bool = False


def trials(*, quick: bool) -> list[Trial]:
    """All trials in their order; a quick run has fewer and smaller ones."""
    rooms, storm, crowd, decided = (50, 300, 200, 100) if quick else (1_000, 5_000, 2_000, 500)
    sizes = {1: ("one", "hot"), 500: ("one", "hot", "relay-one", "relay-hot")}
    if quick:
        sizes[500] += ("idle",)
    else:
        sizes |= {2_000: ("one", "hot"), 8_000: ("idle", "one", "hot", "relay-one")}
    announcements = (3, 1) if quick else (10, 4)
    old = HISTORIES[:2] if quick else HISTORIES
    return [
        *(_room_trial(readers, kinds) for readers, kinds in sizes.items()),
        Trial((f"rooms-{rooms}",), rooms * 8, partial(many_rooms, rooms=rooms)),
        Trial(("accepted-20",), 20, accepted),
        Trial(
            (f"decision-{decided}",),
            decided + 1,  # whose page is looked at
            partial(decision, readers=decided),
            ("postroom",),
            wants_browser=not quick,
        ),
        Trial((f"reconnect-{storm}",), storm, partial(reconnect, readers=storm)),
        Trial(
            (f"statuses-{crowd}",),
            crowd + FOLLOWERS,
            partial(statuses, readers=crowd, until_gone=not quick),
            ("postroom",),
        ),
        Trial(
            (f"announcement-{storm}",),
            storm,
            partial(announcement, readers=storm, announcements=announcements),
            ("postroom",),
        ),
        Trial(tuple(f"history-{size}" for size in old), JOINS, histories),
        Trial((f"workers-{crowd}",), crowd, partial(workers, readers=crowd), ("one worker", "two workers")),
    ]


def _room_trial(readers: int, kinds: tuple[str, ...]) -> Trial:
    contestants = ("postroom", "node", "kernel") if readers > 1 else ("postroom", "node")
    run = partial(one_room, readers=readers)
    return Trial(tuple(f"{kind}-{readers}" for kind in kinds), readers, run, contestants)


# --- One room ---------------------------------------------------------------------------------------


def one_room(bench: Bench, contestant: str, wanted: Collection[str], *, readers: int) -> Results:
    """Everybody in one room: idle, one comment at a time, many at once; with and without the write."""
    if contestant == "kernel":
        return _plain_sends(bench, wanted, readers=readers)
    results: Results = {}
    file = bench.readers(bench.posts(), readers)
    with bench.server(contestant, relay=True) as served, bench.herd() as herd:
        if f"idle-{readers}" in wanted:
            # What a server needs for the first reader is no memory per reader.
            opened(herd, served.ports[0], bench.readers(bench.posts(), 20))
            herd.close_all()
            settled(served)
            before = served.memory_bytes()
        opened(herd, served.ports[0], file)
        herd.idle(ROOM_TOLD)
        if f"idle-{readers}" in wanted:
            herd.idle(3)
            each = (served.memory_bytes() - before) / readers
            results[f"idle-{readers}"] = {
                "memory_per_connection_kib": each / 1024,
                "memory_before_mib": before / 2**20,
            }
        for name, event, in_flight in _loads(readers):
            if name in wanted:
                results[name] = loaded(bench, served, herd, event=event, in_flight=in_flight)
    return results


def _loads(readers: int) -> list[tuple[str, str, int]]:
    return [
        (f"one-{readers}", "new_comment", 1),
        (f"hot-{readers}", "new_comment", HOT),
        (f"relay-one-{readers}", "relay", 1),
        (f"relay-hot-{readers}", "relay", HOT),
    ]


def _plain_sends(bench: Bench, wanted: Collection[str], *, readers: int) -> Results:
    """The limit under the same loads; with or without a write makes no difference to it."""
    results: Results = {}
    with bench.server("kernel", readers=readers) as served, bench.herd() as herd:
        opened(herd, served.ports[0], bench.readers([1], readers), raw=True)
        for in_flight in (1, HOT):
            names = [name for name, _, each in _loads(readers) if each == in_flight and name in wanted]
            if names:
                figures = loaded(bench, served, herd, in_flight=in_flight)
                results.update(dict.fromkeys(names, figures))
    return results


# --- Other loads ------------------------------------------------------------------------------------


def many_rooms(bench: Bench, contestant: str, wanted: Collection[str], *, rooms: int) -> Results:
    """Eight readers in each of many rooms, and people write in all of them."""
    file = bench.readers(bench.posts(rooms), 8)
    with bench.server(contestant) as served, bench.herd() as herd:
        opened(herd, served.ports[0], file)
        herd.idle(ROOM_TOLD)
        return {f"rooms-{rooms}": loaded(bench, served, herd, in_flight=BUSY)}


def accepted(bench: Bench, contestant: str, wanted: Collection[str]) -> Results:
    """Twenty readers write as fast as they are answered: delivery hardly counts, writing does."""
    file = bench.readers(bench.posts(), 20)
    with bench.server(contestant) as served, bench.herd() as herd:
        opened(herd, served.ports[0], file)
        herd.idle(ROOM_TOLD)
        return {"accepted-20": loaded(bench, served, herd, in_flight=BUSY)}


def decision(bench: Bench, contestant: str, wanted: Collection[str], *, readers: int) -> Results:
    """Everything is held first in a full room, and a moderator approves one comment after the other.

    First between bare sockets: what the server does. Then in a browser, where there is one: from a click at
    the desk to the page of one reader more.
    """
    post, session = bench.seed.ask("held", comments=HELD), bench.seed.ask("moderator")
    with bench.server(contestant) as served, bench.herd() as herd, bench.moderator() as moderator:
        [port] = served.ports
        opened(herd, port, bench.readers([post], readers))
        herd.idle(ROOM_TOLD)
        moderator.ask("sit_down", port=port, session=session, post_id=post)
        half = HELD // 2 - decisions.WARM
        figures = decisions.over_sockets(bench, served, herd, moderator, readers=readers, at_most=half)
        moderator.ask("get_up")
        if bench.browser is not None:
            address = bench.seed.ask("address", post_id=post)
            sessions = [session, bench.sessions[readers]]
            where = {"port": port, "post_id": post, "address": address, "sessions": sessions}
            moderator.ask("browse", chromium=str(bench.browser), **where)
            clicked = decisions.in_a_browser(bench, served, herd, moderator, at_most=half)
            figures |= {**clicked, "faults": figures["faults"] + clicked["faults"]}
    return {f"decision-{readers}": figures}


def reconnect(bench: Bench, contestant: str, wanted: Collection[str], *, readers: int) -> Results:
    """Everybody comes to a post, loses the connection and comes back: session, join, history each time."""
    comments = 100
    file = bench.readers(bench.posts(comments=comments), readers)
    with bench.server(contestant) as served, bench.herd() as herd:
        cpu = served.cpu_seconds()
        first = joined(opened(herd, served.ports[0], file), served, cpu)
        herd.close_all()
        settled(served)
        cpu = served.cpu_seconds()
        again = joined(opened(herd, served.ports[0], file, since=comments - MISSED), served, cpu)
    return {f"reconnect-{readers}": first | {f"again_{name}": value for name, value in again.items()}}


def statuses(
    bench: Bench, contestant: str, wanted: Collection[str], *, readers: int, until_gone: bool
) -> Results:
    """Thousands come, lose the connection and are back, and go for good: what followers hear of it."""
    file = bench.readers(bench.posts(), readers)
    bench.seed.ask("follow", followed=readers, followers=FOLLOWERS)
    with bench.server(contestant) as served, bench.herd() as herd, bench.followers() as followers:
        [port] = served.ports
        followers.ask("come", port=port, sessions=bench.sessions[readers : readers + FOLLOWERS])
        opened(herd, port, file)
        herd.idle(3 * TICK)
        came = followers.ask("heard")
        cpu = served.cpu_seconds()
        herd.close_all()
        storm = joined(opened(herd, port, file), served, cpu)
        herd.idle(GRACE + 3 * TICK)
        heard = {"came": came, "back": followers.ask("heard")}
        if until_gone:
            herd.close_all()
            time.sleep(GRACE + 4 * TICK)
            heard["went"] = followers.ask("heard")
        followers.ask("go")
    figures = {
        f"{when}_{name}_per_follower": told[name]
        for when, told in heard.items()
        for name in ("events", "statuses")
    }
    # Each follower follows half of them, and is told of each once as they come and once as they go.
    due = {"came": readers / 2, "back": 0, "went": readers / 2}
    missed = sum(abs(told["statuses"] - due[when]) for when, told in heard.items())
    return {f"statuses-{readers}": storm | figures | {"faults": missed * FOLLOWERS}}


def announcement(
    bench: Bench,
    contestant: str,
    wanted: Collection[str],
    *,
    readers: int,
    announcements: tuple[int, int],
) -> Results:
    """Everybody has a page open, and an admin announces something: to all of them, and to each by name."""
    file = bench.readers([1], readers)
    session = bench.seed.ask("admin")
    with bench.server(contestant) as served, bench.herd() as herd:
        [port] = served.ports
        opened(herd, port, file, inbox=True)
        settled(served)
        admin = announcer.Announcer(port, session)
        figures: Measures = {}
        names = [f"reader{number}" for number in range(readers)]
        for prefix, people, count in zip(("all", "each"), ([], names), announcements, strict=True):
            told = announcer.announced(
                bench, served, herd, admin, readers=readers, people=people, count=count
            )
            figures |= {f"{prefix}_{name}": value for name, value in told.items() if name != "faults"}
            figures["faults"] = figures.get("faults", 0) + told["faults"]
        admin.close()
    return {f"announcement-{readers}": figures}


def histories(bench: Bench, contestant: str, wanted: Collection[str]) -> Results:
    """A post with few, many and very many comments: its page, and the join. Only Postroom has pages."""
    results: Results = {}
    sizes = [size for size in HISTORIES if f"history-{size}" in wanted]
    for size in sizes:
        if size not in bench.old_posts:
            [bench.old_posts[size]] = bench.posts(comments=size)
    if NEWER not in bench.old_posts:
        # Under a live site's old post the newest comments are others': a walk from the newest must not do.
        [bench.old_posts[NEWER]] = bench.posts(comments=NEWER)
    with bench.server(contestant) as served:
        # The first is measured twice and the second time counts: whatever a new server does only once would
        # make the others look fast beside it.
        for size in [*sizes[:1], *sizes]:
            post = bench.old_posts[size]
            figures = _pages(bench, served.ports[0], post) if contestant == "postroom" else {}
            with bench.herd() as herd:
                opened(herd, served.ports[0], bench.readers([post], 10))
                settled(served, within=3)
                cpu = served.cpu_seconds()
                # One after the other: how long it takes, not how many fit.
                answer = opened(herd, served.ports[0], bench.readers([post], JOINS), in_flight=1)
                results[f"history-{size}"] = figures | joined(answer, served, cpu)
    return results


def _pages(bench: Bench, port: int, post: int) -> Measures:
    path = bench.seed.ask("address", post_id=post)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    cookie = {"Cookie": f"sessionid={bench.sessions[0]}"}
    times = []
    for _ in range(PAGES + 5):
        start = time.perf_counter()
        connection.request("GET", path, headers=cookie)
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status == 200, f"{path}: {answer.status}"
    connection.close()
    return {"page_ms": statistics.median(times[5:])}


def workers(bench: Bench, contestant: str, wanted: Collection[str], *, readers: int) -> Results:
    """One process on one core, or two over Redis on both, which the load generator then shares.

    A hot room first, then one comment at a time to see what the way through Redis takes.
    """
    with ExitStack() as stack:
        if contestant == "one worker":
            cores = [[SERVER_CORE]]
            redis_url = None
            herd = stack.enter_context(bench.herd())
        else:
            cores = [[SERVER_CORE], [HERD_CORE]]
            redis_url = stack.enter_context(redis_server())
            herd = stack.enter_context(bench.herd([SERVER_CORE, HERD_CORE]))
        served = stack.enter_context(
            servers.postroom(bench.var_dir, bench.database_url, cores=cores, redis_url=redis_url)
        )
        share = len(served.ports)
        figures: Measures = {}
        for people, in_flight, prefix in ((readers, HOT, ""), (min(readers, 500), 1, "alone_")):
            room, each = bench.posts(), people // share
            for index, port in enumerate(served.ports):
                opened(herd, port, bench.readers(room, each, skip=index * each))
            herd.idle(ROOM_TOLD)
            load = loaded(bench, served, herd, in_flight=in_flight)
            figures |= {f"{prefix}{name}": value for name, value in load.items()}
            herd.close_all()
            settled(served)
    return {f"workers-{readers}": figures}


def people_needed(chosen: Collection[Trial]) -> int:
    """How many people the trials need, as far as this machine lets a process hold connections."""
    wanted = max(trial.people for trial in chosen)
    possible = machine.raise_file_limit() - machine.SPARE_FILES
    return max(20, min(wanted, possible))
