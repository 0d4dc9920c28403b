"""Ranks side by side, and how time goes with more threads or ranks."""

from collections import defaultdict
from html import escape

from rich.console import Group, RenderableType
from rich.table import Table

from pdeperf.model import RanksProfile, Scaling
from pdeperf.renderers import _words, terminal

_MOST = 8
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 520, 320, 50, 40


def profile(found: RanksProfile) -> RenderableType:
    """Each rank's time, where it communicates, and how unevenly the work is spread."""
    ranks = Table(box=None, pad_edge=False)
    for name in ("rank", "time", "own work", "communication", "memory"):
        ranks.add_column(name, justify="right", no_wrap=True)
    for one in found.ranks:
        share = one.communication_s / one.elapsed_s if one.elapsed_s > 0 else 0.0
        ranks.add_row(
            str(one.rank),
            _words.seconds(one.elapsed_s),
            _words.seconds(one.own_s),
            f"{_words.seconds(one.communication_s)} {_words.percent(share)}",
            _words.size(one.peak_bytes),
        )
    parts: list[RenderableType] = [
        terminal.plain(
            f"{found.script} on {_words.count(len(found.ranks), 'rank')}: {_words.seconds(found.elapsed_s)}, "
            f"imbalance {_words.percent(found.imbalance)}",
            "bold",
        ),
        "",
        ranks,
    ]
    waits = _waits(found)
    if waits.row_count:
        parts += ["", waits]
    parts += ["", terminal.plain(_said(found), "dim")]
    return Group(*parts)


def _said(found: RanksProfile) -> str:
    if len(found.ranks) > 1 and found.imbalance > 0.1:
        busiest = max(found.ranks, key=lambda one: one.own_s)
        return f"rank {busiest.rank} works longest: the others wait for it in communication"
    return "imbalance: how much longer the busiest rank works than the average one"


def _waits(found: RanksProfile) -> Table:
    """Operation and line, with the mean and the longest time over the ranks."""
    table = Table(box=None, pad_edge=False)
    for name in ("mean", "longest", "calls"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("in")
    table.add_column("at", overflow="fold")
    spent: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    calls: defaultdict[tuple[str, str], int] = defaultdict(int)
    for rank in found.ranks:
        for wait in rank.waits:
            spent[wait.operation, wait.where].append(wait.spent_s)
            calls[wait.operation, wait.where] += wait.calls_count
    for key in sorted(spent, key=lambda key: -sum(spent[key]))[:_MOST]:
        table.add_row(
            _words.seconds(sum(spent[key]) / len(found.ranks)),
            _words.seconds(max(spent[key])),
            f"{calls[key]:,}",
            terminal.plain(key[0]),
            terminal.plain(key[1] or "a library"),
        )
    return table


def scaling(found: Scaling) -> RenderableType:
    """A table with a bar for each efficiency."""
    table = Table(box=None, pad_edge=False)
    for name in (found.of, "time", "gain", "efficiency"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for one in found.points:
        table.add_row(
            str(one.count),
            _words.seconds(one.elapsed_s),
            _words.times(one.speedup),
            _words.percent(one.efficiency),
            "█" * round(20 * min(one.efficiency, 1.5)),
        )
    kind = "weak" if found.weak else "strong"
    parts: list[RenderableType] = [
        terminal.plain(f"{found.script}: {kind} scaling over {found.of}", "bold"),
        "",
        table,
    ]
    most = max(one.count for one in found.points)
    if most > found.cores_count:
        parts.append(
            terminal.plain(
                f"note: this process may use {_words.count(found.cores_count, 'core')} only", "dim"
            )
        )
    return Group(*parts)


def svg(found: Scaling) -> str:
    """Efficiency over the number of threads or ranks."""
    highest = max(1.1, *(one.efficiency for one in found.points))
    width = (_WIDTH - _LEFT - 30) / max(len(found.points) - 1, 1)

    def y(share: float) -> float:
        return 20 + (_HEIGHT - _BOTTOM - 20) * (1 - share / highest)

    places = [(_LEFT + 10 + at * width, y(one.efficiency)) for at, one in enumerate(found.points)]
    line = " ".join(f"{x:.1f},{up:.1f}" for x, up in places)
    marks = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{y(share):.1f}" y2="{y(share):.1f}" '
        f'stroke="{"#000" if share == 1 else "#ddd"}"/>'
        f'<text x="{_LEFT - 6}" y="{y(share) + 4:.1f}" text-anchor="end">{100 * share:.0f} %</text>'
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    )
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{up:.1f}" r="4" fill="#27a"/>'
        f'<text x="{x:.1f}" y="{_HEIGHT - 20}" text-anchor="middle">{one.count}</text>'
        for (x, up), one in zip(places, found.points, strict=True)
    )
    kind = "weak" if found.weak else "strong"
    title = escape(_words.visible(f"{found.script}: {kind} scaling, efficiency over {found.of}"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="11" role="img"><!-- pdeperf scaling --><title>{title}</title>{marks}'
        f'<polyline points="{line}" fill="none" stroke="#27a"/>{dots}'
        f'<text x="{_LEFT}" y="12">{title}</text></svg>\n'
    )
