"""Temporaries that hold the same numbers, all of them or a stretch: made once, and read from one array.

A solver's ``flux(u[:-1])`` and ``flux(u[1:])`` both compute the pressure of nearly every cell, and
``flux`` and ``max_speed`` compute it of the same ones. Written out, these are definitions whose
expressions differ by an offset: what one of them makes of a cell the other makes of its neighbour.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pdeperf.arrays.ir import (
    Counter,
    Definition,
    Expr,
    Index,
    Op,
    Read,
    Reduction,
    Scalar,
    Version,
    placed,
    rebuilt,
    walk,
)
from pdeperf.arrays.program import Item, Nested, Run
from pdeperf.arrays.sizes import Size, Sizes, Unequal

Step = Definition | Reduction


def with_values_once(items: Sequence[Item], sizes: Sizes) -> list[Item]:
    """A region's items; of temporaries that hold the same values the first one stays, as large as needed."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Run) and item.relied is None and not item.guards:
            item = replace(item, steps=_Shared(item, sizes).steps())
        elif isinstance(item, Nested):
            blocks = {name: with_values_once(block, sizes) for name, block in item.blocks.items()}
            item = replace(item, blocks=blocks)
        found.append(item)
    return found


@dataclass(slots=True)
class _Field:
    """A temporary that others are part of: where its cells begin and end, beginning with 0 at first."""

    step: Definition
    lows: list[int]
    highs: list[Size]

    def grown(self) -> Definition:
        """What makes all of it."""
        counts = tuple(high - low for low, high in zip(self.lows, self.highs, strict=True))
        if counts == self.step.counts and not any(self.lows):
            return self.step
        target = replace(self.step.target, buffer=replace(self.step.target.buffer, shape=counts))
        places = tuple(Index(axis, offset=Size(low)) for axis, low in enumerate(self.lows))
        return replace(self.step, target=target, counts=counts, expr=placed(self.step.expr, places))


class _Shared:
    def __init__(self, run: Run, sizes: Sizes) -> None:
        self._run, self._sizes = run, sizes
        self._kept = {view.buffer.array for name, view in run.names.items() if name in run.live}
        self._numbers = {step.name for step in run.steps if isinstance(step, Reduction)}
        self._writes = Tally(step.target.buffer.array for step in run.steps if isinstance(step, Definition))
        self._fields: dict[Version, _Field] = {}
        self._moved: dict[Version, tuple[Version, tuple[int, ...]]] = {}

    def steps(self) -> list[Step]:
        """The run's steps."""
        alike: dict[object, list[_Field]] = {}
        found: list[Step] = []
        for step in self._run.steps:
            step = _with_reads(step, self._read)
            if isinstance(step, Definition) and self._is_plain(step):
                known = alike.setdefault((step.target.buffer.dtype, len(step.counts), *_form(step.expr)), [])
                if any(self._takes_in(each, step) for each in known):
                    continue
                highs = [self._sizes.plain(count) for count in step.counts]
                known.append(_Field(step, [0] * len(highs), highs))
                self._fields[step.target] = known[-1]
            found.append(step)
        if not self._moved:
            return list(self._run.steps)
        grown = {version: one.grown() for version, one in self._fields.items()}

        def settled(leaf: Read) -> Read:
            if leaf.version not in grown:
                return leaf
            lows = self._fields[leaf.version].lows
            return Read(grown[leaf.version].target, _shifted(leaf.index, [-low for low in lows]))

        steps = (grown.get(step.target, step) if isinstance(step, Definition) else step for step in found)
        return [_with_reads(step, settled) for step in steps]

    def _is_plain(self, step: Definition) -> bool:
        """Is it all that a temporary ever holds, and does it rest on no number that the run makes?"""
        buffer = step.target.buffer
        is_whole = step.index == tuple(Index(axis) for axis in range(len(buffer.shape)))
        if not buffer.is_temporary or buffer.whole is not None or buffer in self._kept or not is_whole:
            return False
        if step.target.number != 1 or step.mask is not None or self._writes[buffer] > 1 or not step.counts:
            return False
        if not all(map(self._sizes.equal, step.counts, buffer.shape)):
            return False
        return not any(
            part.names & self._numbers if isinstance(part, Scalar) else part.name == "gather"
            for part in walk(step.expr)
            if isinstance(part, Scalar | Op)
        )

    def _read(self, leaf: Read) -> Read:
        """Where a value stands of which another array has the same."""
        if leaf.version not in self._moved:
            return leaf
        version, shifts = self._moved[leaf.version]
        return Read(version, _shifted(leaf.index, shifts))

    def _takes_in(self, known: _Field, step: Definition) -> bool:
        """Are a step's cells among those of a field, or beside them, so that both are one field?"""
        shifts = _distance(known.step.expr, step.expr, len(step.counts), self._sizes)
        if shifts is None:
            return False
        counts = [self._sizes.plain(count) for count in step.counts]
        beyond = [
            self._sizes.plain(count + shift - high)
            for count, shift, high in zip(counts, shifts, known.highs, strict=True)
        ]
        if not all(each.is_const for each in beyond):
            return False
        below = [shift - low for shift, low in zip(shifts, known.lows, strict=True)]
        above = [each.const for each in beyond]
        ends = list(zip(below, above, strict=True))
        growing = [axis for axis, (low, high) in enumerate(ends) if low < 0 or high > 0]
        lacking = [axis for axis, (low, high) in enumerate(ends) if low > 0 or high < 0]
        if growing and lacking and len({*growing, *lacking}) > 1:
            return False  # the two together are no box
        saved = self._sizes.saved()
        try:
            for axis in growing:  # no cell between the two is left out, and each has some
                length = known.highs[axis] - known.lows[axis]
                self._sizes.require_at_least(length, Size(max(below[axis], 1)))
                self._sizes.require_at_least(counts[axis], Size(max(-below[axis], 1)))
        except Unequal:
            self._sizes.restore(saved)
            return False
        for axis in growing:
            known.lows[axis] = min(known.lows[axis], shifts[axis])
            known.highs[axis] = known.highs[axis] + max(above[axis], 0)
        self._moved[step.target] = known.step.target, shifts
        return True


