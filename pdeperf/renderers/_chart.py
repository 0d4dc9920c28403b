"""Speedups with their intervals as one small SVG, on a logarithmic axis."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from pdeperf.renderers._words import times, visible

_MARKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One measured speedup."""

    label: str
    speedup: float
    low: float
    high: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where labels and bars stand, in pixels of the drawing.

    Attributes
    ----------
    left
        Where the axis begins.
    width
        Where it ends; the numbers behind the bars follow.
    row
        Height of a bar with its label.
    above
        Height of the label, if it stands over its bar; 0 if before it.
    letters_count
        What fits into a label.
    mark
        Least distance of two marks of the axis.
    """

    left: int
    width: int
    row: int
    above: int
    letters_count: int
    mark: int


WIDE = Layout(left=300, width=800, row=26, above=0, letters_count=40, mark=0)
"""Labels before the bars."""
NARROW = Layout(left=8, width=300, row=46, above=20, letters_count=44, mark=34)
"""Labels over the bars: for a telephone."""


def svg(bars: Sequence[Bar], layout: Layout = WIDE) -> str:
    """Draw the bars; empty where nothing was measured."""
    known = [bar for bar in bars if bar.speedup > 0 and math.isfinite(bar.speedup)]
    if not known:
        return ""
    ends = [end for bar in known for end in (bar.speedup, bar.low or bar.speedup, bar.high or bar.speedup)]
    low, high = min(1.0, *ends) / 1.15, max(2.0, *ends) * 1.25
    span = math.log(high / low)

    def x(factor: float) -> float:
        return layout.left + (layout.width - layout.left) * math.log(factor / low) / span

    height = layout.row * len(known) + 24
    parts = [
        f'<line class="{"one" if mark == 1 else "mark"}" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="0" '
        f'y2="{height - 20}"/><text class="axis" x="{x(mark):.1f}" y="{height - 6}">{mark:g}x</text>'
        for mark in _marks(low, high, x, layout.mark)
    ]
    for number, bar in enumerate(known):
        parts.append(_bar(bar, number * layout.row, x, layout))
    form = "narrow chart" if layout.above else "chart"
    return (
        f'<svg class="{form}" viewBox="0 0 {layout.width + 70} {height}" role="img" '
        f'aria-label="Speedups with their intervals">{"".join(parts)}</svg>'
    )


def _marks(low: float, high: float, x: Callable[[float], float], least: float) -> list[float]:
    """The marks of the axis: 1x, and what keeps its distance from it and from each other."""
    chosen = [1.0]
    for mark in sorted(_MARKS, key=lambda mark: abs(math.log(mark))):
        if low < mark < high and all(abs(x(mark) - x(other)) >= max(least, 1) for other in chosen):
            chosen.append(mark)
    return sorted(chosen)


def _bar(bar: Bar, top: int, x: Callable[[float], float], layout: Layout) -> str:
    one, end = x(1.0), x(bar.speedup)
    upper = top + layout.above
    middle = upper + (layout.row - layout.above) / 2
    label = visible(bar.label)
    label = label if len(label) <= layout.letters_count else label[: layout.letters_count - 1] + "…"
    interval = (
        f'<line class="whisker" x1="{x(bar.low):.1f}" x2="{x(bar.high):.1f}" y1="{middle}" y2="{middle}"/>'
        if bar.low > 0 and bar.high > 0
        else ""
    )
    right = max(one, end, x(bar.high) if bar.high > 0 else end)
    left, width = min(one, end), max(abs(end - one), 1)
    height = layout.row - layout.above - 10
    named = (
        f'<text x="{layout.left}" y="{upper - 2}">'
        if layout.above
        else f'<text x="{layout.left - 8}" y="{middle + 4}" text-anchor="end">'
    )
    return (
        f'<g class="{bar.kind}">{named}{escape(label)}</text>'
        f'<rect x="{left:.1f}" y="{upper + 5}" width="{width:.1f}" height="{height}"/>'
        f'{interval}<text x="{right + 6:.1f}" y="{middle + 4}">'
        f"{times(bar.speedup)}</text></g>"
    )
