"""Writing: the toolbar, the preview, limits, input methods, and the last own comment by one key."""

import pytest
from playwright.async_api import Locator, expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import NARROWEST, fits, inspect, violations_on
from .tab import Post, Tab

pytestmark = LIVE


def composer(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f"[data-composer] [data-{name}]")


def editor(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f"[data-editor] [data-{name}]")


def edit_field(tab: Tab) -> Locator:
    return tab.page.locator("[data-editor] textarea")


async def height(of: Locator) -> float:
    box = await of.bounding_box()
    assert box is not None
    return box["height"]


# --- The field -----------------------------------------------------------------------------------


async def test_the_field_grows_with_its_text_and_not_for_ever(omar: Tab) -> None:
    await omar.say("First")
    await omar.act("First", "Edit")
    for field in (omar.field, edit_field(omar)):
        await field.fill("One line")
        one = await height(field)
        await field.fill("One\nTwo\nThree\nFour")
        assert await height(field) > one + 40
        await field.fill("\n".join("abcdefghijklmnopqrstuvwxyz" * 4))
        assert await height(field) < 400


async def test_on_a_phone_all_of_it_stays_within_the_window(omar: Tab) -> None:
    await omar.page.set_viewport_size({"width": 320, "height": 330})  # what a keyboard leaves
    await omar.field.fill("\n".join("A long text, line by line" for _ in range(40)))
    dock = omar.page.locator("[data-composer-dock]")
    assert await height(dock) <= 330
    await expect(omar.page.get_by_role("button", name="Send")).to_be_in_viewport()


async def test_a_long_text_is_pasted_whole_and_counted_by_characters(omar: Tab) -> None:
    # 👩‍👩‍👧 is five characters and eight UTF-16 units: the server counts five.
    await omar.field.fill("👩‍👩‍👧" * 100)
    await expect(composer(omar, "composer-hint")).to_have_text("0 characters left")
    await omar.field.fill("👩‍👩‍👧" * 100 + "!")
    await expect(composer(omar, "composer-hint")).to_have_text("1 character too many")
    await expect(omar.page.locator("[data-announcer]")).to_have_text("1 character too many")
    await omar.field.fill("x" * 100_000)
    await omar.field.press("Control+Enter")
    await expect(composer(omar, "composer-error")).to_contain_text("500 characters")
    await expect(omar.field).to_have_value("x" * 100_000)
    await omar.say("👩‍👩‍👧" * 100)


async def test_a_text_from_right_to_left_begins_at_the_right(omar: Tab) -> None:
    await omar.field.fill("שלום לכולם")
    assert await omar.field.evaluate("(field) => getComputedStyle(field).direction") == "rtl"
    await omar.field.fill("Hello everyone")
    assert await omar.field.evaluate("(field) => getComputedStyle(field).direction") == "ltr"


# --- Input methods -------------------------------------------------------------------------------


