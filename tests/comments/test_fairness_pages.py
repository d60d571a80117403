"""The pages by which readers report, appeal, read warnings and moderate under their own posts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import sanctions
from accounts.models import User
from comments import actions, appeals, flags, moderation
from comments.models import Appeal, Comment, Flag, Post, Status
from tests.cast import a_post, again, write

pytestmark = pytest.mark.django_db

Send = Callable[..., Any]


def visit(reader: User | None, url: str, **data: str) -> Any:
    """Get the page, or send its form if there is something to send."""
    client = Client()
    if reader is not None:
        client.force_login(reader)
    return client.post(url, data) if data else client.get(url)


def said(response: Any) -> str:
    return str(response.content.decode())


def pages_of(comment: Comment) -> dict[str, tuple[str, dict[str, str]]]:
    """The address and the form of each page about a comment, by its name."""
    decision = comment.decisions.first()
    return {
        "report": (f"/comments/{comment.pk}/report/", {"reason": "spam"}),
        "hide": (f"/comments/{comment.pk}/hide/", {"reason": "spam"}),
        "restore": (f"/comments/{comment.pk}/restore/", {"yes": "yes"}),
        "appeal": (f"/decisions/{decision.pk if decision else 0}/appeal/", {"text": "No."}),
    }


@pytest.fixture
def hidden(comment: Comment, moderator: User) -> Comment:
    moderation.hide_comment(
        comment.pk, acting_user=moderator, reason="harassment", explanation="Argue.", note="For us"
    )
    return Comment.objects.get(pk=comment.pk)


# --- Outsiders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "hide", "restore", "appeal"])
def test_whoever_is_logged_out_is_sent_to_the_log_in_page(name: str, hidden: Comment) -> None:
    address, form = pages_of(hidden)[name]
    for response in (visit(None, address), visit(None, address, **form)):
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/")
    assert (Flag.objects.count(), Appeal.objects.count(), again(hidden).status) == (0, 0, Status.REJECTED)


def test_a_stranger_cannot_appeal_for_somebody(hidden: Comment, stranger: User, moderator: User) -> None:
    address, form = pages_of(hidden)["appeal"]
    for reader in (stranger, moderator):
        assert visit(reader, address).status_code == 404
        assert visit(reader, address, **form).status_code == 404
    assert not Appeal.objects.exists()


@pytest.mark.parametrize("name", ["hide", "restore"])
def test_only_who_may_moderate_has_the_pages_for_it(
    name: str, comment: Comment, author: User, owner: User, stranger: User, moderator: User
) -> None:
    if name == "restore":
        moderation.hide_comment(comment.pk, acting_user=moderator)
    address, form = pages_of(comment)[name]
    before = again(comment).status
    for reader in (author, owner, stranger):
        assert visit(reader, address).status_code == 404
        assert visit(reader, address, **form).status_code == 404
    assert again(comment).status == before

    assert visit(moderator, address).status_code == 200
    assert visit(moderator, address, **form).status_code == 302
    assert again(comment).status != before


def test_authors_moderate_where_the_setting_says_so_and_under_their_own_posts_only(
    comment: Comment, author: User, stranger: User, settings: Settings
) -> None:
    settings.AUTHORS_MODERATE = True
    other = write(stranger, a_post(stranger), "Somebody else's room")
    address, form = pages_of(other)["hide"]
    assert visit(author, address, **form).status_code == 404
    assert again(other).status == Status.PUBLISHED

    address, form = pages_of(comment)["hide"]
    assert visit(author, address, **form).status_code == 302
    assert again(comment).status == Status.REJECTED


def test_a_warning_of_somebody_else_cannot_be_acknowledged(
    post: Post, owner: User, stranger: User, manager: User
) -> None:
    warning = sanctions.impose(owner.pk, "warning", acting_user=manager, reason="hate")
    address = f"{post.get_absolute_url()}warnings/{warning.pk}/"
    visit(stranger, address, yes="yes")
    assert again(warning).acknowledged_at is None
    assert visit(owner, address).status_code == 405
    assert visit(owner, address, yes="yes").headers["Location"] == f"{post.get_absolute_url()}#composer"
    assert again(warning).acknowledged_at is not None


# --- Reporting -----------------------------------------------------------------------------------


def test_a_report_is_stored_and_said_once(comment: Comment, stranger: User) -> None:
    address, form = pages_of(comment)["report"]
    assert visit(stranger, address, **form).status_code == 302
    again_ = visit(stranger, address)
    assert (again_.status_code, Flag.objects.count()) == (302, 1)


def test_ones_own_comment_and_one_that_is_gone_have_no_page_for_reporting(
    comment: Comment, owner: User, stranger: User, moderator: User
) -> None:
    address, _ = pages_of(comment)["report"]
    assert visit(owner, address).status_code == 404
    moderation.hide_comment(comment.pk, acting_user=moderator)
    assert visit(stranger, address).status_code == 404


def test_a_report_without_a_reason_is_refused_with_a_sentence(comment: Comment, stranger: User) -> None:
    address, _ = pages_of(comment)["report"]
    for form in ({"note": "x"}, {"reason": "banned_word"}, {"reason": "other"}):
        assert visit(stranger, address, **form).status_code == 422
    assert "Please choose a reason." in said(visit(stranger, address, note="x"))
    assert not Flag.objects.exists()


def test_a_report_shows_to_nobody_but_who_made_it(comment: Comment, owner: User, stranger: User) -> None:
    flags.flag(comment.pk, "spam", "my note", acting_user=stranger)
    page = comment.post.get_absolute_url()
    assert "data-reported " in said(visit(stranger, page)) + " "
    for reader in (None, owner):
        text = said(visit(reader, page))
        assert "my note" not in text
        assert "data-reported>" not in text
        assert "data-reported " not in text


# --- Decisions and appeals -----------------------------------------------------------------------


def test_its_author_reads_the_decision_and_nothing_of_the_text_or_the_note(
    hidden: Comment, owner: User, stranger: User
) -> None:
    page = hidden.post.get_absolute_url()
    text = said(visit(owner, page))
    assert "Reason: harassment" in text
    assert "Argue." in text
    for secret in (hidden.content, "For us"):
        assert secret not in text
    assert "Argue." not in said(visit(stranger, page))


def test_the_page_of_an_appeal_names_the_reason_and_not_the_text(hidden: Comment, owner: User) -> None:
    address, _ = pages_of(hidden)["appeal"]
    text = said(visit(owner, address))
    assert "Argue." in text
    assert hidden.content not in text


def test_an_appeal_is_sent_once(hidden: Comment, owner: User) -> None:
    address, form = pages_of(hidden)["appeal"]
    assert visit(owner, address, text=" ").status_code == 422
    for _ in range(2):
        assert visit(owner, address, **form).status_code == 302
    assert Appeal.objects.count() == 1
    assert "You have appealed." in said(visit(owner, hidden.post.get_absolute_url()))


def test_a_decision_that_does_not_hold_any_more_has_no_appeal(
    hidden: Comment, owner: User, moderator: User
) -> None:
    address, _ = pages_of(hidden)["appeal"]
    moderation.restore_comment(hidden.pk, acting_user=moderator)
    assert visit(owner, address).status_code == 404


def test_an_answer_is_read_on_the_page(hidden: Comment, owner: User, moderator: User) -> None:
    [decision] = hidden.decisions.all()
    asked = appeals.appeal(decision.pk, "No.", acting_user=owner)
    appeals.answer_appeal(asked.pk, False, acting_user=moderator, explanation="It stays.", note="Sigh")
    text = said(visit(owner, hidden.post.get_absolute_url()))
    assert "Your appeal was turned down." in text
    assert "It stays." in text
    assert "Sigh" not in text


def test_what_they_took_back_themselves_is_no_news(comment: Comment, owner: User) -> None:
    actions.remove_comment(comment.pk, acting_user=owner)
    page = said(visit(owner, comment.post.get_absolute_url()))
    assert f'id="comment-{comment.pk}"' not in page


def test_a_decision_of_long_ago_is_no_news(hidden: Comment, owner: User) -> None:
    [decision] = hidden.decisions.all()
    type(decision).objects.update(made_at=decision.made_at - timedelta(days=31))
    assert "Argue." not in said(visit(owner, hidden.post.get_absolute_url()))


def test_restoring_says_nothing_of_the_text_before_it_is_back(hidden: Comment, moderator: User) -> None:
    address, form = pages_of(hidden)["restore"]
    assert hidden.content not in said(visit(moderator, address))
    assert visit(moderator, address, **form).status_code == 302
    assert again(hidden).status == Status.PUBLISHED


def test_what_its_author_took_back_is_not_a_moderators_to_restore(
    comment: Comment, owner: User, moderator: User
) -> None:
    actions.remove_comment(comment.pk, acting_user=owner)
    assert visit(moderator, f"/comments/{comment.pk}/restore/").status_code == 404


# --- Caches --------------------------------------------------------------------------------------


def test_a_copy_of_a_page_is_asked_for_again(comment: Comment, owner: User) -> None:
    for reader in (None, owner):
        page = visit(reader, comment.post.get_absolute_url())
        assert {"private", "no-cache"} <= set(page.headers["Cache-Control"].replace(" ", "").split(","))


def test_many_hidden_comments_of_others_cost_a_reader_nothing(
    post: Post, owner: User, stranger: User, moderator: User
) -> None:
    for _ in range(3):
        moderation.hide_comment(write(owner, post, "x").pk, acting_user=moderator)
    text = said(visit(stranger, post.get_absolute_url()))
    assert "data-removed " not in text.split("<template")[0]
