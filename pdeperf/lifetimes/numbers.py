"""Which names of a scope can hold nothing but numbers, by the source alone."""

import ast
from collections.abc import Iterator

from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, Scope, own_nodes, parameters

_CALLS = frozenset(("int", "float", "len"))


def plain_numbers(module: Module, scope: Scope) -> frozenset[str]:
    """Names that are bound to numbers written out, to what is computed from these, and no more."""
    home = scope.node
    if not isinstance(home, (*FUNCTIONS, ast.Module)):
        return frozenset()
    if _CALLS & scope.module.binds:
        return frozenset()
    stores: dict[str, list[ast.AST]] = {}
    for node in own_nodes(home):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stores.setdefault(node.id, []).append(node)
    declared: list[ast.Global | ast.Nonlocal] = [*module.all(ast.Global), *module.all(ast.Nonlocal)]
    shared = {name for node in declared for name in node.names}
    given = set(parameters(home)) if isinstance(home, FUNCTIONS) else set[str]()
    found = frozenset(scope.binds & stores.keys()) - shared - given
    while True:  # the largest set whose members are computed from each other
        kept = frozenset(
            name for name in found if all(_is_bound_to_number(module, node, found) for node in stores[name])
        )
        if kept == found:
            return found
        found = kept


def _is_bound_to_number(module: Module, node: ast.AST, numbers: frozenset[str]) -> bool:
    parent = module.parents.get(node)
    match parent:
        case ast.Assign(value=value) | ast.AugAssign(value=value):
            return _is_number(value, numbers)
        case ast.AnnAssign(value=ast.expr() as value):
            return _is_number(value, numbers)
        case ast.For(target=target, iter=ast.Call(func=ast.Name(id="range"))):
            return target is node
        case ast.Tuple():
            return any(
                value is not None and _is_number(value, numbers) for value in _partner(module, parent, node)
            )
        case _:
            return False


def _partner(module: Module, targets: ast.Tuple, node: ast.AST) -> Iterator[ast.expr | None]:
    """What a name in a tuple of targets is bound to."""
    match module.parents.get(targets):
        case ast.Assign(value=ast.Tuple(elts=values)) if len(values) == len(targets.elts):
            yield values[[part is node for part in targets.elts].index(True)]


def _is_number(node: ast.expr, numbers: frozenset[str]) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float | complex)
        case ast.Name(id=name):
            return name in numbers
        case ast.UnaryOp(operand=operand):
            return _is_number(operand, numbers)
        case ast.BinOp(left=left, right=right):
            return _is_number(left, numbers) and _is_number(right, numbers)
        case ast.Call(func=ast.Name(id=name), args=[_], keywords=[]):
            return name in _CALLS or (name == "abs" and _is_number(node.args[0], numbers))
        case ast.Attribute(value=ast.Name(id="np" | "numpy" | "math"), attr="pi" | "e"):
            return True
        case _:
            return False
