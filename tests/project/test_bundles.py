"""What browsers get of our modules: joined, without their comments, and saying the same."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config import bundles
from config.bundles import CannotJoin, join, join_styles
from config.minifying import minified_script, minified_styles
from tests.project.files import BASE_DIR

STATIC = BASE_DIR / "static"


def source(name: str) -> str:
    return (STATIC / name).read_text()


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


def test_what_bundles_share_stays_a_file_and_is_the_same_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "COMMON", {"js/common.js": ("js/box.js", "js/more/helper.js")})
    modules = {
        "main": "import { a } from './more/a.js';\nimport { Box as Own } from './box.js';\n"
        "console.log(a instanceof Own, a.name);\n",
        "more__a": "import { Box } from '../box.js';\nexport const a = new Box();\n",
        "box": "import { name } from './more/helper.js';\nexport class Box {\n  name = name;\n}\n",
        "more__helper": "export const name = 'box';\n",
    }
    (tmp_path / "common.js").write_text(joined("common", **modules))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    text = joined("main", **modules)

    assert "class Box" not in text
    assert run(text, tmp_path).split() == ["true", "box"]


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


def test_private_names_are_short_and_stay_apart(tmp_path: Path) -> None:
    main = (
        "class Box {\n  #first = '#first';\n  #second = 2;\n\n  get #both() {\n"
        "    return `${this.#first} ${this?.#second}`;\n  }\n\n  static async #tell(box) {\n"
        "    console.log(box.#both);\n  }\n\n  tell() {\n    Box.#tell(this);\n  }\n}\nnew Box().tell();\n"
    )
    text = joined("main", main=main)

    assert "#second" not in text
    assert run(text, tmp_path).strip() == "#first 2"


@pytest.mark.parametrize(
    "module",
    [
        "export default 1;\n",
        "export * from './a.js';\n",
        "export { a };\n",
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


@pytest.mark.parametrize("entry", [*bundles.ENTRIES, *bundles.COMMON])
def test_ours_can_be_joined(entry: str, tmp_path: Path) -> None:
    text = join(entry, source)
    short = minified_script(text)
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    for number, module in enumerate((text, short)):
        file = tmp_path / f"{number}.mjs"
        file.write_text(module)
        checked = subprocess.run(
            [node, "--check", file], capture_output=True, text=True, timeout=30, check=False
        )
        assert checked.returncode == 0, checked.stderr

    assert len(short) < len(text) * 0.9 or len(text) < 200
    # Django gives them the names of this collection, and finds them in quotes only.
    assert not re.search(r"\bimport\(`", short)


def test_what_is_made_short_says_the_same(tmp_path: Path) -> None:
    text = (
        "const name = 'a  b';\n"
        "class Box {\n  #kept = 1;\n\n  get kept() {\n    return this.#kept;\n  }\n}\n"
        "const more = (n) => `${n > 1 ? `${n}  times ` : ''}${name}`;\n"
        "console.log(more(2), new Box().kept, /[/`]  /.test('`  '), '</div>');\n"
    )

    short = minified_script(text)

    assert len(short) < len(text)
    assert run(short, tmp_path) == run(text, tmp_path) == "2  times a  b 1 true </div>\n"


def test_styles_that_are_imported_stand_in_their_place() -> None:
    files = {"css/a.css": '@import url("b.css");\na { color: red; }\n', "css/b.css": "b { color: blue; }\n"}

    text = join_styles("css/a.css", files.__getitem__)

    assert text == "b { color: blue; }\na { color: red; }\n"
    assert minified_styles(text) == "b{color:#00f}a{color:red}"
    with pytest.raises(CannotJoin):
        join_styles("css/a.css", {"css/a.css": "@import 'b.css';\n"}.__getitem__)


def test_our_styles_can_be_joined() -> None:
    for path in (STATIC / "css").glob("*.css"):
        joined_styles = join_styles(f"css/{path.name}", source)
        assert joined_styles.count("{") == joined_styles.count("}")
        assert minified_styles(joined_styles)


def test_whatever_pages_begin_with_is_joined() -> None:
    pages = "".join(path.read_text() for path in (BASE_DIR / "templates").rglob("*.html"))
    modules = set(re.findall(r"""type="module" src="{% static ['"]([^'"]+)['"] %}\"""", pages))
    later = set()
    for path in (STATIC / "js").rglob("*.js"):
        for address in re.findall(r"\bimport\('([^']+)'\)", path.read_text()):
            later.add(str((path.parent / address).resolve().relative_to(STATIC.resolve())))

    others = {"js/postroom/postroom.js", "js/postroom/react.js"}
    assert modules | later | others | {bundles.LIBRARY} == set(bundles.ENTRIES)


def test_what_is_passed_on_is_exported(tmp_path: Path) -> None:
    files = {
        "js/main.js": "import { a, b } from './more.js';\nconsole.log(a, b);\n",
        "js/more.js": "import { b as c } from './b.js';\nexport { a } from './a.js';\n"
        "export {\n  b,\n} from './b.js';\nconsole.log(c);\n",
        "js/a.js": "export const a = 1;\n",
        "js/b.js": "export const b = 2;\n",
    }

    assert run(join("js/main.js", files.__getitem__), tmp_path).split() == ["2", "1", "2"]
    assert "export { a, b };" in join("js/more.js", files.__getitem__)


def test_what_pages_share_stays_one_file() -> None:
    text = joined(
        "desk/main",
        desk__main="import { NoAnswer } from '../postroom/core.js';\n"
        "import { a } from '../models/a.js';\nconsole.log(a, NoAnswer);\n",
        models__a="import { NoAnswer, connect } from '../postroom/core.js';\nexport const a = connect;\n",
    )

    assert text.startswith("import { NoAnswer, connect } from '../postroom/core.js';\n")
    assert text.count("import ") == 1


def test_nothing_reaches_into_the_library_but_by_its_door() -> None:
    library = (STATIC / bundles.LIBRARY).parent
    for path in (STATIC / "js").rglob("*.js"):
        for address in re.findall(r"from '(\.[^']+)'", path.read_text()):
            target = (path.parent / address).resolve()
            if path.parent != library and library in target.parents:
                assert target == STATIC / bundles.LIBRARY, f"{path}: {address}"
            if path.parent == library:
                assert {library, STATIC / "vendor"} & set(target.parents), f"{path}: {address}"
