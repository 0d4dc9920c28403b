"""Boxes of cells: what steps write, and what is around it."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from pdeperf.arrays.ir import Definition, Index, Reduction
from pdeperf.arrays.program import Run
from pdeperf.arrays.sizes import Size, Sizes

Box = tuple[tuple[Size, ...], tuple[Index, ...]]
"""How many cells along each axis, and where each of the array's dimensions takes them from."""


class NotABox(Exception):  # noqa: N818 - a reason, not a fault
    """Cells that are no box, where only a box can be handled."""


def is_box(step: Definition | Reduction) -> bool:
    """Does a step write every cell of a box, in the order of the array's dimensions?"""
    return (
        isinstance(step, Definition)
        and step.mask is None
        and all(index.axis == axis and index.step == 1 for axis, index in enumerate(step.index))
    )


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


def most_axes(run: Run) -> int:
    """Loop variables that a run needs."""
    boxes = (len(step.counts) for step in run.steps)
    arrays = (len(step.target.buffer.shape) for step in run.steps if isinstance(step, Definition))
    return max((*boxes, *arrays), default=0)


def faces(step: Definition, sizes: Sizes) -> Iterator[list[Box]]:
    """The cells around a step's box, as boxes: what is before and after it along each dimension.

    That the array has so many is checked on entry: where it has none, none may be copied.
    """
    shape = step.target.buffer.shape
    lows = [index.offset for index in step.index]
    counts = [step.counts[index.axis] for index in step.index if index.axis is not None]
    for axis, (low, count, length) in enumerate(zip(lows, counts, shape, strict=True)):
        high = low + count
        pair: list[Box] = []
        for start, number in ((Size(), low), (high, length - high)):
            number = sizes.plain(number)
            if number == Size():
                continue
            sizes.require_at_least(length, number)
            extent: list[Size] = []
            index: list[Index] = []
            for other in range(len(shape)):
                if other == axis and number == Size(1):
                    index.append(Index(None, 1, start))
                    continue
                low_here = lows[other] if other < axis else start if other == axis else Size()
                index.append(Index(len(extent), 1, low_here))
                extent.append(counts[other] if other < axis else number if other == axis else shape[other])
            pair.append((tuple(extent), tuple(index)))
        yield pair
