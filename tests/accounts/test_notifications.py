"""The inbox: the one door into it, what its owner reads and marks, and that nobody else can."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts import follows, notifications
from accounts.models import Audience, GroupJoin, Inbox, Kind, Mute, Notification, User
from accounts.notifications import choices, inbox, sending
from accounts.notifications.choices import Choice, Mail
from accounts.notifications.notices import MOVED, READ, STALE
from accounts.notifications.texts import sentence
from comments.chat import private
from realtime.errors import ErrorCode, Refused
from tests.callers import Answer, ask
from tests.cast import Published, a_person, again, sitting_at

pytestmark = pytest.mark.django_db(transaction=True)


def asking(user: User, event: str, *arguments: Any) -> Answer:
    return ask(user, event, *arguments, namespace="/notifications")


def told(user: User) -> list[str]:
    """What the first page of somebody's inbox says, unread ones only."""
    return [sentence(entry) for entry in inbox.page(user).entries if not entry.is_read]


def mention(user: User, actor: User, number: int = 1) -> None:
    notifications.send(
        Kind.MENTION,
        to_user=user.pk,
        actor=actor.pk,
        group=f"mention:{number}",
        source=f"comment:{number}",
        path=f"/comments/{number}/",
        about={"title": "A post", "postId": "1", "commentId": str(number)},
    )


def refusal(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


@pytest.fixture
def admin(db: None) -> User:
    person = a_person("admin", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="add_systemnotice"))
    return person


# --- Outsiders ------------------------------------------------------------------------------------


def test_what_is_somebody_elses_does_not_exist(owner: User, stranger: User, author: User) -> None:
    mention(owner, author)
    theirs = Notification.objects.get(user=owner)

    assert asking(stranger, "mark_read", theirs.pk).code == "not_found"
    assert asking(stranger, "mark_all_read", {"upTo": theirs.pk}).code == "not_found"
    assert asking(stranger, "get_notifications").ack["items"] == []
    assert refusal(lambda: inbox.own(theirs.pk, stranger)) == ErrorCode.NOT_FOUND
    assert Notification.objects.unread().filter(pk=theirs.pk).exists()


def test_what_is_for_a_group_is_not_for_others(owner: User, stranger: User) -> None:
    group = Group.objects.create(name="Gardeners")
    owner.groups.add(group)
    notifications.send(Kind.SYSTEM, to_group=group, about={"text": "It rains."})
    original = Notification.objects.get()

    assert asking(stranger, "mark_read", original.pk).code == "not_found"
    assert asking(stranger, "get_notifications").ack["unread"] == 0
    assert asking(owner, "get_notifications").ack["items"][0]["message"] == "It rains."
    assert asking(owner, "mark_read", original.pk).ok


def test_only_who_may_sends_to_all(owner: User, moderator: User, admin: User) -> None:
    for outsider in (owner, moderator):
        assert not outsider.has_perm("accounts.add_systemnotice")
        code = refusal(
            lambda who=outsider: sending.announce("Hello", acting_user=who, audience=Audience.ALL)  # type: ignore[misc]
        )
        assert code == ErrorCode.FORBIDDEN
    assert not Notification.objects.exists()
    sending.announce("Hello", acting_user=admin, audience=Audience.ALL)
    assert told(owner) == ["Hello"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": "  "}, ErrorCode.INVALID),
        ({"text": "a\x00"}, ErrorCode.INVALID),
        ({"path": "https://elsewhere.example/"}, ErrorCode.INVALID),
        ({"path": "//elsewhere.example/"}, ErrorCode.INVALID),
        ({"audience": "nobody"}, ErrorCode.INVALID),
        ({"audience": "group"}, ErrorCode.INVALID),
        ({"audience": "people"}, ErrorCode.INVALID),
        ({"text": "a" * 1_001}, ErrorCode.TOO_LONG),
    ],
)
def test_what_cannot_be_announced_is_not(admin: User, given: dict[str, Any], code: ErrorCode) -> None:
    wanted = {"text": "Hello", "audience": "all", **given}

    assert refusal(lambda: sending.announce(acting_user=admin, **wanted)) == code
    assert not Notification.objects.exists()


