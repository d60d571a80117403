"""Every state in which readers see a conversation, each made anew: for pictures.

    await SCENES["reply"](stage)

leaves `stage.tab` as its reader sees it. What moderators do to readers stands in `fairness.scenes`.
"""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image
from playwright.async_api import Locator, expect

from tests.servers import Person, Site

from .tab import Post, Tab
from .visitors import Visitors

PASSWORD = "a long way home"
BANNED = "snollygoster"
TITLE = {"en": "Bread on Sundays", "ko": "일요일의 빵"}
BODY = {
    "en": "A small oven, a large bowl and one whole Sunday. That is all it takes.",
    "ko": "작은 오븐과 큰 그릇, 그리고 일요일 하루. 그것으로 충분합니다.",
}
NAMES = {
    "en": {
        "ana": "Ana Author",
        "omar": "Omar Owner",
        "sue": "Sue Stranger",
        "kim": "Kim Keeper",
        "noor": "نور الهاشمي",
        "rosa": "Rosalind Featherstonehaugh-Cholmondeley",
    },
    "ko": {
        "ana": "안나",
        "omar": "오마르",
        "sue": "수연",
        "kim": "김지기",
        "noor": "نور الهاشمي",
        "rosa": "이름이 아주 길어서 한 줄에 다 들어가지 않는 사람",
    },
}
BEA = {"en": "Bea Baker", "ko": "김빵집"}
LINES = {
    "en": [
        "I bake on Sundays, too. The first loaf is for the neighbours, the second for us.",
        "Nobody needs an oven for that. A pot with a lid does the same.",
        "Which flour do you use?",
        "My grandmother kept her starter on the window sill, winter and summer, and never threw any away.",
        "Reading this with a warm slice in my hand.",
    ],
    "ko": [
        "저도 일요일마다 굽습니다. 첫 번째 빵은 이웃에게, 두 번째는 우리 식구 몫이에요.",
        "그런 데에 오븐은 필요 없어요. 뚜껑 있는 냄비면 됩니다.",
        "어떤 밀가루를 쓰시나요?",
        "할머니는 겨울이나 여름이나 창가에 발효종을 두시고 한 번도 버리신 적이 없어요.",
        "따뜻한 빵 한 조각을 손에 들고 읽습니다.",
    ],
}
REPLIES = {
    "en": [
        "The one from the mill down the road, type 65.",
        "Thank you! And how much water?",
        "70 %, to begin with.",
    ],
    "ko": ["동네 방앗간 것이요. 65호입니다.", "고맙습니다! 물은 얼마나 넣으세요?", "처음엔 70 %로요."],
}
MARKDOWN = {
    "en": """> Which flour do you use?

What I learned:

- weigh the water, *always*
- **never** hurry
- see [the table](https://example.org/flour)

`hydration = water / flour`

```
flour  500 g
water  350 g
salt    10 g
```""",
    "ko": """> 어떤 밀가루를 쓰시나요?

제가 배운 것:

- 물은 *항상* 저울로
- **절대** 서두르지 않기
- [이 표](https://example.org/flour) 참고

`수분율 = 물 / 밀가루`

```
밀가루  500 g
물      350 g
소금     10 g
```""",
}
RTL = "الخبز الجيد يحتاج إلى وقت، لا إلى آلات. Sourdough يكفيه الصبر."
LONG_WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 2
LONG_ADDRESS = "https://example.org/" + "a-very-long-address-without-an-end/" * 4
OWN = {"en": "Mine came out flat, and we ate all of it.", "ko": "제 빵은 납작했지만 다 먹었어요."}


