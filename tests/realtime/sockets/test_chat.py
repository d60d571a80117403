"""The chat over real sockets: rooms, messages from one to another, and clients as textbooks have them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
import socketio
import socketio.exceptions

from tests.servers import Person, Site
from tests.tasks import patience

from .chatter import NAMESPACE, Chatter
from .conftest import Cast
from .reader import WITHIN, Reader, Transport

Chat = Callable[..., Awaitable[Chatter]]


@pytest.fixture
async def chat(site: Site, transport: Transport) -> AsyncIterator[Chat]:
    """`await chat(person, "tea")` is somebody at the chat, in a room if one is named."""
    chatters: list[Chatter] = []

    async def open_chatter(person: Person, room: str | None = None) -> Chatter:
        chatter = await Chatter(site, person, transport).open()
        chatters.append(chatter)
        await chatter.next("let in")
        if room is not None:
            await chatter.enter(room)
        return chatter

    yield open_chatter
    for chatter in chatters:
        await chatter.close()


@pytest.fixture
def room(site: Site) -> str:
    """A room of this test's own."""
    slug: str = site.ask_clerk("room")["slug"]
    return slug


async def test_without_a_session_nobody_is_let_in(site: Site, transport: Transport) -> None:
    outsider = Reader(site, None, transport)
    outsider.client.on("connect_error", outsider._refused, namespace=NAMESPACE)

    with pytest.raises(socketio.exceptions.ConnectionError):
        await outsider.client.connect(site.url, transports=[transport], namespaces=[NAMESPACE])

    assert [refused["data"]["code"] for refused in outsider.refusals] == ["sign_in"]
    await outsider.close()


async def test_what_is_no_room_of_the_chat_cannot_be_entered_nor_written_to(
    site: Site, chat: Chat, cast: Cast
) -> None:
    stranger = await chat(cast.stranger)
    post_id = site.post(author=cast.author)
    draft = site.ask_clerk("room", published_at=None)["slug"]

    for wanted in (str(post_id), draft, "nowhere"):
        assert (await stranger.chat("join_room", wanted))["code"] == "not_found"
        answer = await stranger.chat("chat_message", {"room": wanted, "content": "Hello?"})
        assert answer["code"] == "not_found"
    assert site.stored(post_id) == []


async def test_comments_under_posts_are_none_of_the_chats(site: Site, chat: Chat, cast: Cast) -> None:
    owner = await chat(cast.owner)
    comment = await owner.write(site.post(author=cast.author), "A comment")

    for event, payload in (
        ("edit_message", {"messageId": comment["_id"], "content": "Changed"}),
        ("delete_message", comment["_id"]),
        ("report_message", {"messageId": comment["_id"], "reason": "spam"}),
    ):
        assert (await owner.chat(event, payload))["code"] == "not_found"


async def test_somebody_elses_message_can_neither_be_changed_nor_taken_away(
    chat: Chat, cast: Cast, room: str
) -> None:
    owner, stranger = await chat(cast.owner, room), await chat(cast.stranger, room)
    message = await owner.say("Mine", room=room)

    changed = await stranger.chat("edit_message", {"messageId": message["_id"], "content": "Yours"})
    removed = await stranger.chat("delete_message", message["_id"])

    assert (changed["code"], removed["code"]) == ("forbidden", "forbidden")


async def test_a_message_reaches_the_room_the_sender_included(chat: Chat, cast: Cast, room: str) -> None:
    owner, stranger = await chat(cast.owner, room), await chat(cast.stranger, room)
    elsewhere = await chat(cast.moderator, "lobby")

    sent = await owner.say("  Hello *there*  ", room=room, clientId=uuid4().hex)

    for chatter in (owner, stranger):
        [heard] = await chatter.next("chat_message")
        assert (heard["_id"], heard["content"], heard["room"]) == (sent["_id"], "Hello *there*", room)
        assert heard["html"] == "<p>Hello <em>there</em></p>\n"
        assert heard["author"]["name"] == "Omar Owner"
        assert "clientId" not in heard
    await elsewhere.settle_chat()
    assert elsewhere.all("chat_message") == []


async def test_it_can_be_changed_taken_back_and_reported_in_the_same_words(
    chat: Chat, cast: Cast, room: str
) -> None:
    owner, stranger = await chat(cast.owner, room), await chat(cast.stranger, room)
    message = await owner.say("First", room=room)

    await owner.chat("edit_message", {"messageId": message["_id"], "content": "Second"})
    [updated] = await stranger.next("message_updated")
    reported = await stranger.chat("report_message", {"messageId": message["_id"], "reason": "spam"})
    await owner.chat("delete_message", message["_id"])
    [removed] = await stranger.next("message_removed")

    assert updated["content"] == "Second"
    assert reported["ok"]
    assert removed == {
        "_id": message["_id"], "postId": message["postId"], "version": removed["version"], "by": "author",
    }  # fmt: skip


