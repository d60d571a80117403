"""What moderators' pages ask in `/moderation`: `watch_queue`, `decide`, `undo`, appeals and sanctions."""

from typing import Any

import pytest
from django.db import transaction

from accounts.models import Sanction, User
from comments import actions, appeals, bulk, flags, moderation
from comments.desk.events import DeskRequest
from comments.desk.items import items
from comments.desk.sockets import doors
from comments.models import Appeal, BulkDecision, Comment, Decision, Post, Status
from realtime.requests import registry
from tests.callers import Answer, ask
from tests.cast import Published, a_person, again, fill, write

pytestmark = pytest.mark.django_db(transaction=True)


def at_desk(user: User, event: str, payload: Any, **more: Any) -> Answer:
    return ask(user, event, payload, namespace="/moderation", **more)


def seen(comment: Comment) -> str:
    return moderation.seen_token(again(comment))


def decision(comment: Comment, verdict: str, **more: Any) -> dict[str, Any]:
    return {"commentId": str(comment.pk), "verdict": verdict, "seen": seen(comment), **more}


# --- Outsiders -----------------------------------------------------------------------------------


def test_the_door_is_open_to_staff_with_the_permission_only(
    owner: User, author: User, moderator: User, manager: User
) -> None:
    staff = a_person("staff", is_staff=True)
    former = a_person("former", is_staff=True, is_superuser=True, is_active=False)
    no_staff = a_person("helper")
    no_staff.user_permissions.set(moderator.user_permissions.all())
    assert again(no_staff).has_perm("comments.moderate")

    people = [owner, author, staff, former, no_staff, moderator, manager]
    refusals = doors([person.pk for person in people] + [10**9])

    assert [None if each is None else each.code for each in refusals] == [
        *["forbidden"] * 5,
        None,
        None,
        "forbidden",
    ]


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("watch_queue", {"queue": "reported"}),
        ("watch_queue", {}),
        ("decide", {"verdict": "reject", "seen": "x"}),
        ("undo", {"decisionId": "1"}),
        ("answer_appeal", {"appealId": "1", "accepted": True}),
        ("sanction_author", {"kind": "ban", "reason": "spam"}),
    ],
)
def test_who_lost_the_permission_meanwhile_is_refused_each_request(
    event: str, payload: dict[str, Any], comment: Comment, moderator: User
) -> None:
    moderator.user_permissions.clear()
    before = Decision.objects.count(), Sanction.objects.count()

    assert at_desk(moderator, event, {"commentId": comment.pk, **payload}).code == "forbidden"
    assert (Decision.objects.count(), Sanction.objects.count()) == before
    assert again(comment).status == Status.PUBLISHED


def test_a_moderator_imposes_no_sanctions(comment: Comment, moderator: User) -> None:
    assert not moderator.has_perm("accounts.sanction_users")
    wanted = {"commentId": comment.pk, "kind": "ban", "reason": "spam", "purge": True}

    assert at_desk(moderator, "sanction_author", wanted).code == "forbidden"
    assert not Sanction.objects.exists()
    assert again(comment).status == Status.PUBLISHED


def test_readers_requests_do_not_exist_there(comment: Comment, moderator: User) -> None:
    assert at_desk(moderator, "delete_comment", {"commentId": comment.pk}).code == "invalid"
    assert {event for namespace, event in registry if namespace == "/moderation"} == set(DeskRequest)


# --- Queues --------------------------------------------------------------------------------------


def test_watching_a_queue_brings_its_items_and_the_counters(
    post: Post, comment: Comment, stranger: User, moderator: User
) -> None:
    flags.flag(comment.pk, "harassment", "look at this", acting_user=stranger)

    answer = at_desk(moderator, "watch_queue", {"queue": "reported"})

    [item] = answer.ack["items"]
    assert item["id"] == str(comment.pk)
    assert item["content"] == comment.content
    assert item["seen"] == seen(comment)
    assert item["queues"] == ["reported", "unreviewed"]
    assert item["flags"] == [
        {
            "reason": "harassment",
            "note": "look at this",
            "by": "Sue Stranger",
            "at": item["flags"][0]["at"],
        }
    ]
    assert item["author"]["name"] == "Omar Owner"
    assert answer.ack["counts"]["reported"] == 1
    assert answer.ack["cursor"] is None
    assert answer.rooms == ["desk", "queue_reported"]


def test_counters_can_be_watched_alone(comment: Comment, moderator: User) -> None:
    answer = at_desk(moderator, "watch_queue", {})

    assert answer.ack["counts"]["unreviewed"] == 1
    assert "items" not in answer.ack
    assert answer.rooms == ["desk"]


