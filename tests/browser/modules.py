"""This repository's own modules in a page that has nothing else: no server, no template, no socket."""

import json
from urllib.parse import urlsplit

from playwright.async_api import Route

from tests.servers import BASE_DIR

HOME = "http://models.localhost"  # never asked: what is fetched from it comes from this directory
TYPES = {".mjs": "text/javascript", ".js": "text/javascript"}
IMPORTS = {
    "node:test": "/tests/browser/node/test.js",
    "node:assert/strict": "/tests/browser/node/assert.js",
}
PAGE = f"<!doctype html><script type=importmap>{json.dumps({'imports': IMPORTS})}</script>"


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
