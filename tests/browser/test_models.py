"""The classes that hold a page's state, tested by node where it is there, and in the browser always."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.servers import BASE_DIR

from .modules import HOME, serve

HERE = Path(__file__).parent
TESTS = sorted((HERE / "models").glob("*.test.mjs"))
RUN = """async (module) => {
  const { run } = await import('node:test');
  const { count } = await import('node:assert/strict');
  await import(module);
  return { results: await run(), asserted: count() };
}"""


@pytest.mark.xdist_group("browser-pages")
def test_they_pass_in_node() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed; the browser runs the same tests")
    run = subprocess.run(
        [node, "--test", *TESTS], cwd=BASE_DIR, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.xdist_group("browser-pages")
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name.removesuffix(".test.mjs"))
async def test_they_pass_in_the_browser(browser: Browser, path: Path) -> None:
    page = await browser.new_page()
    await page.route("**", serve)
    await page.goto(HOME)
    outcome = await page.evaluate(RUN, f"/{path.relative_to(BASE_DIR)}")
    await page.close()
    failed = [result for result in outcome["results"] if result["problem"] is not None]
    assert failed == []
    assert len(outcome["results"]) > 0
    assert outcome["asserted"] >= len(outcome["results"])
