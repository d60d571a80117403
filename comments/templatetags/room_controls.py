"""What the admin's first page says about all rooms."""

from typing import Any

from django import template

from comments.models import SiteControl

register = template.Library()


@register.inclusion_tag("admin/comments/site_controls.html", takes_context=True)
def site_controls(context: dict[str, Any]) -> dict[str, Any]:
    """The state of all rooms, with buttons for whoever may change it."""
    request = context["request"]
    return {
        "may_control": request.user.has_perm("comments.manage_rooms"),
        "may_look": request.user.has_perm("comments.moderate"),
        "control": SiteControl.objects.select_related("changed_by").order_by("pk").first() or SiteControl(),
        "csrf_token": context.get("csrf_token"),
    }
