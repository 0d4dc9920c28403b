"""``np.gradient``: central differences along each axis, one-sided ones at the edges."""

import ast
from collections.abc import Mapping

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Op, Scalar
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.lifting.pieces import shifted, window
from pdeperf.arrays.sizes import ONE, Size, Unequal
from pdeperf.arrays.values import Cells, Several, Value, View, operation

_LITERAL = {"axis", "edge_order"}


def gradient(reader: Reader, node: ast.Call, keywords: Mapping[str | None, ast.expr]) -> Value:
    """``np.gradient`` with constant spacing: central differences, one-sided ones at the edges.

    Raises
    ------
    Unliftable
        If the spacing is not constant.
    """
    value = reader.cells(node.args[0])
    rank = len(value.shape)
    if set(keywords) - _LITERAL or value.dtype not in ("float64", "complex128") or not rank:
        raise Unliftable("`np.gradient` of this form")
    axes = list(range(rank))
    given = _written(keywords["axis"]) if "axis" in keywords else None
    if given is not None:
        axes = [given] if isinstance(given, int) else list(given) if isinstance(given, tuple | list) else []
        if not axes or not all(type(axis) is int and -rank <= axis < rank for axis in axes):
            raise Unliftable("`np.gradient` of this form")
        axes = [axis % rank for axis in axes]
    order = _written(keywords["edge_order"]) if "edge_order" in keywords else 1
    if type(order) is not int or order not in (1, 2):
        raise Unliftable("`np.gradient` with edges of this order")
    spacings = [reader.cells(argument) for argument in node.args[1:]] or [_number("1.0")]
    if len(spacings) == 1:
        spacings *= len(axes)
    if len(spacings) != len(axes) or not all(
        isinstance(one.expr, Scalar) and one.dtype in ("float64", "int64") for one in spacings
    ):
        raise Unliftable("`np.gradient` with spacings that are arrays")
    found = tuple(_slope(reader, value, axis, by, order) for axis, by in zip(axes, spacings, strict=True))
    return found[0] if len(found) == 1 else Several(found)


def _written(node: ast.expr) -> object:
    """What is written out."""
    try:
        return ast.literal_eval(node)
    except ValueError as problem:
        raise Unliftable(
            f"`np.gradient` with `{ast.unparse(node)[:30]}`, which is not written out"
        ) from problem


def _number(text: str) -> Cells:
    return Cells((), Scalar(text, "float64", weak=True))


def _slope(reader: Reader, value: Cells, axis: int, spacing: Cells, order: int) -> View:
    """Differences along one axis; at the edges of an order."""
    size = value.shape[axis]
    try:
        reader.sizes.require_at_least(size, Size(order + 1))
    except Unequal as problem:
        raise Unliftable(f"`np.gradient`: {problem}") from problem
    made = reader.new("slope", value.shape, value.dtype)

    def made_of(name: str, one: Cells, other: Cells) -> Cells:
        is_exact = value.dtype != "complex128" or name in "+-"
        dtype = "float64" if not (one.shape or other.shape) else value.dtype
        return operation(name, dtype, (one, other), reader.sizes, exact=is_exact)

    def difference(high: Size, low: Size, count: Size, by: Cells) -> Cells:
        over = made_of("-", shifted(value, axis, high, count), shifted(value, axis, low, count))
        return made_of("/", over, by)

    def weighted(first: Size, *weights: str) -> Cells:
        """Three cells in order, each times its weight over the spacing."""
        terms = [
            made_of("*", made_of("/", _number(weight), spacing), shifted(value, axis, first + at, ONE))
            for at, weight in enumerate(weights)
        ]
        return made_of("+", made_of("+", terms[0], terms[1]), terms[2])

    twice = Cells((), Op("*", (_number("2.0").expr, spacing.expr), "float64"))
    inner = size - 2
    reader.define(window(made, axis, ONE, inner), difference(Size(2), Size(), inner, twice), None)
    if order == 1:
        low, high = difference(ONE, Size(), ONE, spacing), difference(size - 1, size - 2, ONE, spacing)
    else:
        low, high = weighted(Size(), "-1.5", "2.0", "-0.5"), weighted(size - 3, "0.5", "-2.0", "1.5")
    reader.define(window(made, axis, Size(), ONE), low, None)
    reader.define(window(made, axis, size - 1, ONE), high, None)
    return made