@dataclass(slots=True)
class Stage:
    """A reader's tab, the post they look at and who else is there."""

    tab: Tab
    site: Site
    visitors: Visitors
    reader: Person
    others: dict[str, Person]
    post: Post
    language: str
    full: bool = field(default=False)  # the picture is of the whole page

    @property
    def lines(self) -> list[str]:
        return LINES[self.language]

    def write(self, who: str | Person, text: str, to: int | None = None, under: Post | None = None) -> int:
        person = self.others[who] if isinstance(who, str) else who
        post = under or self.post
        return int(
            self.site.ask_clerk("write", post_id=post.id, user_id=person.id, content=text, parent_id=to)
        )

    def react(self, comment: int, emoji: str, *people: str | Person) -> None:
        for who in people:
            person = self.others[who] if isinstance(who, str) else who
            self.site.verb("react", comment, emoji, on=True, by=person)

    def fill(self, count: int = 5) -> None:
        """So many comments, a few of them answered and reacted to."""
        people = ["omar", "sue", "kim", "noor", "rosa"]
        numbers = []
        for index in range(count):
            text = self.lines[index % 5] if index < 5 else f"{self.lines[index % 5]} ({index + 1})"
            numbers.append(self.write(people[index % 4], text))
        for index, text in enumerate(REPLIES[self.language] if count > 2 else ()):
            self.write(["ana", "kim", "ana"][index], text, to=numbers[2])
        self.react(numbers[0], "👍", "omar", "sue", "kim")
        self.react(numbers[0], "❤️", "ana")

    async def read(self, count: int = 5) -> None:
        self.fill(count)
        await self.tab.read(self.post)

    async def scroll_to(self, selector: str, *, block: str = "center") -> None:
        await self.tab.page.locator(selector).last.evaluate(
            "(element, block) => element.scrollIntoView({ block })", block
        )

    async def other(self, who: str) -> Tab:
        """Somebody else's tab, at the same post."""
        tab = await self.visitors.come(self.others[who], self.language, {})
        await tab.read(self.post)
        return tab

    async def say(self, who: str, texts: list[str]) -> None:
        """Somebody else writes, while the reader looks on."""
        tab = await self.other(who)
        for text in texts:
            await tab.field.fill(text)
            await tab.field.press("Control+Enter")
            await expect(tab.field).to_have_value("")
            await expect(tab.pending).to_have_count(0)

    async def comment(self, selector: str = "") -> int:
        found = self.tab.page.locator(f"[data-threads] [data-comment]{selector}").last
        return int(await found.get_attribute("data-id") or 0)

    async def act(self, action: str, comment: int) -> None:
        await press(self.tab.page.locator(f"#comment-{comment} > .comment-main > footer"), action)

    async def write_to_the_limit(self, over: int) -> None:
        limit = int(await self.tab.page.locator("#comments").get_attribute("data-max-length") or 0)
        text = f"{OWN[self.language]} " * limit
        await self.tab.field.fill(text[: limit + over])


async def press(actions: Locator, name: str) -> None:
    """What can be done with a comment, as somebody finds it who has a mouse, or a finger and little room."""
    link = actions.locator(f"[data-action={name}]")
    if not await link.is_visible():
        await actions.locator("[data-action=more]").click()
    await link.click()


Scene = Callable[[Stage], Awaitable[None]]
SCENES: dict[str, Scene] = {}
# Scenes whose reader is not logged in.
VISITORS: set[str] = set()
# Scenes whose reader has no JavaScript.
PLAIN: set[str] = set()


def scene(name: str, *, visitor: bool = False, plain: bool = False) -> Callable[[Scene], Scene]:
    def keep(act: Scene) -> Scene:
        SCENES[name] = act
        if visitor:
            VISITORS.add(name)
        if plain:
            PLAIN.add(name)
        return act

    return keep


def picture(colours: tuple[tuple[int, int, int], tuple[int, int, int]]) -> str:
    """An image to upload, base64."""
    image = Image.linear_gradient("L").convert("RGB")
    image = Image.blend(Image.new("RGB", image.size, colours[0]), image, 0.2)
    image.paste(colours[1], (70, 60, 186, 176))
    out = BytesIO()
    image.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


# --- Reading -------------------------------------------------------------------------------------


