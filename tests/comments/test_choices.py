"""Following a post and muting a person: choices that nobody else hears of."""

import pytest
from django.test import Client

from accounts import blocks, mutes
from accounts.models import MessageBlock, Mute, User
from comments import follows, moderation
from comments.chat import private, rooms
from comments.models import Comment, Post, PostFollow
from realtime.errors import ErrorCode, Refused
from tests.callers import ask
from tests.cast import Published, a_person, a_post, sitting_at, write

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(post: Post, desk: Client) -> str:
    return desk.get(post.get_absolute_url()).content.decode()


# --- Following ------------------------------------------------------------------------------------


def test_a_post_that_readers_cannot_see_cannot_be_followed(author: User, stranger: User) -> None:
    unseen = a_post(author, published_at=None)

    assert ask(stranger, "follow_post", {"postId": unseen.pk, "on": True}).code == "not_found"
    assert ask(stranger, "own_choices", unseen.pk).code == "not_found"
    assert sitting_at(stranger).post(f"/posts/{unseen.slug}/follow/").status_code == 404
    assert (
        sitting_at(None)
        .post(f"/posts/{unseen.slug}/follow/")
        .headers["Location"]
        .startswith("/accounts/login")
    )
    assert not PostFollow.objects.exists()


def test_following_twice_is_following_once_and_only_oneself_hears_of_it(
    post: Post, stranger: User, published: Published
) -> None:
    for _ in range(2):
        assert ask(stranger, "follow_post", post.pk).ack == {"ok": True, "postId": str(post.pk), "on": True}

    assert PostFollow.objects.filter(post=post, user=stranger).count() == 1
    assert follows.follows(post, stranger)
    assert [(event.room, event.name) for event in published.events] == [
        (f"user_{stranger.pk}", "post_followed")
    ]
    ask(stranger, "follow_post", {"postId": post.pk, "on": False})
    assert not follows.follows(post, stranger)


def test_the_form_follows_and_stops(post: Post, stranger: User) -> None:
    desk = sitting_at(stranger)

    assert "Follow this post" in page_of(post, desk)
    desk.post(f"/posts/{post.slug}/follow/", {"on": "1"})
    assert "Stop following" in page_of(post, desk)
    desk.post(f"/posts/{post.slug}/follow/", {"on": "0"})
    assert "Follow this post" in page_of(post, desk)


# --- Muting ---------------------------------------------------------------------------------------


def test_the_muted_person_can_never_tell(
    comment: Comment, owner: User, stranger: User, published: Published
) -> None:
    before = (page_of(comment.post, sitting_at(owner)), ask(owner, "join_post", comment.post_id).told)
    published.messages.clear()

    mutes.mute(owner.pk, on=True, acting_user=stranger)

    assert [event.room for event in published.events] == [f"user_{stranger.pk}"]
    after = (page_of(comment.post, sitting_at(owner)), ask(owner, "join_post", comment.post_id).told)
    assert _without_tokens(after[0]) == _without_tokens(before[0])
    assert after[1] == before[1]
    assert ask(owner, "own_choices", comment.post_id).ack["muted"] == []
    assert ask(owner, "new_comment", {"postId": comment.post_id, "content": "An answer"}).ok
    assert list(mutes.muted_by(owner)) == []


def test_oneself_cannot_be_muted_nor_who_is_not_there_or_has_written_nothing(stranger: User) -> None:
    silent = a_person("silent")
    for user_id, code in (
        (stranger.pk, ErrorCode.FORBIDDEN),
        (10**9, ErrorCode.NOT_FOUND),
        (silent.pk, ErrorCode.NOT_FOUND),
    ):
        with pytest.raises(Refused) as refused:
            mutes.mute(user_id, on=True, acting_user=stranger)
        assert refused.value.code == code
        assert sitting_at(stranger).get(f"/accounts/mute/{user_id}/").status_code == 404
    assert not Mute.objects.exists()


def test_a_number_tells_nobodys_name_by_muting_or_blocking(
    owner: User, stranger: User, post: Post, moderator: User
) -> None:
    """Nothing of these is before the stranger's eyes: what is held, withheld, another's, or their own."""
    silent, held, gone = a_person("silent"), a_person("held"), a_person("gone")
    write(held, post, "Waits")
    Comment.objects.filter(author=held).update(status="pending")
    write(gone, post, "Was there")
    moderation.decide([gone.comments.get().pk], "spam", acting_user=moderator)
    private.send(owner, "For another", acting_user=silent)
    private.send(silent, "Nothing came back", acting_user=stranger)
    blocks.block(owner.pk, on=True, acting_user=stranger)
    private.send(stranger, "Unheard", acting_user=owner)
    blocks.block(owner.pk, on=False, acting_user=stranger)

    for person in (silent, held, gone, owner):
        answers = [
            ask(stranger, "mute_person", person.pk),
            ask(stranger, "block_person", str(person.pk), namespace="/chat"),
        ]
        assert [answer.code for answer in answers] == ["not_found", "not_found"]
        assert sitting_at(stranger).get(f"/accounts/mute/{person.pk}/").status_code == 404
    assert not Mute.objects.exists()
    assert not MessageBlock.objects.exists()


