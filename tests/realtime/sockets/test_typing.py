"""Who types, told to the others of the room."""

import asyncio

from tests.servers import Site

from .conftest import Cast, Connect
from .reader import Reader


async def typing(reader: Reader, count: int) -> list[str]:
    [said] = await reader.next("user_typing", lambda said: said["count"] == count, within=12)
    names: list[str] = said["names"]
    return names


async def test_whoever_is_not_in_the_room_types_to_nobody(connect: Connect, cast: Cast, post_id: int) -> None:
    owner = await connect(cast.owner, join=post_id)
    stranger = await connect(cast.stranger)

    answer = await stranger.ask("typing", {"postId": post_id, "on": True})
    await asyncio.sleep(0.5)
    await owner.settle()

    assert answer == {"ok": True}
    assert "user_typing" not in owner.names()


async def test_the_others_hear_of_it_and_not_whoever_types(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    owner = await connect(cast.owner, join=post_id)
    stranger = await connect(cast.stranger, join=post_id)

    await stranger.tell("typing", {"postId": str(post_id), "on": True})
    assert await typing(owner, 1) == ["Sue Stranger"]
    await stranger.settle()
    assert "user_typing" not in stranger.names()
    await stranger.tell("typing", {"postId": str(post_id), "on": False})
    assert await typing(owner, 0) == []


async def test_two_hear_of_each_other(connect: Connect, cast: Cast, post_id: int) -> None:
    owner = await connect(cast.owner, join=post_id)
    stranger = await connect(cast.stranger, join=post_id)
    author = await connect(cast.author, join=post_id)

    for reader in (owner, stranger):
        await reader.tell("typing", {"postId": post_id, "on": True})

    assert sorted(await typing(author, 2)) == ["Omar Owner", "Sue Stranger"]
    assert await typing(owner, 1) == ["Sue Stranger"]
    assert await typing(stranger, 1) == ["Omar Owner"]


async def test_it_ends_by_itself_and_with_the_connection(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    owner = await connect(cast.owner, join=post_id)
    stranger = await connect(cast.stranger, join=post_id)
    author = await connect(cast.author, join=post_id)

    for reader in (stranger, author):
        await reader.tell("typing", {"postId": post_id, "on": True})
    await typing(owner, 2)
    await author.close()
    await typing(owner, 1)
    await typing(owner, 0)


async def test_what_is_not_understood_is_refused(connect: Connect, cast: Cast, post_id: int) -> None:
    reader = await connect(cast.owner, join=post_id)

    for payload in ({"postId": post_id}, {"postId": post_id, "on": "yes"}, {"on": True}, None):
        assert (await reader.ask("typing", payload))["code"] == "invalid"
