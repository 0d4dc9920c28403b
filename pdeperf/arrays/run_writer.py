"""One run as Python text: its arrays, its loops, and what its names mean afterwards."""

import ast
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Buffer, Definition, Expr, Index, Read, Reduction, Scalar, Version
from pdeperf.arrays.nests import NestWriter, taken_if_beyond
from pdeperf.arrays.paths import plain
from pdeperf.arrays.program import Item, Run, bound_by_text
from pdeperf.arrays.rolling import Rolling, lag_of, row_buffer
from pdeperf.arrays.row_loops import RowLoops
from pdeperf.arrays.schedule import Form, Nest, Schedule, is_new, kept_buffers, real_inputs
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.sweep_writer import SweepWriter
from pdeperf.arrays.sweeps import Sweep, sweeps_of
from pdeperf.arrays.values import View

if TYPE_CHECKING:
    from pdeperf.arrays.write import Writer

Lines = list[str]
_STEP = "    "


@dataclass(slots=True)
class Loop:
    """A loop of the region while its text is made: what must stand before and after it.

    Attributes
    ----------
    working
        For an array that two buffers hold in turn: names of the one that is read, and the other.
    """

    statement: ast.stmt
    items: list[Item]
    before: Lines = field(default_factory=list)
    after: Lines = field(default_factory=list)
    working: dict[str, tuple[str, str]] = field(default_factory=dict)


