"""Array computations as definitions over cells: what a cell's new value is, in terms of other cells.

A :class:`Definition` says for every cell of a box which value it gets. Expressions are trees over
the box's axes 0, 1, ...; a :class:`Read` names a version of a buffer, so that what a statement saw is
told apart from what stands there later. Both emitters (Numba's loops, CUDA's threads) print from this.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pdeperf.arrays.sizes import Size


@dataclass(frozen=True, slots=True)
class Index:
    """Where an array is read along one of its dimensions: ``step * p + offset``.

    ``p`` is the counter of ``axis``, or, with ``wrap``, ``(counter + shift) % modulus``; without an
    axis it is nothing, and the place is fixed.
    """

    axis: int | None = None
    step: int = 1
    offset: Size = field(default_factory=Size)
    shift: Size = field(default_factory=Size)
    modulus: Size | None = None

    def __hash__(self) -> int:
        return hash((self.axis, self.step, self.offset.const))

    def shifted(self, offset: Size) -> "Index":
        """Further on by an offset."""
        return replace(self, offset=self.offset + offset)


ANYWHERE = Index(None, modulus=Size())
"""A place that each cell computes: of the ``gather`` around it. It may be any, around the end too."""
IN_BOUNDS = "checked_place"
"""The operation around a computed place of which it is not known whether it lies in the array."""
COUNTERS: Mapping[int | None, Index] = {axis: Index(axis) for axis in range(8)}
"""The cell itself along each axis."""
NOWHERE = Size()


@dataclass(frozen=True, slots=True)
class Buffer:
    """An array in memory.

    Attributes
    ----------
    name
        How the text refers to it: ``u``, ``self.u``.
    shape
        Size of each dimension.
    dtype
        NumPy's name of its element type.
    is_temporary
        It was made by the statements themselves and nobody else knows it.
    whole, places
        The array that it is one component of, and where that fixes its dimensions: ``q[0]``.
    """

    name: str
    shape: tuple[Size, ...]
    dtype: str
    is_temporary: bool = False
    whole: "Buffer | None" = None
    places: tuple[int | None, ...] = ()

    def __hash__(self) -> int:
        return hash((self.name, self.dtype))  # shapes take long, and names differ

    @property
    def array(self) -> "Buffer":
        """The array itself, or the one that it is a component of."""
        return self if self.whole is None else self.whole

    def within(self, text: str) -> str:
        """How it is written where ``text`` is its array: ``q[0]``, ``f[:, :, 3]``."""
        if self.whole is None:
            return text
        places = [":" if place is None else str(place) for place in self.places]
        while places[-1] == ":":
            places.pop()
        return f"{text}[{', '.join(places)}]"


def part(whole: Buffer, places: tuple[int | None, ...]) -> Buffer:
    """One component of an array: some of its dimensions are fixed."""
    shape = tuple(size for size, place in zip(whole.shape, places, strict=True) if place is None)
    found = Buffer(whole.name, shape, whole.dtype, whole.is_temporary, whole, places)
    return replace(found, name=found.within(whole.name))


@dataclass(frozen=True, slots=True)
class Version:
    """What a buffer holds after its ``number``-th definition; 0 is what it held at first."""

    buffer: Buffer
    number: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """An element of a version of a buffer."""

    version: Version
    index: tuple[Index, ...]

    @property
    def dtype(self) -> str:
        """Element type."""
        return self.version.buffer.dtype


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number that is the same for all cells, as Python text; ``weak`` if it is Python's own."""

    text: str
    dtype: str
    weak: bool = False
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counter:
    """The integer ``step * p + offset`` itself, from ``np.arange`` and the like."""

    index: Index
    dtype: str = "int64"


@dataclass(frozen=True, slots=True)
class Op:
    """An operation on elements.

    Attributes
    ----------
    name
        An operator (``+``), ``where``, ``not``, ``neg``, a function's qualified name (``numpy.sqrt``), or
        ``gather``: the element of its first argument at the places that the others compute.
    """

    name: str
    args: tuple["Expr", ...]
    dtype: str
    exact: bool = True

    def __hash__(self) -> int:
        parts = tuple(part.name if isinstance(part, Op) else part for part in self.args)
        return hash((self.name, parts))


Expr = Read | Scalar | Counter | Op


def walk(expr: Expr) -> Iterator[Expr]:
    """An expression and all in it, from left to right."""
    pending = [expr]
    while pending:
        part = pending.pop()
        yield part
        if isinstance(part, Op):
            pending.extend(reversed(part.args))


def reads(expr: Expr) -> Iterator[Read]:
    """The elements that an expression reads."""
    return (part for part in walk(expr) if isinstance(part, Read))


def rebuilt(expr: Expr, change: Callable[[Read | Counter | Scalar], Expr]) -> Expr:
    """An expression with its leaves changed."""
    if isinstance(expr, Op):
        return Op(expr.name, tuple(rebuilt(part, change) for part in expr.args), expr.dtype, expr.exact)
    return change(expr)


