"""Everything can be done by keyboard, and a reader sees where the focus is."""

import asyncio

from playwright.async_api import expect

from .groups import LIVE
from .tab import Tab

pytestmark = LIVE

# What shows the focus: an outline or ring of its own, or that of the box around a field. The element
# must be there to see, too.
FOCUS = """() => {
  const element = document.activeElement;
  const ringed = [element, element.closest('.composer-box, .editor')].filter(Boolean).some((each) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  });
  const box = element.getBoundingClientRect();
  return {
    name: (element.ariaLabel || element.textContent || element.placeholder || '').trim(),
    in: element.closest('[data-comment]')?.querySelector('[data-text]').textContent.trim() ?? '',
    isVisible: ringed && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
      && element.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
  };
}"""


async def tab_to(tab: Tab, name: str, *, within: str = "", key: str = "Tab") -> None:
    """Press Tab until this has the focus; every stop on the way shows that it has it."""
    passed = []
    for _ in range(40):
        await tab.page.keyboard.press(key)
        focus = await tab.page.evaluate(FOCUS)
        for _ in range(40):  # the words under a comment fade in
            if focus["isVisible"]:
                break
            await asyncio.sleep(0.05)
            focus = await tab.page.evaluate(FOCUS)
        assert focus["isVisible"], focus
        passed.append(focus["name"])
        if focus["name"] == name and focus["in"] == within:
            return
    raise AssertionError(f"no way to {name}: {passed}")


async def test_a_whole_conversation_by_keyboard(omar: Tab, sue: Tab) -> None:
    keyboard = omar.page.keyboard
    await sue.send("A question")
    await omar.shows("A question")

    await tab_to(omar, "Write a comment")
    await keyboard.type("Good mroning")
    await tab_to(omar, "Send")
    await keyboard.press("Enter")
    await omar.shows("A question", "Good mroning")
    await expect(omar.pending).to_have_count(0)

    await tab_to(omar, "Reply", within="A question", key="Shift+Tab")
    await keyboard.press("Enter")
    await expect(omar.field).to_be_focused()
    await keyboard.type("An answer")
    await keyboard.press("Control+Enter")
    await omar.shows("A question", "An answer", "Good mroning")
    await expect(omar.pending).to_have_count(0)

    await tab_to(omar, "Edit", within="Good mroning", key="Shift+Tab")
    await keyboard.press("Enter")
    await expect(omar.page.locator("[data-editor] textarea")).to_be_focused()
    await keyboard.press("Control+A")
    await keyboard.type("Good morning")
    await keyboard.press("Control+Enter")
    await omar.shows("A question", "An answer", "Good morning")
    await expect(omar.comment("Good morning").get_by_role("link", name="Edit")).to_be_focused()

    await tab_to(omar, "Delete", within="Good morning")
    await keyboard.press("Enter")
    await expect(omar.page.locator("[data-confirm]").get_by_role("button", name="Delete")).to_be_focused()
    await keyboard.press("Escape")
    await expect(omar.comment("Good morning").get_by_role("link", name="Delete")).to_be_focused()
    await keyboard.press("Enter")
    await keyboard.press("Enter")
    for tab in (omar, sue):
        await tab.shows("A question", "An answer")


async def test_the_first_stop_skips_to_the_content(omar: Tab) -> None:
    await tab_to(omar, "Skip to the content")
    await omar.page.keyboard.press("Enter")
    await expect(omar.page.locator("#main")).to_be_focused()


async def test_focus_is_not_lost_with_a_deleted_comment(omar: Tab) -> None:
    await omar.send("First")
    await omar.send("Second")
    await omar.shows("First", "Second")
    await expect(omar.pending).to_have_count(0)
    await omar.delete("First")
    await omar.shows("Second")
    assert await omar.page.evaluate("document.activeElement !== document.body")


async def test_focus_is_not_lost_with_a_discarded_comment(omar: Tab, sue: Tab) -> None:
    await sue.send("A question")
    await omar.act("A question", "Reply")
    await omar.offline()
    await sue.delete("A question")
    await sue.shows()
    await omar.send("Too late")
    await omar.offline(False)
    await omar.page.get_by_role("button", name="Discard").click()
    await omar.shows()
    assert await omar.page.evaluate("document.activeElement !== document.body")


async def test_control_enter_sends_and_enter_begins_a_line(omar: Tab) -> None:
    await omar.field.press_sequentially("One line")
    await omar.field.press("Enter")
    await omar.field.press_sequentially("and another")
    await expect(omar.field).to_have_value("One line\nand another")
    await omar.shows()
    await omar.field.press("Control+Enter")
    await expect(omar.texts).to_have_count(1)
    await expect(omar.field).to_have_value("")


async def test_enter_belongs_to_an_input_method_while_it_composes(omar: Tab) -> None:
    devtools = await omar.page.context.new_cdp_session(omar.page)
    await omar.field.focus()
    composing = {"text": "안녕하", "selectionStart": 3, "selectionEnd": 3}
    await devtools.send("Input.imeSetComposition", composing)
    await omar.page.keyboard.press("Control+Enter")
    await expect(omar.field).to_have_value("안녕하")
    await omar.shows()
    await devtools.send("Input.insertText", {"text": "안녕하세요"})
    await expect(omar.field).to_have_value("안녕하세요")
    await omar.page.keyboard.press("Control+Enter")
    await omar.shows("안녕하세요")


async def test_escape_leaves_an_edit_and_changes_nothing(omar: Tab, sue: Tab) -> None:
    await omar.send("Good morning")
    await omar.shows("Good morning")
    await omar.act("Good morning", "Edit")
    field = omar.page.locator("[data-editor] textarea")
    await expect(field).to_be_focused()
    await field.fill("Good evening")
    await field.press("Escape")
    await expect(field).to_have_count(0)
    await expect(omar.comment("Good morning").get_by_role("link", name="Edit")).to_be_focused()
    await sue.shows("Good morning")
    await expect(sue.page.locator("[data-edited]")).to_be_hidden()
