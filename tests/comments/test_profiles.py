"""Somebody's page: what it shows, what it does not, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import avatars, sanctions
from accounts.models import User
from comments import moderation, profiles
from comments.models import Comment, Post
from tests.accounts.test_avatars import a_picture
from tests.cast import a_person, a_post, fill, sitting_at, write
from tests.comments.test_query_plans import assert_uses, plan, sqlite_only

pytestmark = pytest.mark.django_db


def page_of(user: User, reader: User | None = None, query: str = "") -> str:
    response = sitting_at(reader).get(f"/people/{user.username}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def status_of(username: str) -> int:
    return Client().get(f"/people/{username}/").status_code


def test_somebody_without_an_account_sees_who_wrote_what(comment: Comment, owner: User) -> None:
    page = page_of(owner)

    assert "Omar Owner" in page
    assert "What the owner wrote" in page
    assert f'href="/comments/{comment.pk}/"' in page
    assert "Here since" in page
    assert "owner@example.com" not in page
    assert "/accounts/settings/" not in page


def test_ones_own_page_leads_to_the_settings_and_the_menu_leads_here(owner: User) -> None:
    assert "/accounts/settings/" in page_of(owner, owner)
    menu = sitting_at(owner).get("/accounts/email/").content.decode()
    assert 'href="/people/owner/"' in menu


def test_names_on_comments_lead_there(comment: Comment) -> None:
    page = Client().get(comment.post.get_absolute_url()).content.decode()

    assert '<a class="comment-name" href="/people/owner/" itemprop="url">' in page
    assert "data-name>Omar Owner</span></a>" in page


def test_a_username_may_have_any_of_its_letters(post: Post) -> None:
    for username in ("민아", "a.b+c@d-e_f"):
        person = a_person(username)
        write(person, post, f"By {username}")
        assert f"By {username}" in page_of(person)


def test_nobody_of_this_name_has_no_page(owner: User) -> None:
    assert status_of("nobody") == 404
    assert status_of("deleted:7") == 404


def test_only_what_readers_can_see_is_there_and_the_newest_comes_first(
    comment: Comment, owner: User, author: User, moderator: User
) -> None:
    hidden = write(owner, comment.post, "What was hidden")
    moderation.hide_comment(hidden.pk, acting_user=moderator)
    write(owner, a_post(author, pre_moderation=True), "What waits")
    withdrawn = a_post(author)
    write(owner, withdrawn, "Under a post that is withdrawn")
    Post.objects.filter(pk=withdrawn.pk).update(published_at=None)
    write(owner, a_post(author), "The newest")

    for reader in (None, owner, moderator):
        page = page_of(owner, reader)
        for secret in ("What was hidden", "What waits", "withdrawn"):
            assert secret not in page
        assert page.index("The newest") < page.index("What the owner wrote")


def test_badges_are_those_of_comments(author: User, moderator: User, post: Post) -> None:
    write(author, post, "My own post")
    write(moderator, post, "A word")

    assert 'data-badge="author"' in page_of(author)
    assert 'data-badge="moderator"' in page_of(moderator)


def test_a_picture_is_shown(owner: User) -> None:
    digest = avatars.change_picture(a_picture(), acting_user=owner)

    assert f'src="/avatars/{digest}.webp"' in page_of(owner)


@pytest.mark.parametrize("how", ["banned", "inactive"])
def test_whoever_cannot_come_any_more_is_as_much_as_their_comments_show(
    how: str, comment: Comment, owner: User, stranger: User, manager: User
) -> None:
    for person in (owner, stranger):
        if how == "banned":
            sanctions.impose(person.pk, "ban", acting_user=manager, reason="spam", explanation="Enough")
        else:
            User.objects.filter(pk=person.pk).update(is_active=False)

    page = page_of(owner)
    assert "What the owner wrote" in page
    for secret in ("Here since", "Enough", "ban", "inactive"):
        assert secret not in page.split("<main")[1]
    assert status_of("stranger") == 404  # who never wrote does not show anywhere


def test_earlier_comments_are_a_page_further(post: Post, owner: User) -> None:
    fill(post, owner, 45)
    seen: list[str] = []
    start = None
    for size in (20, 20, 5):
        page = profiles.written(owner, start)
        assert len(page.comments) == size
        seen += [comment.content for comment in page.comments]
        start = None if page.before is None else Comment.objects.get(pk=page.before)
    assert start is None
    assert seen == [f"Comment {number}" for number in reversed(range(45))]
    first = profiles.written(owner)
    assert f"?before={first.before}" in page_of(owner)
    assert "Comment 24" in page_of(owner, query=f"?before={first.before}")


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30, "999999"])
def test_a_place_that_is_none_does_not_exist(before: str, owner: User, comment: Comment) -> None:
    assert Client().get(f"/people/owner/?before={before}").status_code == 404


def test_somebody_elses_comment_is_no_place_either(comment: Comment, stranger: User) -> None:
    assert Client().get(f"/people/stranger/?before={comment.pk}").status_code == 404


def test_comments_of_the_same_moment_are_all_there(post: Post, owner: User) -> None:
    fill(post, owner, 30)
    Comment.objects.update(created_at=timezone.now() - timedelta(hours=1))

    first = profiles.written(owner)
    assert first.before is not None
    second = profiles.written(owner, Comment.objects.get(pk=first.before))

    ids = [comment.pk for comment in first.comments + second.comments]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 30


def test_among_many_that_are_hidden_a_page_looks_no_further_than_it_may(
    post: Post, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "LOOKED_AT", 10)
    monkeypatch.setattr(profiles, "COMMENTS_PER_PAGE", 3)
    fill(post, owner, 25)
    Comment.objects.filter(pk__in=[each.pk for each in Comment.objects.all()[5:]]).update(status="rejected")

    pages = [profiles.written(owner)]
    while pages[-1].before is not None:
        pages.append(profiles.written(owner, Comment.objects.get(pk=pages[-1].before)))

    assert [len(page.comments) for page in pages] == [0, 0, 3, 2]
    assert "None of the latest can be seen." in page_of(owner)


@sqlite_only
def test_however_much_somebody_wrote_it_is_read_along_an_index(
    post: Post, owner: User, stranger: User
) -> None:
    fill(post, stranger, 300)
    fill(post, owner, 1_200)
    start = Comment.objects.filter(author=owner)[600]
    for place in (None, start):
        with CaptureQueriesContext(connection) as captured:
            profiles.written(owner, place)
        assert len(captured) == 2
        assert_uses("comment_by_author", [plan(captured.captured_queries[0]["sql"])])
