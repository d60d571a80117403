"""The few statements that each new comment, each reaction and each reader who joins cost, as constant SQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.utils import timezone

from accounts.models import User
from realtime.sql import Columns, Question, answers_to, marks

from .models import Comment, Post, Reaction

# SQLite takes 32,766 parameters in one statement.
_ROWS_PER_INSERT = 500


_AUTHOR = Columns(
    User,
    {
        "id", "username", "name", "picture", "is_staff", "is_active", "is_sanctioned", "trusted_at",
        "date_joined",
    },
)  # fmt: skip
_POST = Columns(
    Post,
    {
        "id", "kind", "slug", "author", "version", "comment_count", "room_state", "pre_moderation",
        "hold_newcomers", "slow_mode", "auto_slow_above", "auto_slow_seconds", "auto_slow_until",
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
_PERSON = Columns(
    User, {"id", "is_active", "name", "username", "picture", "is_staff", "is_sanctioned", "trusted_at"}
)
_SHOWN_POST = Columns.all_of(Post, but={"body"})
# What `Post.objects.reachable` is, and the lock.
_TAKE_POST = (
    f'UPDATE "{Post._meta.db_table}" SET "version" = "version" + %s, "comment_count" = "comment_count" + %s,'  # noqa: S608
    f' "changed_at" = %s WHERE "id" = %s AND "published_at" <= %s RETURNING {_POST.sql}'
)
_REACTED_POST = Columns(Post, {"id", "author", "version", "published_at", "room_state"})
_REACTED = Columns(Comment, {"id", "post", "status", "version", "reactions"})
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
    asked: list[Question] = [(f"{find}{marks(wanted)})", [*values, *wanted])]
    asked += [(_TAKE_POST, [posts[pk], posts[pk], moment, pk, moment]) for pk in sorted(posts)]
    users, *taken = answers_to(asked)
    people = _AUTHOR.made_of([row[:-1] for row in users])
    said = [frozenset(map(int, row[-1].split(","))) if row[-1] else frozenset() for row in users]
    return (
        {user.pk: user for user in people},
        {post.pk: post for rows in taken for post in _POST.made_of(rows)},
        {user.pk: digests for user, digests in zip(people, said, strict=True)},
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


def hold_reacted(
    user_ids: Collection[int], comment_ids: Collection[int]
) -> tuple[dict[int, User], dict[int, Post], dict[int, Comment], list[tuple[int, int, str]]]:
    """These users; the posts of these comments, held until the transaction ends; the comments as they are
    from then on; and which reactions to them are the users' own: (user, comment, emoji).

    Posts are taken in the order of their ids, so two turns never wait for each other.
    """
    people, ids = marks(user_ids), marks(comment_ids)
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    users, posts, comments, own = answers_to(
        [
            (f'SELECT {_AUTHOR.sql} FROM {_AUTHOR.table} WHERE "id" IN ({people})', [*user_ids]),  # noqa: S608
            (
                f'SELECT {_REACTED_POST.sql} FROM {_REACTED_POST.table} WHERE "id" IN'  # noqa: S608
                f' (SELECT "post_id" FROM {_REACTED.table} WHERE "id" IN ({ids})) ORDER BY "id"{lock}',
                [*comment_ids],
            ),
            (f'SELECT {_REACTED.sql} FROM {_REACTED.table} WHERE "id" IN ({ids})', [*comment_ids]),  # noqa: S608
            (
                f'SELECT "user_id", "comment_id", "emoji" FROM "{Reaction._meta.db_table}"'  # noqa: S608
                f' WHERE "user_id" IN ({people}) AND "comment_id" IN ({ids}) ORDER BY "id"',
                [*user_ids, *comment_ids],
            ),
        ]
    )
    return (
        {user.pk: user for user in _AUTHOR.made_of(users)},
        {post.pk: post for post in _REACTED_POST.made_of(posts)},
        {comment.pk: comment for comment in _REACTED.made_of(comments)},
        [(user_id, comment_id, emoji) for user_id, comment_id, emoji in own],
    )


def write_reacted(
    added: Collection[tuple[int, int, str]],
    gone: Collection[tuple[int, int, str]],
    changed: Collection[Comment],
    versions: Mapping[int, int],
) -> None:
    """Store and delete reactions, (user, comment, emoji) each, with what their comments say of it; `versions`
    says by how much each of the posts, which are held, advances."""
    table = f'"{Reaction._meta.db_table}"'
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    asked: list[Question] = []
    if added:
        places = ", ".join(["(%s, %s, %s, %s)"] * len(added))
        values = [value for row in added for value in (*row, now)]
        asked.append(
            (
                f'INSERT INTO {table} ("user_id", "comment_id", "emoji", "created_at") VALUES {places}'  # noqa: S608
                ' RETURNING "id"',
                values,
            )
        )
    which = '"user_id" = %s AND "comment_id" = %s AND "emoji" = %s'
    asked += [(f'DELETE FROM {table} WHERE {which} RETURNING "id"', row) for row in gone]  # noqa: S608
    asked += [
        (
            f'UPDATE {_REACTED_POST.table} SET "version" = "version" + %s WHERE "id" = %s RETURNING "id"',  # noqa: S608
            [count, pk],
        )
        for pk, count in versions.items()
    ]
    asked += [
        (
            f'UPDATE {_REACTED.table} SET "reactions" = %s, "version" = %s WHERE "id" = %s RETURNING "id"',  # noqa: S608
            [comment.reactions, comment.version, comment.pk],
        )
        for comment in changed
    ]
    if asked:
        answers_to(asked)


def insert(comments: Sequence[Comment]) -> None:
    """Store new comments and give them their ids, which grow in this order."""
    for start in range(0, len(comments), _ROWS_PER_INSERT):
        _insert(comments[start : start + _ROWS_PER_INSERT])


def _insert(comments: Sequence[Comment]) -> None:
    # Each value costs time, and a column that is left out gets its default by itself.
    rows = [_row_of(comment) for comment in comments]
    given = [index for index, default in enumerate(_DEFAULTS) if any(row[index] != default for row in rows)]
    columns = ", ".join([f'"{_NEW[index].column}"' for index in given])
    places = ", ".join([f"({marks(given)})"] * len(comments))
    sql = f'INSERT INTO "{Comment._meta.db_table}" ({columns}) VALUES {places} RETURNING "id"'  # noqa: S608
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
