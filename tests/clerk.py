"""A process that writes into a site's database what a test needs there: people, posts, sessions.

It reads one task a line, `["post", {"author_id": 1}]`, and answers each with one line. It runs with
the site's own settings, so it works for any database, and never touches the test process's Django.
"""

import json
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.utils import timezone

from accounts import sanctions
from accounts.models import Sanction, User
from comments import actions, appeals, flags, moderation, room_controls
from comments.models import Appeal, Comment, Flag, Post, RestrictedWord, WordKind

BACKEND = "django.contrib.auth.backends.ModelBackend"


def person(username: str, password: str | None = None, **fields: Any) -> dict[str, Any]:
    """A user and a session of theirs; `fields` are the model's, `is_staff` for example."""
    defaults = {"email": f"{username}@example.com", **fields}
    user, _ = User.objects.get_or_create(username=username, defaults=defaults)
    if password is not None:
        user.password = make_password(password)
        user.save(update_fields=["password"])
    return {"id": user.pk, "session": session(user.pk)}


def session(user_id: int, expires_in: float | None = None, **contents: Any) -> str:
    """The key of a new session, valid for `expires_in` seconds; `contents` go over what it holds."""
    user = User.objects.get(pk=user_id)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.update(contents)
    if expires_in is not None:
        store.set_expiry(timezone.now() + timedelta(seconds=expires_in))
    store.create()
    return str(store.session_key)


def change_person(user_id: int, **fields: Any) -> None:
    User.objects.filter(pk=user_id).update(**fields)


def post(author_id: int, **fields: Any) -> int:
    number = Post.objects.count() + 1
    defaults = {
        "title": f"Post {number}",
        "slug": f"post-{number}",
        "body": "Some *text*.",
        "published_at": timezone.now(),
    }
    return int(Post.objects.create(author_id=author_id, **{**defaults, **fields}).pk)


def fill(post_id: int, author_id: int, contents: list[str]) -> None:
    author = User.objects.get(pk=author_id)
    now = timezone.now()
    old = [actions.OldComment(author, content, now) for content in contents]
    actions.import_comments(Post.objects.get(pk=post_id), old)


def stored(post_id: int) -> list[dict[str, Any]]:
    fields = ("id", "author_id", "parent_id", "content", "status", "version", "client_id")
    return list(Comment.objects.filter(post=post_id).order_by("id").values(*fields))


def post_fields(post_id: int) -> dict[str, Any]:
    return dict(Post.objects.values("version", "comment_count", "room_state").get(pk=post_id))


# What moderators and managers do, as their desk would have it done.
VERBS: dict[str, Callable[..., Any]] = {
    "decide": moderation.decide,
    "impose": sanctions.impose,
    "lift": sanctions.lift,
    "flag": flags.flag,
    "answer_appeal": appeals.answer_appeal,
    "set_room": room_controls.set_room,
    "pause_site": room_controls.pause_site,
}


def verb(name: str, by: int, arguments: list[Any], seconds: float | None = None, **details: Any) -> Any:
    """Have user `by` do something that lasts `seconds`; the id of what came of it, if it has one."""
    if seconds is not None:
        details["duration"] = timedelta(seconds=seconds)
    done = VERBS[name](*arguments, acting_user=User.objects.get(pk=by), **details)
    if name == "decide":
        assert all(outcome.refusal is None for outcome in done), done
    return getattr(done, "pk", None)


def ban_word(pattern: str) -> None:
    """Reject whatever has this word in it; every process knows within about a second."""
    RestrictedWord.objects.get_or_create(pattern=pattern, defaults={"kind": WordKind.BANNED})


def moderated(post_id: int) -> dict[str, Any]:
    """What has come in for moderators under a post, and who was warned."""
    flagged = Flag.objects.filter(comment__post=post_id).order_by("id")
    asked = Appeal.objects.filter(decision__comment__post=post_id).order_by("id")
    return {
        "flags": list(flagged.values("comment_id", "reporter_id", "reason", "note")),
        "appeals": list(asked.values("id", "decision_id", "text", "accepted")),
        "acknowledged": list(
            Sanction.objects.filter(acknowledged_at__isnull=False).values_list("pk", flat=True)
        ),
    }


TASKS: dict[str, Callable[..., Any]] = {
    task.__name__: task
    for task in (person, session, change_person, post, fill, stored, post_fields, verb, ban_word, moderated)
}


def main() -> None:
    for line in sys.stdin:
        task, details = json.loads(line)
        close_old_connections()  # the database may have been restarted since the last task
        try:
            answer = {"result": TASKS[task](**details)}
        except Exception:
            answer = {"problem": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
