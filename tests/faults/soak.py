"""All faults at random, for as long as one likes, and what became of the comments.

    python -m tests.faults.soak --minutes 10 --seed 7

Prints how many comments were sent and how many faults injected, and what readers lost, saw twice or in
the wrong order; ends with 1 if there was any of that.
"""

import argparse
import asyncio
import random
import re
import sys
import time
from collections import Counter

from .mischief import Mischief, proxied_crowd
from .oracle import Verdict
from .town import Town, founded_town

# After so many seconds the crowd rests and is compared with the database; then it goes on under a new
# post, so that an early loss is not found hours later among a hundred thousand comments.
ROUND = 60.0
# Every few rounds the network swallows everything for this long: both sides have given up by then.
LONG_TUNNEL = 60.0
TUNNEL_EVERY = 4


def say(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


async def one_round(
    town: Town, random_: random.Random, seconds: float, *, tunnel: bool
) -> tuple[Verdict, Counter[str]]:
    async with proxied_crowd(town, 36, seed=random_.randrange(10**9)) as (proxies, crowd):
        mischief = Mischief(town, proxies, random_, longest=6)
        crowd.start_writing(18)
        async with mischief.at_work(imps=3, pause=2):
            await asyncio.sleep(seconds)
        if tunnel:
            mischief.injected["a minute in a tunnel"] += 1
            for proxy in proxies:
                proxy.dam()
            await asyncio.sleep(LONG_TUNNEL)
            for proxy in proxies:
                proxy.mend()
        return await crowd.verdict(within=60), mischief.injected


async def soak(town: Town, minutes: float, seed: int) -> bool:
    """Whether all went well."""
    random_ = random.Random(seed)
    ends_at = time.monotonic() + 60 * minutes
    total = Verdict()
    injected: Counter[str] = Counter()
    number = 0
    while (left := ends_at - time.monotonic()) > 1:
        number += 1
        tunnel = number % TUNNEL_EVERY == 0 and left > LONG_TUNNEL
        verdict, faults = await one_round(town, random_, min(ROUND, left), tunnel=tunnel)
        say(f"round {number}: {faults.total()} faults; {verdict}")
        for problem in verdict.problems[:20]:
            say(f"  {problem}")
        total.add(verdict)
        injected += faults
    for name, times in injected.most_common():
        say(f"{times:6d} × {name}")
    say(f"{injected.total()} faults injected; {total}")
    return not total.problems


def complaints(town: Town) -> Counter[str]:
    """What the servers wrote to their logs, and how often, without what differs from line to line."""
    found: Counter[str] = Counter()
    for site in town.sites:
        for line in site.log.text().splitlines():
            if re.match(r"\w*(Error|Exception)|.* (WARNING|ERROR|CRITICAL) ", line):
                found[re.sub(r"[0-9a-zA-Z_-]*\d[\w.:-]*", "#", line)[:160]] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    wanted = parser.parse_args()
    say(f"replay with --seed {wanted.seed}")
    with founded_town() as town:
        went_well = asyncio.run(soak(town, wanted.minutes, wanted.seed))
        for line, times in complaints(town).most_common(12):
            say(f"{times:6d} × in the logs: {line}")
    sys.exit(0 if went_well else 1)


if __name__ == "__main__":
    main()
