"""What `postroom.d.ts` says of the wire is what Python says: names, fields, what may be left out, types."""

import json
import re
import shutil
import subprocess
from enum import EnumType
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

import config.asgi  # noqa: F401  (registers every request)
from accounts import events as people
from accounts.notifications import events as inbox
from accounts.status import events as statuses
from comments import events as posts
from comments.chat import events as chat
from comments.desk import events as desk
from realtime.errors import ErrorCode
from realtime.events import ConnectionEvent
from realtime.requests import registry
from tests.project.files import BASE_DIR, between, text

TYPES = text("static/js/postroom/postroom.d.ts")
MODULES = (people, inbox, statuses, posts, chat, desk)
PAYLOADS = {
    name: each
    for module in MODULES
    for name, each in vars(module).items()
    if is_typeddict(each) and each.__module__ == module.__name__
}
REQUESTS: list[tuple[str, str, EnumType]] = [
    ("PostRequests", "/", posts.ClientEvent),
    ("NotificationRequests", inbox.NAMESPACE, inbox.NotificationRequest),
    ("StatusRequests", statuses.NAMESPACE, statuses.StatusRequest),
    ("ChatRequests", chat.NAMESPACE, chat.ChatRequest),
    ("DeskRequests", desk.NAMESPACE, desk.DeskRequest),
]
EVENTS: list[tuple[str, list[EnumType]]] = [
    ("SharedEvents", [ConnectionEvent]),
    ("PostEvents", [posts.ServerEvent, people.AccountEvent]),
    ("NotificationEvents", [inbox.NotificationEvent]),
    ("StatusEvents", [statuses.StatusEvent]),
    ("ChatEvents", [chat.ChatEvent]),
    ("DeskEvents", [desk.DeskEvent]),
]
TABLES = {
    "PostRequests": "events:client",
    "NotificationRequests": "events:notification-client",
    "StatusRequests": "events:status-client",
    "ChatRequests": "events:chat-client",
    "DeskRequests": "events:desk-client",
}
HEARD = {
    "PostEvents": "events:server",
    "NotificationEvents": "events:notification-server",
    "StatusEvents": "events:status-server",
    "ChatEvents": "events:chat-server",
    "DeskEvents": "events:desk-server",
}
# npm's name for the compiler that reads them, and what it needs to read those of React.
COMPILER = ["typescript@5.9.3", "@types/react@19.2.2"]


def without_comments(source: str) -> str:
    return re.sub(r"/\*\*.*?\*/|^ *//[^\n]*$", "", source, flags=re.DOTALL | re.MULTILINE)


def body_of(name: str) -> tuple[str, list[str]]:
    """What an interface extends, and its lines."""
    found = re.search(
        rf"^export interface {name}(?: extends (\w+))? \{{\n(.*?)^\}}",
        without_comments(TYPES),
        re.DOTALL | re.MULTILINE,
    )
    assert found, f"there is no interface {name}"
    return found[1] or "", [line.strip() for line in found[2].splitlines() if line.strip()]


def fields_of(name: str) -> dict[str, str]:
    """The fields of an interface with their types; one that may be left out has a `?` behind its name."""
    base, lines = body_of(name)
    fields = fields_of(base) if base else {}
    for line in lines:
        found = re.fullmatch(r"(\w+\??): (.*);", line)
        assert found, f"{name}: one field on a line, please: {line}"
        fields[found[1]] = found[2].replace("Time", "string")
    return fields


def in_typescript(hint: Any) -> str:
    """A Python annotation as TypeScript says it."""
    plain = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null"}
    if hint in plain:
        return plain[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):
        return " | ".join(in_typescript(each) for each in arguments)
    if origin is Literal:
        return " | ".join(f"'{each}'" for each in arguments)
    if origin is list:
        return f"{in_typescript(arguments[0])}[]"
    if origin is dict:
        return f"Record<{in_typescript(arguments[0])}, {in_typescript(arguments[1])}>"
    assert is_typeddict(hint), hint
    return str(hint.__name__)


def values(vocabulary: EnumType) -> list[str]:
    return [each.value for each in vocabulary]  # type: ignore[var-annotated]


@pytest.mark.parametrize("name", PAYLOADS)
def test_every_payload_has_the_same_fields(name: str) -> None:
    payload = PAYLOADS[name]
    optional = payload.__optional_keys__
    ours = {
        f"{field}?" if field in optional else field: in_typescript(hint)
        for field, hint in get_type_hints(payload).items()
    }

    assert fields_of(name) == ours


@pytest.mark.parametrize(("name", "vocabularies"), EVENTS)
def test_every_event_is_typed(name: str, vocabularies: list[EnumType]) -> None:
    _, lines = body_of(name)
    typed = [line.split(":")[0] for line in lines]

    assert sorted(typed) == sorted(value for each in vocabularies for value in values(each))
    assert all(re.fullmatch(r"\w+: \[\w+: .*\];", line) for line in lines)


def requests_of(name: str) -> dict[str, tuple[dict[str, str], str]]:
    """By name what is asked and what is answered."""
    found = {}
    for line in body_of(name)[1]:
        parts = re.fullmatch(r"(\w+): Request<\{ ?(.*?) ?\}, (.*)>;", line)
        assert parts, line
        asked = dict(field.split(": ", 1) for field in parts[2].split("; ") if field)
        found[parts[1]] = (asked, parts[3])
    return found


