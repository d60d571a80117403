"""`join_post`, `leave_post` and `load_more`."""

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import moderation
from comments.models import Comment, Post, RoomState
from comments.reading import CHANGES_LIMIT
from tests.callers import ask
from tests.cast import a_post, again, fill, write

pytestmark = pytest.mark.django_db(transaction=True)


# --- Outsiders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["join_post", "load_more"])
def test_a_post_that_readers_cannot_see_does_not_exist(event: str, author: User, stranger: User) -> None:
    unseen = a_post(author, published_at=None)
    assert not Post.objects.reachable().filter(pk=unseen.pk).exists()

    for user in (stranger, author):
        for post_id in (unseen.pk, 10**17):
            answer = ask(user, event, {"postId": post_id, "before": 1})
            assert answer.code == "not_found"
            assert answer.rooms == []


@pytest.mark.parametrize("event", ["join_post", "edit_comment", "delete_comment", "new_comment"])
def test_a_reader_who_was_switched_off_meanwhile_gets_nothing(
    event: str, comment: Comment, owner: User
) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert not again(owner).is_active

    payload = {"postId": comment.post_id, "commentId": comment.pk, "content": "text"}
    answer = ask(owner, event, payload)

    assert answer.code == "sign_in"
    assert answer.rooms == []
    assert again(comment).content == comment.content


# --- Joining -------------------------------------------------------------------------------------


def test_joining_enters_the_room_and_brings_the_newest_page(comment: Comment, stranger: User) -> None:
    answer = ask(stranger, "join_post", comment.post_id)

    post_id = str(comment.post_id)
    assert answer.rooms == [f"post_{post_id}"]
    comments, meta = answer.heard("load_comments")
    assert [row["content"] for row in comments] == [comment.content]
    assert meta == {
        "postId": post_id,
        "kind": "snapshot",
        "version": 1,
        "count": 1,
        "heartbeat": 15,
        "hasMore": False,
        "reacted": {},
        "state": {
            "room": "open",
            "canWrite": True,
            "reason": "",
            "slowMode": 0,
            "holdFirst": False,
            "holds": [],
            "holdNewcomers": False,
        },
    }
    assert answer.heard("presence")[0]["postId"] == post_id
    assert answer.ack == {"ok": True, "postId": post_id, "version": 1, "kind": "snapshot"}


def test_a_snapshot_is_one_page_oldest_first(
    post: Post, owner: User, stranger: User, settings: Settings
) -> None:
    settings.COMMENTS_PER_PAGE = 5
    fill(post, owner, 12)

    comments, meta = ask(stranger, "join_post", post.pk).heard("load_comments")

    assert [row["content"] for row in comments] == [f"Comment {n}" for n in range(7, 12)]
    assert meta["hasMore"] is True


def test_since_brings_exactly_what_changed(
    comment: Comment, owner: User, stranger: User, moderator: User
) -> None:
    post = comment.post
    write(owner, post, "Second")
    moderation.hide_comment(comment.pk, acting_user=moderator)
    write(owner, post, "Third")

    comments, meta = ask(stranger, "join_post", {"postId": post.pk, "since": 2}).heard("load_comments")

    assert (meta["kind"], meta["version"], meta["hasMore"]) == ("changes", 4, False)
    tombstone, third = comments
    assert tombstone == {
        "_id": str(comment.pk),
        "postId": str(post.pk),
        "version": 3,
        "by": "moderator",
        "status": "removed",
    }
    assert (third["content"], third["version"]) == ("Third", 4)


def test_nothing_new_is_no_changes(comment: Comment, stranger: User) -> None:
    comments, meta = ask(stranger, "join_post", {"postId": comment.post_id, "since": 1}).heard(
        "load_comments"
    )

    assert (comments, meta["kind"]) == ([], "changes")


@pytest.mark.parametrize("since", [-1, 2, 10**30])
def test_a_version_that_cannot_be_gets_a_snapshot(comment: Comment, stranger: User, since: int) -> None:
    _, meta = ask(stranger, "join_post", {"postId": comment.post_id, "since": since}).heard("load_comments")

    assert meta["kind"] == "snapshot"


def test_a_reader_too_far_behind_gets_a_snapshot(post: Post, owner: User, stranger: User) -> None:
    fill(post, owner, CHANGES_LIMIT + 1)

    for since, kind in ((0, "snapshot"), (1, "changes")):
        answer = ask(stranger, "join_post", {"postId": post.pk, "since": since})
        assert answer.ack["kind"] == kind


