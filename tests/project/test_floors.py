"""Each floor imports only from the floors below it."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.project.files import BASE_DIR, ours

TOP_LEVEL = {"config", "comments", "accounts", "realtime", "templates", "static", "tests"}


def test_the_contract_holds() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=BASE_DIR, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept, 0 broken" in done.stdout


def test_realtime_does_not_know_what_a_comment_is() -> None:
    for path in ours("realtime", ".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert not {name.split(".")[0] for name in names} & {"comments", "accounts", "config"}, path


def test_nothing_else_is_a_top_level_package() -> None:
    packages = {path.parent.name for path in BASE_DIR.glob("*/__init__.py")}

    assert packages <= TOP_LEVEL
