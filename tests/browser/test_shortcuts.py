"""Keys for reading: from comment to comment, never while somebody types, and off if they like."""

from playwright.async_api import expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import fits, violations_on
from .tab import Post, Tab

pytestmark = LIVE


async def conversation(tab: Tab, *texts: str) -> None:
    for text in texts:
        await tab.say(text)
    await expect(tab.pending).to_have_count(0)
    # Out of the field, as by a click beside it.
    await tab.page.evaluate("document.activeElement.blur()")


async def test_j_and_k_go_from_comment_to_comment_replies_included(omar: Tab, sue: Tab) -> None:
    await sue.say("First")
    await sue.say("Second")
    await sue.reply("First", "An answer")
    await omar.shows("First", "An answer", "Second")
    keyboard = omar.page.keyboard
    for text in ("First", "An answer", "Second"):
        await keyboard.press("j")
        await expect(omar.comment(text)).to_be_focused()
        await expect(omar.comment(text)).to_be_in_viewport()
    await keyboard.press("j")
    await expect(omar.comment("Second")).to_be_focused()
    await keyboard.press("k")
    await expect(omar.comment("An answer")).to_be_focused()
    outline = await omar.comment("An answer").evaluate("each => getComputedStyle(each).outlineStyle")
    assert outline == "solid"


async def test_with_korean_letters_the_keys_are_the_same(omar: Tab) -> None:
    await conversation(omar, "First", "Second")
    press = """([key, code]) => document.body.dispatchEvent(
      new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))"""
    for text in ("First", "Second"):
        await omar.page.evaluate(press, ["ㅓ", "KeyJ"])
        await expect(omar.comment(text)).to_be_focused()
    await omar.page.evaluate(press, ["ㅏ", "KeyK"])
    await expect(omar.comment("First")).to_be_focused()
    # A Latin letter is itself, wherever its key is.
    await omar.page.evaluate(press, ["h", "KeyJ"])
    await expect(omar.comment("First")).to_be_focused()


