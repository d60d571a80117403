"""The few statements that every new comment and every reader who joins cost, as constant SQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from realtime.sql import Columns, Question, answers_to, marks

from .models import Comment, Post

# SQLite takes 32,766 parameters in one statement.
_ROWS_PER_INSERT = 500


_AUTHOR = Columns(User, {"id", "username", "name", "is_staff", "is_active"})
_POST = Columns(
    Post,
    {"id", "author", "version", "comment_count", "room_state", "pre_moderation", "slow_mode"},
)
_PERSON = Columns(User, {"id", "is_active", "name", "username", "is_staff"})
_SHOWN_POST = Columns.all_of(Post, but={"body"})
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
    find = f'SELECT {_AUTHOR.sql} FROM "{User._meta.db_table}" WHERE "id" IN ({marks(wanted)})'  # noqa: S608
    asked: list[Question] = [(find, [*wanted])]
    asked += [(_TAKE_POST, [posts[pk], posts[pk], pk, moment]) for pk in sorted(posts)]
    users, *taken = answers_to(asked)
    return (
        {user.pk: user for user in _AUTHOR.made_of(users)},
        {post.pk: post for rows in taken for post in _POST.made_of(rows)},
    )


def find(
    user_ids: Collection[int], post_ids: Collection[int]
) -> tuple[list[dict[str, Any]], dict[int, Post]]:
    """Of these people what readers see of them and whether they are active, and those of the posts that
    readers can see now, without their bodies."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    people, posts = answers_to(
        [
            (
                f'SELECT {_PERSON.sql} FROM {_PERSON.table} WHERE "id" IN ({marks(user_ids)})',  # noqa: S608
                [*user_ids],
            ),
            (
                f"SELECT {_SHOWN_POST.sql} FROM {_SHOWN_POST.table}"  # noqa: S608
                f' WHERE "id" IN ({marks(post_ids)}) AND "published_at" <= %s',
                [*post_ids, now],
            ),
        ]
    )
    return (
        [dict(zip(_PERSON.names, row, strict=True)) for row in _PERSON.values_of(people)],
        {post.pk: post for post in _SHOWN_POST.made_of(posts)},
    )


def insert(comments: Sequence[Comment]) -> None:
    """Store new comments and give them their ids, which grow in this order."""
    for start in range(0, len(comments), _ROWS_PER_INSERT):
        _insert(comments[start : start + _ROWS_PER_INSERT])


def _insert(comments: Sequence[Comment]) -> None:
    # Each value costs time, and a column that is left out is null by itself.
    fields = [field for field in _NEW if any(getattr(each, field.attname) is not None for each in comments)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join([f"({marks(fields)})"] * len(comments))
    sql = f'INSERT INTO "{Comment._meta.db_table}" ({columns}) VALUES {places} RETURNING "id"'  # noqa: S608
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
