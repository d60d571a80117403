"""The few statements that every new comment costs, as constant SQL.

For these the ORM spends several times longer on making a statement than the database on answering it.
Tables and columns come from the models, values go through the models' fields, and PostgreSQL and SQLite
understand the same words. Everything else uses the ORM.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import connection, models

from accounts.models import User

from .models import Comment, Post

Row = TypeVar("Row", bound=models.Model)
# SQLite takes 32,766 parameters in one statement.
_ROWS_PER_INSERT = 500


class _Columns(Generic[Row]):
    """Some columns of a model, as SQL and read back as its instances; the others load when asked for."""

    def __init__(self, model: type[Row], names: set[str]) -> None:
        self.model = model
        self.fields = [field for field in model._meta.concrete_fields if field.name in names]
        self.names = [field.attname for field in self.fields]
        self.sql = ", ".join(f'"{field.column}"' for field in self.fields)

    def made_of(self, rows: Sequence[Sequence[Any]]) -> list[Row]:
        convert = _converters(self, connection.vendor)
        if convert:
            rows = [self._converted(row, convert) for row in rows]
        return [self.model.from_db(connection.alias, self.names, row) for row in rows]

    @staticmethod
    def _converted(row: Sequence[Any], convert: Sequence[tuple[int, Any, Any]]) -> list[Any]:
        values = list(row)
        for index, converter, expression in convert:
            values[index] = converter(values[index], expression, connection)
        return values


@cache
def _converters(columns: _Columns[Any], vendor: str) -> list[tuple[int, Any, Any]]:
    """What makes Python's values of the database's; PostgreSQL needs nothing, SQLite knows no booleans."""
    found = []
    for index, field in enumerate(columns.fields):
        expression = field.get_col(columns.model._meta.db_table)
        converters = [*connection.ops.get_db_converters(expression), *field.get_db_converters(connection)]
        found += [(index, converter, expression) for converter in converters]
    return found


_AUTHOR = _Columns(
    User,
    {"id", "username", "name", "is_staff", "is_active", "is_sanctioned", "trusted_at", "date_joined"},
)
_POST = _Columns(
    Post,
    {
        "id", "author", "version", "comment_count", "room_state", "pre_moderation", "hold_newcomers",
        "slow_mode", "auto_slow_above", "auto_slow_seconds", "auto_slow_until",
    },
)  # fmt: skip
# Somebody's latest comments of which digests were kept, as far as they are recent. It is bounded before it is
# asked how old they are: whoever has not written for long would have all they ever wrote looked through.
# Among how many of somebody's latest comments a repetition is looked for.
LATEST = 5
_JOINED = {"postgresql": "string_agg(digest::text, ',')", "sqlite": "group_concat(digest)"}
_FIND = f'SELECT {_AUTHOR.sql}, NULL FROM "{User._meta.db_table}" WHERE "id" IN ('  # noqa: S608
_FIND_WITH_RECENT = {
    vendor: f"""SELECT {_AUTHOR.sql}, (
        SELECT {joined} FROM (
            SELECT digest, created_at FROM "{Comment._meta.db_table}" AS mine
            WHERE mine.author_id = "{User._meta.db_table}".id
            ORDER BY mine.created_at DESC, mine.id DESC LIMIT {LATEST}
        ) AS latest WHERE created_at > %s
    ) FROM "{User._meta.db_table}" WHERE "id" IN ("""  # noqa: S608
    for vendor, joined in _JOINED.items()
}
# What `Post.objects.reachable` is, and the lock.
_TAKE_POST = (
    f'UPDATE "{Post._meta.db_table}" SET "version" = "version" + %s, "comment_count" = "comment_count" + %s'  # noqa: S608
    f' WHERE "id" = %s AND "published_at" <= %s RETURNING {_POST.sql}'
)
_NEW = [field for field in Comment._meta.concrete_fields if not field.primary_key]
# What the database gives a column that is left out.
_DEFAULTS = [None if field.db_default is models.NOT_PROVIDED else field.db_default for field in _NEW]
_row_of = attrgetter(*(field.attname for field in _NEW))
Recent = dict[int, frozenset[int]]


def hold(
    author_ids: Iterable[int],
    posts: Mapping[int, int],
    now: datetime,
    *,
    recent_since: datetime | None = None,
) -> tuple[dict[int, User], dict[int, Post], Recent]:
    """These users, and the posts that readers can see at `now`, held until the transaction ends; and, where
    `recent_since` is given, the digests of what each of the users has said lately.

    `posts` says how many comments each is to get. Versions and numbers of comments are advanced by so many
    at once, since nearly always all of them are published; whoever uses fewer gives the rest back before
    the transaction ends. Posts are taken in the order of their ids, so two batches never wait for each other.
    """
    wanted = list(author_ids)
    moment = connection.ops.adapt_datetimefield_value(now)
    find, values = _FIND, []
    if recent_since is not None:
        find = _FIND_WITH_RECENT[connection.vendor]
        values = [connection.ops.adapt_datetimefield_value(recent_since)]
    asked: list[tuple[str, list[Any]]] = [(f"{find}{_marks(wanted)})", [*values, *wanted])]
    asked += [(_TAKE_POST, [posts[pk], posts[pk], pk, moment]) for pk in sorted(posts)]
    users, *taken = _answers(asked)
    people = _AUTHOR.made_of([row[:-1] for row in users])
    said = [frozenset(map(int, row[-1].split(","))) if row[-1] else frozenset() for row in users]
    return (
        {user.pk: user for user in people},
        {post.pk: post for rows in taken for post in _POST.made_of(rows)},
        {user.pk: digests for user, digests in zip(people, said, strict=True)},
    )


def insert(comments: Sequence[Comment]) -> None:
    """Store new comments and give them their ids, which grow in this order."""
    for start in range(0, len(comments), _ROWS_PER_INSERT):
        _insert(comments[start : start + _ROWS_PER_INSERT])


def _insert(comments: Sequence[Comment]) -> None:
    # Each value costs time, and a column that is left out gets its default by itself.
    rows = [_row_of(comment) for comment in comments]
    given = [index for index, default in enumerate(_DEFAULTS) if any(row[index] != default for row in rows)]
    columns = ", ".join([f'"{_NEW[index].column}"' for index in given])
    marks = ", ".join([f"({_marks(given)})"] * len(comments))
    sql = f'INSERT INTO "{Comment._meta.db_table}" ({columns}) VALUES {marks} RETURNING "id"'  # noqa: S608
    adapt = connection.ops.adapt_datetimefield_value
    values = [row[index] for row in rows for index in given]
    values = [adapt(value) if isinstance(value, datetime) else value for value in values]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        ids = cursor.fetchall()
    for comment, (pk,) in zip(comments, ids, strict=True):
        comment.pk = pk
        comment._state.adding = False
        comment._state.db = connection.alias


def _answers(asked: Sequence[tuple[str, list[Any]]]) -> list[list[Any]]:
    """The rows that each statement returns. PostgreSQL gets all of them at once: waiting costs most."""
    with connection.cursor() as cursor:
        answers: list[list[Any]] = []
        if connection.vendor != "postgresql":
            for sql, values in asked:
                cursor.execute(sql, values)
                answers.append(cursor.fetchall())
            return answers
        cursor.execute("; ".join(sql for sql, _ in asked), [value for _, values in asked for value in values])
        answers.append(cursor.fetchall())
        while cursor.nextset():
            answers.append(cursor.fetchall())
        return answers


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
