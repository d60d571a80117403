"""A small, lived-in blog for `manage.py demo`: posts, people and what the people say."""
