"""Readers report comments, authors answer decisions; both over the socket, too."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import sanctions
from accounts.models import SanctionKind, User
from comments import appeals, flags, moderation
from comments.models import Appeal, Comment, Decision, Flag, Post, Status, Verdict
from realtime.errors import ErrorCode, Refused
from tests.callers import ask
from tests.cast import Published, a_person, a_post, again, write

pytestmark = pytest.mark.django_db(transaction=True)


def code(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


@pytest.fixture
def decision(comment: Comment, moderator: User) -> Decision:
    """The owner's comment was rejected."""
    [outcome] = moderation.decide([comment.pk], Verdict.REJECT, acting_user=moderator, reason="off_topic")
    assert outcome.decision is not None
    return outcome.decision


# --- Flags: outsiders ----------------------------------------------------------------------------


def test_nobody_reports_their_own_comment(comment: Comment, owner: User) -> None:
    assert comment.author_id == owner.pk

    assert code(lambda: flags.flag(comment.pk, "hate", acting_user=owner)) == ErrorCode.FORBIDDEN
    assert ask(owner, "report_comment", {"commentId": comment.pk, "reason": "hate"}).code == "forbidden"
    assert not Flag.objects.exists()


def test_what_a_reader_cannot_see_cannot_be_reported(
    comment: Comment, author: User, stranger: User, moderator: User
) -> None:
    unseen = write(author, a_post(author))
    Post.objects.filter(pk=unseen.post_id).update(published_at=None)
    moderation.hide_comment(comment.pk, acting_user=moderator)

    for pk in (comment.pk, unseen.pk, 10**15):
        answer = ask(stranger, "report_comment", {"commentId": pk, "reason": "hate"})
        assert answer.code == "not_found"
    assert not Flag.objects.exists()


def test_whoever_is_banned_or_switched_off_reports_nothing(
    comment: Comment, stranger: User, manager: User
) -> None:
    sanctions.impose(stranger.pk, SanctionKind.BAN, acting_user=manager, reason="spam")
    assert code(lambda: flags.flag(comment.pk, "hate", acting_user=stranger)) == ErrorCode.BANNED

    User.objects.filter(pk=stranger.pk).update(is_active=False)
    assert code(lambda: flags.flag(comment.pk, "hate", acting_user=stranger)) == ErrorCode.SIGN_IN


# --- Flags ---------------------------------------------------------------------------------------


def test_reporting_is_thanked_and_told_to_nobody(
    comment: Comment, stranger: User, published: Published
) -> None:
    answer = ask(stranger, "report_comment", {"commentId": comment.pk, "reason": "hate", "note": "Look"})

    assert answer.ok
    assert answer.ack["commentId"] == str(comment.pk)
    assert answer.ack["message"]
    assert published.messages == []
    flag = Flag.objects.get()
    assert (flag.comment, flag.reporter, flag.reason, flag.note) == (comment, stranger, "hate", "Look")
    assert again(comment).flag_count == 1


def test_once_per_person_and_comment(comment: Comment, stranger: User, author: User) -> None:
    for reason in ("hate", "spam"):
        assert ask(stranger, "report_comment", {"commentId": comment.pk, "reason": reason}).ok
    flags.flag(comment.pk, "spam", acting_user=author)

    assert list(Flag.objects.order_by("id").values_list("reason", flat=True)) == ["hate", "spam"]
    assert again(comment).flag_count == 2


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ({"reason": "ugly"}, "invalid"),
        ({"reason": "other"}, "invalid"),
        ({"reason": "hate", "note": "x" * 501}, "too_long"),
        ({"reason": "hate", "note": "\x00"}, "invalid"),
        ({"reason": ["hate"]}, "invalid"),
        ({}, "invalid"),
    ],
)
def test_a_report_needs_a_reason(
    payload: dict[str, Any], wanted: str, comment: Comment, stranger: User
) -> None:
    assert ask(stranger, "report_comment", {"commentId": comment.pk, **payload}).code == wanted
    assert not Flag.objects.exists()


