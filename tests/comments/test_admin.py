"""The Django admin decides through the same verbs as everything else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Sanction, User
from comments import actions, appeals, bulk, flags, moderation
from comments.models import Comment, Decision, Post, Status
from tests.cast import Published, a_member, a_person, a_post, again, fill, seen_through, sitting_at, write

pytestmark = pytest.mark.django_db

COMMENTS = reverse("admin:comments_comment_changelist")
POSTS = reverse("admin:comments_post_changelist")

Capture = Callable[..., Any]


def change_url(row: Comment | Post) -> str:
    return reverse(f"admin:comments_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture
def desk(moderator: User) -> Client:
    """Where the moderator sits."""
    client = Client()
    client.force_login(moderator)
    return client


@pytest.fixture
def editor_desk() -> Client:
    """Where someone sits who may do everything."""
    client = Client()
    client.force_login(a_person("editor", is_staff=True, is_superuser=True))
    return client


def act(desk: Client, action: str, *comments: Comment, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [comment.pk for comment in comments], **more}
    return desk.post(COMMENTS, data, follow=True)


def confirm(desk: Client, action: str, *comments: Comment, **given: Any) -> Any:
    """Fill in the page that an action asks for, as it came."""
    page = act(desk, action, *comments)
    hidden: dict[str, list[Any]] = {}
    for name, value in page.context["hidden"]:
        hidden.setdefault(name, []).append(value)
    data = {**hidden, "action": action, "confirmed": "1", **given}
    return desk.post(page.request["PATH_INFO"], data, follow=True)


def edit_form(comment: Comment, **changed: Any) -> dict[str, Any]:
    forms = {
        f"{name}-{number}_FORMS": "0"
        for name in ("decisions", "revisions", "flags")
        for number in ("TOTAL", "INITIAL")
    }
    return {
        "content": comment.content,
        "note": "",
        "seen": moderation.seen_token(comment),
        **forms,
        **changed,
    }


# --- Outsiders -----------------------------------------------------------------------------------

ACTIONS = ("approve", "reject", "spam", "restore", "remove", "sanction")


def test_the_admin_is_for_staff(comment: Comment, owner: User, stranger: User) -> None:
    assert not owner.is_staff
    for reader in (None, owner, stranger):
        client = sitting_at(reader)
        for url in ("/admin/", COMMENTS, POSTS, change_url(comment)):
            response = client.get(url)
            assert response.status_code == 302
            assert "/login/" in response["Location"]
        for action in ACTIONS:
            act(client, action, comment, confirmed="1", reason="spam", kind="ban", ends="never")
    assert again(comment).status == Status.PUBLISHED
    assert not Decision.objects.exists()
    assert not Sanction.objects.exists()


def test_staff_who_may_only_look_cannot_decide(comment: Comment) -> None:
    staff = a_person("staff", is_staff=True)
    looks = Permission.objects.filter(codename__in=["view_comment", "change_comment"])
    staff.user_permissions.set(looks)
    client = sitting_at(staff)
    assert client.get(COMMENTS).status_code == 200
    assert "_selected_action" not in client.get(COMMENTS).content.decode()

    for action in ACTIONS:
        act(client, action, comment, confirmed="1", reason="spam", kind="ban", ends="never")
    assert client.post(change_url(comment), edit_form(comment, content="Mine now")).status_code == 403

    assert (again(comment).status, again(comment).content) == (Status.PUBLISHED, comment.content)
    assert not Decision.objects.exists()
    assert not Sanction.objects.exists()


def test_the_group_of_moderators_decides_and_sanctions_nobody(comment: Comment, owner: User) -> None:
    desk = sitting_at(a_member("mo", "moderators"))
    text = desk.get(COMMENTS).content.decode()
    assert 'value="reject"' in text
    assert 'value="sanction"' not in text

    act(desk, "sanction", comment, confirmed="1", reason="spam", kind="ban", ends="never")
    assert not Sanction.objects.exists()
    confirm(desk, "reject", comment, reason="offensive")
    assert again(comment).status == Status.REJECTED


def test_the_group_of_managers_sanctions_too(comment: Comment, owner: User) -> None:
    desk = sitting_at(a_member("ma", "managers"))

    confirm(desk, "sanction", comment, reason="hate", kind="ban", ends="never")

    ban = Sanction.objects.get()
    assert (ban.user, ban.kind, ban.until, ban.concerns) == (owner, "ban", None, comment.get_absolute_url())


def test_nobody_adds_or_deletes_comments_there(comment: Comment, editor_desk: Client) -> None:
    assert editor_desk.get(reverse("admin:comments_comment_add")).status_code == 403
    delete = reverse("admin:comments_comment_delete", args=[comment.pk])
    assert editor_desk.post(delete, {"post": "yes"}).status_code == 403
    act(editor_desk, "delete_selected", comment)
    assert "delete_selected" not in str(editor_desk.get(COMMENTS).content)

    assert Comment.objects.filter(pk=comment.pk).exists()


# --- Deciding ------------------------------------------------------------------------------------


def test_the_list_shows_what_was_written(comment: Comment, desk: Client) -> None:
    text = desk.get(COMMENTS).content.decode()

    assert comment.content in text
    assert "owner" in text


@pytest.mark.parametrize(
    ("action", "given", "status"),
    [
        ("reject", {"reason": "offensive", "explanation": "Please stay polite."}, Status.REJECTED),
        ("remove", {"reason": "", "explanation": ""}, Status.REMOVED),
        ("spam", None, Status.SPAM),
    ],
)
def test_taking_away_is_a_decision_that_every_page_and_the_author_hear(
    action: str,
    given: dict[str, str] | None,
    status: Status,
    comment: Comment,
    owner: User,
    moderator: User,
    desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = act(desk, action, comment) if given is None else confirm(desk, action, comment, **given)

    assert response.status_code == 200
    assert "1 comment changed." in response.content.decode()
    assert again(comment).status == status
    assert (again(comment.post).version, again(comment.post).comment_count) == (2, 0)
    decision = Decision.objects.get()
    assert (decision.verdict, decision.moderator) == (action, moderator)
    assert decision.explanation == (given or {}).get("explanation", "")
    assert [event.name for event in published.in_rooms] == ["comment_removed"]
    assert [event.payload["explanation"] for event in published.told(owner)] == [decision.explanation]


def test_the_page_before_a_rejection_shows_what_it_is_about_and_wants_a_reason(
    comment: Comment, desk: Client
) -> None:
    page = act(desk, "reject", comment)
    assert comment.content in page.content.decode()
    assert again(comment).status == Status.PUBLISHED

    for given in ({"reason": ""}, {"reason": "other", "explanation": " "}, {"reason": "nonsense"}):
        refused = confirm(desk, "reject", comment, **given)
        assert refused.context["errors"]
        assert again(comment).status == Status.PUBLISHED

    confirm(desk, "reject", comment, reason="other", explanation="It quotes a private letter.")
    assert again(comment).status == Status.REJECTED


def test_what_changed_since_the_page_was_made_is_left_as_it_is(
    post: Post, comment: Comment, owner: User, desk: Client
) -> None:
    other = write(owner, post, "Another")
    page = act(desk, "reject", comment, other)
    seen = [value for name, value in page.context["hidden"] if name == "seen"]
    actions.edit_comment(comment.pk, "What the owner has written since", acting_user=owner)

    response = act(desk, "reject", comment, other, confirmed="1", reason="spam", seen=seen)

    text = response.content.decode()
    assert "1 comment changed." in text
    assert f"Left as it is: #{comment.pk}. This has changed in the meantime." in text
    assert again(comment).status == Status.PUBLISHED
    assert again(other).status == Status.REJECTED


def test_restoring_brings_it_back(
    comment: Comment,
    desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    act(desk, "spam", comment)
    with django_capture_on_commit_callbacks(execute=True):
        act(desk, "restore", comment)

    assert again(comment).status == Status.PUBLISHED
    assert (again(comment.post).version, again(comment.post).comment_count) == (3, 1)
    assert published.in_rooms[-1].name == "comment_added"


def test_several_are_decided_at_once_in_the_order_they_were_written(
    post: Post, owner: User, desk: Client
) -> None:
    comments = [write(owner, post, str(number)) for number in range(4)]

    act(desk, "spam", *reversed(comments[:3]))

    assert [again(comment).version for comment in comments] == [5, 6, 7, 4]
    assert again(post).comment_count == 1
    assert Decision.objects.count() == 3


def test_a_held_comment_is_published_from_the_list(author: User, owner: User, desk: Client) -> None:
    held = write(owner, a_post(author, pre_moderation=True))
    text = desk.get(f"{COMMENTS}?status__exact=pending").content.decode()
    assert held.content in text
    assert "everything is held here" in text

    act(desk, "approve", held)

    assert again(held).status == Status.PUBLISHED


def test_a_comments_own_page_decides_and_comes_back(comment: Comment, desk: Client) -> None:
    page = desk.get(change_url(comment))
    assert [name for name, _label in page.context["verbs"]] == [*ACTIONS[:5]]
    seen = f"{comment.pk}:{page.context['seen_token']}"

    response = act(desk, "spam", comment, seen=seen, next=change_url(comment))

    assert response.redirect_chain == [(change_url(comment), 302)]
    assert again(comment).status == Status.SPAM
    stale = act(desk, "approve", comment, seen=seen, next="https://elsewhere.example/")
    assert stale.redirect_chain == [(COMMENTS, 302)]
    assert "This has changed in the meantime." in stale.content.decode()
    assert again(comment).status == Status.SPAM


def test_another_text_is_a_decision_with_its_note(
    comment: Comment,
    moderator: User,
    desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    before = comment.content
    data = edit_form(
        comment, content="Without the **address**", note="An address stood there", status="removed"
    )
    with django_capture_on_commit_callbacks(execute=True):
        response = desk.post(change_url(comment), data)

    assert response.status_code == 302
    edited = again(comment)
    assert edited.content == "Without the **address**"
    assert "<strong>address</strong>" in edited.html
    assert (edited.status, edited.version) == (Status.PUBLISHED, 2)
    decision = Decision.objects.get()
    assert (decision.verdict, decision.note, decision.content, decision.moderator) == (
        "edit",
        "An address stood there",
        before,
        moderator,
    )
    assert published.names == ["comment_updated"]


def test_a_text_that_its_author_changed_meanwhile_is_not_overwritten(
    comment: Comment, owner: User, desk: Client
) -> None:
    data = edit_form(comment, content="Tidied up")
    actions.edit_comment(comment.pk, "The author was faster", acting_user=owner)

    response = desk.post(change_url(comment), data, follow=True)

    assert "This has changed in the meantime." in response.content.decode()
    assert "was changed successfully" not in response.content.decode()
    assert again(comment).content == "The author was faster"


def test_a_text_that_breaks_the_rules_changes_nothing(comment: Comment, desk: Client) -> None:
    response = desk.post(change_url(comment), edit_form(comment, content="x" * 5001), follow=True)

    text = response.content.decode()
    assert "A comment may have 5000 characters" in text
    assert "was changed successfully" not in text
    assert again(comment).content == comment.content
    assert not Decision.objects.exists()


def test_saving_without_a_change_changes_nothing(desk: Client, post: Post, owner: User) -> None:
    comment = write(owner, post, "two\nlines")
    desk.post(change_url(comment), edit_form(comment, content="two\r\nlines"))
    after = again(comment)
    assert (after.content, after.edited_at, after.version) == ("two\nlines", None, comment.version)
    assert not Decision.objects.exists()


def test_only_what_changed_is_counted(desk: Client, comment: Comment) -> None:
    act(desk, "spam", comment)
    assert "0 comments changed." in act(desk, "spam", comment).content.decode()


# --- History -------------------------------------------------------------------------------------


def test_a_comments_page_shows_what_happened_to_it(
    comment: Comment, owner: User, stranger: User, desk: Client
) -> None:
    flags.flag(comment.pk, "hate", "Look at the second word", acting_user=stranger)
    confirm(desk, "reject", comment, reason="hate", explanation="No hate here.")
    appeals.appeal(Decision.objects.get().pk, "I meant myself", acting_user=owner)

    text = desk.get(change_url(comment)).content.decode()

    for said in ("Look at the second word", "No hate here.", "I meant myself", "Sue Stranger", "upheld"):
        assert said in text, said


def test_history_is_not_rewritten(comment: Comment, desk: Client) -> None:
    confirm(desk, "reject", comment, reason="hate")
    before = Decision.objects.values().get()
    data = edit_form(
        again(comment),
        **{
            "decisions-TOTAL_FORMS": "1",
            "decisions-INITIAL_FORMS": "1",
            "decisions-0-id": before["id"],
            "decisions-0-comment": comment.pk,
            "decisions-0-note": "rewritten history",
            "decisions-0-DELETE": "on",
        },
    )
    desk.post(change_url(comment), data)

    assert Decision.objects.values().get() == before


def test_of_a_long_history_the_page_shows_the_latest(comment: Comment, desk: Client) -> None:
    Decision.objects.bulk_create(
        Decision(comment=comment, verdict="hold", rule="links", content=f"text {number:03}")
        for number in range(60)
    )
    with CaptureQueriesContext(connection) as queries:
        text = desk.get(change_url(comment)).content.decode()

    assert "text 059" in text
    assert "text 009" not in text
    assert len(queries) < 25


# --- Sanctions -----------------------------------------------------------------------------------


@pytest.fixture
def office(manager: User) -> Client:
    """Where the manager sits."""
    return sitting_at(manager)


def test_the_author_is_sanctioned_from_the_list_and_told_why(
    comment: Comment,
    owner: User,
    manager: User,
    office: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    page = act(office, "sanction", comment)
    assert "Omar Owner" in page.content.decode()
    given = {"kind": "suspension", "ends": "3", "reason": "spam", "explanation": "A pause.", "note": "again"}
    with django_capture_on_commit_callbacks(execute=True):
        response = confirm(office, "sanction", comment, **given)

    assert "1 person sanctioned." in response.content.decode()
    imposed = Sanction.objects.get()
    assert (imposed.user, imposed.by, imposed.note) == (owner, manager, "again")
    assert imposed.until is not None
    assert timedelta(hours=2.9) < imposed.until - timezone.now() <= timedelta(hours=3)
    assert [event.name for event in published.told(owner)] == ["sanction_changed"]
    assert again(comment).status == Status.PUBLISHED


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "suspension", "ends": "never"},
        {"kind": "ban", "ends": "other"},
        {"kind": "ban", "ends": "other", "until_0": "2020-01-01", "until_1": "12:00"},
        {"kind": "ban", "ends": "never", "reason": ""},
        {"kind": "ban", "ends": "never", "reason": "other"},
        {"kind": "exile", "ends": "never"},
    ],
)
def test_what_is_no_sanction_is_an_error_on_the_page(
    given: dict[str, str], comment: Comment, office: Client
) -> None:
    response = confirm(office, "sanction", comment, **{"reason": "spam", **given})

    assert response.context["errors"]
    assert not Sanction.objects.exists()


def test_a_ban_may_take_everything_they_wrote_along(
    post: Post, comment: Comment, owner: User, stranger: User, office: Client
) -> None:
    others = [write(owner, post, "More"), write(stranger, post, "Innocent")]

    response = confirm(
        office, "sanction", comment, kind="ban", ends="never", reason="spam", explanation="Bye.", purge="on"
    )

    assert "Finished: 2 of 2 changed." in response.content.decode()
    assert [again(each).status for each in (comment, *others)] == ["rejected", "rejected", "published"]
    assert set(Decision.objects.values_list("reason", "explanation")) == {("spam", "Bye.")}


def test_nobody_sanctions_staff_and_the_others_are_sanctioned_all_the_same(
    post: Post, comment: Comment, owner: User, office: Client
) -> None:
    colleague = a_person("colleague", is_staff=True, name="Col League")
    theirs = write(colleague, post, "From the staff")

    response = confirm(office, "sanction", comment, theirs, kind="ban", ends="never", reason="spam")

    assert "Left as it is: Col League. You may not do this." in response.content.decode()
    assert Sanction.objects.get().user == owner


# --- Thousands -----------------------------------------------------------------------------------


def across(desk: Client, action: str, query: str = "", **more: Any) -> Any:
    data = {"action": action, "select_across": "1", "_selected_action": ["0"], **more}
    return desk.post(f"{COMMENTS}{query}", data, follow=True)


def test_all_that_match_are_decided_about_with_progress(
    post: Post, author: User, owner: User, stranger: User, desk: Client
) -> None:
    fill(post, owner, 450)
    other = a_post(author)
    fill(other, stranger, 3)
    query = f"?post__id__exact={post.pk}"
    page = across(desk, "approve", query)
    assert "Approve 450 comments" in page.content.decode()
    assert not Decision.objects.exists()
    hidden = dict(page.context["hidden"])

    done = across(desk, "approve", query, confirmed="1", up_to=hidden["up_to"])

    page = done.redirect_chain[-1][0]
    assert page.startswith("/admin/comments/bulkdecision/")
    assert "Finished: 450 of 450 changed." in seen_through(desk, page)
    assert Comment.objects.filter(post=post, reviewed_at__isnull=True).count() == 0
    assert Comment.objects.filter(post=other, reviewed_at__isnull=True).count() == 3


def test_what_was_written_after_the_page_was_made_is_not_among_all_that_match(
    post: Post, owner: User, desk: Client
) -> None:
    fill(post, owner, 250)
    page = across(desk, "reject")
    up_to = dict(page.context["hidden"])["up_to"]
    late = write(owner, post, "Nobody has seen this one")

    done = across(desk, "reject", confirmed="1", reason="spam", up_to=up_to)
    seen_through(desk, done.redirect_chain[-1][0])

    assert again(late).status == Status.PUBLISHED
    assert Comment.objects.filter(status=Status.REJECTED).count() == 250


def test_without_javascript_all_pages_are_one_box(post: Post, owner: User, desk: Client) -> None:
    fill(post, owner, 60)
    text = desk.get(COMMENTS).content.decode()
    assert "All 60 comments that match, on every page" in text

    # What a browser sends then: the box, and Django's hidden field after it; no single comment is ticked.
    desk.post(COMMENTS, {"action": "spam", "select_across": ["1", "0"], "index": "0"})

    assert Comment.objects.filter(status=Status.SPAM).count() == 60


def test_a_selection_has_a_bound(
    post: Post, owner: User, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 250)
    fill(post, owner, 260)

    page = across(desk, "reject")

    assert "Reject 250 comments" in page.content.decode()
    assert "These are the newest that match" in page.content.decode()
