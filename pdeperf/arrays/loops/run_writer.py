"""One run as Python text: its arrays, its loops, and what its names mean afterwards."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Buffer, Definition, Expr, Index, Read, Reduction, Scalar, Version, walk
from pdeperf.arrays.loops.boxes import Box, faces, is_box, most_axes
from pdeperf.arrays.loops.halo_rows import HaloRows
from pdeperf.arrays.loops.nests import NestWriter
from pdeperf.arrays.loops.overwritten import is_overwritten
from pdeperf.arrays.loops.real_inputs import expanded, real_inputs
from pdeperf.arrays.loops.reduced_cells import taken_if_beyond
from pdeperf.arrays.loops.rolling import Rolling, lag_of, row_buffer
from pdeperf.arrays.loops.row_loops import RowLoops
from pdeperf.arrays.loops.schedule import Form, Nest, Schedule, kept_buffers
from pdeperf.arrays.loops.slots import Slots
from pdeperf.arrays.loops.sweep_writer import SweepWriter
from pdeperf.arrays.loops.sweeps import Sweep, sweeps_of
from pdeperf.arrays.paths import plain
from pdeperf.arrays.program import Run
from pdeperf.arrays.sizes import Size
from pdeperf.arrays.values import View

if TYPE_CHECKING:
    from pdeperf.arrays.loops.write import Writer

Lines = list[str]
_STEP = "    "


class RunWriter(Slots):
    """Writes one run: buffers, nests, and what the names mean afterwards."""

    def __init__(self, writer: "Writer", run: Run, schedule: Schedule, *, rotate: bool) -> None:
        super().__init__(writer, run, rotate=rotate)
        self._schedule = schedule
        self._home_again: dict[Version, str] = {}
        self._rolling: dict[Version, Rolling] = {}
        self._reduced: dict[str, tuple[str, Expr, tuple[Size, ...]]] = {}
        self._comments: list[tuple[int, str]] | None = None
        self.counters = self._names.counters(most_axes(run))

    def lines(self) -> Lines:
        """The run's text."""
        lines: Lines = []
        swept = self._sweeps()
        for position, nest in enumerate(self._schedule.nests):
            if position in swept:
                if (sweep := swept[position]) is not None:
                    lines += SweepWriter(self, sweep, 1).lines()
                continue
            lines += self.comments_before(position)
            lines += self.allocations(nest)
            after: Lines = []
            self._rolling.clear()
            for step in nest.steps:
                if isinstance(step, Definition) and step.target not in self._slots:
                    before, rest = self._place(step, position)
                    lines += before
                    after += rest
            inner = self._overwritten_box(position)
            if inner is not None:
                filled = nest.steps[0]
                assert isinstance(filled, Definition)
                lines += self._filled_outside(inner, self._slots[filled.target], filled.expr)
            else:
                lines += [*self._nest(nest), *after]
            self._slots.update(self._home_again)
            self._home_again.clear()
        return lines + self._names_after()

    def _sweeps(self) -> dict[int, Sweep | None]:
        """The sweep that begins at a nest; None for nests that are part of one before."""
        if self._writer.form is not Form.SWEEPS or not self._writer.in_order:
            return {}
        found: dict[int, Sweep | None] = {}
        for sweep in sweeps_of(self._schedule, kept_buffers(self._run), self._sizes):
            places = sorted({each.position for each in sweep.rows})
            found |= {places[0]: sweep, **dict.fromkeys(places[1:])}
        return found

    def comments_before(self, position: int) -> Lines:
        """The user's comments up to a nest that were not shown yet."""
        if self._comments is None:
            self._comments = self._writer.comments(self._run)
        nests = self._schedule.nests
        is_last = position == len(nests) - 1
        lines: Lines = []
        while self._comments and (is_last or self._comments[0][0] <= self._last_line(nests[position])):
            lines.append(self._comments.pop(0)[1])
        return lines

    def _last_line(self, nest: Nest) -> int:
        """The last of the user's lines that a nest is made of, as far as they are the run's own."""
        first = self._run.statements[0].lineno if self._run.statements else 0
        last = max((part.end_lineno or part.lineno for part in self._run.statements), default=0)
        return max((step.lines[1] for step in nest.steps if first <= step.lines[1] <= last), default=0)

    def _overwritten_box(self, position: int) -> Definition | None:
        """The step that fills the inside of an array right after a constant was put everywhere."""
        nests = self._schedule.nests
        if not self._writer.in_order:
            return None
        nest = nests[position]
        filled = nest.steps[0]
        if len(nest.steps) != 1 or position + 1 == len(nests) or not isinstance(filled, Definition):
            return None
        everything = View.whole(filled.target.buffer)
        whole = (filled.index, filled.counts) == (everything.index, everything.shape) and filled.mask is None
        if not (whole and isinstance(filled.expr, Scalar)) or filled.target in self._schedule.doubled:
            return None
        following = nests[position + 1].steps
        inner = next(
            (
                step
                for step in following
                if isinstance(step, Definition) and step.base == filled.target and is_box(step)
            ),
            None,
        )
        if inner is None or len(inner.counts) != len(filled.counts) or inner.target in self._schedule.doubled:
            return None
        used = (each.version for step in following for each in real_inputs(step, self._schedule.virtual))
        return None if filled.target in used else inner

    def _sum(self, step: Reduction) -> Lines:
        """A sum in NumPy's order: the terms in an array first, unless they are one."""
        self._writer.helpers.add("pairwise_sum")
        match expanded(step.expr, self._schedule.virtual):
            case Read(version=version, index=index) if View.whole(version.buffer) == View(
                version.buffer, step.counts, index
            ):
                lines, terms = [], self._slot(version)
            case _:
                terms = self._names.fresh_plain("terms")
                buffer = Buffer(terms, step.counts, step.dtype, is_temporary=True)
                self._writer.arrays[terms] = buffer
                target = Version(buffer, 1)
                self._slots[target] = terms
                index = tuple(Index(axis) for axis in range(len(step.counts)))
                nest = Nest([Definition(target, step.counts, index, step.expr, None, step.lines)])
                text = f"{terms} = {self._empty(buffer)}"
                loop = self._writer.loop
                if loop is not None and self._is_known_before(buffer, loop):
                    loop.before.append(f"{terms} = {self._empty(buffer, loop)}")
                    text = ""
                lines = [*([text] if text else []), *self._nest(nest)]
        flat = f"{terms}.ravel()" if len(step.counts) > 1 else terms
        total = f"pairwise_sum({flat})"
        if step.kind == "norm":
            total = f"{self._library}.sqrt({total})"
            self._writer.inexact()
        elif step.kind == "mean":
            total = f"{total} / {terms}.size"
        return [*lines, f"{step.name} = {self._library}.float64({total})"]

    def _nest(self, nest: Nest) -> Lines:
        first = nest.steps[0]
        if isinstance(first, Reduction) and (known := self._reduced_before(first)):
            return [f"{first.name} = {known}"]
        if isinstance(first, Reduction) and first.kind == "number":
            assert isinstance(first.expr, Scalar)
            return [f"{first.name} = {first.expr.text}"]
        if isinstance(first, Reduction) and first.kind in ("sum", "mean", "norm"):
            return self._sum(first)
        writer = NestWriter(
            nest,
            self._schedule,
            self._sizes,
            self._library,
            self.counters,
            self._slot,
            self._names.fresh_plain,
        )
        step = nest.steps[0]
        writer.rolling.update(self._rolling)
        if isinstance(step, Reduction):
            return self._reduction(step, writer)
        writer.halo_rows = HaloRows(self._names.fresh_plain)
        is_apart = self._writer.form is Form.APART and len(step.counts) > 1
        if is_apart or (self._writer.form is Form.ROWS and step.counts):
            writer.row_loops = RowLoops(self._names.fresh_plain)
        lines = writer.lines()
        for name, dtype in writer.halo_rows.made.items():
            self._writer.arrays[name] = Buffer(name, (step.counts[-1],), dtype, is_temporary=True)
            self._writer.helpers.add("with_halo")
        if writer.row_loops is None:
            return lines
        size = self._sizes.plain(step.index[-1].offset + step.counts[-1])
        made = writer.row_loops.rows.items()
        rows = [Buffer(row, (size,), dtype, is_temporary=True) for row, dtype in made]
        if is_apart:
            return [*lines[:1], *(_STEP + text for row in rows for text in self.made(row)), *lines[1:]]
        return [*(text for row in rows for text in self.allocated(row)), *lines]

    def _reduced_before(self, step: Reduction) -> str:
        """The name of the same number, made before; empty where there is none."""
        made = (step.kind, step.expr, step.counts)
        found = next((name for name, known in self._reduced.items() if known == made), "")
        self._reduced = {
            name: known
            for name, known in self._reduced.items()
            if name != step.name and step.name not in _names_in(known[1])
        }
        if step.name not in _names_in(step.expr):
            self._reduced[step.name] = made
        return found

    def _reduction(self, step: Reduction, writer: NestWriter) -> Lines:
        """The loops of a reduction, the value it starts from before them."""
        before, after = self.around_reduction(step, writer)
        return [*before, *writer.lines(), *after]

    def around_reduction(self, step: Reduction, writer: NestWriter) -> tuple[Lines, Lines]:
        """What stands before and after the loops of a reduction."""
        if step.kind == "count":
            return [f"{step.name} = {self._library}.int64(0)"], []
        if step.kind in ("any", "all"):
            return [f"{step.name} = {step.kind == 'all'}"], []
        lowest = f"{'-' if step.kind == 'max' else ''}{self._library}.inf"
        start = f"{step.name} = {self._library}.float64({lowest})"
        if len(step.counts) == 1:
            return [start], []
        columns = writer.columns = self._names.fresh_plain(f"{step.name}_of_column")
        size = self._sizes.plain(step.counts[-1])
        self._writer.arrays[columns] = Buffer(columns, (size,), "float64", is_temporary=True)
        here, i = self._names.fresh_plain(f"{step.name}_here"), self.counters[0]
        # A loop, since Numba compiles `full` again for each script.
        filled = [f"for {i} in range({size}):", f"{_STEP}{columns}[{i}] = {lowest}"]
        return [f"{columns} = {self._library}.empty({size})", *filled], [
            start,
            f"for {i} in range({columns}.size):",
            f"{_STEP}{here} = {columns}[{i}]",
            *(_STEP + row for row in taken_if_beyond(step.kind, here, step.name)),
        ]

    def _place(self, step: Definition, position: int) -> tuple[Lines, Lines]:
        """Where a step's results go: what must stand before and after its nest for that."""
        home = self._slot(step.base)
        if step.target not in self._schedule.doubled:
            self._slots[step.target] = home
            if step.base in self._home_again:  # copied back together
                self._home_again[step.target] = self._home_again[step.base]
            return [], []
        buffer = step.target.buffer
        if self._rotate:
            first, second = (buffer.within(each) for each in self._pair(buffer.array))
            self._slots[step.target] = second if home == first else first
            return [], self._outside(step, home, self._slots[step.target], position)
        lag = self._lag(step, position)
        if lag is not None:
            self._home_again[step.target] = home
            return self._by_rows(step, home, *lag), []
        scratch, before = self._scratch(buffer)
        self._slots[step.target] = scratch
        self._home_again[step.target] = home
        return before, self._copy((step.counts, step.index), scratch, home, step)

    def _lag(self, step: Definition, position: int) -> tuple[int, bool] | None:
        nests = self._schedule.nests
        if not self._writer.in_order:
            return None
        return lag_of(nests[position], step, nests[position + 1 :], self._schedule, self._sizes)

    def _by_rows(self, step: Definition, home: str, lag: int, reads_first: bool) -> Lines:
        """A few rows for an array's new values, and their allocation."""
        buffer = step.target.buffer
        stem = plain(buffer.name)
        rows = row_buffer(self._names.fresh_plain(f"{stem}_rows"), buffer, lag)
        made = [rows]
        if reads_first:
            made.append(row_buffer(self._names.fresh_plain(f"{stem}_first"), buffer, 0))
        self._rolling[step.target] = Rolling(home, rows.name, lag, made[1].name if reads_first else "")
        self._slots[step.target] = rows.name
        return [text for each in made for text in self.allocated(each)]

    def _copy(self, box: Box, source: str, target: str, step: Definition) -> Lines:
        """Loops that copy some cells from one array to another."""
        buffer = step.target.buffer
        old = Version(Buffer(source, buffer.shape, buffer.dtype, is_temporary=True))
        return self._stored([box], target, lambda place: Read(old, place), step)

    def _stored(
        self,
        boxes: Sequence[Box],
        target: str,
        value: Callable[[tuple[Index, ...]], Expr],
        step: Definition,
    ) -> Lines:
        """Loops that put values into boxes of cells, all of one size, of an array like a step's."""
        buffer = step.target.buffer
        new = Version(Buffer(target, buffer.shape, buffer.dtype, is_temporary=True), 1)
        steps: list[Definition | Reduction] = [
            Definition(new, counts, index, value(index), None, step.lines) for counts, index in boxes
        ]
        writer = NestWriter(
            Nest(steps),
            Schedule([]),
            self._sizes,
            self._library,
            self.counters,
            lambda version: version.buffer.name,
            self._names.fresh_plain,
        )
        return writer.lines()

    def _outside(self, step: Definition, source: str, target: str, position: int) -> Lines:
        """Copies of the cells around a step's box that it and what follows leave as they are."""
        later = self._schedule.nests[position + 1 :]
        lines: Lines = []
        for box in (box for pair in faces(step, self._sizes) for box in pair):
            if not is_overwritten(box, step.target.buffer, later, self._schedule, self._sizes):
                lines += self._copy(box, source, target, step)
        return lines

    def _filled_outside(self, step: Definition, target: str, value: Expr) -> Lines:
        """A constant for the cells around a step's box; opposite faces of one size in one loop."""
        lines: Lines = []
        for pair in faces(step, self._sizes):
            alike = len(pair) == 2 and pair[0][0] == pair[1][0] and len(pair[0][0]) < len(step.counts)
            for boxes in [pair] if alike else [[box] for box in pair]:
                lines += self._stored(boxes, target, lambda _: value, step)
        return lines


def _names_in(expr: Expr) -> frozenset[str]:
    """Numbers that are read in an expression."""
    return frozenset[str]().union(*(leaf.names for leaf in walk(expr) if isinstance(leaf, Scalar)))
