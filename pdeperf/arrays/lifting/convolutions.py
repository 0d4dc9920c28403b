"""SciPy's stencils: ``laplace``, ``convolve``, ``correlate`` and ``convolve2d`` with small constant weights.

They add up the products of weights and neighbours one after the other, beginning with zero; those of
scipy.ndimage leave out weights of zero, ``convolve2d`` does not.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Index, Scalar
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.lifting.pieces import with_margins
from pdeperf.arrays.sizes import Size, Unequal
from pdeperf.arrays.values import Cells, Cut, cut, operation, placed_or_refuse, rolled

EPSILON = 2.220446049250313e-16
"""What scipy.ndimage takes for zero."""
MOST = 27
"""Weights of a stencil."""
_MODES = {
    "reflect": "symmetric",
    "nearest": "edge",
    "mirror": "reflect",
    "constant": "constant",
    "wrap": "wrap",
    "fill": "constant",
    "symm": "symmetric",
}
_NAMES = {"input", "weights", "mode"}
_ZERO = Cells((), Scalar("0.0", "float64", weak=True))
Keywords = Mapping[str | None, ast.expr]


@dataclass(frozen=True, slots=True)
class Weights:
    """A stencil's weights.

    Attributes
    ----------
    shape
        So many along each axis.
    entries
        Each with its place; those that are left out are missing.
    """

    shape: tuple[int, ...]
    entries: dict[tuple[int, ...], Cells]


def called(reader: Reader, node: ast.Call, name: str, keywords: Keywords) -> Cells:
    """The value of a call of one of SciPy's functions.

    Raises
    ------
    Unliftable
        If it is none that is known.
    """
    module, _, last = name.removeprefix("scipy.").rpartition(".")
    names = ("input", "weights", *(("mode", "boundary") if module == "signal" else ()))
    args = dict(zip(names, node.args, strict=False)) | {str(k): v for k, v in keywords.items()}
    if len(node.args) > len(names) or "input" not in args:
        raise Unliftable(f"`{last}` with these arguments")
    match module, last:
        case (("ndimage" | "ndimage.filters"), "laplace") if set(args) <= {"input", "mode"}:
            return _laplace(reader, reader.cells(args["input"]), _word(args, "mode", "reflect"))
        case (("ndimage" | "ndimage.filters"), ("convolve" | "correlate")) if set(args) <= _NAMES:
            mode = _word(args, "mode", "reflect")
            value, weights = reader.cells(args["input"]), _weights(reader, args["weights"], all_of_them=False)
            return _summed(reader, value, weights, mode, is_turned=last == "convolve")
        case "signal", "convolve2d" if "weights" in args and set(args) <= {*_NAMES, "boundary"}:
            if _word(args, "mode", "full") != "same":
                raise Unliftable("`convolve2d` of another size than its input")
            value, weights = reader.cells(args["input"]), _weights(reader, args["weights"], all_of_them=True)
            boundary = _word(args, "boundary", "fill")
            return _summed(reader, value, weights, boundary, is_turned=True, is_reversed=True)
    raise Unliftable(f"`{name}` is called in an array expression")


def _word(args: Mapping[str, ast.expr], name: str, default: str) -> str:
    found = args.get(name, ast.Constant(value=default))
    if not isinstance(found, ast.Constant) or not isinstance(found.value, str):
        raise Unliftable(f"`{name}` that is not written out")
    return found.value


def _laplace(reader: Reader, value: Cells, mode: str) -> Cells:
    """Second differences along each axis, added up."""
    _check(value, mode)
    total: Cells | None = None
    rank = len(value.shape)
    reach = (1,) * rank
    source = _source(reader, value, mode, reach)
    for axis in range(rank):
        left, right = (
            _at(value, source, mode, reach, tuple(step * (other == axis) for other in range(rank)))
            for step in (-1, 1)
        )
        middle = operation("*", "float64", (value, _number("-2.0")), reader.sizes)
        sides = operation("+", "float64", (left, right), reader.sizes)
        along = operation("+", "float64", (middle, sides), reader.sizes)
        total = along if total is None else operation("+", "float64", (total, along), reader.sizes)
    assert total is not None
    return total


def _number(text: str) -> Cells:
    return Cells((), Scalar(text, "float64", weak=True))


def _check(value: Cells, mode: str) -> None:
    if value.dtype != "float64" or not value.shape or mode not in _MODES:
        raise Unliftable(f"a stencil of SciPy's on {value.dtype} with mode {mode!r}")


def _summed(
    reader: Reader, value: Cells, weights: Weights, mode: str, *, is_turned: bool, is_reversed: bool = False
) -> Cells:
    """Neighbours times weights, in the order in which SciPy adds them up.

    Parameters
    ----------
    is_turned
        It is a convolution: the first weight belongs to the last neighbour.
    is_reversed
        The neighbours are gone through from the last to the first.
    """
    _check(value, mode)
    if len(weights.shape) != len(value.shape) or any(count % 2 == 0 for count in weights.shape):
        raise Unliftable("weights of an even number, or along other axes than the array's")
    reach = tuple(count // 2 for count in weights.shape)
    places = sorted(weights.entries, reverse=is_turned is not is_reversed)
    total, source = _ZERO, _source(reader, value, mode, reach)
    for place in places:
        sign = -1 if is_turned else 1
        away = tuple(sign * (at - half) for at, half in zip(place, reach, strict=True))
        neighbour = _at(value, source, mode, reach, away)
        term = operation("*", "float64", (weights.entries[place], neighbour), reader.sizes)
        total = operation("+", "float64", (total, term), reader.sizes)
    return total


def _source(reader: Reader, value: Cells, mode: str, reach: tuple[int, ...]) -> Cells:
    """The array with what SciPy puts around it; itself where it goes around its ends."""
    if mode == "wrap":
        return value
    return reader.now(with_margins(reader, value, [(each, each) for each in reach], _MODES[mode]))


def _at(value: Cells, source: Cells, mode: str, reach: tuple[int, ...], away: tuple[int, ...]) -> Cells:
    """The neighbours so many cells away."""
    if mode == "wrap":
        for axis, step in enumerate(away):
            source = rolled(source, Size(-step), axis) if step else source
        return source
    places = tuple(
        Index(axis, 1, Size(half + step)) for axis, (half, step) in enumerate(zip(reach, away, strict=True))
    )
    return Cells(value.shape, placed_or_refuse(source.expr, places))


def _weights(reader: Reader, node: ast.expr, *, all_of_them: bool) -> Weights:
    """A stencil's weights, from the text or from an array that is only looked at."""
    literal = reader.literal(node)
    if literal is not None:
        return _written(literal, all_of_them=all_of_them)
    found = reader.pattern(node)
    if found is None:
        raise Unliftable(f"`{ast.unparse(node)[:40]}` are weights that are not known")
    shape, filled, check = found
    value = reader.cells(node)
    try:
        for size, count in zip(value.shape, shape, strict=True):
            reader.sizes.require_equal(size, Size(count))
    except Unequal as problem:
        raise Unliftable(f"weights: {problem}") from problem
    if not all_of_them:
        reader.sizes.require(check)
    entries: dict[tuple[int, ...], Cells] = {}
    for place, is_filled in zip(product(*map(range, shape)), filled, strict=True):
        if is_filled or all_of_them:
            entry = cut(value, [Cut(place=Size(each)) for each in place], reader.sizes)
            assert isinstance(entry, Cells)
            entries[place] = entry
    return Weights(shape, entries)


def _written(value: object, *, all_of_them: bool) -> Weights:
    """Weights that are nested lists of numbers."""
    shape: list[int] = []
    part = value
    while isinstance(part, list | tuple):
        shape.append(len(part))
        part = part[0] if part else None
    if not shape or not 0 < prod(shape) <= MOST:
        raise Unliftable("many weights")
    entries: dict[tuple[int, ...], Cells] = {}
    for place in product(*map(range, shape)):
        number: object = value
        for at, count in zip(place, shape, strict=True):
            if not isinstance(number, list | tuple) or len(number) != count:
                raise Unliftable("weights in lists of several lengths")
            number = number[at]
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise Unliftable("weights that are not numbers")
        if all_of_them or abs(number) > EPSILON:
            entries[place] = _number(repr(float(number)))
    return Weights(tuple(shape), entries)
