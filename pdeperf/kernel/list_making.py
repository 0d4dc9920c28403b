"""Where statements make lists on the spot, and append to them."""

import ast
from collections.abc import Iterator, Sequence


def makes_list(node: ast.expr) -> bool:
    """Does the expression make a new list: ``[]``, ``[0.0] * n``, ``[f(i) for i in r]``?"""
    match node:
        case ast.List() | ast.ListComp():
            return True
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return makes_list(left) or makes_list(right)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return makes_list(left) and makes_list(right)
        case _:
            return False


def made_lists(statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Names that statements bind to lists made on the spot, and to nothing else."""
    made: set[str] = set()
    others: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign):
                for target, value in assigned(node):
                    if isinstance(target, ast.Name) and value is not None and makes_list(value):
                        made.add(target.id)
                    else:
                        others |= stored_names(target)
            elif isinstance(node, ast.For | ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
                others |= stored_names(node.target)
    return frozenset(made - others)


def assigned(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """What gets what, part by part in ``a, b = c, d``; None where the value is not written there."""
    for target in node.targets:
        if not isinstance(target, ast.Tuple | ast.List):
            yield target, node.value
            continue
        values: list[ast.expr] = getattr(node.value, "elts", [])
        for index, part in enumerate(target.elts):
            yield part, values[index] if len(values) == len(target.elts) else None


def stored_names(target: ast.expr) -> frozenset[str]:
    """Names that assigning to a target binds."""
    return frozenset(
        part.id for part in ast.walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    )


def appended(node: ast.AST) -> str:
    """The list that ``d.append(x)`` extends; empty for anything else."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[_], keywords=[]):
            return name
        case _:
            return ""


def grows(statement: ast.stmt) -> frozenset[str]:
    """Names of the lists that a statement, its blocks included, appends to."""
    return frozenset(appended(node) for node in ast.walk(statement)) - {""}
