"""Arrays that are made of others' cells: rows put upon rows, reversed, chosen by several conditions."""

import ast
from collections.abc import Callable, Mapping, Sequence

from pdeperf.arrays.dtypes import Unliftable, promoted
from pdeperf.arrays.ir import Op, Scalar
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.lifting.pieces import as_array, joined
from pdeperf.arrays.sizes import ONE
from pdeperf.arrays.values import Array, Cells, Cut, Several, Value, View, cut, operation, widened

Keywords = Mapping[str | None, ast.expr]
_ALL = Cut((None, None, 1))
_BACK = Cut((None, None, -1))
_NEW = Cut()


def called(reader: Reader, node: ast.Call, last: str, keywords: Keywords) -> Value | None:
    """The value of a call of such a function; None for any other.

    Raises
    ------
    Unliftable
        If its arguments are not known well enough.
    """
    args = node.args
    match last, args, {name: _literal(value) for name, value in keywords.items()}:
        case "vstack" | "row_stack", [ast.Tuple(elts=parts) | ast.List(elts=parts)], {}:
            return joined(reader, [_as_rows(reader, part) for part in parts], 0)
        case "column_stack", [ast.Tuple(elts=parts) | ast.List(elts=parts)], {}:
            return _columns(reader, parts)
        case "c_", [*parts], {}:
            return _columns(reader, parts)
        case "r_", [*parts], {}:
            if any(isinstance(part, ast.Slice) or isinstance(_literal(part), str) for part in parts):
                raise Unliftable("`np.r_` of this form")
            return _in_line(reader, parts)
        case "append", [one, other], {}:
            return _in_line(reader, [one, other])
        case "append", [one, other], {"axis": int(axis)}:
            return joined(reader, [reader.cells(one), reader.cells(other)], axis)
        case "insert", [array, ast.Constant(value=0), value], {}:
            return _in_line(reader, [value, array])
        case (("flip" | "flipud" | "fliplr"), [array, *rest], named) if len(rest) + len(named) <= 1:
            along = _literal(rest[0]) if rest else named.get("axis", {"flipud": 0, "fliplr": 1}.get(last))
            return _reversed(reader, reader.array(array), along)
        case "outer", [one, other], {}:
            return _outer(reader, node, one, other)
        case "select", [ast.List(elts=tests), ast.List(elts=choices), *rest], named if len(rest) <= 1:
            default = rest[0] if rest else keywords.get("default", ast.Constant(value=0))
            return _selected(reader, tests, choices, default) if set(named) <= {"default"} else None
    return None


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _as_rows(reader: Reader, node: ast.expr) -> Cells:
    """An array of one dimension as an only row."""
    part = as_array(reader, node)
    return part if len(part.shape) > 1 else _cut(reader, part, [_NEW, _ALL])


def _columns(reader: Reader, parts: Sequence[ast.expr]) -> Value | None:
    """Arrays beside one another, those of one dimension as columns."""
    found = [as_array(reader, part) for part in parts]
    return joined(
        reader, [part if len(part.shape) > 1 else _cut(reader, part, [_ALL, _NEW]) for part in found], 1
    )


def _in_line(reader: Reader, parts: Sequence[ast.expr]) -> Value | None:
    found = [as_array(reader, part) for part in parts]
    if any(len(part.shape) > 1 for part in found):
        raise Unliftable("arrays of several dimensions in one line")
    return joined(reader, [part if part.shape else Cells((ONE,), part.expr) for part in found], 0)


def _cut(reader: Reader, value: Cells, cuts: list[Cut]) -> Cells:
    found = cut(value, cuts, reader.sizes)
    assert isinstance(found, Cells)
    return found


def _reversed(reader: Reader, value: Array, axis: object) -> Array:
    rank = len(value.shape)
    axes = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not rank or not all(type(each) is int and -rank <= each < rank for each in axes):
        raise Unliftable("an array reversed along what is no axis")
    turned = {each % rank for each in axes}
    return cut(value, [_BACK if each in turned else _ALL for each in range(rank)], reader.sizes)