def _with_reads(step: Step, change: Callable[[Read], Read]) -> Step:
    """A step that reads other elements."""

    def changed(leaf: Read | Counter | Scalar) -> Expr:
        return change(leaf) if isinstance(leaf, Read) else leaf

    expr = rebuilt(step.expr, changed)
    if isinstance(step, Reduction) or step.mask is None:
        return replace(step, expr=expr)
    return replace(step, expr=expr, mask=rebuilt(step.mask, changed))


def _shifted(index: tuple[Index, ...], shifts: Sequence[int]) -> tuple[Index, ...]:
    return tuple(each.shifted(Size(shift)) for each, shift in zip(index, shifts, strict=True))


def _form(expr: Expr) -> tuple[object, ...]:
    """What an expression is but for the places of what it reads."""
    return tuple(_form_of(part) for part in walk(expr))


def _form_of(part: Expr) -> object:
    match part:
        case Op(name=name, args=args, dtype=dtype, exact=exact):
            return name, len(args), dtype, exact
        case Read(version=version, index=index):
            return version, tuple((each.axis, each.step, each.modulus) for each in index)
        case Counter(index=index, dtype=dtype):
            return "counter", index.axis, index.step, index.modulus, dtype
    return part


def _places(expr: Expr) -> Iterator[Index]:
    for part in walk(expr):
        if isinstance(part, Read):
            yield from part.index
        elif isinstance(part, Counter):
            yield part.index


def _distance(one: Expr, other: Expr, axes_count: int, sizes: Sizes) -> tuple[int, ...] | None:
    """How much further each axis' counter is where one expression is the other, both of one form."""
    found: dict[int, int] = {}
    for mine, theirs in zip(_places(one), _places(other), strict=True):
        if mine.axis is None or mine.modulus is not None:
            if not sizes.equal(mine.offset, theirs.offset) or not sizes.equal(mine.shift, theirs.shift):
                return None
            if mine.axis is not None and found.setdefault(mine.axis, 0):
                return None
            continue
        apart = sizes.plain(theirs.offset - mine.offset)
        if not apart.is_const or not mine.step or apart.const % mine.step:
            return None
        if found.setdefault(mine.axis, apart.const // mine.step) != apart.const // mine.step:
            return None
    return tuple(found.get(axis, 0) for axis in range(axes_count))
