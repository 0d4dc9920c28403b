"""Reductions along one short axis, as NumPy adds them up: ``np.sum(f, axis=0)`` of nine populations."""

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Expr, Op, Scalar, reads
from pdeperf.arrays.lifting.arranged import of_list
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import Size, Unequal
from pdeperf.arrays.values import Cells, Cut, Several, View, cut

MOST = 27
"""Places along the axis."""
_IN_TURN = 8
"""So many numbers NumPy adds up one after the other; longer rows in eight sums side by side."""
_REDUCED = {"numpy.add": "sum", "numpy.maximum": "max", "numpy.minimum": "min"}
_NOTHING = Scalar("0.0", "float64", weak=True)
"""What NumPy adds to: the sum of -0.0 alone is 0.0."""
_KINDS = {"sum": "sum", "mean": "mean", "max": "max", "min": "min", "amax": "max", "amin": "min"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call does along an axis; without one where it is None."""

    kind: str
    operand: ast.expr
    axis: int | None
    keeps_axis: bool


def reduced(reader: Reader, node: ast.Call, full_name: Callable[[ast.expr], str]) -> Cells | None:
    """The value of a reduction along an axis; None for any other call.

    Raises
    ------
    Unliftable
        If the axis is long, or the order in which NumPy adds up is not known.
    """
    found = asked(node, full_name)
    if found is None or found.axis is None:
        return None
    kind, inner, axis = found.kind, found.operand, found.axis
    whole = reader.value(inner)
    if isinstance(whole, Several) and axis == 0 and not found.keeps_axis:
        return of_list(reader, kind, whole.parts)
    value = reader.array(inner)
    cells = reader.now(value) if isinstance(value, View) else value
    rank = len(cells.shape)
    if not -rank <= axis < rank or rank < 2 or cells.dtype != "float64":
        raise Unliftable(f"`{kind}` along an axis, of this form")
    axis %= rank
    count = _length(reader, cells.shape[axis], kind)
    is_last = axis == rank - 1
    if kind in ("max", "min"):
        if is_last:
            raise Unliftable(f"`{kind}` along the last axis")
    else:
        _check_order(reader, value, cells, count, is_last=is_last)
    parts = [_place(reader, cells, axis, at) for at in range(count)]
    exprs = [part.expr for part in parts]
    if kind in ("max", "min"):
        expr = _folded(f"numpy.{kind}imum", exprs)
    else:
        expr = _side_by_side(exprs) if is_last and count >= _IN_TURN else _folded("+", [_NOTHING, *exprs])
    if kind == "mean":
        expr = Op("/", (expr, Scalar(str(count), "int64", weak=True)), "float64")
    result = Cells(parts[0].shape, expr)
    if not found.keeps_axis:
        return result
    kept = cut(result, [*[Cut((None, None, 1))] * axis, Cut()], reader.sizes)
    assert isinstance(kept, Cells)
    return kept


def asked(node: ast.Call, full_name: Callable[[ast.expr], str], others: Collection[str] = ()) -> Asked | None:
    """What a call of a reduction, or of one of some other functions, does along an axis.

    Raises
    ------
    Unliftable
        If the axis is not written as a number.
    """
    keywords = {key.arg: key.value for key in node.keywords}
    kept = keywords.pop("keepdims", ast.Constant(value=False))
    if set(keywords) - {"axis"} or not (isinstance(kept, ast.Constant) and isinstance(kept.value, bool)):
        return None
    home, _, last = full_name(node.func).rpartition(".")
    args = list(node.args)
    if last == "reduce" and home in _REDUCED and args:
        inner, last = args.pop(0), _REDUCED[home]
        args = args or [*([] if keywords else [ast.Constant(value=0)])]
    elif home == "numpy" and last in (*_KINDS, *others) and args:
        inner = args.pop(0)
    elif not home and isinstance(node.func, ast.Attribute) and node.func.attr in (*_KINDS, *others):
        inner, last = node.func.value, node.func.attr
    else:
        return None
    axis_node = args[0] if len(args) == 1 and not keywords else keywords.get("axis") if not args else None
    try:
        axis = ast.literal_eval(axis_node) if axis_node is not None else None
    except ValueError as problem:
        raise Unliftable(f"`{last}` along an axis that is not written as a number") from problem
    if (axis is not None and type(axis) is not int) or len(args) > 1:
        return None
    return Asked(_KINDS.get(last, last), inner, axis, kept.value)


def _length(reader: Reader, size: Size, kind: str) -> int:
    plain = reader.sizes.plain(size)
    seen = reader.sizes.value(plain)
    if seen is None or not 1 <= seen <= MOST:
        raise Unliftable(f"`{kind}` along a long axis")
    try:
        reader.sizes.require_equal(plain, Size(seen))
    except Unequal as problem:
        raise Unliftable(str(problem)) from problem
    return seen


def _check_order(reader: Reader, value: View | Cells, cells: Cells, count: int, *, is_last: bool) -> None:
    """NumPy goes along the axis that is contiguous in memory first, and along all in memory's order."""
    for each in reads(cells.expr):
        if any(index.step < 0 for index in each.index):
            raise Unliftable("the sum of a reversed array")
    if count < _IN_TURN:
        return
    if isinstance(value, View) and not value.is_whole:
        raise Unliftable("the sum of a part of an array along an axis")
    for each in reads(cells.expr):
        axes = [index.axis for index in each.index if index.axis is not None]
        if axes != sorted(axes):
            raise Unliftable("the sum of a transposed array along an axis")
    if not is_last:
        try:
            reader.sizes.require_at_least(cells.shape[-1], Size(2))
        except Unequal as problem:
            raise Unliftable(f"the sum along an axis: {problem}") from problem


def _place(reader: Reader, cells: Cells, axis: int, at: int) -> Cells:
    found = cut(cells, [*[Cut((None, None, 1))] * axis, Cut(place=Size(at))], reader.sizes)
    assert isinstance(found, Cells)
    return found


def _folded(name: str, parts: list[Expr]) -> Expr:
    total = parts[0]
    for part in parts[1:]:
        total = Op(name, (total, part), "float64")
    return total


def _side_by_side(parts: list[Expr]) -> Expr:
    """At least eight terms, in the order of NumPy's unrolled loop."""
    lanes = list(parts[:_IN_TURN])
    whole = len(parts) - len(parts) % _IN_TURN
    for at in range(_IN_TURN, whole):
        lanes[at % _IN_TURN] = Op("+", (lanes[at % _IN_TURN], parts[at]), "float64")
    while len(lanes) > 1:
        lanes = [Op("+", (lanes[at], lanes[at + 1]), "float64") for at in range(0, len(lanes), 2)]
    return Op("+", (_NOTHING, _folded("+", [lanes[0], *parts[whole:]])), "float64")
