"""New arrays put together of pieces: padded, stacked, concatenated arrays."""

import ast
from collections.abc import Mapping, Sequence

from pdeperf.arrays.dtypes import Unliftable, promoted
from pdeperf.arrays.ir import Index, Read, Scalar, Version
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import ONE, Size, Unequal
from pdeperf.arrays.values import (
    Array,
    Cells,
    Cut,
    View,
    cut,
    placed_or_refuse,
    read,
)

_ALL = Cut((None, None, 1))
_ZEROS = {"float64": "0.0", "complex128": "0j", "int64": "0", "bool": "False"}
_MODES = frozenset(("edge", "wrap", "constant", "reflect", "symmetric"))


def stacked(reader: Reader, parts: Sequence[Cells], axis: int) -> View:
    """Arrays of one shape as the places along a new axis.

    Raises
    ------
    Unliftable
        If their types or shapes differ.
    """
    if not parts:
        raise Unliftable("arrays in a list that is not written out")
    first = parts[0]
    if any(part.dtype != first.dtype for part in parts):
        raise Unliftable("arrays of several types in one")
    for part in parts[1:]:
        if len(part.shape) != len(first.shape):
            raise Unliftable("arrays of several shapes in one")
        for one, other in zip(part.shape, first.shape, strict=True):
            _same(reader, one, other)
    axis %= len(first.shape) + 1
    shape = (*first.shape[:axis], Size(len(parts)), *first.shape[axis:])
    made = reader.new("stack", shape, first.dtype)
    for place, part in enumerate(parts):
        reader.define(_cut(reader, made, [*[_ALL] * axis, Cut(place=Size(place))]), part, None)
    return made


def _same(reader: Reader, one: Size, other: Size) -> None:
    try:
        reader.sizes.require_equal(one, other)
    except Unequal as problem:
        raise Unliftable(f"shapes: {problem}") from problem


def _cut(reader: Reader, view: View, cuts: list[Cut]) -> View:
    found = cut(view, cuts, reader.sizes)
    assert isinstance(found, View)
    return found


def concatenated(reader: Reader, nodes: Sequence[ast.expr], axis: int, name: str) -> View | None:
    """Arrays one behind the other along an axis; None for numbers.

    Raises
    ------
    Unliftable
        If they do not fit together.
    """
    parts = [as_array(reader, node) for node in nodes]
    if name == "hstack":
        axis = 0 if max(len(part.shape) for part in parts) == 1 else 1
    return joined(reader, parts, axis)


def joined(reader: Reader, parts: Sequence[Cells], axis: int) -> View | None:
    """Arrays one behind the other along an axis; None for numbers.

    Raises
    ------
    Unliftable
        If they do not fit together.
    """
    rank = max(len(part.shape) for part in parts)
    if not rank or any(len(part.shape) != rank for part in parts) or not -rank <= axis < rank:
        return None
    axis %= rank
    dtype = promoted(tuple(part.expr for part in parts))
    if any(part.dtype != dtype and not _is_weak(part) for part in parts):
        raise Unliftable("arrays of several types in one")
    model = max(parts, key=lambda part: len(part.shape[axis].terms))
    for part in parts:
        for other in range(rank):
            if other != axis:
                _same(reader, part.shape[other], model.shape[other])
    starts = [Size()]
    for part in parts:
        starts.append(starts[-1] + part.shape[axis])
    shape = (*model.shape[:axis], starts[-1], *model.shape[axis + 1 :])
    made = reader.new("joined", shape, dtype)
    for start, part in zip(starts, parts, strict=False):
        reader.define(window(made, axis, start, part.shape[axis]), part, None)
    return made


def _is_weak(part: Cells) -> bool:
    return isinstance(part.expr, Scalar) and part.expr.weak


def window(view: View, axis: int, start: Size, count: Size) -> View:
    """Some places along one axis of a whole array."""
    shape = (*view.shape[:axis], count, *view.shape[axis + 1 :])
    index = tuple(one.shifted(start) if one.axis == axis else one for one in view.index)
    return View(view.buffer, shape, index)


def as_array(reader: Reader, node: ast.expr) -> Cells:
    """An array, or a list of numbers as one."""
    if not isinstance(node, ast.List | ast.Tuple):
        return reader.cells(node)
    if len(node.elts) != 1:
        raise Unliftable("a list of several numbers beside arrays")
    number = reader.cells(node.elts[0])
    if number.shape or number.dtype != "float64":
        raise Unliftable(f"`{ast.unparse(node)[:40]}` beside arrays")
    return Cells((ONE,), number.expr)


def padded(reader: Reader, node: ast.Call, keywords: Mapping[str | None, ast.expr]) -> Array:
    """``np.pad``, axis by axis as NumPy does it; the same array padded alike again is what it was then.

    Raises
    ------
    Unliftable
        If its widths or its mode are not known.
    """
    mode = node.args[2] if len(node.args) > 2 else keywords.get("mode", ast.Constant(value="constant"))
    if set(keywords) - {"mode", "constant_values"} or not isinstance(mode, ast.Constant):
        raise Unliftable("`np.pad` with these keywords")
    if mode.value not in _MODES:
        raise Unliftable(f"`np.pad` with mode {mode.value!r}")
    value = reader.cells(node.args[0])
    widths = _widths(node.args[1], len(value.shape))
    fill = keywords.get("constant_values")
    key = value, tuple(widths), mode.value
    if fill is None and key in reader.padded:
        made, number = reader.padded[key]
        return read(made, Version(made.buffer, number))
    made = with_margins(reader, value, widths, str(mode.value), fill)
    now = reader.now(made).expr
    if fill is None and isinstance(now, Read):
        reader.padded[key] = made, now.version.number
    return made


