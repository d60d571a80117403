"""A process that writes into a site's database what a test needs there: people, posts, sessions.

It reads one task a line, `["post", {"author_id": 1}]`, and answers each with one line. It runs with
the site's own settings, so it works for any database, and never touches the test process's Django.
"""

import base64
import json
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.utils import timezone

from accounts import avatars, deletion, follows, last_seen, mutes, notifications, preferences, sanctions
from accounts.models import Mute, Notification, Sanction, SanctionKind, User
from accounts.notifications import inbox
from comments import actions, appeals, bulk, flags, moderation, reactions, room_controls, telling, word_lists
from comments.chat import private
from comments.models import Appeal, Comment, Flag, Post, PostFollow, RestrictedWord, WordKind

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


def room(**fields: Any) -> dict[str, Any]:
    """A room of the chat, as an admin makes it; with `kind` lobby the lobby as it is."""
    from comments.chat import rooms

    if fields.get("kind") == "lobby":
        found = rooms.lobby()
        assert found is not None
    else:
        defaults = {"kind": "room", "slug": uuid4().hex[:12], "published_at": timezone.now()}
        defaults["title"] = f"Room {defaults['slug']}"
        found = Post.objects.create(**{**defaults, **fields})
    return {"id": found.pk, "slug": found.slug}


def private_messages(user_id: int) -> list[dict[str, Any]]:
    """What somebody has been sent in private, as stored."""
    from comments.models import PrivateMessage

    rows = PrivateMessage.objects.filter(recipient=user_id).order_by("pk")
    return [{"content": row.content, "isWithheld": row.is_withheld} for row in rows]


def write_privately(user_id: int, to: int, contents: list[str]) -> list[int]:
    """From one person to another, one message after the other; their ids."""
    sender, recipient = User.objects.get(pk=user_id), User.objects.get(pk=to)
    return [private.send(recipient, content, acting_user=sender).pk for content in contents]


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


def settle(user_id: int, **settings: Any) -> None:
    """Change somebody's settings as their page does; what is not named goes back to the default."""
    user = User.objects.get(pk=user_id)
    given = {"name": user.name, "language": "", "time_zone": "", "is_shown": True, **settings}
    preferences.change_settings(acting_user=user, **given)


def delete_account(user_id: int, fate: str) -> None:
    deletion.delete_account(acting_user=User.objects.get(pk=user_id), fate=fate)
    deletion.carry_on(60)


def picture(user_id: int, image: str) -> None:
    """Give somebody a picture; `image` is a file, base64."""
    avatars.change_picture(base64.b64decode(image), acting_user=User.objects.get(pk=user_id))


def put_in_group(user_id: int, name: str, inside: bool = True) -> None:
    groups = User.objects.get(pk=user_id).groups
    group = Group.objects.get(name=name)
    if inside:
        groups.add(group)
    else:
        groups.remove(group)


def notify(kind: str, to_group: str | None = None, **given: Any) -> None:
    """Send a notification; a group of Django's by its name."""
    if to_group is not None:
        given["to_group"] = Group.objects.get(name=to_group)
    notifications.send(kind, **given)


def inbox_of(user_id: int) -> list[dict[str, Any]]:
    """Somebody's notifications as the database has them, the oldest first."""
    rows = Notification.objects.filter(user=user_id).order_by("pk")
    fields = ("pk", "original_id", "kind", "action", "group_key", "source")
    return list(rows.values(*fields))


def tell(post_id: int) -> None:
    """Notify whom it concerns of what was written under a post, as a process that serves sockets does."""
    while telling.tell([post_id]) or telling.tell_followers([post_id]):
        pass


def read_all(user_id: int) -> None:
    inbox.mark_all_read(acting_user=User.objects.get(pk=user_id))


def seen(user_id: int, minutes: float) -> None:
    """Somebody whom others follow was here so long ago."""
    last_seen.note({user_id: timezone.now() - timedelta(minutes=minutes)})


def flag(comment_id: int, user_id: int, reason: str, note: str = "") -> None:
    flags.flag(comment_id, reason, note, acting_user=User.objects.get(pk=user_id))


def judge(comment_id: int, user_id: int, verdict: str, **more: Any) -> int | None:
    """The decision's id."""
    acting_user = User.objects.get(pk=user_id)
    [outcome] = moderation.decide([comment_id], verdict, acting_user=acting_user, **more)
    return None if outcome.decision is None else outcome.decision.pk


def appeal(decision_id: int, user_id: int, text: str) -> int:
    return appeals.appeal(decision_id, text, acting_user=User.objects.get(pk=user_id)).pk


def write(post_id: int, user_id: int, content: str, **more: Any) -> int:
    author = User.objects.get(pk=user_id)
    return actions.post_comment(acting_user=author, post_id=post_id, content=content, **more).pk


def edit(comment_id: int, user_id: int, content: str) -> None:
    actions.edit_comment(comment_id, content, acting_user=User.objects.get(pk=user_id))


def age(comment_id: int, seconds: float) -> None:
    """As if a comment had been written so long ago."""
    Comment.objects.filter(pk=comment_id).update(created_at=timezone.now() - timedelta(seconds=seconds))


def last_decision(comment_id: int) -> int:
    return Comment.objects.get(pk=comment_id).decisions.values_list("pk", flat=True)[0]


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


def forget_choices() -> None:
    """What people chose for themselves alone, which would change what they see in the next test."""
    Mute.objects.all().delete()
    PostFollow.objects.all().delete()


def mute(user_id: int, *, on: bool, acting_user: User) -> None:
    """Mute whoever it is, also before they have written anything."""
    if on:
        Mute.objects.get_or_create(user=acting_user, muted_id=user_id)
    mutes.mute(user_id, on=on, acting_user=acting_user)


# What moderators and managers do, as their desk would have it done, and readers.
VERBS: dict[str, Callable[..., Any]] = {
    "remove_privately": private.remove,
    "report_privately": private.report,
    "decide": moderation.decide,
    "impose": sanctions.impose,
    "lift": sanctions.lift,
    "flag": flags.flag,
    "mute": mute,
    "follow_person": follows.follow,
    "answer_appeal": appeals.answer_appeal,
    "set_room": room_controls.set_room,
    "pause_site": room_controls.pause_site,
    "save_word": word_lists.save_word,
    "react": reactions.react,
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
        room,
        private_messages,
        write_privately,
        forget_choices,
        person,
        session,
        change_person,
        settle,
        delete_account,
        picture,
        put_in_group,
        notify,
        inbox_of,
        tell,
        read_all,
        seen,
        post,
        fill,
        write,
        edit,
        age,
        flag,
        judge,
        last_decision,
        appeal,
        stored,
        post_fields,
        sanction,
        lift,
        pause,
        decide,
        verb,
        ban_word,
        moderated,
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