async def test_a_message_sent_twice_is_one(chat: Chat, cast: Cast, room: str) -> None:
    owner = await chat(cast.owner, room)
    name = uuid4().hex

    first = await owner.say("Once", room=room, clientId=name)
    again = await owner.say("Once", room=room, clientId=name)

    assert first["_id"] == again["_id"]
    await owner.settle_chat()
    assert len(owner.all("chat_message")) == 1


@pytest.mark.parametrize(
    ("content", "code"), [("", "invalid"), (" \n\t ", "invalid"), ("x" * 201, "too_long"), (7, "invalid")]
)
async def test_a_message_says_something_and_fits(
    chat: Chat, cast: Cast, room: str, content: Any, code: str
) -> None:
    owner = await chat(cast.owner, room)

    answer = await owner.chat("chat_message", {"room": room, "content": content})

    assert answer["code"] == code


async def test_who_comes_later_gets_what_was_said_and_pages_of_what_was_before(
    chat: Chat, cast: Cast, room: str
) -> None:
    owner = await chat(cast.owner, room)
    said = [(await owner.say(f"Message {number}", room=room))["_id"] for number in range(12)]

    stranger = await chat(cast.stranger)
    joined = await stranger.enter(room)
    messages, meta = await stranger.next("load_messages")
    earlier = await stranger.chat("load_more", {"room": room, "before": said[2]})
    await owner.say("Message 12", room=room)
    later = await stranger.chat("load_more", {"room": room, "after": said[-1]})

    assert [message["_id"] for message in messages] == said[2:]
    assert meta["hasMore"]
    assert meta["version"] == joined["version"] == 12
    assert [message["_id"] for message in earlier["messages"]] == said[:2]
    assert [message["content"] for message in later["messages"]] == ["Message 12"]


async def test_after_a_lost_connection_comes_what_was_missed(chat: Chat, cast: Cast, room: str) -> None:
    owner, stranger = await chat(cast.owner, room), await chat(cast.stranger)
    await owner.say("Before", room=room)
    version = (await stranger.enter(room))["version"]
    await stranger.next("load_messages")
    await stranger.chat("leave_room", room)
    await owner.say("Meanwhile", room=room)

    await stranger.enter(room, since=version)

    messages, meta = await stranger.next("load_messages")
    assert (meta["kind"], [message["content"] for message in messages]) == ("changes", ["Meanwhile"])


async def test_a_small_room_hears_who_comes_and_goes(chat: Chat, cast: Cast, room: str) -> None:
    owner = await chat(cast.owner, room)
    stranger = await chat(cast.stranger, room)

    [joined] = await owner.next("user_joined")
    await stranger.chat("leave_room", room)
    [left] = await owner.next("user_left")

    assert (joined["name"], joined["count"], joined["room"]) == ("Sue Stranger", 2, room)
    assert (left["userId"], left["count"]) == (joined["userId"], 1)
    # Nobody is told of themselves.
    assert stranger.all("user_joined") == owner.all("user_joined")[1:] == []


async def test_an_onlooker_hears_who_comes_and_goes_and_nothing_else(
    chat: Chat, cast: Cast, site: Site, room: str
) -> None:
    page = await chat(cast.stranger)
    draft = site.ask_clerk("room", published_at=None)["slug"]
    for nowhere in (draft, "nowhere"):
        answer = await page.chat("join_room", {"room": nowhere, "only": "presence"})
        assert answer["code"] == "not_found"
    assert (await page.chat("join_room", {"room": room, "only": "messages"}))["code"] == "invalid"

    entered = await page.enter(room, only="presence")
    owner = await chat(cast.owner, room)
    [joined] = await page.next("user_joined")
    await owner.say("Once", room=room)
    await owner.chat("leave_room", room)
    [left] = await page.next("user_left")

    assert (entered["count"], entered["kind"], joined["count"], left["count"]) == (0, "presence", 1, 0)
    assert page.names() & {"load_messages", "chat_message", "room_count", "chat message", "message"} == set()

    # And as a room's page has it: in the room under its post, counted once.
    await page.join(int(entered["postId"]))
    await owner.enter(room)
    [heard] = await page.next("user_joined")
    assert heard["count"] == 2
    await page.chat("leave_room", room)
    await owner.chat("leave_room", room)
    await asyncio.sleep(4)
    assert len(page.all("user_left")) == 1


