"""Cells' expressions as Python text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.arrays.ir import ANYWHERE, IN_BOUNDS, Counter, Expr, Index, Op, Read, Scalar
from pdeperf.arrays.sizes import Size, Sizes

_LEVELS = {"where": 0, "or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "neg": 7}
_LEVELS |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4)
_POWER, _ATOM = 8, 9
_PARTS = {"numpy.real": "real", "numpy.imag": "imag"}
SQUARED_MODULUS, CONJUGATE = "squared_modulus", "conjugate_of"
DIVIDED_BY_REAL, DIVIDED_BY_COMPLEX = "divided_by_real", "divided_by_complex"
_CHECKED_PLACE = '''@njit(cache=True, error_model="numpy")
def checked_place(place, size):
    """A computed place in an array; as NumPy does, an error where there is none."""
    if place < -size or place >= size:
        raise IndexError("index out of bounds")
    return place
'''
_SQUARED_MODULUS = '''@njit(cache=True, error_model="numpy")
def squared_modulus(z):
    """``abs(z) ** 2`` without a square root: infinite where a part is, though the other be no number."""
    real, imag, largest = abs(z.real), abs(z.imag), 1.7976931348623157e308
    return real if real > largest else imag if imag > largest else real * real + imag * imag
'''
_DIVIDED_BY_REAL = '''@njit(cache=True, error_model="numpy")
def divided_by_real(z, d):
    """``z / (d + 0j)``: infinite and undefined parts spread as they do there."""
    if d == 0.0:
        return complex(z.real / 0.0, z.imag / 0.0)
    scale = 1.0 / d
    return complex((z.real + z.imag * 0.0) * scale, (z.imag - z.real * 0.0) * scale)
'''
_DIVIDED_BY_COMPLEX = '''@njit(cache=True, error_model="numpy")
def divided_by_complex(z, w):
    """``z / w``, each part to the bit as NumPy computes it."""
    if abs(w.real) < abs(w.imag):
        ratio = w.real / w.imag
        scale = 1.0 / (w.imag + w.real * ratio)
        return complex((z.real * ratio + z.imag) * scale, (z.imag * ratio - z.real) * scale)
    if w.real == 0.0 and w.imag == 0.0:
        return complex(z.real / 0.0, z.imag / 0.0)
    ratio = w.imag / w.real
    scale = 1.0 / (w.real + w.imag * ratio)
    return complex((z.real + z.imag * ratio) * scale, (z.imag - z.real * ratio) * scale)
'''
_CONJUGATE = '''@njit(cache=True)
def conjugate_of(z):
    """The complex conjugate."""
    return complex(z.real, -z.imag)
'''
FUNCTIONS = {
    CONJUGATE: _CONJUGATE,
    IN_BOUNDS: _CHECKED_PLACE,
    SQUARED_MODULUS: _SQUARED_MODULUS,
    DIVIDED_BY_REAL: _DIVIDED_BY_REAL,
    DIVIDED_BY_COMPLEX: _DIVIDED_BY_COMPLEX,
}
"""What expressions call, by name."""


@dataclass(frozen=True, slots=True)
class Ring:
    """How an array is indexed of which only a few rows are kept.

    Attributes
    ----------
    place
        Its dimension of rows.
    rows
        So many are kept.
    lead
        What stands before all indices: the time step, if each has rows of its own.
    """

    place: int
    rows: int
    lead: str = ""

    def places(self, indices: list[str]) -> list[str]:
        """The indices of an element, given those in the whole array."""
        row = indices[self.place]
        kept = [f"{row if row.isidentifier() else f'({row})'} % {self.rows}"] if self.rows > 1 else []
        lead = [self.lead] if self.lead else []
        return [*lead, *indices[: self.place], *kept, *indices[self.place + 1 :]]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """How a few lines of an array are indexed that have been copied next to each other.

    Attributes
    ----------
    along
        Dimensions of the array that go along the lines.
    vector
        Its dimension in which the lines lie next to each other; last here.
    low
        The first of the neighbours that the first line reads.
    lane
        Counter of the lines; empty if what is kept is the same for all of them.
    """

    along: tuple[int, ...]
    vector: int
    low: Size
    lane: str

    def places(self, index: tuple[Index, ...], axes: "Axes") -> list[str]:
        """The indices of an element."""
        places = [axes.index(index[dim]) for dim in self.along]
        if not self.lane:
            return places
        return [*places, str(Size.of(self.lane) + axes.plain(index[self.vector].offset - self.low))]


class Axes:
    """The counters of one nest: their names and where they start.

    Parameters
    ----------
    names
        Name of each axis's counter.
    starts
        The counter's value where the IR counts zero.
    sizes
        To simplify what is printed.
    """

    def __init__(self, names: dict[int, str], starts: dict[int, Size], sizes: Sizes) -> None:
        self.names, self.starts, self._sizes = names, starts, sizes
        self.wrapped: dict[tuple[int, Size, Size], str] = {}

    def plain(self, size: Size) -> Size:
        """In terms of as few symbols as are known to be needed."""
        return self._sizes.plain(size)

    def size(self, size: Size) -> str:
        """A size's text."""
        return str(self._sizes.plain(size))

    def index(self, index: Index, *, inside: frozenset[int] = frozenset()) -> str:
        """One subscript; ``inside`` are periodic axes that need not wrap here."""
        if index.axis is None:
            return self.size(index.offset)
        name, start = self.names[index.axis], self.starts[index.axis]
        offset = index.offset
        if index.modulus is not None:
            shift = self._sizes.plain(index.shift - start)
            if index.axis in inside:
                return self._linear(name, index.step, offset + shift * index.step)
            place = self.wrapped[index.axis, self._sizes.plain(index.shift), self._sizes.plain(index.modulus)]
            return self._linear(place, index.step, offset)
        return self._linear(name, index.step, offset - start * index.step)

    def _linear(self, name: str, step: int, offset: Size) -> str:
        counter = name if step == 1 or name.isidentifier() else f"({name})"
        return str(self._sizes.plain(offset) + Size.of(counter) * step)


