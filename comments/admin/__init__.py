"""The admins' face of posts, comments and moderation: what readers see changes through the actions only."""

from . import appeals, bulk, chat, comments, decisions, flags, people, posts, site_control, words

__all__ = [
    "appeals",
    "bulk",
    "chat",
    "comments",
    "decisions",
    "flags",
    "people",
    "posts",
    "site_control",
    "words",
]
