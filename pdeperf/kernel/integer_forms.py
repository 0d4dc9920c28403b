"""What the text of integer arithmetic says: what loops walk, what stops them, midpoints, products."""

import ast
from collections.abc import Iterator


def walked(target: ast.expr, source: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Names that run over elements, and over which list's: ``for i, x in enumerate(u)``."""
    match target, source:
        case ast.Name(), ast.Name() | ast.Subscript():
            yield target, source
        case ast.Tuple(elts=[_, part]), ast.Call(func=ast.Name(id="enumerate"), args=[whole, *_]):
            yield from walked(part, whole)
        case ast.Tuple(elts=parts), ast.Call(func=ast.Name(id="zip"), args=wholes):
            for part, whole in zip(parts, wholes, strict=False):
                yield from walked(part, whole)


def stops(test: ast.expr, name: str) -> bool:
    """Does a condition ask that a number be less than another one?"""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            return any(stops(value, name) for value in values)
        case ast.Compare(left=ast.Name(id=left), ops=[ast.Lt() | ast.LtE()], comparators=[limit]):
            return left == name and not any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(limit))
    return False


def is_between(node: ast.BinOp) -> bool:
    """Is it ``low + (high - low) // 2``?"""
    match node:
        case ast.BinOp(
            left=low,
            op=ast.Add(),
            right=ast.BinOp(left=ast.BinOp(op=ast.Sub(), right=start), op=ast.FloorDiv()),
        ):
            return ast.dump(low) == ast.dump(start)
    return False


def multiplies(node: ast.expr) -> bool:
    grows = (ast.Mult, ast.LShift, ast.Pow)
    return any(isinstance(part, ast.BinOp) and isinstance(part.op, grows) for part in ast.walk(node))


def loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(id=name, ctx=ast.Load()), target)
        case ast.Subscript(value=value, slice=index):
            return ast.copy_location(ast.Subscript(value=value, slice=index, ctx=ast.Load()), target)
    return target
