"""Somebody's page: who they are as far as readers know, and what of their comments readers can see."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import follows
from accounts.follow_pages import Standing
from accounts.models import User
from accounts.sanctions import standing_of

from .models import Comment, Post, PostKind, Status
from .threads import ShownComment, shown
from .views import as_it_is_now

COMMENTS_PER_PAGE = 20
# Of somebody whose comments moderators have taken away by the thousand a page may find none: so many of their
# rows are looked at for one page, along the index of their author, and the next page goes on there.
LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class Written:
    """A page of somebody's visible comments, newest first; `before` is where the next one goes on."""

    comments: list[Comment]
    before: int | None


@as_it_is_now
@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Who cannot come any more is only as much as their comments show: no date, and no page without any."""
    found = get_object_or_404(User, username=username)
    if found.is_deleted:
        raise Http404
    is_gone = not found.is_active or standing_of(found).ban is not None
    before = request.GET.get("before", "")
    start = _place(found, before) if before else None
    page = written(found, start)
    if is_gone and not page.comments and page.before is None and start is None:
        raise Http404
    reader = request.user if isinstance(request.user, User) else None
    is_own = reader is not None and reader.pk == found.pk
    is_followed = reader is not None and not is_own and follows.follows(reader, found)
    context = {
        "person": found,
        "is_own": is_own,
        "is_followed": is_followed,
        "may_follow": reader is not None and not is_own and (is_followed or not is_gone),
        "may_write": reader is not None and not is_own and not is_gone,
        # Only who follows them is told; for others the script fills it in once they do.
        "standing": Standing.of(follows.seen(found)) if is_followed else Standing.unknown(found),
        "since": None if is_gone else found.date_joined,
        "entries": [_entry(comment, reader) for comment in page.comments],
        "before": page.before,
        "is_first": start is None,
    }
    return render(request, "comments/person.html", context)


def is_known(reader: User, person: User) -> bool:
    """Whether readers, one as well as another, can see anything that this person wrote."""
    seen = Comment.objects.filter(author=person, status=Status.PUBLISHED, post__in=Post.objects.reachable())
    return seen.exists() or Post.objects.reachable().filter(author=person).exists()


def written(author: User, start: Comment | None = None) -> Written:
    """Somebody's comments that readers can see, those before `start`."""
    rows: QuerySet[Comment, Any] = Comment.objects.filter(author=author)
    if start is not None:
        same = Q(created_at=start.created_at, id__lt=start.pk)
        # The first condition is what an index can begin with.
        rows = rows.filter(Q(created_at__lt=start.created_at) | same, created_at__lte=start.created_at)
    # Thousands of words in the chat are no list to read; who wants one finds it in its room.
    walk = rows.order_by("-created_at", "-id").values_list("pk", "status", "post__kind")
    for size in (3 * COMMENTS_PER_PAGE, LOOKED_AT):
        latest = list(walk[: size + 1])
        chosen = [
            pk for pk, status, kind in latest[:size] if status == Status.PUBLISHED and kind == PostKind.POST
        ][:COMMENTS_PER_PAGE]
        if len(chosen) == COMMENTS_PER_PAGE or len(latest) <= size:
            break
    last = chosen[-1] if len(chosen) == COMMENTS_PER_PAGE else latest[:size][-1][0] if latest else None
    goes_on = bool(latest) and last != latest[-1][0]
    found = Comment.objects.filter(pk__in=chosen, post__in=Post.objects.reachable())
    comments = found.select_related("author", "post", "parent__author").defer("post__body")
    newest = sorted(comments, key=lambda comment: chosen.index(comment.pk))
    return Written(newest, last if goes_on else None)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A comment and where it stands."""

    comment: ShownComment
    post_title: str
    post_language: str


def _entry(comment: Comment, reader: User | None) -> _Entry:
    return _Entry(shown(comment, reader), comment.post.title, comment.post.language)


def _place(author: User, before: str) -> Comment:
    if not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise Http404
    return get_object_or_404(Comment.objects.filter(author=author).only("created_at"), pk=int(before))
