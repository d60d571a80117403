"""Two moderators at the desk and readers on the post, at once: what one decides the others see."""

from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.servers import Person, Site

from .conftest import Cast, MakePost, Visit
from .groups import LIVE
from .inspection import inspect, violations_on
from .tab import Post, Tab

pytestmark = LIVE

Sit = Callable[..., Awaitable["Desk"]]


class Desk:
    """A moderator's tab."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page = tab.page
        self.items = tab.page.locator("[data-list] [data-item]")
        self.selected = tab.page.locator("[data-item].is-selected")
        self.bar = tab.page.locator("[data-bar-text]")

    async def open(self, queue: str, query: str = "") -> None:
        await self.tab.go(f"/admin/moderation/{queue}/{query}")
        await expect(self.page.locator("[data-live][data-state=online]")).to_be_visible()

    def item(self, text: str) -> Locator:
        return self.items.filter(has=self.page.locator("[data-text]", has_text=text))

    async def shows(self, *texts: str) -> None:
        await expect(self.page.locator("[data-list] [data-item] .desk-main > [data-text]")).to_have_text(
            texts
        )

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)


@pytest.fixture(scope="module")
def people(site: Site) -> tuple[Person, Person]:
    """A manager, and a moderator who may not impose sanctions."""
    manager = site.person("desk-manager", name="Mara Manager", is_staff=True)
    helper = site.person("desk-helper", name="Hal Helper", is_staff=True)
    site.ask_clerk("put_in_group", user_id=manager.id, name="managers")
    site.ask_clerk("put_in_group", user_id=helper.id, name="moderators")
    return manager, helper


@pytest_asyncio.fixture(loop_scope="session")
async def mara(visit: Visit, people: tuple[Person, Person]) -> Desk:
    return Desk(await visit(people[0]))


@pytest_asyncio.fixture(loop_scope="session")
async def hal(visit: Visit, people: tuple[Person, Person]) -> Desk:
    return Desk(await visit(people[1]))


def only(post: Post) -> str:
    """The queue without other tests' comments."""
    return f"?post={post.id}"


# --- Outsiders -----------------------------------------------------------------------------------


async def test_a_reader_is_not_let_near_the_desk(omar: Tab) -> None:
    omar.watch.expect("403")
    answer = await omar.go("/admin/moderation/reported/")
    assert answer is not None
    assert answer.status == 403
    await expect(omar.page.locator("[data-desk]")).to_have_count(0)


# --- Together ------------------------------------------------------------------------------------


async def test_a_click_at_the_desk_changes_the_open_page_and_the_colleagues_desk(
    mara: Desk, hal: Desk, omar: Tab, post: Post
) -> None:
    await mara.open("unreviewed", only(post))
    await hal.open("unreviewed", only(post))
    await omar.say("Fine by me")
    await omar.say("Buy my watches")
    for desk in (mara, hal):
        await desk.shows("Buy my watches", "Fine by me")

    await mara.item("Buy my watches").get_by_role("button", name="Spam").click()

    await omar.shows("Fine by me")
    await mara.shows("Fine by me")
    await hal.shows("Fine by me")
    await expect(hal.bar).to_have_text("Mara Manager has decided: spam.")
    await expect(mara.bar).to_contain_text("Marked as spam: Omar Owner")


# What the list shows when a decision leaves the page.
_SHOWN_WHEN_SENT = """() => {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (packet) {
    const shown = document.querySelectorAll('[data-list] [data-item]').length;
    if (String(packet).includes('"decide"')) window.shown = shown;
    return send.call(this, packet);
  };
}"""


async def test_a_decision_leaves_before_the_desk_is_drawn_anew(mara: Desk, omar: Tab, post: Post) -> None:
    for text in ("First", "Second"):
        await omar.say(text)
    await mara.open("unreviewed", only(post))
    await mara.shows("Second", "First")
    await mara.page.evaluate(_SHOWN_WHEN_SENT)

    await mara.press("j", "f")

    await mara.shows("First")
    assert await mara.page.evaluate("shown") == 2


