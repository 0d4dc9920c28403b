"""``np.diff``: what neighbours along an axis differ by, with values given for either end."""

from collections.abc import Sequence

from pdeperf.arrays.dtypes import Unliftable, arithmetic
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.lifting.pieces import joined, shifted, window
from pdeperf.arrays.sizes import ONE, Size, Unequal
from pdeperf.arrays.values import Array, Cells, Cut, View, cut, operation


def differences(reader: Reader, value: Cells, times: int, axis: int) -> Cells:
    """Of an array's cells, ``times`` over."""
    lead = [Cut((None, None, 1))] * axis
    for _ in range(times):
        upper = cut(value, [*lead, Cut((ONE, None, 1))], reader.sizes)
        lower = cut(value, [*lead, Cut((None, Size(-1), 1))], reader.sizes)
        assert isinstance(upper, Cells) and isinstance(lower, Cells)
        value = _difference(reader, upper, lower)
    return value


def with_ends(
    reader: Reader, value: Cells, times: int, axis: int, before: Cells | None, behind: Cells | None
) -> Array:
    """The same where numbers or arrays are given for one end or both.

    Raises
    ------
    Unliftable
        If they are of another type than the array, or do not fit.
    """
    given = [part for part in (before, value, behind) if part is not None]
    for part in given:
        # NumPy makes an array of a number first: 0.0 beside single precision is double.
        fits = part.dtype == value.dtype or (part.dtype, value.dtype) == ("int64", "float64")
        if not fits or part.dtype == "bool":
            raise Unliftable(f"`np.diff` of {value.dtype} elements with ends of {part.dtype}")
    parts = [part if part.shape else _spread(part, value, axis) for part in given]
    if times > 1 or any(part is not value and part.shape[axis] != ONE for part in parts):
        whole = joined(reader, parts, axis)
        if whole is None:
            raise Unliftable("`np.diff` with ends of this form")
        return differences(reader, reader.now(whole), times, axis)
    return _in_pieces(reader, value, parts, axis)


def _spread(number: Cells, value: Cells, axis: int) -> Cells:
    """A number as one place along the axis."""
    return Cells((*value.shape[:axis], ONE, *value.shape[axis + 1 :]), number.expr)


def _in_pieces(reader: Reader, value: Cells, parts: Sequence[Cells], axis: int) -> View:
    """Each end by itself, without an array of all."""
    count = value.shape[axis]
    try:
        reader.sizes.require_at_least(count, ONE)
        for part in parts:
            if len(part.shape) != len(value.shape):
                raise Unliftable("`np.diff` with ends of another number of dimensions")
            for other, (one, size) in enumerate(zip(part.shape, value.shape, strict=True)):
                if other != axis:
                    reader.sizes.require_equal(one, size)
    except Unequal as problem:
        raise Unliftable(f"`np.diff`: {problem}") from problem
    length = Size(len(parts) - 2) + count
    shape = (*value.shape[:axis], length, *value.shape[axis + 1 :])
    inner = differences(reader, value, 1, axis)
    made = reader.new("diff", shape, inner.dtype)
    start = ONE if parts[0] is not value else Size()
    reader.define(window(made, axis, start, count - 1), inner, None)
    if parts[0] is not value:
        first = _difference(reader, shifted(value, axis, Size(), ONE), parts[0])
        reader.define(window(made, axis, Size(), ONE), first, None)
    if parts[-1] is not value:
        last = _difference(reader, parts[-1], shifted(value, axis, count - 1, ONE))
        reader.define(window(made, axis, length - 1, ONE), last, None)
    return made


def _difference(reader: Reader, upper: Cells, lower: Cells) -> Cells:
    return operation("-", arithmetic("-", (upper.expr, lower.expr)), (upper, lower), reader.sizes)
