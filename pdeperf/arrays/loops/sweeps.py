"""Several nests, or several time steps, in one sweep over the rows: each nest so many rows behind the first.

Row ``i`` of a nest runs when the sweep stands at ``i + lag``. What a nest reads must have been written
and what it overwrites must have been read by then: for a row ``i + a`` that one nest touches and a row
``i + b`` that a later one touches, the later one's lag is at least the first one's ``+ b - a``. Between
time steps the same holds with ``step_lag`` rows added for each step.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.arrays.ir import Buffer, Definition, Index, Read, Reduction, Scalar, Version, never_meet, walk
from pdeperf.arrays.loops.real_inputs import real_inputs
from pdeperf.arrays.loops.schedule import Nest, Schedule, is_new
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.values import View

MOST_LAG = 16
ONE_BY_ONE = ("max", "min", "any", "all")
"""Reductions whose result does not depend on when a row's turn comes."""


@dataclass(slots=True, eq=False)
class RowNest:
    """A nest whose outermost loop runs over rows.

    Attributes
    ----------
    axis
        The axis of its boxes that runs over rows; None for a single row.
    first, stop
        Its rows.
    lag
        So many rows behind the sweep it runs.
    aside
        For definitions whose new values may not stand in their array yet: where they stand.
    position
        The nest's place in the schedule.
    touched
        What it reads and writes.
    """

    nest: Nest
    axis: int | None
    first: Size
    stop: Size
    lag: int = 0
    aside: dict[Version, Buffer] = field(default_factory=dict)
    position: int = 0
    touched: "list[Access]" = field(default_factory=list)

    def row(self, index: Index) -> Size | None:
        """Which row an index means, counted from the nest's own; None if that changes from row to row."""
        if index.modulus is not None or index.axis != self.axis or index.step != 1:
            return None
        start = self.first
        return index.offset - start


@dataclass(frozen=True, slots=True)
class Access:
    """A row of memory that a nest touches.

    Attributes
    ----------
    row
        Counted from the nest's own row; None if it is another one each time.
    """

    memory: Buffer
    index: tuple[Index, ...]
    row: Size | None
    is_write: bool


@dataclass(slots=True)
class Sweep:
    """Nests that go over the rows together.

    Attributes
    ----------
    depth
        Dimensions of an array from the one that is swept over on.
    rings
        Arrays of which only so many rows are kept.
    """

    rows: list[RowNest]
    depth: int
    rings: dict[Buffer, int] = field(default_factory=dict)


def sweeps_of(schedule: Schedule, kept: frozenset[Buffer], sizes: Sizes, band: int = 1) -> Iterator[Sweep]:
    """The sweeps that a schedule's nests can be put into: as many nests in each as go together.

    Parameters
    ----------
    kept
        Buffers that something after the run may read.
    band
        Rows that each nest does at a time.
    """
    depth = depth_of(schedule)
    tried = [list(_groups(schedule, sizes, each)) for each in range(depth, 1, -1)]
    best = max(tried, key=lambda groups: max(map(_nests, groups), default=0), default=[])
    for found in best:
        found.rings = rings(found, schedule, kept, sizes, band)
        yield found


def _groups(schedule: Schedule, sizes: Sizes, depth: int) -> Iterator[Sweep]:
    """Sweeps over one dimension, the ``depth``-th from the last: as many nests in each as go together."""
    rows: list[RowNest] = []
    for position in range(len(schedule.nests) + 1):
        mine = row_nest(schedule, position, sizes, depth) if position < len(schedule.nests) else None
        if mine is not None and swept([*rows, *mine], schedule, sizes, depth) is not None:
            rows += mine
            continue
        if len({each.position for each in rows}) > 1 and (found := swept(rows, schedule, sizes, depth)):
            yield found
        rows = mine if mine is not None and swept(mine, schedule, sizes, depth) is not None else []


def _nests(sweep: Sweep) -> int:
    return len({each.position for each in sweep.rows})


def depth_of(schedule: Schedule) -> int:
    """Dimensions of the arrays that a schedule writes."""
    ranks = [
        len(step.index) for nest in schedule.nests for step in nest.steps if isinstance(step, Definition)
    ]
    return max(ranks, default=0)


