"""Reactions, mentions, quotations, following and muting, with two people and without JavaScript."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.servers import Site

from .conftest import Cast, Visit
from .groups import LIVE
from .inspection import inspect
from .tab import Post, Tab

pytestmark = LIVE


@pytest_asyncio.fixture(loop_scope="session")
async def plain(visit: Visit, cast: Cast, post: Post) -> Tab:
    """A third reader, whose browser runs no script."""
    tab = await visit(cast.author, java_script_enabled=False)
    await tab.go(post.path)
    return tab


def reactions(tab: Tab, text: str) -> Locator:
    return tab.comment(text).locator("[data-reaction]")


async def react(tab: Tab, text: str, emoji: str) -> None:
    await tab.act(text, "React")
    await tab.page.get_by_role("group", name="Choose a reaction").get_by_role("button", name=emoji).click()


async def select(tab: Tab, text: str) -> None:
    """Select the whole text of a comment, as a mouse would."""
    await (
        tab.comment(text)
        .locator("[data-text]")
        .evaluate(
            """(element) => {
          const range = document.createRange();
          range.selectNodeContents(element.querySelector('p'));
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
        )
    )


# --- Reactions ------------------------------------------------------------------------------------


async def test_both_see_a_reaction_and_each_knows_their_own(omar: Tab, sue: Tab) -> None:
    await omar.say("Good morning")
    await react(sue, "Good morning", "👍")
    for tab, is_own in ((sue, "true"), (omar, "false")):
        await expect(reactions(tab, "Good morning")).to_have_text([re.compile(r"👍\s+1")])
        await expect(reactions(tab, "Good morning")).to_have_attribute("aria-pressed", is_own)
    await reactions(omar, "Good morning").click()
    for tab in (sue, omar):
        await expect(reactions(tab, "Good morning")).to_have_text([re.compile(r"👍\s+2")])
        await expect(reactions(tab, "Good morning")).to_have_attribute("aria-pressed", "true")
    await reactions(sue, "Good morning").click()
    await expect(reactions(omar, "Good morning")).to_have_text([re.compile(r"👍\s+1")])
    await expect(reactions(sue, "Good morning")).to_have_attribute("aria-pressed", "false")
    await sue.page.reload()
    await sue.is_live()
    await expect(reactions(sue, "Good morning")).to_have_attribute("aria-pressed", "false")
    await expect(reactions(sue, "Good morning")).to_have_accessible_name("👍 1")


async def test_the_last_one_taken_back_leaves_nothing(omar: Tab, sue: Tab) -> None:
    await omar.say("Good morning")
    await react(sue, "Good morning", "🎉")
    await expect(reactions(omar, "Good morning")).to_have_count(1)
    await react(sue, "Good morning", "🎉")
    for tab in (omar, sue):
        await expect(reactions(tab, "Good morning")).to_have_count(0)
        await expect(tab.comment("Good morning").locator("[data-reactions]")).to_be_hidden()


async def test_a_second_click_meets_no_neighbour(omar: Tab, sue: Tab) -> None:
    await omar.say("Good morning")
    await react(sue, "Good morning", "👍")
    await react(omar, "Good morning", "🎉")
    await expect(reactions(sue, "Good morning")).to_have_count(2)

    await reactions(sue, "Good morning").first.click()

    await expect(reactions(sue, "Good morning")).to_have_text([re.compile(r"👍\s+0"), re.compile(r"🎉\s+1")])
    await expect(reactions(omar, "Good morning")).to_have_text([re.compile(r"🎉\s+1")])
    await sue.page.mouse.move(0, 0)
    await expect(reactions(sue, "Good morning")).to_have_text([re.compile(r"🎉\s+1")])


async def test_a_key_that_takes_the_last_one_back_keeps_its_button(omar: Tab) -> None:
    await omar.say("Good morning")
    await react(omar, "Good morning", "👍")
    await omar.page.keyboard.press("Shift+Tab")
    button = reactions(omar, "Good morning")
    while not await button.evaluate("(button) => button === document.activeElement"):
        await omar.page.keyboard.press("Shift+Tab")

    for count in (0, 1, 0):
        await omar.page.keyboard.press("Enter")
        await expect(button).to_have_text(re.compile(rf"👍\s+{count}"))
        await expect(button).to_be_focused()
    await omar.page.keyboard.press("Tab")
    await expect(button).to_have_count(0)


