"""Where a loop negates its own counter, which Numba's prange makes unsigned.

Numba types the variable of ``prange(n)`` or ``prange(1, n)`` as uint64. Sums and differences come
out signed, but ``-i`` is 2**64 - i: ``u[-i]`` reads stray memory without a word (seen with Numba 0.68).
"""

import ast
from collections.abc import Iterator


def negated_counter(loop: ast.For) -> ast.expr | None:
    """The first ``-x`` or ``~x`` in a loop where x may be made of its counter; None if there is none.

    What a function that is called with the counter does with it counts too: any such call is returned
    unless it is one of a few of the library's.
    """
    counters = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    while True:
        more = {name for name, value in _bindings(loop) if _made_of(value, counters)} - counters
        if not more:
            break
        counters |= more
    for node in ast.walk(loop):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert):
            if _made_of(node.operand, counters):
                return node
        elif (
            isinstance(node, ast.Call)
            and not _is_library(node.func)
            and any(_made_of(argument, counters) for argument in node.args)
        ):
            return node
    return None


def _bindings(loop: ast.For) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(loop):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from (
                        (inner.id, value)
                        for inner in ast.walk(target)
                        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
                    )
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                yield name, value
            case ast.For(target=ast.Name(id=name), iter=ast.Call(args=bounds)) if node is not loop:
                yield from ((name, bound) for bound in bounds)


def _made_of(node: ast.expr, names: set[str]) -> bool:
    """May an expression be an unsigned integer made of these names?"""
    match node:
        case ast.Name(id=name):
            return name in names
        case ast.Subscript() | ast.Compare() | ast.Constant():
            return False
        case ast.BinOp(op=ast.Div()):
            return False
        case ast.BinOp(left=left, right=right):
            floats = any(
                isinstance(side, ast.Constant) and isinstance(side.value, float) for side in (left, right)
            )
            return not floats and (_made_of(left, names) or _made_of(right, names))
        case ast.Call(func=ast.Name(id="float")):
            return False
        case _:
            return any(
                _made_of(part, names) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)
            )


def _is_library(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return True
    return isinstance(node, ast.Name) and node.id in (
        "range",
        "prange",
        "float",
        "int",
        "abs",
        "min",
        "max",
        "len",
    )
