"""Decisions about one comment and about many: what changes, who hears of it, and how it is taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.reasons import Reason
from comments import actions, bulk, flags, moderation
from comments.models import BulkDecision, Comment, Decision, Flag, Post, Status, Verdict
from comments.moderation import Outcome, decide, seen_token
from realtime.errors import ErrorCode, Refused
from tests.cast import Published, a_person, a_post, again, write

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]
EVERY_VERDICT = ["approve", "reject", "spam", "restore", "remove", "hold"]


def one(comment: Comment, verdict: str, moderator: User, **more: Any) -> Outcome:
    [outcome] = decide([comment.pk], verdict, acting_user=moderator, **more)
    return outcome


def code(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def carry_out(work: BulkDecision | None) -> BulkDecision:
    assert work is not None
    return bulk.advance(work.pk, seconds=5)


# --- Outsiders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", EVERY_VERDICT)
def test_readers_decide_nothing(
    verdict: str, comment: Comment, owner: User, stranger: User, author: User
) -> None:
    for reader in (owner, stranger, author):
        assert not reader.has_perm("comments.moderate")
        assert code(lambda who=reader: one(comment, verdict, who)) == ErrorCode.FORBIDDEN  # type: ignore[misc]
    assert not Decision.objects.exists()


def test_readers_decide_about_none_of_many(comment: Comment, stranger: User, moderator: User) -> None:
    assert code(lambda: moderation.decide_all([comment.pk], "reject", acting_user=stranger)) == "forbidden"
    assert code(lambda: bulk.purge([comment.author_id], acting_user=stranger)) == "forbidden"
    assert again(comment).status == Status.PUBLISHED


def test_a_purge_takes_both_permissions(comment: Comment, moderator: User, manager: User) -> None:
    assert moderator.has_perm("comments.moderate")
    assert code(lambda: bulk.purge([comment.author_id], acting_user=moderator)) == "forbidden"
    warden = a_person("warden", is_staff=True)
    warden.user_permissions.set(Permission.objects.filter(codename="sanction_users"))
    assert code(lambda: bulk.purge([comment.author_id], acting_user=warden)) == "forbidden"


def test_nobody_purges_staff_but_a_superuser(post: Post, moderator: User, manager: User) -> None:
    comment = write(moderator, post)
    assert code(lambda: bulk.purge([moderator.pk], acting_user=manager)) == "forbidden"

    editor = a_person("editor", is_staff=True, is_superuser=True)
    carry_out(bulk.purge([moderator.pk], acting_user=editor))

    assert again(comment).status == Status.REJECTED


def test_readers_undo_nothing(comment: Comment, owner: User, moderator: User) -> None:
    decision = one(comment, "reject", moderator).decision
    assert decision is not None

    assert code(lambda: moderation.undo(decision.pk, acting_user=owner)) == ErrorCode.FORBIDDEN
    assert again(comment).status == Status.REJECTED


def test_a_posts_author_decides_there_if_the_site_says_so(
    comment: Comment, author: User, owner: User, settings: Settings
) -> None:
    elsewhere = write(owner, a_post(owner))
    assert code(lambda: one(comment, "reject", author)) == ErrorCode.FORBIDDEN
    settings.AUTHORS_MODERATE = True

    first, second = decide([comment.pk, elsewhere.pk], "reject", acting_user=author)

    assert first.decision is not None
    assert second.refusal is not None
    assert second.refusal.code == ErrorCode.FORBIDDEN
    assert (again(comment).status, again(elsewhere).status) == (Status.REJECTED, Status.PUBLISHED)
    moderation.undo(first.decision.pk, acting_user=author)
    assert again(comment).status == Status.PUBLISHED


def test_a_posts_author_does_not_restore_what_somebody_took_back(
    comment: Comment, author: User, owner: User, settings: Settings
) -> None:
    settings.AUTHORS_MODERATE = True
    actions.remove_comment(comment.pk, acting_user=owner)

    assert code(lambda: moderation.restore_comment(comment.pk, acting_user=author)) == ErrorCode.CONFLICT
    assert again(comment).status == Status.REMOVED


def test_what_lies_hidden_elsewhere_does_not_exist_for_a_posts_author(
    author: User, owner: User, moderator: User, settings: Settings
) -> None:
    settings.AUTHORS_MODERATE = True
    hidden = write(owner, a_post(owner))
    one(hidden, "reject", moderator)

    outcome = one(hidden, "approve", author)

    assert outcome.refusal is not None
    assert outcome.refusal.code == ErrorCode.NOT_FOUND


# --- One -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "status"),
    [("reject", "rejected"), ("spam", "spam"), ("remove", "removed"), ("hold", "pending")],
)
def test_a_verdict_takes_a_comment_from_readers(
    verdict: str,
    status: str,
    comment: Comment,
    moderator: User,
    owner: User,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        outcome = one(comment, verdict, moderator, reason="hate", explanation="Not here.", note="3rd time")

    decided = again(comment)
    assert (decided.status, decided.version, decided.reason) == (status, 2, "hate")
    assert decided.reviewed_at is not None
    decision = outcome.decision
    assert decision is not None
    assert (decision.before, decision.after, decision.content) == ("published", status, comment.content)
    [heard] = published.in_rooms
    assert (heard.name, heard.payload["version"]) == ("comment_removed", 2)
    [told] = published.told(owner)
    assert told.name == "comment_decided"
    assert told.payload == {
        "commentId": str(comment.pk),
        "postId": str(comment.post_id),
        "status": status,
        "reason": "hate",
        "explanation": "Not here.",
        "decisionId": str(decision.pk),
        "canAppeal": verdict != "hold",
    }
    assert "3rd time" not in str(published.messages)


def test_approving_what_can_be_seen_is_a_review_that_nobody_hears(
    comment: Comment, moderator: User, published: Published, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first, second = one(comment, "approve", moderator), one(comment, "approve", moderator)

    assert again(comment).reviewed_at is not None
    assert first.decision is not None
    assert second.decision is None
    assert (again(comment.post).version, published.messages) == (1, [])


@pytest.mark.parametrize("verdict", ["approve", "restore"])
@pytest.mark.parametrize("before", ["reject", "spam", "remove", "hold"])
def test_what_was_decided_can_be_decided_otherwise(
    verdict: str, before: str, comment: Comment, moderator: User
) -> None:
    one(comment, before, moderator)

    one(comment, verdict, moderator)

    back = again(comment)
    assert (back.status, back.removed_by, back.reason) == ("published", "", "")
    assert (again(comment.post).version, again(comment.post).comment_count) == (3, 1)


def test_what_its_author_took_back_is_not_approved(comment: Comment, owner: User, moderator: User) -> None:
    actions.remove_comment(comment.pk, acting_user=owner)

    for verdict in ("approve", "reject", "spam", "hold"):
        outcome = one(comment, verdict, moderator)
        assert outcome.refusal is not None
        assert outcome.refusal.code == ErrorCode.CONFLICT
    assert again(comment).status == Status.REMOVED


@pytest.mark.parametrize(
    ("details", "wanted"),
    [
        ({"verdict": "edit"}, "invalid"),
        ({"verdict": "undo"}, "invalid"),
        ({"verdict": "vanish"}, "invalid"),
        ({"reason": "because"}, "invalid"),
        ({"reason": "other"}, "invalid"),
        ({"explanation": "x" * 2_001}, "too_long"),
        ({"note": "\x00"}, "invalid"),
    ],
)
def test_what_is_no_judgement_is_refused(
    details: dict[str, Any], wanted: str, comment: Comment, moderator: User
) -> None:
    given = {"verdict": "reject", **details}

    assert code(lambda: decide([comment.pk], acting_user=moderator, **given)) == wanted


def test_another_reason_is_fine_with_a_text(comment: Comment, moderator: User) -> None:
    assert (
        one(comment, "reject", moderator, reason="other", explanation="It is in Latin.").decision is not None
    )


def test_spam_is_its_own_reason(comment: Comment, moderator: User) -> None:
    one(comment, "spam", moderator)

    assert again(comment).reason == Reason.SPAM


# --- Conflicts -----------------------------------------------------------------------------------


def test_what_is_as_it_was_seen_can_be_decided(comment: Comment, moderator: User) -> None:
    assert one(comment, "reject", moderator, seen={comment.pk: seen_token(again(comment))}).decision


def test_a_decision_about_another_text_is_refused_with_that(
    comment: Comment, owner: User, moderator: User
) -> None:
    seen = seen_token(again(comment))
    actions.edit_comment(comment.pk, "What I meant", acting_user=owner)

    outcome = one(comment, "reject", moderator, seen={comment.pk: seen})

    assert outcome.refusal is not None
    assert outcome.refusal.code == ErrorCode.CONFLICT
    changed = outcome.refusal.details["changed"]
    assert (changed["what"], changed["content"], changed["status"]) == (["text"], "What I meant", "published")
    assert changed["seen"] == seen_token(again(comment))
    assert again(comment).status == Status.PUBLISHED


def test_a_colleague_who_was_faster_is_named(comment: Comment, moderator: User, manager: User) -> None:
    seen = seen_token(again(comment))
    one(comment, "approve", manager)

    outcome = one(comment, "reject", moderator, seen={comment.pk: seen})

    assert outcome.refusal is not None
    changed = outcome.refusal.details["changed"]
    assert (changed["what"], changed["by"], changed["verdict"]) == (["decision"], "manager", "approve")


def test_one_conflict_does_not_stop_the_others(
    post: Post, owner: User, comment: Comment, moderator: User
) -> None:
    other = write(owner, post, "Another")
    seen = {each.pk: seen_token(again(each)) for each in (comment, other)}
    actions.edit_comment(comment.pk, "Edited", acting_user=owner)

    first, second, third = decide([comment.pk, other.pk, 10**15], "reject", acting_user=moderator, seen=seen)

    assert [o.refusal and o.refusal.code for o in (first, second, third)] == ["conflict", None, "not_found"]
    assert (again(comment).status, again(other).status) == (Status.PUBLISHED, Status.REJECTED)


# --- Flags ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "outcome", "count"),
    [("approve", "dismissed", 0), ("reject", "upheld", 0), ("spam", "upheld", 0), ("hold", "", 1)],
)
def test_a_decision_settles_the_flags(
    verdict: str, outcome: str, count: int, comment: Comment, stranger: User, moderator: User
) -> None:
    flags.flag(comment.pk, "hate", acting_user=stranger)

    decision = one(comment, verdict, moderator).decision

    flag = Flag.objects.get()
    assert (flag.outcome, again(comment).flag_count) == (outcome, count)
    assert flag.decision == (decision if outcome else None)


# --- Undoing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["reject", "spam", "remove", "hold", "approve"])
def test_undoing_puts_everything_back(
    verdict: str, comment: Comment, owner: User, stranger: User, moderator: User
) -> None:
    flags.flag(comment.pk, "hate", acting_user=stranger)
    before = again(comment)
    decision = one(comment, verdict, moderator, reason="hate").decision
    assert decision is not None

    taken = moderation.undo(decision.pk, acting_user=moderator)

    after = again(comment)
    for name in ("status", "reviewed_at", "reason", "flag_count", "priority", "removed_by", "held_for"):
        assert getattr(after, name) == getattr(before, name), name
    assert Flag.objects.get().outcome == ""
    assert (taken.verdict, taken.undoes, taken.moderator) == (Verdict.UNDO, decision, moderator)
    assert (again(comment.post).comment_count, Decision.objects.count()) == (1, 2)


def test_undoing_an_approval_brings_back_what_held_it(author: User, owner: User, moderator: User) -> None:
    held = write(owner, a_post(author, pre_moderation=True))
    decision = one(held, "approve", moderator).decision
    assert decision is not None

    moderation.undo(decision.pk, acting_user=moderator)

    assert (again(held).status, again(held).held_for) == (Status.PENDING, "room")
    assert again(held.post).comment_count == 0


def test_undoing_an_edit_brings_back_the_text(comment: Comment, moderator: User) -> None:
    moderation.edit_comment(comment.pk, "Moderated", acting_user=moderator)

    moderation.undo(Decision.objects.get().pk, acting_user=moderator)

    assert (again(comment).content, again(comment).reviewed_at) == (comment.content, None)
    assert again(comment.post).version == 3


def test_undoing_a_restoration_gives_a_comment_back_to_its_author(
    comment: Comment, owner: User, moderator: User
) -> None:
    actions.remove_comment(comment.pk, acting_user=owner)
    decision = one(comment, "restore", moderator).decision
    assert decision is not None

    moderation.undo(decision.pk, acting_user=moderator)

    assert (again(comment).status, again(comment).removed_by) == ("removed", "author")


@pytest.mark.parametrize("verdict", ["hold", "approve"])
def test_what_its_author_wrote_anew_since_is_not_undone(
    verdict: str, comment: Comment, owner: User, moderator: User
) -> None:
    decision = one(comment, verdict, moderator).decision
    assert decision is not None
    actions.edit_comment(comment.pk, "Something that nobody has seen", acting_user=owner)

    with pytest.raises(Refused) as refusal:
        moderation.undo(decision.pk, acting_user=moderator)

    assert refusal.value.code == ErrorCode.CONFLICT
    assert refusal.value.details["changed"]["what"] == ["text"]
    assert again(comment).content == "Something that nobody has seen"


def test_undoing_an_edit_does_not_undo_what_its_author_wrote_since(
    comment: Comment, owner: User, moderator: User
) -> None:
    moderation.edit_comment(comment.pk, "Moderated", acting_user=moderator)
    actions.edit_comment(comment.pk, "Mine again", acting_user=owner)

    assert code(lambda: moderation.undo(Decision.objects.get().pk, acting_user=moderator)) == "conflict"
    assert again(comment).content == "Mine again"


def test_only_the_last_decision_can_be_undone_and_only_once(comment: Comment, moderator: User) -> None:
    first, second = (one(comment, verdict, moderator).decision for verdict in ("reject", "spam"))
    assert first is not None
    assert second is not None

    assert code(lambda: moderation.undo(first.pk, acting_user=moderator)) == ErrorCode.CONFLICT
    undone = moderation.undo(second.pk, acting_user=moderator)
    assert code(lambda: moderation.undo(second.pk, acting_user=moderator)) == ErrorCode.CONFLICT
    assert code(lambda: moderation.undo(undone.pk, acting_user=moderator)) == ErrorCode.CONFLICT
    assert code(lambda: moderation.undo(10**15, acting_user=moderator)) == ErrorCode.NOT_FOUND
    assert again(comment).status == Status.REJECTED


def test_what_its_author_took_back_since_is_not_undone(
    comment: Comment, owner: User, moderator: User
) -> None:
    decision = one(comment, "approve", moderator).decision
    assert decision is not None
    actions.remove_comment(comment.pk, acting_user=owner)

    assert code(lambda: moderation.undo(decision.pk, acting_user=moderator)) == ErrorCode.CONFLICT


# --- Many ----------------------------------------------------------------------------------------


def test_a_room_and_an_author_hear_once_of_many(
    post: Post,
    author: User,
    owner: User,
    stranger: User,
    moderator: User,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    other = a_post(author)
    here = [write(owner, post, f"here {n}") for n in range(4)]
    there = write(stranger, other, "there")

    with django_capture_on_commit_callbacks(execute=True):
        decide([each.pk for each in (*here, there)], "reject", acting_user=moderator, reason="spam")

    by_room = {event.room: event for event in published.in_rooms}
    assert len(published.in_rooms) == 2
    assert by_room[f"post_{post.pk}"].name == "post_version"
    assert by_room[f"post_{post.pk}"].payload == {"postId": str(post.pk), "version": 8, "room": "open"}
    assert by_room[f"post_{other.pk}"].name == "comment_removed"
    [told] = published.told(owner)
    assert told.name == "comments_decided"
    assert [each["commentId"] for each in told.payload["decisions"]] == [str(each.pk) for each in here]
    assert [event.name for event in published.told(stranger)] == ["comment_decided"]
    assert [again(each).version for each in here] == [5, 6, 7, 8]
    assert (again(post).version, again(post).comment_count) == (8, 0)


def test_a_message_about_many_says_how_many_it_covers(
    post: Post,
    owner: User,
    moderator: User,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    comments = [write(owner, post, str(n)) for n in range(3)]

    with django_capture_on_commit_callbacks(execute=True):
        decide([each.pk for each in comments], "reject", acting_user=moderator)

    [message] = [each for each in published.messages if each["room"] == f"post_{post.pk}"]
    assert (message["version"], message["covers"]) == (6, 3)


def test_the_number_of_queries_does_not_grow_with_the_comments(
    post: Post, owner: User, moderator: User
) -> None:
    def queries(number: int) -> int:
        ids = [write(owner, post, str(n)).pk for n in range(number)]
        with CaptureQueriesContext(connection) as captured:
            decide(ids, "reject", acting_user=moderator)
        return len(captured)

    assert moderator.has_perm("comments.moderate")  # Django keeps the answer
    assert queries(40) == queries(2)


def test_thousands_are_decided_in_parts_with_progress(
    post: Post, author: User, owner: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "AT_ONCE", 4)
    other = a_post(author)
    ids = [write(owner, where, str(n)).pk for n in range(5) for where in (post, other)]

    steps = list(moderation.decide_all([*ids, 10**15], "reject", acting_user=moderator))

    assert [(step.done, step.total) for step in steps] == [(4, 11), (8, 11), (11, 11)]
    assert (steps[-1].changed, steps[-1].refused) == (10, 1)
    assert not Comment.objects.exclude(status=Status.REJECTED).exists()


def test_too_many_at_once_are_refused(moderator: User) -> None:
    ids = range(1, moderation.AT_ONCE + 2)

    assert code(lambda: decide(ids, "reject", acting_user=moderator)) == ErrorCode.INVALID


def test_the_same_id_twice_is_once(comment: Comment, moderator: User) -> None:
    assert len(decide([comment.pk, comment.pk], "reject", acting_user=moderator)) == 1


def test_a_purge_rejects_all_that_somebody_wrote(
    post: Post, author: User, owner: User, stranger: User, manager: User
) -> None:
    for where in (post, a_post(author), a_post(author, pre_moderation=True)):
        write(owner, where, "Mine")
    taken_back = write(owner, post, "Taken back")
    actions.remove_comment(taken_back.pk, acting_user=owner)
    others = write(stranger, post, "Not mine")

    last = carry_out(bulk.purge([owner.pk], acting_user=manager, reason="spam"))

    assert (last.changed, last.refused) == (3, 0)
    assert set(owner.comments.values_list("status", flat=True)) == {"rejected", "removed"}
    assert again(others).status == Status.PUBLISHED


def test_a_purge_of_nobody_is_refused(manager: User) -> None:
    assert code(lambda: bulk.purge([10**9], acting_user=manager)) == ErrorCode.NOT_FOUND


def test_a_decision_keeps_how_it_was_before(comment: Comment, moderator: User) -> None:
    first = one(comment, "approve", moderator).decision
    second = one(comment, "reject", moderator).decision

    assert first is not None
    assert second is not None
    assert first.reviewed_before is None
    assert second.reviewed_before is not None
    assert abs(second.reviewed_before - first.made_at) < timedelta(milliseconds=1)
