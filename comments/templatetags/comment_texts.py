"""Comments as a line in the admin."""

from django import template

from comments.models import Comment

register = template.Library()


@register.filter
def beginning(comment: Comment) -> str:
    """Its first words."""
    from comments.admin.base import beginning

    return beginning(comment, 200)
