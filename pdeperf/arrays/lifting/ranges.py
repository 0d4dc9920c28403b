"""Whether computed places lie within an array, whatever is computed: ``i % n``, ``np.clip(i, 0, n - 1)``."""

import ast

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import IN_BOUNDS, Counter, Definition, Expr, Index, Op, Read, Scalar, Version
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import ONE, Size, Unequal


def within(reader: Reader, place: Expr, size: Size) -> Expr:
    """A place that is looked at where it is computed, unless conditions on entry keep it in an array."""
    if _is_low_enough(reader, place) and _is_high_enough(reader, place, size):
        return place
    return Op(IN_BOUNDS, (place,), "int64")


def _is_low_enough(reader: Reader, place: Expr) -> bool:
    """Is it never less than nothing?"""
    match place:
        case Scalar():
            return _holds(reader, _size(reader, place), Size())
        case Read(version=version):
            found = _computed(reader, version)
            return found is not None and _is_low_enough(reader, found)
        case Op(name="%" | "numpy.abs" | "numpy.absolute"):
            return True
        case Op(name="numpy.maximum", args=parts):
            return any(_is_low_enough(reader, part) for part in parts)
        case Op(name="numpy.minimum" | "+" | "*" | "//", args=parts):
            return all(_is_low_enough(reader, part) for part in parts)
        case Counter(index=index):
            return index.step > 0 and _holds(reader, index.offset, Size())
    return False


def _is_high_enough(reader: Reader, place: Expr, size: Size) -> bool:
    """Is it never beyond the last of so many?"""
    match place:
        case Scalar():
            number = _size(reader, place)
            return number is not None and _holds(reader, size, number + ONE)
        case Read(version=version):
            found = _computed(reader, version)
            return found is not None and _is_high_enough(reader, found, size)
        case Op(name="%", args=(_, Scalar() as count)):
            return _holds(reader, size, _size(reader, count))
        case Op(name="numpy.minimum", args=parts):
            return any(_is_high_enough(reader, part, size) for part in parts)
        case Op(name="numpy.maximum", args=parts):
            return all(_is_high_enough(reader, part, size) for part in parts)
    return False


def _computed(reader: Reader, version: Version) -> Expr | None:
    """What all cells of a version were computed as; None if that was not in one step of this run."""
    for step in reversed(reader.steps):
        if isinstance(step, Definition) and step.target == version:
            cells = tuple(Index(axis) for axis in range(len(step.counts)))
            is_whole = (step.counts, step.index, step.mask) == (version.buffer.shape, cells, None)
            return step.expr if is_whole else None
    return None


def _size(reader: Reader, number: Scalar) -> Size | None:
    try:
        return reader.integer(ast.parse(number.text, mode="eval").body)
    except (Unliftable, SyntaxError):
        return None


def _holds(reader: Reader, one: Size | None, other: Size | None) -> bool:
    """Is one at least the other, checked on entry?"""
    if one is None or other is None:
        return False
    try:
        reader.sizes.require_at_least(one, other)
    except Unequal:
        return False
    return True
