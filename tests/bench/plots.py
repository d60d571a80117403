"""Plots as SVG, without a library: bars side by side, one colour for each contestant."""

from collections.abc import Mapping, Sequence
from html import escape

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
