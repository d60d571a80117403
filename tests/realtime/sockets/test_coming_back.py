"""Reconnecting: enter the room again, name the version one has, and miss nothing."""

from tests.servers import Site

from .conftest import Cast, Connect
from .raw import RawPolling, RawWebSocket, headers_of, say_connect
from .reader import Transport, ids


async def test_whoever_comes_back_gets_exactly_what_was_missed(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    writer = await connect(cast.owner, join=post_id)
    reader = await connect(cast.stranger, join=post_id)
    seen = await writer.write(post_id, "seen")
    await reader.next("comment_added")
    await reader.close()

    missed = await writer.write(post_id, "missed")
    await writer.ask("edit_comment", {"commentId": seen["_id"], "content": "seen, and edited"})
    again = await connect(cast.stranger)
    changes, meta = await again.join(post_id, since=seen["version"])
    live = await writer.write(post_id, "live")
    await again.settle()

    assert meta["kind"] == "changes"
    assert ids(changes) == [missed["_id"], seen["_id"]]
    assert ids(again.all("comment_added")) == [live["_id"]]
    assert live["version"] == meta["version"] + 1


async def test_a_connection_that_is_cut_does_not_stop_the_others(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    writer = await connect(cast.owner, join=post_id)
    observer = await connect(cast.author, join=post_id)
    lost = RawWebSocket(site, headers_of(cast.stranger))
    await lost.open()
    await say_connect(lost)
    await lost.send(f'42["join_post",{post_id}]')
    await lost.receive()

    await lost.hang_up()
    comment = await writer.write(post_id, "Still here")
    await observer.settle()

    assert ids(observer.all("comment_added")) == [comment["_id"]]


async def test_a_comment_whose_answer_was_lost_is_there_once(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    lost = RawWebSocket(site, headers_of(cast.owner))
    await lost.open()
    await say_connect(lost)
    await lost.send(
        f'421["new_comment",{{"postId":{post_id},"content":"Hello","clientId":"lost-{post_id}"}}]'
    )
    await lost.hang_up()
    again = await connect(cast.owner)

    comment = await again.write(post_id, "Hello", clientId=f"lost-{post_id}")

    assert [str(row["id"]) for row in site.stored(post_id)] == [comment["_id"]]


# --- From polling to a websocket -------------------------------------------------------------------


async def test_a_polling_connection_can_move_to_a_websocket(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    observer = await connect(cast.stranger, join=post_id)
    polling, ws = await half_moved(site, cast)
    await ws.send("5")

    await ws.send(f'42["new_comment",{{"postId":{post_id},"content":"Moved"}}]')
    frames = [await ws.receive()]
    if frames == ["6"]:  # nobody was polling, so the call to stop came here
        frames = [await ws.receive()]
    await ws.hang_up()

    assert str(frames[0]).startswith('42["comment_confirmed"')
    [comment] = await observer.next("comment_added")
    assert comment["content"] == "Moved"
    await polling.close()


async def test_a_move_that_fails_leaves_the_polling_connection_as_it_was(
    site: Site, cast: Cast, transport: Transport
) -> None:
    for instead in (None, "garbage", "2", "42[]"):
        polling, ws = await half_moved(site, cast)
        if instead is not None:
            await ws.send(instead)
        await ws.hang_up()

        await polling.send('427["load_more",{"postId":1,"before":1}]')
        frame = await polling.receive()
        while frame == "6":
            frame = await polling.receive()

        assert str(frame).startswith("437[")
        await polling.hang_up()


async def test_a_probe_of_another_kind_moves_nothing(site: Site, cast: Cast) -> None:
    polling = await connected_polling(site, cast)
    ws = RawWebSocket(site, {})
    await ws.open_for(polling.sid)

    await ws.send("42[]")
    await ws.hang_up()

    await polling.send('427["load_more",{"postId":1,"before":1}]')
    assert str(await polling.receive()).startswith("437[")
    await polling.hang_up()


async def connected_polling(site: Site, cast: Cast) -> RawPolling:
    polling = RawPolling(site, headers_of(cast.owner))
    await polling.open()
    await say_connect(polling)
    return polling


async def half_moved(site: Site, cast: Cast) -> tuple[RawPolling, RawWebSocket]:
    """A polling connection whose websocket has been probed."""
    polling = await connected_polling(site, cast)
    ws = RawWebSocket(site, {})
    await ws.open_for(polling.sid)
    await ws.send("2probe")
    assert await ws.receive() == "3probe"
    return polling, ws
