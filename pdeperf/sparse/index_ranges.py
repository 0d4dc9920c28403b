"""Slices of a known length, as the indices that they stand for."""

import ast

_LONGEST = 24
"""A longer slice is no element's block."""


def indices_of(part: ast.Slice) -> ast.List | None:
    """``[2 * i, 2 * i + 1]`` for ``2 * i:2 * i + 2``; None where the length is not the same in each turn."""
    if part.step is not None or part.upper is None:
        return None
    lower = part.lower if part.lower is not None else ast.Constant(0)
    first, last = _linear(lower), _linear(part.upper)
    if first is None or last is None:
        return None
    count = last.pop("", 0) - first.pop("", 0)
    if {k: n for k, n in first.items() if n} != {k: n for k, n in last.items() if n}:
        return None
    if not 0 < count <= _LONGEST:
        return None
    return ast.List([_plus(lower, place) for place in range(count)], ast.Load())


def _plus(node: ast.expr, more: int) -> ast.expr:
    if more == 0:
        return node
    match node:
        case ast.Constant(value=int() as value):
            return ast.Constant(value + more)
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=int() as value)):
            return ast.BinOp(left, ast.Add(), ast.Constant(value + more))
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int() as value)):
            rest = more - value
            return left if rest == 0 else _plus_or_minus(left, rest)
        case _:
            return ast.BinOp(node, ast.Add(), ast.Constant(more))


def _plus_or_minus(node: ast.expr, more: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if more > 0 else ast.Sub(), ast.Constant(abs(more)))


def _linear(node: ast.expr) -> dict[str, int] | None:
    """Whole factors of what an index is the sum of; that of ``""`` is a number."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return {"": value}
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            one, other = _linear(left), _linear(right)
            if one is None or other is None:
                return None
            sign = 1 if isinstance(op, ast.Add) else -1
            return {key: one.get(key, 0) + sign * other.get(key, 0) for key in one | other}
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            one, other = _linear(left), _linear(right)
            if one is not None and set(one) == {""}:
                one, other = other, one
            if one is None or other is None or set(other) != {""}:
                return {ast.unparse(node): 1}
            return {key: count * other[""] for key, count in one.items()}
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return {ast.unparse(node): 1}
        case _:
            return None
