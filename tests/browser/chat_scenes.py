"""The lobby, rooms and private conversations, as pictures show them: `SCENES` gets these, too."""

from playwright.async_api import expect

from .scenes import LONG_ADDRESS, OWN, RTL, Stage, scene
from .tab import Post

ROOMS = {
    "en": ("The bread oven", "Sourdough, rye and what went wrong. **Pictures** are welcome."),
    "ko": ("빵 굽는 방", "사워도우, 호밀, 그리고 실패한 빵 이야기. **사진**도 환영합니다."),
}


def room(stage: Stage, *, filled: bool = True) -> Post:
    """A room that an admin has made, in which people talk; the reader wrote in it, too."""
    title, body = ROOMS[stage.language]
    made = stage.site.ask_clerk("room", title=title, body=body)
    where = Post(made["id"], f"/chat/{made['slug']}/")
    if filled:
        people = ["omar", "omar", "kim", "sue"]
        numbers = [
            stage.write(who, text, under=where) for who, text in zip(people, stage.lines, strict=False)
        ]
        stage.site.ask_clerk("age", comment_id=numbers[0], seconds=86_400 * 3)
        stage.write("noor", RTL, under=where)
        own = stage.write(stage.reader, OWN[stage.language], under=where)
        stage.write("rosa", f"{stage.lines[1]} {LONG_ADDRESS}", under=where)
        stage.react(own, "👍", "sue", "kim")
    return where


def letters(stage: Stage) -> list[int]:
    """Some have written to the reader in private; with one of them it is a conversation. The ids of the last
    two messages of it."""

    def send(who: str, *texts: str, back: bool = False) -> list[int]:
        pair = (stage.others[who].id, stage.reader.id)
        sender, recipient = reversed(pair) if back else pair
        sent: list[int] = stage.site.ask_clerk(
            "write_privately", user_id=sender, to=recipient, contents=list(texts)
        )
        return sent

    lines = stage.lines
    send("kim", lines[3])
    send("sue", lines[0])
    send("sue", OWN[stage.language], back=True)
    return send("sue", lines[2], lines[1])


async def see_reported(stage: Stage, path: str) -> None:
    """As a moderator, after all letters were reported."""
    for message in letters(stage):
        stage.site.verb("report_privately", message, "harassment", by=stage.reader)
    await stage.tab.enter(stage.others["mo"])
    await stage.tab.go(path)


@scene("chat")
async def _(stage: Stage) -> None:
    await stage.tab.read(room(stage))


@scene("chat-empty")
async def _(stage: Stage) -> None:
    await stage.tab.read(room(stage, filled=False))


@scene("chat-logged-out", visitor=True)
async def _(stage: Stage) -> None:
    await stage.tab.go(room(stage).path)


@scene("chat-without-javascript", plain=True)
async def _(stage: Stage) -> None:
    stage.full = True
    await stage.tab.go(room(stage).path)


@scene("chat-many")
async def _(stage: Stage) -> None:
    where = room(stage)
    for index in range(30):
        stage.write(["omar", "sue", "kim"][index // 2 % 3], stage.lines[index % 5], under=where)
    await stage.tab.read(where)


@scene("chat-somebody-came")
async def _(stage: Stage) -> None:
    where = room(stage)
    await stage.tab.read(where)
    other = await stage.visitors.come(stage.others["sue"], stage.language, {})
    await other.read(where)
    await expect(stage.tab.page.locator("[data-came]")).not_to_be_empty()
    await other.field.press_sequentially("Well")
    await expect(stage.tab.page.locator("[data-typing]")).not_to_be_empty()


@scene("chat-private-list")
async def _(stage: Stage) -> None:
    letters(stage)
    await stage.tab.go("/chat/with/")


@scene("chat-private-nobody")
async def _(stage: Stage) -> None:
    await stage.tab.go("/chat/with/")


@scene("chat-private")
async def _(stage: Stage) -> None:
    letters(stage)
    await stage.tab.go(f"/chat/with/{stage.others['sue'].username}/")


@scene("chat-private-first")
async def _(stage: Stage) -> None:
    await stage.tab.go(f"/chat/with/{stage.others['omar'].username}/")


@scene("chat-private-muted")
async def _(stage: Stage) -> None:
    letters(stage)
    stage.site.verb("mute", stage.others["sue"].id, on=True, by=stage.reader)
    await stage.tab.go(f"/chat/with/{stage.others['sue'].username}/")


@scene("chat-private-taken-back")
async def _(stage: Stage) -> None:
    sue = stage.others["sue"]
    *_, last = letters(stage)
    await stage.tab.go(f"/chat/with/{sue.username}/")
    stage.site.verb("remove_privately", last, by=sue)
    await stage.tab.page.reload()
    await stage.tab.page.locator("[data-taken-back] summary").click()
    await stage.scroll_to("[data-composer], form")


@scene("desk-private-reports")
async def _(stage: Stage) -> None:
    await see_reported(stage, "/admin/moderation/reported/")


@scene("private-reports")
async def _(stage: Stage) -> None:
    await see_reported(stage, "/admin/comments/privatemessage/")