def wire_name(field: FieldInfo) -> str | None:
    """Of several names for the same, the first is the one to use."""
    known = field.validation_alias
    return str(known.choices[0]) if isinstance(known, AliasChoices) else field.alias


@pytest.mark.parametrize(("name", "namespace", "vocabulary"), REQUESTS)
def test_every_request_asks_for_what_its_handler_takes(
    name: str, namespace: str, vocabulary: EnumType
) -> None:
    typed = requests_of(name)
    assert sorted(typed) == sorted(values(vocabulary))
    for event, (asked, _) in typed.items():
        ours = {
            f"{wire_name(each)}{'' if each.is_required() else '?'}": NoneType in get_args(each.annotation)
            for each in registry[namespace, event].takes.model_fields.values()
            if not each.exclude  # what our own code notes
        }
        assert {each: "null" in kind for each, kind in asked.items()} == ours, event


@pytest.mark.parametrize("name", TABLES)
def test_every_request_is_answered_as_the_protocol_says(name: str) -> None:
    rows = between(text("ARCHITECTURE.md"), f"<!-- {TABLES[name]} -->").strip().splitlines()
    column = [cell.strip() for cell in rows[0].split("|")].index("ack besides `ok`")
    for row in rows[2:]:
        cells = [cell.strip() for cell in row.split("|")]
        _, answered = requests_of(name)[cells[1].strip("`")]
        typed = (
            {field.split(":")[0].rstrip("?") for field in answered.strip("{} ").split("; ") if field}
            if answered.startswith("{")
            else {field.rstrip("?") for field in fields_of(answered)}
        )
        assert typed == {each for each in re.split(r"[,;]? or |[,;] | ", cells[column]) if each}, cells[1]


@pytest.mark.parametrize("name", HEARD)
def test_every_event_brings_what_the_protocol_says(name: str) -> None:
    """Where the protocol lists fields: the last argument of the handler has these."""
    typed = dict(line.removesuffix(";").split(": ", 1) for line in body_of(name)[1])
    rows = between(text("ARCHITECTURE.md"), f"<!-- {HEARD[name]} -->").strip().splitlines()[2:]
    listed = 0
    for row in rows:
        event, payload = (cell.strip() for cell in row.split("|")[1:3])
        fields = re.search(r"\{([\w, ?]+)\}", payload)
        if fields is None or event.strip("`") not in typed:
            continue
        heard = re.split(r", (?=\w+: )", typed[event.strip("`")].strip("[]"))[-1].split(": ", 1)[1]
        ours: set[str] = set()
        for part in heard.split(" & "):
            if part.startswith("{"):
                ours |= {field.split(":")[0] for field in part.strip("{} ").split("; ")}
            else:
                ours |= set(fields_of(part))
        written = {each.rstrip("?") for each in fields[1].split(", ")}
        assert written <= {each.rstrip("?") for each in ours}, event
        assert written >= {each for each in ours if not each.endswith("?")}, event
        listed += 1
    assert listed


def test_every_error_code_is_typed() -> None:
    found = re.search(r"export type ErrorCode =\n(.*?);", TYPES, re.DOTALL)
    assert found

    assert sorted(re.findall(r"'(\w+)'", found[1])) == sorted(code.value for code in ErrorCode)


def test_every_namespace_is_typed() -> None:
    paths = re.findall(r"^'([^']*)':", "\n".join(body_of("Namespaces")[1]), re.MULTILINE)

    assert set(paths) == {namespace for namespace, _ in registry}


def test_what_is_exported_is_typed() -> None:
    for name in ("postroom", "react"):
        source = text(f"static/js/postroom/{name}.js")
        types = text(f"static/js/postroom/{name}.d.ts")
        exported = set(re.findall(r"^export function (\w+)", source, re.MULTILINE))
        for names in re.findall(r"^export \{([^}]*)\} from", source, re.MULTILINE):
            exported |= {each.strip() for each in names.split(",") if each.strip()}
        for each in exported:
            assert re.search(rf"^export (?:function|class|const|interface) {each}\b", types, re.MULTILINE), (
                each
            )


def test_the_compiler_finds_in_them_what_is_right_and_what_is_wrong(tmp_path: Path) -> None:
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    options = ["--prefix", str(tmp_path), "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(
            ["npm", "install", *options, *COMPILER], capture_output=True, text=True, timeout=180
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not install the compiler in time")
    if done.returncode:
        pytest.skip(f"npm cannot install the compiler: {done.stderr[-500:]}")
    types = tmp_path / "node_modules" / "@types"
    settings = {
        "compilerOptions": {
            "strict": True,
            "noEmit": True,
            "target": "es2022",
            "module": "es2022",
            "moduleResolution": "bundler",
            "lib": ["es2022", "dom"],
            "jsx": "react-jsx",
            "types": [],
            "paths": {"react": [str(types / "react")]},
        },
        "files": [str(BASE_DIR / "tests" / "project" / "types" / "right.tsx")],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    compiled = subprocess.run(
        ["node", "node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert compiled.returncode == 0, compiled.stdout
