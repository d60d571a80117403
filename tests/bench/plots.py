"""Plots as SVG, without a library: bars side by side, one colour for each contestant."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

from .targets import Medians

COLOURS = {
    "postroom": "#2f6f4f",
    "node": "#b5752a",
    "kernel": "#8a8f98",
    "one worker": "#8fb8a2",
    "two workers": "#2f6f4f",
}
TITLES = {
    "cpu": "Server CPU per delivery, us",
    "deliveries": "Deliveries per second",
    "latency": "Until the last reader has it, p50, ms",
    "accepted": "Accepted comments per second",
    "joins": "Joins per second",
    "memory": "Memory per connection, KiB",
}
MEASURES = {
    "cpu": ("cpu_per_delivery_us", ("one-", "hot-", "relay-", "rooms-")),
    "deliveries": ("deliveries_per_second", ("one-", "hot-", "relay-", "rooms-", "workers")),
    "latency": ("last_reader_p50_ms", ("one-", "hot-", "relay-", "rooms-")),
    "accepted": ("accepted_per_second", ("accepted-", "hot-", "rooms-")),
    "joins": ("joins_per_second", ("reconnect-",)),
    "memory": ("memory_per_connection_kib", ("idle-",)),
}
WIDTH, LABELS, BAR, GAP, TOP = 760, 150, 14, 12, 56

Group = tuple[str, Mapping[str, float]]


def draw(medians: Medians) -> dict[str, str]:
    """The plots that these figures are enough for, by name."""
    plots = {}
    for name, (measure, kinds) in MEASURES.items():
        groups: list[Group] = []
        for case, contestants in medians.items():
            figures = {who: each[measure] for who, each in contestants.items() if each.get(measure)}
            # One reader costs a whole write: beside the others it would hide them.
            if case.startswith(kinds) and not case.endswith("-1") and figures:
                groups.append((case, figures))
        plots[name] = bars(TITLES[name], groups)
    return plots


def bars(title: str, groups: Sequence[Group]) -> str:
    """One bar for each figure; each group has a scale of its own, or large cases would hide small ones."""
    names = list(dict.fromkeys(name for _, figures in groups for name in figures))
    parts = [f'<text x="12" y="22" class="title">{escape(title)}</text>']
    for index, name in enumerate(names):
        x = 12 + index * 120
        parts.append(f'<rect x="{x}" y="34" width="10" height="10" fill="{COLOURS.get(name, "#666")}"/>')
        parts.append(f'<text x="{x + 15}" y="43">{escape(name)}</text>')
    y = TOP
    room = WIDTH - LABELS - 90
    for label, figures in groups:
        largest = max(figures.values())
        middle = y + len(figures) * BAR / 2 + 4
        parts.append(f'<text x="{LABELS - 8}" y="{middle:g}" text-anchor="end">{escape(label)}</text>')
        for name, value in figures.items():
            width = max(1.0, value / largest * room)
            colour = COLOURS.get(name, "#666")
            parts.append(
                f'<rect x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR - 2}" fill="{colour}"/>'
            )
            shown = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
            parts.append(f'<text x="{LABELS + width + 5:.1f}" y="{y + BAR - 4}">{shown}</text>')
            y += BAR
        y += GAP
    style = "text{font:11px sans-serif;fill:#333}.title{font-size:14px;font-weight:bold}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}">'
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


LINE_COLOURS = ("#2f6f4f", "#b5752a", "#4a6fa5", "#8a3b4f", "#8a8f98")
LEFT, RIGHT, HIGH, LOW = 70, 20, 64, 300

Curve = Sequence[tuple[float, float]]


def lines(
    title: str, across: str, up: str, curves: Mapping[str, Curve], *, up_to: float | None = None
) -> str:
    """Curves over logarithmic axes, a colour for each; what rises above `up_to` ends there."""
    drawn = {
        name: [(x, y) for x, y in curve if up_to is None or y <= up_to] for name, curve in curves.items()
    }
    columns = _Scale([x for curve in drawn.values() for x, _ in curve], LEFT, WIDTH - RIGHT)
    rows = _Scale([y for curve in drawn.values() for _, y in curve], LOW, HIGH)
    parts = [f'<text x="12" y="22" class="title">{escape(title)}</text>']
    for index, name in enumerate(drawn):
        x = 12 + index * 170
        parts.append(f'<rect x="{x}" y="34" width="10" height="10" fill="{LINE_COLOURS[index]}"/>')
        parts.append(f'<text x="{x + 15}" y="43">{escape(name)}</text>')
    for value, place in columns.marks():
        parts.append(f'<path d="M{place:.1f} {HIGH}V{LOW}" stroke="#ddd"/>')
        parts.append(f'<text x="{place:.1f}" y="{LOW + 15}" text-anchor="middle">{_mark(value)}</text>')
    for value, place in rows.marks():
        parts.append(f'<path d="M{LEFT} {place:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{place + 4:.1f}" text-anchor="end">{_mark(value)}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH) / 2:g}" y="{LOW + 34}" text-anchor="middle">{escape(across)}</text>'
    )
    parts.append(f'<text x="12" y="{HIGH - 6}">{escape(up)}</text>')
    for index, curve in enumerate(drawn.values()):
        points = " ".join(f"{columns.place(x):.1f},{rows.place(y):.1f}" for x, y in curve)
        colour = LINE_COLOURS[index]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    style = "text{font:11px sans-serif;fill:#333}.title{font-size:14px;font-weight:bold}"
    height = LOW + 46
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}"><style>{style}</style><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _mark(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


class _Scale:
    """A logarithmic axis that begins and ends at a power of ten or at twice or five times one."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        steps = [step * 10.0**power for power in range(-6, 9) for step in (1, 2, 5)]
        self._steps = [
            step
            for step, after in zip(steps, [*steps[1:], steps[-1]], strict=True)
            if after > min(values) and step < max(values) * 2.5
        ]
        self._begin, self._end = begin, end

    def place(self, value: float) -> float:
        low, high = log10(self._steps[0]), log10(self._steps[-1])
        return self._begin + (log10(value) - low) / (high - low) * (self._end - self._begin)

    def marks(self) -> list[tuple[float, float]]:
        return [(step, self.place(step)) for step in self._steps]
