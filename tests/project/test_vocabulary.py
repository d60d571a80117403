"""Python, JavaScript and the documents use the same names on the wire."""

import re
from collections.abc import Iterable

import pytest

from accounts.events import AccountEvent
from accounts.notifications.events import NotificationEvent, NotificationRequest
from accounts.reasons import Reason
from accounts.status.events import StatusEvent, StatusRequest
from comments.chat.events import OLD_SPELLINGS, ChatEvent, ChatRequest
from comments.desk.events import DeskEvent, DeskRequest
from comments.events import ClientEvent, ServerEvent
from realtime.errors import DEFAULT_MESSAGES, ErrorCode
from realtime.events import RESERVED_EVENTS, ConnectionEvent
from tests.project.files import between, ours, text

CLIENT = [event.value for event in ClientEvent]
SHARED = [event.value for event in ConnectionEvent]
SERVER = [event.value for event in (*ServerEvent, *AccountEvent, *ConnectionEvent)]
DESK_CLIENT = [event.value for event in DeskRequest]
DESK_SERVER = [event.value for event in DeskEvent]
INBOX_CLIENT = [event.value for event in NotificationRequest]
INBOX_SERVER = [event.value for event in NotificationEvent]
STATUS_CLIENT = [event.value for event in StatusRequest]
STATUS_SERVER = [event.value for event in StatusEvent]
CHAT_CLIENT = [event.value for event in ChatRequest]
CHAT_SERVER = [event.value for event in ChatEvent]
# What the chat calls as the posts do, because it is the same there.
SAME = {"typing", "user_typing", "load_more"}
CODES = [code.value for code in ErrorCode]


def exported(name: str) -> dict[str, str]:
    """A frozen object that static/js/postroom/events.js exports."""
    source = re.sub(r"//.*", "", text("static/js/postroom/events.js"))
    found = re.search(rf"export const {name} = Object\.freeze\(\{{(.*?)\}}\)", source, re.DOTALL)
    assert found, name
    entries = re.findall(r"(\w+):\s*'([^']*)'", found[1])
    assert len(entries) == found[1].count(":"), "an entry of an unknown form"
    return dict(entries)


def first_cells(marker: str) -> list[str]:
    """What the first cells of a table in ARCHITECTURE.md name."""
    rows = between(text("ARCHITECTURE.md"), f"<!-- {marker} -->").strip().splitlines()
    cells = [row.split("|")[1].strip() for row in rows[2:]]
    assert all(re.fullmatch(r"`\w+`", cell) for cell in cells), cells
    return [cell.strip("`") for cell in cells]


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("CLIENT_EVENTS", CLIENT),
        ("SERVER_EVENTS", [name for name in SERVER if name not in SHARED]),
        ("SHARED_EVENTS", SHARED),
        ("DESK_REQUESTS", DESK_CLIENT),
        ("DESK_EVENTS", DESK_SERVER),
        ("NOTIFICATION_REQUESTS", INBOX_CLIENT),
        ("NOTIFICATION_EVENTS", INBOX_SERVER),
        ("STATUS_REQUESTS", STATUS_CLIENT),
        ("STATUS_EVENTS", STATUS_SERVER),
        ("CHAT_REQUESTS", CHAT_CLIENT),
        ("CHAT_EVENTS", CHAT_SERVER),
        ("ERROR_CODES", CODES),
    ],
)
def test_javascript_knows_the_same_names(name: str, ours: list[str]) -> None:
    theirs = exported(name)

    assert sorted(theirs.values()) == sorted(ours)
    assert all(key == value.upper() for key, value in theirs.items())


def test_javascript_knows_the_same_reasons() -> None:
    source = text("static/js/helpers/reasons.js")

    assert re.findall(r"^  (\w+): \(\) =>", source, re.MULTILINE) == Reason.values


