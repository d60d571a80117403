"""The audit, flags, appeals and bulk decisions in the admin: seen by moderators, written by verbs alone."""

import csv
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission
from django.db import connections
from django.db.models import Model
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from comments import appeals, bulk, flags, moderation
from comments.models import Appeal, BulkDecision, Comment, Decision, Flag, Post, Status, Verdict
from tests.cast import Published, a_member, a_person, again, fill, seen_through, sitting_at, write

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]
MODELS: tuple[type[Model], ...] = (Decision, Flag, Appeal, BulkDecision)
DECISIONS = reverse("admin:comments_decision_changelist")
EXPORT = reverse("admin:comments_decision_export")


def list_url(model: type[Model]) -> str:
    return reverse(f"admin:comments_{model._meta.model_name}_changelist")


def page_of(row: Model) -> str:
    return reverse(f"admin:comments_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture
def desk() -> Client:
    return sitting_at(a_member("mo", "moderators"))


@pytest.fixture
def rejected(comment: Comment, moderator: User) -> Decision:
    [outcome] = moderation.decide(
        [comment.pk], Verdict.REJECT, acting_user=moderator, reason="hate", explanation="=No hate.", note="hm"
    )
    assert outcome.decision is not None
    return outcome.decision


@pytest.fixture
def appeal(rejected: Decision, owner: User) -> Appeal:
    return appeals.appeal(rejected.pk, "I meant myself", acting_user=owner)


@pytest.fixture
def a_row_of_each(
    comment: Comment, owner: User, stranger: User, moderator: User, rejected: Decision, appeal: Appeal
) -> list[Model]:
    other = write(owner, comment.post, "Another")
    flag = flags.flag(other.pk, "spam", acting_user=stranger)
    return [rejected, appeal, flag, bulk.begin([other.pk], Verdict.SPAM, acting_user=moderator)]


# --- Outsiders -----------------------------------------------------------------------------------


def test_records_are_for_moderators(a_row_of_each: list[Model], owner: User, stranger: User) -> None:
    clerk = a_person("clerk", is_staff=True)
    assert not clerk.has_perm("comments.moderate")
    for outsider, status in ((None, 302), (owner, 302), (stranger, 302), (clerk, 403)):
        client = sitting_at(outsider)
        for row in a_row_of_each:
            assert client.get(list_url(type(row))).status_code == status
            assert client.get(page_of(row)).status_code == status
        assert client.get(EXPORT).status_code == status
        work = a_row_of_each[-1]
        client.post(reverse("admin:comments_bulkdecision_stop", args=[work.pk]))
    appeal, work = again(a_row_of_each[1]), again(a_row_of_each[-1])
    assert (appeal.answered_at, work.done, work.finished_at) == (None, 0, None)


def test_who_may_only_look_at_decisions_exports_none(rejected: Decision) -> None:
    clerk = a_person("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_decision"))
    client = sitting_at(clerk)
    assert client.get(DECISIONS).status_code == 200

    assert client.get(EXPORT).status_code == 403


def test_nobody_adds_changes_or_deletes_one(a_row_of_each: list[Model]) -> None:
    root = sitting_at(a_person("root", is_staff=True, is_superuser=True))
    for row in a_row_of_each:
        before = type(row)._default_manager.values().get(pk=row.pk)
        name = f"admin:comments_{row._meta.model_name}"
        if not isinstance(row, Appeal | BulkDecision):
            assert root.post(page_of(row), {"note": "nicer", "content": "nicer"}).status_code == 403
        assert root.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert root.get(reverse(f"{name}_add")).status_code == 403
        data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        root.post(list_url(type(row)), data)
        assert type(row)._default_manager.values().get(pk=row.pk) == before


def test_who_has_records_is_not_deleted(owner: User, stranger: User, a_row_of_each: list[Model]) -> None:
    root = sitting_at(a_person("root", is_staff=True, is_superuser=True))
    for person in (owner, stranger):
        root.post(reverse("admin:accounts_user_delete", args=[person.pk]), {"post": "yes"})

    assert User.objects.filter(pk__in=[owner.pk, stranger.pk]).count() == 2


