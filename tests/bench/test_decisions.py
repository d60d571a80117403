"""Decisions are timed from the moderator to the last reader, and from a click to the page of another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import CHROMIUM
from tests.servers import Site

from . import cases, report, servers
from .herd import Herd, Unavailable, build
from .load import Bench, Helper, Measures, prepared
from .targets import TARGETS

READERS = 60  # more than those whose comments wait


@pytest.fixture(scope="module")
def build_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="module")
def bench(build_dir: Path) -> Iterator[Bench]:
    """People and a database, on SQLite, for loads that are over in a moment."""
    try:
        with prepared(
            build_dir=build_dir, packages=None, people=READERS + 1, database="sqlite", seconds=0.2
        ) as bench:
            yield bench
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = servers.site(tmp_path_factory.mktemp("postroom") / "var", None)
    site.prepare()
    try:
        site.start()
        yield site
    finally:
        site.close()


@pytest.fixture
def moderator(site: Site) -> Iterator[Helper]:
    helper = Helper("moderator", site.environment)
    yield helper
    helper.close()


def test_a_reader_does_not_get_to_the_desk(moderator: Helper, site: Site) -> None:
    reader = site.person("reader")
    with pytest.raises(RuntimeError, match="not let in: 44/moderation"):
        moderator.ask("sit_down", port=site.port, session=reader.session, post_id=1)


def test_a_decision_is_heard_by_every_reader(
    moderator: Helper, site: Site, build_dir: Path, tmp_path: Path
) -> None:
    author, writer = site.person("author"), site.person("writer")
    boss = site.person("boss", is_staff=True)
    site.ask_clerk("put_in_group", user_id=boss.id, name="moderators")
    post_id = site.post(author=author, pre_moderation=True)
    for text in ("First", "Second"):
        site.ask_clerk("write", post_id=post_id, user_id=writer.id, content=text)
    file = tmp_path / "readers"
    file.write_text(f"{author.session} {post_id}\n{writer.session} {post_id}\n")
    try:
        herd = Herd(build("herd", build_dir))
    except Unavailable as problem:
        pytest.skip(str(problem))
    try:
        assert herd.open(site.port, file)["opened"] == 2
        assert moderator.ask("sit_down", port=site.port, session=boss.session, post_id=post_id) == 2

        decision = moderator.ask("decide")
        heard = herd.hear(2)

        assert decision["ok"]
        assert heard["events"] == 2
        assert decision["sent"] < decision["answered"]
        assert decision["sent"] < heard["last"]
        assert {row["content"]: row["status"] for row in site.stored(post_id)} == {
            "First": "published",
            "Second": "pending",
        }
        # What was heard once is not counted again, and who waits in vain says how many came.
        assert herd.hear(1, seconds=0.1)["events"] == 0
    finally:
        herd.quit()


def test_without_a_browser_only_the_server_is_measured(bench: Bench) -> None:
    figures = measured(bench)

    assert figures["faults"] == 0
    assert 0 < figures["answered_p50_ms"] <= figures["answered_p99_ms"] <= figures["answered_max_ms"]
    assert 0 < figures["heard_p50_ms"] <= figures["heard_max_ms"]
    assert 0 < figures["server_cpu_share"] < 2
    assert "click_p50_ms" not in figures
    assert [verdict for what, verdict in verdicts(figures) if "click" in what] == ["not measured"]


def test_a_click_is_timed_until_it_is_on_the_readers_page(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    monkeypatch.setattr(bench, "browser", CHROMIUM)

    figures = measured(bench)

    assert figures["faults"] == 0
    assert figures["clicks"] > 0
    assert 0 < figures["click_p50_ms"] < figures["click_drawn_p50_ms"]
    assert figures["click_p50_ms"] <= figures["click_p99_ms"] <= figures["click_max_ms"]
    assert figures["browser_cpu_share"] > 0
    medians = {"decision-500": {"postroom": figures}}
    assert "from a moderator's click to the reader's page, p50, ms" in report.markdown(
        medians, {"decision-500": {"postroom": [figures]}}, {}
    )


@pytest.mark.parametrize(("milliseconds", "verdict"), [(49.9, "reached"), (50.1, "NOT REACHED")])
def test_the_target_is_the_median_click_among_five_hundred(milliseconds: float, verdict: str) -> None:
    assert [said for what, said in verdicts({"click_p50_ms": milliseconds}) if "click" in what] == [verdict]


def measured(bench: Bench) -> Measures:
    [figures] = cases.decision(bench, "postroom", (), readers=READERS).values()
    return figures


def verdicts(figures: Measures) -> list[tuple[str, str]]:
    medians = {"decision-500": {"postroom": figures}}
    return [(target.what, target.verdict(medians)) for target in TARGETS]
