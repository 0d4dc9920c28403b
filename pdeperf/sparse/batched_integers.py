"""Products of Python's integers, which an array of all elements holds in 64 bits."""

import ast
from collections import Counter
from collections.abc import Callable

from pdeperf.kernel.integer_constants import integer_of
from pdeperf.sparse.batched_values import NotAtOnce

_BITS = 24
"""So many of a number that is written there count as one more factor."""
_ELEMENTS = "elements"
Seen = Callable[[str, str], frozenset[str]]


def check_size(node: ast.BinOp, seen: Seen) -> None:
    """Refuses powers of counters and products of elements that may outgrow 64 bits.

    A product of several sizes and counters, ``(i * ny + j) * nz + k``, numbers elements that there are.

    Parameters
    ----------
    seen
        What was seen of a name or of what it holds.
    """
    if not isinstance(node.op, ast.Mult | ast.Pow) or (factors := _factors(node, seen)) is None:
        return
    most = max((count for name, count in factors.items() if name), default=0)
    large, total = factors[""], factors.total()
    if most > 2 or (most > 1 and total > 3) or factors[_ELEMENTS] > 1 or large > 2 or (large and total > 2):
        raise NotAtOnce(f"the integer `{ast.unparse(node)[:40]}` may outgrow 64 bits")


def _factors(node: ast.expr, seen: Seen) -> Counter[str] | None:
    """How often each integer is multiplied, large numbers under no name; None of what is none."""
    written = integer_of(node, {})
    if written is not None:
        return Counter({"": written.bit_length() // _BITS} if written.bit_length() >= _BITS else {})
    match node:
        case ast.Name(id=name):
            return Counter({name: 1}) if seen(name, "type") == {"int"} else None
        case ast.Subscript(value=base):
            while isinstance(base, ast.Subscript):
                base = base.value
            whole = ast.unparse(base)
            inside = seen(f"{whole}[]", "type") | seen(f"{whole}[][]", "type")
            return Counter({_ELEMENTS: 1}) if "int" in inside and inside <= {"int", "list"} else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _factors(operand, seen)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
            inner = _factors(left, seen)
            return None if inner is None else Counter({name: count * power for name, count in inner.items()})
        case ast.BinOp(left=left, op=op, right=right):
            one, other = _factors(left, seen), _factors(right, seen)
            if one is None or other is None:
                return None
            match op:
                case ast.Mult():
                    return one + other
                case ast.Add() | ast.Sub():
                    return one | other
                case ast.FloorDiv():
                    return one
                case ast.Mod():
                    return other
    return None
