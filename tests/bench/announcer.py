"""An admin who announces something to everybody, or to people by name, by the admin's own form."""

import http.client
import re
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from .herd import Herd
from .load import Bench, Measures
from .servers import Served

PATH = "/admin/accounts/systemnotice/add/"
WARM = 1  # announcements that do not count
# The first announcement brings everybody all that came before; it may take its time.
HEARD_WITHIN = 120.0  # seconds
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_COOKIE = re.compile(r"csrftoken=(\w+)")


class Announcer:
    def __init__(self, port: int, session: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = f"sessionid={session}"
        self._http.request("GET", PATH, headers={"Cookie": self._cookies})
        answer = self._http.getresponse()
        page = answer.read().decode()
        token, cookie = _TOKEN.search(page), _COOKIE.search(answer.headers["Set-Cookie"] or "")
        assert token is not None, answer.status
        assert cookie is not None
        self._token = token[1]
        self._cookies += f"; csrftoken={cookie[1]}"

    def announce(self, text: str, people: Sequence[str] = ()) -> tuple[int, int]:
        """When it was sent and when it was answered, in nanoseconds of the machine's monotonic clock."""
        fields = {
            "csrfmiddlewaretoken": self._token,
            "text": text,
            "audience": "people" if people else "all",
            "people": " ".join(people),
            "path": "/",
        }
        headers = {"Cookie": self._cookies, "Content-Type": "application/x-www-form-urlencoded"}
        self._http.close()  # the server has, if it was idle for long
        sent = time.monotonic_ns()
        self._http.request("POST", PATH, urlencode(fields), headers)
        answer = self._http.getresponse()
        answer.read()
        assert answer.status == 302, answer.status
        return sent, time.monotonic_ns()

    def close(self) -> None:
        self._http.close()


def announced(
    bench: Bench,
    served: Served,
    herd: Herd,
    announcer: Announcer,
    *,
    readers: int,
    people: Sequence[str],
    count: int,
) -> Measures:
    """So many; each goes out when everybody has heard the one before; to all, or to `people` by name."""
    complete: list[float] = []
    answered: list[float] = []
    faults = 0
    cpu = database = 0.0
    for number in range(WARM + count):
        if number == WARM:
            cpu, database = served.cpu_seconds(), bench.database_cpu_seconds()
        sent, done = announcer.announce(f"Announcement {number}", people)
        heard = herd.hear(readers, seconds=HEARD_WITHIN)
        if heard["events"] != readers:
            faults += abs(readers - heard["events"])
        elif number >= WARM:
            complete.append((heard["last"] - sent) / 1e6)
            answered.append((done - sent) / 1e6)
        herd.idle(0.5)
    if not complete:
        raise RuntimeError("no announcement reached everybody")
    complete.sort()
    answered.sort()
    return {
        "last_p50_ms": complete[len(complete) // 2],
        "last_max_ms": complete[-1],
        "answered_p50_ms": answered[len(answered) // 2],
        "cpu_ms": (served.cpu_seconds() - cpu) / len(complete) * 1e3,
        "database_cpu_ms": (bench.database_cpu_seconds() - database) / len(complete) * 1e3,
        "faults": float(faults),
    }
