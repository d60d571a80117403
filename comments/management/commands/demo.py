"""`manage.py demo`: a blog with posts, people, comments and a chat, to look at and to try things on."""

import json
import os
import secrets
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts import follows
from accounts.models import User
from comments import actions, telling, trust
from comments.chat import private
from comments.chat.rooms import lobby
from comments.demo.chat import FOLLOWERS, WROTE, DemoRoom, rooms
from comments.demo.conversation import DemoComment, conversation, posts
from comments.demo.people import PEOPLE
from comments.models import Post, PostKind, PostTold

# Everybody was here before the oldest post, and they did not all come on one day.
CAME_BEFORE, CAME_APART = timedelta(days=30), timedelta(days=5, hours=7)
LOGINS = {"mina": "reader", "junho": "second reader", "editor": "admin"}
READER = "mina"


class Command(BaseCommand):
    help = "Load the demo content; running it again changes nothing and prints the same logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the logins as JSON")

    def handle(self, **options: Any) -> None:
        with transaction.atomic():
            people = self._people()
        passwords = self._passwords(people)
        now = timezone.now()
        for demo in posts():
            published = now - timedelta(days=demo.days_ago, hours=1)
            with transaction.atomic():
                post, is_new = Post.objects.get_or_create(
                    slug=demo.slug,
                    defaults={
                        "title": demo.title,
                        "body": demo.body,
                        "author": people[demo.author],
                        "language": demo.language,
                        "published_at": published,
                    },
                )
                if is_new:
                    _say(post, conversation(demo), people, now)
        for room in rooms():
            with transaction.atomic():
                if _open(room, people, now) and room.is_lobby:
                    _greet(people[READER], people)
        # Readers who have been around for as long as their comments are no newcomers.
        trust.trusted(user.pk for user in people.values() if user.trusted_at is None)
        if options["json"]:
            rows = [
                {"role": role, "username": name, "password": passwords[name]} for name, role in LOGINS.items()
            ]
            self.stdout.write(json.dumps(rows))
            return
        self.stdout.write("Demo logins (made for this installation, kept in its var folder):")
        for name, role in LOGINS.items():
            self.stdout.write(f"  {role:<14} {name:<8} {passwords[name]}")

    def _people(self) -> dict[str, User]:
        known = {
            user.username: user
            for user in User.objects.filter(username__in=[person.username for person in PEOPLE])
        }
        oldest = timezone.now() - timedelta(days=max(demo.days_ago for demo in posts())) - CAME_BEFORE
        for number, person in enumerate(PEOPLE):
            if person.username in known:
                continue
            user = User(
                username=person.username,
                name=person.name,
                email=f"{person.username}@example.org",
                date_joined=oldest - number * CAME_APART,
                is_staff=person.username == "editor",
                is_superuser=person.username == "editor",
            )
            user.set_unusable_password()
            user.save()
            known[person.username] = user
        return known

    def _passwords(self, people: dict[str, User]) -> dict[str, str]:
        """Passwords generated on this machine at the first run and kept, readable by its owner only."""
        path = Path(settings.VAR_DIR) / "demo-logins.json"
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        for name in LOGINS:
            if name in kept and people[name].check_password(kept[name]):
                continue
            if people[name].has_usable_password():
                kept[name] = "(yours)"  # somebody changed it; it stays changed
                continue
            kept[name] = secrets.token_urlsafe(9)
            people[name].set_password(kept[name])
            people[name].save(update_fields=["password"])
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file)
        return kept


def _say(post: Post, comments: Iterable[DemoComment], people: Mapping[str, User], now: datetime) -> None:
    old = [
        actions.OldComment(
            author=people[comment.author],
            content=comment.body,
            created_at=now - timedelta(minutes=comment.minutes_ago),
            parent=comment.parent,
        )
        for comment in comments
    ]
    actions.import_comments(post, old)


def _open(room: DemoRoom, people: Mapping[str, User], now: datetime) -> bool:
    """Have people talk in a room in which nobody has said anything; whether they did."""
    if room.is_lobby:
        post = lobby()  # none where an admin has closed it
    else:
        opened = now - timedelta(minutes=room.messages[0].minutes_ago + 60)
        post, is_new = Post.objects.get_or_create(
            slug=room.slug,
            defaults={
                "kind": PostKind.ROOM,
                "title": room.title,
                "body": room.about,
                "language": room.language,
                "published_at": opened,
            },
        )
        post = post if is_new else None
    if post is None or post.version:
        return False
    _say(post, room.messages, people, now)
    return True


def _greet(reader: User, people: Mapping[str, User]) -> None:
    """What makes the reader's bell ring, by the same doors as everything else: whoever answered them in the
    lobby, follows them, or wrote to them."""
    found = lobby()
    if found is not None:
        PostTold.objects.filter(post=found).delete()  # what was brought in is news this once
        telling.tell([found.pk])
    for name in FOLLOWERS:
        follows.follow(reader.pk, on=True, acting_user=people[name])
    for name, text in WROTE:
        private.send(reader, text, acting_user=people[name], client_id=f"demo:{name}")