def test_whoever_is_right_more_often_weighs_more(
    post: Post, owner: User, stranger: User, author: User, moderator: User
) -> None:
    for number in range(3):
        comment = write(owner, post, str(number))
        flags.flag(comment.pk, "hate", acting_user=stranger)
        moderation.decide([comment.pk], Verdict.REJECT, acting_user=moderator)
        fine = write(owner, post, f"fine {number}")
        flags.flag(fine.pk, "hate", acting_user=author)
        moderation.decide([fine.pk], Verdict.APPROVE, acting_user=moderator)
    somebody = a_person("somebody")
    urgent = write(owner, post, "urgent")
    before = again(urgent).priority

    weights = [flags.flag(urgent.pk, "hate", acting_user=who).weight for who in (stranger, somebody, author)]

    assert weights == [4 / 5, 1 / 2, 1 / 5]
    assert again(urgent).priority == pytest.approx(before + sum(weights))


# --- Appeals: outsiders --------------------------------------------------------------------------


def test_nobody_appeals_for_another(decision: Decision, stranger: User, moderator: User) -> None:
    for other in (stranger, moderator):
        assert decision.comment.author_id != other.pk
        answer = ask(other, "appeal_decision", {"decisionId": decision.pk, "text": "Please"})
        assert answer.code == "not_found"
    assert not Appeal.objects.exists()


def test_readers_answer_no_appeal(decision: Decision, owner: User, stranger: User) -> None:
    appeal = appeals.appeal(decision.pk, "Why?", acting_user=owner)

    for reader in (owner, stranger):
        act = lambda who=reader: appeals.answer_appeal(appeal.pk, True, acting_user=who)  # noqa: E731
        assert code(act) == ErrorCode.FORBIDDEN
    assert again(decision.comment).status == Status.REJECTED


# --- Appeals -------------------------------------------------------------------------------------


def test_an_appeal_is_kept_once(decision: Decision, owner: User) -> None:
    payload = {"decisionId": decision.pk, "text": "It is about the post."}

    first, again_ = ask(owner, "appeal_decision", payload), ask(owner, "appeal_decision", payload)

    assert first.ok
    assert first.ack == again_.ack
    assert Appeal.objects.get().text == "It is about the post."
    assert ask(owner, "appeal_decision", {**payload, "text": "And another thing"}).code == "conflict"


@pytest.mark.parametrize(("text", "wanted"), [("", "invalid"), (" \n", "invalid"), ("x" * 1_001, "too_long")])
def test_an_appeal_says_something(text: str, wanted: str, decision: Decision, owner: User) -> None:
    assert ask(owner, "appeal_decision", {"decisionId": decision.pk, "text": text}).code == wanted


def test_only_what_holds_and_hides_can_be_appealed_against(
    decision: Decision, owner: User, moderator: User
) -> None:
    moderation.decide([decision.comment_id], Verdict.RESTORE, acting_user=moderator)
    restored = Decision.objects.latest("id")

    for each in (decision, restored):
        assert code(lambda d=each: appeals.appeal(d.pk, "Why?", acting_user=owner)) == "not_found"  # type: ignore[misc]


def test_accepting_restores_the_comment_and_tells_its_author(
    decision: Decision, owner: User, moderator: User, published: Published
) -> None:
    appeal = appeals.appeal(decision.pk, "Why?", acting_user=owner)

    appeals.answer_appeal(appeal.pk, True, acting_user=moderator, explanation="You are right.")

    assert again(decision.comment).status == Status.PUBLISHED
    answered = again(appeal)
    assert (answered.accepted, answered.answered_by, answered.explanation) == (
        True,
        moderator,
        "You are right.",
    )
    told = {event.name: event.payload for event in published.told(owner)}
    assert told["appeal_answered"] == {
        "appealId": str(appeal.pk),
        "decisionId": str(decision.pk),
        "commentId": str(decision.comment_id),
        "accepted": True,
        "explanation": "You are right.",
    }
    assert told["comment_decided"]["status"] == "published"
    assert [event.name for event in published.in_rooms][-1] == "comment_added"


