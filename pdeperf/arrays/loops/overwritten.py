"""Cells that later statements overwrite before anything reads them: nobody need copy these."""

from collections.abc import Sequence

from pdeperf.arrays.ir import Buffer, Definition, Index
from pdeperf.arrays.loops.boxes import Box
from pdeperf.arrays.loops.real_inputs import real_inputs
from pdeperf.arrays.loops.schedule import Nest, Schedule
from pdeperf.arrays.sizes import Size, Sizes, Unequal

_Range = tuple[Size, Size]
"""First place along a dimension, and the one after the last."""


def is_overwritten(box: Box, buffer: Buffer, nests: Sequence[Nest], schedule: Schedule, sizes: Sizes) -> bool:
    """Do some nests write all cells of a box of an array, and read none of them before?"""
    if buffer.whole is not None:
        return False
    saved = sizes.saved()
    if _found(box, buffer, nests, schedule, sizes):
        return True
    sizes.restore(saved)
    return False


def _found(box: Box, buffer: Buffer, nests: Sequence[Nest], schedule: Schedule, sizes: Sizes) -> bool:
    counts, index = box
    mine = [_range(each, counts) for each in index]
    for nest in nests:
        for step in nest.steps:
            for each in real_inputs(step, schedule.virtual):
                if each.version.buffer.array == buffer and not (
                    each.version.buffer == buffer and _are_apart(mine, each.index, step.counts, sizes)
                ):
                    return False
            if not isinstance(step, Definition) or step.target.buffer.array != buffer:
                continue
            if step.target.buffer != buffer or step.mask is not None or step.target in schedule.doubled:
                return False  # it keeps cells, or takes them along to another array
            if all(
                theirs is not None and own is not None and _is_within(own, theirs, sizes)
                for own, theirs in zip(mine, (_range(each, step.counts) for each in step.index), strict=True)
            ):
                return True
    return False


def _range(index: Index, counts: Sequence[Size]) -> _Range | None:
    """The places that an index takes along its dimension; None where some are left out, or go around."""
    if index.modulus is not None or (index.axis is not None and index.step != 1):
        return None
    return index.offset, index.offset + (Size(1) if index.axis is None else counts[index.axis])


def _are_apart(
    mine: Sequence[_Range | None], index: tuple[Index, ...], counts: Sequence[Size], sizes: Sizes
) -> bool:
    """Is none of the cells that are read in the box?"""
    return any(
        own is not None
        and other is not None
        and (_is_at_most(own[1], other[0], sizes) or _is_at_most(other[1], own[0], sizes))
        for own, other in zip(mine, (_range(each, counts) for each in index), strict=True)
    )


def _is_at_most(one: Size, other: Size, sizes: Sizes) -> bool:
    """Is ``one <= other``, or is that checked on entry from here on? Three rows may be asked for."""
    if sizes.is_at_most(one, other):
        return True
    rest = sizes.plain(other - one)
    is_plain = len(rest.terms) == 1 and rest.terms[0][1] == 1 and rest.const >= -3
    if sizes.late or not is_plain or ".shape[" not in rest.symbols[0]:
        return False
    try:
        sizes.require_at_least(other, one)
    except Unequal:
        return False
    return True


def _is_within(own: _Range, theirs: _Range, sizes: Sizes) -> bool:
    return sizes.is_at_most(theirs[0], own[0]) and sizes.is_at_most(own[1], theirs[1])
