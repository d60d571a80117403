"""The bell and who is here, as pictures show them: `SCENES` gets these, too."""

from playwright.async_api import expect

from tests.servers import Person

from .scenes import OWN, Stage, scene

NEWS = {
    "en": "On Sunday night the site is away for ten minutes: we change the oven.",
    "ko": "일요일 밤에 오븐을 바꾸느라 사이트가 10분쯤 쉽니다.",
}


async def told(stage: Stage) -> None:
    """Somebody hears of all kinds of things, some of which they have read."""
    site, reader = stage.site, stage.reader
    own = stage.write(reader, OWN[stage.language])
    for who in ("omar", "sue"):
        site.verb("follow_person", reader.id, on=True, by=stage.others[who])
    site.ask_clerk("read_all", user_id=reader.id)
    stage.react(own, "👍", "omar", "kim", "noor")
    stage.write("rosa", stage.lines[0], to=own)
    stage.write("sue", f"@{reader.username} {stage.lines[2]}")
    site.ask_clerk("tell", post_id=stage.post.id)
    site.verb("follow_person", reader.id, on=True, by=stage.others["kim"])
    site.ask_clerk(
        "notify", kind="system", to_user=reader.id, group="news", about={"text": NEWS[stage.language]}
    )


async def friends(stage: Stage) -> Person:
    """Whom they follow: one is here, one away, one was here, two were not seen."""
    site, others = stage.site, stage.others
    for who in ("omar", "sue", "kim", "noor", "rosa"):
        site.verb("follow_person", others[who].id, on=True, by=stage.reader)
    for who in ("omar", "sue"):
        page = await stage.visitors.come(others[who], stage.language, {})
        await page.go("/following/")
        if who == "omar":
            await page.page.locator("[data-own-status] button[value=away]").click()
    site.ask_clerk("seen", user_id=others["kim"].id, minutes=95)
    return others["sue"]


@scene("bell")
async def _(stage: Stage) -> None:
    await told(stage)
    await stage.tab.go("/")
    await expect(stage.tab.page.locator("[data-bell-count]")).to_be_visible()


@scene("inbox-panel")
async def _(stage: Stage) -> None:
    await told(stage)
    await stage.tab.read(stage.post)
    await stage.tab.page.locator("[data-bell]").click()
    await expect(stage.tab.page.locator("[data-inbox-panel] [data-notice]")).to_have_count(5)


@scene("inbox-panel-empty")
async def _(stage: Stage) -> None:
    await stage.tab.go("/")
    await stage.tab.page.locator("[data-bell]").click()
    await expect(stage.tab.page.locator("[data-empty]")).to_be_visible()


@scene("inbox")
async def _(stage: Stage) -> None:
    await told(stage)
    stage.full = True
    await stage.tab.go("/notifications/")


@scene("inbox-choices")
async def _(stage: Stage) -> None:
    stage.full = True
    await stage.tab.go("/accounts/notifications/")


@scene("person-to-follow")
async def _(stage: Stage) -> None:
    stage.write("sue", stage.lines[0])
    await stage.tab.go(f"/people/{stage.others['sue'].username}/")


@scene("person-followed")
async def _(stage: Stage) -> None:
    stage.write("sue", stage.lines[0])
    sue = await friends(stage)
    await stage.tab.go(f"/people/{sue.username}/")
    await expect(stage.tab.page.locator("[data-status-of][data-status=online]")).to_be_visible()


@scene("following")
async def _(stage: Stage) -> None:
    await friends(stage)
    await stage.tab.go("/following/")
    await expect(stage.tab.page.locator("[data-status-of][data-status=away]")).to_be_visible()


@scene("following-nobody")
async def _(stage: Stage) -> None:
    await stage.tab.go("/following/")


@scene("desk-bell")
async def _(stage: Stage) -> None:
    mo = stage.others["mo"]
    stage.site.ask_clerk(
        "notify", kind="system", to_user=mo.id, group="a", about={"text": NEWS[stage.language]}
    )
    await stage.tab.enter(mo)
    await stage.tab.go("/admin/moderation/reported/")
    await expect(stage.tab.page.locator("[data-bell-count]")).to_be_visible()