def test_turning_one_down_is_told_and_final(
    decision: Decision, owner: User, moderator: User, published: Published
) -> None:
    appeal = appeals.appeal(decision.pk, "Why?", acting_user=owner)
    before = len(published.events)

    appeals.answer_appeal(appeal.pk, False, acting_user=moderator, explanation="It stays.")

    [event] = published.events[before:]
    assert (event.name, event.payload["accepted"]) == ("appeal_answered", False)
    assert again(decision.comment).status == Status.REJECTED
    again_ = lambda: appeals.answer_appeal(appeal.pk, True, acting_user=moderator)  # noqa: E731
    assert code(again_) == ErrorCode.CONFLICT


def test_whatever_restores_the_comment_accepts_the_appeal(
    decision: Decision, owner: User, moderator: User, published: Published
) -> None:
    appeal = appeals.appeal(decision.pk, "Why?", acting_user=owner)
    moderation.decide([decision.comment_id], Verdict.APPROVE, acting_user=moderator, explanation="Sorry.")

    accept = lambda: appeals.answer_appeal(appeal.pk, True, acting_user=moderator)  # noqa: E731
    assert code(accept) == ErrorCode.CONFLICT
    answered = again(appeal)
    assert (answered.accepted, answered.answered_by, answered.explanation) == (True, moderator, "Sorry.")
    assert [event.name for event in published.told(owner)] == ["appeal_answered", "comment_decided"]


def test_what_came_back_without_an_answer_cannot_be_accepted(
    decision: Decision, owner: User, moderator: User
) -> None:
    appeal = appeals.appeal(decision.pk, "Why?", acting_user=owner)
    Comment.objects.filter(pk=decision.comment_id).update(status=Status.PUBLISHED)

    accept = lambda: appeals.answer_appeal(appeal.pk, True, acting_user=moderator)  # noqa: E731
    assert code(accept) == ErrorCode.CONFLICT
    assert again(appeal).answered_at is None


# --- Warnings and rejections over the socket -----------------------------------------------------


def test_a_warning_is_acknowledged_before_the_next_comment(post: Post, owner: User, manager: User) -> None:
    warning = sanctions.impose(owner.pk, SanctionKind.WARNING, acting_user=manager, reason="hate")
    refused = ask(owner, "new_comment", {"postId": post.pk, "content": "x"})
    assert refused.code == "warned"
    assert refused.ack["sanction"]["sanctionId"] == str(warning.pk)

    assert ask(owner, "acknowledge_warning", warning.pk).ok

    assert ask(owner, "new_comment", {"postId": post.pk, "content": "x"}).ok


def test_joining_says_what_will_keep_a_reader_from_writing(
    post: Post, author: User, owner: User, stranger: User, manager: User
) -> None:
    slow = a_post(author, slow_mode=60, hold_newcomers=True)
    write(owner, slow)
    sanctions.impose(stranger.pk, SanctionKind.WARNING, acting_user=manager, reason="hate", explanation="Hm.")

    state = ask(owner, "join_post", slow.pk).heard("load_comments")[1]["state"]
    assert 50 < state["retryAfter"] <= 60
    assert (state["slowMode"], state["holdFirst"], state["canWrite"]) == (60, True, True)
    state = ask(stranger, "join_post", post.pk).heard("load_comments")[1]["state"]
    assert (state["canWrite"], state["sanction"]["explanation"]) == (False, "Hm.")
    assert state["reason"]
    state = ask(author, "join_post", slow.pk).heard("load_comments")[1]["state"]
    assert (state["holdFirst"], state["canWrite"]) == (False, True)