class Views:
    """One-dimensional arrays seen from where a loop begins, so that its counter starts at zero.

    Parameters
    ----------
    first, last
        Names of the loop's bounds.
    start
        Where the arrays' own places are counted from.
    fresh
        Makes a new name from a stem.
    """

    def __init__(self, first: str, last: str, start: Size, fresh: Callable[[str], str]) -> None:
        self._first, self._last, self._start, self._fresh = first, last, start, fresh
        self._names: dict[tuple[str, Size], str] = {}

    def name(self, array: str, index: Index) -> str:
        """The view of an array that an index walks through."""
        offset = index.offset - self._start
        if (array, offset) not in self._names:
            side = "here" if offset == Size() else "right" if offset.const > 0 else "left"
            stem = f"{array}_{side}" + (f"_{abs(offset.const)}" if abs(offset.const) > 1 else "")
            self._names[array, offset] = self._fresh(stem)
        return self._names[array, offset]

    def lines(self) -> list[str]:
        """What makes the views."""
        return [
            f"{name} = {array}[{Size.of(self._first) + offset}:{Size.of(self._last) + offset}]"
            for (array, offset), name in self._names.items()
        ]


def subscripted(array: str, places: Sequence[str]) -> str:
    """An element of an array, or of a component of one: ``f[:, :, 3]`` at ``i, j`` is ``f[i, j, 3]``."""
    if not array.endswith("]"):
        return f"{array}[{', '.join(places)}]"
    text, _, fixed = array[:-1].rpartition("[")
    rest = iter(places)
    inner = [next(rest) if each == ":" else each for each in fixed.split(", ")]
    return f"{text}[{', '.join([*inner, *rest])}]"