def every_kind(stage: Stage) -> dict[str, int]:
    """A conversation in which everything occurs; the comments by what they are."""
    gone = stage.site.person(f"gone-{stage.post.id}", name="Gone Tomorrow")
    loud = stage.site.person(f"loud-{stage.post.id}", name="Lou Loud")
    lines = stage.lines
    made = {"first": stage.write("omar", lines[0])}
    stage.react(made["first"], "👍", "sue", "kim", stage.reader)
    stage.react(made["first"], "❤️", "ana", "omar")
    made["question"] = stage.write("kim", lines[2])
    to = made["question"]
    for who, text in zip(("ana", "kim", "ana"), REPLIES[stage.language], strict=True):
        to = stage.write(who, text, to=to)
    made["deep"] = to
    named = f"@{stage.others['ana'].username} {OWN[stage.language]}"
    made["own reply"] = stage.write(stage.reader, named, to=to)
    made["markdown"] = stage.write("sue", MARKDOWN[stage.language])
    made["removed"] = stage.write("omar", "To be removed")
    stage.write("sue", lines[4], to=made["removed"])
    made["rtl"] = stage.write("noor", RTL)
    made["long"] = stage.write("rosa", f"{LONG_WORD} {LONG_ADDRESS}")
    stage.react(made["long"], "🎉", "sue")
    made["gone"] = stage.write(gone, lines[3])
    made["muted"] = stage.write(loud, "LOUD!")
    made["muted reply"] = stage.write("sue", lines[4], to=made["muted"])
    made["edited"] = stage.write(stage.reader, lines[1])
    stage.site.ask_clerk("edit", comment_id=made["edited"], user_id=stage.reader.id, content=lines[1] + " ✓")
    made["rejected"] = stage.write(stage.reader, OWN[stage.language])
    mo = stage.others["mo"]
    stage.site.verb("decide", [made["removed"]], "remove", reason="off_topic", by=mo)
    stage.site.verb("decide", [made["rejected"]], "reject", reason="off_topic", explanation=lines[4], by=mo)
    stage.site.ask_clerk("delete_account", user_id=gone.id, fate="anonymise")
    stage.site.verb("mute", loud.id, on=True, by=stage.reader)
    for number in (made["first"], made["question"]):
        stage.site.ask_clerk("age", comment_id=number, seconds=86_400 * 40)
    stage.site.ask_clerk("age", comment_id=made["markdown"], seconds=7_300)
    stage.site.verb("set_room", stage.post.id, pre_moderation=True, by=mo)
    made["held"] = stage.write(stage.reader, lines[4])
    return made


@scene("everything")
async def _(stage: Stage) -> None:
    every_kind(stage)
    stage.full = True
    await stage.tab.read(stage.post)


@scene("everything-live")
async def _(stage: Stage) -> None:
    every_kind(stage)
    stage.full = True
    await stage.tab.go(f"{stage.post.path}?view=live")
    await stage.tab.is_live()


@scene("everything-logged-out", visitor=True)
async def _(stage: Stage) -> None:
    every_kind(stage)
    stage.full = True
    await stage.tab.go(stage.post.path)


@scene("everything-without-javascript", plain=True)
async def _(stage: Stage) -> None:
    every_kind(stage)
    stage.full = True
    await stage.tab.go(stage.post.path)


@scene("logged-out-without-javascript", visitor=True, plain=True)
async def _(stage: Stage) -> None:
    stage.fill(3)
    stage.full = True
    await stage.tab.go(stage.post.path)


@scene("empty")
async def _(stage: Stage) -> None:
    await stage.tab.read(stage.post)


@scene("empty-logged-out", visitor=True)
async def _(stage: Stage) -> None:
    await stage.tab.go(stage.post.path)


@scene("one")
async def _(stage: Stage) -> None:
    stage.write("omar", stage.lines[0])
    await stage.tab.read(stage.post)


@scene("newest-first")
async def _(stage: Stage) -> None:
    stage.fill(60)
    await stage.tab.go(f"{stage.post.path}?order=newest")
    await stage.tab.is_live()
    await stage.scroll_to("#comments", block="start")


@scene("most-reacted")
async def _(stage: Stage) -> None:
    stage.fill(5)
    await stage.tab.go(f"{stage.post.path}?order=top")
    await stage.tab.is_live()
    await stage.scroll_to("#comments", block="start")


@scene("many")
async def _(stage: Stage) -> None:
    stage.fill(60)
    await stage.tab.read(stage.post)
    await stage.scroll_to("#comments", block="start")


@scene("earlier-and-later")
async def _(stage: Stage) -> None:
    stage.fill(160)
    middle = stage.site.stored(stage.post.id)[70]["id"]
    await stage.tab.go(f"/comments/{middle}/")
    await stage.tab.is_live()
    await stage.scroll_to("[data-later]", block="end")


@scene("permalink")
async def _(stage: Stage) -> None:
    stage.fill(30)
    await stage.tab.go(f"/comments/{stage.site.stored(stage.post.id)[20]['id']}/")
    await stage.tab.is_live()


@scene("hovered")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.scroll_to("[data-comment]")
    await stage.tab.comments.nth(1).hover()


@scene("own-hovered")
async def _(stage: Stage) -> None:
    stage.fill()
    stage.react(stage.write(stage.reader, OWN[stage.language]), "🎉", "sue", "omar", stage.reader)
    await stage.tab.read(stage.post)
    await stage.scroll_to(".is-own")
    await stage.tab.page.locator(".is-own").hover()


