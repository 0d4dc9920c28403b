"""Array values while statements are lifted: shapes, elements, views, slices, rolls."""

import ast
from dataclasses import dataclass, replace

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import (
    Buffer,
    Expr,
    Index,
    NotAffine,
    Op,
    Read,
    Scalar,
    Version,
    as_stored,
    composed,
    placed,
)
from pdeperf.arrays.sizes import ONE, Size, Sizes, Unequal


@dataclass(frozen=True, slots=True)
class View:
    """An array that stands in memory: a buffer seen through an index map."""

    buffer: Buffer
    shape: tuple[Size, ...]
    index: tuple[Index, ...]

    @classmethod
    def whole(cls, buffer: Buffer) -> "View":
        """All of a buffer."""
        return cls(buffer, buffer.shape, tuple(Index(axis) for axis in range(len(buffer.shape))))

    @property
    def is_whole(self) -> bool:
        """Is it all of its buffer, in order?"""
        return self == View.whole(self.buffer)


@dataclass(frozen=True, slots=True)
class Cells:
    """The elements of an array expression, as a tree over its axes."""

    shape: tuple[Size, ...]
    expr: Expr

    @property
    def dtype(self) -> str:
        """Element type."""
        return self.expr.dtype


@dataclass(frozen=True, slots=True)
class Several:
    """Values in a tuple, a list or a record that the text writes out.

    Attributes
    ----------
    made
        How it is written, with ``{}`` for its parts; empty for what is never made as such.
    fields
        Names of a record's parts.
    """

    parts: tuple["Value", ...]
    made: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cells of an array that a mask chooses.

    Attributes
    ----------
    source
        The whole array.
    mask
        Which of its cells.
    before
        Dimensions in front of those that the mask has.
    rank
        Number of dimensions that the mask has.
    """

    source: View | Cells
    mask: Cells
    before: int
    rank: int


@dataclass(frozen=True, slots=True)
class Row:
    """The places ``start, start + 1, ...`` along an axis.

    Attributes
    ----------
    length
        How many.
    modulus
        They are taken modulo this, if given.
    check
        What shows that an array holds them, with ``{}`` for its length.
    """

    length: Size
    start: Size
    modulus: Size | None = None
    check: str = ""


Array = View | Cells
Value = View | Cells | Several | Chosen


def read(view: View, version: Version) -> Cells:
    """The elements of a view as they are now."""
    return Cells(view.shape, Read(version, view.index))


def broadcast(parts: tuple[Cells, ...], sizes: Sizes) -> tuple[tuple[Size, ...], tuple[Expr, ...]]:
    """Common shape of several arrays, and their elements over its axes.

    Raises
    ------
    Unliftable
        If the shapes do not fit, or may not.
    """
    ndim = max((len(part.shape) for part in parts), default=0)
    shape: list[Size] = []
    for axis in range(ndim):
        lengths = [
            part.shape[axis - ndim + len(part.shape)] for part in parts if axis - ndim + len(part.shape) >= 0
        ]
        shape.append(_common(lengths, sizes))
    return tuple(shape), tuple(stretched(part, tuple(shape), sizes) for part in parts)


def _common(lengths: list[Size], sizes: Sizes) -> Size:
    result = lengths[0]
    for length in lengths[1:]:
        if sizes.equal(result, length):
            continue
        one, other = sizes.value(result), sizes.value(length)
        try:
            if one == 1 and other != 1 and sizes.is_one(result):
                result = length
            elif not (other == 1 and one != 1 and sizes.is_one(length)):
                sizes.require_equal(length, result)
        except Unequal as problem:
            raise Unliftable(f"shapes: {problem}") from problem
    return result


def stretched(part: Cells, shape: tuple[Size, ...], sizes: Sizes) -> Expr:
    """Elements over the axes of a wider shape."""
    lead = len(shape) - len(part.shape)
    if lead < 0:
        raise Unliftable("an array has more dimensions than what it is assigned to")
    places = []
    for axis, length in enumerate(part.shape):
        if sizes.equal(length, shape[axis + lead]):
            places.append(Index(axis + lead))
            continue
        try:
            if sizes.value(length) == 1 and sizes.value(shape[axis + lead]) != 1 and sizes.is_one(length):
                places.append(Index())
                continue
            sizes.require_equal(length, shape[axis + lead])
        except Unequal as problem:
            raise Unliftable(f"shapes: {problem}") from problem
        places.append(Index(axis + lead))
    return placed_or_refuse(part.expr, tuple(places))


def placed_or_refuse(expr: Expr, places: tuple[Index, ...]) -> Expr:
    """As :func:`placed`; what is not affine is unliftable."""
    try:
        return placed(expr, places)
    except NotAffine as problem:
        raise Unliftable(str(problem)) from problem


@dataclass(frozen=True, slots=True)
class Cut:
    """One part of a subscript: a slice, a fixed place, or a new axis (both ``None``)."""

    slice: tuple[Size | None, Size | None, int] | None = None
    place: Size | None = None


def _bound(bound: Size, length: Size, sizes: Sizes, *, is_stop: bool) -> Size:
    """A slice's bound counted from the front, inside the array.

    Raises
    ------
    Unliftable
        If NumPy would clip it.
    """
    try:
        if bound.is_const:
            if bound.const >= 0:
                # u[1:] of an empty array is a box of -1 cells: as empty as NumPy's.
                if is_stop or bound.const > 1:
                    sizes.require_at_least(length, bound)
                return bound
            if not is_stop:
                sizes.require_at_least(length, bound * -1)
            return length + bound
        seen = sizes.value(bound)
        if seen is not None and seen < 0:
            sizes.require_at_least(bound * -1, ONE)
            sizes.require_at_least(length, bound * -1)
            return length + bound
        sizes.require_at_least(bound, Size())
        sizes.require_at_least(length, bound)
    except Unequal as problem:
        raise Unliftable(f"bounds: {problem}") from problem
    return bound


def cut(value: Array, cuts: list[Cut], sizes: Sizes) -> Array:
    """``value[cuts]`` for slices, integers and new axes."""
    shape: list[Size] = []
    places: list[Index] = []
    dimension = 0
    for part in cuts:
        if part.slice is None and part.place is None:
            shape.append(ONE)
            continue
        length = value.shape[dimension]
        dimension += 1
        if part.place is not None:
            places.append(Index(None, 1, _place(part.place, length, sizes)))
            continue
        assert part.slice is not None
        start, stop, step = part.slice
        places.append(_sliced(start, stop, step, length, sizes, len(shape), shape))
    for length in value.shape[dimension:]:
        places.append(Index(len(shape)))
        shape.append(length)
    if isinstance(value, View):
        try:
            index = tuple(one if one.axis is None else composed(one, places[one.axis]) for one in value.index)
        except NotAffine as problem:
            raise Unliftable(str(problem)) from problem
        return View(value.buffer, tuple(shape), index)
    return Cells(tuple(shape), placed_or_refuse(value.expr, tuple(places)))


def _place(place: Size, length: Size, sizes: Sizes) -> Size:
    """A fixed place counted from the front."""
    try:
        if place.is_const and place.const < 0:
            sizes.require_at_least(length, place * -1)
            return length + place
        if place.is_const:
            sizes.require_at_least(length, place + 1)
            return place
        seen = sizes.value(place)
        if seen is not None and seen < 0:
            sizes.require_at_least(place * -1, ONE)
            sizes.require_at_least(length, place * -1)
            return length + place
        sizes.require_at_least(place, Size())
        sizes.require_at_least(length, place + 1)
    except Unequal as problem:
        raise Unliftable(f"bounds: {problem}") from problem
    return place


def _sliced(
    start: Size | None,
    stop: Size | None,
    step: int,
    length: Size,
    sizes: Sizes,
    axis: int,
    shape: list[Size],
) -> Index:
    if step == -1 and start is None and stop is None:
        shape.append(length)
        return Index(axis, -1, length - 1)
    if step < 1:
        raise Unliftable(f"a slice with step {step}")
    first = _bound(start, length, sizes, is_stop=False) if start is not None else Size()
    last = _bound(stop, length, sizes, is_stop=True) if stop is not None else length
    if step > 1:
        count = sizes.plain(last - first)
        if not count.is_const:
            text = f"({count} + {step - 1}) // {step}"
            seen = sizes.value(count)
            if seen is None:
                raise Unliftable("a stepped slice whose length was not seen")
            sizes.note(text, (seen + step - 1) // step)
            shape.append(Size.of(text))
        else:
            shape.append(Size((count.const + step - 1) // step))
    else:
        shape.append(last - first)
    return Index(axis, step, first)


def rolled(value: Cells, shift: Size, axis: int) -> Cells:
    """``np.roll(value, shift, axis)``."""
    places = tuple(
        Index(each, 1, Size(), shift * -1, value.shape[each]) if each == axis else Index(each)
        for each in range(len(value.shape))
    )
    return Cells(value.shape, placed_or_refuse(value.expr, places))


def transposed(value: Array, axes: tuple[int, ...]) -> Array:
    """With its axes in another order: axis ``k`` of the result is ``axes[k]``."""
    where = {old: new for new, old in enumerate(axes)}
    shape = tuple(value.shape[old] for old in axes)
    if isinstance(value, View):
        index = tuple(one if one.axis is None else replace(one, axis=where[one.axis]) for one in value.index)
        return View(value.buffer, shape, index)
    return Cells(shape, placed(value.expr, tuple(Index(where[axis]) for axis in range(len(axes)))))


def reversed_axes(value: Array) -> Array:
    """Its transpose."""
    return transposed(value, tuple(range(len(value.shape)))[::-1])


def number(text: str, node: ast.expr, dtype: str, *, weak: bool) -> Cells:
    """A number as an array without axes."""
    names = frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    return Cells((), Scalar(text, dtype, weak, names))


def operation(name: str, dtype: str, parts: tuple[Cells, ...], sizes: Sizes, *, exact: bool = True) -> Cells:
    """An element-wise operation."""
    shape, args = broadcast(parts, sizes)
    return Cells(shape, Op(name, args, dtype, exact))


def widened(cells: Cells, dtype: str) -> Cells:
    """Elements on one side of a choice, in the type of what either side gives; numbers stay Python's."""
    if (isinstance(cells.expr, Scalar) and cells.dtype != "float32") or cells.dtype in (dtype, "bool"):
        return cells
    return replace(cells, expr=as_stored(cells.expr, dtype))


def is_none(node: ast.expr) -> bool:
    """Is it ``None``, which makes a new axis in a subscript?"""
    newaxis = isinstance(node, ast.Attribute) and node.attr == "newaxis"
    return newaxis or (isinstance(node, ast.Constant) and node.value is None)


def is_dots(node: ast.expr) -> bool:
    """Is it ``...``?"""
    return isinstance(node, ast.Constant) and node.value is Ellipsis