@pytest.mark.parametrize(
    "payload",
    [
        {"queue": "everything"},
        {"queue": "reported", "order": "random"},
        {"queue": "reported", "cursor": "made up"},
        {"queue": "reported", "filters": {"reason": "because"}},
        {"queue": "reported", "filters": {"rule": "\x00"}},
        {"queue": "reported", "filters": {"search": "\x00"}},
        {"queue": "reported", "filters": {"search": "a" * 101}},
        {"queue": "reported", "filters": {"since": "yesterday"}},
        {"queue": "reported", "filters": {"since": "0001-01-01T00:00:00+12:00"}},
        {"queue": "reported", "filters": {"until": "9999-12-31T23:59:59-12:00"}},
        {"queue": "reported", "filters": 7},
    ],
)
def test_what_is_no_queue_is_refused(payload: dict[str, Any], moderator: User) -> None:
    assert at_desk(moderator, "watch_queue", payload).code == "invalid"


def test_filters_leave_the_rest_out(post: Post, owner: User, stranger: User, moderator: User) -> None:
    write(owner, post, "A red apple")
    write(stranger, post, "A green apple")
    wanted = {"queue": "unreviewed", "filters": {"authorId": owner.pk, "search": "APPLE"}}

    answer = at_desk(moderator, "watch_queue", wanted)

    assert [item["content"] for item in answer.ack["items"]] == ["A red apple"]


# --- Decisions -----------------------------------------------------------------------------------


def test_a_decision_is_made_with_its_reason(comment: Comment, moderator: User) -> None:
    wanted = decision(comment, "reject", reason="harassment", explanation="Not like this.", note="again")

    answer = at_desk(moderator, "decide", wanted)

    made = Decision.objects.get()
    assert answer.ack == {
        "ok": True,
        "commentId": str(comment.pk),
        "status": "rejected",
        "decisionId": str(made.pk),
    }
    assert (made.moderator, made.reason, made.explanation) == (moderator, "harassment", "Not like this.")


def test_a_comment_that_changed_meanwhile_is_refused_with_what_changed(
    comment: Comment, owner: User, moderator: User
) -> None:
    wanted = decision(comment, "approve")
    actions.edit_comment(comment.pk, "Something else entirely", acting_user=owner)

    answer = at_desk(moderator, "decide", wanted)

    assert answer.code == "conflict"
    assert answer.ack["changed"]["what"] == ["text"]
    assert answer.ack["changed"]["content"] == "Something else entirely"
    assert not Decision.objects.exists()


def test_what_a_colleague_decided_first_is_a_conflict_that_names_them(
    comment: Comment, moderator: User, manager: User
) -> None:
    wanted = decision(comment, "approve")
    assert at_desk(manager, "decide", decision(comment, "spam")).ok

    answer = at_desk(moderator, "decide", wanted)

    assert answer.code == "conflict"
    assert (answer.ack["changed"]["verdict"], answer.ack["changed"]["by"]) == ("spam", manager.shown_name)
    assert again(comment).status == Status.SPAM


def test_a_decision_without_what_was_seen_is_not_understood(comment: Comment, moderator: User) -> None:
    payload = {"commentId": comment.pk, "verdict": "reject"}

    assert at_desk(moderator, "decide", payload).code == "invalid"


def test_a_decision_is_undone(comment: Comment, moderator: User) -> None:
    made = at_desk(moderator, "decide", decision(comment, "spam")).ack["decisionId"]

    answer = at_desk(moderator, "undo", {"decisionId": made})

    assert answer.ack["status"] == again(comment).status == Status.PUBLISHED
    assert at_desk(moderator, "undo", {"decisionId": made}).code == "conflict"


def test_an_appeal_is_answered(comment: Comment, owner: User, moderator: User) -> None:
    made = at_desk(moderator, "decide", decision(comment, "reject", reason="spam")).ack["decisionId"]
    appeal = appeals.appeal(int(made), "It was no advertisement.", acting_user=owner)
    queue = at_desk(moderator, "watch_queue", {"queue": "appeals"})
    assert queue.ack["items"][0]["appeal"]["text"] == "It was no advertisement."
    assert queue.ack["items"][0]["queues"] == ["rejected", "appeals"]

    answer = at_desk(moderator, "answer_appeal", {"appealId": appeal.pk, "accepted": True})

    assert answer.ok
    assert Appeal.objects.get().accepted is True
    assert again(comment).status == Status.PUBLISHED


def test_a_sanction_concerns_the_comment_it_was_imposed_for(
    comment: Comment, owner: User, manager: User
) -> None:
    wanted = {"commentId": comment.pk, "kind": "suspension", "reason": "harassment", "seconds": 3600}

    answer = at_desk(manager, "sanction_author", wanted)

    imposed = Sanction.objects.get()
    assert answer.ack["sanctionId"] == str(imposed.pk)
    assert (imposed.user, imposed.by, imposed.concerns) == (owner, manager, comment.get_absolute_url())


