# ruff: noqa: E402
"""A process that tells how many rows PostgreSQL touches for each read of comments, whatever it believes.

It fills the empty database of `DATABASE_URL`, then has PostgreSQL think in turn that posts have one comment
each, a few, some or many, and prints the most rows of comments, private messages and notifications that each
read ever touched, as JSON.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.db.models import OuterRef
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.notifications import inbox
from comments import people, profiles, queues, reading
from comments.chat import private
from comments.models import Comment, Post
from comments.queues import Filters

LARGE = 10_000
OTHERS = 20_000
FILL = """
    INSERT INTO comments_comment
        (post_id, author_id, content, html, status, removed_by, version, created_at)
    SELECT {post}, %s, 'text', 'text', 'published', '', {version}, now() FROM generate_series(1, %s) AS n
"""
COUNTED = {"comments_comment", "comments_privatemessage", "accounts_notification"}
# How many posts PostgreSQL believes in: so many that each has one comment, or so few that each has many.
BELIEVED = [30_000, 10_000, 3_000, 1_000, 600, 300, 100, 10, 1]
BELIEVE = """
    UPDATE pg_statistic SET stadistinct = %s
    WHERE starelid = 'comments_comment'::regclass AND staattnum = (
        SELECT attnum FROM pg_attribute WHERE attrelid = starelid AND attname = 'post_id'
    )
"""


def fill() -> list[Post]:
    """A post whose many comments are the oldest, one that grew after PostgreSQL last looked, a small one."""
    author = User.objects.create(username="author")
    posts = Post.objects.bulk_create(
        Post(title=str(n), slug=str(n), body="text", author=author, published_at=timezone.now())
        for n in range(403)
    )
    old, grown, small, *others = posts
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE comments_comment SET (autovacuum_enabled = off)")
        cursor.execute(FILL.format(post=old.pk, version="n"), (author.pk, LARGE))
        between = f"{others[0].pk} + n %% {len(others)}"
        cursor.execute(FILL.format(post=between, version=f"n / {len(others)} + 1"), (author.pk, OTHERS))
        cursor.execute("ANALYZE")
        cursor.execute(FILL.format(post=grown.pk, version="n"), (author.pk, LARGE))
        cursor.execute(FILL.format(post=small.pk, version="n"), (author.pk, 100))
        # One in a hundred is pending, and one in a thousand reported.
        cursor.execute("UPDATE comments_comment SET status = 'pending', reason = 'hate' WHERE id % 100 = 0")
        cursor.execute("UPDATE comments_comment SET flag_count = 1, priority = 1 WHERE id % 1000 = 1")
    for post, number in ((old, LARGE), (grown, LARGE), (small, 100)):
        post.version = post.comment_count = number
    return [old, grown, small]


# Two people who have written to each other a hundred times, and got as much from a few others; and very many.
PRIVATE = """
    INSERT INTO comments_privatemessage
        (pair, sender_id, recipient_id, content, html, created_at, read_at, is_withheld,
         report_reason, report_note, verdict)
    SELECT least(one, other) || ':' || greatest(one, other), one, other, 'text', 'text', now(),
        CASE WHEN n %% 10 > 0 THEN now() END, false, '', '', ''
    FROM (SELECT n, {one} AS one, {other} AS other FROM generate_series(1, %s) AS n) AS numbered
"""
NOTIFIED = """
    INSERT INTO accounts_notification
        (user_id, kind, action, actor_id, group_key, source, path, about, audience, is_withdrawn, created_at,
         read_at)
    SELECT {user}, 'comment', 'replied', %s, 'group:' || (n %% 30), n, '/', '{{}}', '', false, now(),
        CASE WHEN n %% 20 > 0 THEN now() END
    FROM generate_series(1, %s) AS n
