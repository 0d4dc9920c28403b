"""Arrays of which lines read nothing but what the same statements have written before."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Index
from pdeperf.arrays.lines import Lines, Part, by_loop
from pdeperf.arrays.names import Names
from pdeperf.arrays.schedule import real_inputs
from pdeperf.arrays.sizes import Size, Sizes

Stretch = tuple[Size, Size]
"""First place along a line and the one after the last."""


@dataclass(frozen=True, slots=True)
class Turns:
    """The values of a loop's counter: all between two, upwards or downwards."""

    counter: str
    values: Stretch
    is_upwards: bool


def covered(lines: Lines, names: Names, sizes: Sizes) -> frozenset[int]:
    """The arrays of which no place is read before these statements have written it, by their numbers."""
    found: set[int] = set()
    for number, memory in enumerate(lines.memories):
        across = [dim for dim, _, _ in memory.lines]
        along = [dim for dim in range(len(memory.buffer.shape)) if dim not in across]
        if not memory.is_written or len(along) > 1 or not (memory.lines or memory.is_uniform):
            continue
        if _is_covered(lines, number, along, names, sizes):
            found.add(number)
    return frozenset(found)


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
    """The stretch of a line that has been written for certain."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._stretch: Stretch | None = None

    def holds(self, first: Size, stop: Size) -> bool:
        """Has all of a stretch been written?"""
        if self._stretch is None:
            return False
        low, high = self._stretch
        return self._sizes.is_at_most(low, first) and self._sizes.is_at_most(stop, high)

    def add(self, first: Size, stop: Size) -> None:
        """Note that a stretch was written, if it joins what is known."""
        if self._stretch is None:
            self._stretch = first, stop
            return
        low, high = self._stretch
        if self._sizes.equal(first, high):
            self._stretch = low, stop
        elif self._sizes.equal(stop, low):
            self._stretch = first, high
        elif self._sizes.is_at_most(first, low) and self._sizes.is_at_most(high, stop):
            self._stretch = first, stop


def _is_covered(lines: Lines, number: int, along: Sequence[int], names: Names, sizes: Sizes) -> bool:
    """Is no place of an array read before it is written?"""
    written = _Written(sizes)
    for group in by_loop(lines.parts):
        part = group[0]
        turns = None
        if part.loop is not None and (turns := range_of(part.loop, names)) is None:
            return False
        mine = [
            (is_write, _stretch(index, along, counts))
            for each in group
            for is_write, index, counts in _accesses(each, number)
        ]
        writes = [place for is_write, place in mine if is_write]
        for position, (is_write, place) in enumerate(mine):
            if place is None or dict(place[0].terms).get(part.counter, 0) not in (0, 1):
                return False
            if is_write:
                if turns is None:
                    written.add(*place)
                continue
            if turns is None:
                if not written.holds(*place):
                    return False
                continue
            earlier = [each for yes, each in mine[:position] if yes]
            if not _is_known(place, turns, writes, earlier, written):
                return False
        for place in writes if turns is not None else ():
            assert place is not None and turns is not None
            if turns.counter in place[0].symbols:  # else nothing is written where the loop does not run
                written.add(*_all(place, turns))
    return True


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
    for array, index in part.elements:
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
