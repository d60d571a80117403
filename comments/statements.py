"""The few statements that every new comment costs, as constant SQL.

For these the ORM spends several times longer on making a statement than the database on answering it.
Tables and columns come from the models, values go through the models' fields, and PostgreSQL and SQLite
understand the same words. Everything else uses the ORM.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
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


_AUTHOR = _Columns(User, {"id", "username", "name", "is_staff", "is_active"})
_POST = _Columns(
    Post,
    {"id", "author", "version", "comment_count", "room_state", "pre_moderation", "slow_mode"},
)
# What `Post.objects.reachable` is, and the lock.
_TAKE_POST = (
    f'UPDATE "{Post._meta.db_table}" SET "version" = "version" + %s, "comment_count" = "comment_count" + %s'  # noqa: S608
    f' WHERE "id" = %s AND "published_at" <= %s RETURNING {_POST.sql}'
)
_NEW = [field for field in Comment._meta.concrete_fields if not field.primary_key]


def hold(
    author_ids: Iterable[int], posts: Mapping[int, int], now: datetime
) -> tuple[dict[int, User], dict[int, Post]]:
    """These users, and the posts that readers can see at `now`, held until the transaction ends.

    `posts` says how many comments each is to get. Versions and numbers of comments are advanced by so many
    at once, since nearly always all of them are published; whoever uses fewer gives the rest back before
    the transaction ends. Posts are taken in the order of their ids, so two batches never wait for each other.
    """
    wanted = list(author_ids)
    moment = connection.ops.adapt_datetimefield_value(now)
    find = f'SELECT {_AUTHOR.sql} FROM "{User._meta.db_table}" WHERE "id" IN ({_marks(wanted)})'  # noqa: S608
    asked: list[tuple[str, list[Any]]] = [(find, [*wanted])]
    asked += [(_TAKE_POST, [posts[pk], posts[pk], pk, moment]) for pk in sorted(posts)]
    users, *taken = _answers(asked)
    return (
        {user.pk: user for user in _AUTHOR.made_of(users)},
        {post.pk: post for rows in taken for post in _POST.made_of(rows)},
    )


def insert(comments: Sequence[Comment]) -> None:
    """Store new comments and give them their ids, which grow in this order."""
    for start in range(0, len(comments), _ROWS_PER_INSERT):
        _insert(comments[start : start + _ROWS_PER_INSERT])


def _insert(comments: Sequence[Comment]) -> None:
    # Each value costs time, and a column that is left out is null by itself.
    fields = [field for field in _NEW if any(getattr(each, field.attname) is not None for each in comments)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join([f"({_marks(fields)})"] * len(comments))
    sql = f'INSERT INTO "{Comment._meta.db_table}" ({columns}) VALUES {marks} RETURNING "id"'  # noqa: S608
    adapt = connection.ops.adapt_datetimefield_value
    values = [getattr(comment, field.attname) for comment in comments for field in fields]
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