async def test_everything_is_done_with_keys(mara: Desk, omar: Tab, sue: Tab, post: Post, site: Site) -> None:
    for text in ("First", "Second", "Third"):
        await omar.say(text)
    await sue.shows("First", "Second", "Third")
    await mara.open("unreviewed", only(post))

    await mara.press("j", "j")
    await expect(mara.selected.locator("[data-text]")).to_have_text("Second")
    await mara.press("d")
    await expect(mara.page.get_by_role("radio", name="offensive")).to_be_focused()
    await mara.press("ArrowRight", "Tab")
    await mara.page.keyboard.type("Please stay friendly.")
    await mara.press("Tab", "Tab", "Enter")
    await sue.shows("First", "Third")
    await mara.shows("Third", "First")
    await expect(mara.selected.locator("[data-text]")).to_have_text("First")
    await mara.press("k", "f")
    await mara.shows("First")

    rows = {row["content"]: row["status"] for row in site.stored(post.id)}
    assert rows == {"First": "published", "Second": "rejected", "Third": "published"}
    await expect(mara.page.locator("[data-undo]")).to_be_visible()
    await mara.press("u", "u")
    await mara.shows("Third", "Second", "First")
    await sue.shows("First", "Second", "Third")

    await mara.press("?")
    await expect(mara.page.get_by_role("dialog")).to_be_visible()
    await mara.press("Escape", "5")
    await expect(mara.page).to_have_url(f"{site.url}/admin/moderation/rejected/")


async def test_an_item_in_its_context_has_the_same_keys(
    mara: Desk, omar: Tab, sue: Tab, post: Post, site: Site
) -> None:
    await omar.say("Look around me")
    await sue.shows("Look around me")
    number = site.stored(post.id)[0]["id"]
    away = mara.page.locator("h1")
    await mara.tab.go(f"/admin/moderation/item/{number}/?next=/admin/moderation/unreviewed/{only(post)}")

    await mara.press("b")
    sentence = mara.page.get_by_role("combobox", name="Sanction")
    await expect(sentence).to_be_focused()
    await expect(mara.page.locator("[data-until]")).to_be_hidden()
    await sentence.select_option("until")
    await expect(mara.page.locator("[data-until]")).to_be_visible()
    await away.click()
    await mara.press("d")
    await expect(mara.page.get_by_role("radio", name="offensive")).to_be_focused()
    await mara.press("Space", "Enter")
    await sue.shows()

    await mara.page.wait_for_url("**done=*")
    await expect(mara.page.locator("[data-live][data-state=online]")).to_be_visible()
    await mara.press("u")
    await sue.shows("Look around me")
    await mara.page.wait_for_url(lambda url: "done=" not in url)  # the answer is on its way to Mara, too
    await mara.tab.go(f"/admin/moderation/item/{number}/")
    await mara.press("f")
    await mara.page.wait_for_url("**/unreviewed/?done=*")
    await mara.press("4")
    await expect(mara.page).to_have_url(f"{site.url}/admin/moderation/approved/")


async def test_one_sees_what_the_other_looks_at(mara: Desk, hal: Desk, omar: Tab, post: Post) -> None:
    await omar.say("Look at this")
    await mara.open("unreviewed", only(post))
    await hal.open("unreviewed", only(post))

    await mara.press("j")
    await expect(hal.item("Look at this").locator("[data-lookers]")).to_have_text("Mara Manager is looking")
    await expect(mara.item("Look at this").locator("[data-lookers]")).to_be_hidden()

    await mara.tab.go("/admin/")
    await expect(hal.item("Look at this").locator("[data-lookers]")).to_be_hidden()


async def test_a_decision_about_a_text_that_changed_is_taken_back_on_screen(
    mara: Desk, omar: Tab, post: Post, site: Site, cast: Cast
) -> None:
    await omar.say("Harmless")
    await mara.open("unreviewed", only(post))
    number = site.stored(post.id)[0]["id"]
    # The clerk is another process, and without Redis nobody hears of what it does.
    site.ask_clerk("edit", comment_id=number, user_id=cast.owner.id, content="Something nasty")
    await mara.shows("Harmless")

    await mara.press("j", "f")

    await expect(mara.selected.locator("[data-problem]")).to_have_text(
        "This has changed in the meantime. Its author has changed the text."
    )
    await mara.shows("Something nasty")
    await mara.press("f")
    await mara.shows()


