"""Which scalars a loop only accumulates, in a form that Numba's prange combines correctly.

Tried, not believed: with Numba 0.60 to 0.68 ``s += x``, ``s -= x``, ``s *= x``, ``s = s + x``,
``m = max(m, x)`` and ``m = min(m, x)`` come out right when the loop has one such statement for
the name and does not use the name otherwise. ``if x > m: m = x`` compiles and races; ``s = x + s``
and a second update of the same name do not compile.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_OPERATORS = (ast.Add, ast.Sub, ast.Mult)

Resolve = Callable[[ast.expr], str]


def _mentions(node: ast.AST, name: str) -> int:
    return sum(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def accumulates(statement: ast.stmt, name: str, resolve: Resolve) -> bool:
    """Is the statement one update of a reduction variable, in a supported form?"""
    match statement:
        case ast.AugAssign(target=ast.Name(id=target), op=op, value=value):
            return target == name and isinstance(op, _OPERATORS) and not _mentions(value, name)
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.BinOp(left=left, op=op, right=right)):
            simple = target == name and isinstance(op, _OPERATORS) and _is(left, name)
            return simple and not _mentions(right, name)
        case ast.Assign(
            targets=[ast.Name(id=target)], value=ast.Call(func=func, args=[one, other], keywords=[])
        ):
            if target != name or resolve(func) not in ("builtins.max", "builtins.min"):
                return False
            return (_is(one, name) and not _mentions(other, name)) or (
                _is(other, name) and not _mentions(one, name)
            )
        case _:
            return False


def is_reduction(loop: ast.For, name: str, resolve: Resolve) -> bool:
    """Is a name used in the loop by one supported update and nothing else?"""
    updates = [
        node
        for node in ast.walk(loop)
        if isinstance(node, ast.stmt)
        and node is not loop
        and not isinstance(node, ast.For | ast.While | ast.If | ast.With)
        and _mentions(node, name)
    ]
    if len(updates) != 1 or not accumulates(updates[0], name, resolve):
        return False
    return _mentions(loop, name) == _mentions(updates[0], name)


@dataclass(frozen=True, slots=True)
class Extremum:
    """A maximum or minimum written as a branch: ``if x > m: m = x``.

    Attributes
    ----------
    function
        ``max`` or ``min``: ``m = max(m, x)`` means the same, not-a-number included.
    """

    statement: ast.If
    name: str
    function: str
    value: ast.expr


_PURE = frozenset(("builtins.abs", "math.fabs", "numpy.abs", "math.sqrt", "numpy.sqrt"))


def extrema(loop: ast.For, resolve: Resolve) -> Iterator[Extremum]:
    """Branches of a loop that keep the largest or smallest value seen; no ``elif``."""
    chained = {
        id(node.orelse[0]) for node in ast.walk(loop) if isinstance(node, ast.If) and len(node.orelse) == 1
    }
    for node in ast.walk(loop):
        if not isinstance(node, ast.If) or id(node) in chained:
            continue
        found = _extremum(node, resolve)
        if found is not None and _mentions(loop, found.name) == _mentions(node, found.name):
            yield found


def _extremum(statement: ast.If, resolve: Resolve) -> Extremum | None:
    match statement:
        case ast.If(
            test=ast.Compare(left=left, ops=[ast.Gt() | ast.Lt() as op], comparators=[right]),
            body=[ast.Assign(targets=[ast.Name(id=name)], value=value)],
            orelse=[],
        ):
            greater = isinstance(op, ast.Gt)
            if _is(right, name):
                candidate = left
            elif _is(left, name):
                candidate, greater = right, not greater
            else:
                return None
            pure = all(resolve(node.func) in _PURE for node in ast.walk(value) if isinstance(node, ast.Call))
            if ast.dump(candidate) != ast.dump(value) or _mentions(value, name) or not pure:
                return None
            return Extremum(statement, name, "max" if greater else "min", value)
        case _:
            return None
