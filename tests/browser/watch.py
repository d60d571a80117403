"""What no page may do, noted while tests use it: errors, broken promises of the CSP, foreign requests."""

import re

from playwright.async_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# Chromium writes violations to the console by itself, but not those of policies that only report.
_TELL_VIOLATIONS = """
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error(`CSP: ${violatedDirective} stopped ${blockedURI}`);
});
"""
_LOCAL = ("data:", "blob:", "about:")


class Watch:
    """Listens to every page of one browser context."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self._home = home
        self._seen: list[str] = []
        self._expected: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)
        self._context = context

    async def start(self) -> None:
        await self._context.add_init_script(_TELL_VIOLATIONS)

    def expect(self, pattern: str) -> None:
        """Complaints that match are part of what this context does: a page not found, say."""
        self._expected.append(pattern)

    def forget(self) -> None:
        """Start anew, for whoever uses this context next."""
        self._seen.clear()
        self._expected.clear()

    @property
    def problems(self) -> list[str]:
        return [
            problem
            for problem in self._seen
            if not any(re.search(pattern, problem) for pattern in self._expected)
        ]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self._seen.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _error(self, error: WebError) -> None:
        self._seen.append(f"uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._home, *_LOCAL)):
            self._seen.append(f"request to a third party: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._seen.append(f"answer {response.status}: {response.url}")
