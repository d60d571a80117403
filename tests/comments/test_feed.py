"""The Atom feed of a post, and what search engines find on its pages."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import deletion
from accounts.models import Fate, User
from comments import actions, moderation
from comments.models import Comment, Post
from tests.cast import a_post, fill, write

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(post: Post, **headers: str) -> ElementTree.Element:
    answer = Client().get(f"/posts/{post.slug}/comments.atom", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def texts(root: ElementTree.Element, name: str) -> list[str]:
    return [entry.findtext(f"{ATOM}{name}") or "" for entry in root.findall(f"{ATOM}entry")]


def settle(post: Post) -> None:
    """As if what happened last had happened a minute ago."""
    Post.objects.filter(pk=post.pk).update(changed_at=timezone.now() - timedelta(minutes=1))


def test_a_post_that_readers_cannot_see_has_no_feed(author: User) -> None:
    unseen = a_post(author, published_at=None)

    assert Client().get(f"/posts/{unseen.slug}/comments.atom").status_code == 404


def test_nothing_hidden_is_in_it(comment: Comment, owner: User, moderator: User) -> None:
    write(owner, comment.post, "Still here")
    held = a_post(moderator, pre_moderation=True)
    write(owner, held, "Waits")
    moderation.hide_comment(comment.pk, acting_user=moderator)

    root = feed(comment.post)

    assert texts(root, "content") == ["<p>Still here</p>\n"]
    assert texts(feed(held), "content") == []


def test_an_entry_says_who_what_and_when(comment: Comment, owner: User, stranger: User) -> None:
    reply = write(stranger, comment.post, "**Bold** & <b>", parent_id=comment.pk)
    actions.edit_comment(comment.pk, "Edited", acting_user=owner)

    root = feed(comment.post)

    first, second = root.findall(f"{ATOM}entry")
    assert texts(root, "title") == ["Sue Stranger answered Omar Owner", "Omar Owner wrote"]
    assert texts(root, "content") == ["<p><strong>Bold</strong> &amp; &lt;b&gt;</p>\n", "<p>Edited</p>\n"]
    content = first.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert first.findtext(f"{ATOM}author/{ATOM}name") == "Sue Stranger"
    link = first.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"http://testserver/comments/{reply.pk}/"
    assert (first.findtext(f"{ATOM}id") or "").startswith("tag:testserver,")
    assert len({*texts(root, "id"), root.findtext(f"{ATOM}id")}) == 3
    assert first.findtext(f"{ATOM}published") == first.findtext(f"{ATOM}updated")
    assert (second.findtext(f"{ATOM}published") or "") < (second.findtext(f"{ATOM}updated") or "")


def test_the_newest_fifty_are_in_it_whatever_a_page_has(post: Post, owner: User, settings: Settings) -> None:
    settings.COMMENTS_PER_PAGE = 5
    fill(post, owner, 60)

    found = texts(feed(post), "content")

    assert len(found) == 50
    assert (found[0], found[-1]) == ("<p>Comment 59</p>\n", "<p>Comment 10</p>\n")


def test_what_xml_cannot_say_breaks_nothing(post: Post, owner: User) -> None:
    owner.name = "Bell \x07"
    owner.save()
    write(owner, post, "ring \x07 \x1b \ufffe ]]> &amp;")

    [content] = texts(feed(post), "content")

    assert "\x07" not in content
    assert "ring" in content


def test_it_speaks_the_language_of_the_post(author: User, owner: User) -> None:
    korean = a_post(author, language="ko")
    write(owner, korean)

    assert texts(feed(korean, accept_language="en"), "title") != ["Omar Owner wrote"]


def test_who_has_it_already_gets_nothing_again(comment: Comment, owner: User) -> None:
    settle(comment.post)
    address = f"/posts/{comment.post.slug}/comments.atom"
    first = Client().get(address)
    known = {"if_none_match": first.headers["ETag"]}
    since = {"if_modified_since": first.headers["Last-Modified"]}

    for headers in (known, since):
        again = Client().get(address, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
    actions.remove_comment(comment.pk, acting_user=owner)
    for headers in (known, since):
        assert Client().get(address, headers=headers).status_code == 200
    # Until this second is over something else may happen in it.
    assert "Last-Modified" not in Client().get(address).headers


def test_whoever_deletes_their_account_is_named_no_more(comment: Comment, owner: User) -> None:
    settle(comment.post)
    address = f"/posts/{comment.post.slug}/comments.atom"
    since = {"if_modified_since": Client().get(address).headers["Last-Modified"]}

    deletion.delete_account(acting_user=owner, fate=Fate.ANONYMISE)
    deletion.carry_on()

    answer = Client().get(address, headers=since)
    assert answer.status_code == 200
    assert "Omar Owner" not in answer.content.decode()


def test_every_kind_of_change_moves_its_time(comment: Comment, owner: User, moderator: User) -> None:
    post = comment.post

    def moved() -> bool:
        changed_at = Post.objects.get(pk=post.pk).changed_at
        settle(post)
        return changed_at is not None and timezone.now() - changed_at < timedelta(seconds=30)

    assert moved()
    actions.edit_comment(comment.pk, "Edited", acting_user=owner)
    assert moved()
    moderation.hide_comment(comment.pk, acting_user=moderator)
    assert moved()
    moderation.restore_comment(comment.pk, acting_user=moderator)
    assert moved()
    actions.remove_comment(comment.pk, acting_user=owner)
    assert moved()
    assert not moved()


# --- The page's head and markup -------------------------------------------------------------------


def links(page: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="(canonical|prev|next)" href="([^"]*)"', page))


def test_pages_of_comments_lead_from_one_to_the_next_and_back(
    post: Post, owner: User, settings: Settings
) -> None:
    settings.COMMENTS_PER_PAGE = 10
    fill(post, owner, 25)
    ids = list(Comment.objects.order_by("id").values_list("id", flat=True))
    visitor = Client()
    address = f"http://testserver{post.get_absolute_url()}"

    newest = links(visitor.get(post.get_absolute_url()).content.decode())
    assert newest == {"canonical": address, "prev": f"{address}?before={ids[15]}"}
    middle = links(visitor.get(newest["prev"]).content.decode())
    assert middle == {
        "canonical": f"{address}?before={ids[15]}",
        "prev": f"{address}?before={ids[5]}",
        "next": address,
    }
    oldest = links(visitor.get(middle["prev"]).content.decode())
    assert oldest == {"canonical": f"{address}?before={ids[5]}", "next": f"{address}?before={ids[15]}"}


def test_a_comments_own_address_names_the_page_it_shows(post: Post, owner: User, settings: Settings) -> None:
    settings.COMMENTS_PER_PAGE = 10
    fill(post, owner, 40)
    ids = list(Comment.objects.order_by("id").values_list("id", flat=True))

    page = Client().get(f"/comments/{ids[10]}/").content.decode()

    canonical = links(page)["canonical"]
    shown = re.findall(r'id="comment-(\d+)"', page)
    assert re.findall(r'id="comment-(\d+)"', Client().get(canonical).content.decode()) == shown


def test_the_feed_is_named_in_the_head(post: Post) -> None:
    page = Client().get(post.get_absolute_url()).content.decode()

    assert f'type="application/atom+xml" href="/posts/{post.slug}/comments.atom"' in page


def test_comments_are_marked_up_for_search_engines(comment: Comment, stranger: User) -> None:
    write(stranger, comment.post, "An answer", parent_id=comment.pk)

    page = Client().get(comment.post.get_absolute_url()).content.decode().partition("<template")[0]

    assert 'itemtype="https://schema.org/BlogPosting" itemref="comments"' in page
    assert page.count('itemprop="comment" itemscope itemtype="https://schema.org/Comment"') == 2
    for name in ("author", "url", "dateCreated datePublished", "text", "name"):
        assert page.count(f'itemprop="{name}"') >= 2
    assert '<meta itemprop="commentCount" content="2">' in page
