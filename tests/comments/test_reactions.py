"""Reactions: who may, what a room hears, and that reading them costs nothing more."""

import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts import sanctions
from accounts.models import SanctionKind, User
from accounts.reasons import Reason
from comments import controls, joining, moderation, reactions, reading
from comments.events import comment_payload
from comments.joining import Joining
from comments.models import Comment, Post, Reaction, RoomState
from comments.reactions import Reacted, Wish, react_together
from realtime.errors import ErrorCode, Refused
from tests.callers import ask
from tests.cast import Published, a_person, a_post, again, fill, sitting_at, write

pytestmark = pytest.mark.django_db(transaction=True)


def react(user: User, comment: Comment, emoji: str = "👍", *, on: bool = True) -> Reacted:
    return reactions.react(comment.pk, emoji, on=on, acting_user=user)


def refusal(user: User, comment: Comment, emoji: str = "👍", *, on: bool = True) -> str:
    with pytest.raises(Refused) as refused:
        react(user, comment, emoji, on=on)
    return refused.value.code


# --- Outsiders -----------------------------------------------------------------------------------


def test_what_readers_cannot_see_cannot_be_reacted_to(
    comment: Comment, owner: User, stranger: User, moderator: User, published: Published
) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)
    draft = write(owner, post := a_post(moderator), "text")
    Post.objects.filter(pk=post.pk).update(published_at=None)
    published.messages.clear()

    for user in (stranger, owner):
        for hidden in (comment, draft, Comment(pk=10**9)):
            assert refusal(user, hidden) == ErrorCode.NOT_FOUND
            assert refusal(user, hidden, on=False) == ErrorCode.NOT_FOUND
    assert not Reaction.objects.exists()
    assert published.events == []


@pytest.mark.parametrize("state", [RoomState.READ_ONLY, RoomState.CLOSED])
def test_where_nobody_writes_nobody_reacts(comment: Comment, stranger: User, state: RoomState) -> None:
    Post.objects.filter(pk=comment.post_id).update(room_state=state)

    assert refusal(stranger, comment) == state
    assert refusal(stranger, comment, on=False) == state


def test_nobody_reacts_while_the_site_is_paused(
    comment: Comment, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "_known", controls.Controls(paused=True))

    assert refusal(stranger, comment) == ErrorCode.PAUSED


@pytest.mark.parametrize(
    ("kind", "code"),
    [(SanctionKind.BAN, ErrorCode.BANNED), (SanctionKind.SUSPENSION, ErrorCode.SUSPENDED)],
)
def test_who_may_not_write_may_not_react(
    comment: Comment, stranger: User, manager: User, kind: SanctionKind, code: ErrorCode
) -> None:
    duration = sanctions.SUSPENSIONS[0] if kind == SanctionKind.SUSPENSION else None
    sanctions.impose(stranger.pk, kind, acting_user=manager, reason=Reason.SPAM, duration=duration)

    assert refusal(stranger, comment) == code


def test_who_was_switched_off_does_not_react(comment: Comment, stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)

    assert refusal(stranger, comment) == ErrorCode.SIGN_IN


def test_only_what_the_site_offers_can_be_given(comment: Comment, stranger: User, settings: Settings) -> None:
    for emoji in ("🦖", "", "<b>", "👍👍", "\x00", "\ud83d"):
        assert refusal(stranger, comment, emoji) == ErrorCode.INVALID
    react(stranger, comment, "🎉")
    settings.REACTIONS = ["👍"]

    assert refusal(stranger, comment, "🎉") == ErrorCode.INVALID
    assert react(stranger, comment, "🎉", on=False).reactions == {}
    for emoji in ("", "👍" * 40, "\x00", "\ud83d"):
        assert refusal(stranger, comment, emoji, on=False) == ErrorCode.INVALID


# --- What happens ---------------------------------------------------------------------------------


def test_a_reaction_is_counted_and_takes_a_version(
    comment: Comment, owner: User, stranger: User, published: Published
) -> None:
    react(owner, comment)
    outcome = react(stranger, comment)

    assert outcome.reactions == {"👍": 2}
    assert outcome.own == ["👍"]
    stored = again(comment)
    assert stored.reaction_counts == {"👍": 2}
    assert stored.version == again(comment.post).version == outcome.version == 3
    assert published.in_rooms[-1][1:] == (
        "comment_reacted",
        {
            "postId": str(comment.post_id),
            "commentId": str(comment.pk),
            "reactions": {"👍": 2},
            "version": 3,
        },
    )


