"""`manage.py demo`: a blog with posts, people and comments, to look at and to try things on."""

import json
import os
import secrets
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from comments import actions, trust
from comments.demo.conversation import conversation, posts
from comments.demo.people import PEOPLE
from comments.models import Post

# Everybody was here before the oldest post, and they did not all come on one day.
CAME_BEFORE, CAME_APART = timedelta(days=30), timedelta(days=5, hours=7)
LOGINS = {"mina": "reader", "junho": "second reader", "editor": "admin"}


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
                    actions.import_comments(
                        post,
                        [
                            actions.OldComment(
                                author=people[comment.author],
                                content=comment.body,
                                created_at=now - timedelta(minutes=comment.minutes_ago),
                                parent=comment.parent,
                            )
                            for comment in conversation(demo)
                        ],
                    )
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
