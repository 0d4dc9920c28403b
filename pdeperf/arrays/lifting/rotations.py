"""Index arrays that go through an axis in order, around its end: ``u[:, (np.arange(n) + 1) % n]``."""

import ast
from collections.abc import Sequence
from dataclasses import replace

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import Size, Unequal
from pdeperf.arrays.values import Array, Cells, Cut, Row, View, cut, rolled

_ALL = Cut((None, None, 1))


def row(reader: Reader, node: ast.expr) -> Row | None:
    """The places that an expression goes through, if they are in order; None for anything else."""
    match node:
        case ast.Name() | ast.Attribute():
            return reader.row(node)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            return _moved(reader, left, right, 1 if isinstance(op, ast.Add) else -1)
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return _around(reader, left, right)
        case ast.Call(func=func, args=args, keywords=[]):
            match reader.called(func), args:
                case "numpy.arange" | "builtins.range", [stop]:
                    return Row(reader.integer(stop), Size())
                case "numpy.arange" | "builtins.range", [start, stop]:
                    first = reader.integer(start)
                    return Row(reader.integer(stop) - first, first)
                case "numpy.mod" | "numpy.remainder", [left, right]:
                    return _around(reader, left, right)
                case "numpy.roll", [inner, shift]:
                    return _rolled(reader, inner, shift)
    return None


def _moved(reader: Reader, left: ast.expr, right: ast.expr, sign: int) -> Row | None:
    inner = row(reader, left)
    if inner is None and sign > 0:
        inner, right = row(reader, right), left
    if inner is None or inner.modulus is not None:
        return None
    return replace(inner, start=inner.start + reader.integer(right) * sign)


def _around(reader: Reader, left: ast.expr, right: ast.expr) -> Row | None:
    inner = row(reader, left)
    if inner is None or inner.modulus is not None:
        return None
    return replace(inner, modulus=reader.integer(right))


def _rolled(reader: Reader, node: ast.expr, shift: ast.expr) -> Row | None:
    inner = row(reader, node)
    if inner is None or inner.start != Size() or inner.modulus not in (None, inner.length):
        return None
    return Row(inner.length, reader.integer(shift) * -1, inner.length)


def rotated(reader: Reader, value: Array, parts: Sequence[ast.expr]) -> Cells | None:
    """``value[parts]`` where one part is such an array and the others are slices; None for anything else."""
    if any(
        not isinstance(part, ast.Slice | ast.Name | ast.Attribute | ast.BinOp | ast.Call) for part in parts
    ):
        return None
    if len(parts) == 1 and isinstance(parts[0], ast.Call) and reader.called(parts[0].func) == "numpy.ix_":
        rows = [row(reader, each) for each in parts[0].args]
    else:
        rows = [None if isinstance(part, ast.Slice) else row(reader, part) for part in parts]
        if sum(each is not None for each in rows) != 1:
            return None
        if any(
            each is None and not isinstance(part, ast.Slice) for part, each in zip(parts, rows, strict=True)
        ):
            return None
    found = reader.now(value) if isinstance(value, View) else value
    for axis, each in enumerate(rows):
        if each is not None:
            found = along(reader, found, each, axis)
    slices = [_ALL if each is not None else reader.cut(part) for part, each in zip(parts, rows, strict=False)]
    if all(each == _ALL for each in slices):
        return found
    result = cut(found, slices, reader.sizes)
    assert isinstance(result, Cells)
    return result


def along(reader: Reader, value: Cells, places: Row, axis: int, *, wraps: bool = False) -> Cells:
    """``np.take(value, places, axis)``.

    Raises
    ------
    Unliftable
        If the places may be outside, or are not in order.
    """
    if not -len(value.shape) <= axis < len(value.shape):
        raise Unliftable("indexed along an axis that is not there")
    axis %= len(value.shape)
    found = _along(reader, value, places, axis, wraps=wraps)
    if places.check:
        reader.sizes.require(places.check.format(places.length))
    return found


def _along(reader: Reader, value: Cells, places: Row, axis: int, *, wraps: bool) -> Cells:
    length = value.shape[axis]
    start = reader.sizes.plain(places.start)
    is_negative = start.is_const and start.const < 0
    if places.modulus is None and not wraps and not is_negative:
        lead = [_ALL] * axis
        found = cut(value, [*lead, Cut((start, start + places.length, 1))], reader.sizes)
        assert isinstance(found, Cells)
        return found
    try:
        for each in (places.length, places.modulus or length):
            reader.sizes.require_equal(each, length)
        if is_negative and places.modulus is None and not wraps:
            reader.sizes.require_at_least(length, start * -1)
    except Unequal as problem:
        raise Unliftable(f"places along an axis: {problem}") from problem
    return value if start == Size() else rolled(value, start * -1, axis)