def test_doing_it_twice_changes_nothing(comment: Comment, stranger: User, published: Published) -> None:
    first = react(stranger, comment)
    published.messages.clear()

    assert react(stranger, comment) == first
    assert published.events == []
    assert react(stranger, comment, on=False).reactions == {}
    version = again(comment.post).version
    assert react(stranger, comment, on=False).version == version
    assert again(comment).reactions == ""
    assert not Reaction.objects.exists()


def test_only_the_one_who_reacted_is_told_that_it_is_theirs(
    comment: Comment, owner: User, stranger: User, published: Published
) -> None:
    react(stranger, comment)

    assert published.told(owner) == []
    [(_, name, payload)] = published.told(stranger)
    assert (name, payload["emojis"]) == ("own_reactions", ["👍"])
    assert str(stranger.pk) not in json.dumps([event.payload for event in published.in_rooms])


def test_a_turn_changes_each_comment_once(
    comment: Comment, owner: User, stranger: User, published: Published
) -> None:
    second = write(owner, comment.post, "Second")
    published.messages.clear()
    people = [a_person(f"reader{number}") for number in range(5)]
    wishes = [Wish(person.pk, comment.pk, "👍", True) for person in people]
    wishes += [
        Wish(people[0].pk, comment.pk, "👍", False),
        Wish(people[1].pk, second.pk, "🎉", True),
        Wish(people[1].pk, second.pk, "🦖", True),
        Wish(people[1].pk, 10**9, "👍", True),
    ]

    outcomes = react_together(wishes)

    assert [type(outcome) for outcome in outcomes] == [Reacted] * 7 + [Refused] * 2
    assert again(comment).reaction_counts == {"👍": 4}
    assert again(second).reaction_counts == {"🎉": 1}
    assert [event.name for event in published.in_rooms] == ["comment_reacted"] * 2
    assert [event.payload["version"] for event in published.in_rooms] == [3, 4]
    assert again(comment.post).version == 4
    # On and off again in one turn is nothing, and nobody is told.
    assert published.told(people[0]) == []


def test_a_turn_asks_the_database_as_often_for_twenty_as_for_one(comment: Comment) -> None:
    people = [a_person(f"reader{number}") for number in range(21)]

    def asked(some: list[User]) -> int:
        with CaptureQueriesContext(connection) as captured:
            react_together([Wish(person.pk, comment.pk, "👍", True) for person in some])
        return len(captured.captured_queries)

    assert asked(people[:1]) == asked(people[1:])


def test_nothing_is_told_before_the_commit(comment: Comment, stranger: User, published: Published) -> None:
    with transaction.atomic():
        react(stranger, comment)
        assert published.events == []
    assert "comment_reacted" in published.names


def test_forgetting_somebody_takes_back_what_they_reacted_with(
    comment: Comment, owner: User, stranger: User, moderator: User
) -> None:
    second = write(owner, comment.post, "Second")
    for each in (comment, second):
        react(owner, each)
        react(stranger, each)
        react(stranger, each, "🎉")
    moderation.hide_comment(second.pk, acting_user=moderator)

    reactions.forget(stranger)

    assert [again(each).reaction_counts for each in (comment, second)] == [{"👍": 1}, {"👍": 1}]
    assert list(Reaction.objects.values_list("user", flat=True)) == [owner.pk, owner.pk]


def test_who_is_deleted_is_counted_no_more(comment: Comment, stranger: User, published: Published) -> None:
    react(stranger, comment)

    stranger.delete()

    assert again(comment).reaction_counts == {}
    assert published.in_rooms[-1].payload["reactions"] == {}


# --- What readers get -----------------------------------------------------------------------------


def test_a_comment_brings_its_counts_and_a_join_ones_own(
    comment: Comment, owner: User, stranger: User
) -> None:
    react(stranger, comment)
    react(owner, comment, "🎉")

    for payload in (comment.post_id, {"postId": comment.post_id, "since": 1}):
        for user, emojis in ((stranger, ["👍"]), (owner, ["🎉"])):
            [row], meta = ask(user, "join_post", payload).heard("load_comments")
            assert row["reactions"] == {"👍": 1, "🎉": 1}
            assert meta["reacted"] == {str(comment.pk): emojis}
    nobody = a_person("nobody")
    assert ask(nobody, "join_post", comment.post_id).heard("load_comments")[1]["reacted"] == {}


def test_an_earlier_page_brings_ones_own(comment: Comment, stranger: User) -> None:
    react(stranger, comment)

    ack = ask(stranger, "load_more", {"postId": comment.post_id, "before": comment.pk + 1}).ack

    assert ack["reacted"] == {str(comment.pk): ["👍"]}


