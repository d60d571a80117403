"""`@name`: who is meant, what it becomes, which rows are kept, and what it costs who names nobody."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import actions, mentions, moderation
from comments.models import Comment, Mention, Post, Status
from comments.people import people_of
from tests.callers import ask
from tests.cast import a_person, a_post, again, write

pytestmark = pytest.mark.django_db(transaction=True)


def named(comment: Comment) -> list[str]:
    return list(comment.mentions.order_by("id").values_list("user__username", flat=True))


def test_nobody_is_named_who_is_not_there(post: Post, owner: User) -> None:
    a_person("gone", is_active=False)

    comment = write(owner, post, "@nobody and @gone, a@stranger.example, `@owner`")

    assert "mention" not in comment.html
    assert not Mention.objects.exists()


def test_a_name_is_marked_and_kept(post: Post, owner: User, stranger: User) -> None:
    comment = write(owner, post, "Thanks, @stranger. And @Author!")

    assert '<a class="mention" href="/people/stranger/">@stranger</a>.' in comment.html
    assert '<a class="mention" href="/people/author/">@Author</a>!' in comment.html
    assert sorted(named(comment)) == ["author", "stranger"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@민수님은 어떻게 생각하세요?", "@민수"),
        ("@민수야", "@민수"),
        ("@민수에게서만", "@민수"),
        ("고마워요 @민수", "@민수"),
        ("@민수a", None),
        ("@minsu.kim.", "@minsu.kim"),
        ("(@minsu.kim)", "@minsu.kim"),
        ("**@minsu.kim**", "@minsu.kim"),
        ("> @minsu.kim", "@minsu.kim"),
        ("[@minsu.kim](https://example.org)", None),
        ("x@minsu.kim", None),
        ("@@minsu.kim", None),
    ],
)
def test_who_is_meant(post: Post, owner: User, text: str, found: str | None) -> None:
    a_person("민수")
    a_person("minsu.kim")

    comment = write(owner, post, text)

    assert re.findall(r'class="mention"[^>]*>([^<]+)<', comment.html) == ([found] if found else [])
    assert Mention.objects.exists() == (found is not None)


def test_nobody_can_write_the_mark_themselves(post: Post, owner: User) -> None:
    comment = write(
        owner, post, '<span class="mention">@owner</span> <a class="mention" href="/x">x</a> @author'
    )

    links = re.findall(r"<a [^>]+>", comment.html)
    assert links == [f'<a class="mention" href="/people/{name}/">' for name in ("owner", "author")]
    assert "<span" not in comment.html


def test_naming_oneself_is_no_mention(post: Post, owner: User) -> None:
    assert named(write(owner, post, "I, @owner")) == []


def test_only_so_many_are_called_at_once(post: Post, owner: User) -> None:
    people = [a_person(f"reader{number}") for number in range(30)]

    comment = write(owner, post, " ".join(f"@{person.username}" for person in people))

    assert len(named(comment)) == mentions.NAMES_AT_ONCE


def test_an_edit_keeps_adds_and_takes_away(post: Post, owner: User, stranger: User, author: User) -> None:
    comment = write(owner, post, "@stranger")
    [kept] = Mention.objects.values_list("id", flat=True)

    actions.edit_comment(comment.pk, "@stranger and @author", acting_user=owner)
    assert named(comment) == ["stranger", "author"]
    assert Mention.objects.filter(pk=kept).exists()
    actions.edit_comment(comment.pk, "nobody", acting_user=owner)
    assert named(comment) == []


def test_a_moderators_edit_and_its_undoing_do_the_same(
    post: Post, owner: User, stranger: User, moderator: User
) -> None:
    comment = write(owner, post, "@stranger")

    moderation.edit_comment(comment.pk, "Somebody", acting_user=moderator)
    assert named(comment) == []
    moderation.undo(comment.decisions.latest("id").pk, acting_user=moderator)
    assert named(comment) == ["stranger"]
    assert "mention" in again(comment).html


def test_people_are_no_links_to_the_rule_about_links(author: User, settings: Settings) -> None:
    settings.LINKS_HELD_ABOVE = 1
    post = a_post(author)
    newcomer = a_person("newcomer")
    for name in ("one", "two", "three"):
        a_person(name)

    assert write(newcomer, post, "@one @two @three").status == Status.PUBLISHED


def test_who_names_nobody_pays_nothing(post: Post, owner: User, stranger: User) -> None:
    def asked(text: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            write(owner, post, text)
        return len(captured.captured_queries)

    plain = asked("Thanks, stranger")
    assert asked("Thanks, all at 5 o'clock") == plain
    assert asked("mail me: a@b") == plain
    assert asked("@nobody at all") == plain + 1
    assert asked("Thanks, @stranger") == plain + 2


# --- Completion -----------------------------------------------------------------------------------


def test_people_of_a_post_that_readers_cannot_see_are_nobodys_business(author: User, stranger: User) -> None:
    unseen = a_post(author, published_at=None)

    assert ask(stranger, "people_of_post", {"postId": unseen.pk, "prefix": ""}).code == "not_found"


def test_those_who_wrote_last_come_first_and_oneself_never(post: Post, owner: User, stranger: User) -> None:
    hidden = a_person("hidden")
    for user in (owner, stranger, owner, hidden):
        write(user, post, f"By {user.username} {Comment.objects.count()}")
    Comment.objects.filter(author=hidden).update(status=Status.REMOVED)

    ack = ask(stranger, "people_of_post", {"postId": post.pk}).ack

    assert [person["username"] for person in ack["people"]] == ["owner", "author"]
    assert ack["people"][0] == {
        "username": "owner",
        "name": "Omar Owner",
        "avatar": owner.avatar,
        "initials": "OO",
    }


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", ["minsu", "jose", "author"]),
        ("jo", ["jose"]),
        ("JO", ["jose"]),
        ("nu", ["jose"]),
        ("민", ["minsu"]),
        ("미", ["minsu"]),
        ("ㅁ", ["minsu"]),
        ("x", []),
    ],
)
def test_a_name_is_found_by_how_any_of_its_words_begins(
    post: Post, owner: User, prefix: str, found: list[str]
) -> None:
    write(a_person("jose", name="José Núñez"), post, "One")
    write(a_person("minsu", name="김 민수"), post, "Two")

    assert [person["username"] for person in people_of(post, prefix, asking=owner)] == found


def test_no_more_than_eight_are_offered(post: Post, owner: User) -> None:
    for number in range(12):
        write(a_person(f"reader{number}"), post, f"Comment {number}")

    assert len(people_of(post, "reader", asking=owner)) == 8
    assert ask(owner, "people_of_post", {"postId": post.pk, "prefix": "r" * 61}).code == "invalid"