# --- Decisions -----------------------------------------------------------------------------------


def test_decisions_are_found_by_filters_and_search(
    post: Post, rejected: Decision, owner: User, moderator: User, desk: Client
) -> None:
    by_rule = Decision.objects.create(
        comment=write(owner, post), rule="links", verdict="hold", content="See www", note=""
    )

    def found(query: str) -> set[int]:
        return {row.pk for row in desk.get(f"{DECISIONS}?{query}").context["cl"].result_list}

    assert found("") == {rejected.pk, by_rule.pk}
    assert found("made_by=person") == found("verdict__exact=reject") == found("q=hm") == {rejected.pk}
    assert found("made_by=rule") == found("rule__exact=links") == found("q=www") == {by_rule.pk}
    assert found("q=Omar") == {rejected.pk, by_rule.pk}
    assert "rule: many links" in desk.get(DECISIONS).content.decode()


def test_the_export_is_what_the_list_shows(post: Post, rejected: Decision, owner: User, desk: Client) -> None:
    Decision.objects.create(comment=write(owner, post), rule="links", verdict="hold", content="See www")
    page = desk.get(f"{DECISIONS}?made_by=person").content.decode()
    assert f"{EXPORT}?made_by=person" in page

    response = desk.get(f"{EXPORT}?made_by=person")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.streaming
    text = b"".join(response).decode("utf-8-sig")
    [row] = csv.DictReader(text.splitlines())
    assert (row["decision"], row["by"], row["reason"]) == (str(rejected.pk), "moderator", "hate")
    assert row["explanation"] == "'=No hate."
    assert len(list(csv.DictReader(b"".join(desk.get(EXPORT)).decode().splitlines()))) == 2


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_server_streams_it_too(comment: Comment) -> None:
    root = await sync_to_async(a_person)("root", is_staff=True, is_superuser=True)
    rows = [Decision(comment=comment, verdict="hold", rule="links", content=f"t{n}") for n in range(1_200)]
    await Decision.objects.abulk_create(rows)
    client = AsyncClient()
    await client.aforce_login(root)

    response: Any = await client.get(EXPORT)

    assert response.is_async
    parts = [part async for part in response]
    assert len(parts) == 3
    assert len(b"".join(parts).splitlines()) == 1_201
    await sync_to_async(connections.close_all)()  # of the thread that read


# --- Flags ---------------------------------------------------------------------------------------


def test_flags_are_found_by_what_became_of_them(
    comment: Comment, owner: User, stranger: User, moderator: User, desk: Client
) -> None:
    upheld = flags.flag(comment.pk, "hate", "look", acting_user=stranger)
    moderation.decide([comment.pk], Verdict.REJECT, acting_user=moderator, reason="hate")
    is_open = flags.flag(write(owner, comment.post).pk, "spam", acting_user=stranger)

    def found(query: str) -> set[int]:
        return {row.pk for row in desk.get(f"{list_url(Flag)}?{query}").context["cl"].result_list}

    assert found("outcome=open") == {is_open.pk}
    assert found("outcome=upheld") == found("q=look") == {upheld.pk}
    assert "Sue Stranger" in desk.get(page_of(upheld)).content.decode()


# --- Appeals -------------------------------------------------------------------------------------