def with_margins(
    reader: Reader,
    value: Cells,
    widths: Sequence[tuple[int, int]],
    mode: str,
    fill: ast.expr | None = None,
) -> View:
    """An array with margins of so many cells before and after it along each axis."""
    shape = tuple(size + sum(pair) for size, pair in zip(value.shape, widths, strict=True))
    made = reader.new("padded", shape, value.dtype)
    if mode == "constant":
        number = reader.cells(fill) if fill is not None else Cells((), Scalar("0.0", "float64", weak=True))
        if fill is None and value.dtype in _ZEROS:
            number = Cells((), Scalar(_ZEROS[value.dtype], value.dtype, weak=True))
        if number.shape or number.dtype != value.dtype or value.dtype not in _ZEROS:
            raise Unliftable("`np.pad` with this constant")
        reader.define(made, number, None)
    inside = [Cut((Size(low), size + low, 1)) for size, (low, _) in zip(value.shape, widths, strict=True)]
    reader.define(_box(made, inside), value, None)
    if mode == "constant":
        return made
    least = {"edge": 1, "symmetric": 0, "wrap": 0, "reflect": 1}[mode]
    for axis, (low, high) in enumerate(widths):
        size = value.shape[axis]
        width = max(low, high)
        needed = max(least, width + (mode == "reflect") if mode != "edge" else 1)
        try:
            reader.sizes.require_at_least(size, Size(needed))
        except Unequal as problem:
            raise Unliftable(f"`np.pad`: {problem}") from problem
        for place in range(low):
            _margin(reader, made, axis, inside, Size(place), _source(mode, place - low, size) + low)
        for place in range(high):
            _margin(
                reader, made, axis, inside, size + (low + place), _source(mode, place, size, end=True) + low
            )
    return made


def _source(mode: str, place: int, size: Size, *, end: bool = False) -> Size:
    """Which cell of the array a cell ``place`` cells from its beginning, or its end, repeats."""
    if mode == "edge":
        return size - 1 if end else Size()
    if mode == "wrap":
        return Size(place) if end else size + place
    if mode == "symmetric":
        return size - (1 + place) if end else Size(-1 - place)
    return size - (2 + place) if end else Size(-place)


def _margin(reader: Reader, made: View, axis: int, inside: list[Cut], target: Size, source: Size) -> None:
    """One row of the margin; axes before this one have theirs already."""
    cuts = [_ALL if other < axis else inside[other] for other in range(len(made.shape))]
    one = _box(made, [*cuts[:axis], Cut(place=source), *cuts[axis + 1 :]])
    reader.define(_box(made, [*cuts[:axis], Cut(place=target), *cuts[axis + 1 :]]), reader.now(one), None)


def _box(view: View, cuts: Sequence[Cut]) -> View:
    """A part of a whole array whose bounds are known to lie inside."""
    shape: list[Size] = []
    index: list[Index] = []
    for length, each in zip(view.shape, cuts, strict=True):
        if each.place is not None:
            index.append(Index(None, 1, each.place))
            continue
        assert each.slice is not None
        start, stop, _ = each.slice
        index.append(Index(len(shape), 1, start or Size()))
        shape.append((stop if stop is not None else length) - (start or Size()))
    return View(view.buffer, tuple(shape), tuple(index))


def _widths(node: ast.expr, rank: int) -> list[tuple[int, int]]:
    try:
        given = ast.literal_eval(node)
    except ValueError as problem:
        raise Unliftable("`np.pad` by widths that are not written as numbers") from problem
    match given:
        case int():
            found = [(given, given)] * rank
        case [int(low), int(high)]:
            found = [(low, high)] * rank
        case [int(width)] | [[int(width)]]:
            found = [(width, width)] * rank
        case [*pairs] if len(pairs) == rank and all(isinstance(pair, tuple | list) for pair in pairs):
            found = [(pair[0], pair[-1]) for pair in pairs if len(pair) in (1, 2)]
        case _:
            found = []
    if len(found) != rank or not all(type(low) is int and type(high) is int for low, high in found):
        raise Unliftable("`np.pad` by widths of this form")
    if any(min(pair) < 0 or max(pair) > 4 for pair in found):
        raise Unliftable("`np.pad` by wide margins")
    return found


def shifted(value: Cells, axis: int, start: Size, count: Size) -> Cells:
    """``count`` places along one axis from ``start`` on."""
    places = tuple(Index(each, 1, start) if each == axis else Index(each) for each in range(len(value.shape)))
    shape = (*value.shape[:axis], count, *value.shape[axis + 1 :])
    return Cells(shape, placed_or_refuse(value.expr, places))