class RunWriter:
    """Writes one run: buffers, nests, and what the names mean afterwards."""

    def __init__(self, writer: "Writer", run: Run, schedule: Schedule, *, rotate: bool) -> None:
        self._writer, self._run, self._schedule, self._rotate = writer, run, schedule, rotate
        self._names, self._sizes, self._library = writer._names, writer._sizes, writer._library
        self._slots: dict[Version, str] = {}
        self._second: dict[Buffer, str] = {}
        self._pairs: dict[Buffer, tuple[str, str]] = {}
        self._rings: dict[Buffer, list[str]] = {}
        self._home_again: dict[Version, str] = {}
        self._rolling: dict[Version, Rolling] = {}
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

    def _slot(self, version: Version) -> str:
        while version.number and version not in self._slots:
            version = Version(version.buffer, version.number - 1)
        if version in self._slots:
            return self._slots[version]
        buffer = version.buffer
        if buffer.whole is None:
            return self._writer.current(buffer.name)
        return buffer.within(self._slot(Version(buffer.whole)))

    def _sum(self, step: Reduction) -> Lines:
        """A sum in NumPy's order: the terms in an array first, unless they are one."""
        self._writer.needs_sum = True
        match step.expr:
            case Read(version=version, index=index) if View.whole(version.buffer).index == index:
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
        if self._writer.form is not Form.ROWS or not step.counts:
            return writer.lines()
        writer.row_loops = RowLoops(self._names.fresh_plain)
        lines = writer.lines()
        size = self._sizes.plain(step.index[-1].offset + step.counts[-1])
        made = writer.row_loops.rows.items()
        rows = (Buffer(row, (size,), dtype, is_temporary=True) for row, dtype in made)
        return [*(text for row in rows for text in self.allocated(row)), *lines]

    def _reduction(self, step: Reduction, writer: NestWriter) -> Lines:
        """The loops of a reduction, the value it starts from before them."""
        before, after = self.around_reduction(step, writer)
        return [*before, *writer.lines(), *after]

    def around_reduction(self, step: Reduction, writer: NestWriter) -> tuple[Lines, Lines]:
        """What stands before and after the loops of a reduction."""
        if step.kind in ("any", "all"):
            return [f"{step.name} = {step.kind == 'all'}"], []
        lowest = f"{'-' if step.kind == 'max' else ''}{self._library}.inf"
        start = f"{step.name} = {self._library}.float64({lowest})"
        if len(step.counts) == 1:
            return [start], []
        columns = writer.columns = self._names.fresh_plain(f"{step.name}_of_column")
        size = self._sizes.plain(step.counts[-1])
        here, i = self._names.fresh_plain(f"{step.name}_here"), self.counters[0]
        return [f"{columns} = {self._library}.full({size}, {lowest})"], [
            start,
            f"for {i} in range({columns}.size):",
            f"{_STEP}{here} = {columns}[{i}]",
            *(_STEP + row for row in taken_if_beyond(step.kind, here, step.name)),
        ]

    def allocated(self, buffer: Buffer) -> Lines:
        """What makes an array here; nothing if it can be made before the loop, and is."""
        loop = self._writer.loop
        if loop is None or not self._is_known_before(buffer, loop):
            return self.made(buffer)
        self._writer.arrays[buffer.name] = buffer
        loop.before.append(f"{buffer.name} = {self._empty(buffer, loop)}")
        return []

    def made(self, buffer: Buffer) -> Lines:
        """What makes an array here."""
        self._writer.arrays[buffer.name] = buffer
        return [f"{buffer.name} = {self._empty(buffer)}"]

    def allocations(self, nest: Nest) -> Lines:
        """The arrays that a nest fills for the first time, and where they are made."""
        lines: Lines = []
        for step in nest.steps:
            if not isinstance(step, Definition) or not is_new(step) or step.target in self._slots:
                continue
            buffer = step.target.buffer
            if (made := Version(buffer.array)) not in self._slots:
                lines += self._made(buffer.array)
            self._slots[step.target] = buffer.within(self._slots[made])
        return lines

    def _made(self, buffer: Buffer) -> Lines:
        """Makes an array that the run fills, and notes its name."""
        final = [n for n, view in self._run.names.items() if view.buffer == buffer and n in self._run.live]
        if self._rotate and not any(name in self._live_at_head() for name in final):
            final = []  # the next iteration makes it anew
        if final and self._rotate and (ring := self._ring(buffer)):
            self._rings[buffer] = ring
            self._slots[Version(buffer)] = ring[0]
            return []
        self._slots[Version(buffer)] = buffer.name
        self._writer.arrays[buffer.name] = buffer
        text = f"{buffer.name} = {self._empty(buffer)}"
        loop = self._writer.loop
        if final or loop is None or not self._is_known_before(buffer, loop):
            return [text]
        text = f"{buffer.name} = {self._empty(buffer, loop)}"
        if text not in loop.before:
            loop.before.append(text)
        return []

    def _live_at_head(self) -> frozenset[str]:
        """Names that the next iteration of the loop, or what follows it, may read."""
        loop = self._writer.loop
        body: list[ast.stmt] = getattr(loop.statement, "body", []) if loop is not None else []
        return self._names.live_after(body[-1:]) if body else frozenset()

    def _ring(self, buffer: Buffer) -> list[str]:
        """Arrays that take turns for a name that is bound to a new array each time."""
        loop = self._writer.loop
        if loop is None or not self._is_known_before(buffer, loop):
            return []
        length = 1 + len(self._chain(buffer))
        ring = [self._names.fresh_plain(f"{plain(buffer.name)}") for _ in range(length)]
        loop.before.extend(f"{name} = {self._empty(buffer, loop)}" for name in ring)
        self._writer.arrays.update(dict.fromkeys(ring, buffer))
        return ring

    def _chain(self, buffer: Buffer) -> list[str]:
        """Names through which an array passes from iteration to iteration before it is let go."""
        chain: list[str] = []
        current: list[str] = [
            n for n, view in self._run.names.items() if view.buffer == buffer and n in self._run.live
        ]
        while current:
            chain += current
            entry = {self._run.entry[name] for name in current if name in self._run.entry}
            current = [
                n
                for n, view in self._run.names.items()
                if view.buffer in entry and n in self._run.live and n not in chain
            ]
        return chain

    def _is_known_before(self, buffer: Buffer, loop: Loop) -> bool:
        """Can an array like this be made before the loop?"""
        known = self._names.before - bound_by_text(loop.items)
        symbols = {symbol for size in buffer.shape for symbol in self._sizes.plain(size).symbols}
        return all(names_of(symbol) <= known for symbol in symbols)

    def _empty(self, buffer: Buffer, before: Loop | None = None) -> str:
        """A new array like a buffer, made here or before a loop."""
        known = self._names.before - bound_by_text(before.items) if before is not None else None
        like = next(
            (
                name
                for name, other in self._run.entry.items()
                if (known is None or name in known)
                and other.dtype == buffer.dtype
                and len(other.shape) == len(buffer.shape)
                and all(self._sizes.equal(a, b) for a, b in zip(other.shape, buffer.shape, strict=True))
            ),
            None,
        )
        if like is not None:
            return f"{self._library}.empty_like({like})"
        shape = ", ".join(str(self._sizes.plain(size)) for size in buffer.shape)
        shape = f"({shape})" if len(buffer.shape) > 1 else shape
        if buffer.dtype == "float64":
            return f"{self._library}.empty({shape})"
        dtype = {"bool": "bool_"}.get(buffer.dtype, buffer.dtype)
        return f"{self._library}.empty({shape}, dtype={self._library}.{dtype})"

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
            return [], self._outside(step, home, self._slots[step.target])
        lag = self._lag(step, position)
        if lag is not None:
            self._home_again[step.target] = home
            return self._by_rows(step, home, *lag), []
        scratch, before = self._scratch(buffer)
        self._slots[step.target] = scratch
        self._home_again[step.target] = home
        return before, self._copy(step.counts, step.index, scratch, home, buffer, step)

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

    def _copy(
        self,
        counts: tuple[Size, ...],
        index: tuple[Index, ...],
        source: str,
        target: str,
        buffer: Buffer,
        step: Definition,
    ) -> Lines:
        """Loops that copy some cells from one array to another."""
        old = Version(Buffer(source, buffer.shape, buffer.dtype, is_temporary=True))
        return self._stored([(counts, index)], target, lambda place: Read(old, place), step)

    def _stored(
        self,
        boxes: Sequence[tuple[tuple[Size, ...], tuple[Index, ...]]],
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

    def _pair(self, buffer: Buffer) -> tuple[str, str]:
        """The two arrays that hold a buffer's values in turn."""
        loop = self._writer.loop
        assert loop is not None
        if buffer.name not in loop.working:
            stem = plain(buffer.name)
            loop.working[buffer.name] = (
                self._names.fresh_plain(f"{stem}_old"),
                self._names.fresh_plain(f"{stem}_new"),
            )
        if buffer not in self._pairs:
            old, new = self._pairs[buffer] = loop.working[buffer.name]
            home = self._writer.current(buffer.name, outside=True)
            self._writer.arrays.update({old: buffer, new: buffer})
            if f"{old} = {home}" not in loop.before:
                loop.before += [f"{old} = {home}", f"{new} = {self._library}.empty_like({home})"]
                loop.after += [
                    f"if {old} is not {home}:",
                    *(_STEP + row for row in copy_whole(self._names.counters(len(buffer.shape)), home, old)),
                ]
        return self._pairs[buffer]

    def _scratch(self, buffer: Buffer) -> tuple[str, Lines]:
        """An array for values that may not stand in a buffer yet, and its allocation."""
        if buffer in self._second:
            return self._second[buffer], []
        own = self._second[buffer] = self._names.fresh(buffer.name, set())
        self._writer.arrays[own] = buffer
        loop = self._writer.loop
        if loop is not None and self._is_known_before(buffer, loop):
            loop.before.append(f"{own} = {self._empty(buffer, loop)}")
            return own, []
        return own, [f"{own} = {self._empty(buffer)}"]

    def _outside(self, step: Definition, source: str, target: str) -> Lines:
        """Copies of the cells that a step leaves as they are: the faces around its box."""
        lines: Lines = []
        for counts, index in (box for pair in self._faces(step) for box in pair):
            lines += self._copy(counts, index, source, target, step.target.buffer, step)
        return lines

    def _faces(self, step: Definition) -> Iterator[list[tuple[tuple[Size, ...], tuple[Index, ...]]]]:
        """The cells around a step's box, as boxes: what is before and after it along each dimension."""
        shape = step.target.buffer.shape
        lows = [index.offset for index in step.index]
        counts = [step.counts[index.axis] for index in step.index if index.axis is not None]
        for axis, (low, count, length) in enumerate(zip(lows, counts, shape, strict=True)):
            high = low + count
            pair: list[tuple[tuple[Size, ...], tuple[Index, ...]]] = []
            for start, number in ((Size(), low), (high, length - high)):
                number = self._sizes.plain(number)
                if number == Size():
                    continue
                sizes: list[Size] = []
                index: list[Index] = []
                for other in range(len(shape)):
                    if other == axis and number == Size(1):
                        index.append(Index(None, 1, start))
                        continue
                    low_here = lows[other] if other < axis else start if other == axis else Size()
                    index.append(Index(len(sizes), 1, low_here))
                    sizes.append(counts[other] if other < axis else number if other == axis else shape[other])
                pair.append((tuple(sizes), tuple(index)))
            yield pair

    def _filled_outside(self, step: Definition, target: str, value: Expr) -> Lines:
        """A constant for the cells around a step's box; opposite faces of one size in one loop."""
        lines: Lines = []
        for pair in self._faces(step):
            alike = len(pair) == 2 and pair[0][0] == pair[1][0] and len(pair[0][0]) < len(step.counts)
            for boxes in [pair] if alike else [[box] for box in pair]:
                lines += self._stored(boxes, target, lambda _: value, step)
        return lines

    def _names_after(self) -> Lines:
        """The assignments that make every live name stand for its array."""
        targets: dict[str, str] = {}
        for buffer, (old, new) in self._pairs.items():
            if self._last_slot(buffer) == new:
                targets.update({old: new, new: old})
        for name, view in self._run.names.items():
            if name not in self._run.live:
                continue
            if not view.is_whole:
                raise NotABox(f"`{name}` stands for part of an array")
            slot = self._slot(self._last(view.buffer))
            if slot != name:
                targets[name] = slot
        for ring in self._rings.values():
            if len(ring) > 1:
                targets.update(zip(ring, [*ring[1:], ring[0]], strict=True))
        if not targets:
            return []
        return [f"{', '.join(targets)} = {', '.join(targets.values())}"]

    def _last_slot(self, buffer: Buffer) -> str:
        """The array that holds a buffer's last values."""
        parts = [
            step.target.buffer
            for step in self._run.steps
            if isinstance(step, Definition) and step.target.buffer.whole == buffer
        ]
        if not parts:
            return self._slot(self._last(buffer))
        slot = self._slot(self._last(parts[0]))
        return next(each for each in self._pairs[buffer] if parts[0].within(each) == slot)

    def _last(self, buffer: Buffer) -> Version:
        numbers = [
            s.target.number
            for s in self._run.steps
            if isinstance(s, Definition) and s.target.buffer == buffer
        ]
        return Version(buffer, max(numbers, default=0))


class NotABox(Exception):  # noqa: N818 - a reason, not a fault
    """Cells that are no box, where only a box can be handled."""


def turn_together(steps: Iterable[Definition | Reduction], sizes: Sizes) -> bool:
    """Do all components of an array change to the other of two arrays equally often?"""
    turns = Counter(step.target.buffer for step in steps if isinstance(step, Definition))
    for whole in {buffer.whole for buffer in turns if buffer.whole is not None}:
        counts = {buffer: count for buffer, count in turns.items() if buffer.whole == whole}
        places = next(iter(counts)).places
        fixed = (size for size, place in zip(whole.shape, places, strict=True) if place is not None)
        extents = (sizes.plain(size).const for size in fixed)
        if len(counts) != math.prod(extents) or len(set(counts.values())) != 1:
            return False
    return True


def is_box(step: Definition | Reduction) -> bool:
    """Does a step write every cell of a box, in the order of the array's dimensions?"""
    return (
        isinstance(step, Definition)
        and step.mask is None
        and all(index.axis == axis and index.step == 1 for axis, index in enumerate(step.index))
    )


def copy_whole(names: Sequence[str], target: str, source: str) -> Lines:
    """Loops that copy an array into another."""
    lines = [f"{_STEP * depth}for {n} in range({target}.shape[{depth}]):" for depth, n in enumerate(names)]
    place = ", ".join(names)
    return [*lines, f"{_STEP * len(names)}{target}[{place}] = {source}[{place}]"]


def names_of(text: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def most_axes(run: Run) -> int:
    """Loop variables that a run needs."""
    boxes = (len(step.counts) for step in run.steps)
    arrays = (len(step.target.buffer.shape) for step in run.steps if isinstance(step, Definition))
    return max((*boxes, *arrays), default=0)
