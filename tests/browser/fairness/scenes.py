"""Every state in which readers see something of moderation, each made anew: for inspection and pictures.

    await SCENES["a warning"](stage)

leaves `stage.tab` as its reader sees it, logged in as somebody of their own, in any language.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import expect

from tests.browser.scenes import press
from tests.browser.tab import Post, Tab
from tests.servers import Person

from .conftest import Moderator

WORD = "snollygoster"
KIND = {
    "en": "We would rather read what you think of the bread than of the baker.",
    "ko": "빵을 구운 사람보다 빵에 대한 생각을 들려주세요.",
}
TEXTS = {
    "en": ["I bake on Sundays, too.", "Nobody needs an oven for that.", "Which flour do you use?"],
    "ko": ["저도 일요일마다 굽습니다.", "그런 데에 오븐은 필요 없어요.", "어떤 밀가루를 쓰시나요?"],
}
OWN = {"en": "You call this bread?", "ko": "이걸 빵이라고 부르세요?"}


@dataclass(slots=True)
class Stage:
    """A reader's tab at a post with a few comments of others, and who moderates it."""

    tab: Tab
    reader: Person
    other: Person
    mo: Moderator
    post: Post
    language: str

    @property
    def kind(self) -> str:
        """What a moderator explains."""
        return KIND[self.language]

    @property
    def own(self) -> str:
        return OWN[self.language]

    async def read(self, *, fill: bool = True) -> None:
        if fill:
            self.mo.site.fill(self.post.id, author=self.other, contents=TEXTS[self.language])
        await self.tab.read(self.post)

    async def say(self, text: str) -> None:
        await self.tab.field.fill(text)
        await self.tab.page.locator("[data-send]").click()

    async def act(self, action: str, number: int = 1) -> None:
        await press(self.tab.comments.nth(number).locator("> .comment-main > footer"), action)

    async def decided(self, verdict: str = "reject", **details: Any) -> None:
        await self.read()
        await self.say(self.own)
        await expect(self.tab.page.locator(".is-own[data-id]")).to_have_count(1)
        await expect(self.tab.pending).to_have_count(0)
        self.mo.decide(
            self.post, self.own, verdict, **{"reason": "harassment", "explanation": self.kind, **details}
        )
        await expect(self.told).to_have_count(1)

    @property
    def told(self) -> Any:
        return self.tab.page.locator("[data-threads] [data-decision]")

    async def appeal(self) -> None:
        await self.told.locator("[data-action=appeal]").click()
        await self.tab.page.locator("[data-form=appeal] textarea").fill("…")


Scene = Callable[[Stage], Awaitable[None]]
SCENES: dict[str, Scene] = {}


def scene(name: str) -> Callable[[Scene], Scene]:
    def keep(act: Scene) -> Scene:
        SCENES[name] = act
        return act

    return keep


@scene("report")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.act("report")
    await stage.tab.page.locator("[data-form=report] [value=spam]").check(force=True)


@scene("report-without-reason")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.act("report")
    await stage.tab.page.locator("[data-form=report] [type=submit]").click()
    await expect(stage.tab.page.locator("[data-form-problem]")).to_be_visible()


@scene("report-thanks")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.act("report")
    await stage.tab.page.locator("[data-form=report] [value=spam]").check(force=True)
    await stage.tab.page.locator("[data-form=report] [type=submit]").click()
    await expect(stage.tab.page.locator("[data-thanks]")).to_be_visible()


@scene("held")
async def _(stage: Stage) -> None:
    stage.mo.set_room(stage.post, pre_moderation=True)
    await stage.read()
    await stage.say(stage.own)
    await expect(stage.tab.page.locator("[data-threads] .is-held")).to_be_visible()


@scene("decision")
async def _(stage: Stage) -> None:
    await stage.decided()


@scene("decision-with-replies")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.say(stage.own)
    await expect(stage.tab.pending).to_have_count(0)
    await stage.act("reply", 3)
    await stage.say(TEXTS[stage.language][0])
    await expect(stage.tab.page.locator("[data-replies] .is-own[data-id]")).to_have_count(1)
    stage.mo.decide(stage.post, stage.own, "remove", reason="off_topic")
    await expect(stage.told).to_be_visible()


@scene("appeal")
async def _(stage: Stage) -> None:
    await stage.decided()
    await stage.appeal()


@scene("appealed")
async def _(stage: Stage) -> None:
    await stage.decided()
    await stage.appeal()
    await stage.tab.page.locator("[data-form=appeal] [type=submit]").click()
    await expect(stage.told.locator("[data-decision-appeal]")).to_be_visible()


