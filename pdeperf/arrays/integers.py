"""Integers that are computed of written ones: ``ax = d + 1`` in a loop over ``(0, 1)``."""

import ast
import operator
from collections.abc import Callable

_COMPUTED: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def integer(node: ast.expr) -> ast.expr | None:
    """An expression of written integers as one; None for anything else."""
    match node:
        case ast.Constant(value=value) if type(value) is int:
            return node
        case ast.UnaryOp(op=ast.USub(), operand=operand) if (inner := _value(operand)) is not None:
            return _written(-inner)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _COMPUTED:
            one, other = _value(left), _value(right)
            if one is None or other is None or (other <= 0 and isinstance(op, ast.Mod | ast.FloorDiv)):
                return None
            return _written(computed(op, one, other))
    return None


def computed(op: ast.operator, one: int, other: int) -> int:
    """What an operator makes of two integers."""
    return _COMPUTED[type(op)](one, other)


def _value(node: ast.expr) -> int | None:
    found = integer(node)
    value: object = ast.literal_eval(found) if found is not None else None
    return value if isinstance(value, int) else None


def _written(value: int) -> ast.expr:
    plain = ast.Constant(value=abs(value))
    return ast.UnaryOp(op=ast.USub(), operand=plain) if value < 0 else plain


def counted_in(loop: ast.For) -> set[str]:
    """Names that a loop's body binds once, before it reads them, to integers made of its counters."""
    known = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    found: set[str] = set()
    for at, part in enumerate(loop.body):
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp() as value):
                pass
            case _:
                continue
        nodes = list(ast.walk(value))
        plain = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Constant, ast.Name, ast.Load)
        own = {node.id for node in nodes if isinstance(node, ast.Name)}
        if not all(isinstance(node, plain) for node in nodes) or not own or own - known - found:
            continue
        uses = [
            node
            for each in loop.body
            for node in ast.walk(each)
            if isinstance(node, ast.Name) and node.id == name
        ]
        before = any(node in uses for each in loop.body[:at] for node in ast.walk(each))
        if not before and sum(not isinstance(node.ctx, ast.Load) for node in uses) == 1:
            found.add(name)
    return found