async def test_another_tab_of_ones_own_knows_which_is_ones_own(omar: Tab, sue: Tab, post: Post) -> None:
    await omar.say("Good morning")
    second = await sue.another()
    await second.read(post)
    await react(sue, "Good morning", "👍")
    await expect(reactions(second, "Good morning")).to_have_attribute("aria-pressed", "true")


async def test_a_reaction_moves_and_redraws_nothing(omar: Tab, sue: Tab) -> None:
    await omar.say("Good morning")
    await omar.say("Good evening")
    await expect(sue.comment("Good evening")).to_be_visible()
    before = await sue.top("Good evening")
    await sue.comment("Good morning").locator("[data-text] p").evaluate("(p) => { p.dataset.mark = 'same'; }")
    await react(omar, "Good morning", "👍")
    await expect(reactions(sue, "Good morning")).to_have_count(1)
    assert abs(await sue.top("Good evening") - before) < 1
    await expect(sue.comment("Good morning").locator("[data-mark]")).to_have_count(1)


async def test_what_was_reacted_while_one_was_away_is_there_on_coming_back(omar: Tab, sue: Tab) -> None:
    await omar.say("Good morning")
    await expect(sue.comment("Good morning")).to_be_visible()
    await sue.offline()
    await sue.is_in("offline")
    await react(omar, "Good morning", "👍")
    await expect(reactions(omar, "Good morning")).to_have_count(1)
    await sue.offline(False)
    await sue.is_live()
    await expect(reactions(sue, "Good morning")).to_have_text([re.compile(r"👍\s+1")])


async def test_without_a_connection_a_reaction_says_why_it_is_not_there(omar: Tab) -> None:
    await omar.say("Good morning")
    await omar.offline()
    await omar.is_in("offline")
    await react(omar, "Good morning", "👍")
    await expect(omar.comment("Good morning").locator("[data-problem]")).to_contain_text("no connection")
    await expect(reactions(omar, "Good morning")).to_have_count(0)


async def test_reactions_are_chosen_by_keyboard_and_escape_closes(omar: Tab) -> None:
    await omar.say("Good morning")
    link = omar.comment("Good morning").get_by_role("link", name="React")
    await link.focus()
    await omar.page.keyboard.press("Enter")
    choice = omar.page.get_by_role("group", name="Choose a reaction")
    await expect(choice.get_by_role("button").first).to_be_focused()
    await omar.page.keyboard.press("Escape")
    await expect(choice).to_have_count(0)
    await expect(link).to_be_focused()
    await omar.page.keyboard.press("Enter")
    await omar.page.keyboard.press("ArrowRight")
    await omar.page.keyboard.press("ArrowRight")
    await omar.page.keyboard.press("Enter")
    await expect(reactions(omar, "Good morning")).to_have_text([re.compile(r"😂\s+1")])
    await expect(link).to_be_focused()


async def test_reactions_can_be_hidden_and_stay_hidden(omar: Tab, sue: Tab, post: Post) -> None:
    await omar.say("Good morning")
    await react(sue, "Good morning", "👍")
    await expect(reactions(omar, "Good morning")).to_be_visible()
    await omar.page.get_by_role("button", name="Hide reactions").click()
    await expect(reactions(omar, "Good morning")).to_be_hidden()
    second = await omar.another()
    await second.read(post)
    await expect(reactions(second, "Good morning")).to_be_hidden()
    await second.page.get_by_role("button", name="Show reactions").click()
    for tab in (omar, second):
        await expect(reactions(tab, "Good morning")).to_be_visible()


async def test_without_javascript_one_reacts_by_forms(plain: Tab, omar: Tab) -> None:
    await omar.say("Good morning")
    await plain.page.reload()
    await plain.act("Good morning", "React")
    await plain.page.get_by_role("button", name="👍").click()
    for tab in (plain, omar):
        await expect(reactions(tab, "Good morning")).to_have_text([re.compile(r"👍\s+1")])
    await reactions(plain, "Good morning").click()
    for tab in (plain, omar):
        await expect(reactions(tab, "Good morning")).to_have_count(0)
    await plain.page.get_by_role("button", name="Hide reactions").click()
    await expect(plain.comment("Good morning").get_by_role("link", name="React")).to_be_hidden()


# --- Mentions -------------------------------------------------------------------------------------


