"""Pictures, settings and deleting an account, as others see them on their open pages."""

import re
from io import BytesIO
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.servers import Person, Site

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import inspect
from .tab import Post, Tab

pytestmark = LIVE

PASSWORD = "a long way home"
_numbers = count(1)


def a_picture(colour: str) -> FilePayload:
    out = BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": out.getvalue()}


@pytest.fixture
def lea(site: Site) -> Person:
    """A reader with a password, who may change and delete their account."""
    return site.person(f"lea-p{next(_numbers)}", name="Lea Reader", password=PASSWORD)


@pytest_asyncio.fixture(loop_scope="session")
async def reading(visit: Visit, lea: Person, post: Post) -> Tab:
    """Lea, who has just logged in and reads the post."""
    return await logged_in(await visit(), lea, post)


async def logged_in(tab: Tab, person: Person, post: Post) -> Tab:
    await tab.go(f"/accounts/login/?next={post.path}")
    await tab.log_in(person.username, PASSWORD)
    await tab.is_live()
    return tab


async def upload(tab: Tab, file: FilePayload) -> None:
    await tab.go("/accounts/settings/")
    await tab.page.locator("[type=file]").set_input_files(file)
    await tab.page.get_by_role("button", name="Use this picture").click()
    await expect(tab.page.locator("main .avatar img")).to_be_visible()


async def delete_account(tab: Tab, choice: str) -> None:
    await tab.go("/accounts/delete/")
    await tab.page.get_by_role("radio", name=re.compile(choice)).check()
    await tab.page.get_by_role("button", name="for good").click()
    await expect(tab.page.get_by_role("heading", name="Your account is deleted")).to_be_visible()


async def test_a_new_picture_stands_beside_the_next_comment_on_every_open_page(
    reading: Tab, sue: Tab, post: Post
) -> None:
    await reading.say("Before")
    await expect(sue.comment("Before").locator(".avatar")).to_have_text("LR")
    another = await reading.another()
    await upload(another, a_picture("red"))

    await reading.say("After")

    picture = sue.comment("After").locator(".avatar img")
    await expect(picture).to_have_attribute("src", re.compile(r"^/avatars/[0-9a-f]{20}\.webp$"))
    await picture.scroll_into_view_if_needed()
    assert await picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 192
    await sue.page.reload()
    await expect(sue.page.locator("[data-threads] .avatar img")).to_have_count(2)


async def test_somebody_who_does_not_want_to_be_named_is_counted(reading: Tab, sue: Tab, post: Post) -> None:
    await expect(sue.here).to_have_attribute("title", re.compile("Lea Reader"))
    another = await reading.another()
    await another.go("/accounts/settings/")
    await another.page.get_by_role("checkbox", name="Name me").uncheck()
    await another.page.get_by_role("button", name="Save").click()
    await expect(another.page.get_by_text("Your settings are saved.")).to_be_visible()

    await expect(sue.here).to_have_attribute("title", "\u2068Sue Stranger\u2069, …")
    await expect(sue.here).to_have_text("2 here")


async def test_a_name_from_right_to_left_turns_no_other_around(
    visit: Visit, site: Site, sue: Tab, post: Post
) -> None:
    dov = await visit(site.person("dov", name="\u202edob abc"))
    await dov.read(post)
    names = sue.page.locator("[data-here-names]")
    await expect(names).to_contain_text("dob abc")
    text = await names.text_content() or ""
    assert sorted(text.split(", ")) == ["\u2068Sue Stranger\u2069", "\u2068\u202edob abc\u2069"]


async def test_times_are_those_of_the_zone_that_was_chosen(reading: Tab, post: Post) -> None:
    await reading.say("What time is it?")
    time = reading.comment("What time is it?").locator("time").first
    before = await time.get_attribute("title")
    await reading.go("/accounts/settings/")
    await reading.page.locator("[name=time_zone]").select_option("Pacific/Kiritimati")
    await reading.page.get_by_role("button", name="Save").click()
    await reading.read(post)
    await expect(time).not_to_have_attribute("title", before or "")


