"""The pages' face of the comments. Everything here works without JavaScript."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from asgiref.sync import async_to_sync
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import mutes
from accounts.models import User
from accounts.reasons import Reason
from realtime.budgets import PREVIEWING, WRITING, WRITING_HERE, spend
from realtime.errors import ErrorCode, Refused

from . import actions, follows, moderation, previews, reactions, reading, rules
from .arrangement import Arrangement, Order, View, address, arranged, arrangement_of, remember
from .chat import rooms
from .forms import REPORTED_FOR, CommentForm, EditForm
from .models import Comment, Decision, Post, Remover, Status
from .prospects import prospects
from .text import excerpt, post_html
from .threads import ReaderSees, ShownComment, ShownReaction, Thread, shown, stream, threads

POSTS_PER_PAGE = 12
# A post counts as lively while somebody wrote this recently.
LIVELY_FOR = timedelta(minutes=10)

# Where a browser keeps that its reader does not want to see reactions; scripts read and write it, too.
REACTIONS_COOKIE = "reactions"

# What stands on a page may be gone the next moment, and some of it is one reader's alone: whoever keeps a
# copy asks before showing it.
as_it_is_now = cache_control(private=True, no_cache=True)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    newest = Comment.objects.shown_in(OuterRef("pk"))
    posts = Post.objects.reachable().posts().select_related("author")
    pages = Paginator(posts.annotate(newest_at=newest.values("created_at")[:1]), POSTS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    lively_since = timezone.now() - LIVELY_FOR
    for post_ in page:
        post_.excerpt = excerpt(post_.body)  # type: ignore[attr-defined]
        post_.is_live = post_.newest_at is not None and post_.newest_at > lively_since  # type: ignore[attr-defined]
    return render(request, "comments/index.html", {"posts": page, "page_obj": page})


@as_it_is_now
@require_safe
def post(request: HttpRequest, slug: str) -> HttpResponse:
    found = _reachable(slug)
    if found.is_room:
        return redirect(found, permanent=True)
    return page_of(request, found)


def page_of(request: HttpRequest, found: Post) -> HttpResponse:
    """The page of a post or a room, with as much of it as is asked for."""
    before, after = _number(request.GET.get("before")), _number(request.GET.get("after"))
    replying_to = _visible(found, request.GET.get("reply"))
    form = CommentForm.fresh(parent_id=replying_to.pk if replying_to else None)
    page = reading.page(found, before=before) if after is None else reading.page_after(found, after)
    return _post_page(request, found, page, form, replying_to=replying_to)


@as_it_is_now
@require_safe
def comment(request: HttpRequest, comment_id: int) -> HttpResponse:
    """A comment's permanent address: the page it stands on, with the comment marked.

    One's own that is hidden leads to its place on the post's page, where stands what became of it.
    """
    found = get_object_or_404(
        Comment.objects.select_related("post__author"),
        Q(status=Status.PUBLISHED) | (Q(author=request.user.pk) & ~Q(removed_by=Remover.AUTHOR)),
        pk=comment_id,
        post__in=Post.objects.reachable(),
    )
    if found.status != Status.PUBLISHED:
        return redirect(f"{found.post.get_absolute_url()}#comment-{found.pk}")
    newest = reading.page(found.post)
    if any(other.pk == found.pk for other in newest.comments):
        return redirect(f"{found.post.get_absolute_url()}#comment-{found.pk}")
    page = reading.page_with(found)
    form = CommentForm.fresh()
    return _post_page(request, found.post, page, form, highlight=found.pk)


@as_it_is_now
@require_POST
def create(request: HttpRequest, slug: str) -> HttpResponse:
    found = _reachable(slug)
    form = CommentForm(request.POST, is_message=found.is_room)
    rejection = None
    if not request.user.is_authenticated:
        # Their session has ended: the text stands on the page from which they log in.
        replying_to = _visible(found, request.POST.get("parent_id"))
        return _post_page(request, found, reading.page(found), form, replying_to=replying_to, status=403)
    if "preview" in request.POST:
        shown_as = _previewed(request, form, is_message=found.is_room)
        return _post_page(
            request,
            found,
            reading.page(found),
            form,
            replying_to=_visible(found, request.POST.get("parent_id")),
            preview=shown_as,
            status=422 if shown_as is None else 200,
        )
    if form.is_valid():
        data = form.cleaned_data
        try:
            async_to_sync(spend)(WRITING, reader_of(request).pk)
            async_to_sync(spend)(WRITING_HERE, reader_of(request).pk, found.pk)
            written = _post(found, data, acting_user=reader_of(request))
        except Refused as refusal:
            form.add_error("content", str(refusal.message))
            if refusal.code == ErrorCode.REJECTED:
                rejection = _rejection(refusal)
                # It is stored under this id: what is made of it now is another comment.
                form.data = {**request.POST.dict(), "client_id": str(uuid4())}
        else:
            if written.status == Status.PENDING:
                messages.info(request, _waits(found))
                return redirect(f"{found.get_absolute_url()}#comments")
            return redirect(f"{found.get_absolute_url()}#comment-{written.pk}")
    replying_to = _visible(found, request.POST.get("parent_id"))
    page = reading.page(found)
    return _post_page(request, found, page, form, replying_to=replying_to, rejection=rejection, status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    own = _own(request, comment_id)
    initial = {"content": own.content}
    form = EditForm(request.POST or None, initial=initial, is_message=own.post.is_room)
    preview = None
    if "preview" in request.POST:
        preview = _previewed(request, form, is_message=own.post.is_room)
    elif form.is_valid():
        try:
            async_to_sync(spend)(WRITING, reader_of(request).pk)
            edited = actions.edit_comment(
                own.pk, form.cleaned_data["content"], acting_user=reader_of(request)
            )
        except Refused as refusal:
            form.add_error("content", str(refusal.message))
        else:
            if edited.status == Status.PENDING:
                messages.info(request, _waits(own.post))
                return redirect(f"{own.post.get_absolute_url()}#comments")
            return redirect(own)
    elif not form.is_bound:
        try:
            now = timezone.now()
            rules.check_edit_time(own.author, own.created_at, now, is_message=own.post.is_room)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
            return redirect(own)
    context = {
        "form": form,
        "comment": shown(own, reader_of(request)),
        "post": own.post,
        "preview": preview,
        "ends": rules.edit_ends(own.author, own.created_at),
    }
    is_refused = form.is_bound and preview is None
    return render(request, "comments/edit.html", context, status=422 if is_refused else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, comment_id: int) -> HttpResponse:
    own = _own(request, comment_id)
    if request.method == "POST":
        try:
            async_to_sync(spend)(WRITING, reader_of(request).pk)
            actions.remove_comment(own.pk, acting_user=reader_of(request))
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        else:
            is_message = own.post.is_room
            sentence = _("Your message was removed.") if is_message else _("Your comment was removed.")
            messages.success(request, sentence)
        return redirect(f"{own.post.get_absolute_url()}#comments")
    context = {"comment": shown(own, reader_of(request)), "post": own.post}
    return render(request, "comments/delete.html", context)


def _post_page(
    request: HttpRequest,
    found: Post,
    page: reading.Page,
    form: CommentForm,
    *,
    replying_to: Comment | None = None,
    highlight: int | None = None,
    rejection: dict[str, Any] | None = None,
    preview: SafeString | None = None,
    status: int = 200,
) -> HttpResponse:
    reader = request.user if isinstance(request.user, User) else None
    ahead = prospects(found, reader)
    may_hide = reader is not None and moderation.may_moderate_here(reader, found)
    muted = mutes.muted_ids(reader) if reader is not None else frozenset()
    found.html = mark_safe(post_html(found.body))  # type: ignore[attr-defined]
    url = found.get_absolute_url()
    # Who chats reads one after the other.
    wanted = Arrangement(View.LIVE, Order.OLDEST) if found.is_room else arrangement_of(request)
    shown_threads = _threads(found, page, reader, wanted, muted, may_hide=may_hide)
    has_reactions = any(
        entry.reaction_count for thread in shown_threads for entry in (thread.comment, *thread.replies)
    )
    context: dict[str, Any] = {
        "post": found,
        "excerpt": excerpt(found.body, 160),
        "threads": shown_threads,
        "arrangement": wanted,
        "views": [(View.THREADS, _("Threads")), (View.LIVE, _("Live stream"))],
        "orders": [
            (Order.OLDEST, _("Oldest first")),
            (Order.NEWEST, _("Newest first")),
            (Order.TOP, _("Most reacted first")),
        ],
        "has_reactions": has_reactions,
        "muted": ",".join(map(str, sorted(muted))),
        "follows": reader is not None and follows.follows(found, reader),
        "reactions": settings.REACTIONS,
        "blank_reaction": ShownReaction("", 0, is_own=False),
        "hides_reactions": hides_reactions(request),
        "neighbours": _neighbours(request, found, page, is_newest=not page.has_later),
        "blank_comment": ShownComment(),
        "has_earlier": page.has_more,
        "earlier_url": address(url, before=page.before) if page.has_more else None,
        "later_url": address(url, after=page.after or 0) if page.has_later else None,
        "newest_url": f"{url}#comments",
        "is_newest": not page.has_later,
        "before": page.before,
        "form": form,
        # Where logging in leads back to.
        "back": f"{url}?reply={replying_to.pk}#composer" if replying_to else f"{url}#composer",
        "replying_to": shown(replying_to, reader) if replying_to else None,
        "highlight": highlight,
        "can_comment": reader is not None and ahead.state["canWrite"],
        "prospects": ahead,
        "state_json": json.dumps(ahead.state),
        "is_staff": reader is not None and reader.is_staff,
        "may_hide": may_hide,
        "rejection": rejection,
        "preview": preview,
        "report_reasons": REPORTED_FOR,
        "reasons": list(Reason),
        "max_length": rules.longest(found),
        "edit_minutes": 0 if reader is None or reader.is_staff else settings.EDIT_MINUTES,
        "now": timezone.now(),
        "page_size": settings.COMMENTS_PER_PAGE,
    }
    if found.is_room:
        context["rooms"] = rooms.all_rooms()
    template = "chat/room.html" if found.is_room else "comments/post.html"
    response = render(request, template, context, status=status)
    if wanted.is_asked:
        remember(wanted, response)
    return response


def _threads(
    found: Post,
    page: reading.Page,
    reader: User | None,
    wanted: Arrangement,
    muted: frozenset[int],
    *,
    may_hide: bool,
) -> list[Thread]:
    """A page's comments, arranged, with what this reader alone is shown among them."""
    arrange = stream if wanted.view == View.LIVE else threads
    order = Order.OLDEST if wanted.is_downward else wanted.order
    if reader is None:
        return arranged(arrange(page.comments, None), order)
    is_newest = not page.has_later
    among: dict[int, Comment] = {}
    decisions: dict[int, Decision] = {}
    if may_hide:
        taken = reading.hidden_by_moderators(found, page.comments, is_newest=is_newest)
        among = {hidden.pk: hidden for hidden in taken if hidden.author_id != reader.pk}
    if is_newest:
        own = reading.own(found, reader)
        decisions = {decision.comment_id: decision for decision in own.decisions}
        among |= {held.pk: held for held in own.held}
        among |= {pk: decision.comment for pk, decision in decisions.items()}
    comments = sorted([*page.comments, *among.values()], key=lambda each: each.pk)
    sees = ReaderSees(
        reported=reading.reported(page.comments, reader),
        reacted=reactions.own_reactions({reader.pk}, reactions.with_any(page.comments))[reader.pk],
        muted=muted,
        may_hide=may_hide,
    )
    return arranged(arrange(comments, reader, sees, decisions=decisions), order)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a page of comments is found, whatever it was asked for as, and the pages beside it: addresses
    with the site's name, for whoever reads page after page."""

    canonical: str
    earlier: str
    later: str


