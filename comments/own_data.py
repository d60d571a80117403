"""What this app knows about somebody, for what they download; see `accounts.own_data`."""

from collections.abc import Iterator, Mapping

from accounts.models import User
from accounts.own_data import ROWS_AT_ONCE, Part, Row

from .models import Appeal, Comment, Decision, Flag, PostFollow, Reaction


def _comments(user: User) -> Iterator[Row]:
    own = (
        Comment.objects.filter(author=user)
        .select_related("post")
        .prefetch_related("revisions")
        .order_by("pk")
    )
    for each in own.defer("post__body", "html").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "id": each.pk,
            "post": each.post.title,
            "postAddress": each.post.get_absolute_url(),
            "inReplyTo": each.parent_id,
            "content": each.content,
            "status": each.status,
            "removedBy": each.removed_by or None,
            "writtenAt": each.created_at,
            "editedAt": each.edited_at,
            "earlierTexts": [
                {"content": earlier.content, "writtenAt": earlier.written_at}
                for earlier in each.revisions.all()
            ],
        }


def _posts(user: User) -> Iterator[Row]:
    for each in user.posts.order_by("pk").iterator(chunk_size=10):
        yield {"id": each.pk, "title": each.title, "publishedAt": each.published_at, "body": each.body}


def _reports(user: User) -> Iterator[Row]:
    for each in Flag.objects.filter(reporter=user).order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "comment": each.comment_id,
            "reason": each.reason,
            "note": each.note,
            "reportedAt": each.created_at,
            "outcome": each.outcome or None,
        }


def _decisions(user: User) -> Iterator[Row]:
    """What was decided about their comments. What a rule notes is which of its words it found: not theirs."""
    made = Decision.objects.filter(comment__author=user).order_by("pk").defer("note")
    for each in made.iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "id": each.pk,
            "comment": each.comment_id,
            "decision": each.verdict,
            "by": "rule" if each.rule else "moderator",
            "reason": each.reason or None,
            "explanation": each.explanation,
            "before": each.before or None,
            "after": each.after or None,
            "textAsItStood": each.content,
            "decidedAt": each.made_at,
        }


def _appeals(user: User) -> Iterator[Row]:
    made = Appeal.objects.filter(decision__comment__author=user).order_by("pk")
    for each in made.iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "decision": each.decision_id,
            "text": each.text,
            "appealedAt": each.created_at,
            "accepted": each.accepted,
            "explanation": each.explanation,
            "answeredAt": each.answered_at,
        }


def _reactions(user: User) -> Iterator[Row]:
    given = Reaction.objects.filter(user=user).order_by("pk").values_list("comment_id", "emoji")
    for comment_id, emoji in given.iterator(chunk_size=ROWS_AT_ONCE):
        yield {"comment": comment_id, "reaction": emoji}


def _follows(user: User) -> Iterator[Row]:
    for each in PostFollow.objects.filter(user=user).select_related("post").order_by("pk"):
        yield {"post": each.post.title, "postAddress": each.post.get_absolute_url(), "since": each.created_at}


OWN_DATA: Mapping[str, Part] = {
    "posts": _posts,
    "comments": _comments,
    "reactions": _reactions,
    "followedPosts": _follows,
    "reports": _reports,
    "decisions": _decisions,
    "appeals": _appeals,
}