async def compose(tab: Tab, text: str) -> None:
    """An input method is in the middle of a syllable."""
    devtools = await tab.page.context.new_cdp_session(tab.page)
    await devtools.send(
        "Input.imeSetComposition",
        {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
    )


async def test_send_pressed_within_a_syllable_sends_all_of_it_once(omar: Tab, sue: Tab) -> None:
    await omar.field.focus()
    await compose(omar, "안녕하세")
    await omar.page.get_by_role("button", name="Send").click()
    await omar.shows("안녕하세")
    await sue.shows("안녕하세")
    await expect(omar.field).to_have_value("")


async def test_neither_enter_nor_escape_nor_up_is_ours_within_a_syllable(omar: Tab, sue: Tab) -> None:
    await sue.say("A question")
    await omar.say("Mine")
    await omar.act("A question", "Reply")
    await compose(omar, "안")
    for key in ("Enter", "Control+Enter", "Escape", "ArrowUp"):
        await omar.field.dispatch_event(
            "keydown",
            {"key": key.rpartition("+")[2], "ctrlKey": "Control" in key, "isComposing": True, "keyCode": 229},
        )
    await expect(omar.page.locator("[data-replying]")).to_be_visible()
    await expect(edit_field(omar)).to_have_count(0)
    await omar.shows("A question", "Mine")


async def test_in_an_editor_neither(omar: Tab) -> None:
    await omar.say("안녕")
    await omar.act("안녕", "Edit")
    await edit_field(omar).press("End")
    await compose(omar, "하")
    await omar.page.keyboard.press("Control+Enter")
    await expect(edit_field(omar)).to_have_value("안녕하")
    await omar.page.get_by_role("button", name="Save").click()
    await omar.shows("안녕하")


# --- Toolbar -------------------------------------------------------------------------------------


async def test_buttons_and_keys_mark_what_is_selected_and_undo_takes_it_back(omar: Tab) -> None:
    await omar.field.fill("one two")
    await omar.field.evaluate("(field) => field.setSelectionRange(4, 7)")
    await omar.page.get_by_role("button", name="Bold").click()
    await expect(omar.field).to_have_value("one **two**")
    await expect(omar.field).to_be_focused()
    await omar.page.keyboard.press("Control+i")
    await expect(omar.field).to_have_value("one ***two***")
    await omar.page.keyboard.press("Control+b")
    await expect(omar.field).to_have_value("one *two*")
    for _ in range(3):
        await omar.page.keyboard.press("Control+z")
    await expect(omar.field).to_have_value("one two")


async def test_the_keys_work_where_the_keyboard_writes_korean(omar: Tab) -> None:
    await omar.field.fill("굵게")
    await omar.field.select_text()
    await omar.field.dispatch_event(
        "keydown", {"key": "ㅠ", "code": "KeyB", "ctrlKey": True, "bubbles": True}
    )
    await expect(omar.field).to_have_value("**굵게**")


async def test_the_toolbar_is_one_stop_and_arrows_go_along_it(omar: Tab) -> None:
    keyboard = omar.page.keyboard
    await omar.field.fill("word")
    await omar.field.select_text()
    await omar.field.press("Tab")
    await expect(composer(omar, "formatting")).to_be_focused()
    await keyboard.press("Tab")
    await expect(omar.page.get_by_role("button", name="Bold")).to_be_focused()
    await keyboard.press("ArrowLeft")
    await expect(omar.page.get_by_role("button", name="List")).to_be_focused()
    await keyboard.press("Home")
    await keyboard.press("ArrowRight")
    await expect(omar.page.get_by_role("button", name="Italic")).to_be_focused()
    await keyboard.press("Tab")
    await expect(composer(omar, "preview")).to_be_focused()
    await keyboard.press("Shift+Tab")
    await expect(omar.page.get_by_role("button", name="Italic")).to_be_focused()
    await keyboard.press("Enter")
    await expect(omar.field).to_have_value("*word*")
    await expect(omar.field).to_be_focused()


async def test_whoever_does_not_want_it_never_sees_it_again(omar: Tab) -> None:
    await omar.say("First")
    await expect(composer(omar, "toolbar")).to_be_visible()
    await composer(omar, "formatting").click()
    await expect(composer(omar, "toolbar")).to_be_hidden()
    await omar.act("First", "Edit")
    await expect(editor(omar, "toolbar")).to_be_hidden()
    await omar.page.reload()
    await omar.is_live()
    await omar.field.click()
    await expect(composer(omar, "formatting")).to_have_attribute("aria-expanded", "false")
    await expect(composer(omar, "toolbar")).to_be_hidden()


async def test_a_finger_finds_each_button(visit: Visit, cast: Cast, post: Post) -> None:
    tab = await visit(cast.owner, viewport=NARROWEST, has_touch=True, is_mobile=True)
    await tab.read(post)
    await tab.field.tap()
    await expect(composer(tab, "toolbar")).to_be_hidden()  # each line counts there
    await composer(tab, "formatting").tap()
    for button in await tab.page.locator("[data-composer] button:visible").all():
        box = await button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, await button.evaluate("(each) => each.outerHTML")
    await fits(tab)


@pytest.mark.parametrize("width", [320, 360])
async def test_on_a_phone_an_editors_buttons_stand_in_one_row(
    visit: Visit, site: Site, cast: Cast, post: Post, width: int
) -> None:
    asked = site.ask_clerk("write", post_id=post.id, user_id=cast.stranger.id, content="Any questions?")
    site.ask_clerk("write", post_id=post.id, user_id=cast.owner.id, content="What I wrote", parent_id=asked)
    tab = await visit(cast.owner, viewport={"width": width, "height": 700}, has_touch=True, is_mobile=True)
    await tab.read(post)
    await tab.act("What I wrote", "Edit")
    tops = set()
    for name in ("Formatting", "Cancel", "Preview", "Save"):
        button = tab.page.locator("[data-editor]").get_by_role("button", name=name, exact=True)
        box = await button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
        tops.add(round(box["y"]))
    assert len(tops) == 1


# --- Preview -------------------------------------------------------------------------------------


async def test_a_preview_shows_what_others_would_see(omar: Tab, sue: Tab) -> None:
    await omar.field.fill("Good **morning** <script>alert(1)</script>\n\n> a quote")
    await composer(omar, "preview").click()
    pane = omar.page.locator("[data-composer] [data-preview-pane]")
    await expect(pane.locator("strong")).to_have_text("morning")
    await expect(pane.locator("blockquote")).to_have_text("a quote")
    await expect(pane).to_be_focused()
    await expect(omar.field).to_be_hidden()
    await omar.page.keyboard.press("Escape")
    await expect(omar.field).to_be_focused()
    await expect(pane).to_be_hidden()
    await sue.shows()


async def test_from_a_preview_one_sends_as_ever(omar: Tab, sue: Tab) -> None:
    await omar.field.fill("Good **morning**")
    await composer(omar, "preview").click()
    await expect(omar.field).to_be_hidden()
    await omar.page.keyboard.press("Control+Enter")
    await sue.shows("Good morning")
    await expect(omar.field).to_have_value("")
    await expect(omar.field).to_be_focused()


async def test_an_edit_has_a_preview_and_escape_leaves_that_first(omar: Tab) -> None:
    await omar.say("Good mroning")
    await omar.act("Good mroning", "Edit")
    await edit_field(omar).fill("Good **morning**")
    await editor(omar, "preview").click()
    await expect(editor(omar, "preview-pane").locator("strong")).to_have_text("morning")
    await omar.page.keyboard.press("Escape")
    await expect(edit_field(omar)).to_be_focused()
    await editor(omar, "preview").click()
    await expect(edit_field(omar)).to_be_hidden()
    await omar.page.get_by_role("button", name="Save").click()
    await omar.shows("Good morning")


async def test_without_a_connection_a_preview_says_so_and_the_text_stays(omar: Tab) -> None:
    await omar.offline()
    await omar.is_in("offline")
    await omar.field.fill("Good **morning**")
    await composer(omar, "preview").click()
    await expect(composer(omar, "composer-error")).to_contain_text("no connection")
    await expect(omar.field).to_have_value("Good **morning**")
    await expect(omar.field).to_be_focused()


# --- The last own comment ------------------------------------------------------------------------


async def test_up_in_an_empty_field_changes_the_last_own_comment(omar: Tab, sue: Tab) -> None:
    await omar.say("First")
    await omar.say("Good mroning")
    await sue.say("Hello")
    await omar.shows("First", "Good mroning", "Hello")
    await omar.field.press("ArrowUp")
    await expect(edit_field(omar)).to_be_focused()
    await expect(edit_field(omar)).to_have_value("Good mroning")
    await edit_field(omar).fill("Good morning")
    await edit_field(omar).press("Control+Enter")
    await sue.shows("First", "Good morning", "Hello")
    await expect(omar.field).to_be_focused()


async def test_up_in_a_text_is_for_the_caret(omar: Tab) -> None:
    await omar.say("First")
    await omar.field.fill("Two\nlines")
    await omar.field.press("ArrowUp")
    await expect(edit_field(omar)).to_have_count(0)


async def test_up_finds_none_that_is_too_old(visit: Visit, site: Site, cast: Cast, post: Post) -> None:
    comment = site.ask_clerk("write", post_id=post.id, user_id=cast.owner.id, content="Long ago")
    site.ask_clerk("age", comment_id=comment, seconds=3601)
    tab = await visit(cast.owner)
    await tab.read(post)
    await tab.field.press("ArrowUp")
    await expect(edit_field(tab)).to_have_count(0)
    await expect(tab.field).to_be_focused()


# --- The time for changes ------------------------------------------------------------------------


async def test_when_the_time_is_over_the_word_goes_without_a_reload(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    comment = site.ask_clerk("write", post_id=post.id, user_id=cast.owner.id, content="Good mroning")
    site.ask_clerk("age", comment_id=comment, seconds=3594)
    tab = await visit(cast.owner)
    await tab.read(post)
    link = tab.comment("Good mroning").get_by_role("link", name="Edit")
    await expect(link).to_have_count(1)
    await link.focus()
    await expect(link).to_have_count(0)
    await expect(tab.comment("Good mroning").get_by_role("link", name="Reply")).to_be_focused()


async def test_an_editor_counts_down_and_keeps_the_text_of_who_was_late(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    comment = site.ask_clerk("write", post_id=post.id, user_id=cast.owner.id, content="Good mroning")
    site.ask_clerk("age", comment_id=comment, seconds=3593)
    tab = await visit(cast.owner)
    await tab.read(post)
    await tab.act("Good mroning", "Edit")
    await expect(editor(tab, "editor-hint")).to_contain_text("The time for changes ends in")
    await edit_field(tab).fill("Good morning")
    await expect(editor(tab, "editor-hint")).to_contain_text("is over")
    await expect(tab.page.get_by_role("button", name="Save")).to_be_hidden()
    await expect(edit_field(tab)).to_have_value("Good morning")
    await edit_field(tab).press("Control+Enter")
    await expect(editor(tab, "editor-error")).to_contain_text("That time is over.")
    await expect(edit_field(tab)).to_have_value("Good morning")
    assert not await violations_on(tab)


async def test_a_clock_that_is_hours_off_changes_nothing(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    site.ask_clerk("write", post_id=post.id, user_id=cast.owner.id, content="Good mroning")
    tab = await visit(cast.owner)
    tab.is_disposable = True
    await tab.page.add_init_script("const now = Date.now; Date.now = () => now() + 5 * 3600 * 1000;")
    await tab.read(post)
    await tab.edit("Good mroning", "Good morning")
    await tab.shows("Good morning")


async def test_that_it_was_edited_and_when_is_seen_live_and_after_loading(omar: Tab, sue: Tab) -> None:
    await omar.say("Good mroning")
    await sue.shows("Good mroning")
    await omar.edit("Good mroning", "Good morning")
    await sue.shows("Good morning")
    for _ in range(2):
        mark = sue.comment("Good morning").locator("[data-edited]")
        await expect(mark).to_contain_text("edited now")
        assert await mark.locator("time").get_attribute("title")
        await sue.page.reload()
        await sue.is_live()


# --- All states ----------------------------------------------------------------------------------


async def test_every_state_of_writing_stands_up_to_inspection(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    asked = site.ask_clerk("write", post_id=post.id, user_id=cast.stranger.id, content="Any questions?")
    site.ask_clerk("write", post_id=post.id, user_id=cast.owner.id, content="What I wrote", parent_id=asked)
    for language in ("en", "ko"):
        tab = await visit(cast.owner, language=language)
        await tab.read(post)
        await tab.field.fill("A **comment**")
        if await composer(tab, "toolbar").is_hidden():
            await composer(tab, "formatting").click()
        await inspect(tab)
        await composer(tab, "preview").click()
        await expect(tab.field).to_be_hidden()
        await inspect(tab)
        await tab.page.keyboard.press("Escape")
        await tab.comment("Any questions?").locator("[data-action=reply]").click()
        await tab.field.fill("x" * 501)
        await tab.field.press("Control+Enter")
        await expect(composer(tab, "kept")).to_be_visible()
        await expect(composer(tab, "composer-error")).to_be_visible()
        await inspect(tab)
        await tab.field.fill("")
        await tab.comment("What I wrote").locator("[data-action=edit]").click()
        await edit_field(tab).fill("What I meant")
        await edit_field(tab).press("Escape")
        await tab.comment("What I wrote").locator("[data-action=edit]").click()
        await expect(editor(tab, "editor-note")).to_be_visible()
        await inspect(tab)
        await editor(tab, "preview").click()
        await expect(editor(tab, "preview-pane")).to_be_visible()
        await inspect(tab)