def _neighbours(request: HttpRequest, found: Post, page: reading.Page, *, is_newest: bool) -> Neighbours:
    url = request.build_absolute_uri(found.get_absolute_url())
    last = page.comments[-1].pk if page.comments else None
    later = None
    if not is_newest and last is not None:
        end = reading.end_of_next(found, last)
        later = url if end is None else f"{url}?before={end}"
    return Neighbours(
        canonical=url if later is None else f"{url}?before={last + 1}" if last is not None else url,
        earlier=f"{url}?before={page.before}" if page.has_more else "",
        later=later or "",
    )


def _post(found: Post, data: dict[str, Any], *, acting_user: User) -> Comment:
    """Publish what a form has. A page that the browser went back to still has the id of the comment that
    was sent from there: another text under it is another comment, and sent twice it is still one."""
    content, client_id = data["content"], data["client_id"] or None
    written = actions.post_comment(
        acting_user=acting_user,
        post_id=found.pk,
        content=content,
        parent_id=data["parent_id"],
        client_id=client_id,
    )
    is_this = written.content == content or written.revisions.filter(content=content).exists()
    if client_id is None or is_this:
        return written
    return actions.post_comment(
        acting_user=acting_user,
        post_id=found.pk,
        content=content,
        parent_id=data["parent_id"],
        client_id=str(uuid5(NAMESPACE_URL, f"{client_id}/{content}")),
    )


