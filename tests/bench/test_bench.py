"""The bench counts what there is: both servers under a load whose outcome is known beforehand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import socketio

from tests.servers import Site, postgres_server

from . import servers
from .herd import Herd, Unavailable, build

READERS, COMMENTS = 10, 5
WITHIN = 10  # seconds for an answer


@pytest.fixture(scope="module")
def herd_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build("herd", tmp_path_factory.mktemp("herd"))
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.fixture
def herd(herd_program: Path) -> Iterator[Herd]:
    herd = Herd(herd_program)
    yield herd
    herd.quit()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Postroom, on SQLite, with the request `relay`."""
    site = servers.site(tmp_path_factory.mktemp("postroom") / "var", None, relay=True)
    site.prepare()
    try:
        site.start()
        yield site
    finally:
        site.close()


@pytest.fixture(scope="module")
def rival(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, int]]:
    """A site on PostgreSQL that is not served itself, and the port of Node.js on its database."""
    directory = tmp_path_factory.mktemp("node")
    try:
        packages = servers.install_packages(directory / "packages")
    except Unavailable as problem:
        pytest.skip(str(problem))
    with postgres_server() as url:
        site = servers.site(directory / "var", url)
        site.prepare()
        try:
            with servers.node(packages, url, site.environment, directory / "log") as served:
                yield site, served.ports[0]
        finally:
            site.close()


def new_post(site: Site) -> int:
    return site.post(author=site.person("author"))


def readers_file(site: Site, post_id: int, path: Path) -> Path:
    people = [site.person(f"reader{number}") for number in range(READERS)]
    path.write_text("".join(f"{person.session} {post_id}\n" for person in people))
    return path


def check_every_reader_is_counted_once(herd: Herd, site: Site, port: int, tmp_path: Path) -> None:
    post_id = new_post(site)
    opened = herd.open(port, readers_file(site, post_id, tmp_path / "readers"))
    assert (opened["opened"], opened["failed"], opened["histories"]) == (READERS, 0, READERS), opened

    for event in ("new_comment", "relay"):
        heard = herd.run(event=event, comments=COMMENTS, in_flight=2, seconds=WITHIN)
        assert heard["deliveries"] == READERS * COMMENTS, heard
        assert heard["accepted"] == heard["confirmed"] == heard["comments"] == COMMENTS, heard
        assert not any(heard[name] for name in ("refused", "strays", "lost", "gone")), heard
        assert heard["delivered"]["count"] == READERS * COMMENTS
        assert heard["complete"]["count"] == COMMENTS

    assert len(site.stored(post_id)) == COMMENTS  # a relayed comment is not stored


def check_strangers_are_no_readers(herd: Herd, site: Site, port: int, tmp_path: Path) -> None:
    file = tmp_path / "strangers"
    file.write_text(f"{'x' * 32} {new_post(site)}\n")
    opened = herd.open(port, file)
    assert (opened["opened"], opened["failed"]) == (0, 1)
    assert "sign_in" in opened["problem"]


async def heard_by_a_client(site: Site, port: int) -> dict[str, Any]:
    """What a client hears who joins, writes and is refused: of each event and ack the keys of its payload."""
    post_id = new_post(site)
    client = socketio.AsyncClient(reconnection=False)
    shapes: dict[str, Any] = {}

    async def hear(event: str, *arguments: Any) -> None:
        shapes.setdefault(event, [_keys(argument) for argument in arguments])

    client.on("*", hear)
    cookie = {"Cookie": f"sessionid={site.person('writer').session}"}
    await client.connect(f"http://127.0.0.1:{port}", headers=cookie, transports=["websocket"])
    try:
        for name, event, request in (
            ("join", "join_post", {"postId": str(post_id)}),
            ("write", "new_comment", {"postId": str(post_id), "content": "Hello", "clientId": "one"}),
            ("catch up", "join_post", {"postId": str(post_id), "since": 0}),
            ("refusal", "new_comment", {"postId": str(post_id), "content": " ", "clientId": "two"}),
        ):
            answer = await client.call(event, request, timeout=WITHIN)
            shapes[f"ack of {name}"] = [
                answer["ok"],
                _keys(answer),
                answer.get("kind"),
                answer.get("version"),
            ]
    finally:
        await client.disconnect()
    return shapes


def _keys(value: Any) -> Any:
    """The keys of an object, at every depth; of anything else only what kind of thing it is."""
    if isinstance(value, dict):
        return {key: _keys(each) for key, each in sorted(value.items())}
    if isinstance(value, list):
        return [_keys(each) for each in value]
    return type(value).__name__


def test_every_reader_is_counted_once(herd: Herd, site: Site, tmp_path: Path) -> None:
    check_every_reader_is_counted_once(herd, site, site.port, tmp_path)


def test_strangers_are_no_readers(herd: Herd, site: Site, tmp_path: Path) -> None:
    check_strangers_are_no_readers(herd, site, site.port, tmp_path)


def test_the_same_is_counted_on_node(herd: Herd, rival: tuple[Site, int], tmp_path: Path) -> None:
    check_every_reader_is_counted_once(herd, *rival, tmp_path)


def test_strangers_are_no_readers_on_node_either(herd: Herd, rival: tuple[Site, int], tmp_path: Path) -> None:
    check_strangers_are_no_readers(herd, *rival, tmp_path)


async def test_a_client_hears_the_same_from_both(site: Site, rival: tuple[Site, int]) -> None:
    assert await heard_by_a_client(*rival) == await heard_by_a_client(site, site.port)