def test_an_edit_keeps_the_counts(comment: Comment, owner: User, stranger: User) -> None:
    react(stranger, comment)

    ack = ask(owner, "edit_comment", {"commentId": comment.pk, "content": "Better"}).ack

    assert ack["comment"]["reactions"] == {"👍": 1}


def test_joining_asks_once_more_where_anybody_has_reacted_and_no_oftener(
    post: Post, owner: User, stranger: User
) -> None:
    fill(post, owner, 60)

    def asked() -> int:
        joining.histories.clear()
        with CaptureQueriesContext(connection) as captured:
            joining.load([Joining(post.pk, stranger.pk), Joining(post.pk, owner.pk)])
        return len(captured.captured_queries)

    without = asked()
    newest = reading.page(post).comments
    react(stranger, newest[-1])
    one = asked()
    for each in newest:
        react(owner, each)

    assert (one, asked()) == (without + 1, without + 1)


def test_payloads_of_comments_with_reactions_ask_nothing(comment: Comment, stranger: User) -> None:
    react(stranger, comment)
    [row] = reading.page(again(comment.post)).comments

    with CaptureQueriesContext(connection) as captured:
        assert comment_payload(row)["reactions"] == {"👍": 1}
    assert not captured.captured_queries


# --- The request ----------------------------------------------------------------------------------


def test_the_request_answers_with_the_counts_and_ones_own(comment: Comment, stranger: User) -> None:
    answer = ask(stranger, "react", {"commentId": str(comment.pk), "emoji": "👍", "on": True})

    assert answer.ack == {
        "ok": True,
        "commentId": str(comment.pk),
        "reactions": {"👍": 1},
        "version": 2,
        "own": ["👍"],
    }


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"emoji": "👍"},
        {"commentId": 1},
        {"commentId": 1, "emoji": 5},
        {"commentId": 1, "emoji": "👍", "on": "yes"},
    ],
)
def test_a_malformed_request_is_invalid(stranger: User, payload: object) -> None:
    assert ask(stranger, "react", payload).code == "invalid"


def test_reactions_have_a_budget_of_their_own(comment: Comment, stranger: User) -> None:
    payload = {"commentId": comment.pk, "emoji": "👍"}
    codes = {ask(stranger, "react", {**payload, "on": bool(n % 2)}).ack.get("code") for n in range(61)}
    # Each `ask` has an event loop of its own, and memory's counters are the process's.
    assert "rate_limited" in codes
    assert ask(stranger, "new_comment", {"postId": comment.post_id, "content": "Still"}).ok


# --- Without JavaScript ---------------------------------------------------------------------------


def test_a_visitor_sees_counts_and_is_sent_to_log_in(comment: Comment, stranger: User) -> None:
    react(stranger, comment)
    visitor = sitting_at(None)

    page = visitor.get(comment.post.get_absolute_url()).content.decode()
    assert "👍 <span" in page
    assert "<button" not in page.partition("data-reactions>")[2].partition('data-action="reply"')[0]
    answer = visitor.post(f"/comments/{comment.pk}/react/", {"add": "👍"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")
    assert again(comment).reaction_counts == {"👍": 1}


def test_the_form_gives_and_takes_back(comment: Comment, stranger: User) -> None:
    desk = sitting_at(stranger)
    address = f"/comments/{comment.pk}/react/"

    assert 'name="add" value="🎉"' in desk.get(address).content.decode()
    assert desk.post(address, {"add": "🎉"}).status_code == 302
    page = desk.get(comment.post.get_absolute_url()).content.decode()
    assert 'name="remove" value="🎉" aria-pressed="true"' in page
    assert desk.post(address, {"remove": "🎉"}).status_code == 302
    assert again(comment).reaction_counts == {}
    assert desk.post(address, {"add": "🦖"}).status_code == 422


def test_a_site_may_do_without(comment: Comment, stranger: User, settings: Settings) -> None:
    settings.REACTIONS = []

    page = sitting_at(stranger).get(comment.post.get_absolute_url()).content.decode()

    assert 'data-action="react"' not in page
    assert "data-show-reactions" not in page


def test_a_browser_keeps_that_its_reader_wants_to_see_none(comment: Comment) -> None:
    visitor = sitting_at(None)
    place = comment.post.get_absolute_url()

    answer = visitor.post("/reactions/", {"show": "0", "next": f"{place}#comments"})
    assert answer.headers["Location"] == f"{place}#comments"
    assert "hides-reactions" in visitor.get(place).content.decode()
    visitor.post("/reactions/", {"show": "1", "next": place})
    assert "hides-reactions" not in visitor.get(place).content.decode()
    elsewhere = visitor.post("/reactions/", {"show": "0", "next": "https://elsewhere.example/"})
    assert elsewhere.headers["Location"] == "/"
