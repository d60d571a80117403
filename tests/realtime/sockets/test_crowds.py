"""Many from one address, with budgets: scripts are held back, and whoever has a session gets in."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterator

import pytest

from realtime.budgets import FAILED_FROM_ADDRESS, SOCKETS_PER_USER, USER_IS_FULL
from tests.faults.wires import Wire
from tests.servers import Person, Site, running_site

from .raw import RawPolling, frames_until_closed
from .reader import Reader, refusal

pytestmark = pytest.mark.xdist_group("crowds")


# Connections that may wait to be let in: half of those that an address may have.
WAITING = 200
ENVIRONMENT = {"DEBUG": "0", "SOCKETS_PER_ADDRESS": str(2 * WAITING)}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site(environment=ENVIRONMENT, watched=True) as site:
        yield site


async def test_the_socket_too_many_of_a_user_hears_when_to_try_again(site: Site) -> None:
    owner = site.person("owner")
    readers = [await Reader(site, owner, "websocket").open() for _ in range(SOCKETS_PER_USER)]

    refused = await refusal(site, owner, "websocket")

    assert refused["data"]["code"] == "rate_limited"
    assert refused["data"]["retryAfter"] == USER_IS_FULL
    for reader in readers:
        await reader.close()


async def test_transports_that_say_nothing_lock_nobody_out(site: Site) -> None:
    silent = [Wire(site) for _ in range(WAITING + 50)]
    try:
        for wire in silent:
            await wire.open(connect=False)
        reader = await Reader(site, site.person("stranger"), "websocket").open()
        polling = RawPolling(site, {})
        await polling.open()

        assert reader.client.connected
        # The oldest had to go for those who came later.
        async with asyncio.timeout(1):
            await asyncio.gather(*(wire.until_closed() for wire in silent[:50]))

        await reader.close()
        await polling.close()
    finally:
        Wire.all_vanish()


async def test_a_script_with_ever_new_cookies_is_told_to_wait_and_a_session_is_let_in(site: Site) -> None:
    """Last, as the address stays over its budget."""
    codes: Counter[str] = Counter()

    async def try_a_cookie() -> None:
        nobody = Person(0, "nobody", secrets.token_hex(16))
        wire = await Wire(site, nobody).open(connect=False)
        await wire.say("40")
        frames = "".join(await wire.until_closed())
        codes["rate_limited" if '"rate_limited"' in frames else "sign_in"] += 1
        assert ('"retryAfter":' in frames) == ('"rate_limited"' in frames)
        wire.vanish()

    for _ in range(10):
        await asyncio.gather(*(try_a_cookie() for _ in range(20)))

    assert codes == {
        "sign_in": FAILED_FROM_ADDRESS.amount,
        "rate_limited": 200 - FAILED_FROM_ADDRESS.amount,
    }
    reader = await Reader(site, site.person("colleague"), "websocket").open()
    assert reader.client.connected
    await reader.close()
    no_cookie = RawPolling(site, {})
    await no_cookie.open()
    await no_cookie.send("40")
    assert '"sign_in"' in str((await frames_until_closed(no_cookie))[0])
    await no_cookie.close()