async def test_a_name_is_completed_by_keyboard_and_shown_to_both(omar: Tab, sue: Tab) -> None:
    await sue.say("Hello")
    await expect(omar.comment("Hello")).to_be_visible()
    await omar.field.click()
    await omar.page.keyboard.type("Good morning @s")
    listbox = omar.page.get_by_role("listbox", name="People in this conversation")
    await expect(listbox.get_by_role("option")).to_have_text([re.compile("Sue Stranger.*@stranger")])
    active = await omar.field.get_attribute("aria-activedescendant")
    await expect(listbox.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    await omar.page.keyboard.press("Enter")
    await expect(omar.field).to_have_value("Good morning @stranger ")
    await expect(listbox).to_have_count(0)
    await omar.page.keyboard.press("Control+Enter")
    for tab in (omar, sue):
        await expect(tab.page.locator("[data-text] .mention")).to_have_text("@stranger")


async def test_escape_closes_the_names_and_nothing_else(omar: Tab, sue: Tab) -> None:
    await sue.say("Hello")
    await omar.field.click()
    await omar.page.keyboard.type("@")
    options = omar.page.get_by_role("option")
    await expect(options).to_have_count(2)  # Sue, and the author of the post
    await omar.page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await omar.page.keyboard.press("ArrowDown")
    await expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    await omar.page.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    await expect(omar.field).to_have_value("@")
    await expect(omar.field).to_be_focused()


async def test_a_name_that_is_being_composed_is_looked_for_and_enter_is_the_input_methods(
    omar: Tab, site: Site, cast: Cast, post: Post
) -> None:
    site.fill(post.id, author=site.person("minsu", name="김 민수"), contents=["안녕하세요"])
    devtools = await omar.page.context.new_cdp_session(omar.page)
    await omar.field.click()
    await omar.page.keyboard.type("@")
    await expect(omar.page.get_by_role("option")).to_have_count(2)
    await devtools.send("Input.imeSetComposition", {"text": "미", "selectionStart": 1, "selectionEnd": 1})
    await expect(omar.page.get_by_role("option")).to_have_text([re.compile("김 민수")])
    await omar.field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "isComposing": True})
    await expect(omar.page.get_by_role("option")).to_have_count(1)
    await devtools.send("Input.insertText", {"text": "민"})
    await omar.page.keyboard.press("Tab")
    await expect(omar.field).to_have_value("@minsu ")
    await devtools.detach()


# --- Quotations -----------------------------------------------------------------------------------


def quote_button(tab: Tab) -> Locator:
    """The one beside what is selected; the toolbar has one of this name, too."""
    return tab.page.locator("[data-threads]").get_by_role("button", name="Quote")


async def test_what_is_selected_is_quoted_in_a_reply(omar: Tab, sue: Tab) -> None:
    await omar.send("It was *very* good")
    await sue.shows("It was very good")
    await select(sue, "It was very good")
    button = quote_button(sue)
    await expect(button).to_be_visible()
    await button.focus()
    await sue.page.keyboard.press("Enter")
    await expect(sue.field).to_have_value("> It was very good\n\n")
    await expect(sue.field).to_be_focused()
    await expect(sue.page.locator("[data-replying]")).to_contain_text("Replying to Omar Owner")
    await sue.page.keyboard.type("Indeed")
    await sue.page.keyboard.press("Control+Enter")
    for tab in (omar, sue):
        await expect(tab.page.locator("[data-replies] blockquote")).to_have_text("It was very good")


async def test_a_quotation_keeps_what_is_written_already(omar: Tab, sue: Tab) -> None:
    await omar.say("First")
    await sue.field.fill("A thought")
    await select(sue, "First")
    await quote_button(sue).click()
    await expect(sue.field).to_have_value("A thought\n\n> First\n\n")
    # What was begun as a comment is none to this one alone.
    await expect(sue.page.locator("[data-replying]")).to_be_hidden()


async def test_nothing_is_offered_for_what_is_no_comment(omar: Tab) -> None:
    await omar.say("First")
    await select(omar, "First")
    await expect(quote_button(omar)).to_be_visible()
    await omar.page.evaluate("getSelection().selectAllChildren(document.querySelector('.prose'))")
    await expect(quote_button(omar)).to_have_count(0)


# --- Following and muting -------------------------------------------------------------------------


