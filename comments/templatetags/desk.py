"""The queues and their counters on the admin's first page."""

from typing import Any

from django import template

from accounts.models import User
from comments import queues
from comments.desk.acts import may_be_at_the_desk

register = template.Library()


@register.inclusion_tag("admin/moderation/_summary.html", takes_context=True)
def moderation_summary(context: Any) -> dict[str, Any]:
    """Nothing for who may not moderate."""
    from comments.desk.views import tabs  # the desk's pages import the admin, which loads these tags

    user = context.get("user")
    if not isinstance(user, User) or not may_be_at_the_desk(user):
        return {"tabs": []}
    return {"tabs": tabs(queues.counts(acting_user=user))}
