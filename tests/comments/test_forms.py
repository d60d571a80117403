"""Writing, editing and deleting by forms, without JavaScript."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import AsyncClient, Client

from accounts.models import User
from comments import moderation
from comments.models import Comment, Post, RoomState, Status
from realtime.budgets import WRITING, spend
from tests.cast import a_post, again, write

pytestmark = pytest.mark.django_db

LogIn = Callable[[User], Client]


@pytest.fixture
def logged_in() -> LogIn:
    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return log_in


def create_url(post: Post) -> str:
    return f"{post.get_absolute_url()}comments/"


def text_of(response: Any) -> str:
    return str(response.content.decode())


# --- Outsiders -----------------------------------------------------------------------------------


def test_whoever_is_logged_out_logs_in_first_and_comes_back(comment: Comment) -> None:
    for url in (f"/comments/{comment.pk}/edit/", f"/comments/{comment.pk}/delete/"):
        response = Client().post(url, {"content": "text"})
        assert response.status_code == 302
        assert response["Location"] == f"/accounts/login/?next={url}"
    assert Comment.objects.count() == 1
    assert again(comment).status == Status.PUBLISHED


def test_whoever_is_logged_out_while_they_write_keeps_the_text_and_finds_the_way_back(
    comment: Comment,
) -> None:
    text = "A <b>thought</b> of mine"
    data = {"content": text, "parent_id": comment.pk}

    response = Client().post(create_url(comment.post), data)

    assert response.status_code == 403
    page = response.content.decode()
    assert "A &lt;b&gt;thought&lt;/b&gt; of mine</textarea>" in page
    back = f"{comment.post.get_absolute_url()}?reply={comment.pk}#composer"
    assert f'name="next" value="{back}"' in page
    assert f"/accounts/signup/?next={quote(back)}" in page
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("verb", ["edit", "delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_elses_comment_does_not_exist(
    verb: str, method: str, comment: Comment, stranger: User, moderator: User, logged_in: LogIn
) -> None:
    url = f"/comments/{comment.pk}/{verb}/"
    assert logged_in(comment.author).get(url).status_code == 200

    for reader in (stranger, moderator):
        response = getattr(logged_in(reader), method)(url, {"content": "Mine now"})
        assert response.status_code == 404
    assert (again(comment).content, again(comment).status) == (comment.content, "published")


@pytest.mark.parametrize("verb", ["edit", "delete"])
def test_ones_own_hidden_comment_does_not_exist_either(
    verb: str, comment: Comment, moderator: User, logged_in: LogIn
) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)
    client = logged_in(comment.author)

    assert client.get(f"/comments/{comment.pk}/{verb}/").status_code == 404
    assert client.post(f"/comments/{comment.pk}/{verb}/", {"content": "x"}).status_code == 404


def test_another_sites_form_is_refused(comment: Comment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(comment.author)

    for url in (create_url(comment.post), f"/comments/{comment.pk}/delete/"):
        assert client.post(url, {"content": "text"}).status_code == 403
    assert Comment.objects.count() == 1
    assert again(comment).status == Status.PUBLISHED


def test_nothing_is_written_by_looking(comment: Comment, owner: User, logged_in: LogIn) -> None:
    client = logged_in(owner)

    assert client.get(create_url(comment.post)).status_code == 405
    for verb in ("edit", "delete"):
        assert client.get(f"/comments/{comment.pk}/{verb}/").status_code == 200
        assert client.put(f"/comments/{comment.pk}/{verb}/").status_code == 405
    assert again(comment.post).version == 1


# --- Writing -------------------------------------------------------------------------------------


def test_a_comment_is_written_and_the_reader_led_to_it(post: Post, owner: User, logged_in: LogIn) -> None:
    response = logged_in(owner).post(create_url(post), {"content": "Hello\r\nthere"})

    comment = Comment.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"{post.get_absolute_url()}#comment-{comment.pk}"
    assert comment.content == "Hello\nthere"
    assert comment.author == owner


def test_the_form_of_the_page_sent_twice_is_one_comment(post: Post, owner: User, logged_in: LogIn) -> None:
    client = logged_in(owner)
    form = client.get(post.get_absolute_url()).context["form"]
    data = {"content": "Hello", "client_id": form["client_id"].value()}
    assert data["client_id"]

    first, second = (client.post(create_url(post), data) for _ in range(2))

    assert Comment.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_reply_is_written_from_its_link(comment: Comment, stranger: User, logged_in: LogIn) -> None:
    client = logged_in(stranger)
    page = client.get(f"{comment.post.get_absolute_url()}?reply={comment.pk}")
    assert "Replying to Omar Owner" in text_of(page)

    parent_id = page.context["form"]["parent_id"].value()
    client.post(create_url(comment.post), {"content": "A reply", "parent_id": parent_id})

    assert Comment.objects.get(content="A reply").parent == comment


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "The comment is empty."),
        ("\u200b\u3164", "The comment is empty."),
        ("<b>" + "x" * 5000, "A comment may have 5000 characters; this one has 5003."),
    ],
)
def test_a_refused_comment_is_kept_in_the_form_with_the_reason(
    content: str, complaint: str, post: Post, owner: User, logged_in: LogIn
) -> None:
    response = logged_in(owner).post(create_url(post), {"content": content})

    assert response.status_code == 422
    assert complaint in text_of(response)
    assert response.context["form"]["content"].value() == content
    assert content.replace("<", "&lt;").replace(">", "&gt;") in text_of(response)
    assert not Comment.objects.exists()


def test_characters_that_no_database_can_keep_are_refused(post: Post, owner: User, logged_in: LogIn) -> None:
    response = logged_in(owner).post(create_url(post), {"content": "a\x00b"})

    assert response.status_code == 422
    assert not Comment.objects.exists()


@pytest.mark.parametrize("state", [RoomState.CLOSED, RoomState.READ_ONLY])
def test_where_nobody_may_write_the_text_is_not_lost(
    state: RoomState, author: User, owner: User, logged_in: LogIn
) -> None:
    post = a_post(author, room_state=state)

    response = logged_in(owner).post(create_url(post), {"content": "A long thought"})

    assert response.status_code == 422
    assert "A long thought" in text_of(response)


def test_a_reply_to_a_comment_that_went_away_keeps_its_text(
    comment: Comment, stranger: User, moderator: User, logged_in: LogIn
) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)

    data = {"content": "My answer", "parent_id": comment.pk}
    response = logged_in(stranger).post(create_url(comment.post), data)

    assert response.status_code == 422
    assert "My answer" in text_of(response)
    assert "Omar Owner" not in text_of(response)


@pytest.mark.parametrize("extra", [{"parent_id": "x"}, {"parent_id": "-1"}, {"client_id": "x" * 65}])
def test_a_forged_form_is_no_bug(extra: dict[str, str], post: Post, owner: User, logged_in: LogIn) -> None:
    response = logged_in(owner).post(create_url(post), {"content": "text", **extra})

    assert response.status_code == 422
    assert not Comment.objects.exists()


def test_a_held_comment_is_announced_as_waiting(author: User, owner: User, logged_in: LogIn) -> None:
    post = a_post(author, pre_moderation=True)

    response = logged_in(owner).post(create_url(post), {"content": "text"}, follow=True)

    assert "Your comment waits for review." in text_of(response)


# --- Editing and deleting ------------------------------------------------------------------------


def test_an_owner_edits(comment: Comment, owner: User, logged_in: LogIn) -> None:
    client = logged_in(owner)
    assert comment.content in text_of(client.get(f"/comments/{comment.pk}/edit/"))

    response = client.post(f"/comments/{comment.pk}/edit/", {"content": "Edited\r\ntext"})

    assert response["Location"] == comment.get_absolute_url()
    assert again(comment).content == "Edited\ntext"


@pytest.mark.parametrize("content", ["", " ", "x" * 5001])
def test_a_refused_edit_keeps_the_text(content: str, comment: Comment, owner: User, logged_in: LogIn) -> None:
    response = logged_in(owner).post(f"/comments/{comment.pk}/edit/", {"content": content})

    assert response.status_code == 422
    assert response.context["form"]["content"].value() == content
    assert response.context["form"].errors
    assert again(comment).content == comment.content


def test_an_owner_deletes_after_being_asked(comment: Comment, owner: User, logged_in: LogIn) -> None:
    client = logged_in(owner)
    url = f"/comments/{comment.pk}/delete/"
    assert comment.content in text_of(client.get(url))

    response = client.post(url, follow=True)

    assert "Your comment was removed." in text_of(response)
    assert again(comment).status == Status.REMOVED
    assert client.post(url).status_code == 404


def test_an_owner_takes_back_a_held_comment(author: User, owner: User, logged_in: LogIn) -> None:
    held = write(owner, a_post(author, pre_moderation=True))

    logged_in(owner).post(f"/comments/{held.pk}/delete/")

    assert again(held).status == Status.REMOVED


# --- The same bounds as over the socket ------------------------------------------------------------


@pytest.mark.parametrize("parent_id", ["99999999999999999999", "-1", "0", "x", "1.5", "１"])
def test_a_strange_parent_is_refused_and_the_text_kept(
    logged_in: LogIn, owner: User, post: Post, parent_id: str
) -> None:
    data = {"content": "kept all the same", "parent_id": parent_id}
    response = logged_in(owner).post(create_url(post), data)
    assert response.status_code == 422
    assert "kept all the same" in text_of(response)
    assert not Comment.objects.exists()


@pytest.mark.django_db(transaction=True)
async def test_the_form_spends_the_same_budget_as_the_socket(owner: User, post: Post) -> None:
    # As in a server, where pages and sockets share one event loop and so one count.
    client = AsyncClient()
    await client.aforce_login(owner)
    for _ in range(WRITING.amount - 2):
        await spend(WRITING, owner.pk)
    for number in range(2):
        response = await client.post(create_url(post), {"content": f"comment {number}"})
        assert response.status_code == 302
    response = await client.post(create_url(post), {"content": "one too many"})
    assert response.status_code == 422
    assert "one too many" in text_of(response)
    assert await Comment.objects.acount() == 2