async def test_removed_comments_leave_every_open_page_and_the_other_tabs_are_told(
    reading: Tab, visit: Visit, lea: Person, omar: Tab, sue: Tab, post: Post
) -> None:
    for text in ("One", "Two", "Three"):
        await reading.say(text)
    await omar.reply("Two", "An answer")
    elsewhere = await logged_in(await visit(), lea, post)

    await delete_account(await reading.another(), "removed")

    for tab in (omar, sue):
        await tab.shows("An answer")
        await expect(tab.page.locator("[data-removed]")).to_have_count(1)
        await expect(tab.count).to_contain_text("1 comment")
    for tab in (reading, elsewhere):
        await tab.is_in("ended")
    await elsewhere.page.reload()
    await expect(elsewhere.page.locator("[data-visitor]")).to_be_visible()


async def test_anonymised_comments_say_so_in_the_language_of_each_reader(
    reading: Tab, visit: Visit, cast: Cast, omar: Tab, post: Post
) -> None:
    await reading.say("Something to keep")
    await omar.reply("Something to keep", "An answer")
    await delete_account(await reading.another(), "without my name")
    # An open page hears of it, and so does what answers it.
    await expect(omar.comment("Something to keep").locator("[data-name]")).to_have_text("Deleted account")
    korean = await visit(cast.stranger, language="ko")
    await omar.page.reload()
    await korean.read(post)
    for tab, name in ((omar, "Deleted account"), (korean, "탈퇴한 회원")):
        await tab.is_live()
        await expect(tab.comment("Something to keep").locator("[data-name]")).to_have_text(name)
        assert await tab.comment("Something to keep").locator(".comment-name").get_attribute("href") is None
    await omar.act("Something to keep", "Reply")
    await omar.send("Who was this?")
    answer = korean.comment("Who was this?").locator(".comment-name")
    await expect(answer).to_have_text("Omar Owner")
    await expect(answer).to_have_attribute("href", "/people/owner/")


async def test_a_name_leads_to_its_persons_page(reading: Tab, lea: Person, sue: Tab, post: Post) -> None:
    await reading.say("Hello")
    await sue.comment("Hello").get_by_role("link", name="Lea Reader").click()
    await expect(sue.page.get_by_role("heading", name="Lea Reader")).to_be_visible()
    await expect(sue.page.locator(".written")).to_contain_text("Hello")
    await sue.page.locator(".written h3 a").first.click()
    await sue.page.wait_for_url(f"**{post.path}#comment-*")


async def test_everything_works_without_javascript(visit: Visit, lea: Person, post: Post) -> None:
    tab = await visit(java_script_enabled=False)
    await tab.go("/accounts/login/?next=/accounts/settings/")
    await tab.log_in(lea.username, PASSWORD)
    await upload(tab, a_picture("green"))
    await tab.page.get_by_label("Display name").fill("Lea the Reader")
    await tab.page.get_by_label("Language").select_option("ko")
    await tab.page.get_by_role("button", name="Save").click()
    await expect(tab.page.locator("html")).to_have_attribute("lang", "ko")
    await tab.page.get_by_label("언어").select_option("")
    await tab.page.get_by_role("button", name="저장").click()
    await expect(tab.page.locator("html")).to_have_attribute("lang", "en")

    await tab.go("/accounts/data/")
    await tab.page.get_by_role("link", name="Download my data").click()
    async with tab.page.expect_download() as download:
        await tab.page.get_by_role("button", name="Download").click()
    file = await (await download.value).path()
    assert '"name": "Lea the Reader"' in file.read_text()

    await delete_account(tab, "removed")
    await tab.go("/accounts/settings/")
    assert "/accounts/login/" in tab.page.url


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_each_of_the_pages(
    visit: Visit, site: Site, lea: Person, post: Post, omar: Tab, language: str
) -> None:
    tab = await logged_in(await visit(language=language), lea, post)
    await tab.field.fill("Some words")
    await tab.page.locator("[data-send]").click()
    await tab.shows("Some words")
    paths: list[Any] = ["settings", "data", "data/download", "delete", "deleted"]
    for path in [*(f"/accounts/{name}/" for name in paths), f"/people/{lea.username}/", "/people/owner/"]:
        await tab.go(path)
        await inspect(tab)
    await tab.go("/accounts/settings/")
    tab.watch.expect("422")
    await tab.page.locator("[type=file]").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    await tab.page.locator("button[value=picture]").click()
    await expect(tab.page.locator(".errorlist")).to_be_visible()
    await inspect(tab)
