"""Numbers made of whole arrays: ``np.max(np.abs(u - un))`` inside a statement about numbers."""

import ast
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Op, Read, Reduction, reads
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import ONE, Unequal
from pdeperf.arrays.values import Cells, View
from pdeperf.kernel.kinds import NPFLOAT, Kind

_KINDS = {"sum": "sum", "mean": "mean", "max": "max", "min": "min", "amax": "max", "amin": "min"}
_KINDS |= {"any": "any", "all": "all"}
_STEMS = {"sum": "total", "mean": "mean", "max": "largest", "min": "smallest", "any": "some", "all": "every"}
_STEMS |= {"norm": "length"}


@dataclass(frozen=True, slots=True)
class Found:
    """A reduction in a statement: the call, and the step that does its work."""

    call: ast.Call
    step: Reduction


def reductions(expressions: list[ast.expr], reader: Reader, fresh: Callable[[str], str]) -> list[Found]:
    """The outermost reductions over arrays in some expressions.

    Raises
    ------
    Unliftable
        If one of them is over what is not known.
    """
    found: list[Found] = []
    pending = list(expressions)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call) and (step := reduction(node, reader, fresh)) is not None:
            found.append(Found(node, step))
        else:
            pending.extend(part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
    return found


def reduction(node: ast.Call, reader: Reader, fresh: Callable[[str], str]) -> Reduction | None:
    """The step that does a call's work; None if it is no reduction over all elements.

    Raises
    ------
    Unliftable
        If it is one over what is not known.
    """
    operand = _operand(node, reader)
    if operand is None:
        return None
    kind, value = operand
    flat = _unraveled(value, reader)
    return _step(kind, value if flat is None else flat, reader, fresh, is_flat=flat is not None)


def _operand(node: ast.Call, reader: Reader) -> tuple[str, ast.expr] | None:
    """Kind and array of a reduction over all elements; None for anything else."""
    if node.keywords:
        return None
    name = reader.called(node.func)
    home, _, last = name.rpartition(".")
    if name == "numpy.linalg.norm" and len(node.args) == 1:
        return "norm", node.args[0]
    if name == "numpy.linalg.norm" and len(node.args) == 2 and reader.called(node.args[1]) == "numpy.inf":
        if _unraveled(node.args[0], reader) is None and len(reader.array(node.args[0]).shape) != 1:
            raise Unliftable("a norm of a matrix")
        sizes = ast.Call(ast.Name("abs", ast.Load()), [node.args[0]], [])
        return "max", ast.fix_missing_locations(ast.copy_location(sizes, node))
    if home == "numpy" and last in _KINDS and len(node.args) == 1:
        return _KINDS[last], node.args[0]
    if not name and isinstance(node.func, ast.Attribute) and node.func.attr in _KINDS and not node.args:
        return _KINDS[node.func.attr], node.func.value
    return None


def _unraveled(node: ast.expr, reader: Reader) -> ast.expr | None:
    """An expression of flattened arrays as the same one of these arrays, row by row; None for any other."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=inner, attr="ravel" | "flatten") as func, args=[], keywords=[]
        ):
            return inner if not reader.called(func) else None
        case ast.Call(
            func=ast.Attribute(value=inner, attr="reshape") as func,
            args=[ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1))],
            keywords=[],
        ):
            return inner if not reader.called(func) else None
        case ast.Call(func=func, args=[inner], keywords=[]) if reader.called(func) == "numpy.ravel":
            return inner
        case ast.BinOp(left=left, op=op, right=right):
            sides = [_unraveled(left, reader), _unraveled(right, reader)]
            if any(
                side is None and _has_array(part, reader)
                for side, part in zip(sides, (left, right), strict=True)
            ) or sides == [None, None]:
                return None
            return ast.copy_location(ast.BinOp(sides[0] or left, op, sides[1] or right), node)
        case ast.Call(func=func, args=[inner], keywords=[]) if reader.called(func) in _ABSOLUTE:
            flat = _unraveled(inner, reader)
            return None if flat is None else ast.copy_location(ast.Call(func, [flat], []), node)
    return None


def _has_array(node: ast.expr, reader: Reader) -> bool:
    paths = (part for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute))
    return any(reader.look(part) is not None for part in paths)


_ABSOLUTE = ("numpy.abs", "numpy.absolute", "numpy.fabs", "builtins.abs", "numpy.square")


def _step(
    kind: str, node: ast.expr, reader: Reader, fresh: Callable[[str], str], *, is_flat: bool
) -> Reduction:
    value = reader.array(node)
    cells = reader.now(value) if isinstance(value, View) else value
    if not cells.shape:
        raise Unliftable(f"`{ast.unparse(node)[:40]}` is no array")
    if kind == "sum" and cells.dtype in ("bool", "int64") and reader.counts:
        lines = node.lineno, node.end_lineno or node.lineno
        return Reduction(fresh(_STEMS[kind]), "count", cells.shape, cells.expr, "int64", lines)
    if (cells.dtype == "bool") != (kind in ("any", "all")) or cells.dtype not in ("bool", "float64"):
        raise Unliftable(f"`{kind}` of {cells.dtype}")
    if kind in ("max", "min", "mean"):
        for size in cells.shape:
            try:
                reader.sizes.require_at_least(size, ONE)
            except Unequal as problem:
                raise Unliftable(f"`{kind}` of what may be empty") from problem
    if kind in ("sum", "mean", "norm") and not (is_flat and isinstance(cells.expr, Op | Read)):
        _check_order(value, cells)
    expr = cells.expr
    if kind == "norm":
        expr = Op("numpy.square", (expr,), "float64")
    lines = node.lineno, node.end_lineno or node.lineno
    return Reduction(fresh(_STEMS[kind]), kind, cells.shape, expr, cells.dtype, lines)


def number_made(step: Reduction) -> Kind:
    """What kind of number a reduction makes."""
    return Kind("npint") if step.kind == "count" else NPFLOAT


def _check_order(value: View | Cells, cells: Cells) -> None:
    """NumPy adds up elements as they lie in memory: only where that is the order of the axes."""
    if isinstance(value, View) and not value.is_whole and len(value.shape) > 1:
        raise Unliftable("the sum of a part of an array, which NumPy adds up row by row")
    for each in reads(cells.expr):
        axes = [index.axis for index in each.index if index.axis is not None]
        if axes != sorted(axes) or any(index.step < 0 for index in each.index):
            raise Unliftable("the sum of a transposed or reversed array")
    if not isinstance(cells.expr, Op | Read):
        raise Unliftable("the sum of a constant")


def replaced(node: ast.AST, values: Mapping[int, str | ast.expr]) -> ast.AST:
    """An expression or simple statement with names or values for some calls; the original stays."""
    if (value := values.get(id(node))) is not None:
        new = ast.Name(id=value, ctx=ast.Load()) if isinstance(value, str) else value
        return ast.copy_location(new, node)
    result = copy.copy(node)
    for field, part in ast.iter_fields(node):
        if isinstance(part, list):
            parts = [replaced(each, values) if isinstance(each, ast.AST) else each for each in part]
            setattr(result, field, parts)
        elif isinstance(part, ast.AST):
            setattr(result, field, replaced(part, values))
    return result
