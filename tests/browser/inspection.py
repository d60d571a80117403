"""What every page must stand up to: axe's rules, the narrowest phone, and a language that is named."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import ViewportSize

from .tab import Tab

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text()
# What axe finds beyond this page must not go unseen, so it runs all its rules, best practices too.
# It need not load stylesheets a second time: that is for rules it does not run, and the admin's CSP objects.
RUN = "axe.run(document, { resultTypes: ['violations'], preload: false })"
# Colours on their way from one to another are nobody's choice.
SETTLED = """Promise.allSettled(
  document.getAnimations()
    .filter((each) => Number.isFinite(each.effect.getComputedTiming().endTime))
    .map((each) => each.finished),
).then(() => undefined)"""
NARROWEST = ViewportSize(width=320, height=640)


@dataclass(frozen=True, slots=True)
class Look:
    size: ViewportSize
    scheme: Literal["light", "dark"]


DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=360, height=740)
# English meets both sizes and both schemes, Korean what it may change: how much fits on a phone.
LOOKS = {
    "en": (Look(DESKTOP, "light"), Look(PHONE, "dark")),
    "ko": (Look(PHONE, "light"),),
}


async def inspect(tab: Tab) -> None:
    """Look at the page as it stands, without loading it again."""
    assert await tab.page.locator("html").get_attribute("lang") == tab.language
    assert await tab.page.title()
    for look in LOOKS[tab.language]:
        await tab.page.set_viewport_size(look.size)
        await tab.page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
        violations = await violations_on(tab)
        assert not violations, f"{tab.page.url} {look}\n" + "\n".join(violations)
    await tab.page.set_viewport_size(NARROWEST)
    await fits(tab)
    await tab.page.set_viewport_size(DESKTOP)


async def violations_on(tab: Tab) -> list[str]:
    if not await tab.page.evaluate("'axe' in window"):
        await tab.page.evaluate(AXE)
    await tab.page.evaluate(SETTLED)
    result: dict[str, Any] = await tab.page.evaluate(RUN)
    assert len(result["passes"]) > 10, "axe found too little to look at"
    return [
        f"{rule['id']}: {node['target']} {node['html'][:200]}\n    {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


async def fits(tab: Tab) -> None:
    """Nothing scrolls sideways."""
    wider = await tab.page.evaluate(
        """[...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
          .map((element) => element.outerHTML.slice(0, 120))"""
    )
    width = await tab.page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROWEST["width"], f"{tab.page.url} is {width} px wide: {wider[-3:]}"
