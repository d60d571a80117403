"""Two tabs of one browser share an outbox; each is a process that sees the other's writes a moment late."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.tasks import comes_to

from .groups import PAGES
from .modules import HOME, serve

pytestmark = PAGES

Pair = tuple[Page, Page]
OUTBOX = """
const { Outbox } = await import('/static/js/models/outbox.js');
const outbox = new Outbox({ storage: localStorage, userId: '1', postId: '1' });
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
"""
# Both begin at the same time, so that their writes meet.
ADD = f"""async ([name, count, between]) => {{ {OUTBOX}
  await pause(Math.ceil(Date.now() / 500) * 500 - Date.now());
  for (let number = 0; number < count; number += 1) {{
    outbox.add({{ clientId: `${{name}}${{number}}`, content: 'x'.repeat(200) }});
    await pause(between);
  }}
}}"""
CONFIRM = f"""async ([name, count, between]) => {{ {OUTBOX}
  for (let number = 0; number < count; number += 1) {{
    outbox.remove(`${{name}}${{number}}`);
    await pause(between);
  }}
}}"""
# A refusal that comes after another tab's answer: `fail` for an entry that may be gone.
FAIL = f"""async ([name, count]) => {{ {OUTBOX}
  for (let number = 0; number < count; number += 1) {{
    outbox.fail(`${{name}}${{number}}`, {{ code: 'closed', message: '' }});
    await pause(0);
  }}
}}"""
LIST = f"async () => {{ {OUTBOX} return outbox.entries().map((entry) => entry.clientId).sort(); }}"


@pytest_asyncio.fixture(loop_scope="session")
async def tabs(browser: Browser) -> AsyncIterator[Pair]:
    context = await browser.new_context()
    await context.route("**", serve)
    pages = await context.new_page(), await context.new_page()
    for page in pages:
        await page.goto(HOME)
    yield pages
    await context.close()


async def are_left(tabs: Pair, wanted: Iterable[str]) -> None:
    """Both tabs, once they have heard of everything, and a third one find this in the outbox, and keep it."""
    found = sorted(wanted)
    for page in tabs:
        await comes_to(found, partial(page.evaluate, LIST))
    await asyncio.sleep(0.5)
    third = await tabs[0].context.new_page()
    await third.goto(HOME)
    for page in (*tabs, third):
        assert await page.evaluate(LIST) == found


def names(name: str, count: int) -> set[str]:
    return {f"{name}{number}" for number in range(count)}


@pytest.mark.parametrize(("count", "between"), [(100, 0), (60, 5)])
async def test_what_both_write_at_once_is_all_kept(tabs: Pair, count: int, between: int) -> None:
    await asyncio.gather(
        *(page.evaluate(ADD, [name, count, between]) for name, page in zip("ab", tabs, strict=True))
    )

    await are_left(tabs, names("a", count) | names("b", count))


async def test_what_one_writes_while_the_other_confirms_is_kept_and_nothing_comes_back(tabs: Pair) -> None:
    here, there = tabs
    for turn in range(3):
        await here.evaluate(ADD, [f"a{turn}-", 60, 0])
        await asyncio.sleep(0.2)

        await asyncio.gather(
            here.evaluate(CONFIRM, [f"a{turn}-", 60, 5]), there.evaluate(ADD, [f"b{turn}-", 20, 15])
        )

    await are_left(tabs, {name for turn in range(3) for name in names(f"b{turn}-", 20)})


async def test_what_one_confirms_while_the_other_fails_it_does_not_come_back(tabs: Pair) -> None:
    here, there = tabs
    await here.evaluate(ADD, ["a", 100, 0])
    await asyncio.sleep(0.2)

    await asyncio.gather(here.evaluate(CONFIRM, ["a", 100, 0]), there.evaluate(FAIL, ["a", 100]))

    await are_left(tabs, [])
    kept = await here.evaluate("Object.values(localStorage)")
    assert not any("content" in str(json.loads(value)) for value in kept)
