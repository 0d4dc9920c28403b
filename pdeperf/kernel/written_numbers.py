"""Numbers that a script writes down, ``dx = 2.0 / (nx - 1)`` with ``nx = 41``: known before it runs."""

import ast
import math

from pdeperf.kernel.integer_constants import written_value
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.scopes import Scope

_DEPTH = 8
_LARGEST = 1e15
"""Numbers beyond are not looked at: Python's integers may be longer than that."""
_PI = ("numpy.pi", "math.pi")


def written_number(node: ast.expr, module: Module, scope: Scope, depth: int = _DEPTH) -> float | None:
    """The number that an expression surely has as its value, as Python computes it; None if nobody knows."""
    found = _computed(node, module, scope, depth) if depth else None
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return found if is_number and found is not None and abs(found) <= _LARGEST else None


def _computed(node: ast.expr, module: Module, scope: Scope, depth: int) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Attribute() if qualified(node, module, scope) in _PI:
            return math.pi
        case ast.Name(id=name):
            written = written_value(name, module, scope)
            return None if written is None else written_number(written[0], module, written[1], depth - 1)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = written_number(operand, module, scope, depth)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right):
            one = written_number(left, module, scope, depth)
            other = written_number(right, module, scope, depth)
            return None if one is None or other is None else _result(one, op, other)
    return None


def _result(one: float, op: ast.operator, other: float) -> float | None:
    try:
        match op:
            case ast.Add():
                return one + other
            case ast.Sub():
                return one - other
            case ast.Mult():
                return one * other
            case ast.Div():
                return one / other
            case ast.FloorDiv():
                return one // other
            case ast.Pow() if one > 0 and abs(other) <= 16:
                return float(one**other) if isinstance(one, float) else one**other
    except (ZeroDivisionError, OverflowError):
        pass
    return None