def test_who_is_known_only_from_the_chat_is_muted_and_blocked(owner: User, stranger: User) -> None:
    lobby = rooms.lobby()
    assert lobby is not None
    write(owner, lobby, "Good morning")

    assert ask(stranger, "mute_person", owner.pk).ok
    assert ask(stranger, "block_person", str(owner.pk), namespace="/chat").ok
    assert "data-muted-fold" in sitting_at(stranger).get("/chat/").content.decode().partition("<template")[0]


def test_who_is_known_only_from_a_private_message_is_muted_and_blocked(
    owner: User, stranger: User, author: User
) -> None:
    private.send(stranger, "Psst", acting_user=owner)
    taken_back = private.send(stranger, "You will regret this", acting_user=author)
    private.remove(taken_back.pk, acting_user=author)

    assert not ask(a_person("other"), "mute_person", owner.pk).ok
    assert not ask(a_person("third"), "block_person", str(owner.pk), namespace="/chat").ok
    for person in (owner, author):
        assert sitting_at(stranger).get(f"/accounts/mute/{person.pk}/").status_code == 200
        assert ask(stranger, "mute_person", person.pk).ok
        assert ask(stranger, "block_person", str(person.pk), namespace="/chat").ok
        assert ask(stranger, "block_person", {"userId": str(person.pk), "on": False}, namespace="/chat").ok
    assert mutes.muted_ids(stranger) == {owner.pk, author.pk}


def test_who_is_blocked_by_name_is_unblocked_by_number(owner: User, stranger: User) -> None:
    sitting_at(stranger).post(f"/chat/with/{owner.username}/block/", {"on": "1"})

    assert ask(stranger, "block_person", {"userId": owner.pk, "on": False}, namespace="/chat").ok
    assert not blocks.blocks(stranger, owner)


def test_whoever_has_nothing_left_to_be_seen_can_still_be_unmuted(comment: Comment, stranger: User) -> None:
    mutes.mute(comment.author_id, on=True, acting_user=stranger)
    Comment.objects.filter(pk=comment.pk).update(status="rejected")

    assert not ask(a_person("other"), "mute_person", comment.author_id).ok
    assert ask(stranger, "mute_person", {"userId": comment.author_id, "on": False}).ok
    assert not Mute.objects.exists()


def test_a_list_has_an_end(post: Post, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutes, "AT_MOST", 2)
    people = [a_person(f"reader{number}") for number in range(3)]
    for person in people:
        write(person, post, "Hello")
    for person in people[:2]:
        mutes.mute(person.pk, on=True, acting_user=stranger)

    with pytest.raises(Refused):
        mutes.mute(people[2].pk, on=True, acting_user=stranger)
    mutes.mute(people[0].pk, on=True, acting_user=stranger)
    assert mutes.muted_ids(stranger) == {people[0].pk, people[1].pk}


def test_their_comments_fold_for_whoever_muted_them_alone(
    comment: Comment, owner: User, stranger: User, author: User
) -> None:
    write(author, comment.post, "Somebody else's")
    assert ask(stranger, "mute_person", owner.pk).ok

    assert page_of(comment.post, sitting_at(stranger)).partition("<template")[0].count("data-muted-fold") == 1
    for user in (author, owner, None):
        assert "data-muted-fold" not in page_of(comment.post, sitting_at(user)).partition("<template")[0]
    assert ask(stranger, "own_choices", comment.post_id).ack["muted"] == [str(owner.pk)]
    ask(stranger, "mute_person", {"userId": owner.pk, "on": False})
    assert "data-muted-fold" not in page_of(comment.post, sitting_at(stranger)).partition("<template")[0]


def test_pages_mute_list_and_unmute(comment: Comment, owner: User, stranger: User) -> None:
    desk = sitting_at(stranger)
    place = f"/comments/{comment.pk}/"

    assert f'href="/accounts/mute/{owner.pk}/?next={place}"' in page_of(comment.post, desk)
    assert "Mute Omar Owner?" in desk.get(f"/accounts/mute/{owner.pk}/?next={place}").content.decode()
    assert not Mute.objects.exists()
    answer = desk.post(f"/accounts/mute/{owner.pk}/", {"on": "1", "next": place})
    assert answer.headers["Location"] == place
    assert "Omar Owner" in desk.get("/accounts/muted/").content.decode()
    answer = desk.post(f"/accounts/mute/{owner.pk}/", {"on": "0", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/accounts/muted/"
    assert not Mute.objects.exists()
    assert sitting_at(None).get("/accounts/muted/").headers["Location"].startswith("/accounts/login/")


def _without_tokens(page: str) -> list[str]:
    others = ("csrfmiddlewaretoken", "client_id", "data-now")
    return [line for line in page.splitlines() if not any(other in line for other in others)]
