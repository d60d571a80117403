"""What this app knows about somebody, for what they download; see `accounts.own_data`."""

from collections.abc import Iterator, Mapping

from django.db.models import Q

from accounts.models import User
from accounts.own_data import ROWS_AT_ONCE, Part, Row

from .models import (
    Appeal,
    BulkDecision,
    Comment,
    CommentRevision,
    Decision,
    Flag,
    Mention,
    Post,
    PostFollow,
    PrivateMessage,
    Reaction,
    RestrictedWord,
    SiteControl,
    Status,
    Verdict,
)


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
            "post": each.post.shown_title,
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
    given = Reaction.objects.filter(user=user).order_by("pk")
    for each in given.iterator(chunk_size=ROWS_AT_ONCE):
        yield {"comment": each.comment_id, "reaction": each.emoji, "reactedAt": each.created_at}


def _mentions(user: User) -> Iterator[Row]:
    """Where others have called them by name, as far as they can see it."""
    shown = Comment.objects.filter(status=Status.PUBLISHED, post__in=Post.objects.reachable())
    found = Mention.objects.filter(user=user, comment__in=shown).select_related("comment").order_by("pk")
    for each in found.defer("comment__html", "comment__content").iterator(chunk_size=ROWS_AT_ONCE):
        yield {"commentAddress": each.comment.get_absolute_url(), "writtenAt": each.comment.created_at}


def _private(user: User) -> Iterator[Row]:
    """What they wrote to others, and what others wrote to them, as they saw it."""
    own = PrivateMessage.objects.filter(Q(sender=user) | Q(recipient=user, is_withheld=False))
    rows = own.filter(Q(sender=user) | Q(removed_at__isnull=True)).select_related("sender", "recipient")
    for each in rows.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "from": each.sender.username,
            "to": each.recipient.username,
            "content": each.content,
            "writtenAt": each.created_at,
            "removedAt": each.removed_at,
            # Whether it was read says whether it arrived: only of what they got.
            "readAt": each.read_at if each.recipient_id == user.pk else None,
            "reportedAt": each.reported_at if each.recipient_id == user.pk else None,
        }


def _follows(user: User) -> Iterator[Row]:
    for each in PostFollow.objects.filter(user=user).select_related("post").order_by("pk"):
        yield {"post": each.post.title, "postAddress": each.post.get_absolute_url(), "since": each.created_at}


# --- What they did as a moderator. Texts and names of others are theirs. ------------------------------


def _decisions_made(user: User) -> Iterator[Row]:
    for each in user.decisions.order_by("pk").defer("content").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "id": each.pk,
            "comment": each.comment_id,
            "decision": each.verdict,
            "reason": each.reason or None,
            "explanation": each.explanation,
            "note": each.note,
            "decidedAt": each.made_at,
        }


def _bulk_decisions(user: User) -> Iterator[Row]:
    made = BulkDecision.objects.filter(by=user).order_by("pk").defer("comment_ids")
    for each in made.iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "decision": each.verdict,
            "reason": each.reason or None,
            "explanation": each.explanation,
            "note": each.note,
            "comments": each.total,
            "decidedAt": each.created_at,
        }


def _appeals_answered(user: User) -> Iterator[Row]:
    for each in user.appeals_answered.order_by("pk").defer("text").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "decision": each.decision_id,
            "accepted": each.accepted,
            "explanation": each.explanation,
            "answeredAt": each.answered_at,
        }


def _private_reports(user: User) -> Iterator[Row]:
    """Reports of private messages that they answered; what these said is others'."""
    for each in PrivateMessage.objects.filter(handled_by=user).order_by("pk"):
        is_removed = each.verdict == Verdict.REMOVE
        yield {"reason": each.report_reason, "isRemoved": is_removed, "decidedAt": each.handled_at}


def _texts_changed(user: User) -> Iterator[Row]:
    """Comments of others that they changed. Their own earlier texts stand with their comments."""
    changed = CommentRevision.objects.filter(replaced_by=user).exclude(comment__author=user).order_by("pk")
    for each in changed.defer("content").iterator(chunk_size=ROWS_AT_ONCE):
        yield {"comment": each.comment_id, "changedAt": each.replaced_at}


def _words(user: User) -> Iterator[Row]:
    for each in RestrictedWord.objects.filter(created_by=user).order_by("pk"):
        yield {"word": each.pattern, "kind": each.kind, "note": each.note, "addedAt": each.created_at}


def _controls(user: User) -> Iterator[Row]:
    for each in SiteControl.objects.filter(changed_by=user):
        yield {"changedAt": each.changed_at}


OWN_DATA: Mapping[str, Part] = {
    "posts": _posts,
    "comments": _comments,
    "reactions": _reactions,
    "mentions": _mentions,
    "followedPosts": _follows,
    "privateMessages": _private,
    "reports": _reports,
    "decisions": _decisions,
    "appeals": _appeals,
    "decisionsMade": _decisions_made,
    "bulkDecisions": _bulk_decisions,
    "appealsAnswered": _appeals_answered,
    "privateReportsAnswered": _private_reports,
    "textsChanged": _texts_changed,
    "restrictedWords": _words,
    "siteControl": _controls,
}
