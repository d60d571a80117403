"""How long work beside the requests leaves the database alone before it goes on.

What is bounded is its share of the database's time: it rests some times as long as it has worked. But how
long something took tells little of what it cost: it may have waited for a lock or a thread, or the process
stood still. So a rest has an end, and whoever rests bounds what they do between two rests instead. With both
the share stays bounded, and no stall, however long, keeps people waiting after it for long.
"""

LONGEST = 1.0
# Between two attempts while the database is away, at first and at most.
FIRST_AGAIN = 0.25
LAST_AGAIN = 2.0


def rest_after(worked: float, *, times: float, at_least: float = 0.0) -> float:
    """Seconds to rest after so many seconds of work."""
    return min(LONGEST, max(at_least, worked * times))


def again_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row. To ask a database that is away costs it nothing, and
    people wait for it to be back: so there is no end to it, and no long wait either."""
    return min(LAST_AGAIN, FIRST_AGAIN * 2.0 ** min(failures - 1, 10))