def test_client_ids_come_back_to_their_author_only(post: Post, owner: User, stranger: User) -> None:
    write(owner, post, client_id="mine")

    for payload in (post.pk, {"postId": post.pk, "since": 0}):
        [mine], _ = ask(owner, "join_post", payload).heard("load_comments")
        assert mine["clientId"] == "mine"
        [seen], _ = ask(stranger, "join_post", payload).heard("load_comments")
        assert "clientId" not in seen


def test_a_closed_post_can_be_joined_and_says_why_nobody_writes(author: User, stranger: User) -> None:
    closed = a_post(author, room_state=RoomState.CLOSED)

    english = ask(stranger, "join_post", closed.pk).heard("load_comments")[1]["state"]
    korean = ask(stranger, "join_post", closed.pk, language="ko").heard("load_comments")[1]["state"]

    assert (english["room"], english["canWrite"]) == ("closed", False)
    assert english["reason"]
    assert korean["reason"] != english["reason"]


def test_leaving_leaves(post: Post, stranger: User) -> None:
    answer = ask(stranger, "leave_post", post.pk)

    assert answer.ack == {"ok": True, "postId": str(post.pk)}
    assert answer.rooms == []


# --- Earlier pages -------------------------------------------------------------------------------


def test_load_more_walks_to_the_beginning(
    post: Post, owner: User, stranger: User, settings: Settings
) -> None:
    settings.COMMENTS_PER_PAGE = 5
    fill(post, owner, 12)
    comments, meta = ask(stranger, "join_post", post.pk).heard("load_comments")
    seen = [row["content"] for row in comments]
    before, has_more = comments[0]["_id"], meta["hasMore"]

    while has_more:
        ack = ask(stranger, "load_more", {"postId": post.pk, "before": before}).ack
        seen = [row["content"] for row in ack["comments"]] + seen
        before, has_more = ack["before"], ack["hasMore"]

    assert seen == [f"Comment {number}" for number in range(12)]


def test_before_the_first_comment_there_is_nothing(comment: Comment, stranger: User) -> None:
    payload = {"postId": comment.post_id, "before": comment.pk}

    assert ask(stranger, "load_more", payload).ack == {
        "ok": True,
        "comments": [],
        "hasMore": False,
        "hasLater": True,
        "before": None,
        "reacted": {},
    }


def test_load_more_walks_to_the_end_as_well(
    post: Post, owner: User, stranger: User, settings: Settings
) -> None:
    settings.COMMENTS_PER_PAGE = 5
    fill(post, owner, 12)
    first = Comment.objects.order_by("id")[0]
    seen: list[str] = []
    after, has_later = str(first.pk), True

    while has_later:
        ack = ask(stranger, "load_more", {"postId": post.pk, "after": after}).ack
        assert ack["hasMore"] is True
        seen += [row["content"] for row in ack["comments"]]
        after, has_later = ack["comments"][-1]["_id"], ack["hasLater"]

    assert seen == [f"Comment {number}" for number in range(1, 12)]


def test_load_more_brings_what_stands_around_a_comment(
    post: Post, owner: User, stranger: User, settings: Settings
) -> None:
    settings.COMMENTS_PER_PAGE = 5
    fill(post, owner, 12)
    wanted = Comment.objects.order_by("id")[6]

    ack = ask(stranger, "load_more", {"postId": post.pk, "around": wanted.pk}).ack

    assert str(wanted.pk) in [row["_id"] for row in ack["comments"]]
    assert (ack["hasMore"], ack["hasLater"], len(ack["comments"])) == (True, True, 5)


def test_around_what_readers_cannot_see_there_is_nothing(
    comment: Comment, stranger: User, moderator: User, author: User, owner: User
) -> None:
    payload = {"postId": comment.post_id, "around": comment.pk}
    assert ask(stranger, "load_more", payload).ok
    elsewhere = write(owner, a_post(author, slug="elsewhere"))
    assert ask(stranger, "load_more", {**payload, "around": elsewhere.pk}).code == "not_found"

    moderation.hide_comment(comment.pk, acting_user=moderator)

    assert ask(stranger, "load_more", payload).code == "not_found"


@pytest.mark.parametrize(
    "where", [{}, {"before": 1, "after": 1}, {"before": 1, "around": 2}, {"after": 0}, {"around": "x"}]
)
def test_load_more_needs_one_place(post: Post, stranger: User, where: dict[str, object]) -> None:
    assert ask(stranger, "load_more", {"postId": post.pk, **where}).code == "invalid"
