"""Sweeps as Python text: one loop over blocks of rows, in it the rows of each nest that are due."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Buffer, Definition, Reduction, Version
from pdeperf.arrays.loops.nests import NestWriter, RowLoop
from pdeperf.arrays.loops.printing import Ring, Views
from pdeperf.arrays.loops.row_blocks import Blocks
from pdeperf.arrays.loops.schedule import is_new
from pdeperf.arrays.loops.sweeps import RowNest, Sweep
from pdeperf.arrays.sizes import Size, Sizes

if TYPE_CHECKING:
    from pdeperf.arrays.loops.run_writer import RunWriter

Lines = list[str]
_STEP = "    "
_ALWAYS = "if True:"


@dataclass(frozen=True, slots=True)
class Steps:
    """Time steps that share a sweep.

    Attributes
    ----------
    counter
        The time step.
    first
        The first one of the sweep.
    start, stop
        Of the whole time loop.
    count
        Steps in one sweep.
    lag
        Rows by which a step is behind the one before.
    turns
        Names whose arrays take turns: what they are called within the sweep, and the name whose array
        each is given after a step.
    blocks
        Blocks of rows that are gone through in any order; all rows at once without them.
    """

    counter: str
    first: str
    start: str
    stop: str
    count: int
    lag: int
    turns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    blocks: Blocks | None = None

    @property
    def end(self) -> str:
        """The end of the steps of one sweep."""
        return f"min({self.first} + {self.count}, {self.stop})"


class SweepWriter:
    """Writes one sweep of a run.

    Parameters
    ----------
    band
        Rows that each nest does at a time.
    steps
        Time steps that share the sweep, if they do.
    """

    def __init__(self, run: "RunWriter", sweep: Sweep, band: int, steps: Steps | None = None) -> None:
        self._run, self._sweep, self._band, self._steps = run, sweep, band, steps
        self._sizes: Sizes = run._sizes
        self._is_one_row = steps is None and band == 1 and sweep.depth > 1
        self._counter = ""
        if self._is_one_row and all(each.axis is not None and not each.lag for each in sweep.rows):
            self._row = self._counter = run.counters[0]
        else:
            self._row = run._names.fresh_plain("row" if sweep.depth > 1 else "start")
        self._lag = run._names.fresh_plain("lag") if steps is not None and steps.lag else ""
        self._first = run._names.fresh_plain("first") if sweep.depth == 1 else ""
        self._last = run._names.fresh_plain("last") if sweep.depth == 1 else ""
        self._before: Lines = []
        self._after: Lines = []
        self._rings: dict[str, Ring] = {}
        self._blocks = BlockWriter(steps, band, run._names.fresh_plain) if steps is not None else None

    def lines(self, head: Sequence[str] = ()) -> Lines:
        """The sweep's text.

        Parameters
        ----------
        head
            What stands at the beginning of each time step.
        """
        places = [self._placed(each) for each in self._sweep.rows]
        nests: Lines = []
        shown = -1
        for place, (each, targets) in enumerate(zip(self._sweep.rows, places, strict=True)):
            if each.position > shown:
                shown = each.position
                nests += self._run.comments_before(shown)
            nests += self._nest(place, each, targets)
        rows = f"for {self._row} in range({self._range()}):"
        if self._steps is None or self._blocks is None:
            return [*self._before, rows, *_indented(nests), *self._after]
        steps = self._steps
        due = f"{steps.counter} - {steps.first}"
        shift = [f"{self._lag} = {due if steps.lag == 1 else f'{steps.lag} * ({due})'}"] if self._lag else []
        started, turned, kept = _taking_turns(steps)
        shift += self._blocks.shift(self._lag)
        before, around = self._blocks.heads(rows, *self._bounds(), self._row)
        if around[1:]:
            self._run._writer.shared.add(self._blocks.counter)
        depth = _STEP * len(around)
        return [
            *self._before,
            *before,
            f"for {steps.first} in range({steps.start}, {steps.stop}, {steps.count}):",
            *(_STEP + row for part in around for row in part),
            *(depth + _STEP + row for row in started),
            f"{depth + _STEP}for {steps.counter} in range({steps.first}, {steps.end}):",
            *(depth + _STEP * 2 + row for row in (*shift, *head, *nests, *turned)),
            *(_STEP + row for row in kept),
            *self._after,
        ]

    def _range(self) -> str:
        """Bounds and step of the sweep's loop."""
        low, high = self._bounds()
        reach = self._steps.lag * (self._steps.count - 1) if self._steps is not None else 0
        stop = f"{high} + {reach}" if reach else high
        return f"{low}, {stop}, {self._band}" if self._band > 1 else f"{low}, {stop}"

    def _bounds(self) -> tuple[str, str]:
        """The first row at which a nest is due, and the end."""
        lows = [self._sizes.plain(each.first + each.lag) for each in self._sweep.rows]
        highs = [self._sizes.plain(each.stop + each.lag) for each in self._sweep.rows]
        low = _extremes(lows, self._sizes.is_at_most)
        high = _extremes(highs, lambda one, other: self._sizes.is_at_most(other, one))
        return _text_of("min", low), _text_of("max", high)

    def _placed(self, rows: RowNest) -> dict[Version, str]:
        """Allocates what a nest writes; where its new values go if not into their array."""
        run = self._run
        for step in rows.nest.steps:
            if not isinstance(step, Definition):
                continue
            buffer = step.target.buffer
            if is_new(step) and buffer in self._sweep.rings and step.target not in run._slots:
                run._slots[step.target] = self._ring(buffer, f"{buffer.name}_rows")
        self._before += run.allocations(rows.nest)
        targets: dict[Version, str] = {}
        for step in rows.nest.steps:
            if isinstance(step, Definition):
                home = run._slot(step.base)
                run._slots.setdefault(step.target, home)
                if (aside := rows.aside.get(step.target)) is not None:
                    stem = f"{step.target.buffer.name}_{'rows' if aside in self._sweep.rings else 'new'}"
                    targets[step.target] = run._slots[Version(aside, 1)] = self._ring(aside, stem)
        return targets

    def _ring(self, buffer: Buffer, name: str) -> str:
        """An array for the rows of a buffer that are kept, and its allocation before the sweep."""
        own = self._run._names.fresh_plain(name)
        shape = buffer.shape
        kept = self._sweep.rings.get(buffer)
        if kept is not None:
            place = len(shape) - self._sweep.depth
            rows = (Size(kept),) if kept > 1 else ()
            lead = ""
            steps: tuple[Size, ...] = ()
            if self._steps is not None and self._steps.count > 1:
                lead = f"{self._steps.counter} - {self._steps.first}"
                steps = (Size(self._steps.count),)
            shape = (*steps, *shape[:place], *rows, *shape[place + 1 :])
            self._rings[own] = Ring(place, kept, lead)
        self._before += self._run.allocated(replace(buffer, name=own, shape=shape))
        return own

    def _nest(self, place: int, rows: RowNest, targets: dict[Version, str]) -> Lines:
        """The rows of a nest, which has its place in the sweep, that are due."""
        run = self._run
        due = Size.of(self._row) - rows.lag
        if self._lag:
            due = due - Size.of(self._lag)
        end = due + self._band
        counter = run.counters[0]
        if rows.axis is None:
            self._counter = ""
            turn = self._sizes.plain(rows.first + rows.lag)
            test = (
                f"{self._row} == {turn}"
                if self._band == 1 and not self._lag
                else f"{due} <= {rows.first} < {end}"
            )
            limits = self._blocks.limits(place, self._lag) if self._blocks is not None else None
            if limits is not None:
                test = f"{test} and {limits[0]} <= {rows.first} < {limits[1]}"
            loop = RowLoop(None, f"if {test}:")
        else:
            is_first = not self._lag and str(self._sizes.plain(rows.first + rows.lag)) == self._bounds()[0]
            limits = self._blocks.limits(place, self._lag) if self._blocks is not None else None
            low, high = (f", {limit}" for limit in limits) if limits is not None else ("", "")
            start = str(due) if is_first and not low else f"max({rows.first}, {due}{low})"
            head = f"for {counter} in range({start}, min({rows.stop}, {end}{high})):"
            if self._sweep.depth == 1:
                head = f"for {counter} in range({self._last} - {self._first}):"
            if self._is_one_row:
                head = self._row_test(rows, counter)
            loop = RowLoop(rows.axis, head)
        writer = NestWriter(
            rows.nest,
            run._schedule,
            self._sizes,
            run._library,
            run.counters,
            run._slot,
            run._names.fresh_plain,
            loop,
        )
        writer.rings, writer.targets = self._rings, targets
        if self._sweep.depth == 1 and rows.axis is not None:
            return self._line(rows, writer, due, end)
        step = rows.nest.steps[0]
        if isinstance(step, Reduction):
            before, after = run.around_reduction(step, writer)
            self._before += before
            self._after += after
        lines = writer.lines()
        if not self._is_one_row or rows.axis is None:
            return lines
        if head == _ALWAYS:
            lines = [line.removeprefix(_STEP) for line in lines[1:]]
        if self._counter in (counter, f"{counter} = {due}"):
            return lines
        self._counter = f"{counter} = {due}"
        return [self._counter, *lines]

    def _row_test(self, rows: RowNest, counter: str) -> str:
        """Is the row at which the sweep stands one of a nest's?"""
        low, high = self._bounds()
        is_first = str(self._sizes.plain(rows.first + rows.lag)) == low
        is_last = str(self._sizes.plain(rows.stop + rows.lag)) == high
        if is_first and is_last:
            return _ALWAYS
        if is_first:
            return f"if {counter} < {rows.stop}:"
        return f"if {counter} >= {rows.first}:" if is_last else f"if {rows.first} <= {counter} < {rows.stop}:"

    def _line(self, rows: RowNest, writer: NestWriter, due: Size, end: Size) -> Lines:
        """The part of a line that is due, as views that begin there: Numba asks no index for its sign."""
        first, last = self._first, self._last
        writer.views = Views(first, last, rows.first, self._run._names.fresh_plain)
        loop = writer.lines()
        return [
            f"{first}, {last} = max({rows.first}, {due}), min({rows.stop}, {end})",
            f"if {first} < {last}:",
            *_indented([*writer.views.lines(), *loop]),
        ]