@scene("new-below")
async def _(stage: Stage) -> None:
    stage.fill(20)
    await stage.tab.go(f"{stage.post.path}?view=live")
    await stage.tab.is_live()
    await stage.tab.comments.nth(4).scroll_into_view_if_needed()
    await stage.say("sue", stage.lines[:3])
    await expect(stage.tab.page.locator("[data-new-below]")).to_contain_text("3")


@scene("new-above")
async def _(stage: Stage) -> None:
    stage.fill(20)
    await stage.tab.go(f"{stage.post.path}?order=newest")
    await stage.tab.is_live()
    await stage.scroll_to("[data-comment]")
    await stage.say("sue", stage.lines[:3])
    await expect(stage.tab.page.locator("[data-new-above]")).to_contain_text("3")


@scene("since-you-left")
async def _(stage: Stage) -> None:
    await stage.read(3)
    await stage.tab.go("/")
    for text in stage.lines:
        stage.write("sue", text)
    await stage.tab.read(stage.post)
    await stage.tab.page.locator("[data-since]").click()


@scene("since-you-left-line")
async def _(stage: Stage) -> None:
    await stage.read(3)
    await stage.tab.go("/")
    for text in stage.lines:
        stage.write("sue", text)
    await stage.tab.read(stage.post)
    await stage.scroll_to("#comments", block="start")


@scene("muted-open")
async def _(stage: Stage) -> None:
    loud = stage.site.person(f"loud-{stage.post.id}", name="Lou Loud")
    stage.fill(3)
    stage.write(loud, stage.lines[1])
    stage.write(loud, stage.lines[4])
    stage.site.verb("mute", loud.id, on=True, by=stage.reader)
    await stage.tab.read(stage.post)
    await stage.tab.page.locator("[data-threads] [data-muted-fold] summary").first.click()
    await stage.scroll_to("[data-threads] .comment")


@scene("shortcuts")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.page.locator("body").press("?")
    await expect(stage.tab.page.locator("dialog")).to_be_visible()


@scene("deleting")
async def _(stage: Stage) -> None:
    stage.fill()
    number = stage.write(stage.reader, OWN[stage.language])
    await stage.tab.read(stage.post)
    await stage.act("delete", number)


@scene("paused")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.scroll_to("#comments", block="start")
    await stage.tab.page.locator("[data-pause]").click()
    await stage.say("sue", stage.lines[:2])
    await expect(stage.tab.page.locator("[data-new-below]")).to_contain_text("2")


# --- Reacting, naming, quoting -------------------------------------------------------------------


@scene("choosing-a-reaction")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.scroll_to("[data-comment]")
    await stage.act("react", await stage.comment())


@scene("mentioning")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.press_sequentially("@")
    await expect(stage.tab.page.locator(".mention-list")).to_be_visible()


@scene("quoting")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.scroll_to("[data-comment]")
    await (
        stage.tab.texts.nth(1)
        .locator("p")
        .evaluate("(p) => getSelection().setBaseAndExtent(p.firstChild, 3, p.firstChild, 30)")
    )
    await expect(stage.tab.page.locator(".quote-button")).to_be_visible()


# --- Writing -------------------------------------------------------------------------------------


@scene("composer-open")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.focus()


@scene("composer-toolbar")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.fill(f"{OWN[stage.language]}\n\n**{stage.lines[2]}**")
    tools = stage.tab.page.locator("[data-composer] [data-formatting]")
    if await tools.is_visible():
        await tools.click()
    await stage.tab.field.focus()


@scene("composer-preview")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.fill(MARKDOWN[stage.language][:160])
    await stage.tab.page.locator("[data-composer] button[data-preview]").click()
    await expect(stage.tab.page.locator("[data-composer] [data-preview-pane]")).to_be_visible()


@scene("reply")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.fill(OWN[stage.language])
    await stage.act("reply", await stage.comment())
    await stage.tab.field.fill(stage.lines[4])


@scene("near-the-limit")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.write_to_the_limit(-24)


@scene("beyond-the-limit")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.write_to_the_limit(12)
    await stage.tab.field.press("Control+Enter")


@scene("slow-mode")
async def _(stage: Stage) -> None:
    stage.site.verb("set_room", stage.post.id, slow_mode=60, by=stage.others["mo"])
    await stage.tab.read(stage.post)
    await stage.tab.say(OWN[stage.language])
    await stage.tab.field.fill(stage.lines[2])
    await expect(stage.tab.page.locator("[data-notice-wait]")).to_be_visible()