"""


def fill_inboxes() -> tuple[User, User]:
    """The two; what they have is the oldest of all."""
    one, other = (User.objects.create(username=name, email=name) for name in ("one", "other"))
    crowd = User.objects.bulk_create(User(username=f"u{n}", email=f"u{n}") for n in range(200))
    first = crowd[0].pk
    with connection.cursor() as cursor:
        cursor.execute(PRIVATE.format(one=one.pk, other=other.pk), (50,))
        cursor.execute(PRIVATE.format(one=other.pk, other=one.pk), (50,))
        cursor.execute(PRIVATE.format(one=f"{first} + n %% 5", other=one.pk), (100,))
        many, next_of_many = f"{first} + n %% 200", f"{first} + (n + 1) %% 200"
        cursor.execute(PRIVATE.format(one=many, other=next_of_many), (OTHERS,))
        cursor.execute(NOTIFIED.format(user=one.pk), (other.pk, 200))
        cursor.execute(NOTIFIED.format(user=many), (other.pk, OTHERS))
        cursor.execute("ANALYZE comments_privatemessage, accounts_notification")
    return one, other


def private_reads(one: User, other: User) -> dict[str, Callable[[], object]]:
    return {
        "conversation": lambda: private.conversation(one, other),
        "conversation, earlier": lambda: private.conversation(
            one, other, before=private.conversation(one, other).messages[0].pk
        ),
        "conversation of strangers": lambda: private.is_known(other, User.objects.latest("pk")),
        "conversations": lambda: private.conversations(one),
        "unread messages": lambda: private.unread_count(one),
        "what was said lately": lambda: private.said_lately(User.objects.get(username="u0")),
        "inbox": lambda: inbox.page(one),
        "unread of an inbox": lambda: inbox.unread_count(one),
    }


def reads(post: Post) -> dict[str, Callable[[], object]]:
    middle = Comment.objects.get(post=post, version=post.version // 2)
    author = User.objects.get(username="author")
    newest = Comment.objects.shown_in(OuterRef("pk"))
    moderator, _ = User.objects.get_or_create(username="moderator", is_superuser=True)
    here = Filters(post_id=post.pk)

    def queue(name: str, filters: Filters = queues.EVERYTHING, order: str = "newest") -> Callable[[], object]:
        return lambda: queues.page(name, acting_user=moderator, filters=filters, order=order)

    return {
        "unreviewed": queue("unreviewed"),
        "unreviewed, oldest": queue("unreviewed", order="oldest"),
        "unreviewed, urgent": queue("unreviewed", order="priority"),
        "unreviewed of a post": queue("unreviewed", here),
        "unreviewed, nobody's": queue("unreviewed", Filters(author_id=moderator.pk)),
        "pending": queue("pending"),
        "pending, oldest": queue("pending", order="oldest"),
        "pending of a post": queue("pending", here),
        "pending for a reason": queue("pending", Filters(reason="hate")),
        "pending for none": queue("pending", Filters(reason="spam")),
        "rejected": queue("rejected"),
        "reported": queue("reported"),
        "reported, urgent": queue("reported", order="priority"),
        "reported of a post": queue("reported", here),
        "newest page": lambda: reading.page(post),
        "earlier page": lambda: reading.page(post, before=middle.pk),
        "later page": lambda: reading.page_after(post, middle.pk),
        "page around a comment": lambda: reading.page_with(middle),
        "changes": lambda: reading.changes(post, post.version - 20),
        "changes from the beginning": lambda: reading.changes(post, 0),
        "next page": lambda: reading.end_of_next(post, middle.pk),
        "people": lambda: people.people_of(post, ""),
        "own": lambda: reading.own(post, author),
        "own of who has none": lambda: reading.own(post, moderator),
        "somebody's": lambda: profiles.written(author),
        "hidden by moderators": lambda: reading.hidden_by_moderators(post, [middle], is_newest=True),
        "newest comment": lambda: list(
            Post.objects.filter(pk=post.pk).annotate(newest_at=newest.values("created_at")[:1])
        ),
    }


def rows_read(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    statements = [query["sql"] for query in captured.captured_queries]
    total = 0
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
            total += _touched(cursor.fetchone()[0][0]["Plan"])
    return total


def _touched(plan: dict[str, Any]) -> int:
    own = 0
    if plan.get("Relation Name") in COUNTED:
        each = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own = each * plan["Actual Loops"]
    return int(own) + sum(_touched(part) for part in plan.get("Plans", ()))


def main() -> None:
    call_command("migrate", verbosity=0)
    posts = fill()
    most: Counter[str] = Counter()
    for believed in BELIEVED:
        with connection.cursor() as cursor:
            cursor.execute(BELIEVE, (believed,))
        for post in posts:
            for name, act in reads(post).items():
                most[name] = max(most[name], rows_read(act))
    one, other = fill_inboxes()
    for name, act in private_reads(one, other).items():
        most[name] = rows_read(act)
    json.dump(most, sys.stdout)


if __name__ == "__main__":
    main()