@scene("appeal-turned-down")
async def _(stage: Stage) -> None:
    await stage.decided()
    await stage.appeal()
    await stage.tab.page.locator("[data-form=appeal] [type=submit]").click()
    await expect(stage.told.locator("[data-decision-appeal]")).to_be_visible()
    [asked] = stage.mo.site.ask_clerk("moderated", post_id=stage.post.id)["appeals"]
    stage.mo.answer(asked["id"], False, explanation=stage.kind)
    await expect(stage.told.locator("[data-decision-answer]")).to_be_visible()


@scene("removed-with-replies")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.act("reply", 1)
    await stage.say(stage.own)
    await expect(stage.tab.page.locator("[data-replies] .is-own[data-id]")).to_have_count(1)
    stage.mo.decide(stage.post, TEXTS[stage.language][1], "remove")
    await expect(stage.tab.page.locator("[data-removed-note]")).to_be_visible()


@scene("rejected")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.say(f"{stage.own} {WORD}")
    await expect(stage.tab.failed.locator("[data-decision]")).to_be_visible()


@scene("slow-mode")
async def _(stage: Stage) -> None:
    stage.mo.set_room(stage.post, slow_mode=60)
    await stage.read()
    await stage.say(stage.own)
    await expect(stage.tab.page.locator("[data-notice-wait]")).to_be_visible()


@scene("held-first")
async def _(stage: Stage) -> None:
    stage.mo.impose(stage.reader, "hold_first", reason="advertising", seconds=86_400, explanation=stage.kind)
    await stage.read()
    await expect(stage.tab.page.locator("[data-notice]")).to_be_visible()


@scene("room-holds")
async def _(stage: Stage) -> None:
    stage.mo.set_room(stage.post, pre_moderation=True, slow_mode=30)
    await stage.read()
    await expect(stage.tab.page.locator("[data-notice]")).to_be_visible()


@scene("read-only")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.fill(stage.own)
    stage.mo.set_room(stage.post, room_state="read_only")
    await expect(stage.tab.closed).to_be_visible()


@scene("suspension")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.fill(stage.own)
    stage.mo.impose(stage.reader, "suspension", seconds=10_800, explanation=stage.kind)
    await expect(stage.tab.closed).to_be_visible()


@scene("warning")
async def _(stage: Stage) -> None:
    await stage.read()
    stage.mo.impose(stage.reader, "warning", explanation=stage.kind, concerns=stage.post.path)
    await expect(stage.tab.closed).to_be_visible()


@scene("ban")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.tab.field.fill(stage.own)
    stage.mo.impose(stage.reader, "ban", reason="spam", seconds=604_800, explanation=stage.kind)
    await stage.tab.is_in("barred")


@scene("ban-without-end")
async def _(stage: Stage) -> None:
    stage.mo.impose(stage.reader, "ban", reason="hate")
    stage.mo.site.fill(stage.post.id, author=stage.other, contents=TEXTS[stage.language])
    await stage.tab.go(stage.post.path)
    await stage.tab.is_in("barred")


@scene("page-report")
async def _(stage: Stage) -> None:
    await stage.read()
    number = await stage.tab.comments.nth(1).get_attribute("data-id")
    await stage.tab.go(f"/comments/{number}/report/")


@scene("page-appeal")
async def _(stage: Stage) -> None:
    await stage.decided()
    await stage.tab.go(str(await stage.told.locator("[data-action=appeal]").get_attribute("href")))


AUTHORS: dict[str, Scene] = {}


def authors(name: str) -> Callable[[Scene], Scene]:
    """Scenes whose reader is the post's author."""

    def keep(act: Scene) -> Scene:
        AUTHORS[name] = act
        return act

    return keep


@authors("hide")
async def _(stage: Stage) -> None:
    await stage.read()
    await stage.act("hide")


@authors("hidden")
async def _(stage: Stage) -> None:
    await stage.read()
    stage.mo.decide(stage.post, TEXTS[stage.language][1], "reject")
    await expect(stage.tab.page.locator("[data-removed-note]")).to_be_visible()


@authors("page-hide")
async def _(stage: Stage) -> None:
    await stage.read()
    number = await stage.tab.comments.nth(1).get_attribute("data-id")
    await stage.tab.go(f"/comments/{number}/hide/")


@authors("page-restore")
async def _(stage: Stage) -> None:
    await stage.read()
    number = await stage.tab.comments.nth(1).get_attribute("data-id")
    stage.mo.decide(stage.post, TEXTS[stage.language][1], "reject")
    await stage.tab.go(f"/comments/{number}/restore/")
