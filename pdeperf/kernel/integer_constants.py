"""Integers that a script writes down: ``2**32``, or a name that stands for one for good."""

import ast
from collections.abc import Iterable, Mapping

from pdeperf.kernel.list_making import assigned
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, Scope, own_nodes, parameters

LIMIT = 2**63
"""Compiled integers are less."""
_LONGEST = 128


def integer_of(node: ast.expr, constants: Mapping[str, int]) -> int | None:
    """The integer that an expression of numbers, and of names that stand for such, has as its value."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.Name(id=name):
            return constants.get(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = integer_of(operand, constants)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right):
            one, other = integer_of(left, constants), integer_of(right, constants)
            return None if one is None or other is None else _computed(one, op, other)
    return None


def _computed(one: int, op: ast.operator, other: int) -> int | None:
    match op:
        case ast.Add():
            return one + other
        case ast.Sub():
            return one - other
        case ast.Mult():
            return one * other
        case ast.Pow() if 0 <= other <= _LONGEST and abs(one) <= LIMIT:
            return int(one**other)
        case ast.LShift() if 0 <= other <= _LONGEST:
            return one << other
        case ast.FloorDiv() if other:
            return one // other
    return None


def fixed_integers(names: Iterable[str], module: Module, scope: Scope) -> dict[str, int]:
    """Names of a script that stand for one integer, written in the source, whenever they are bound."""
    found: dict[str, int] = {}
    for name in names:
        written = written_value(name, module, scope)
        value = None if written is None else integer_of(written[0], {})
        if value is not None:
            found[name] = value
    return found


def written_value(name: str, module: Module, scope: Scope) -> tuple[ast.expr, Scope] | None:
    """What a name of a script is bound to, once and for all, and the scope in which that stands."""
    owner = scope.resolve(name)
    if owner is None:
        return None
    node = owner.node
    if isinstance(node, FUNCTIONS) and name in parameters(node):
        return None
    if name in module.once(_set_elsewhere, module.tree) or not (
        module.is_script or isinstance(node, FUNCTIONS)
    ):
        return None
    stores = module.once(_stores_in, node).get(name, [])
    statement = (
        next((above for above in module.ancestors(stores[0]) if isinstance(above, ast.stmt)), None)
        if stores
        else None
    )
    if len(stores) != 1 or not isinstance(statement, ast.Assign):
        return None
    value = next((value for target, value in assigned(statement) if target is stores[0]), None)
    return None if value is None else (value, owner)


def _set_elsewhere(tree: ast.Module) -> frozenset[str]:
    """Names that functions bind which they declare, and attributes that are set."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                found.update(names)
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
    return frozenset(found)


def _stores_in(home: ast.AST) -> dict[str, list[ast.Name]]:
    """Where each name is bound in a scope."""
    found: dict[str, list[ast.Name]] = {}
    for node in own_nodes(home):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.setdefault(node.id, []).append(node)
    return found