async def test_an_onlooker_is_told_of_the_room_they_asked_for(chat: Chat, cast: Cast, site: Site) -> None:
    """Also where another one's address is its id."""
    tea = site.ask_clerk("room")
    site.ask_clerk("room", slug=str(tea["id"]))
    page = await chat(cast.stranger)

    entered = await page.enter(tea["slug"], only="presence")

    assert (entered["postId"], entered["room"]) == (str(tea["id"]), tea["slug"])


async def test_who_is_not_to_be_named_is_only_counted(site: Site, chat: Chat, cast: Cast, room: str) -> None:
    owner = await chat(cast.owner, room)
    hidden = site.person(f"hidden-{uuid4().hex}", name="Hidden Hana", is_shown=False)

    await chat(hidden, room)

    [count] = await owner.next("room_count", lambda told: told["count"] == 2)
    assert count["names"] == ["Omar Owner"]
    assert owner.all("user_joined") == []
    assert "Hidden Hana" not in str(owner.heard)


async def test_who_types_is_told_to_the_others_in_both_namespaces(chat: Chat, cast: Cast, room: str) -> None:
    owner, stranger = await chat(cast.owner, room), await chat(cast.stranger, room)
    reader = await chat(cast.moderator)
    joined = await stranger.enter(room)
    await reader.join(int(joined["postId"]))

    await owner.chat("typing", {"room": room, "on": True})

    for other in (stranger, reader):
        [typing] = await other.next("user_typing")
        assert (typing["count"], typing["names"]) == (1, ["Omar Owner"])
    await owner.settle_chat()
    assert owner.all("user_typing") == []


async def test_a_room_is_one_whether_it_is_entered_as_a_room_or_as_a_post(
    chat: Chat, cast: Cast, room: str
) -> None:
    chatter, reader = await chat(cast.owner), await chat(cast.stranger)
    joined = await chatter.enter(room)
    await reader.join(int(joined["postId"]))

    written = await reader.write(int(joined["postId"]), " As a comment ")
    [heard] = await chatter.next("chat_message")
    said = await chatter.say("As a message", room=room)
    [added] = await reader.next("comment_added", lambda comment: comment["_id"] == said["_id"])

    assert (heard["_id"], heard["content"]) == (written["_id"], "As a comment")
    assert added["content"] == "As a message"


async def test_a_moderators_decision_is_heard_and_a_closed_room_takes_nothing(
    site: Site, chat: Chat, cast: Cast, room: str
) -> None:
    owner, moderator = await chat(cast.owner), await chat(cast.moderator)
    joined = await owner.enter(room)
    message = await owner.say("Buy watches", room=room)

    await moderator.ask("hide_comment", {"commentId": message["_id"], "reason": "spam"})
    [removed] = await owner.next("message_removed")
    site.verb("set_room", int(joined["postId"]), by=cast.moderator, room_state="closed")

    assert (removed["_id"], removed["by"]) == (message["_id"], "moderator")
    assert (await owner.chat("chat_message", {"room": room, "content": "Hello?"}))["code"] == "closed"


async def test_who_is_suspended_can_write_to_nobody(site: Site, chat: Chat, cast: Cast, room: str) -> None:
    person = site.person(f"loud-{uuid4().hex[:8]}")
    loud = await chat(person, room)
    site.verb("impose", person.id, "suspension", by=cast.moderator, reason="spam", seconds=600)

    in_room = await loud.chat("chat_message", {"room": room, "content": "Still here"})
    private = await loud.chat("private_message", {"to": cast.owner.username, "content": "Still here"})

    assert (in_room["code"], private["code"]) == ("suspended", "suspended")


# --- From one person to another ---------------------------------------------------------------------


async def test_a_private_message_reaches_all_tabs_of_both_and_nobody_else(
    site: Site, chat: Chat, cast: Cast
) -> None:
    owner, owners_other = await chat(cast.owner), await chat(site.session(cast.owner))
    stranger, strangers_other = await chat(cast.stranger), await chat(site.session(cast.stranger))
    moderator = await chat(cast.moderator, "lobby")

    sent = await owner.write_to(cast.stranger, " Between *us* ", clientId=uuid4().hex)

    for tab in (owner, owners_other, stranger, strangers_other):
        [heard] = await tab.next("private_message")
        assert (heard["_id"], heard["content"]) == (sent["_id"], "Between *us*")
        assert (heard["from"]["name"], heard["to"]["name"]) == ("Omar Owner", "Sue Stranger")
        assert ("clientId" in heard) == (tab in (owner, owners_other))
    await moderator.settle_chat()
    assert moderator.all("private_message") == []
    read = await moderator.chat("get_conversation", {"with": cast.owner.username})
    assert read["messages"] == []


