"""Word lists and the whole site in the admin; every page of it in both languages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts import sanctions
from accounts.models import Sanction, User
from comments import appeals, bulk, controls, flags, moderation, room_controls, word_lists
from comments.models import (
    Appeal,
    BulkDecision,
    Comment,
    Decision,
    Flag,
    Post,
    RestrictedWord,
    SiteControl,
    Verdict,
)
from tests.cast import a_member, a_person, a_post, again, fill, sitting_at, write

pytestmark = pytest.mark.django_db

WORDS = reverse("admin:comments_restrictedword_changelist")
ADD = reverse("admin:comments_restrictedword_add")
TRY = reverse("admin:comments_restrictedword_try")
CONTROL = reverse("admin:comments_sitecontrol_control")
SITE = reverse("admin:comments_sitecontrol_change", args=[1])
INDEX = reverse("admin:index")

Word = Callable[..., RestrictedWord]


@pytest.fixture
def office() -> Client:
    return sitting_at(a_member("ma", "managers"))


@pytest.fixture
def word(manager: User) -> RestrictedWord:
    return word_lists.save_word("casino*", "banned", acting_user=manager)


def page_of(word: RestrictedWord) -> str:
    return reverse("admin:comments_restrictedword_change", args=[word.pk])


# --- Outsiders -----------------------------------------------------------------------------------


def test_words_and_the_site_are_for_managers(
    word: RestrictedWord, comment: Comment, owner: User, moderator: User
) -> None:
    group = a_member("mo", "moderators")
    for outsider, status in ((None, 302), (owner, 302), (moderator, 403), (group, 403)):
        desk = sitting_at(outsider)
        for url in (WORDS, ADD, TRY, page_of(word), SITE):
            assert desk.get(url).status_code == status, url
        given = {"pattern": "good", "kind": "banned", "note": ""}
        assert desk.post(ADD, given).status_code == status
        assert desk.post(page_of(word), given).status_code == status
        assert desk.post(TRY, {**given, "_add": "1"}).status_code == status
        delete = reverse("admin:comments_restrictedword_delete", args=[word.pk])
        assert desk.post(delete, {"post": "yes"}).status_code == status
        desk.post(WORDS, {"action": "delete_selected", "_selected_action": [word.pk], "post": "yes"})
        desk.post(CONTROL, {"do": "pause"})
        desk.post(SITE, {"paused": "on"})
    assert [each.pattern for each in RestrictedWord.objects.all()] == ["casino*"]
    assert not SiteControl.objects.filter(paused=True).exists()


def test_the_group_of_moderators_sees_the_sites_state_and_no_switch(moderator: User) -> None:
    text = sitting_at(a_member("mo", "moderators")).get(INDEX).content.decode()
    assert "Readers may write." in text
    assert 'value="pause"' not in text

    clerk = a_person("clerk", is_staff=True)
    assert "Readers may write." not in sitting_at(clerk).get(INDEX).content.decode()


# --- Pause everything ----------------------------------------------------------------------------


def test_everything_is_paused_and_goes_on_in_one_click(office: Client, post: Post, owner: User) -> None:
    assert 'value="pause"' in office.get(INDEX).content.decode()
    assert office.get(CONTROL).status_code == 405

    text = office.post(CONTROL, {"do": "pause"}, follow=True).content.decode()
    assert "Everything is paused: nobody but staff may write." in text
    assert "Let it go on" in text
    site = SiteControl.objects.get()
    assert site.paused
    assert site.changed_by is not None
    assert site.changed_by.username == "ma"
    assert controls.current().paused

    office.post(CONTROL, {"do": "go_on"})
    assert not SiteControl.objects.get().paused
    assert write(owner, post).pk
    office.post(CONTROL, {"do": "nonsense"})
    assert LogEntry.objects.count() == 2


def test_every_comment_can_be_held_first(office: Client, post: Post, owner: User) -> None:
    office.post(CONTROL, {"do": "hold"})
    assert write(owner, post).status == "pending"

    office.post(CONTROL, {"do": "let_through"})
    assert write(owner, post, "Another").status == "published"


def test_the_site_has_a_page_of_its_own(office: Client) -> None:
    SiteControl.objects.get_or_create(pk=1)
    assert office.get(reverse("admin:comments_sitecontrol_changelist")).headers["Location"] == SITE

    office.post(SITE, {"paused": "on"})

    assert SiteControl.objects.get().paused
    assert office.post(reverse("admin:comments_sitecontrol_delete", args=[1])).status_code == 403


# --- Words ---------------------------------------------------------------------------------------


def test_a_word_is_added_changed_and_taken_off(office: Client, post: Post, owner: User) -> None:
    office.post(ADD, {"pattern": "  스팸*  ", "kind": "suspect", "note": "seen a lot"})
    word = RestrictedWord.objects.get()
    assert (word.pattern, word.kind, word.created_by) == (
        "스팸*",
        "suspect",
        User.objects.get(username="ma"),
    )
    assert write(owner, post, "여기 스팸이라니").status == "pending"

    office.post(page_of(word), {"pattern": "스팸*", "kind": "banned", "note": ""})
    assert again(word).kind == "banned"

    office.post(reverse("admin:comments_restrictedword_delete", args=[word.pk]), {"post": "yes"})
    assert write(owner, post, "그래도 스팸이라니").status == "published"


@pytest.mark.parametrize("pattern", ["", "***", "casino*", "x" * 101])
def test_what_is_no_word_is_an_error_on_the_page(pattern: str, word: RestrictedWord, office: Client) -> None:
    response = office.post(ADD, {"pattern": pattern, "kind": "banned", "note": ""})

    assert response.status_code == 200
    assert response.context["errors"]
    assert RestrictedWord.objects.count() == 1


def test_several_are_taken_off_at_once(word: RestrictedWord, office: Client) -> None:
    data = {"action": "delete_selected", "_selected_action": [word.pk], "post": "yes"}
    office.post(WORDS, data)

    assert not RestrictedWord.objects.exists()
    assert not controls.current().banned


def test_a_dry_run_shows_what_would_have_been_caught_and_keeps_nothing(
    office: Client, post: Post, owner: User
) -> None:
    write(owner, post, "Best C4SINO in town")
    write(owner, post, "Nothing to see")
    write(owner, post, "부업 대출 상담")

    response = office.post(TRY, {"pattern": "casino*\n대출\nviagra"})

    text = response.content.decode()
    assert "2 of the last 1,000 comments" in text
    assert "<mark>c4sino</mark>" in text
    assert "<mark>대출</mark>" in text
    assert "Nothing to see" not in text
    assert response.context["by_pattern"] == [("casino*", 1), ("대출", 1), ("viagra", 0)]
    assert not RestrictedWord.objects.exists()
    # The form that was sent is labelled like the one that was asked for.
    for page in (text, office.get(TRY).content.decode()):
        assert re.search(r"<label[^>]*>\s*Words:", page)


def test_a_words_own_form_can_be_tried_and_a_list_too(word: RestrictedWord, office: Client) -> None:
    assert f'formaction="{TRY}"' in office.get(page_of(word)).content.decode()
    form = {"pattern": "casino*", "kind": "suspect", "note": "n", "csrfmiddlewaretoken": "x"}
    tried = office.post(TRY, form)
    assert tried.context["caught_count"] == 0
    assert tried.context["adminform"].form["kind"].value() == "suspect"

    assert "casino*" in office.get(f"{TRY}?list=banned").content.decode()
    assert "casino*" not in office.get(f"{TRY}?list=suspect").content.decode()


def test_what_was_tried_goes_on_a_list(word: RestrictedWord, office: Client) -> None:
    data = {"pattern": "casino*\npoker\n도박*", "kind": "banned", "note": "gambling", "_add": "1"}

    text = office.post(TRY, data, follow=True).content.decode()

    assert "2 words added." in text
    assert "1 word was on a list already." in text
    assert {each.pattern for each in RestrictedWord.objects.filter(note="gambling")} == {"poker", "도박*"}


@pytest.mark.parametrize("pattern", ["", "***", "\n".join(f"word{n}" for n in range(201))])
def test_what_cannot_be_tried_is_an_error_on_the_page(pattern: str, office: Client) -> None:
    response = office.post(TRY, {"pattern": pattern})

    assert response.context["errors"]
    assert response.context["caught"] is None


# --- All of it -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_admin_page_opens_in_both_languages(
    language: str, comment: Comment, owner: User, stranger: User, word: RestrictedWord
) -> None:
    editor = a_person("editor", is_staff=True, is_superuser=True)
    desk = sitting_at(editor)
    fill(comment.post, owner, 60)
    flags.flag(comment.pk, "hate", "look", acting_user=stranger)
    [outcome] = moderation.decide([comment.pk], Verdict.REJECT, acting_user=editor, reason="hate")
    assert outcome.decision is not None
    appeals.appeal(outcome.decision.pk, "Why?", acting_user=owner)
    sanctions.impose(owner.pk, "warning", acting_user=editor, reason="hate")
    bulk.begin([comment.pk], Verdict.SPAM, acting_user=editor)
    room_controls.pause_site(True, acting_user=editor)
    models: list[Any] = [
        Appeal, BulkDecision, Comment, Decision, Flag, Post, RestrictedWord, Sanction, SiteControl, User,
    ]  # fmt: skip
    lists = [reverse(f"admin:{each._meta.app_label}_{each._meta.model_name}_changelist") for each in models]
    pages = [
        reverse(
            f"admin:{each._meta.app_label}_{each._meta.model_name}_change", args=[each.objects.first().pk]
        )
        for each in models
    ]
    comments = reverse("admin:comments_comment_changelist")
    more = [
        INDEX, ADD, TRY, f"{comments}?q=wrote", f"{comments}?status__exact=published",
        f"{comments}?flags=open", f"{comments}?author__id__exact={owner.pk}",
        reverse("admin:comments_post_add"), reverse("admin:accounts_user_add"),
        reverse("admin:accounts_sanction_add"),
    ]  # fmt: skip
    for url in [*lists, *pages, *more]:
        response = desk.get(url, headers={"accept-language": language}, follow=True)
        assert response.status_code == 200, url
        assert response["Content-Language"] == language


def test_a_page_is_called_what_it_shows(comment: Comment) -> None:
    desk = sitting_at(a_person("editor", is_staff=True, is_superuser=True))
    row = reverse("admin:comments_comment_change", args=[comment.pk])
    for url, en, ko in (
        (reverse("admin:comments_comment_changelist"), "Comments", "댓글"),
        (row, "Comment", "댓글"),
        (reverse("admin:accounts_user_changelist"), "Users", "사용자"),
        (reverse("admin:accounts_user_change", args=[comment.author_id]), "User", "사용자"),
    ):
        for language, title in (("en", en), ("ko", ko)):
            response = desk.get(url, headers={"accept-language": language})
            assert f"<h1>{title}</h1>" in response.content.decode(), (url, language)


def test_the_list_offers_the_newest_posts_and_the_one_that_was_asked_for(author: User) -> None:
    posts = [a_post(author) for _ in range(25)]
    desk = sitting_at(a_member("mo", "moderators"))
    comments = reverse("admin:comments_comment_changelist")

    text = desk.get(comments).content.decode()
    assert f'post__id__exact={posts[-1].pk}"' in text
    assert f'post__id__exact={posts[0].pk}"' not in text
    assert posts[0].title in desk.get(f"{comments}?post__id__exact={posts[0].pk}").content.decode()
    assert desk.get(f"{comments}?post__id__exact=x").status_code in (200, 302)