def _previewed(request: HttpRequest, form: forms.Form, *, is_message: bool) -> SafeString | None:
    """What the text in a form would look like; None, with the error in the form, if it cannot be sent."""
    if not form.is_valid():
        return None
    try:
        async_to_sync(spend)(PREVIEWING, reader_of(request).pk)
        html = previews.preview(form.cleaned_data["content"], is_message=is_message)
        return mark_safe(html)  # cleaned, see `text`
    except Refused as refusal:
        form.add_error("content", str(refusal.message))
        return None


def _rejection(refusal: Refused) -> dict[str, Any]:
    """What a page says of a comment that a rule rejected, beside the sentence itself."""
    details = refusal.details
    reason = details.get("reason", "")
    can_appeal = details.get("canAppeal") and "decisionId" in details
    return {
        "reason": Reason(reason).label if reason else "",
        "explanation": details.get("explanation", ""),
        "appeal_url": reverse("comments:appeal", args=[details["decisionId"]]) if can_appeal else "",
    }


def _reachable(slug: str) -> Post:
    return get_object_or_404(Post.objects.reachable().select_related("author"), slug=slug)


def _visible(found: Post, comment_id: str | None) -> Comment | None:
    """The comment that a form wants to answer, if readers can see it."""
    number = _number(comment_id)
    if number is None:
        return None
    comments = found.comments.select_related("author", "post", "parent__author")
    return comments.filter(pk=number, status=Status.PUBLISHED).first()


def _own(request: HttpRequest, comment_id: int) -> Comment:
    """Reached through the reader's own comments: what is somebody else's does not exist."""
    comments = reader_of(request).comments.select_related("author", "post", "parent__author")
    return get_object_or_404(
        comments,
        pk=comment_id,
        status__in=[Status.PUBLISHED, Status.PENDING],
        post__in=Post.objects.reachable(),
    )


def _waits(post: Post) -> str:
    return _("Your message waits for review.") if post.is_room else _("Your comment waits for review.")


def reader_of(request: HttpRequest) -> User:
    """Who asks, behind `login_required`."""
    if not isinstance(request.user, User):
        raise TypeError("this view needs @login_required")
    return request.user


def hides_reactions(request: HttpRequest) -> bool:
    """Whether a reader has chosen not to see reactions, in this browser."""
    return request.COOKIES.get(REACTIONS_COOKIE) == "hidden"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
