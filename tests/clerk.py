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
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.utils import timezone

from accounts import sanctions
from accounts.models import SanctionKind, User
from comments import actions, appeals, bulk, flags, moderation, room_controls, word_lists
from comments.models import Comment, Post

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


def sanction(user_id: int, by: int, kind: str, **details: Any) -> int:
    given = {"reason": "spam", **details}
    acting_user = User.objects.get(pk=by)
    return int(sanctions.impose(user_id, SanctionKind(kind), acting_user=acting_user, **given).pk)


def lift(sanction_id: int, by: int) -> None:
    sanctions.lift(sanction_id, acting_user=User.objects.get(pk=by))


def pause(on: bool, by: int) -> None:
    room_controls.pause_site(on, acting_user=User.objects.get(pk=by))


def decide(comment_ids: list[int], verdict: str, by: int) -> None:
    acting_user = User.objects.get(pk=by)
    for _ in moderation.decide_all(comment_ids, verdict, acting_user=acting_user, reason="off_topic"):
        pass


def join(user_id: int, group: str) -> None:
    User.objects.get(pk=user_id).groups.add(Group.objects.get(name=group))


def order(comment_ids: list[int], verdict: str, by: int) -> int:
    """Order a bulk decision, and leave it to the site."""
    return int(bulk.begin(comment_ids, verdict, acting_user=User.objects.get(pk=by)).pk)


def history(post_id: int, author_id: int, reporter_id: int, by: int) -> dict[str, int]:
    """One of everything that moderators look at; the ids of their rows."""
    boss = User.objects.get(pk=by)
    author, reporter = User.objects.get(pk=author_id), User.objects.get(pk=reporter_id)
    hidden, shown = (
        actions.post_comment(acting_user=author, post_id=post_id, content=content).pk
        for content in ("What was rejected, 거부된 댓글", "What was reported, 신고된 댓글")
    )
    [outcome] = moderation.decide(
        [hidden], "reject", acting_user=boss, reason="hate", explanation="No.", note="A note"
    )
    assert outcome.decision is not None
    imposed = sanctions.impose(
        author_id, "hold_first", acting_user=boss, reason="spam", explanation="For a while.", note="hm"
    )
    return {
        "comment": hidden,
        "decision": outcome.decision.pk,
        "appeal": appeals.appeal(outcome.decision.pk, "Why? 왜요?", acting_user=author).pk,
        "flag": flags.flag(shown, "spam", acting_user=reporter).pk,
        "sanction": imposed.pk,
        "restrictedword": word_lists.save_word(f"word{post_id}*", "suspect", acting_user=boss).pk,
        "bulkdecision": bulk.begin([hidden], "spam", acting_user=boss).pk,
        "post": post_id,
        "user": author_id,
    }


TASKS: dict[str, Callable[..., Any]] = {
    task.__name__: task
    for task in (
        person,
        session,
        change_person,
        post,
        fill,
        stored,
        post_fields,
        sanction,
        lift,
        pause,
        decide,
        join,
        order,
        history,
    )
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