def test_python_calls_each_by_its_own_name() -> None:
    for vocabulary in (
        ClientEvent, ServerEvent, AccountEvent, ConnectionEvent, DeskRequest, DeskEvent, NotificationRequest,
        NotificationEvent, StatusRequest, StatusEvent, ChatRequest, ChatEvent, ErrorCode,
    ):  # fmt: skip
        members: Iterable[tuple[str, str]] = ((m.name, m.value) for m in vocabulary)
        assert all(name == value.upper() for name, value in members)


@pytest.mark.parametrize(
    ("marker", "ours"),
    [
        ("events:client", CLIENT),
        ("events:server", SERVER),
        ("events:desk-client", DESK_CLIENT),
        ("events:desk-server", DESK_SERVER),
        ("events:notification-client", INBOX_CLIENT),
        ("events:notification-server", INBOX_SERVER),
        ("events:status-client", STATUS_CLIENT),
        ("events:status-server", STATUS_SERVER),
        ("events:chat-client", CHAT_CLIENT),
        ("events:chat-server", CHAT_SERVER),
        ("error-codes", CODES),
    ],
)
def test_the_protocol_tables_list_the_same_names(marker: str, ours: list[str]) -> None:
    assert sorted(first_cells(marker)) == sorted(ours)


def test_no_name_means_two_things() -> None:
    names = [*CLIENT, *SERVER, *DESK_CLIENT, *DESK_SERVER, *INBOX_CLIENT, *INBOX_SERVER]
    names += [*STATUS_CLIENT, *STATUS_SERVER]
    assert len(set(names)) == len(names)
    assert not set(names) & RESERVED_EVENTS
    # A message goes to the server and comes from it under one name, as in every chat.
    assert {*CHAT_CLIENT} & {*CHAT_SERVER} == {"chat_message", "private_message"}
    assert {*CHAT_CLIENT, *CHAT_SERVER} & {*names} == SAME
    assert not {*CHAT_CLIENT, *CHAT_SERVER, *OLD_SPELLINGS} & RESERVED_EVENTS


def test_the_document_names_the_older_spellings() -> None:
    written = text("ARCHITECTURE.md")

    assert all(f"`{spelling}`" in written for spelling in OLD_SPELLINGS)


def test_whoever_writes_a_front_end_finds_all_of_the_chat() -> None:
    written = text("docs/client.md")

    assert all(f"`{name}`" in written for name in (*CHAT_CLIENT, *CHAT_SERVER, *OLD_SPELLINGS))


def test_every_error_code_has_a_sentence() -> None:
    assert set(DEFAULT_MESSAGES) == set(ErrorCode)


@pytest.mark.parametrize("folder", ["comments", "realtime", "accounts", "config"])
def test_python_writes_no_event_by_hand(folder: str) -> None:
    names = {*CLIENT, *SERVER, *DESK_CLIENT, *DESK_SERVER, *INBOX_CLIENT, *INBOX_SERVER}
    names |= {*STATUS_CLIENT, *STATUS_SERVER, *CHAT_CLIENT, *CHAT_SERVER}
    for path in ours(folder, ".py"):
        if path.name in {"events.py", "urls.py"}:  # a page's address may be named as a request is
            continue
        code = re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL)
        code = re.sub(r"#.*", "", code)
        written = set(re.findall(r"[\"'](\w+)[\"']", code)) & names
        # The bus has a method of the first name for its own messages, a verdict the second, a page the third,
        # a post's column the last.
        assert written <= {"presence", "undo", "notification", "room_state"}, f"{path.name}: {written}"


def test_javascript_writes_no_event_by_hand() -> None:
    names = {*CLIENT, *SERVER, *DESK_CLIENT, *DESK_SERVER, *INBOX_CLIENT, *INBOX_SERVER}
    for path in ours("static/js", ".js"):
        if path.name == "events.js":
            continue
        code = re.sub(r"//.*", "", path.read_text())
        written = set(re.findall(r"\b(?:on|emit|emitWithAck)\(\s*['\"](\w+)['\"]", code))
        assert not written & names, f"{path.name}: {written}"
