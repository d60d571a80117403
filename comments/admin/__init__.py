"""The admins' face of posts, comments and moderation. What readers see is changed through the actions only."""

from . import appeals, bulk, comments, decisions, flags, people, posts, site_control, words

__all__ = ["appeals", "bulk", "comments", "decisions", "flags", "people", "posts", "site_control", "words"]