def row_nest(schedule: Schedule, position: int, sizes: Sizes, depth: int) -> list[RowNest] | None:
    """A nest as work on rows, with what stores the values that it puts aside; None if it is no such work."""
    nest = schedule.nests[position]
    found = _rows_of(nest, sizes, depth)
    if found is None:
        return None
    found.position = position
    stores: list[RowNest] = []
    for step in nest.steps:
        if not isinstance(step, Definition) or step.target not in schedule.doubled:
            continue
        others = [
            each
            for other in nest.steps
            for each in real_inputs(other, schedule.virtual)
            if each.version == step.target and each.index != step.index
        ]
        writers = sum(
            isinstance(other, Definition) and other.target.buffer == step.target.buffer
            for other in nest.steps
        )
        if others or writers > 1:
            return None
        home = step.target.buffer
        aside = Buffer(f"{home.name}_rows_{step.target.number}", home.shape, home.dtype, is_temporary=True)
        found.aside[step.target] = aside
        put = Definition(
            step.target, step.counts, step.index, Read(Version(aside, 1), step.index), None, step.lines
        )
        store = _rows_of(Nest([put]), sizes, depth)
        if store is None:
            return None
        store.position = position
        stores.append(store)
    return [found, *stores]


def _rows_of(nest: Nest, sizes: Sizes, depth: int) -> RowNest | None:
    """A nest's rows; None if its statements have no row in common."""
    rows: Index | None = None
    for step in nest.steps:
        if isinstance(step, Reduction):
            if step.kind not in ONE_BY_ONE or len(step.counts) < max(depth, 2):
                return None
            here = Index(len(step.counts) - depth)
        else:
            place = len(step.index) - depth
            if place < 0:
                return None
            here = step.index[place]
        if here.modulus is not None or here.step != 1:
            return None
        rows = rows or here
        if here.axis != rows.axis or (here.axis is None and not sizes.equal(here.offset, rows.offset)):
            return None
    assert rows is not None
    first = sizes.plain(rows.offset)
    count = Size(1) if rows.axis is None else nest.counts[rows.axis]
    return RowNest(nest, rows.axis, first, sizes.plain(first + count))


def accesses(rows: RowNest, schedule: Schedule, depth: int) -> Iterator[Access]:
    """All that a nest reads and writes."""

    def access(memory: Buffer, index: tuple[Index, ...], *, is_write: bool) -> Access:
        place = len(index) - depth
        row = rows.row(index[place]) if place >= 0 else None
        return Access(memory, index, row, is_write)

    for step in rows.nest.steps:
        for each in real_inputs(step, schedule.virtual):
            if each.version not in rows.aside:  # the cell's own new value is at hand
                yield access(each.version.buffer, each.index, is_write=False)
        if isinstance(step, Definition):
            if step.mask is not None:
                yield access(step.target.buffer, step.index, is_write=False)
            yield access(rows.aside.get(step.target, step.target.buffer), step.index, is_write=True)


def swept(rows: Sequence[RowNest], schedule: Schedule, sizes: Sizes, depth: int) -> Sweep | None:
    """A sweep over some nests in order; None if that cannot be."""
    for each in rows:
        each.touched = each.touched or list(accesses(each, schedule, depth))
    touched = [each.touched for each in rows]
    if any(_depends_on_numbers(each, touched, rows) for each in rows):
        return None
    for later, mine in enumerate(touched):
        rows[later].lag = 0
        for earlier in range(later):
            behind = gap(rows[earlier], touched[earlier], rows[later], mine, sizes)
            if behind is None:
                return None
            rows[later].lag = max(rows[later].lag, rows[earlier].lag + behind)
        if rows[later].lag > MOST_LAG:
            return None
    return Sweep(list(rows), depth)


