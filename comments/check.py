"""The site's own check of a comment: a function named by the setting `COMMENT_CHECK`.

    def check(text: str, author_id: int, post_id: int) -> str | tuple[str, str]: ...

It answers `publish`, `hold` or `reject`, or one of these with a reason from `accounts.reasons`. It is asked
in a thread, outside any transaction, and has `COMMENT_CHECK_TIMEOUT` seconds for all comments that are
written at once. A check that is late, fails or answers something else decides nothing: the comment is
published where `COMMENT_CHECK_FAILS` is `open` and held where it is `closed`.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from functools import cache
from threading import Semaphore
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.reasons import Reason

logger = logging.getLogger("postroom.moderation")

# Checks under way at once; more than these wait for their turn as long as there is time. One that hangs keeps
# its thread; when all do, the next ones have failed already.
AT_ONCE = 8
ANSWERS = ("publish", "hold", "reject")


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    author_id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One of `ANSWERS`, and a reason or an empty string."""

    verdict: str = "publish"
    reason: str = ""


PUBLISH = Answer()


def ask(questions: Sequence[Question]) -> list[Answer]:
    """What the site's own check says to each; `PUBLISH` for all where there is none."""
    if not settings.COMMENT_CHECK:
        return [PUBLISH] * len(questions)
    end = time.monotonic() + settings.COMMENT_CHECK_TIMEOUT
    asked = [_start(question, end) for question in questions]
    return [_answer(each, _left(end)) for each in asked]


def load(path: str) -> Callable[[str, int, int], Any]:
    """The function of a dotted path. Raises ImportError where there is none."""
    found = import_string(path)
    if not callable(found):
        raise ImportError(f"{path} is not a function")
    return found  # type: ignore[no-any-return]


def _start(question: Question, end: float) -> "Future[Any] | None":
    if not _free.acquire(timeout=0 if len(_hanging) >= AT_ONCE else _left(end)):
        return None
    future = _threads().submit(
        load(settings.COMMENT_CHECK), question.text, question.author_id, question.post_id
    )
    future.add_done_callback(lambda _: _free.release())
    return future


def _answer(future: "Future[Any] | None", wait: float) -> Answer:
    if future is None:
        return _failed("all its threads are busy")
    try:
        said = future.result(wait)
    except Late:
        # It may not have begun; then it need not any more.
        if not future.cancel():
            _hanging.add(future)
            future.add_done_callback(_hanging.discard)
        return _failed(f"no answer within {settings.COMMENT_CHECK_TIMEOUT} s")
    except (Exception, SystemExit) as problem:
        # Somebody else's code: whatever it raises, a comment is to be judged all the same, and the server is
        # not to be ended by it.
        logger.exception("the site's own check failed")
        return _failed(repr(problem))
    verdict, reason = said if isinstance(said, tuple) and len(said) == 2 else (said, "")
    if verdict not in ANSWERS or (reason and reason not in Reason.values):
        return _failed(f"it answered {said!r}")
    return Answer(str(verdict), str(reason))


def _failed(problem: str) -> Answer:
    logger.warning("the site's own check decides nothing: %s", problem)
    return Answer("hold") if settings.COMMENT_CHECK_FAILS == "closed" else PUBLISH


def _left(end: float) -> float:
    return max(0.0, end - time.monotonic())


_free = Semaphore(AT_ONCE)
# Those that were given up and have not come back.
_hanging: "set[Future[Any]]" = set()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="check")
