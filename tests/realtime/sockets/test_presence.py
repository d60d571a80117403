"""Who is reading: counted by person, told to the room."""

from uuid import uuid4

from tests.servers import Site

from .browser import Browser
from .conftest import Cast, Connect


async def test_whoever_enters_and_leaves_is_counted(connect: Connect, cast: Cast, post_id: int) -> None:
    owner = await connect(cast.owner, join=post_id)
    [alone] = await owner.next("presence")
    stranger = await connect(cast.stranger, join=post_id)

    [both] = await owner.next("presence", lambda presence: presence["count"] == 2)
    await stranger.ask("leave_post", post_id)
    [left] = await owner.next("presence", lambda presence: presence["count"] == 1)

    assert alone == {"postId": str(post_id), "count": 1, "names": ["Omar Owner"]}
    assert both == {"postId": str(post_id), "count": 2, "names": ["Omar Owner", "Sue Stranger"]}
    assert left == alone


async def test_whoever_disconnects_is_not_counted_any_more(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    owner = await connect(cast.owner, join=post_id)
    stranger = await connect(cast.stranger, join=post_id)
    await owner.next("presence", lambda presence: presence["count"] == 2)

    await stranger.close()

    await owner.next("presence", lambda presence: presence["count"] == 1)


async def test_one_person_in_two_windows_is_one_person(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    await connect(cast.owner, join=post_id)
    second = await connect(site.session(cast.owner), join=post_id)

    [presence] = await second.next("presence")

    assert presence["count"] == 1


async def test_a_crowd_that_comes_at_once_is_told_at_once(connect: Connect, cast: Cast, post_id: int) -> None:
    owner = await connect(cast.owner, join=post_id)
    for person in (cast.author, cast.stranger, cast.moderator):
        await connect(person, join=post_id)

    await owner.next("presence", lambda presence: presence["count"] == 4)

    # One answer to the owner's own entering, and one or two for everybody within a second or so.
    assert len(owner.all("presence")) <= 3


async def test_people_of_other_rooms_do_not_count(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    await connect(cast.stranger, join=site.post(author=cast.author))

    owner = await connect(cast.owner, join=post_id)

    [presence] = await owner.next("presence")
    assert presence["count"] == 1


async def test_who_does_not_want_to_be_named_is_counted(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    hidden = site.person("hidden", name="Hidden Hana", is_shown=False)
    owner = await connect(cast.owner, join=post_id)
    await connect(hidden, join=post_id)

    [presence] = await owner.next("presence", lambda presence: presence["count"] == 2)

    assert presence["names"] == ["Omar Owner"]
    assert "Hidden Hana" not in str(owner.heard)


async def test_a_change_of_mind_shows_while_the_socket_stands(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    person = site.session(site.person(f"changing-{uuid4().hex}", name="Cho Changing"))
    owner = await connect(cast.owner, join=post_id)
    changing = await connect(person, join=post_id)
    await owner.next("presence", lambda presence: "Cho Changing" in presence["names"])

    async with Browser(site, person) as browser:
        await browser.submit("/accounts/settings/", action="save", name="Cho Changing", language="ko")
        [presence] = await owner.next("presence", lambda presence: len(presence["names"]) == 1)
        assert (presence["count"], presence["names"]) == (2, ["Omar Owner"])
        # And what is refused is said in the language that was chosen.
        answer = await changing.ask("delete_comment", 10**9)
        assert answer["message"] == "없거나 사라진 것입니다."

        await browser.submit("/accounts/settings/", action="save", name="Cho Changed", is_shown="on")
        await owner.next("presence", lambda presence: "Cho Changed" in presence["names"])
        assert (await changing.ask("delete_comment", 10**9))["message"].isascii()
