"""Posts that readers follow: a row each, for whoever will tell them what is written there."""

from django.db import transaction

from accounts.models import User
from realtime.publish import publish_on_commit
from realtime.session import user_room

from . import reading
from .events import ServerEvent
from .models import Post, PostFollow


def follow(post_id: int, *, on: bool, acting_user: User) -> None:
    """Follow a post, or no more; doing it twice changes nothing. Raises `Refused` if it is not there."""
    post = reading.reachable_post(post_id)
    with transaction.atomic():
        own = PostFollow.objects.filter(post=post, user=acting_user)
        if on:
            _, changed = own.get_or_create(defaults={"post": post, "user": acting_user})
        else:
            changed = own.delete()[0] > 0
        if changed:
            told = {"postId": str(post.pk), "on": on}
            publish_on_commit(ServerEvent.POST_FOLLOWED, told, room=user_room(acting_user.pk))


def follows(post: Post, user: User) -> bool:
    """Whether somebody follows a post."""
    return PostFollow.objects.filter(post=post, user=user).exists()
