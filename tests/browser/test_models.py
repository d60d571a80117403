"""The classes that hold a page's state, tested by node where it is there, and in the browser always."""

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Route

from tests.servers import BASE_DIR

HERE = Path(__file__).parent
TESTS = sorted((HERE / "models").glob("*.test.mjs"))
TYPES = {".mjs": "text/javascript", ".js": "text/javascript"}
HOME = "http://models.localhost"  # never asked: what is fetched from it comes from this directory
IMPORTS = {
    "node:test": "/tests/browser/node/test.js",
    "node:assert/strict": "/tests/browser/node/assert.js",
}
PAGE = f"<!doctype html><script type=importmap>{json.dumps({'imports': IMPORTS})}</script>"
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


async def serve(route: Route) -> None:
    """A file of this repository, or the page that everything is imported into."""
    path = urlsplit(route.request.url).path
    if path == "/":
        await route.fulfill(body=PAGE, content_type="text/html")
        return
    file = BASE_DIR / path.removeprefix("/")
    if file.suffix in TYPES:
        await route.fulfill(path=file, content_type=TYPES[file.suffix])
    else:
        await route.abort()
