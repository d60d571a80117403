"""One script instead of fifty: ES modules joined when static files are collected.

The sources stay plain modules, and with DEBUG browsers load them as they are. Each request costs its
headers, and each level of imports a trip to the server, which a slow network feels more than the scripts
themselves; so what a page begins with is collected together with all that it imports, under the same name.
A module becomes a function that is called once, in the order of the imports, and lines that are only a
comment are left out. Vendored packages stay files of their own. A stylesheet that imports others becomes one
with them.

Only what our modules use is understood: imports and exports by name. Anything else is an error here, not in a
browser.
"""

import posixpath
import re
from collections.abc import Callable, Mapping

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
)
VENDORED = "vendor/"
# What several bundles of a page have in common goes over the wire once, as bundles of their own; and what is
# a `Refusal` to one is a `Refusal` to all. Whoever is logged out needs nothing of the second.
COMMON: Mapping[str, tuple[str, ...]] = {
    "js/common.js": (
        "js/helpers/stillness.js",
        "js/helpers/text.js",
        "js/helpers/time.js",
        "js/page.js",
        "js/views/relative_time.js",
    ),
    "js/wire.js": ("js/connection.js", "js/events.js", "js/helpers/ids.js"),
}


_IMPORT = re.compile(r"^import\s*\{([^}]*)\}\s*from\s*'([^']+)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import url\("([^"]+)"\);\n', re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import\b(?!\()|export\b).*", re.MULTILINE)
_COMMENT = re.compile(r"\s*//")

Read = Callable[[str], str]


class CannotJoin(ValueError):
    """A module says something that is not understood here."""


def join(entry: str, read: Read) -> str:
    """The module `entry` with all it imports. `read(name)` is a module's text."""
    parts: list[str] = []
    vendored: dict[str, None] = {}
    shared: dict[str, dict[str, None]] = {}
    places = {name: place for place, names in COMMON.items() for name in names if place != entry}
    done: set[str] = set()

    def add(name: str, importing: tuple[str, ...]) -> None:
        if name in importing:
            raise CannotJoin(f"{name} imports itself: {' → '.join((*importing, name))}")
        if name in done:
            return
        done.add(name)
        text = read(name)
        known: list[str] = []
        for names, address in _IMPORT.findall(text):
            wanted = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
            if wanted.startswith(VENDORED):
                vendored[f"import {{{names}}} from '{_address(wanted, entry)}';"] = None
            else:
                if wanted in places:
                    shared.setdefault(places[wanted], {})[_variable(wanted)] = None
                else:
                    add(wanted, (*importing, name))
                known.append(f"const {{{_renamed(names)}}} = {_variable(wanted)};")
        body = _without_comments(_IMPORT.sub("", text))
        if name == entry:
            _check(name, _EXPORT.sub("", body))
            parts.append("\n".join([*known, body]))
            return
        exported = _EXPORT.findall(body)
        body = _EXPORT.sub("", body)
        _check(name, body)
        inside = "\n".join([*known, body.rstrip(), f"return {{ {', '.join(exported)} }};"])
        told = "export " if name in COMMON.get(entry, ()) else ""
        parts.append(f"{told}const {_variable(name)} = (() => {{\n{inside}\n}})();")

    for name in COMMON.get(entry, (entry,)):
        add(name, ())
    common = [
        f"import {{ {', '.join(names)} }} from '{_address(place, entry)}';" for place, names in shared.items()
    ]
    return "\n".join([*vendored, *common, *parts])


def join_styles(name: str, read: Read) -> str:
    """The stylesheet `name` with those that it imports, each in its place."""

    def imported(found: re.Match[str]) -> str:
        return join_styles(posixpath.join(posixpath.dirname(name), found[1]), read)

    text = _STYLE_IMPORT.sub(imported, read(name))
    if "@import" in text:
        raise CannotJoin(f"{name}: @import")
    return text


def _address(name: str, entry: str) -> str:
    there = posixpath.relpath(name, posixpath.dirname(entry))
    return there if there.startswith(".") else f"./{there}"


def _renamed(names: str) -> str:
    return re.sub(r"(\w+)\s+as\s+", r"\1: ", names)


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))


def _check(name: str, body: str) -> None:
    found = _LEFT_OVER.search(body)
    if found:
        raise CannotJoin(f"{name}: {found[0]}")


def _without_comments(text: str) -> str:
    """Without lines that are a comment and nothing else; but a text over several lines may look like one."""
    kept = []
    is_text = False
    for line in text.splitlines():
        if is_text or not _COMMENT.match(line):
            kept.append(line)
            is_text ^= line.count("`") % 2 == 1
    return "\n".join(kept) + "\n"