async def test_whoever_scrolled_away_goes_on_from_what_they_see(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    site.fill(post.id, author=cast.owner, contents=[f"Comment {number}" for number in range(10)])
    tab = await visit(cast.owner, viewport={"width": 800, "height": 400})
    await tab.read(post)
    await tab.page.keyboard.press("j")
    await expect(tab.page.locator("[data-comment]:focus")).to_have_count(1)
    await tab.comment("Comment 7").evaluate("each => each.scrollIntoView({ block: 'start' })")
    await tab.page.evaluate("scrollBy(0, -40)")
    await tab.page.keyboard.press("j")
    await expect(tab.comment("Comment 7")).to_be_focused()


async def test_what_has_the_focus_is_not_behind_the_composer(
    visit: Visit, site: Site, cast: Cast, post: Post
) -> None:
    site.fill(post.id, author=cast.owner, contents=[f"Comment {number}" for number in range(10)])
    tab = await visit(cast.owner, viewport={"width": 800, "height": 400})
    await tab.read(post)
    for _ in range(8):
        await tab.page.keyboard.press("j")
        focused, dock = await tab.page.evaluate(
            "['[data-comment]:focus', '[data-composer]'].map((each) => "
            "document.querySelector(each).getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])"
        )
        assert focused[1] <= dock[0]


async def test_the_list_has_every_key(omar: Tab, visit: Visit, post: Post) -> None:
    await omar.page.keyboard.press("?")
    sheet = omar.page.get_by_role("dialog", name="Keyboard")
    keys = await sheet.locator("dt").all_inner_texts()
    wanted = ["j", "k", "r", "n", "p", "?", "Ctrl Enter", "Esc", "↑", "Ctrl B I", "@", "← →"]
    assert [" ".join(key.split()) for key in keys] == wanted
    assert await violations_on(omar) == []
    await omar.page.set_viewport_size({"width": 320, "height": 400})
    await fits(omar)
    await sheet.get_by_role("button", name="Close").scroll_into_view_if_needed()
    await expect(sheet.get_by_role("button", name="Close")).to_be_in_viewport()


async def test_r_answers_the_comment_one_is_at(omar: Tab, sue: Tab) -> None:
    await sue.say("First")
    await sue.say("Second")
    await omar.shows("First", "Second")
    await omar.page.keyboard.press("j")
    await omar.page.keyboard.press("j")
    await omar.page.keyboard.press("r")
    await expect(omar.field).to_be_focused()
    await expect(omar.field).to_have_value("")
    await omar.field.press_sequentially("An answer? jkrnp")
    await expect(omar.field).to_have_value("An answer? jkrnp")
    await omar.page.keyboard.press("Control+Enter")
    await expect(omar.page.locator("[data-replies] [data-text]")).to_have_text(["An answer? jkrnp"])


async def test_keys_with_a_modifier_are_the_browsers(omar: Tab) -> None:
    await conversation(omar, "First", "Second")
    for chord in ("Control+j", "Alt+j", "Meta+k"):
        await omar.page.keyboard.press(chord)
    await expect(omar.page.locator("[data-comment]:focus")).to_have_count(0)


async def test_a_question_mark_shows_them_and_they_can_be_switched_off(omar: Tab, post: Post) -> None:
    await conversation(omar, "First")
    await omar.page.keyboard.press("?")
    sheet = omar.page.get_by_role("dialog", name="Keyboard")
    await expect(sheet).to_be_visible()
    await expect(sheet).to_contain_text("Next comment")
    assert await violations_on(omar) == []
    await omar.page.keyboard.press("j")
    await expect(omar.page.locator("[data-comment]:focus")).to_have_count(0)
    await omar.page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()

    await omar.page.get_by_role("button", name="Keyboard").click()
    await sheet.get_by_role("switch").click()
    await sheet.get_by_role("button", name="Close").click()
    await omar.page.keyboard.press("j")
    await omar.page.keyboard.press("?")
    await expect(sheet).to_be_hidden()
    await expect(omar.page.locator("[data-comment]:focus")).to_have_count(0)
    await omar.page.reload()
    await omar.is_live()
    await omar.page.keyboard.press("?")
    await expect(sheet).to_be_hidden()
    await omar.page.get_by_role("button", name="Keyboard").click()
    await sheet.get_by_role("switch").click()
    await sheet.get_by_role("button", name="Close").click()
    await omar.page.evaluate("document.activeElement.blur()")
    await omar.page.keyboard.press("j")
    await expect(omar.comment("First")).to_be_focused()


async def test_p_pauses_and_n_goes_to_what_is_new(
    visit: Visit, site: Site, cast: Cast, post: Post, sue: Tab
) -> None:
    site.fill(post.id, author=cast.owner, contents=[f"Comment {number}" for number in range(10)])
    tab = await visit(cast.owner, viewport={"width": 800, "height": 500})
    await tab.read(post)
    await tab.page.keyboard.press("p")
    await sue.say("News")
    await expect(tab.page.get_by_role("button", name="Go on (1)")).to_have_count(1)
    await tab.page.keyboard.press("p")
    await expect(tab.comment("News")).to_have_count(1)
    await tab.page.keyboard.press("n")
    await expect(tab.comment("News")).to_be_in_viewport()
    await expect(tab.comment("News")).to_be_focused()


async def test_a_visitor_without_an_account_has_the_keys_for_reading(
    visit: Visit, omar: Tab, post: Post
) -> None:
    await conversation(omar, "First", "Second")
    visitor = await visit()
    await visitor.go(post.path)
    await expect(visitor.page.get_by_role("button", name="Keyboard")).to_be_visible()
    await visitor.page.keyboard.press("j")
    await visitor.page.keyboard.press("j")
    await expect(visitor.comment("Second")).to_be_focused()
    await visitor.page.keyboard.press("?")
    await expect(visitor.page.get_by_role("dialog")).not_to_contain_text("Reply")
    await visitor.page.set_viewport_size({"width": 320, "height": 640})
    await fits(visitor)