def _outer(reader: Reader, node: ast.Call, one: ast.expr, other: ast.expr) -> Cells:
    left, right = reader.cells(one), reader.cells(other)
    if len(left.shape) != 1 or len(right.shape) != 1:
        raise Unliftable("`np.outer` of other than two rows")
    return reader.binary(node, "*", _cut(reader, left, [_ALL, _NEW]), _cut(reader, right, [_NEW, _ALL]))


def _selected(
    reader: Reader, tests: Sequence[ast.expr], choices: Sequence[ast.expr], default: ast.expr
) -> Cells:
    """``np.select``: the first choice whose condition holds."""
    conditions = [reader.cells(test) for test in tests]
    values = [reader.cells(choice) for choice in (*choices, default)]
    if len(conditions) != len(choices) or any(test.dtype != "bool" for test in conditions):
        raise Unliftable("`np.select` of this form")
    if promoted(tuple(value.expr for value in values)) != "float64":
        raise Unliftable("`np.select` between other numbers than floating-point ones")
    if all(isinstance(part.expr, Scalar) for part in conditions):
        raise Unliftable("`np.select` of numbers")
    *values, found = (widened(value, "float64") for value in values)
    for test, value in zip(conditions[::-1], values[::-1], strict=True):
        found = operation("where", "float64", (test, value, found), reader.sizes)
    return found


def of_list(reader: Reader, kind: str, parts: Sequence[Value]) -> Cells:
    """``np.max([a, b, c], axis=0)`` and the like: arrays of one shape taken together, in order.

    Raises
    ------
    Unliftable
        If their types or shapes differ.
    """
    found = [reader.now(part) if isinstance(part, View) else part for part in parts]
    cells = [part for part in found if isinstance(part, Cells)]
    if len(cells) != len(parts) or not cells or any(part.dtype != "float64" for part in cells):
        raise Unliftable("a list of other than arrays of floating-point numbers")
    rank = len(cells[0].shape)
    if not rank or any(len(part.shape) != rank for part in cells):
        raise Unliftable("a list of arrays of several shapes")
    for part in cells:
        for one, other in zip(part.shape, cells[0].shape, strict=True):
            reader.sizes.require_equal(one, other)
    if len(cells) >= _SIDE_BY_SIDE:
        raise Unliftable("a long list of arrays")
    name = {"max": "numpy.maximum", "min": "numpy.minimum"}.get(kind, "+")
    total = cells[0]
    for part in cells[1:]:
        total = operation(name, "float64", (total, part), reader.sizes)
    if kind == "mean":
        count = Scalar(str(len(cells)), "int64", weak=True)
        return Cells(total.shape, Op("/", (total.expr, count), "float64"))
    return total


_SIDE_BY_SIDE = 8
"""From so many numbers on, NumPy may add them up in another order."""


def summed(reader: Reader, node: ast.Call) -> Cells | None:
    """Python's ``sum`` of a list of arrays, which starts from the integer zero; None for numbers."""
    value = reader.value(node.args[0])
    if not isinstance(value, Several):
        return None
    total = Cells((), Scalar("0", "int64", weak=True))
    for part in value.parts:
        cells = reader.now(part) if isinstance(part, View) else part
        if not isinstance(cells, Cells) or not cells.shape or cells.dtype != "float64":
            raise Unliftable("the sum of a list of other than arrays")
        total = operation("+", "float64", (total, cells), reader.sizes)
    return total


def stored(node: ast.Call, full_name: Callable[[ast.expr], str]) -> tuple[ast.Subscript, ast.expr] | None:
    """``np.copyto(u, v)``, ``np.putmask(u, mask, 0)`` or ``u.fill(0)`` as what is stored where."""
    whole: ast.expr = ast.Constant(value=...)
    given = {key.arg: key.value for key in node.keywords}
    match full_name(node.func), node.args:
        case "numpy.copyto", [target, value] if set(given) <= {"where"}:
            where = given.get("where", whole)
        case "numpy.putmask", [target, where, ast.Constant() as value] if not given:
            pass
        case "", [value] if isinstance(node.func, ast.Attribute) and node.func.attr == "fill" and not given:
            target, where = node.func.value, whole
        case _:
            return None
    made = ast.Subscript(value=target, slice=where, ctx=ast.Store())
    return ast.fix_missing_locations(ast.copy_location(made, node)), value