@pytest.mark.parametrize(
    "payload",
    [
        {"kind": "suspension"},
        {"kind": "exile"},
        {"kind": "ban", "reason": "?"},
        {"kind": "suspension", "seconds": 10**30},
        {"kind": "suspension", "seconds": -(10**30)},
        {"kind": "suspension", "until": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_a_sanction_that_is_none_is_refused(payload: dict[str, Any], comment: Comment, manager: User) -> None:
    wanted = {"commentId": comment.pk, "reason": "spam", **payload}

    assert at_desk(manager, "sanction_author", wanted).code == "invalid"


def test_staff_cannot_be_purged_by_way_of_a_sanction(moderator: User, manager: User, post: Post) -> None:
    comment = write(moderator, post)
    wanted = {"commentId": comment.pk, "kind": "warning", "reason": "spam", "purge": True}

    assert at_desk(manager, "sanction_author", wanted).code == "forbidden"
    assert not Sanction.objects.exists()


def test_a_purge_is_ordered_with_the_sanction_and_outlives_the_request(
    post: Post, owner: User, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    fill(post, owner, 6)
    comment = post.comments.earliest("id")
    wanted = {"commentId": comment.pk, "kind": "ban", "reason": "spam", "purge": True}

    assert at_desk(manager, "sanction_author", wanted).ok

    work = BulkDecision.objects.get()
    assert (work.done, work.total, work.finished_at) == (2, 6, None)
    bulk.carry_on()
    assert not post.comments.exclude(status="rejected").exists()


def test_a_purge_that_cannot_be_leaves_no_sanction(comment: Comment, manager: User) -> None:
    wanted = {"commentId": comment.pk, "kind": "ban", "reason": "other", "purge": True}

    assert at_desk(manager, "sanction_author", wanted).code == "invalid"
    assert not Sanction.objects.exists()


# --- Notices -------------------------------------------------------------------------------------


def test_whatever_moves_a_comment_between_queues_is_noticed(
    post: Post, owner: User, stranger: User, moderator: User, published: Published
) -> None:
    def noticed() -> list[int]:
        said, published.noticed = published.noticed, []
        return said

    comment = write(owner, post)
    assert noticed() == [comment.pk]
    flags.flag(comment.pk, "spam", acting_user=stranger)
    assert noticed() == [comment.pk]
    actions.edit_comment(comment.pk, "Better", acting_user=owner)
    assert noticed() == [comment.pk]
    [outcome] = moderation.decide([comment.pk], "reject", acting_user=moderator)
    assert noticed() == [comment.pk]
    assert outcome.decision is not None
    appeal = appeals.appeal(outcome.decision.pk, "Why?", acting_user=owner)
    assert noticed() == [comment.pk]
    appeals.answer_appeal(appeal.pk, False, acting_user=moderator)
    assert noticed() == [comment.pk]
    moderation.undo(outcome.decision.pk, acting_user=moderator)
    assert noticed() == [comment.pk]
    actions.remove_comment(comment.pk, acting_user=owner)
    assert noticed() == [comment.pk]


def test_nothing_is_noticed_before_the_commit(
    comment: Comment, moderator: User, published: Published
) -> None:
    with transaction.atomic():
        moderation.decide([comment.pk], "spam", acting_user=moderator)
        assert published.noticed == []

    assert published.noticed == [comment.pk]


# --- Items ---------------------------------------------------------------------------------------


def test_an_item_tells_how_its_author_has_fared(post: Post, owner: User, moderator: User) -> None:
    first, second, third = (write(owner, post, f"Comment {n}") for n in range(3))
    moderation.decide([first.pk], "spam", acting_user=moderator)
    actions.remove_comment(second.pk, acting_user=owner)

    [item] = items([third.pk])

    assert (item.history.total, item.history.published, item.history.hidden) == (3, 1, 2)


def test_a_page_of_items_costs_the_same_however_many_they_are(
    post: Post, moderator: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        comment = write(a_person(f"reader-{number}"), post, f"Comment {number}")
        flags.flag(comment.pk, "spam", acting_user=a_person(f"other-{number}"))
    ids = list(Comment.objects.values_list("pk", flat=True))

    with django_assert_max_num_queries(8):
        assert len(items(ids)) == 12


def test_of_many_flags_the_latest_are_shown_and_the_others_counted(comment: Comment) -> None:
    for number in range(12):
        flags.flag(comment.pk, "spam", f"note {number}", acting_user=a_person(f"other-{number}"))

    [item] = items([comment.pk])

    assert [flag.note for flag in item.flags] == [f"note {number}" for number in range(11, 3, -1)]
    assert item.more_flags == 4
