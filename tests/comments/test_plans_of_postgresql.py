"""PostgreSQL reads no more of a large post than of a small one, even where its statistics are wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from comments.chat import private
from tests.servers import BASE_DIR, postgres_server

PAGE = 51  # a page, and one more to know whether there is another


@pytest.fixture(scope="module")
def most_rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    var_dir: Path = tmp_path_factory.mktemp("var")
    with postgres_server() as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "VAR_DIR": str(var_dir),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        command = [sys.executable, "-m", "tests.comments.rows_read"]
        done = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows: dict[str, int] = json.loads(done.stdout)
    return rows


@pytest.mark.parametrize(
    ("read", "bound"),
    [
        # Each comment is met twice: in the index for its id, then by its id with all that belongs to it.
        ("newest page", 2 * PAGE),
        ("earlier page", 2 * PAGE),
        ("later page", 2 * PAGE + 1),
        ("page around a comment", 2 * PAGE + 26),
        ("changes", 20),
        ("changes from the beginning", 100),  # of the small post; of a large one there are too many
        ("newest comment", 1),
        ("own", 2 * PAGE),
        ("own of who has none", 0),
        # Three pages' worth of keys, and a page of comments with their posts and what they answer.
        ("somebody's", 61 + 4 * 20),
        ("hidden by moderators", 0),
        # In the index for its id, by its id, and the comment that it answers. What is urgent is followed by
        # the rest, among which it stands once more.
        ("unreviewed", 3 * PAGE),
        ("unreviewed, oldest", 3 * PAGE),
        ("unreviewed, urgent", 4 * PAGE),
        ("unreviewed of a post", 3 * PAGE),
        ("unreviewed, nobody's", 0),
        ("pending", 3 * PAGE),
        ("pending, oldest", 3 * PAGE),
        ("pending of a post", 3 * PAGE),
        ("pending for a reason", 3 * PAGE),
        ("pending for none", 0),
        ("rejected", 0),
        ("reported", 3 * PAGE),
        ("reported, urgent", 3 * PAGE),
        ("reported of a post", 3 * PAGE),
        ("conversation", PAGE),
        ("conversation, earlier", 2 * PAGE),  # after the page before it
        ("conversation of strangers", 0),
        # All of one's own 200, the latest of each conversation, and what is unread.
        ("conversations", 200 + 6 + 15),
        ("unread messages", 15),
        ("what was said lately", private.REMEMBERED),
        ("inbox", 4 * 200),
        ("unread of an inbox", 10),
    ],
)
def test_a_read_touches_no_more_rows_than_it_brings(most_rows: dict[str, int], read: str, bound: int) -> None:
    assert most_rows[read] <= bound, most_rows