def test_an_appeal_that_is_accepted_restores_the_comment(
    appeal: Appeal,
    owner: User,
    desk: Client,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    page = desk.get(page_of(appeal)).content.decode()
    for said in ("I meant myself", "What the owner wrote", "=No hate.", "moderator"):
        assert said in page, said
    with django_capture_on_commit_callbacks(execute=True):
        response = desk.post(page_of(appeal), {"answer": "accept", "explanation": "Sorry.", "note": "mine"})

    assert response.status_code == 302
    answered = again(appeal)
    assert (answered.accepted, answered.explanation, answered.answered_by.username) == (True, "Sorry.", "mo")
    assert again(appeal.decision.comment).status == Status.PUBLISHED
    assert Decision.objects.order_by("-pk")[0].note == "mine"
    assert {event.name for event in published.told(owner)} == {"comment_decided", "appeal_answered"}


def test_one_that_is_turned_down_leaves_it(appeal: Appeal, desk: Client) -> None:
    assert desk.post(page_of(appeal), {"explanation": "No"}).status_code == 200  # no answer yet
    assert again(appeal).answered_at is None

    desk.post(page_of(appeal), {"answer": "decline", "explanation": "It stays hurtful."})

    assert again(appeal).accepted is False
    assert again(appeal.decision.comment).status == Status.REJECTED


def test_it_is_answered_once(appeal: Appeal, moderator: User, desk: Client) -> None:
    appeals.answer_appeal(appeal.pk, False, acting_user=moderator, explanation="No.")

    second = desk.post(page_of(appeal), {"answer": "accept", "explanation": ""}, follow=True)
    page = second.content.decode()
    assert "This has changed in the meantime." in page
    assert "turned down" in page
    assert again(appeal).accepted is False
    assert 'name="answer"' not in page


def test_an_appeal_about_what_has_changed_is_refused_on_the_page(
    appeal: Appeal, moderator: User, desk: Client
) -> None:
    comment = appeal.decision.comment
    moderation.decide([comment.pk], Verdict.REMOVE, acting_user=moderator)

    response = desk.post(page_of(appeal), {"answer": "accept", "explanation": ""}, follow=True)

    assert "This has changed in the meantime." in response.content.decode()
    assert again(appeal).answered_at is None


def test_open_appeals_come_first(appeal: Appeal, owner: User, moderator: User, desk: Client) -> None:
    other = write(owner, appeal.decision.comment.post, "Another")
    [outcome] = moderation.decide([other.pk], Verdict.REJECT, acting_user=moderator, reason="spam")
    assert outcome.decision is not None
    answered = appeals.appeal(outcome.decision.pk, "Why?", acting_user=owner)
    appeals.answer_appeal(answered.pk, False, acting_user=moderator)

    listed = desk.get(list_url(Appeal)).context["cl"].result_list

    assert [row.pk for row in listed] == [appeal.pk, answered.pk]


# --- Bulk decisions ------------------------------------------------------------------------------


@pytest.fixture
def under_way(post: Post, owner: User, moderator: User) -> BulkDecision:
    """Somebody else works on it just now."""
    fill(post, owner, 250)
    ids = list(Comment.objects.values_list("pk", flat=True))
    work = bulk.begin(ids, Verdict.REJECT, acting_user=moderator, reason="spam", explanation="No spam.")
    BulkDecision.objects.filter(pk=work.pk).update(claimed_until=timezone.now() + timedelta(minutes=1))
    return work


def test_its_page_says_how_far_it_is_and_asks_again_without_javascript(
    under_way: BulkDecision, desk: Client
) -> None:
    text = desk.get(page_of(under_way)).content.decode()
    for said in ("Under way: 0 of 250.", '<noscript><meta http-equiv="refresh"', "No spam.", "Stop here"):
        assert said in text, said

    # Whoever was at it is gone: the next look goes on.
    BulkDecision.objects.filter(pk=under_way.pk).update(claimed_until=timezone.now())
    text = seen_through(desk, page_of(under_way))

    assert "Finished: 250 of 250 changed." in text
    assert "http-equiv" not in text
    answer = desk.get(f"{page_of(under_way)}?as=json").json()
    assert answer == {"done": 250, "total": 250, "over": True, "text": "Finished: 250 of 250 changed."}


def test_it_can_be_stopped(under_way: BulkDecision, desk: Client) -> None:
    url = reverse("admin:comments_bulkdecision_stop", args=[under_way.pk])
    assert desk.get(url).status_code == 405

    response = desk.post(url, follow=True)

    assert "Stopped: 0 of 250 were done, 0 changed." in response.content.decode()
    assert not Comment.objects.filter(status=Status.REJECTED).exists()


def test_one_that_is_not_there_is_not_found(desk: Client) -> None:
    for nonsense in ("999", "x", "-1"):
        url = reverse("admin:comments_bulkdecision_change", args=[nonsense])
        assert desk.get(url).status_code == 404