async def test_how_much_is_unread_can_be_asked(site: Site, chat: Chat, cast: Cast) -> None:
    reader = await chat(site.person(f"reader-{uuid4().hex[:8]}"))
    owner = await chat(cast.owner)
    assert await reader.chat("get_unread") == {"ok": True, "unread": 0}
    assert reader.person is not None
    await owner.write_to(reader.person, "One")
    await owner.write_to(reader.person, "Two")

    assert await reader.chat("get_unread", {}) == {"ok": True, "unread": 2}
    await reader.chat("mark_conversation_read", cast.owner.id)
    assert (await reader.chat("get_unread"))["unread"] == 0


async def test_nobody_writes_to_themselves_to_nobody_or_nothing(chat: Chat, cast: Cast) -> None:
    owner = await chat(cast.owner)

    for payload, code in (
        ({"to": cast.owner.username, "content": "Hello me"}, "forbidden"),
        ({"to": "nobody-of-this-name", "content": "Hello"}, "not_found"),
        ({"to": cast.stranger.username, "content": "   "}, "invalid"),
        ({"content": "To whom?"}, "invalid"),
    ):
        assert (await owner.chat("private_message", payload))["code"] == code


async def test_who_is_blocked_or_muted_cannot_tell(site: Site, chat: Chat, cast: Cast) -> None:
    recipient = site.person(f"quiet-{uuid4().hex[:8]}", name="Quinn Quiet")
    quiet = await chat(recipient)
    owner, other_tab = await chat(cast.owner), await chat(site.session(cast.owner))
    before = await owner.write_to(recipient, "Before")
    await quiet.next("private_message")

    await quiet.chat("block_person", str(cast.owner.id))
    [blocked] = await quiet.next("person_blocked")
    while_blocked = await owner.write_to(recipient, "While blocked")
    await quiet.chat("block_person", {"userId": cast.owner.id, "on": False})
    await quiet.ask("mute_person", str(cast.owner.id))
    while_muted = await owner.write_to(recipient, "While muted")
    await quiet.settle_chat()

    assert blocked == {"userId": str(cast.owner.id), "on": True}
    assert before.keys() == while_blocked.keys() == while_muted.keys()
    await other_tab.settle_chat()
    assert [heard["content"] for heard in other_tab.all("private_message")] == [
        "Before", "While blocked", "While muted",
    ]  # fmt: skip
    assert {*owner.names()} == {*other_tab.names()} - {"chat_error"}
    assert [heard["content"] for heard in quiet.all("private_message")] == ["Before"]
    mine = await owner.chat("get_conversation", {"with": recipient.username})
    theirs = await quiet.chat("get_conversation", {"with": cast.owner.username})
    assert [message["content"] for message in mine["messages"]] == ["Before", "While blocked", "While muted"]
    assert [message["content"] for message in theirs["messages"]] == ["Before"]
    await quiet.chat("mark_conversation_read", cast.owner.id)
    await owner.settle_chat()
    assert "conversation_read" not in owner.names()
    inbox = site.ask_clerk("inbox_of", user_id=recipient.id)
    assert len(inbox) == 1


async def test_a_private_message_can_be_taken_back_by_its_sender_alone(
    site: Site, chat: Chat, cast: Cast
) -> None:
    owner, stranger = await chat(cast.owner), await chat(cast.stranger)
    message = await owner.write_to(cast.stranger, "Too early")

    assert (await stranger.chat("delete_private_message", message["_id"]))["code"] == "not_found"
    assert (await owner.chat("report_private_message", {"messageId": message["_id"], "reason": "spam"}))[
        "code"
    ] == "not_found"
    assert (await owner.chat("delete_private_message", message["_id"]))["ok"]

    [removed] = await stranger.next("private_message_removed")
    assert removed["_id"] == message["_id"]
    for reader, other in ((owner, cast.stranger), (stranger, cast.owner)):
        left = await reader.chat("get_conversation", {"with": other.username})
        assert left["ok"]
        assert "Too early" not in str(left)


# --- As textbooks have it -----------------------------------------------------------------------------