# --- What gets in, and what does not --------------------------------------------------------------


def test_nothing_is_told_of_what_was_rolled_back(owner: User, author: User, published: Published) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        mention(owner, author)
        raise RuntimeError

    assert not Notification.objects.exists()
    assert published.inboxes == []


def test_a_notice_says_whose_inbox_and_nothing_about_it(
    owner: User, author: User, published: Published
) -> None:
    mention(owner, author)

    assert published.messages == []
    assert published.inboxes == [(owner.pk, "mention:1")]


def test_nobody_is_told_twice_of_the_same(owner: User, author: User, published: Published) -> None:
    mention(owner, author)
    mention(owner, author)

    assert Notification.objects.filter(user=owner).count() == 1
    assert len(published.inboxes) == 1


def test_what_one_does_oneself_is_no_news(owner: User) -> None:
    mention(owner, owner)

    assert told(owner) == []


def test_whom_one_has_muted_one_does_not_hear_of(owner: User, stranger: User) -> None:
    Mute.objects.create(user=owner, muted=stranger)

    mention(owner, stranger)

    assert told(owner) == []


def test_a_kind_that_is_switched_off_is_not_kept(owner: User, stranger: User) -> None:
    choices.choose({Kind.MENTION: Choice(page=False, mail=Mail.ONCE)}, acting_user=owner)

    mention(owner, stranger)

    assert not Notification.objects.exists()


def test_what_moderators_and_the_site_say_cannot_be_switched_off(owner: User) -> None:
    choices.choose({Kind.SYSTEM: Choice(page=False)}, acting_user=owner)

    notifications.send(Kind.SYSTEM, to_user=owner.pk, about={"text": "Hello"})

    assert told(owner) == ["Hello"]


def test_who_is_gone_is_told_nothing(owner: User, stranger: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)

    mention(owner, stranger)
    notifications.send(Kind.SYSTEM, to_many=[owner.pk, 10**9], about={"text": "Hello"})

    assert not Notification.objects.exists()


def test_it_goes_to_one_of_these_and_no_more(owner: User) -> None:
    with pytest.raises(TypeError):
        notifications.send(Kind.SYSTEM)
    with pytest.raises(TypeError):
        notifications.send(Kind.SYSTEM, to_user=owner.pk, to_all=True)


