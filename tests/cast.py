"""Making people, posts and comments, and hearing what is published about them."""

import json
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from itertools import count
from types import TracebackType
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.notifications.notices import NOTICE as INBOX
from comments import actions
from comments.desk.notices import NOTICE
from comments.models import Comment, Post
from realtime import publish

_numbers = count(1)


def a_person(username: str, **fields: Any) -> User:
    return User.objects.create(username=username, email=f"{username}@example.com", **fields)


def a_moderator(username: str) -> User:
    """Staff with what moderating needs, and nothing more."""
    moderator = a_person(username, is_staff=True)
    codenames = ("moderate", "view_comment", "change_comment", "view_post")
    moderator.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return moderator


def a_manager(username: str) -> User:
    """A moderator who also has what managing needs."""
    manager = a_moderator(username)
    codenames = ("manage_rooms", "sanction_users", "view_restrictedword", "add_restrictedword")
    more = ("change_restrictedword", "delete_restrictedword")
    manager.user_permissions.add(*Permission.objects.filter(codename__in=codenames + more))
    return manager


def a_member(username: str, group: str) -> User:
    """Staff with what a group has, and nothing more."""
    # Tests with transactions of their own empty the tables of what migrations have put there.
    import_module("comments.migrations.0004_moderators").make_groups(apps, None)
    member = a_person(username, is_staff=True)
    member.groups.set([Group.objects.get(name=group)])
    return member


def sitting_at(user: User | None) -> Client:
    """A browser in which somebody is logged in."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def a_post(author: User, **fields: Any) -> Post:
    """A post that readers can see since an hour ago."""
    number = next(_numbers)
    defaults = {
        "title": f"Post {number}",
        "slug": f"post-{number}",
        "body": "Some *text*.",
        "published_at": timezone.now() - timedelta(hours=1),
    }
    return Post.objects.create(author=author, **{**defaults, **fields})


def write(user: User, post: Post, content: str = "A comment", **more: Any) -> Comment:
    return actions.post_comment(acting_user=user, post_id=post.pk, content=content, **more)


def fill(post: Post, author: User, number: int) -> None:
    """Give a post so many comments at once, the older half replied to by the newer half's first."""
    now = timezone.now()
    actions.import_comments(
        post,
        [
            actions.OldComment(
                author,
                f"Comment {index}",
                created_at=now - timedelta(seconds=number - index),
                parent=index - 1 if index % 3 == 2 else None,
            )
            for index in range(number)
        ],
    )


def again(row: Any) -> Any:
    """A model's row as the database has it now."""
    return type(row).objects.get(pk=row.pk)


class Event(NamedTuple):
    room: str
    name: str
    payload: Any


class Published:
    """A context in which it takes the server's place and keeps what would leave."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.noticed: list[int] = []  # comments that the desks of moderators were told of
        self.notices = 0  # how often they were told of something, and count anew
        self.inboxes: list[tuple[int, str]] = []  # whose inbox has something new, and in which group

    @property
    def events(self) -> list[Event]:
        return [
            Event(message["room"], *json.loads(message["packet"].removeprefix("2")))
            for message in self.messages
            if message["method"] == "event"
        ]

    @property
    def in_rooms(self) -> list[Event]:
        """What posts' rooms heard; people hear by themselves what was decided about them."""
        return [event for event in self.events if event.room.startswith("post_")]

    def told(self, user: User) -> list[Event]:
        """What was for one person's sockets alone."""
        return [event for event in self.events if event.room == f"user_{user.pk}"]

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]

    @property
    def ended(self) -> list[tuple[str, str]]:
        """The rooms whose sockets were closed, each with the reason."""
        return [(m["room"], m["reason"]) for m in self.messages if m["method"] == "end"]

    @property
    def rechecked(self) -> list[str]:
        """The rooms whose sockets' sessions were to be verified."""
        return [m["room"] for m in self.messages if m["method"] == "recheck"]

    @property
    def evicted(self) -> list[str]:
        """The rooms that were emptied."""
        return [m["room"] for m in self.messages if m["method"] == "evict"]

    def __enter__(self) -> "Published":
        self._before: Callable[[dict[str, Any]], None] = publish._hand_over
        publish.serve_with(self._take)
        return self

    def _take(self, message: dict[str, Any]) -> None:
        if message["method"] == NOTICE:
            self.noticed += message["ids"] or []
            self.notices += 1
        elif message["method"] == INBOX:
            self.inboxes += [(user_id, group) for user_id, group in message["told"]]
        else:
            self.messages.append(message)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        publish.serve_with(self._before)


def seen_through(desk: Client, page: str) -> str:
    """The page of a bulk decision once it is over; each look at it goes on for a second."""
    for _ in range(30):
        text = desk.get(page).content.decode()
        if 'http-equiv="refresh"' not in text:
            return text
    raise AssertionError(text)