class Textbook:
    """A client as the first pages of a book have it: it emits and listens, and knows no acks."""

    def __init__(self, site: Site, person: Person, transport: Transport, *events: str) -> None:
        self.reader = Reader(site, person, transport)
        self.client = socketio.AsyncClient(reconnection=False, http_session=self.reader._http)
        self.heard: list[tuple[str, Any]] = []
        self.auth: dict[str, str] = {}
        self._site, self._person, self._transport = site, person, transport
        for event in events:
            self.client.on(event, self._hears(event), namespace=NAMESPACE)

    def _hears(self, event: str) -> Callable[[Any], Awaitable[None]]:
        async def handler(data: Any) -> None:
            self.heard.append((event, data))

        return handler

    async def __aenter__(self) -> "Textbook":
        await self.client.connect(
            self._site.url,
            auth=self.auth,
            headers={"Cookie": f"sessionid={self._person.session}"},
            transports=[self._transport],
            namespaces=[NAMESPACE],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.disconnect()
        await self.reader.close()

    async def emit(self, event: str, data: Any) -> None:
        await self.client.emit(event, data, namespace=NAMESPACE)

    async def next(self, number: int = 1) -> list[tuple[str, Any]]:
        async with patience(WITHIN):
            while len(self.heard) < number:
                await asyncio.sleep(0.01)
        return self.heard


async def test_the_first_page_of_the_textbook_works(site: Site, transport: Transport, cast: Cast) -> None:
    """Everybody who is connected hears what anybody says, as a text."""
    async with (
        Textbook(site, cast.owner, transport, "chat message") as owner,
        Textbook(site, cast.stranger, transport, "chat message") as stranger,
    ):
        await owner.emit("chat message", "{hello")

        assert await owner.next() == await stranger.next() == [("chat message", "{hello")]


async def test_whoever_is_no_textbooks_client_hears_the_lobby_in_no_spelling(
    site: Site, transport: Transport, cast: Cast
) -> None:
    """A page of private messages, say: it has said for whom it is, or asks for what no textbook knows."""
    spellings = ("chat message", "message", "chat_message")
    says = Textbook(site, cast.moderator, transport, *spellings)
    says.auth = {"readerId": str(cast.moderator.id)}
    async with (
        says,
        Textbook(site, cast.owner, transport, *spellings) as asks,
        Textbook(site, cast.owner, transport, *spellings) as listens,
        Textbook(site, cast.stranger, transport, "chat message") as stranger,
    ):
        answer = await asks.client.call(
            "get_conversation", {"with": cast.stranger.username}, namespace=NAMESPACE
        )
        assert answer["ok"]
        await stranger.emit("chat message", "Anybody here?")

        await stranger.next()
        assert sorted(name for name, _ in await listens.next(3)) == sorted(spellings)
        for other in (says, asks):
            await other.client.call("get_rooms", {}, namespace=NAMESPACE)
            assert other.heard == []


async def test_send_and_message_work(site: Site, transport: Transport, cast: Cast) -> None:
    async with (
        Textbook(site, cast.owner, transport, "message") as owner,
        Textbook(site, cast.stranger, transport, "message") as stranger,
    ):
        await owner.client.send("Hello", namespace=NAMESPACE)

        assert await owner.next() == await stranger.next() == [("message", "Hello")]


async def test_rooms_as_the_textbook_spells_them(
    site: Site, transport: Transport, cast: Cast, room: str
) -> None:
    async with (
        Textbook(site, cast.owner, transport, "chat message", "user_joined") as owner,
        Textbook(site, cast.stranger, transport, "chat message") as stranger,
        Textbook(site, cast.moderator, transport, "chat message") as elsewhere,
    ):
        await owner.client.call("join room", room, namespace=NAMESPACE)
        await stranger.emit("join room", {"room": room})
        [(_, joined)] = await owner.next()
        await stranger.emit("chat message", {"room": room, "message": "Hi all"})
        heard = (await stranger.next())[0]
        assert (joined["name"], heard[1]["content"], heard[1]["author"]["username"]) == (
            "Sue Stranger", "Hi all", cast.stranger.username,
        )  # fmt: skip
        assert (await owner.next(2))[1] == ("chat message", "Hi all")
        await stranger.client.call("leave room", room, namespace=NAMESPACE)
        await owner.emit("chat message", "Gone?")
        await owner.next(3)
        await elsewhere.client.call("get_rooms", {}, namespace=NAMESPACE)
        assert len(stranger.heard) == 1
        assert elsewhere.heard == []