def test_ten_thousand_are_told_in_few_queries() -> None:
    User.objects.bulk_create(
        [User(username=f"reader{number}", email="") for number in range(10_000)], batch_size=2_000
    )
    people = list(User.objects.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as captured:
        count = notifications.send(Kind.SYSTEM, to_many=people, group="system:1", about={"text": "Hello"})

    assert count == len(people) == Notification.objects.count()
    assert len(captured) < 100


def test_to_all_is_one_row_however_many_they_are(owner: User, stranger: User, published: Published) -> None:
    with CaptureQueriesContext(connection) as captured:
        notifications.send(Kind.SYSTEM, to_all=True, about={"text": "We are back."})

    assert Notification.objects.count() == 1
    assert len(captured) < 8
    [event] = [each for each in published.messages if each["method"] == "event"]
    assert event["room"] == "everybody"
    assert "We are back." in event["packet"]
    for user in (owner, stranger):
        assert told(user) == ["We are back."]


def test_who_comes_later_is_not_told_of_what_was_before(owner: User) -> None:
    notifications.send(Kind.SYSTEM, to_all=True, about={"text": "We are back."})
    later = a_person("later")

    assert told(owner) == ["We are back."]
    assert told(later) == []


def test_what_one_has_had_is_not_looked_at_again(owner: User, stranger: User) -> None:
    for number in range(30):
        notifications.send(Kind.SYSTEM, to_all=True, about={"text": f"News {number}"})
    old = timezone.now() - timedelta(minutes=20)
    Notification.objects.update(created_at=old)
    User.objects.update(date_joined=old - timedelta(days=1))
    late = a_person("late")

    def rows_read(user: User) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            inbox.catch_up([user.pk])
        return [query["sql"] for query in captured.captured_queries]

    assert inbox.catch_up([owner.pk, stranger.pk]) == 60
    rows_read(late)
    for user in (owner, stranger, late):
        assert len(rows_read(user)) == 2
    assert (inbox.unread_count(owner), inbox.unread_count(late)) == (30, 0)

    notifications.send(Kind.SYSTEM, to_all=True, about={"text": "One more"})
    assert [inbox.catch_up([user.pk]) for user in (owner, stranger, late)] == [1, 1, 1]
    assert inbox.catch_up([owner.pk]) == 0


def test_rows_of_what_is_for_all_are_written_in_one_order(owner: User, stranger: User, author: User) -> None:
    """Two processes that do it for the same people would else wait for each other on PostgreSQL."""
    notifications.send(Kind.SYSTEM, to_all=True, about={"text": "We are back."})

    with CaptureQueriesContext(connection) as captured:
        assert inbox.catch_up([stranger.pk, author.pk, owner.pk]) == 3

    [asked] = [each["sql"] for each in captured.captured_queries if '"date_joined"' in each["sql"]]
    assert asked.endswith("ORDER BY 1 ASC")


def test_what_is_committed_late_is_not_passed_by(owner: User) -> None:
    """Somebody reads between two who announce, of whom the first one takes longer."""
    for text in ("First", "Second"):
        notifications.send(Kind.SYSTEM, to_all=True, about={"text": text})
    first = Notification.objects.get(about__text="First")
    Notification.objects.filter(pk=first.pk).delete()
    assert told(owner) == ["Second"]

    first.save(force_insert=True)

    assert sorted(told(owner)) == ["First", "Second"]


def test_what_is_for_all_has_one_id_live_and_later(owner: User, published: Published) -> None:
    notifications.send(Kind.SYSTEM, to_all=True, about={"text": "We are back."})
    original = Notification.objects.get()
    assert f'"id":"{original.pk}"' in published.messages[0]["packet"]

    for _ in range(2):
        [item] = asking(owner, "get_notifications").ack["items"]
        assert item["id"] == str(original.pk)
    assert asking(owner, "mark_read", original.pk).ack["unread"] == 0
    assert asking(owner, "get_notifications").ack["items"][0]["isRead"]


def test_what_is_there_no_more_is_taken_back(owner: User, stranger: User, published: Published) -> None:
    mention(owner, stranger)

    assert notifications.withdraw(sources=["comment:1", "comment:2"]) == 1

    assert told(owner) == []
    assert published.inboxes[-1] == (owner.pk, STALE)


# --- Groups ---------------------------------------------------------------------------------------


def react(user: User, actor: User, comment: int = 1) -> None:
    notifications.send(
        Kind.LIKE,
        to_user=user.pk,
        actor=actor.pk,
        group=f"like:{comment}",
        source=f"like:{comment}:{actor.pk}",
        about={"title": "A post"},
    )


def test_people_who_do_the_same_are_one_entry(owner: User) -> None:
    people = [a_person(f"p{number}", name=f"Person {number}") for number in range(1, 5)]
    said = []
    for person in people:
        react(owner, person)
        said += told(owner)

    assert said == [
        "Person 1 reacted to your comment on “A post”.",
        "Person 2 and Person 1 reacted to your comment on “A post”.",
        "Person 3 and 2 others reacted to your comment on “A post”.",
        "Person 4 and 3 others reacted to your comment on “A post”.",
    ]
    [entry] = inbox.page(owner).entries
    assert (entry.count, len(entry.people)) == (4, 3)
    assert inbox.unread_count(owner) == 1


def test_to_read_an_entry_reads_what_came_before_and_not_what_comes_after(
    owner: User, stranger: User, author: User
) -> None:
    react(owner, stranger)
    seen = inbox.page(owner).entries[0].id
    react(owner, author)

    assert asking(owner, "mark_read", seen).ack["unread"] == 1

    assert told(owner) == ["Ana Author reacted to your comment on “A post”."]
    assert [entry.is_read for entry in inbox.page(owner).entries] == [False]


def test_a_group_does_not_grow_without_an_end(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [a_person(f"p{number}") for number in range(6)]
    letters = [
        notifications.Letter(
            owner.pk, Kind.LIKE, actor_id=person.pk, group="like:1", source=f"like:1:{person.pk}", limit=4
        )
        for person in people
    ]

    assert notifications.send(Kind.LIKE, to_each=letters[:3]) == 1
    notifications.send(Kind.LIKE, to_each=letters[3:])

    assert Notification.objects.filter(user=owner).count() == 4


def test_a_deleted_account_has_no_name_here_either(owner: User, stranger: User) -> None:
    react(owner, stranger)
    User.objects.filter(pk=stranger.pk).update(username=f"deleted:{stranger.pk}", name="")

    assert told(owner) == ["Deleted account reacted to your comment on “A post”."]
    User.objects.filter(pk=stranger.pk).delete()
    assert told(owner) == ["Somebody reacted to your comment on “A post”."]


def test_everybody_reads_in_their_language(owner: User, stranger: User) -> None:
    react(owner, stranger)

    ack = ask(owner, "get_notifications", language="ko", namespace="/notifications").ack
    with translation.override("ko"):
        assert ack["items"][0]["message"] == told(owner)[0]
    assert ack["items"][0]["message"] != told(owner)[0]


# --- Reading --------------------------------------------------------------------------------------


def test_unread_ones_come_first_and_every_one_comes_once(owner: User, stranger: User) -> None:
    for number in range(1, 51):
        mention(owner, stranger, number)
    ids = list(Notification.objects.order_by("-pk").values_list("pk", flat=True))
    for pk in ids[10:15] + ids[30:]:
        asking(owner, "mark_read", pk)

    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    for _ in range(4):
        ack = asking(owner, "get_notifications", {"cursor": cursor}).ack
        found += ack["items"]
        cursor = ack["cursor"]
        if cursor is None:
            break

    unread = [pk for pk in ids if pk not in ids[10:15] + ids[30:]]
    read = ids[10:15] + ids[30:]
    assert [int(item["id"]) for item in found] == unread + read
    assert [item["isRead"] for item in found] == [False] * len(unread) + [True] * len(read)
    assert cursor is None
    assert ack["unread"] == len(unread)


def test_the_answer_is_an_event_too(owner: User, stranger: User) -> None:
    mention(owner, stranger)

    answer = asking(owner, "get_notifications")

    [told_] = answer.heard("notifications_list")
    assert told_ == {key: value for key, value in answer.ack.items() if key != "ok"}
    assert told_["items"] == [
        {
            "id": str(Notification.objects.get().pk),
            "group": "mention:1",
            "kind": "mention",
            "message": "Sue Stranger mentioned you under “A post”.",
            "path": "/comments/1/",
            "count": 1,
            "people": [{"name": "Sue Stranger", "avatar": stranger.avatar, "initials": "SS"}],
            "createdAt": told_["items"][0]["createdAt"],
            "isRead": False,
            "postId": "1",
            "commentId": "1",
        }
    ]
    assert told_["choices"]["mention"] == {"browser": True, "sound": False}


@pytest.mark.parametrize("cursor", ["x1", "u-1", "u1x", "uu", "r" + "9" * 30])
def test_a_cursor_that_is_none_is_refused(owner: User, cursor: str) -> None:
    assert asking(owner, "get_notifications", {"cursor": cursor}).code == "invalid"


def test_marking_tells_all_ones_tabs_once(owner: User, stranger: User, published: Published) -> None:
    mention(owner, stranger)
    pk = Notification.objects.get().pk
    published.messages.clear()

    for _ in range(2):
        assert asking(owner, "mark_read", str(pk)).ack == {
            "ok": True, "id": str(pk), "group": "mention:1", "unread": 0,
        }  # fmt: skip

    [event] = published.messages
    assert (event["room"], event["namespace"]) == (f"user_{owner.pk}", "/notifications")
    assert '["notification_marked_read"' in event["packet"]
    assert published.inboxes[-1] == (owner.pk, READ)


def test_marking_all_leaves_what_came_after_what_was_seen(owner: User, stranger: User) -> None:
    for number in (1, 2, 3):
        mention(owner, stranger, number)
    newest_seen = Notification.objects.order_by("pk")[1].pk

    assert asking(owner, "mark_all_read", {"upTo": newest_seen}).ack == {
        "ok": True, "marked": 2, "unread": 1,
    }  # fmt: skip
    assert asking(owner, "mark_all_read").ack == {"ok": True, "marked": 1, "unread": 0}
    assert asking(owner, "mark_all_read").ack == {"ok": True, "marked": 0, "unread": 0}


def test_a_page_costs_the_same_with_three_as_with_three_hundred(owner: User, stranger: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            inbox.page(owner)
        return len(captured)

    for number in range(3):
        mention(owner, stranger, number)
    few = queries()
    for number in range(3, 300):
        mention(owner, stranger, number)

    assert queries() <= few


def test_what_is_old_goes(owner: User, stranger: User, admin: User) -> None:
    mention(owner, stranger)
    sending.announce("Hello", acting_user=admin, audience=Audience.ALL)
    assert len(told(owner)) == 2
    Notification.objects.update(created_at=timezone.now() - timedelta(days=91))

    assert inbox.prune() > 0
    assert told(owner) == []
    assert not Notification.objects.exists()


# --- Choices --------------------------------------------------------------------------------------


def test_what_is_no_choice_is_refused(owner: User) -> None:
    for chosen in ({"nothing": Choice()}, {Kind.LIKE: Choice(mail="sometimes")}):
        assert (
            refusal(
                lambda given=chosen: choices.choose(given, acting_user=owner)  # type: ignore[misc]
            )
            == ErrorCode.INVALID
        )
    assert not Inbox.objects.exists()


def test_choices_stay_and_others_are_as_ever(owner: User, stranger: User) -> None:
    choices.choose({Kind.LIKE: Choice(sound=True, mail=Mail.DAILY)}, acting_user=owner)

    assert choices.of(owner)[Kind.LIKE] == Choice(sound=True, mail=Mail.DAILY)
    assert choices.of(owner)[Kind.MENTION] == choices.DEFAULTS[Kind.MENTION]
    assert choices.of(stranger) == dict(choices.DEFAULTS)
    assert not any(each.sound or each.mail != Mail.NEVER for each in choices.DEFAULTS.values())


def test_whoever_goes_takes_their_inbox_along(owner: User, stranger: User) -> None:
    from accounts import deletion, erasure

    mention(owner, stranger)
    mention(stranger, owner, 2)
    choices.choose({Kind.LIKE: Choice(sound=True)}, acting_user=owner)
    assert not erasure.is_on_record(owner)

    deletion.delete_account(acting_user=owner, fate="anonymise")

    assert not Notification.objects.filter(user=owner).exists()
    assert not Inbox.objects.exists()
    assert told(stranger) == ["Deleted account mentioned you under “A post”."]


@pytest.mark.parametrize("name", ["mallory", "말로리", "m+a@l.y", "chat"])
def test_who_has_deleted_their_account_is_not_named_by_where_their_messages_lead(
    owner: User, stranger: User, name: str, published: Published
) -> None:
    from accounts import deletion

    writer = a_person(name)
    for pk in (owner.pk, stranger.pk):
        private.send(User.objects.get(pk=pk), "Hello", acting_user=writer)
    theirs = Notification.objects.filter(kind=Kind.MESSAGE)
    assert set(theirs.values_list("path", flat=True)) == {reverse("chat:conversation", args=[name])}
    sitting_at(owner).get(theirs.get(user=owner).path)
    published.inboxes.clear()

    deletion.delete_account(acting_user=writer, fate="anonymise")
    deletion.carry_on()

    path = f"/chat/with/deleted:{writer.pk}/"
    assert list(theirs.values_list("path", flat=True)) == [path, path]
    assert (stranger.pk, STALE) in published.inboxes
    assert "Hello" in sitting_at(owner).get(path).content.decode()


def test_a_person_whose_row_is_deleted_is_named_by_nothing(owner: User, stranger: User) -> None:
    follows.follow(owner.pk, on=True, acting_user=stranger)
    assert Notification.objects.get().path == "/people/stranger/"

    stranger.delete()

    assert not Notification.objects.exists()


def test_a_deleted_admin_is_not_named_by_what_they_announced(admin: User, owner: User) -> None:
    original = sending.announce("Hello", acting_user=admin, audience="all")
    sending.announce("For you", acting_user=admin, audience="people", people=[owner.pk])
    assert sorted(told(owner)) == ["For you", "Hello"]
    assert not Notification.objects.filter(user=owner, about__has_key="by").exists()

    notifications.forget(admin)

    assert again(original).about == {"text": "Hello", "by": f"deleted:{admin.pk}"}
    assert sorted(told(owner)) == ["For you", "Hello"]


@pytest.mark.parametrize("way", ["add", "set", "add user", "set users"])
def test_who_comes_into_a_group_is_not_told_what_was_said_to_it_before(
    owner: User, stranger: User, way: str
) -> None:
    group = Group.objects.create(name="Gardeners")
    stranger.groups.add(group)
    acts: dict[str, Callable[[], object]] = {
        "add": lambda: owner.groups.add(group),
        "set": lambda: owner.groups.set([group]),
        "add user": lambda: group.user_set.add(owner),
        "set users": lambda: group.user_set.set([owner, stranger]),
    }

    notifications.send(Kind.SYSTEM, to_group=group, about={"text": "Among us"})
    acts[way]()
    assert told(owner) == []
    notifications.send(Kind.SYSTEM, to_group=group, about={"text": "Welcome"})

    assert told(owner) == ["Welcome"]
    assert sorted(told(stranger)) == ["Among us", "Welcome"]
    group.user_set.clear()
    notifications.send(Kind.SYSTEM, to_group=group, about={"text": "Is anybody here?"})
    acts[way]()
    assert told(owner) == ["Welcome"]


def test_who_was_in_a_group_before_that_was_noted_is_told_as_ever(owner: User) -> None:
    group = Group.objects.create(name="Gardeners")
    owner.groups.add(group)
    GroupJoin.objects.all().delete()
    notifications.send(Kind.SYSTEM, to_group=group, about={"text": "It rains."})

    assert told(owner) == ["It rains."]


@pytest.mark.parametrize("way", ["add", "remove", "set", "clear", "add user", "remove user", "clear users"])
def test_every_process_says_whose_groups_have_changed(owner: User, published: Published, way: str) -> None:
    """A shell, too: else people would go on hearing what is for a group that they have left."""
    group = Group.objects.create(name="Gardeners")
    if not way.startswith("add") and way != "set":
        owner.groups.add(group)
    published.messages.clear()
    acts: dict[str, Callable[[], object]] = {
        "add": lambda: owner.groups.add(group),
        "remove": lambda: owner.groups.remove(group),
        "set": lambda: owner.groups.set([group]),
        "clear": lambda: owner.groups.clear(),
        "add user": lambda: group.user_set.add(owner),
        "remove user": lambda: group.user_set.remove(owner),
        "clear users": lambda: group.user_set.clear(),
    }
    acts[way]()

    assert [m["users"] for m in published.messages if m["method"] == MOVED] == [[owner.pk]]
