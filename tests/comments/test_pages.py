"""The pages as a reader without JavaScript sees them."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import actions, moderation
from comments.models import Comment, Post, RoomState
from tests.cast import a_post, fill, write

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """A page's text, without templates for scripts, and what can be clicked or sent."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        assert response.status_code in {200, 404, 422}, response.status_code
        self.text = ""
        self.links: list[str] = []
        self.forms: list[str] = []
        self.ids: list[str] = []
        self.language = ""
        self._inside: list[str] = []
        self.feed(response.content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "html":
            self.language = attributes.get("lang") or ""
        if tag in {"template", "script", "style"}:
            self._inside.append(tag)
        if self._inside:
            return
        if tag == "a" and "hidden" not in attributes:
            self.links.append(attributes.get("href") or "")
        if tag == "form":
            self.forms.append((attributes.get("action") or "").partition("#")[0])
        if attributes.get("id"):
            self.ids.append(str(attributes["id"]))

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.text += data

    @property
    def comments(self) -> list[int]:
        found = [name.removeprefix("comment-") for name in self.ids if name.startswith("comment-")]
        return [int(name) for name in found if name.isdecimal()]


def page(url: str, reader: User | None = None, **headers: str) -> Page:
    client = Client(headers=headers)
    if reader is not None:
        client.force_login(reader)
    return Page(client.get(url))  # type: ignore[arg-type]


# --- Front page ----------------------------------------------------------------------------------


def test_an_empty_blog_has_a_front_page() -> None:
    assert "Nothing has been published yet." in page("/").text


def test_the_front_page_lists_what_is_published_newest_first(author: User) -> None:
    now = timezone.now()
    a_post(author, title="An older one", published_at=now - timedelta(days=2))
    a_post(author, title="A newer one", published_at=now - timedelta(days=1))
    a_post(author, title="Not yet", published_at=now + timedelta(days=1))
    a_post(author, title="A draft", published_at=None)

    text = page("/").text

    assert text.index("A newer one") < text.index("An older one")
    assert "Not yet" not in text
    assert "A draft" not in text


def test_the_front_page_shows_who_when_what_and_how_many(post: Post, owner: User) -> None:
    fill(post, owner, 3)

    found = page("/")

    assert "Ana Author" in found.text
    assert "Some text." in found.text
    assert "3 comments" in found.text
    assert post.get_absolute_url() in found.links


def test_a_post_is_lively_while_somebody_has_just_written(post: Post, owner: User) -> None:
    assert "Live now" not in page("/").text
    comment = write(owner, post)
    assert "Live now" in page("/").text

    Comment.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert "Live now" not in page("/").text

    Comment.objects.update(created_at=timezone.now())
    actions.remove_comment(comment.pk, acting_user=owner)
    assert "Live now" not in page("/").text


def test_many_posts_are_on_several_pages(author: User) -> None:
    for number in range(15):
        a_post(author, title=f"Post number {number}")

    first, second = page("/"), page("/?page=2")

    assert first.text.count("Post number") == 12
    assert second.text.count("Post number") == 3
    assert "?page=2" in first.links
    assert "?page=1" in second.links


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", ""])
def test_a_page_that_does_not_exist_is_one_that_does(post: Post, number: str) -> None:
    assert "A post" in page(f"/?page={number}").text


# --- Post page -----------------------------------------------------------------------------------


def test_a_post_is_shown_with_its_comments(comment: Comment) -> None:
    found = page(comment.post.get_absolute_url())

    assert "A post" in found.text
    assert comment.content in found.text
    assert "Omar Owner" in found.text
    assert "1 comment" in found.text


@pytest.mark.parametrize("published_at", [None, timezone.now() + timedelta(days=1)])
def test_a_post_that_is_not_published_is_not_found(author: User, owner: User, published_at: object) -> None:
    post = a_post(author, published_at=published_at)
    client = Client()

    for reader in (None, owner, author):
        if reader is not None:
            client.force_login(reader)
        assert client.get(post.get_absolute_url()).status_code == 404
        assert client.post(f"{post.get_absolute_url()}comments/").status_code in {302, 404}


def test_an_earlier_page_is_one_link_away(post: Post, owner: User, settings: Settings) -> None:
    settings.COMMENTS_PER_PAGE = 4
    fill(post, owner, 10)
    everything = list(Comment.objects.order_by("id").values_list("id", flat=True))
    seen: list[int] = []
    url = post.get_absolute_url()
    for _ in range(3):
        found = page(url)
        assert found.comments, url
        seen = [*sorted(found.comments), *seen]
        [url] = [link for link in found.links if "before=" in link] or [""]

    assert url == ""
    assert seen == everything


def test_an_earlier_page_leads_back_to_the_newest(post: Post, owner: User, settings: Settings) -> None:
    settings.COMMENTS_PER_PAGE = 4
    fill(post, owner, 10)
    url = post.get_absolute_url()

    [earlier] = [link for link in page(url).links if "before=" in link]

    assert f"{url}#comments" in page(earlier).links


@pytest.mark.parametrize("query", ["before=x", "before=", "before=-1", "before=" + "9" * 30, "reply=x"])
def test_a_query_that_makes_no_sense_is_ignored(comment: Comment, query: str) -> None:
    found = page(f"{comment.post.get_absolute_url()}?{query}")

    assert comment.content in found.text


# --- Permanent addresses -------------------------------------------------------------------------


def test_a_new_comments_address_leads_to_the_post(comment: Comment) -> None:
    response = Client().get(comment.get_absolute_url())

    assert response.status_code == 302
    assert response["Location"] == f"{comment.post.get_absolute_url()}#comment-{comment.pk}"


def test_an_old_comments_address_shows_the_page_it_stands_on(
    post: Post, owner: User, settings: Settings
) -> None:
    settings.COMMENTS_PER_PAGE = 4
    fill(post, owner, 20)

    for comment in Comment.objects.order_by("id")[:15]:
        assert comment.pk in page(comment.get_absolute_url()).comments


def test_a_comment_that_readers_cannot_see_has_no_address(
    comment: Comment, owner: User, moderator: User
) -> None:
    url = comment.get_absolute_url()
    assert Client().get(url).status_code == 302
    moderation.hide_comment(comment.pk, acting_user=moderator)

    for reader in (None, moderator):
        client = Client()
        if reader is not None:
            client.force_login(reader)
        assert client.get(url).status_code == 404
    client = Client()
    client.force_login(owner)
    place = f"{comment.post.get_absolute_url()}#comment-{comment.pk}"
    assert client.get(url).headers["Location"] == place  # where it says what became of it


def test_a_comment_under_a_hidden_post_has_no_address(comment: Comment) -> None:
    Post.objects.update(published_at=None)

    assert Client().get(comment.get_absolute_url()).status_code == 404


# --- Who may write -------------------------------------------------------------------------------


def test_whoever_is_logged_out_is_invited_to_log_in(comment: Comment) -> None:
    found = page(comment.post.get_absolute_url())

    assert not any("comments/" in form for form in found.forms)
    assert any(link.startswith("/accounts/login/?next=") for link in found.links)


def test_whoever_is_logged_in_has_the_form(comment: Comment, stranger: User) -> None:
    found = page(comment.post.get_absolute_url(), stranger)

    assert f"{comment.post.get_absolute_url()}comments/" in found.forms


def test_own_comments_can_be_edited_and_deleted_and_others_not(
    comment: Comment, owner: User, stranger: User
) -> None:
    own = page(comment.post.get_absolute_url(), owner).links
    other = page(comment.post.get_absolute_url(), stranger).links

    for verb in ("edit", "delete"):
        assert f"/comments/{comment.pk}/{verb}/" in own
        assert f"/comments/{comment.pk}/{verb}/" not in other


@pytest.mark.parametrize("state", [RoomState.CLOSED, RoomState.READ_ONLY])
def test_where_nobody_may_write_the_page_says_so(author: User, owner: User, state: RoomState) -> None:
    url = a_post(author, room_state=state).get_absolute_url()

    for reader in (None, owner):
        text = page(url, reader).text
        assert "Comments are closed." in text or "Comments can be read, but not added to." in text


# --- Languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/", "/posts/a-post/", "/accounts/login/", "/accounts/signup/"])
def test_a_korean_reader_gets_korean_pages(url: str, comment: Comment) -> None:
    client = Client(headers={"accept-language": "ko-KR,ko;q=0.9"})

    response = client.get(url)

    assert response["Content-Language"] == "ko"
    assert "Accept-Language" in response["Vary"]
    found = Page(response)  # type: ignore[arg-type]
    assert found.language == "ko"
    assert "로그인" in found.text


def test_an_english_reader_gets_english_pages(comment: Comment) -> None:
    response = Client(headers={"accept-language": "en"}).get("/posts/a-post/")

    assert response["Content-Language"] == "en"
    assert not any("가" <= letter <= "힣" for letter in Page(response).text.replace("한국어", ""))  # type: ignore[arg-type]


def test_the_language_can_be_chosen(comment: Comment) -> None:
    client = Client(headers={"accept-language": "en"})

    client.post("/i18n/setlang/", {"language": "ko", "next": "/"})

    assert client.get("/")["Content-Language"] == "ko"