@scene("pending-offline")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.offline()
    await stage.tab.is_in("offline")
    await stage.tab.field.fill(OWN[stage.language])
    await stage.tab.field.press("Control+Enter")
    await expect(stage.tab.pending).to_be_visible()


@scene("offline-line")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.scroll_to("#comments", block="start")
    await stage.tab.offline()
    await stage.tab.is_in("offline")


@scene("failed")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.fill(f"{OWN[stage.language]} {BANNED}")
    await stage.tab.field.press("Control+Enter")
    await expect(stage.tab.failed).to_be_visible()


@scene("editing")
async def _(stage: Stage) -> None:
    stage.fill()
    number = stage.write(stage.reader, OWN[stage.language])
    await stage.tab.read(stage.post)
    await stage.act("edit", number)
    await expect(stage.tab.page.locator("[data-editor] textarea")).to_be_focused()


@scene("editing-a-reply")
async def _(stage: Stage) -> None:
    stage.fill(3)
    first = int(stage.site.stored(stage.post.id)[0]["id"])
    number = stage.write(stage.reader, OWN[stage.language], to=first)
    await stage.tab.read(stage.post)
    await stage.act("edit", number)
    await expect(stage.tab.page.locator("[data-editor] textarea")).to_be_focused()


@scene("typing")
async def _(stage: Stage) -> None:
    await stage.read()
    for who in ("sue", "noor"):
        tab = await stage.other(who)
        await tab.field.press_sequentially("abc")
    await expect(stage.tab.page.locator("[data-typing]")).not_to_have_text("")
    await expect(stage.tab.here).to_be_visible()
    await stage.scroll_to("#comments", block="start")


@scene("visitor-writes", visitor=True)
async def _(stage: Stage) -> None:
    stage.fill(3)
    await stage.tab.go(stage.post.path)
    field = stage.tab.page.locator("[data-visitor] textarea")
    await field.fill(OWN[stage.language])
    await field.scroll_into_view_if_needed()


# --- Pages ---------------------------------------------------------------------------------------


def page_of(name: str, path: str, *, visitor: bool = False) -> None:
    """A page about one comment, of somebody else or one's own."""

    @scene(name, visitor=visitor)
    async def _(stage: Stage) -> None:
        others = stage.write("sue", stage.lines[0])
        own = stage.write(stage.reader, OWN[stage.language])
        stage.react(others, "👍", stage.reader)
        stage.full = True
        await stage.tab.go(
            path.format(
                others=others,
                own=own,
                post=stage.post.path,
                sue=stage.others["sue"].id,
                me=stage.reader.username,
                name=stage.others["sue"].username,
            )
        )


for _name, _path in {
    "page-edit": "/comments/{own}/edit/",
    "page-delete": "/comments/{own}/delete/",
    "page-react": "/comments/{others}/react/",
    "page-report": "/comments/{others}/report/",
    "page-mute": "/accounts/mute/{sue}/?next={post}",
    "page-forbidden": "/comments/{others}/edit/",
    "person": "/people/{name}/",
    "person-own": "/people/{me}/",
    "settings": "/accounts/settings/",
    "data": "/accounts/data/",
}.items():
    page_of(_name, _path)
page_of("login-to-return", "/accounts/login/?next={post}", visitor=True)
page_of("signup-to-return", "/accounts/signup/?next={post}", visitor=True)


@scene("preview-without-javascript", plain=True)
async def _(stage: Stage) -> None:
    stage.fill(2)
    await stage.tab.go(stage.post.path)
    await stage.tab.field.fill(MARKDOWN[stage.language][:120])
    await stage.tab.page.locator("[data-composer] button[data-preview]").click()
    stage.full = True


@scene("muted-people")
async def _(stage: Stage) -> None:
    for who in ("sue", "rosa", "noor"):
        stage.site.verb("mute", stage.others[who].id, on=True, by=stage.reader)
    await stage.tab.go("/accounts/muted/")


@scene("settings-with-picture")
async def _(stage: Stage) -> None:
    stage.site.ask_clerk("picture", user_id=stage.reader.id, image=picture(((90, 60, 140), (240, 200, 120))))
    stage.full = True
    await stage.tab.go("/accounts/settings/")


@scene("delete-account")
async def _(stage: Stage) -> None:
    await stage.tab.go(f"/accounts/login/?next={stage.post.path}")
    stage.full = True
    await stage.tab.go("/accounts/delete/")


@scene("paper")
async def _(stage: Stage) -> None:
    every_kind(stage)
    stage.full = True
    await stage.tab.read(stage.post)
    await stage.tab.page.emulate_media(media="print")
