"""What rooms, authors and whoever appealed hear of decisions, once these are committed."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from accounts import notifications
from accounts.models import Kind
from realtime.publish import publish_on_commit
from realtime.session import user_room

from .actions import tell_room
from .controls import known
from .events import ServerEvent, answered_payload, decided_payload, post_room, removed_payload, room_of
from .models import Appeal, Comment, Decision, Status


def tell_rooms(changed: Sequence[Comment], *, was_shown: bool = False) -> None:
    """Tell each room what has come to be seen in it, or ceased to be, or, where it `was_shown` before, looks
    otherwise: one event, however many they are.

    Several are told as the version that the room has reached; pages then fetch the difference, which costs
    one read for all of them together.
    """
    for post_id, comments in by_post(changed):
        if len(comments) > 1:
            post = comments[0].post
            payload = {"postId": str(post_id), "version": post.version, "room": room_of(post, known())}
            publish_on_commit(
                ServerEvent.POST_VERSION, payload, room=post_room(post_id), covers=len(comments)
            )
        elif comments[0].status == Status.PUBLISHED:
            tell_room(ServerEvent.COMMENT_UPDATED if was_shown else ServerEvent.COMMENT_ADDED, comments[0])
        else:
            publish_on_commit(
                ServerEvent.COMMENT_REMOVED, removed_payload(comments[0]), room=post_room(post_id)
            )


def tell_authors(decisions: Iterable[Decision], answered: Collection[int] = ()) -> None:
    """Tell each author what was decided about their comments: one event, however many they are. Of those
    where an appeal was `answered` their inbox says that instead."""
    by_author = sorted(decisions, key=lambda decision: decision.comment.author_id)
    letters: list[notifications.Letter] = []
    for author_id, group in groupby(by_author, key=lambda decision: decision.comment.author_id):
        theirs = list(group)
        payloads = [decided_payload(decision) for decision in theirs]
        room = user_room(author_id)
        news = [decision for decision in theirs if decision.comment_id not in answered]
        if news:
            letters.append(_letter(author_id, news))
        if len(payloads) == 1:
            publish_on_commit(ServerEvent.COMMENT_DECIDED, payloads[0], room=room)
        else:
            publish_on_commit(ServerEvent.COMMENTS_DECIDED, {"decisions": payloads}, room=room)
    if letters:
        notifications.send(Kind.MODERATION, to_each=letters)


def tell_of_answer(appeal: Appeal) -> None:
    """Tell whoever appealed. Reads `appeal.decision.comment.post`."""
    comment = appeal.decision.comment
    publish_on_commit(
        ServerEvent.APPEAL_ANSWERED, answered_payload(appeal), room=user_room(comment.author_id)
    )
    notifications.send(
        Kind.MODERATION,
        to_user=comment.author_id,
        action="accepted" if appeal.accepted else "turned_down",
        group=f"appeal:{appeal.pk}",
        source=f"appeal:{appeal.pk}",
        path=comment.get_absolute_url(),
        about=_place(comment),
    )


# What its author is told of a comment's new status.
_ACTIONS = {Status.PUBLISHED: "restored", Status.PENDING: "held"}


def _letter(author_id: int, decisions: Sequence[Decision]) -> notifications.Letter:
    """For their inbox: one notification, however many were decided about together."""
    last = decisions[-1]
    comment = last.comment
    return notifications.Letter(
        author_id,
        Kind.MODERATION,
        action=_ACTIONS.get(Status(comment.status), "hidden"),
        group=f"decision:{last.pk}",
        source=f"decision:{last.pk}",
        path=comment.get_absolute_url(),
        about={**_place(comment), "count": len(decisions), "reason": str(last.reason)},
    )


def _place(comment: Comment) -> dict[str, object]:
    """Where a comment stands, as notifications name it."""
    place: dict[str, object] = {
        "title": comment.post.title,
        "postId": str(comment.post_id),
        "commentId": str(comment.pk),
    }
    return {**place, "isRoom": True} if comment.post.is_room else place


def by_post(comments: Sequence[Comment]) -> Iterator[tuple[int, list[Comment]]]:
    """Comments by their posts, each post's in the order given."""
    grouped: dict[int, list[Comment]] = {}
    for comment in comments:
        grouped.setdefault(comment.post_id, []).append(comment)
    yield from grouped.items()