async def test_what_was_decided_behind_ones_back_is_refused_and_said(
    mara: Desk, omar: Tab, post: Post, site: Site, cast: Cast
) -> None:
    await omar.say("Contested")
    await mara.open("unreviewed", only(post))
    number = site.stored(post.id)[0]["id"]
    site.ask_clerk("judge", comment_id=number, user_id=cast.moderator.id, verdict="approve")

    await mara.press("j", "d")
    await mara.page.get_by_role("radio", name="spam").check()
    await mara.page.get_by_role("button", name="Reject", exact=True).click()

    await expect(mara.page.locator("[data-alert]")).to_contain_text("Mo Moderator has decided: approve.")
    await mara.shows()
    assert site.stored(post.id)[0]["status"] == "published"


async def test_a_held_comment_is_let_through(
    mara: Desk, visit: Visit, cast: Cast, make_post: MakePost
) -> None:
    post = make_post(pre_moderation=True)
    omar, sue = await visit(cast.owner), await visit(cast.stranger)
    for tab in (omar, sue):
        await tab.read(post)
    await mara.open("pending", only(post))
    await omar.send("May I?")
    await expect(mara.item("May I?").locator("[data-held-text]")).to_have_text("Everything is held here")
    await sue.shows()

    await mara.press("j", "f")

    await sue.shows("May I?")
    await mara.shows()


async def test_a_sanction_is_imposed_and_shows_with_its_person(
    mara: Desk, hal: Desk, visit: Visit, site: Site, make_post: MakePost
) -> None:
    post = make_post()
    rude = await visit(site.person("rude", name="Rudi Rude"))
    await rude.read(post)
    await rude.say("So rude")
    await hal.open("unreviewed", only(post))
    await hal.press("j", "b")
    await expect(hal.page.locator("[data-alert]")).to_have_text("You may not do this.")

    await mara.open("unreviewed", only(post))
    await mara.press("j", "b")
    await mara.page.get_by_label("Sanction").select_option("3600")
    await mara.page.get_by_label("Reason", exact=True).last.select_option("harassment")
    await mara.page.get_by_role("button", name="Impose").click()

    await expect(mara.bar).to_have_text("The sanction was imposed.")
    for desk in (mara, hal):
        await expect(desk.item("So rude").locator("[data-sanction]")).to_have_text("suspension")
    await expect(rude.field).to_be_hidden()  # and the open page says why


async def test_an_appeal_is_accepted(
    mara: Desk, omar: Tab, sue: Tab, post: Post, site: Site, cast: Cast
) -> None:
    await omar.say("No advertisement")
    await mara.open("unreviewed", only(post))
    await mara.press("j", "d")
    await mara.page.get_by_role("radio", name="advertising").check()
    await mara.page.get_by_role("button", name="Reject", exact=True).click()
    await sue.shows()
    number = site.ask_clerk("last_decision", comment_id=site.stored(post.id)[0]["id"])
    site.ask_clerk("appeal", decision_id=number, user_id=cast.owner.id, text="I sell nothing.")

    await mara.open("appeals", only(post))
    await expect(mara.items.locator("[data-appeal-text]")).to_have_text("I sell nothing.")
    await mara.press("j", "f")

    await sue.shows("No advertisement")
    await mara.shows()


async def test_the_counters_on_the_admins_first_page_live(mara: Desk, omar: Tab, post: Post) -> None:
    await mara.tab.go("/admin/")
    counter = mara.page.locator("[data-queue-count=unreviewed]")
    before = int(await counter.text_content() or "0")
    await omar.say("One more")
    await expect(counter).to_have_text(str(before + 1))


