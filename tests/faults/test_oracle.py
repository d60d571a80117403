"""An oracle that sees nothing proves nothing: each fault that it looks for is made by hand once."""

from typing import Any

from tests.servers import Person

from .oracle import Oracle, Row, Verdict
from .page import Entry, Page

POST: Row = {"version": 3, "comment_count": 2}


def row(id_: int, version: int, **changed: Any) -> Row:
    fields = {"content": f"text {id_}", "status": "published", "client_id": f"c{id_}", "edited_at": None}
    return {"id": id_, "version": version, **fields, **changed}


def rows() -> list[Row]:
    return [row(1, 1), row(2, 3)]


def comment(id_: int, version: int, **changed: Any) -> dict[str, Any]:
    return {"_id": str(id_), "version": version, "content": f"text {id_}", "status": "published", **changed}


def page() -> Page:
    """One that is right."""
    right = Page(lambda: "", Person(1, "reader", ""), 1)
    for id_, version in ((1, 1), (2, 3)):
        right.sent[f"c{id_}"] = Entry(f"text {id_}", f"c{id_}")
        right.confirmed[f"c{id_}"] = comment(id_, version)
        right.texts[str(id_)] = f"text {id_}"
        right.room.know(comment(id_, version))
    right.room.applied += [1, 2, 3]
    right.room.version, right.room.count = 3, 2
    return right


def judged(pages: list[Page], stored: list[Row]) -> Verdict:
    verdict = Verdict()
    oracle = Oracle("", 1)
    oracle.check_database(verdict, stored, POST, pages)
    for one in pages:
        oracle.check_page(verdict, stored, POST, one)
    return verdict


def test_it_is_content_with_what_is_right() -> None:
    assert judged([page()], rows()).problems == []


def test_it_sees_a_confirmed_comment_that_is_not_stored() -> None:
    verdict = judged([page()], rows()[:1])

    assert verdict.lost[0] == "reader's 'text 2' was confirmed and is not stored"


def test_it_sees_an_edit_that_is_not_stored() -> None:
    edited = page()
    edited.texts["1"] = "another"

    assert judged([edited], rows()).lost == ["reader's edit of 1 to 'another' is not stored: 'text 1'"]


def test_it_sees_a_comment_that_a_page_misses() -> None:
    late = page()
    late.room.know(comment(2, 4, status="removed"))

    assert judged([late], rows()).lost == ["reader misses 2"]


def test_it_sees_a_comment_stored_twice() -> None:
    verdict = judged([page()], [*rows(), row(3, 2, client_id="c1")])

    assert verdict.doubled == ["reader's 'text 1' is stored twice"]


def test_it_sees_a_change_applied_twice_or_out_of_order() -> None:
    for applied in ([1, 2, 2, 3], [1, 3, 2]):
        confused = page()
        confused.room.applied = applied
        assert judged([confused], rows()).misordered == [f"reader applied {applied}"]


def test_it_sees_versions_that_do_not_follow_the_order_of_writing() -> None:
    assert judged([], [row(1, 3, client_id="x"), row(2, 1, client_id="y")]).misordered != []
    assert judged([], [row(1, 1, client_id="x"), row(2, 1, client_id="y")]).misordered != []


def test_it_sees_another_text_and_what_should_be_gone() -> None:
    wrong = page()
    wrong.room.know(comment(1, 4, content="Something else"))
    assert len(judged([wrong], rows()).wrong) == 1

    assert judged([page()], [row(1, 1, status="removed"), row(2, 3)]).wrong[-1] == "reader still shows 1"


def test_it_sees_a_refused_comment_that_is_stored() -> None:
    refused = page()
    refused.refused["c1"] = "invalid"

    assert judged([refused], rows()).wrong == ["reader's 'text 1' was refused and is stored"]