def step_lag(
    found: Sweep, schedule: Schedule, sizes: Sizes, turns: Mapping[Buffer, Buffer] | None = None
) -> int | None:
    """How many rows a time step must be behind the one before, if the sweep is all that one does.

    Every step has rings of its own; all else is the next step's too. None if that is not known.

    Parameters
    ----------
    turns
        Arrays that take turns from step to step: which one the next step finds under an array's name.
    """
    turns = turns or {}
    touched = [
        [each for each in accesses(rows, schedule, found.depth) if each.memory not in found.rings]
        for rows in found.rows
    ]
    lag = 0
    for one, first in zip(found.rows, touched, strict=True):
        for other, next_, after_next in zip(found.rows, turned(touched, turns), touched, strict=True):
            for distance, second in ((1, next_), (2, after_next)):
                rows = gap(one, first, other, second, sizes)
                if rows is None:
                    return None
                lag = max(lag, -(-(one.lag - other.lag + rows) // distance))
    return lag if lag <= MOST_LAG else None


def turned(touched: Sequence[Sequence[Access]], turns: Mapping[Buffer, Buffer]) -> list[list[Access]]:
    """What nests touch in the next step, where arrays take turns."""
    return [[replace(each, memory=turns.get(each.memory, each.memory)) for each in part] for part in touched]


def _depends_on_numbers(mine: RowNest, touched: Sequence[Sequence[Access]], rows: Sequence[RowNest]) -> bool:
    """Does a nest use numbers that the sweep makes, or that stand in arrays which it writes?"""
    made = {step.name for each in rows for step in each.nest.steps if isinstance(step, Reduction)}
    made |= {access.memory.array.name for each in touched for access in each if access.is_write}
    parts = [step.expr for step in mine.nest.steps]
    parts += [step.mask for step in mine.nest.steps if isinstance(step, Definition) and step.mask is not None]
    return any(
        name in leaf.names if name.isidentifier() else name in leaf.text
        for part in parts
        for leaf in walk(part)
        if isinstance(leaf, Scalar)
        for name in made
    )


_NONE = -(10**6)


def gap(
    one: RowNest,
    first: Sequence[Access],
    other: RowNest,
    second: Sequence[Access],
    sizes: Sizes,
    *,
    ahead: bool = False,
) -> int | None:
    """How many rows a nest must be behind one that comes before it; None if that is not known.

    Parameters
    ----------
    ahead
        How many rows it must be ahead instead, where the rows are gone through from the last to the first.
    """
    most = _NONE
    for mine in first:
        for theirs in second:
            if mine.memory != theirs.memory or not (mine.is_write or theirs.is_write):
                continue
            if never_meet(mine.index, theirs.index):
                continue
            if mine.row is None or theirs.row is None:
                return None
            if _are_apart(one, mine.row, other, theirs.row, sizes):
                continue
            distance = sizes.plain(theirs.row - mine.row)
            if not distance.is_const:
                return None
            most = max(most, -distance.const if ahead else distance.const)
    return most


def _are_apart(one: RowNest, mine: Size, other: RowNest, theirs: Size, sizes: Sizes) -> bool:
    """Are the rows that two nests touch different ones, whatever the sizes?"""
    below = sizes.plain(one.stop + mine - (other.first + theirs))
    above = sizes.plain(other.stop + theirs - (one.first + mine))
    return (below.is_const and below.const <= 0) or (above.is_const and above.const <= 0)


def rings(
    found: Sweep, schedule: Schedule, kept: frozenset[Buffer], sizes: Sizes, band: int
) -> dict[Buffer, int]:
    """Arrays that nobody else reads, of which a few rows are enough, and how many.

    Parameters
    ----------
    kept
        Buffers that something after the run may read.
    band
        Rows that each nest does at a time.
    """
    inside = {id(each.nest) for each in found.rows}
    others = {
        buffer
        for nest in schedule.nests
        if id(nest) not in inside
        for step in nest.steps
        for buffer in _buffers(step, schedule)
    }
    windows: dict[Buffer, list[int | None]] = {}
    whole: set[Buffer] = set()
    for each in found.rows:
        whole |= set(each.aside.values())
        for step in each.nest.steps:
            if not isinstance(step, Definition) or not is_new(step) or step.mask is not None:
                continue
            everything = View.whole(step.target.buffer)
            if (step.index, step.counts) == (everything.index, everything.shape):
                whole.add(step.target.buffer)
        for access in accesses(each, schedule, found.depth):
            row = sizes.plain(access.row) if access.row is not None else None
            place = each.lag - row.const if row is not None and row.is_const else None
            windows.setdefault(access.memory, []).append(place)
    result: dict[Buffer, int] = {}
    for memory, places in windows.items():
        if memory not in whole or memory.array in kept or memory in others or len(memory.shape) < 2:
            continue
        known = [place for place in places if place is not None]
        if len(known) == len(places) and len(memory.shape) >= found.depth:
            result[memory] = max(known) - min(known) + band
    return result


def _buffers(step: Definition | Reduction, schedule: Schedule) -> Iterator[Buffer]:
    if isinstance(step, Definition):
        yield step.target.buffer
    for each in real_inputs(step, schedule.virtual):
        yield each.version.buffer