async def test_how_many_private_messages_wait_is_live(
    site: Site, visit: Visit, cast: Cast, mara: Desk, people: tuple[Person, Person]
) -> None:
    ids = site.ask_clerk("write_privately", user_id=cast.owner.id, to=cast.stranger.id, contents=["A", "B"])
    sue = await visit(cast.stranger)
    await mara.open("reported")
    waiting = mara.page.locator("[data-private-reports]")
    await expect(waiting).to_be_hidden()

    for number, told in enumerate(["1 private message was reported", "2 private messages were reported"]):
        await sue.go(f"/chat/messages/{ids[number]}/report/")
        await sue.page.get_by_role("radio").first.check()
        await sue.page.get_by_role("button", name="Report").click()
        await expect(waiting).to_have_text(told)

    await mara.page.get_by_role("link", name="2 private messages were reported").click()
    await mara.page.locator("#action-toggle").check()
    await mara.page.locator("select[name=action]").select_option("leave")
    hal = Desk(await visit(people[1]))
    await hal.open("pending")
    there = hal.page.locator("[data-private-reports]")
    await expect(there).to_have_text("2 private messages were reported")
    await mara.page.get_by_role("button", name="Go").click()
    await expect(there).to_be_hidden()


# --- Without ------------------------------------------------------------------------------------


async def test_the_desk_works_without_javascript(
    visit: Visit, people: tuple[Person, Person], omar: Tab, post: Post, site: Site
) -> None:
    for text in ("Good", "Bad"):
        await omar.say(text)
    una = site.person("una", name="Una Ugly")
    site.ask_clerk("write", post_id=post.id, user_id=una.id, content="Ugly")
    desk = Desk(await visit(people[0], java_script_enabled=False))
    await desk.tab.go(f"/admin/moderation/unreviewed/{only(post)}")
    await desk.shows("Ugly", "Bad", "Good")

    await desk.item("Good").get_by_role("button", name="Approve").click()
    await desk.shows("Ugly", "Bad")
    await desk.item("Bad").get_by_role("link", name="Reject…").click()
    await desk.page.get_by_role("radio", name="hate").check()
    await desk.page.get_by_label("Explanation to the author").fill("Not here.")
    await desk.page.get_by_role("button", name="Reject", exact=True).click()
    await desk.shows("Ugly")
    await omar.shows("Good", "Ugly")
    await desk.page.get_by_role("button", name="Undo").click()
    await desk.shows("Ugly", "Bad")
    await omar.shows("Good", "Bad", "Ugly")
    await desk.page.get_by_label("Search").fill("ug")
    await desk.page.get_by_role("button", name="Apply").click()
    await desk.shows("Ugly")
    await desk.item("Ugly").get_by_role("link", name="Sanction…").click()
    await desk.page.locator("[name=sentence]").select_option("hold_first")
    await desk.page.get_by_role("button", name="Impose").click()
    await expect(desk.page.locator(".messagelist")).to_have_text("Una Ugly: comments held first.")


# --- Looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_every_page_of_the_desk_is_for_everybody(
    visit: Visit, people: tuple[Person, Person], omar: Tab, sue: Tab, post: Post, site: Site, language: str
) -> None:
    long = f"A long word, {language}: " + "x" * 200
    await omar.say(long)
    await sue.reply(long, "An answer")
    number = site.stored(post.id)[0]["id"]
    site.ask_clerk(
        "edit", comment_id=number, user_id=site.stored(post.id)[0]["author_id"], content=f"{long} and more"
    )
    site.ask_clerk("flag", comment_id=number, user_id=people[1].id, reason="other", note="y" * 200)
    desk = Desk(await visit(people[0], language=language))
    for path in ("reported/", "unreviewed/", f"unreviewed/{only(post)}", "appeals/", f"item/{number}/"):
        await desk.tab.go(f"/admin/moderation/{path}")
        await inspect(desk.tab)
    await desk.open("reported", only(post))
    await desk.press("j", "d")
    await inspect(desk.tab)
    await desk.press("Escape", "b")
    await inspect(desk.tab)
    await desk.press("Escape", "?")
    assert await violations_on(desk.tab) == []
