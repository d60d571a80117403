"""A front end that is not ours: another origin, with pages of its own and nothing else."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers import BASE_DIR, free_port

VENDOR = Path(__file__).parent / "vendor"
# What React is made of, by the names under which its parts ask for each other. It comes for Node.js only.
PARTS = {
    "react": "react/react.development.js",
    "scheduler": "scheduler/scheduler.development.js",
    "react-dom": "react-dom/react-dom.development.js",
    "react-dom/client": "react-dom/react-dom-client.development.js",
}
PAGE = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'>"


@cache
def react() -> str:
    """React, for development, as one ES module."""
    wanted = re.search(r"import \{([^}]*)\} from 'react'", _library("react.js"))
    assert wanted is not None
    names = [name.strip() for name in wanted[1].split(",") if name.strip()]
    modules = ",\n".join(
        f"{json.dumps(name)}(module, exports, require) {{\n{(VENDOR / path).read_text()}\n}}"
        for name, path in PARTS.items()
    )
    return f"""
const process = {{ env: {{ NODE_ENV: 'development' }} }};
const parts = {{ {modules} }};
const made = {{}};
function require(name) {{
  if (!made[name]) {{
    made[name] = {{ exports: {{}} }};
    parts[name](made[name], made[name].exports, require);
  }}
  return made[name].exports;
}}
export const {{ {", ".join(names)}, StrictMode }} = require('react');
export const {{ createRoot }} = require('react-dom/client');
"""


def _library(name: str) -> str:
    return (BASE_DIR / "static" / "js" / "postroom" / name).read_text()


@dataclass(slots=True)
class FrontEnd:
    """What it serves by path; `/` is a page with `imports` for the modules in it."""

    port: int
    imports: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    def origin(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}"

    def answer(self, path: str) -> tuple[str, str] | None:
        if path == "/react.js":
            return "text/javascript", react()
        if path in self.pages:
            return "text/html", self.pages[path]
        if path == "/":
            head = f"<script type=importmap>{json.dumps({'imports': self.imports})}</script>"
            return "text/html", f"{PAGE}{head}<main></main>"
        return None


@contextmanager
def front_end() -> Iterator[FrontEnd]:
    """One that runs until the block ends."""
    served = FrontEnd(free_port())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = served.answer(self.path)
            self.send_response(404 if found is None else 200)
            kind, text = found or ("text/plain", "")
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", served.port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
