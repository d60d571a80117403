"""Reading costs the same under a post with ten comments as under one with more than a thousand."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from comments import joining, people, reactions, reading
from comments.events import page_payload
from comments.joining import Joining
from comments.models import Comment, Post
from comments.sockets import LoadMore, _load_more
from tests.callers import StandIn
from tests.cast import a_post, fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(author: User, owner: User) -> Post:
    post = a_post(author, slug="few")
    fill(post, owner, 10)
    return post


@pytest.fixture(params=["without statistics", "with statistics"])
def many(request: pytest.FixtureRequest, few: Post, author: User, owner: User) -> Post:
    post = a_post(author, slug="many")
    fill(post, owner, 1_200)
    if request.param == "with statistics":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return post


def queries(act: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries]


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(row[3] for row in cursor.fetchall())


def reading_of_comments(statements: list[str]) -> list[str]:
    """The plans of those statements that fetch comments."""
    return [plan(sql) for sql in statements if 'FROM "comments_comment"' in sql]


sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="plans read differently elsewhere")


def assert_uses(index: str, plans: list[str]) -> None:
    assert plans
    for text in plans:
        assert f"USING INDEX {index}" in text or f"COVERING INDEX {index}" in text, text
        # The steps of a page's own recursion are no table.
        assert "SCAN" not in text.replace("SCAN CONSTANT ROW", "").replace("SCAN step", ""), text
        assert "TEMP B-TREE" not in text, text


def open_page(post: Post, reader: User | None = None, query: str = "") -> Callable[[], object]:
    client = Client()
    if reader is not None:
        client.force_login(reader)

    def get() -> None:
        assert client.get(post.get_absolute_url() + query).status_code == 200

    get()  # templates and content types are read once
    return get


@sqlite_only
def test_the_post_page_follows_the_index(many: Post) -> None:
    assert_uses("comment_page", reading_of_comments(queries(open_page(many))))


@sqlite_only
def test_an_earlier_page_follows_the_index(many: Post) -> None:
    middle = Comment.objects.filter(post=many).order_by("id")[600]

    plans = reading_of_comments(queries(open_page(many, query=f"?before={middle.pk}")))

    assert_uses("comment_page", plans)


@sqlite_only
def test_joining_follows_the_index(many: Post, owner: User) -> None:
    plans = reading_of_comments(queries(lambda: joining.load([Joining(many.pk, owner.pk)])))

    assert_uses("comment_page", plans)


@sqlite_only
def test_load_more_follows_the_index(many: Post, owner: User) -> None:
    newest = reading.page(many)
    wanted = LoadMore(postId=many.pk, before=newest.before)

    plans = reading_of_comments(queries(lambda: _load_more(wanted, StandIn(owner.pk))))  # type: ignore[arg-type]

    assert_uses("comment_page", plans)


@sqlite_only
@pytest.mark.parametrize("where", ["after", "around"])
def test_load_more_follows_the_index_in_every_direction(many: Post, owner: User, where: str) -> None:
    middle = Comment.objects.filter(post=many).order_by("id")[600]
    wanted = LoadMore.model_validate({"postId": many.pk, where: middle.pk})

    plans = reading_of_comments(queries(lambda: _load_more(wanted, StandIn(owner.pk))))  # type: ignore[arg-type]

    assert_uses(
        "comment_page", [each for each in plans if "USING INTEGER PRIMARY KEY" not in each.split("\n")[0]]
    )


@sqlite_only
def test_a_later_page_follows_the_index(many: Post) -> None:
    middle = Comment.objects.filter(post=many).order_by("id")[600]

    plans = reading_of_comments(queries(open_page(many, query=f"?after={middle.pk}")))

    assert_uses("comment_page", plans)


@sqlite_only
def test_catching_up_follows_the_index(many: Post) -> None:
    plans = reading_of_comments(queries(lambda: reading.changes(many, 1_100)))

    assert_uses("comment_changes", plans)


@sqlite_only
def test_what_is_ones_own_and_hidden_follows_an_index(many: Post, owner: User) -> None:
    plans = reading_of_comments(queries(lambda: reading.own(many, owner)))

    assert_uses("comment_own_hidden", plans)


@sqlite_only
def test_what_moderators_have_hidden_follows_an_index(many: Post) -> None:
    page = reading.page(many)

    plans = reading_of_comments(
        queries(lambda: reading.hidden_by_moderators(many, page.comments, is_newest=True))
    )

    assert len(plans) == 3
    assert_uses("comment_queue_post", plans)


@sqlite_only
def test_the_next_page_follows_the_index(many: Post) -> None:
    middle = Comment.objects.filter(post=many).order_by("id")[600]

    plans = reading_of_comments(queries(lambda: reading.end_of_next(many, middle.pk)))

    assert_uses("comment_page", plans)


@sqlite_only
def test_the_people_of_a_post_are_found_along_the_index(many: Post, owner: User) -> None:
    plans = reading_of_comments(queries(lambda: people.people_of(many, "o", asking=owner)))

    assert_uses("comment_page", plans)


@sqlite_only
def test_ones_own_reactions_follow_an_index(many: Post, owner: User, stranger: User) -> None:
    ids = [comment.pk for comment in reading.page(many).comments]
    reactions.react(ids[0], "👍", on=True, acting_user=stranger)

    [statement] = queries(lambda: reactions.own_reactions({owner.pk, stranger.pk}, ids))

    found = plan(statement)
    assert "COVERING INDEX" in found
    assert "(user_id=? AND comment_id=?)" in found
    assert "TEMP B-TREE" not in found


@sqlite_only
def test_the_permalink_follows_the_index(many: Post) -> None:
    middle = Comment.objects.filter(post=many).order_by("id")[600]

    plans = reading_of_comments(queries(lambda: reading.page_with(middle)))

    assert_uses("comment_page", plans)


@pytest.mark.parametrize("logged_in", [False, True])
def test_the_post_page_asks_as_often_with_ten_comments_as_with_1_200(
    few: Post, many: Post, stranger: User, logged_in: bool
) -> None:
    reader = stranger if logged_in else None

    assert len(queries(open_page(few, reader))) == len(queries(open_page(many, reader)))


def test_joining_asks_as_often_with_ten_comments_as_with_1_200(few: Post, many: Post, stranger: User) -> None:
    def join(post: Post, since: int | None = None) -> int:
        return len(queries(lambda: joining.load([Joining(post.pk, stranger.pk, since)])))

    assert join(few) == join(many) == 3
    assert join(few, since=1) == join(many, since=1_000) == 3


def test_payloads_ask_nothing(many: Post, owner: User) -> None:
    page = reading.page(many)

    assert queries(lambda: json.dumps(page_payload(page.comments, owner.pk))) == []


def test_the_front_page_asks_as_often_with_one_post_as_with_twelve(
    few: Post, author: User, owner: User
) -> None:
    client = Client()
    client.get("/")
    before = len(queries(lambda: client.get("/")))
    for _ in range(11):
        fill(a_post(author), owner, 3)

    assert len(queries(lambda: client.get("/"))) == before


@sqlite_only
def test_the_front_page_looks_at_the_newest_comment_of_each_post_only(few: Post, many: Post) -> None:
    client = Client()
    client.get("/")

    [text] = [plan(sql) for sql in queries(lambda: client.get("/")) if "comments_comment" in sql]

    assert "USING INDEX comment_page (<expr>=?)" in text
