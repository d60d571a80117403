"""One script instead of fifty: ES modules joined when static files are collected.

The sources stay plain modules, and with DEBUG browsers load them as they are. Each request costs its
headers, and each level of imports a trip to the server, which a slow network feels more than the scripts
themselves; so what a page begins with is collected together with all that it imports, under the same name.
A module becomes a function that is called once, in the order of the imports, lines that are only a comment
are left out, and what is private to a class gets a short name. Vendored packages stay files of their own, and
so does the middle of the client library (`LIBRARY`): whatever pages begin with shares it, and its one
connection. A stylesheet that imports others becomes one with them.

Only what our modules use is understood: imports and exports by name. Anything else is an error here, not in a
browser.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Mapping

LIBRARY = "js/postroom/core.js"
# What templates load. A module that another one loads later by `import()` is an entry, too.
ENTRIES = (
    "js/post.js",
    "js/live.js",
    "js/visitor.js",
    "js/times.js",
    "js/reader.js",
    "js/views/inbox_panel.js",
    "js/status/people.js",
    "js/admin/progress.js",
    "js/chat/room.js",
    "js/chat/conversation.js",
    "js/desk/desk.js",
    "js/desk/item.js",
    "js/desk/counters.js",
    LIBRARY,
    "js/postroom/postroom.js",
    "js/postroom/react.js",
)
VENDORED = "vendor/"
# Files that others share instead of having a copy of it each: a `Refusal` to one is a `Refusal` to all.
ALWAYS_APART = (LIBRARY, "js/postroom/postroom.js")
# What several bundles of a page have in common besides goes over the wire once, too, as bundles of their own.
# Sources import their modules and never them.
COMMON: Mapping[str, tuple[str, ...]] = {
    "js/common.js": (
        "js/helpers/stillness.js",
        "js/helpers/text.js",
        "js/helpers/time.js",
        "js/page.js",
        "js/views/relative_time.js",
    ),
}


_IMPORT = re.compile(r"^import\s*\{([^}]*)\}\s*from\s*'([^']+)';\n", re.MULTILINE)
_PASSED_ON = re.compile(r"^export\s*\{([^}]*)\}\s*from\s*'([^']+)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import url\("([^"]+)"\);\n', re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import\b(?!\()|export\b).*", re.MULTILINE)
_COMMENT = re.compile(r"\s*//")
_PRIVATE = re.compile(r"(\.|^\s+(?:(?:static|async|get|set) )*)#(\w+)\b", re.MULTILINE)

Read = Callable[[str], str]


class CannotJoin(ValueError):
    """A module says something that is not understood here."""


def join(entry: str, read: Read) -> str:
    """The module `entry` with all it imports. `read(name)` is a module's text."""
    parts: list[str] = []
    apart: dict[str, dict[str, None]] = {}
    places = {name: place for place, names in COMMON.items() for name in names if place != entry}
    done: set[str] = set()

    def stays(name: str) -> bool:
        return name != entry and (name.startswith(VENDORED) or name in ALWAYS_APART)

    def relative(name: str) -> str:
        address = posixpath.relpath(name, posixpath.dirname(entry))
        return address if address.startswith(".") else f"./{address}"

    def keep(address: str, names: str) -> None:
        apart.setdefault(address, {}).update(dict.fromkeys(_names(names)))

    def add(name: str, importing: tuple[str, ...]) -> None:
        if name in importing:
            raise CannotJoin(f"{name} imports itself: {' → '.join((*importing, name))}")
        if name in done:
            return
        done.add(name)

        def come(wanted: str) -> None:
            if wanted in places:
                keep(relative(places[wanted]), _variable(wanted))
            else:
                add(wanted, (*importing, name))

        text = read(name)
        known: list[str] = []
        for names, address in _IMPORT.findall(text):
            wanted = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
            if not address.startswith("."):  # a page's import map says what that is
                keep(address, names)
            elif stays(wanted):
                keep(relative(wanted), names)
            else:
                come(wanted)
                known.append(f"const {{{_renamed(names)}}} = {_variable(wanted)};")
        passed_on: list[str] = []
        for names, address in _PASSED_ON.findall(text):
            wanted = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
            if stays(wanted):
                keep(relative(wanted), names)
            else:
                come(wanted)
                known.append(f"const {{{names}}} = {_variable(wanted)};")
            passed_on += _names(names)
        body = _with_short_names(_without_comments(_PASSED_ON.sub("", _IMPORT.sub("", text))))
        if name == entry:
            _check(name, _EXPORT.sub("", body))
            last = [f"export {{ {', '.join(passed_on)} }};"] if passed_on else []
            parts.append("\n".join([*known, body, *last]))
            return
        exported = _EXPORT.findall(body) + passed_on
        body = _EXPORT.sub("", body)
        _check(name, body)
        inside = "\n".join([*known, body.rstrip(), f"return {{ {', '.join(exported)} }};"])
        told = "export " if name in COMMON.get(entry, ()) else ""
        parts.append(f"{told}const {_variable(name)} = (() => {{\n{inside}\n}})();")

    for name in COMMON.get(entry, (entry,)):
        add(name, ())
    # Each name once, whichever modules want it.
    imports = [f"import {{ {', '.join(names)} }} from '{address}';" for address, names in apart.items()]
    return "\n".join([*imports, *parts])


def join_styles(name: str, read: Read) -> str:
    """The stylesheet `name` with those that it imports, each in its place."""

    def imported(found: re.Match[str]) -> str:
        return join_styles(posixpath.join(posixpath.dirname(name), found[1]), read)

    text = _STYLE_IMPORT.sub(imported, read(name))
    if "@import" in text:
        raise CannotJoin(f"{name}: @import")
    return text


def _names(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _renamed(names: str) -> str:
    return re.sub(r"(\w+)\s+as\s+", r"\1: ", names)


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))


def _check(name: str, body: str) -> None:
    found = _LEFT_OVER.search(body)
    if found:
        raise CannotJoin(f"{name}: {found[0]}")


def _with_short_names(text: str) -> str:
    """What is private to a class needs no long name. One that was overlooked would be a syntax error."""
    names = Counter(name for _, name in _PRIVATE.findall(text))
    short = {name: _letters(place) for place, (name, _) in enumerate(names.most_common())}
    return _PRIVATE.sub(lambda found: f"{found[1]}#{short[found[2]]}", text)


def _letters(number: int) -> str:
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("a") + last)


def _without_comments(text: str) -> str:
    """Without lines that are a comment and nothing else; but a text over several lines may look like one."""
    kept = []
    is_text = False
    for line in text.splitlines():
        if is_text or not _COMMENT.match(line):
            kept.append(line)
            is_text ^= line.count("`") % 2 == 1
    return "\n".join(kept) + "\n"
