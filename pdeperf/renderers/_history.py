"""Runs of a script over time, as a table and as one SVG."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from html import escape

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table

from pdeperf.model import PastRun
from pdeperf.renderers import _words, terminal

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 760, 300, 60, 60
_HEADING, _LABEL_WIDTH = 44, 40
_BAR = 12
_OTHER = "#c33"
_STYLE = (
    "text { fill: #1b1f24; } .one { stroke: #1b1f24; } .mark { stroke: #ddd; } "
    "@media (prefers-color-scheme: dark) { text { fill: #e4e8ed; } .one { stroke: #e4e8ed; } "
    ".mark { stroke: #444; } }"
)
_COLOURS = {"pass": "#2a7", "optimised": "#27a", "warn": "#c80", "inconclusive": "#999"}
_MARKS = (0.1, 0.2, 0.5, 0.8, 1, 1.25, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


_COLUMNS = ("when", "script", "run", "time", "old / new", "", "result")
_LEFT_OUT: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({""}),
    frozenset({"", "year"}),
    frozenset({"", "year", "against"}),
    frozenset({"", "year", "against", "time"}),
    frozenset({"", "year", "against", "time", "run"}),
    frozenset({"", "year", "against", "time", "run", "old / new"}),
)
"""What a narrower and narrower terminal is not shown."""
_WIDEST = 30


@dataclass(frozen=True, slots=True)
class _Runs:
    """The table, with as many columns as the terminal has room for."""

    runs: Sequence[PastRun]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        tables = [_table(self.runs, left_out) for left_out in _LEFT_OUT]
        wide = options.update(width=1000)
        fit = (one for one in tables if console.measure(one, options=wide).maximum <= options.max_width)
        yield next(fit, tables[-1])


def table(runs: Sequence[PastRun]) -> RenderableType:
    """One line a run, the oldest first, with a bar for its speedup where there is room."""
    return _Runs(runs)


def _table(runs: Sequence[PastRun], left_out: Collection[str]) -> Table:
    shown = Table(box=None, pad_edge=False)
    names = [name for name in _COLUMNS if name not in left_out]
    for name in names:
        given = name in ("script", "run")
        right = name in ("time", "old / new")
        shown.add_column(
            name,
            justify="right" if right else "left",
            no_wrap=not given,
            overflow="fold" if given else "ellipsis",
            max_width=_WIDEST if given else None,
        )
    largest = max((abs(math.log(one.speedup)) for one in runs if one.speedup > 0), default=0.0)
    for one in runs:
        against = "" if "against" in left_out else one.against
        cells: dict[str, RenderableType] = {
            "when": one.created[5 if "year" in left_out else 0 : 16].replace("T", " "),
            "script": terminal.plain(_words.on_one_line(" ".join((one.script, *one.argv)))),
            "run": terminal.plain(f"{one.command} {against}".strip()),
            "time": _words.seconds(one.elapsed_s) if one.elapsed_s > 0 else "",
            "old / new": _words.times(one.speedup) if one.speedup > 0 else "",
            "": _bar(one.speedup, largest),
            "result": terminal.plain(one.word),
        }
        shown.add_row(*(cells[name] for name in names))
    return shown


def _bar(speedup: float, largest: float) -> str:
    """To the right of the middle where faster, to the left where slower."""
    if speedup <= 0 or not largest:
        return ""
    length = round(_BAR / 2 * abs(math.log(speedup)) / largest)
    half = _BAR // 2
    left, right = ("", "█" * length) if speedup >= 1 else ("█" * length, "")
    return f"{left:>{half}}│{right:<{half}}"


def svg(runs: Sequence[PastRun]) -> str:
    """The ratios old / new in the order of time, with their intervals; times where none was compared."""
    compared = [one for one in runs if one.speedup > 0 and math.isfinite(one.speedup)]
    if not compared:
        return _frame('<text x="60" y="40">Nothing was compared yet.</text>')
    ends = [
        end
        for one in compared
        for end in (one.speedup, one.speedup_low, one.speedup_high)
        if end > 0 and math.isfinite(end)
    ]
    low, high = min(0.9, *ends) / 1.1, max(1.1, *ends) * 1.1

    def y(ratio: float) -> float:
        return (_HEIGHT - _BOTTOM - _HEADING) * (1 - math.log(ratio / low) / math.log(high / low)) + _HEADING

    step = (_WIDTH - _LEFT - 20) / len(compared)
    marks = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" '
        f'class="{"one" if mark == 1 else "mark"}"/>'
        f'<text x="{_LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:g}x</text>'
        for mark in _MARKS
        if low < mark < high
    )
    every = math.ceil(len(compared) * _LABEL_WIDTH / (_WIDTH - _LEFT))  # labels that stand apart
    points = "".join(
        _point(one, _LEFT + step * (at + 0.5), y, labelled=at % every == 0) for at, one in enumerate(compared)
    )
    return _frame(_legend(compared) + marks + points)


def _legend(runs: Sequence[PastRun]) -> str:
    scripts = sorted({one.script for one in runs})
    told = f"{_words.listed([_words.on_one_line(one) for one in scripts], 2)}: time before / time after"
    words = sorted({one.word for one in runs})
    parts = [f'<text x="{_LEFT}" y="14">{escape(told)}</text>']
    for at, word in enumerate(words):
        x = _LEFT + 110 * at
        parts.append(
            f'<rect x="{x}" y="24" width="8" height="8" rx="4" fill="{_COLOURS.get(word, _OTHER)}"/>'
            f'<text x="{x + 14}" y="32">{escape(_words.visible(word))}</text>'
        )
    return "".join(parts)


def _point(one: PastRun, x: float, y: Callable[[float], float], *, labelled: bool) -> str:
    colour = _COLOURS.get(one.word, _OTHER)
    whisker = (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y(one.speedup_low):.1f}" y2="{y(one.speedup_high):.1f}" '
        f'stroke="{colour}"/>'
        if one.speedup_low > 0 and 0 < one.speedup_high < math.inf
        else ""
    )
    said = f"{one.created} {one.script} {one.command} {one.against}: {_words.times(one.speedup)}, {one.word}"
    return (
        f'{whisker}<circle cx="{x:.1f}" cy="{y(one.speedup):.1f}" r="4" fill="{colour}">'
        f"<title>{escape(_words.visible(said))}</title></circle>" + (_label(one, x) if labelled else "")
    )


def _label(one: PastRun, x: float) -> str:
    day, _, hour = one.created[5:16].partition("T")
    return "".join(
        f'<text x="{x:.1f}" y="{_HEIGHT - 32 + 14 * line}" text-anchor="middle">{escape(text)}</text>'
        for line, text in enumerate((day, hour))
    )


def _frame(inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 20} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="11" role="img" aria-label="Old over new, run by run">'
        f"<!-- pdeperf history --><style>{_STYLE}</style>{inside}</svg>\n"
    )