def as_stored(expr: Expr, dtype: str) -> Expr:
    """An expression as the number that an array of a type would hold."""
    if expr.dtype == dtype or dtype not in ("float64", "float32"):
        return expr
    if isinstance(expr, Scalar) and expr.text.isdigit() and dtype == "float64":
        return Scalar(f"{expr.text}.0", "float64", weak=True)
    return Op(f"numpy.{dtype}", (expr,), dtype)


class NotAffine(Exception):  # noqa: N818 - a reason, not a fault
    """An index that is not ``step * counter + offset``."""


def composed(outer: Index, inner: Index) -> Index:
    """Where ``outer`` reads when its counter is itself at ``inner``.

    Raises
    ------
    NotAffine
        If the result is no index of this form.
    """
    if inner == ANYWHERE:
        raise NotAffine("a computed place of what is computed")
    if inner == COUNTERS.get(outer.axis) and (outer.modulus is not None or outer.shift == NOWHERE):
        return outer
    if outer.modulus is None:
        return Index(
            inner.axis,
            inner.step * outer.step if inner.axis is not None else 1,
            inner.offset * outer.step + outer.offset,
            inner.shift,
            inner.modulus,
        )
    if inner.axis is None:
        raise NotAffine("a fixed place of a rolled array")
    if inner.modulus is None and inner.step == 1:
        return replace(outer, axis=inner.axis, shift=outer.shift + inner.offset)
    if inner.modulus == outer.modulus and inner.step == 1 and inner.offset == Size():
        return replace(outer, axis=inner.axis, shift=outer.shift + inner.shift)
    raise NotAffine("a rolled array rolled again in another way")


def placed(expr: Expr, places: tuple[Index, ...]) -> Expr:
    """An expression over axes 0, 1, ... with each axis's counter at the given place."""

    def change(leaf: Read | Counter | Scalar) -> Expr:
        if isinstance(leaf, Read):
            return Read(leaf.version, tuple(_placed(index, places) for index in leaf.index))
        if isinstance(leaf, Counter):
            return replace(leaf, index=_placed(leaf.index, places))
        return leaf

    return rebuilt(expr, change)


def _placed(index: Index, places: tuple[Index, ...]) -> Index:
    return index if index.axis is None else composed(index, places[index.axis])


@dataclass(frozen=True, slots=True)
class Definition:
    """New values for the cells of a box in a buffer.

    Attributes
    ----------
    target
        The version that this makes; cells outside the box are as in the version before.
    counts
        Number of cells along each axis of the box.
    index
        Which cell of the buffer belongs to the counters.
    expr
        Its new value.
    mask
        Only cells for which this holds change.
    lines
        First and last line of the user's statement.
    """

    target: Version
    counts: tuple[Size, ...]
    index: tuple[Index, ...]
    expr: Expr
    mask: Expr | None = None
    lines: tuple[int, int] = (0, 0)

    @property
    def base(self) -> Version:
        """What the buffer held before."""
        return replace(self.target, number=self.target.number - 1)

    def inputs(self) -> Iterator[Read]:
        """All elements that it reads."""
        yield from reads(self.expr)
        if self.mask is not None:
            yield from reads(self.mask)

    @property
    def exact(self) -> bool:
        """Does every operation give NumPy's bits?"""
        parts = [*walk(self.expr), *(walk(self.mask) if self.mask is not None else ())]
        return all(part.exact for part in parts if isinstance(part, Op))


@dataclass(frozen=True, slots=True)
class Reduction:
    """A number made of all cells of a box.

    Attributes
    ----------
    name
        The variable that gets it.
    kind
        ``sum mean norm max min any all``, ``count`` (a sum of integers or truth values), or
        ``number``: its expression, made of numbers, no cells.
    """

    name: str
    kind: str
    counts: tuple[Size, ...]
    expr: Expr
    dtype: str
    lines: tuple[int, int] = (0, 0)


def same_cell_only(one: tuple[Index, ...], other: tuple[Index, ...], axes_count: int) -> bool:
    """Do two places of one array meet in the same cell of the box, or not at all?

    They do if every axis moves both alike along some dimension: then another cell of the box is
    another place.
    """
    pinned = {
        mine.axis
        for mine, theirs in zip(one, other, strict=True)
        if mine == theirs and mine.axis is not None and mine.modulus is None and mine.step
    }
    return len(pinned) == axes_count


def never_meet(one: tuple[Index, ...], other: tuple[Index, ...]) -> bool:
    """Are two places always in different rows, or one at even and the other at odd places?"""
    for mine, theirs in zip(one, other, strict=True):
        if mine.modulus is not None or theirs.modulus is not None:
            continue
        steps = (each.step if each.axis is not None else 0 for each in (mine, theirs))
        stride = math.gcd(*steps)
        distance = mine.offset - theirs.offset
        if distance.is_const and (distance.const % stride if stride else distance.const):
            return True
    return False
