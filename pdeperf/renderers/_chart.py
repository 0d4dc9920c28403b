"""Speedups with their intervals as one small SVG, on a logarithmic axis."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from pdeperf.renderers._words import times, visible

_LEFT, _WIDTH, _ROW = 300, 800, 26
_MARKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One measured speedup."""

    label: str
    speedup: float
    low: float
    high: float
    kind: str


def svg(bars: Sequence[Bar]) -> str:
    """Draw the bars; empty where nothing was measured."""
    known = [bar for bar in bars if bar.speedup > 0 and math.isfinite(bar.speedup)]
    if not known:
        return ""
    ends = [end for bar in known for end in (bar.speedup, bar.low or bar.speedup, bar.high or bar.speedup)]
    low, high = min(1.0, *ends) / 1.15, max(2.0, *ends) * 1.25
    span = math.log(high / low)

    def x(factor: float) -> float:
        return _LEFT + (_WIDTH - _LEFT) * math.log(factor / low) / span

    height = _ROW * len(known) + 24
    parts = [
        f'<line class="{"one" if mark == 1 else "mark"}" x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="0" '
        f'y2="{height - 20}"/><text class="axis" x="{x(mark):.1f}" y="{height - 6}">{mark:g}x</text>'
        for mark in _MARKS
        if low < mark < high
    ]
    for number, bar in enumerate(known):
        parts.append(_bar(bar, number * _ROW, x))
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH + 70} {height}" role="img" '
        f'aria-label="Speedups with their intervals">{"".join(parts)}</svg>'
    )


def _bar(bar: Bar, top: int, x: Callable[[float], float]) -> str:
    one, end = x(1.0), x(bar.speedup)
    middle = top + _ROW / 2
    label = visible(bar.label)
    label = label if len(label) <= 40 else label[:39] + "…"
    interval = (
        f'<line class="whisker" x1="{x(bar.low):.1f}" x2="{x(bar.high):.1f}" y1="{middle}" y2="{middle}"/>'
        if bar.low > 0 and bar.high > 0
        else ""
    )
    right = max(one, end, x(bar.high) if bar.high > 0 else end)
    left, width = min(one, end), max(abs(end - one), 1)
    return (
        f'<g class="{bar.kind}">'
        f'<text x="{_LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{left:.1f}" y="{top + 5}" width="{width:.1f}" height="{_ROW - 10}"/>'
        f'{interval}<text x="{right + 6:.1f}" y="{middle + 4}">'
        f"{times(bar.speedup)}</text></g>"
    )