class Printer:
    """Prints expressions of one nest.

    Parameters
    ----------
    axes
        The counters.
    library
        The user's name of NumPy.
    element
        Text of an element that is not simply read from memory; None if it is.
    slot
        Name of the array that holds a version.
    """

    def __init__(
        self,
        axes: Axes,
        library: str,
        element: Callable[[Read], str | None],
        slot: Callable[[Read], str],
        chosen: Callable[[str], str],
        rings: Mapping[str, Ring],
    ) -> None:
        self.axes, self._library = axes, library
        self._element, self._slot, self._chosen = element, slot, chosen
        self._rings = rings
        self.inside: frozenset[int] = frozenset()
        self.views: Views | None = None
        self.side_by_side: Mapping[str, SideBySide] = {}

    def text(self, expr: Expr) -> str:
        """An expression."""
        return self._print(expr)[0]

    def subscript(self, name: str, index: tuple[Index, ...]) -> str:
        """``name[i, j + 1]``."""
        if self.views is not None and index[0].axis is not None:
            return f"{self.views.name(name, index[0])}[{self.axes.names[index[0].axis]}]"
        if (lines := self.side_by_side.get(name)) is not None:
            return f"{name}[{', '.join(lines.places(index, self.axes))}]"
        places = [self.axes.index(each, inside=self.inside) for each in index]
        ring = self._rings.get(name)
        return subscripted(name, places if ring is None else ring.places(places))

    def _print(self, expr: Expr) -> tuple[str, int]:
        match expr:
            case Scalar(text=text):
                return text, _ATOM if text[:1] not in "-" else _LEVELS["neg"]
            case Counter(index=index):
                text = self.axes.index(index, inside=self.inside)
                return text, _ATOM if text.isidentifier() else _LEVELS["+"]
            case Read():
                known = self._element(expr)
                return known or self.subscript(self._slot(expr), expr.index), _ATOM
            case Op():
                return self._operation(expr)

    def _operation(self, expr: Op) -> tuple[str, int]:
        if expr.name == "where":
            condition, one, other = expr.args
            yes, no = (self._branch(part) for part in (one, other))
            return f"{yes} if {self._wrapped(condition, 1)} else {no}", 0
        if expr.name in _PARTS:
            return f"{self._wrapped(expr.args[0], _ATOM)}.{_PARTS[expr.name]}", _ATOM
        if expr.name == "numpy.conj":
            return f"{CONJUGATE}({self.text(expr.args[0])})", _ATOM
        if (modulus := _modulus_of(expr)) is not None:
            return f"{SQUARED_MODULUS}({self.text(modulus)})", _ATOM
        if (function := _divided_by(expr)) is not None:
            texts = map(self.text, expr.args)
            return f"{function}({', '.join(texts)})", _ATOM
        if expr.name.startswith("numpy."):
            inner = ", ".join(self.text(part) for part in expr.args)
            return f"{self._library}.{expr.name[6:]}({inner})", _ATOM
        if expr.name == "gather":
            return self._gathered(expr), _ATOM
        if expr.name == "**":
            return f"{self._wrapped(expr.args[0], _ATOM)} ** {self._wrapped(expr.args[1], _POWER)}", _POWER
        level = _LEVELS[expr.name]
        if len(expr.args) == 1:
            sign = "-" if expr.name == "neg" else "not "
            return sign + self._wrapped(expr.args[0], level), level
        left, right = expr.args
        # The right side in parentheses even where a reader needs none: sums are not re-associated.
        first = level + (level == _LEVELS["<"])
        if expr.name == "/" and left.dtype == "float64" and _may_be_pythons(left) and _may_be_pythons(right):
            # An array's elements are divided by zero, Python's numbers are not.
            dividend = f"{self._library}.float64({self.text(left)})"
        else:
            dividend = self._wrapped(left, first)
        return f"{dividend} {expr.name} {self._wrapped(right, level + 1)}", level

    def _gathered(self, expr: Op) -> str:
        """An element at computed places; of these only whole rows may be left out, at places of its own."""
        source, *computed = expr.args
        assert isinstance(source, Read)
        rest = iter(computed)
        name = self._slot(source)
        ring = self._rings.get(name)
        assert ring is None or source.index[ring.place] != ANYWHERE
        axes = [str(axis) for axis in range(len(source.index))]
        axes = axes if ring is None else ring.places(axes)
        places = [
            self._checked(next(rest), f"{name}.shape[{axes.index(str(axis))}]")
            if each == ANYWHERE
            else self.axes.index(each, inside=self.inside)
            for axis, each in enumerate(source.index)
        ]
        return subscripted(name, places if ring is None else ring.places(places))

    def _checked(self, place: Expr, size: str) -> str:
        """A computed place; that of which it is not known whether it lies in the array is looked at."""
        if isinstance(place, Op) and place.name == IN_BOUNDS:
            return f"{IN_BOUNDS}({self.text(place.args[0])}, {size})"
        return self.text(place)

    def _branch(self, expr: Expr) -> str:
        """A side of a choice, computed whichever is chosen, as NumPy does: the loop stays without jumps."""
        if isinstance(expr, Scalar):
            return expr.text
        return self._chosen(self.text(expr))

    def _wrapped(self, expr: Expr, level: int) -> str:
        text, own = self._print(expr)
        return text if own >= level else f"({text})"


def _modulus_of(expr: Op) -> Expr | None:
    """The complex number of which this is the modulus squared."""
    match expr:
        case Op(name="numpy.square", args=(Op(name="numpy.abs" | "numpy.absolute", args=(inner,)),)):
            return inner if inner.dtype == "complex128" else None
    return None


def _divided_by(expr: Op) -> str | None:
    """What divides complex numbers; None for real ones.

    By real numbers as by complex ones it would take branches, and Numba divides by each part, NumPy once.
    """
    match expr:
        case Op(name="/", args=(one, other)) if "complex128" in (one.dtype, other.dtype):
            if other.dtype == "complex128":
                return DIVIDED_BY_COMPLEX
            return None if isinstance(one, Scalar) else DIVIDED_BY_REAL
    return None


def _may_be_pythons(expr: Expr) -> bool:
    """Can a cell be one of Python's numbers, which raise where they are divided by zero?"""
    match expr:
        case Scalar():
            return True
        case Op(name="where", args=(_, one, other)):
            return _may_be_pythons(one) or _may_be_pythons(other)
        case Op(name=name, args=args) if not name.startswith("numpy.") and name != "gather":
            return all(map(_may_be_pythons, args))
        case _:
            return False
