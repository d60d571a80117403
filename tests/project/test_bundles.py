"""What browsers get of our modules: joined, without their comments, and saying the same."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config import bundles
from config.bundles import CannotJoin, join
from tests.project.files import BASE_DIR

STATIC = BASE_DIR / "static"


def joined(entry: str, **modules: str) -> str:
    files = {f"js/{name.replace('__', '/')}.js": text for name, text in modules.items()}
    return join(f"js/{entry}.js", files.__getitem__)


def run(text: str, tmp_path: Path) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    file = tmp_path / "joined.mjs"
    file.write_text(text)
    done = subprocess.run([node, file], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_modules_are_called_once_in_the_order_of_their_imports(tmp_path: Path) -> None:
    text = joined(
        "main",
        main="import { a } from './a.js';\n"
        "import { twice as double } from './more/b.js';\nconsole.log(double(a));\n",
        a="import { twice } from './more/b.js';\nconsole.log('a');\nexport const a = twice(1);\n",
        more__b="console.log('b');\nconst two = 2;\n\nexport function twice(n) {\n  return two * n;\n}\n",
    )

    assert run(text, tmp_path).split() == ["b", "a", "4"]


def test_what_two_modules_call_the_same_stays_apart(tmp_path: Path) -> None:
    text = joined(
        "main",
        main="import { a } from './a.js';\nimport { b } from './b.js';\n"
        "const own = 3;\nconsole.log(a, b, own);\n",
        a="const own = 1;\nexport const a = own;\n",
        b="const own = 2;\nexport const b = own;\n",
    )

    assert run(text, tmp_path).split() == ["1", "2", "3"]


def test_what_the_first_module_exports_is_exported() -> None:
    text = joined(
        "main", main="import { a } from './a.js';\nexport class Main {}\n", a="export const a = 1;\n"
    )

    assert "export class Main {}" in text
    assert text.count("export") == 1


def test_vendored_packages_stay_where_they_are() -> None:
    text = joined(
        "main",
        main="import { a } from './more/a.js';\na();\n",
        more__a="import { io } from '../../vendor/io/io.js';\nexport function a() {\n  io();\n}\n",
    )

    assert text.startswith("import { io } from '../vendor/io/io.js';\n")


def test_comments_are_left_out_and_texts_are_not(tmp_path: Path) -> None:
    main = "// Why.\nconst text = `\n  // no comment\n`;\n  // Why else.\nconsole.log(text.trim()); // end\n"
    text = joined("main", main=main)

    assert "Why" not in text
    assert run(text, tmp_path).strip() == "// no comment"


@pytest.mark.parametrize(
    "module",
    [
        "export default 1;\n",
        "export { a } from './a.js';\n",
        "import * as a from './a.js';\n",
        "import a from './a.js';\n",
        "import './a.js';\n",
        'import { a } from "./a.js";\n',
    ],
)
def test_what_is_not_understood_is_an_error(module: str) -> None:
    with pytest.raises(CannotJoin):
        joined("main", main="import { b } from './b.js';\n", b=module, a="export const a = 1;\n")
    with pytest.raises(CannotJoin):
        joined("main", main=module, a="export const a = 1;\n")


def test_modules_that_import_each_other_are_an_error() -> None:
    with pytest.raises(CannotJoin):
        joined(
            "main",
            main="import { a } from './a.js';\n",
            a="import { b } from './b.js';\nexport const a = 1;\n",
            b="import { a } from './a.js';\nexport const b = 1;\n",
        )


@pytest.mark.parametrize("entry", bundles.ENTRIES)
def test_ours_can_be_joined(entry: str, tmp_path: Path) -> None:
    text = join(entry, lambda name: (STATIC / name).read_text())
    file = tmp_path / "joined.mjs"
    file.write_text(text)
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    checked = subprocess.run([node, "--check", file], capture_output=True, text=True, timeout=30, check=False)

    assert checked.returncode == 0, checked.stderr


def test_whatever_pages_begin_with_is_joined() -> None:
    pages = "".join(path.read_text() for path in (BASE_DIR / "templates").rglob("*.html"))
    modules = set(re.findall(r"""type="module" src="{% static ['"]([^'"]+)['"] %}\"""", pages))
    later = set()
    for path in (STATIC / "js").rglob("*.js"):
        for address in re.findall(r"\bimport\('([^']+)'\)", path.read_text()):
            later.add(str((path.parent / address).resolve().relative_to(STATIC.resolve())))

    assert modules | later == set(bundles.ENTRIES)
