"""Posts, comments, and what is said and decided about them.

Only `comments.actions` and `comments.moderation` write comments: they take the post's next version,
keep its count and publish what changed. Flags, appeals, words and controls have their own verbs, in the
modules of these names.
"""

from comments.models.comments import (
    HIDDEN,
    Comment,
    CommentRevision,
    Reaction,
    Remover,
    Rule,
    Status,
)
from comments.models.decisions import Appeal, BulkDecision, Decision, Flag, FlagOutcome, Verdict
from comments.models.posts import Post, PostKind, Room, RoomState, lobby_title
from comments.models.private import PrivateMessage
from comments.models.site import RestrictedWord, SiteControl, WordKind
from comments.models.telling import FollowersTold, Mention, PostFollow, PostTold

__all__ = [
    "HIDDEN",
    "Appeal",
    "BulkDecision",
    "Comment",
    "CommentRevision",
    "Decision",
    "Flag",
    "FlagOutcome",
    "FollowersTold",
    "Mention",
    "Post",
    "PostFollow",
    "PostKind",
    "PostTold",
    "PrivateMessage",
    "Reaction",
    "Remover",
    "RestrictedWord",
    "Room",
    "RoomState",
    "Rule",
    "SiteControl",
    "Status",
    "Verdict",
    "WordKind",
    "lobby_title",
]
