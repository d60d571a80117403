"""Each rule by itself, their order, and what becomes of a text that one of them keeps from readers."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import sanctions
from accounts.models import Sanction, SanctionKind, User
from accounts.sanctions import Standing
from comments import actions, appeals, check, controls, moderation, reading, rules
from comments.controls import Controls
from comments.models import Comment, Decision, Post, RestrictedWord, RoomState, Rule, Status, Verdict
from comments.rules import Attempt, Finding
from comments.text import comment_html
from comments.words import Words, digest
from realtime.errors import ErrorCode, Refused
from tests.cast import Published, a_post, again, write

pytestmark = pytest.mark.django_db

LONG = "The same long sentence that somebody says more than once."


def attempt(author: User, post: Post, content: str = "text", **more: Any) -> Attempt:
    return Attempt(
        content=content, html=comment_html(content), author=author, post=post, now=timezone.now(), **more
    )


def refused(user: User, post: Post, content: str = "A comment", **more: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        write(user, post, content, **more)
    return refusal.value


def a_word(pattern: str, kind: str) -> None:
    RestrictedWord.objects.create(pattern=pattern, kind=kind)
    controls.forget()


# --- Each by itself ------------------------------------------------------------------------------


def test_an_ordinary_comment_is_published(post: Post, owner: User) -> None:
    assert rules.judge(attempt(owner, post)) is None


def test_a_paused_site_takes_comments_from_staff_only(post: Post, owner: User, moderator: User) -> None:
    paused = Controls(paused=True)

    with pytest.raises(Refused) as refusal:
        rules.check_room(post, owner, paused)
    assert refusal.value.code == ErrorCode.PAUSED
    rules.check_room(post, moderator, paused)
    with pytest.raises(Refused):
        rules.check_room(Post(room_state=RoomState.CLOSED), moderator, paused)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("ban", ErrorCode.BANNED), ("suspension", ErrorCode.SUSPENDED), ("warning", ErrorCode.WARNED)],
)
def test_a_sanction_silences(kind: str, code: ErrorCode, owner: User) -> None:
    sanction = Sanction(pk=1, user=owner, kind=kind, reason="spam", until=timezone.now() + timedelta(hours=1))

    with pytest.raises(Refused) as refusal:
        rules.check_standing(owner, Standing(**{kind: sanction}))

    assert refusal.value.code == code
    assert refusal.value.details["sanction"]["kind"] == kind
    assert refusal.value.retry_after is not None
    assert 3_590 < refusal.value.retry_after <= 3_600


def test_saying_the_same_is_refused_but_to_staff(owner: User, moderator: User) -> None:
    rules.check_repeat(owner, 1, {2})
    rules.check_repeat(owner, None, set())
    rules.check_repeat(moderator, 1, {1})
    with pytest.raises(Refused) as refusal:
        rules.check_repeat(owner, 1, {1})
    assert refusal.value.code == ErrorCode.REPEATED


@pytest.mark.parametrize(
    ("rule", "more", "expected"),
    [
        (rules.held_in_room, {"controls": Controls(hold_everything=True)}, (Rule.ROOM, "pending", "")),
        (
            rules.held_by_sanction,
            {"standing": Standing(hold_first=Sanction(kind="hold_first", reason="hate"))},
            (Rule.SANCTION, "pending", "hate"),
        ),
        (
            rules.banned_word,
            {"controls": Controls(banned=Words(["text"]))},
            (Rule.BANNED_WORD, "rejected", "banned_word"),
        ),
        (
            rules.suspect_word,
            {"controls": Controls(suspect=Words(["text"]))},
            (Rule.SUSPECT_WORD, "pending", "banned_word"),
        ),
        (
            rules.own_check,
            {"checked": check.Answer("reject", "hate")},
            (Rule.CHECK, "rejected", "hate"),
        ),
        (rules.own_check, {"checked": check.Answer("hold")}, (Rule.CHECK, "pending", "")),
    ],
)
def test_a_rule_finds_what_it_is_for(
    rule: Any, more: dict[str, Any], expected: tuple[str, str, str], post: Post, owner: User, moderator: User
) -> None:
    finding = rule(attempt(owner, post, **more))

    assert (finding.rule, finding.status, finding.reason) == expected
    assert rule(attempt(owner, post)) is None
    assert rule(attempt(moderator, post, **more)) is None


def test_a_posts_author_is_spared_what_holds_but_not_what_rejects(post: Post, author: User) -> None:
    site = Controls(hold_everything=True, banned=Words(["bad"]), suspect=Words(["text"]))

    assert rules.judge(attempt(author, post, controls=site, is_trusted=False)) is None
    finding = rules.judge(attempt(author, post, "bad", controls=site))
    assert finding is not None
    assert finding.rule == Rule.BANNED_WORD


def test_many_links_are_held_unless_one_knows_the_author(post: Post, owner: User, settings: Settings) -> None:
    settings.LINKS_HELD_ABOVE = 2
    two, three = (
        "https://a.example https://b.example",
        "https://a.example [b](https://b.example) https://c.example",
    )

    assert rules.many_links(attempt(owner, post, two, is_trusted=False)) is None
    assert rules.many_links(attempt(owner, post, three, is_trusted=True)) is None
    finding = rules.many_links(attempt(owner, post, three, is_trusted=False))
    assert finding == Finding(Rule.LINKS, Status.PENDING, "advertising")


def test_newcomers_are_held_where_the_room_says_so(author: User, owner: User, post: Post) -> None:
    careful = a_post(author, hold_newcomers=True)

    assert rules.newcomer(attempt(owner, careful, is_trusted=True)) is None
    assert rules.newcomer(attempt(owner, post, is_trusted=False)) is None
    assert rules.newcomer(attempt(owner, careful, is_trusted=False)) == Finding(Rule.NEWCOMER, Status.PENDING)


@pytest.mark.parametrize(
    "text", ["b&#97;d", "b\\*ad", "b**a**d", "*bad*", "> bad", "[](https://x.example)bad"]
)
def test_markdown_hides_no_word(text: str, post: Post, owner: User) -> None:
    assert rules.banned_word(attempt(owner, post, text, controls=Controls(banned=Words(["bad"])))) is not None


def test_the_first_that_holds_names_it_and_any_that_rejects_wins(post: Post, owner: User) -> None:
    site = Controls(hold_everything=True, suspect=Words(["text"]))
    held = attempt(owner, post, controls=site)

    finding = rules.judge(held)
    assert finding is not None
    assert finding.rule == Rule.ROOM
    finding = rules.judge(replace(held, checked=check.Answer("reject")))
    assert finding is not None
    assert finding.rule == Rule.CHECK


def test_what_refuses_comes_before_what_rejects(post: Post, owner: User) -> None:
    site = Controls(paused=True, banned=Words(["text"]))

    with pytest.raises(Refused) as refusal:
        rules.judge(attempt(owner, post, controls=site))

    assert refusal.value.code == ErrorCode.PAUSED


# --- What becomes of it --------------------------------------------------------------------------


def test_a_banned_word_is_stored_refused_and_can_be_appealed_against(
    post: Post, owner: User, moderator: User
) -> None:
    a_word("villain", "banned")

    refusal = refused(owner, post, "You V1LLAIN", client_id="c1")

    comment = Comment.objects.get()
    decision = Decision.objects.get()
    assert (comment.status, comment.version, comment.held_for) == (Status.REJECTED, 0, Rule.BANNED_WORD)
    assert (decision.rule, decision.verdict, decision.moderator) == (Rule.BANNED_WORD, "reject", None)
    assert (decision.content, decision.note, decision.after) == ("You V1LLAIN", "v1llain", "rejected")
    assert (again(post).version, again(post).comment_count) == (0, 0)
    assert refusal.code == ErrorCode.REJECTED
    assert refusal.details == {
        "commentId": str(comment.pk),
        "decisionId": str(decision.pk),
        "reason": "banned_word",
        "explanation": "",
        "canAppeal": True,
    }
    appeal = appeals.appeal(decision.pk, "It is from a play.", acting_user=owner)
    appeals.answer_appeal(appeal.pk, True, acting_user=moderator)
    assert again(comment).status == Status.PUBLISHED


def test_a_second_attempt_gets_the_same_answer_and_stores_nothing(post: Post, owner: User) -> None:
    a_word("villain", "banned")
    first = refused(owner, post, f"villain: {LONG}", client_id="c1")

    second = refused(owner, post, f"villain: {LONG}", client_id="c1")

    assert (second.code, second.details) == (first.code, first.details)
    assert (Comment.objects.count(), Decision.objects.count()) == (1, 1)


def test_a_suspect_word_is_held_and_says_which(post: Post, owner: User) -> None:
    a_word("casino*", "suspect")

    held = write(owner, post, "Online casinos")

    assert (again(held).status, again(held).held_for) == (Status.PENDING, Rule.SUSPECT_WORD)
    assert again(held).priority >= 2
    assert Decision.objects.get().note == "casinos"
    assert [waiting.pk for waiting in reading.own(post, owner).held] == [held.pk]


def test_one_in_a_batch_that_is_kept_leaves_no_gap(post: Post, owner: User, stranger: User) -> None:
    a_word("bad", "banned")
    a_word("odd", "suspect")
    contents = ["one", "bad", "two", "odd", "three"]

    outcomes = actions.post_comments([actions.Draft(owner.pk, post.pk, each) for each in contents])

    told = [o.code.value if isinstance(o, Refused) else (o.content, o.version) for o in outcomes]
    assert told == [("one", 1), "rejected", ("two", 2), ("odd", 0), ("three", 3)]
    assert (again(post).version, again(post).comment_count) == (3, 3)


def test_saying_the_same_again_is_refused_for_a_while(post: Post, author: User, owner: User) -> None:
    other = a_post(author)
    first = write(owner, post, LONG)

    assert refused(owner, post, LONG).code == ErrorCode.REPEATED
    assert refused(owner, other, LONG.upper() + "!!!").code == ErrorCode.REPEATED
    assert write(author, post, LONG).pk
    Comment.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(minutes=11))
    assert write(owner, post, LONG).pk


def test_saying_the_same_twice_at_once_is_noticed(post: Post, owner: User) -> None:
    first, second = actions.post_comments([actions.Draft(owner.pk, post.pk, LONG) for _ in range(2)])

    assert isinstance(first, Comment)
    assert isinstance(second, Refused)
    assert second.code == ErrorCode.REPEATED


def test_short_things_may_be_said_often(post: Post, owner: User, settings: Settings) -> None:
    assert all(write(owner, post, "Thank you!").pk for _ in range(3))
    settings.REPEAT_MINUTES = 0
    assert all(write(owner, post, LONG).pk for _ in range(2))


def test_a_retry_is_no_repetition(post: Post, owner: User) -> None:
    first = write(owner, post, LONG, client_id="c1")

    assert write(owner, post, LONG, client_id="c1").pk == first.pk
    assert digest(LONG) == again(first).digest


def test_a_suspended_reader_is_told_for_how_long(post: Post, owner: User, manager: User) -> None:
    sanctions.impose(
        owner.pk, SanctionKind.SUSPENSION, acting_user=manager, reason="hate", duration=timedelta(hours=1)
    )
    comment = refused(owner, post)

    assert comment.code == ErrorCode.SUSPENDED
    assert comment.details["sanction"]["reason"] == "hate"


def test_a_suspension_that_is_over_keeps_nobody(post: Post, owner: User, manager: User) -> None:
    over = sanctions.impose(
        owner.pk, SanctionKind.SUSPENSION, acting_user=manager, reason="hate", duration=timedelta(hours=1)
    )
    Sanction.objects.filter(pk=over.pk).update(until=timezone.now())

    assert write(owner, post).status == Status.PUBLISHED


def test_whoever_was_warned_reads_it_first(post: Post, owner: User, manager: User) -> None:
    warning = sanctions.impose(owner.pk, SanctionKind.WARNING, acting_user=manager, reason="hate")
    assert refused(owner, post).code == ErrorCode.WARNED

    sanctions.acknowledge(warning.pk, acting_user=owner)

    assert write(owner, post).status == Status.PUBLISHED


def test_hold_first_holds(post: Post, owner: User, manager: User) -> None:
    sanctions.impose(owner.pk, SanctionKind.HOLD_FIRST, acting_user=manager, reason="off_topic")

    assert again(write(owner, post)).held_for == Rule.SANCTION


def test_a_newcomer_is_trusted_once_their_first_comment_was_approved(
    author: User, owner: User, moderator: User
) -> None:
    careful = a_post(author, hold_newcomers=True)
    first = write(owner, careful, "first")
    assert (first.status, again(first).held_for) == (Status.PENDING, Rule.NEWCOMER)

    moderation.decide([first.pk], Verdict.APPROVE, acting_user=moderator)

    assert again(owner).trusted_at is not None
    assert write(owner, careful, "second").status == Status.PUBLISHED


def test_how_many_have_to_be_approved_is_a_setting(
    author: User, owner: User, moderator: User, settings: Settings
) -> None:
    settings.NEWCOMER_COMMENTS = 2
    careful = a_post(author, hold_newcomers=True)

    for number, status in enumerate([Status.PENDING, Status.PENDING, Status.PUBLISHED]):
        comment = write(owner, careful, str(number))
        assert comment.status == status
        moderation.decide([comment.pk], Verdict.APPROVE, acting_user=moderator)


def test_somebody_whose_comments_have_stood_for_a_day_is_no_newcomer(
    author: User, owner: User, comment: Comment
) -> None:
    careful = a_post(author, hold_newcomers=True)
    assert write(owner, careful).status == Status.PENDING
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(days=2))

    assert write(owner, careful).status == Status.PUBLISHED


def test_a_decision_that_is_taken_back_takes_the_trust_back(
    author: User, owner: User, moderator: User
) -> None:
    careful = a_post(author, hold_newcomers=True)
    first = write(owner, careful)
    [outcome] = moderation.decide([first.pk], Verdict.APPROVE, acting_user=moderator)
    assert outcome.decision is not None

    moderation.undo(outcome.decision.pk, acting_user=moderator)

    assert again(owner).trusted_at is None
    assert again(first).status == Status.PENDING


# --- Editing -------------------------------------------------------------------------------------


def test_a_banned_word_does_not_come_in_by_an_edit(comment: Comment, owner: User) -> None:
    a_word("villain", "banned")

    with pytest.raises(Refused) as refusal:
        actions.edit_comment(comment.pk, "You villain", acting_user=owner)

    assert refusal.value.code == ErrorCode.REJECTED
    assert again(comment).content == comment.content
    assert again(comment.post).version == 1


def test_an_edit_that_would_be_held_takes_the_comment_from_readers(
    comment: Comment,
    owner: User,
    moderator: User,
    published: Published,
    django_capture_on_commit_callbacks: Any,
) -> None:
    a_word("casino", "suspect")

    with django_capture_on_commit_callbacks(execute=True):
        actions.edit_comment(comment.pk, "My casino", acting_user=owner)

    held = again(comment)
    assert (held.status, held.content, held.held_for) == (Status.PENDING, "My casino", Rule.SUSPECT_WORD)
    assert (again(comment.post).version, again(comment.post).comment_count) == (2, 0)
    assert [event.name for event in published.in_rooms] == ["comment_removed"]
    assert "casino" not in str(published.messages)
    assert Decision.objects.get().before == Status.PUBLISHED
    moderation.decide([comment.pk], Verdict.APPROVE, acting_user=moderator)
    assert (again(comment).status, again(comment).version) == (Status.PUBLISHED, 3)


def test_an_edited_comment_is_unreviewed_again(comment: Comment, owner: User, moderator: User) -> None:
    moderation.decide([comment.pk], Verdict.APPROVE, acting_user=moderator)
    assert again(comment).reviewed_at is not None

    actions.edit_comment(comment.pk, "Another text", acting_user=owner)

    assert again(comment).reviewed_at is None


def test_a_suspended_reader_edits_nothing(comment: Comment, owner: User, manager: User) -> None:
    sanctions.impose(owner.pk, SanctionKind.BAN, acting_user=manager, reason="hate")

    with pytest.raises(Refused) as refusal:
        actions.edit_comment(comment.pk, "Another text", acting_user=owner)

    assert refusal.value.code == ErrorCode.BANNED


# --- Documentation -------------------------------------------------------------------------------


def test_the_documented_order_is_the_one_in_which_they_are_asked() -> None:
    text = (Path(__file__).parents[2] / "ARCHITECTURE.md").read_text()
    table = text.partition("<!-- rules -->")[2].partition("<!-- end -->")[0]

    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == Rule.values
    assert len(rules.FINDING) == len(Rule.values)


# --- What it costs -------------------------------------------------------------------------------


def test_the_usual_comment_costs_three_statements(post: Post, owner: User) -> None:
    """The author's row and the post's, and the comment; with a text that may be a repetition, too."""
    for content in ("short", LONG):
        with CaptureQueriesContext(connection) as captured:
            write(owner, post, content)
        statements = [
            q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))
        ]
        assert len(statements) <= 3, statements


def test_nor_do_words_and_controls_cost_any(post: Post, owner: User) -> None:
    a_word("villain", "banned")
    controls.current()

    with CaptureQueriesContext(connection) as captured:
        write(owner, post)

    assert not [q["sql"] for q in captured if "restrictedword" in q["sql"] or "sitecontrol" in q["sql"]]