async def test_following_is_known_to_all_ones_tabs(omar: Tab, post: Post) -> None:
    second = await omar.another()
    await second.read(post)
    await omar.page.get_by_role("button", name="Follow this post").click()
    await expect(second.page.get_by_role("button", name="Stop following")).to_be_visible()
    await second.page.reload()
    await second.is_live()
    await second.page.get_by_role("button", name="Stop following").click()
    await expect(omar.page.get_by_role("button", name="Follow this post")).to_be_visible()


async def test_a_muted_persons_comments_fold_old_and_new_for_one_alone(
    omar: Tab, sue: Tab, cast: Cast, visit: Visit, post: Post
) -> None:
    await sue.say("Something loud")
    await omar.act("Something loud", "Mute")
    folds = omar.page.locator("[data-threads] [data-muted-fold]")
    await expect(folds).to_have_count(1)
    await expect(folds.locator("summary")).to_be_focused()
    await expect(folds).to_have_text(re.compile("Muted: show"))
    await expect(omar.texts).to_be_hidden()
    await sue.say("Something louder")
    await expect(folds).to_have_count(2)
    for text in await omar.texts.all():
        await expect(text).to_be_hidden()
    # Whoever is muted sees what everybody sees.
    await sue.page.reload()
    await sue.is_live()
    await sue.shows("Something loud", "Something louder")
    await expect(sue.page.locator("[data-threads] [data-muted-fold]")).to_have_count(0)
    await folds.first.locator("summary").click()
    await expect(omar.texts.first).to_be_visible()
    await omar.page.reload()
    await omar.is_live()
    await expect(folds).to_have_count(2)
    await folds.first.locator("summary").click()
    await folds.first.get_by_role("link", name="Unmute").click()
    await expect(folds).to_have_count(0)
    await expect(omar.comment("Something louder")).to_be_visible()


async def test_without_javascript_one_mutes_and_follows_by_forms(plain: Tab, sue: Tab, omar: Tab) -> None:
    await sue.say("Something loud")
    await omar.say("Something quiet")
    await plain.page.reload()
    await plain.act("Something loud", "Mute")
    await plain.page.get_by_role("button", name="Mute").click()
    await expect(plain.page.locator(".message")).to_have_text("You have muted Sue Stranger.")
    await expect(plain.comment("Something quiet")).to_be_visible()
    await expect(plain.comment("Something loud").locator("[data-text]")).to_be_hidden()
    await plain.page.locator("[data-muted-fold] summary").click()
    await expect(plain.comment("Something loud").locator("[data-text]")).to_be_visible()
    await plain.page.get_by_role("link", name="Unmute").click()
    await plain.page.get_by_role("button", name="Show again: Sue Stranger").click()
    await expect(plain.page.locator("main")).to_contain_text("You have muted nobody")


# --- For everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_every_state_stands_up_to_inspection(
    visit: Visit, cast: Cast, sue: Tab, post: Post, language: str
) -> None:
    await sue.say("Something loud")
    await sue.say("Something quiet")
    await react(sue, "Something quiet", "👍")
    tab = await visit(cast.owner, language=language)
    await tab.read(post)
    quiet = tab.comment("Something quiet")
    await quiet.hover()
    await quiet.locator('[data-action="react"]').click()
    await inspect(tab)
    await tab.page.keyboard.press("Escape")
    await tab.field.click()
    await tab.page.keyboard.type("@")
    await expect(tab.page.get_by_role("option").first).to_be_visible()
    await inspect(tab)
    await tab.page.keyboard.press("Escape")
    await select(tab, "Something quiet")
    await expect(tab.page.locator(".quote-button")).to_be_visible()
    await inspect(tab)
    loud = tab.comment("Something loud")
    await loud.hover()
    await loud.locator('[data-action="mute"]').click()
    await expect(tab.page.locator("[data-threads] [data-muted-fold]")).to_have_count(2)
    await inspect(tab)
    await tab.page.locator("[data-muted-fold] summary").first.click()
    await inspect(tab)
    react_page = await quiet.locator('[data-action="react"]').get_attribute("href")
    mute_page = await quiet.locator('[data-action="mute"]').get_attribute("href")
    for path in ("/accounts/muted/", react_page, mute_page):
        assert path is not None
        await tab.go(path)
        await inspect(tab)
    await tab.go("/accounts/muted/")
    await tab.page.locator("main form button").click()
    await inspect(tab)
