# ruff: noqa: E402
"""A process that fills a site's database for the bench, as `tests.clerk` does for tests, but in bulk."""

from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import PersonFollow, User
from comments.actions import Draft, post_comments
from comments.models import Comment, Post, Status
from tests import clerk

COMMENT_TEXT = "A comment of the length that people write when they have something to say. " * 2
COMMENT_HTML = f"<p>{COMMENT_TEXT.strip()}</p>\n"

# Both databases know it, and neither has to hear of each comment by itself.
_FILL = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
    INSERT INTO comments_comment
        (post_id, author_id, content, html, status, removed_by, version, created_at)
    SELECT %s, %s + n %% %s, %s, %s, 'published', '', n, %s FROM numbers
"""


def readers(count: int, path: str) -> None:
    """Make `count` readers with a session each and write the sessions' keys, one a line."""
    users = User.objects.bulk_create(
        [
            User(username=f"reader{n}", email=f"reader{n}@example.com", name=f"Reader {n}", password=f"!{n}")
            for n in range(count)
        ],
        batch_size=1_000,
    )
    store, expires = SessionStore(), timezone.now() + timedelta(days=1)
    sessions = []
    for user in users:
        contents = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: clerk.BACKEND,
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        key = get_random_string(32, VALID_KEY_CHARS)
        sessions.append(Session(session_key=key, session_data=store.encode(contents), expire_date=expires))
    Session.objects.bulk_create(sessions, batch_size=1_000)
    Path(path).write_text("".join(f"{session.session_key}\n" for session in sessions))
    _settle()


def posts(count: int, comments: int) -> list[int]:
    """Ids of `count` new posts by one author, each with so many comments by other people."""
    author = User.objects.order_by("pk").first() or User.objects.create(username="author")
    people = User.objects.count()
    first, now = Post.objects.count(), timezone.now()
    made = Post.objects.bulk_create(
        Post(
            title=f"Post {first + n}",
            slug=f"bench-{first + n}",
            body="Some *text*.",
            author=author,
            published_at=now,
            version=comments,
            comment_count=comments,
        )
        for n in range(count)
    )
    if comments:
        with connection.cursor() as cursor:
            for post in made:
                who = (author.pk, min(people, 1_000))
                cursor.execute(_FILL, (comments, post.pk, *who, COMMENT_TEXT, COMMENT_HTML, now))
        _settle()
    return [post.pk for post in made]


def held(comments: int) -> int:
    """The id of a new post in which everything is held first, with so many comments that wait."""
    [post_id] = posts(1, 0)
    Post.objects.filter(pk=post_id).update(pre_moderation=True)
    # The first wrote the post, and moderators' comments are held nowhere.
    authors = User.objects.filter(is_staff=False).order_by("pk").values_list("pk", flat=True)[1:51]
    drafts = [
        Draft(authors[number % len(authors)], post_id, f"{number}. {COMMENT_TEXT}")
        for number in range(comments)
    ]
    post_comments(drafts)
    waiting = Comment.objects.filter(post=post_id, status=Status.PENDING).count()
    assert waiting == comments, f"{waiting} of {comments} wait"
    _settle()
    return post_id


def moderator() -> str:
    """The key of a session of somebody who may be at the desk."""
    person = clerk.person("moderator", is_staff=True)
    clerk.put_in_group(person["id"], "moderators")
    return str(person["session"])


def admin() -> str:
    """The key of a session of somebody who may announce things."""
    return str(clerk.person("admin", is_staff=True, is_superuser=True)["session"])


def follow(followed: int, followers: int) -> None:
    """Have some readers follow those before them, each every second one."""
    people = list(User.objects.filter(username__startswith="reader").order_by("pk")[: followed + followers])
    rows = [
        PersonFollow(user=follower, person=person)
        for number, follower in enumerate(people[followed:])
        for person in people[number % 2 : followed : 2]
    ]
    PersonFollow.objects.bulk_create(rows, batch_size=1_000, ignore_conflicts=True)
    _settle()


def address(post_id: int) -> str:
    """The path of a post's page."""
    return Post.objects.get(pk=post_id).get_absolute_url()


def stored(post_id: int) -> dict[str, int]:
    """How many comments a post has, and its version."""
    post = Post.objects.get(pk=post_id)
    return {"comments": Comment.objects.filter(post=post_id).count(), "version": post.version}


def _settle() -> None:
    """Let the database know what it holds now, rather than find out in the middle of a measurement."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    clerk.TASKS.update(
        {task.__name__: task for task in (readers, posts, held, moderator, admin, follow, address, stored)}
    )
    clerk.main()
