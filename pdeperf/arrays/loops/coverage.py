"""Arrays of which lines read nothing but what the same statements have written before."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Counter, Definition, Index, Read, walk
from pdeperf.arrays.loops.line_parts import Lines, Part, by_loop
from pdeperf.arrays.loops.real_inputs import expanded, real_inputs
from pdeperf.arrays.names import Names
from pdeperf.arrays.sizes import Size, Sizes

Stretch = tuple[Size, Size]
"""First place along a line and the one after the last."""


@dataclass(frozen=True, slots=True)
class Turns:
    """The values of a loop's counter: all between two, upwards or downwards."""

    counter: str
    values: Stretch
    is_upwards: bool


def covered(lines: Lines, names: Names, sizes: Sizes) -> dict[int, bool]:
    """The arrays of which no place is read before these statements have written it, by their numbers.

    True for those of which they write every place of a line.
    """
    found: dict[int, bool] = {}
    for number, memory in enumerate(lines.memories):
        across = [dim for dim, _, _ in memory.lines]
        along = [dim for dim in range(len(memory.buffer.shape)) if dim not in across]
        if not memory.is_written or len(along) > 1 or not (memory.lines or memory.is_uniform):
            continue
        written = _written_first(lines, number, along, names, sizes)
        if written is not None:
            found[number] = not along or written.holds(Size(), memory.buffer.shape[along[0]])
    return found


def same_for_all(lines: Lines, candidates: Collection[int]) -> frozenset[int]:
    """Those of some arrays that nobody else sees and that hold the same for all lines: coefficients."""
    found = {
        number
        for number in candidates
        if lines.memories[number].lines
        and not lines.memories[number].is_kept
        and len(lines.memories[number].lines) < len(lines.memories[number].buffer.shape)
    }
    while True:
        kept = {
            number
            for number in found
            if all(
                _is_same(step, part, axes, found)
                for part in lines.parts
                for nest, axes in zip(part.schedule.nests, part.axes, strict=True)
                for step in nest.steps
                if isinstance(step, Definition) and part.memories[step.target.buffer] == number
            )
        }
        if kept == found:
            return frozenset(found)
        found = kept


def _is_same(step: Definition, part: Part, axes: Mapping[int, int], same: Collection[int]) -> bool:
    """Does a step compute the same for all lines?"""
    if step.mask is not None:
        return False
    for leaf in walk(expanded(step.expr, part.schedule.virtual)):
        if isinstance(leaf, Counter) and leaf.index.axis in axes:
            return False
        if not isinstance(leaf, Read):
            continue
        is_own = part.memories[leaf.version.buffer] not in same
        if is_own and any(index.axis in axes for index in leaf.index):
            return False
    return True


def range_of(loop: ast.For, names: Names) -> Turns | None:
    """What values a loop's counter takes; None if that is not known."""
    match loop:
        case ast.For(
            target=ast.Name(id=counter), iter=ast.Call(func=ast.Name() as function, args=args, keywords=[])
        ) if names.called(function) == "builtins.range":
            pass
        case _:
            return None
    try:
        bounds = [names.integer(each) for each in args]
    except Unliftable:
        return None
    if len(bounds) == 1:
        bounds = [Size(), *bounds]
    step = bounds[2] if len(bounds) > 2 else Size(1)
    if step == Size(1):
        return Turns(counter, (bounds[0], bounds[1]), True)
    if step == Size(-1):
        return Turns(counter, (bounds[1] + 1, bounds[0] + 1), False)
    return None


class _Written:
    """The stretches of a line that have been written for certain."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._stretches: list[Stretch] = []

    def holds(self, first: Size, stop: Size) -> bool:
        """Has all of a stretch been written?"""
        at_most = self._sizes.is_at_most
        return any(at_most(low, first) and at_most(stop, high) for low, high in self._stretches)

    def add(self, first: Size, stop: Size) -> None:
        """Note that a stretch was written, joined with those beside it."""
        for place, (low, high) in enumerate(self._stretches):
            is_after, is_before = self._sizes.equal(first, high), self._sizes.equal(stop, low)
            if is_after or is_before:
                del self._stretches[place]
                self.add(*((low, stop) if is_after else (first, high)))
                return
        self._stretches.append((first, stop))


def _written_first(
    lines: Lines, number: int, along: Sequence[int], names: Names, sizes: Sizes
) -> "_Written | None":
    """What is written of an array; None if a place is read before, or that is not known."""
    written = _Written(sizes)
    for group in by_loop(lines.parts):
        part = group[0]
        turns = None
        if part.loop is not None and (turns := range_of(part.loop, names)) is None:
            return None
        mine = [
            (is_write, _stretch(index, along, counts))
            for each in group
            for is_write, index, counts in _accesses(each, number)
        ]
        writes = [place for is_write, place in mine if is_write]
        for position, (is_write, place) in enumerate(mine):
            if place is None or dict(place[0].terms).get(part.counter, 0) not in (0, 1):
                return None
            if is_write:
                if turns is None:
                    written.add(*place)
                continue
            if turns is None:
                if not written.holds(*place):
                    return None
                continue
            earlier = [each for yes, each in mine[:position] if yes]
            if not _is_known(place, turns, writes, earlier, written):
                return None
        for place in writes if turns is not None else ():
            assert place is not None and turns is not None
            if turns.counter in place[0].symbols:  # else nothing is written where the loop does not run
                written.add(*_all(place, turns))
    return written


def _all(place: Stretch, turns: Turns) -> Stretch:
    """What a loop touches that touches one place each time."""
    first, stop = turns.values
    return place[0].put(turns.counter, first), place[1].put(turns.counter, stop - 1)


def _is_known(
    place: Stretch,
    turns: Turns,
    writes: Sequence[Stretch | None],
    earlier: Sequence[Stretch | None],
    written: _Written,
) -> bool:
    """Was what a loop reads written before it, or by it in time?"""
    if written.holds(*_all(place, turns)) or place in earlier:
        return True
    first, stop = turns.values
    counter = Size.of(turns.counter)
    for each in writes:
        if each is None or (each[0] - counter).symbols != (place[0] - counter).symbols:
            continue
        distance = each[0] - place[0]
        if not distance.is_const or turns.counter in (place[0] - counter).symbols:
            continue
        back = distance.const if turns.is_upwards else -distance.const
        if back <= 0:
            continue
        # What the first turns read was written before the loop.
        if turns.is_upwards:
            begin = place[0].put(turns.counter, first)
            early = begin, begin + back
        else:
            end = place[1].put(turns.counter, stop - 1)
            early = end - back, end
        if written.holds(*early):
            return True
    return False


def _accesses(part: Part, number: int) -> Iterator[tuple[bool, tuple[Index, ...], tuple[Size, ...]]]:
    """What a part reads and writes of an array, in order: whether it writes, where, and the box."""
    for _, array, index in part.elements:
        if array == number:
            yield False, index, ()
    for _, step in part.definitions():
        for each in real_inputs(step, part.schedule.virtual):
            if part.memories.get(each.version.buffer) == number:
                yield False, each.index, step.counts
        if part.memories[step.target.buffer] == number:
            if step.mask is not None:
                yield False, step.index, step.counts
            yield True, step.index, step.counts


def _stretch(index: tuple[Index, ...], along: Sequence[int], counts: tuple[Size, ...]) -> Stretch | None:
    """Which places of a line are touched at once; None if they are no stretch."""
    if not along:
        return Size(), Size(1)
    each = index[along[0]]
    if each.modulus is not None or (each.axis is not None and each.step != 1):
        return None
    count = Size(1) if each.axis is None else counts[each.axis]
    return each.offset, each.offset + count