class BlockWriter:
    """Writes what goes around the rows of several time steps: blocks of them, then the wedges between."""

    def __init__(self, steps: Steps, band: int, fresh: Callable[[str], str]) -> None:
        self._steps, self._band, self._of = steps, band, steps.blocks
        if self._of is None:
            return
        self.counter = fresh("block")
        self._count, self._is_between = fresh("blocks"), fresh("between")
        self._first, self._stop = fresh("first"), fresh("stop")
        self._low, self._high = fresh("low"), fresh("high")
        self._lead = fresh("lead") if self._of.step_lead not in (0, steps.lag) else ""

    def heads(self, rows: str, low: str, high: str, row: str) -> tuple[Lines, list[Lines]]:
        """What stands before all steps, and the loops around those over steps, with what they begin with."""
        if self._of is None:
            return [], [[rows]]
        first, stop, block, count, width = self._first, self._stop, self.counter, self._count, self._of.width
        size = -(-self._of.least // self._band) * self._band
        count_of_rows = _more(high, -int(low)) if low.isdigit() else f"{high} - {low}"
        rows = f"({count_of_rows})" if " " in count_of_rows else count_of_rows
        before = [f"{count} = max({rows} // {size}, 1)"]
        places = [
            f"{first} = {'' if low == '0' else f'{low} + '}{size} * {block}",
            f"{stop} = {first} + {size} if {block} < {count} - 1 else {_more(high, width)}",
            f"{self._low}, {self._high} = {first} if {block} > 0 else {_more(low, -width)}, {stop} + {width}",
            f"if {self._is_between}:",
            f"{_STEP}{self._low}, {self._high}, {stop} = {first} - {width}, {first}, {first} + {width}",
        ]
        rows = f"for {row} in range({first}, {stop}{f', {self._band}' if self._band > 1 else ''}):"
        return before, [
            [f"for {self._is_between} in range(2):"],
            [f"{_STEP}for {block} in range({self._is_between}, {self._count}):"],
            [_STEP * 2 + text for text in (*places, rows)],
        ]

    def shift(self, lag: str) -> Lines:
        """How far the rows that blocks begin with move on with the steps."""
        if self._of is None or not self._lead:
            return []
        due = f"({self._steps.counter} - {self._steps.first})"
        return [f"{self._lead} = {self._of.step_lead} * {due}"]

    def limits(self, place: int, lag: str) -> tuple[str, str] | None:
        """The first row of a nest that a block or a wedge has, and the row after the last."""
        if self._of is None:
            return None
        moved = self._lead or (lag if self._of.step_lead else "")
        lead = self._of.leads[place]
        rest = (f" + {moved}" if moved else "") + (f" + {lead}" if lead else "")
        return self._low + rest, self._high + rest


def _more(text: str, number: int) -> str:
    """A sum's text with a number added."""
    if text.isdigit():
        return str(int(text) + number)
    found = re.fullmatch(r"(.+?)(?: ([+-]) (\d+))?", text)
    assert found is not None
    base, sign, known = found.groups()
    total = number + int(f"{sign or '+'}{known or 0}")
    return f"{base} {'-' if total < 0 else '+'} {abs(total)}" if total else base


def _taking_turns(steps: Steps) -> tuple[Lines, Lines, Lines]:
    """What arrays that take turns need before the steps of a row, after each step, and after the sweep."""
    if not steps.turns:
        return [], [], []
    names = ", ".join(steps.turns)
    others = ", ".join(other for _, other in steps.turns.values())
    here = ", ".join(own for own, _ in steps.turns.values())
    there = ", ".join(steps.turns[other][0] for _, other in steps.turns.values())
    swap = [f"if ({steps.end} - {steps.first}) % 2 == 1:", f"{_STEP}{names} = {others}"]
    return [f"{here} = {names}"], [f"{here} = {there}"], swap


def _extremes(sizes: Sequence[Size], is_beyond: Callable[[Size, Size], bool]) -> list[Size]:
    """Those that no other is known to be beyond, or equal to."""
    found: list[Size] = []
    for size in sizes:
        if not any(is_beyond(other, size) for other in found):
            found = [*(other for other in found if not is_beyond(size, other)), size]
    return found


def _text_of(function: str, sizes: list[Size]) -> str:
    texts = list(dict.fromkeys(str(size) for size in sizes))
    return texts[0] if len(texts) == 1 else f"{function}({', '.join(texts)})"


def _indented(lines: Sequence[str]) -> Lines:
    return [_STEP + line for line in lines]
