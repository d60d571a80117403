"""The newest comments of a post as an Atom feed, for whoever follows it by other means than a page."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from . import reading
from .models import Comment, Post, Status

NEWEST = 50
# What XML 1.0 cannot say, not even escaped. A comment may have it.
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A second change within the same second would have the same time: it is told only once that is over.
SETTLED = timedelta(seconds=2)


@cache_control(no_cache=True)
@require_safe
def comments(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest published comments, each under its permanent address; nothing of what is not published.

    Whoever has the same already gets 304. `Last-Modified` follows removals, too, for a reader that knows
    no ETag must not keep what was taken away.
    """
    post = get_object_or_404(Post.objects.reachable().posts().select_related("author"), slug=slug)
    changed = post.changed_at or post.published_at or timezone.now()
    modified = int(changed.timestamp()) if timezone.now() - changed > SETTLED else None
    text = _feed(request, post, changed)
    etag = quote_etag(sha256(text.encode()).hexdigest()[:32])
    full = HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
    answer = get_conditional_response(request, etag=etag, last_modified=modified, response=full) or full
    answer.headers.setdefault("ETag", etag)
    if modified is not None:
        answer.headers.setdefault("Last-Modified", http_date(modified))
    return answer


def _feed(request: HttpRequest, post: Post, changed: datetime) -> str:
    site = request.build_absolute_uri("/")
    address = request.build_absolute_uri(post.get_absolute_url())
    with translation.override(post.language):
        feed = _Feed(
            title=_said(_("Comments on “%(title)s”") % {"title": post.title}),
            link=f"{address}#comments",
            description="",
            language=post.language,
            feed_url=request.build_absolute_uri(request.path),
            # Whatever scheme a proxy speaks: the same feed, and below the same comment.
            feed_guid=get_tag_uri(request.build_absolute_uri(request.path), post.published_at),
            author_name=_said(post.author.shown_name) if post.author else None,
            changed=changed,
        )
        for comment in reversed(reading.page(post, size=NEWEST).comments):
            permalink = request.build_absolute_uri(comment.get_absolute_url())
            feed.add_item(
                title=_title(comment),
                link=permalink,
                description="",
                html=_said(comment.html.replace(' href="/', f' href="{site}')),
                author_name=_said(comment.author.shown_name),
                pubdate=comment.created_at,
                updateddate=comment.edited_at or comment.created_at,
            )
    return feed.writeString("utf-8")


def _title(comment: Comment) -> str:
    name = comment.author.shown_name
    parent = comment.parent
    if parent is None or parent.status != Status.PUBLISHED:
        return _said(_("%(name)s wrote") % {"name": name})
    return _said(_("%(name)s answered %(other)s") % {"name": name, "other": parent.author.shown_name})


def _said(text: str) -> str:
    return _UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", text)


class _Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """When something here last changed; what was taken away counts."""
        changed: datetime = self.feed["changed"]
        return changed.astimezone(UTC)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """A comment is shown whole, so it is the entry's content and no summary of it."""
        super().add_item_elements(handler, {**item, "description": None})
        handler.addQuickElement("content", item["html"], {"type": "html"})
