"""A socket is worth no more than its session; what a moderator decides is seen at once."""

import time
from uuid import uuid4

import pytest

from tests.servers import Site

from .browser import Browser
from .conftest import Cast, Connect, report_with, wait_for_report
from .reader import Transport, ids, refusal


async def test_logging_out_closes_every_socket_of_the_session_and_no_other(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    browser_session, other_session = site.session(cast.owner), site.session(cast.owner)
    first = await connect(browser_session, join=post_id)
    second = await connect(browser_session)
    elsewhere = await connect(other_session, join=post_id)
    stranger = await connect(cast.stranger, join=post_id)

    async with Browser(site, browser_session) as browser:
        await browser.submit("/accounts/logout/")

    for reader in (first, second):
        [ended] = await reader.next("session_ended", within=2)
        assert ended == {"reason": "logged_out"}
        await reader.wait_until_closed(within=2)
    await stranger.write(post_id, "Who is still here?")
    await elsewhere.settle()
    assert len(elsewhere.all("comment_added")) == 1
    assert first.all("comment_added") == []
    assert elsewhere.all("session_ended") == stranger.all("session_ended") == []


async def test_after_logging_out_the_old_cookie_opens_nothing(
    site: Site, cast: Cast, transport: Transport
) -> None:
    person = site.session(cast.owner)
    async with Browser(site, person) as browser:
        await browser.submit("/accounts/logout/")

    refused = await refusal(site, person, transport)

    assert refused["data"]["code"] == "sign_in"


async def test_a_socket_that_is_told_to_go_leaves_nothing_behind(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    await connect(cast.stranger)
    person = site.session(cast.owner)
    before = await report_with(site, sockets=1)
    reader = await connect(person, join=post_id)

    async with Browser(site, person) as browser:
        await browser.submit("/accounts/logout/")
    await reader.wait_until_closed()

    await wait_for_report(site, before)


async def test_hiding_a_comment_in_the_admin_takes_it_from_open_pages(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    owner = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)
    comment = await owner.write(post_id, "An insult")

    async with Browser(site, cast.moderator) as browser:
        await browser.submit("/admin/comments/comment/", action="spam", _selected_action=comment["_id"])

    [removed] = await observer.next("comment_removed", within=2)
    assert removed == {"_id": comment["_id"], "postId": str(post_id), "version": 2, "by": "moderator"}
    assert (await owner.next("comment_removed"))[0] == removed
    late = await connect(cast.stranger)
    assert (await late.join(post_id))[0] == []
    changes, _ = await late.join(post_id, since=1)
    assert "insult" not in str(changes)
    assert ids(changes) == [comment["_id"]]


async def test_restoring_a_comment_in_the_admin_brings_it_back_to_open_pages(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    owner = await connect(cast.owner, join=post_id)
    comment = await owner.write(post_id, "No insult")
    await owner.next("comment_added")

    async with Browser(site, cast.moderator) as browser:
        for action in ("spam", "restore"):
            await browser.submit("/admin/comments/comment/", action=action, _selected_action=comment["_id"])

    [back] = await owner.next("comment_added", within=2)
    assert back["_id"] == comment["_id"]
    assert back["version"] == 3
    assert back["content"] == "No insult"


async def test_a_comment_posted_as_a_form_reaches_open_pages(
    site: Site, connect: Connect, cast: Cast, transport: Transport
) -> None:
    slug = f"with-a-form-{transport}"
    post_id = site.post(author=cast.author, slug=slug)
    observer = await connect(cast.stranger, join=post_id)

    async with Browser(site, cast.owner) as browser:
        token = await browser.token(f"/posts/{slug}/")
        await browser.post(f"/posts/{slug}/comments/", token, content="By form")

    [comment] = await observer.next("comment_added", within=2)
    assert comment["content"] == "By form"
    assert comment["userId"] == str(cast.owner.id)


async def test_someone_switched_off_meanwhile_can_write_no_more(
    site: Site, connect: Connect, post_id: int
) -> None:
    person = site.person(f"banned-under-{post_id}")
    reader = await connect(person, join=post_id)
    await reader.write(post_id, "While I could")

    site.ask_clerk("change_person", user_id=person.id, is_active=False)
    answer = await reader.ask("new_comment", {"postId": post_id, "content": "Still here?"})

    assert answer["code"] in {"sign_in", "banned"}
    assert len(site.stored(post_id)) == 1


@pytest.mark.parametrize("fate", ["anonymise", "remove"])
async def test_whoever_deletes_their_account_is_gone_from_every_socket(
    site: Site, connect: Connect, cast: Cast, post_id: int, fate: str
) -> None:
    leaving = site.person(f"leaving-{uuid4().hex}", name="Lee Leaving")
    lately = [{"method": "password", "at": time.time()}]
    here = site.session(
        leaving,
        account_authentication_methods=lately,
        account_authentication_methods_user=str(leaving.id),
    )
    first, second = await connect(here, join=post_id), await connect(leaving, join=post_id)
    stranger = await connect(cast.stranger, join=post_id)
    comments = [await first.write(post_id, f"Comment {number} of {fate}") for number in range(3)]
    await stranger.settle()

    async with Browser(site, here) as browser:
        await browser.submit("/accounts/delete/", fate=fate)

    for reader in (first, second):
        [ended] = await reader.next("session_ended", within=2)
        assert ended == {"reason": "deleted"}
        await reader.wait_until_closed(within=2)
    for person in (here, leaving):
        assert (await refusal(site, person, "websocket"))["data"]["code"] == "sign_in"
    [heard] = await stranger.next("post_version", lambda told: told["version"] == 6)
    assert heard["postId"] == str(post_id)
    found, _ = await stranger.join(post_id, since=3)
    assert sorted(ids(found)) == ids(comments)
    if fate == "anonymise":
        assert all(each["author"]["isDeleted"] and each["status"] == "published" for each in found)
        written = sorted(each["content"] for each in found)
        assert written == [f"Comment {number} of {fate}" for number in range(3)]
    else:
        assert all(each["status"] == "removed" and "content" not in each for each in found)
    again, _ = await stranger.join(post_id)
    assert [each["author"]["name"] for each in again] == ["Deleted account"] * (3 * (fate == "anonymise"))
    assert "Lee Leaving" not in str(again)
