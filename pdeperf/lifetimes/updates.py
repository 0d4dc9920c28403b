"""Which statements make a new array for a name whose old array nobody needs."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.values import Values
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.scopes import own_nodes

_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_LONGEST = 3
"""More operations than this read better as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """``a = a + b - c``, which could be ``a += b`` and ``a -= c``.

    Attributes
    ----------
    operations
        Operator and operand of each, in order.
    problem
        Why the array cannot be changed in place; empty if it can.
    """

    target: str
    statement: ast.Assign
    operations: tuple[tuple[str, ast.expr], ...]
    problem: str = ""


def updates(ownership: Ownership, module: Module, statements: list[ast.stmt]) -> Iterator[Update]:
    """The updates among some statements, and what stands against each."""
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=ast.BinOp() as value):
                path = ast.unparse(target)
            case _:
                continue
        operations = _operations(path, value)
        if not operations or not ownership.meaning.is_array(module, statement, path):
            continue
        problem = _problem(ownership, module, statement, target, operations)
        yield Update(target=path, statement=statement, operations=tuple(operations), problem=problem)


def _operations(path: str, value: ast.BinOp) -> list[tuple[str, ast.expr]]:
    """What is done to the old array, in Python's own order; nothing where it does not come first."""
    found: list[tuple[str, ast.expr]] = []
    node: ast.expr = value
    while isinstance(node, ast.BinOp) and type(node.op) in _SYMBOLS and ast.unparse(node) != path:
        found.append((_SYMBOLS[type(node.op)], node.right))
        node = node.left
    if ast.unparse(node) == path and len(found) <= _LONGEST:
        return list(reversed(found))
    # Sums and products of two numbers do not depend on which comes first.
    if isinstance(value.op, ast.Add | ast.Mult) and ast.unparse(value.right) == path:
        return [(_SYMBOLS[type(value.op)], value.left)]
    return []


def _problem(
    ownership: Ownership,
    module: Module,
    statement: ast.Assign,
    target: ast.Name | ast.Attribute,
    operations: list[tuple[str, ast.expr]],
) -> str:
    path = ast.unparse(target)
    values = Values(ownership.meaning, module, statement)
    if not owns_lines(module, [statement]):
        return "other code stands on its line"
    if any(isinstance(above, ast.Try) for above in module.ancestors(statement)):
        return "an error that is caught could leave it half changed"
    dtypes, ranks = values.seen(target, "dtype"), values.seen(target, "ndim")
    if dtypes not in ({"float64"}, {"complex128"}):
        return f"the type of its elements changes or is narrow ({', '.join(sorted(dtypes)) or 'unknown'})"
    if len(values.seen(target, "shape")) > 1 or len(ranks) != 1 or ranks == {"0.0"}:
        return "its shape changes"
    if values.seen(target, "layout") - {"C"}:
        return "it does not lie in C order, which a new array would"
    if values.seen(target, "writeable") - {"1.0"}:
        return "it is read-only"
    if isinstance(target, ast.Attribute) and values.seen(target, "property"):
        return "it is a property"
    later = [operand for _, operand in operations[1:]]
    if any(ast.unparse(node) == path for operand in later for node in ast.walk(operand)) or any(
        isinstance(node, ast.Call) and ownership.meaning.called(module, node) != []
        for operand in later
        for node in ast.walk(operand)
    ):
        return "a later operand reads it"
    key = target.id if isinstance(target, ast.Name) else f".{target.attr}"
    holder = ownership.other_holder(module, statement, key)
    if holder:
        return f"{holder} may hold the same array"
    return _origin_problem(ownership, module, statement, target)


def _origin_problem(
    ownership: Ownership, module: Module, statement: ast.Assign, target: ast.Name | ast.Attribute
) -> str:
    """Whether the array may come from something that keeps it."""
    if isinstance(target, ast.Name):
        scopes = [(module, ownership.meaning.home(module, statement))]
    else:
        scopes = [(each, each.tree) for each in ownership.meaning.project.modules.values()]
    for each, scope in scopes:
        nodes = own_nodes(scope) if isinstance(target, ast.Name) else ast.walk(scope)
        for node in nodes:
            if not _binds(node, target):
                continue
            parent = each.parents.get(node)
            while isinstance(parent, ast.Tuple | ast.List):
                parent = each.parents.get(parent)
            match parent:
                case ast.Assign(value=value) | ast.AugAssign(value=value):
                    strange = _stranger(ownership, each, value)
                    if strange and not isinstance(parent, ast.AugAssign):
                        return f"it comes from `{strange}`, which may keep it"
                case ast.AnnAssign(value=value):
                    if value is not None and (strange := _stranger(ownership, each, value)):
                        return f"it comes from `{strange}`, which may keep it"
                case _:
                    return "how it is bound is not plain"
    return ""


def _binds(node: ast.AST, target: ast.Name | ast.Attribute) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute) or isinstance(node.ctx, ast.Load):
        return False
    if isinstance(target, ast.Name):
        return isinstance(node, ast.Name) and node.id == target.id
    return isinstance(node, ast.Attribute) and node.attr == target.attr


def _stranger(ownership: Ownership, module: Module, value: ast.expr) -> str:
    """A function that is neither the user's nor known, whose result an expression may be."""
    match value:
        case ast.Call():
            name = ownership.meaning.full(module, value.func)
            if name.startswith(("numpy.", "scipy.", "math.", "builtins.")):
                return ""
            functions = ownership.meaning.called(module, value)
            if functions:
                return ""
            if isinstance(value.func, ast.Attribute) and not name and functions is None:
                owner = value.func.value
                statement = next(a for a in module.ancestors(value) if isinstance(a, ast.stmt))
                kinds = ownership.meaning.values(module, statement, ast.unparse(owner), "type")
                makes_random = isinstance(owner, ast.Call) and ownership.meaning.full(
                    module, owner.func
                ).startswith("numpy.random.")
                is_random = bool(kinds) and all(kind.startswith("numpy.random.") for kind in kinds)
                if makes_random or is_random or Values(ownership.meaning, module, statement).is_array(owner):
                    return ""
                return _stranger(ownership, module, owner) or ast.unparse(value.func)
            return ast.unparse(value.func)
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            return _stranger(ownership, module, inner)
        case ast.IfExp(body=one, orelse=other):
            return _stranger(ownership, module, one) or _stranger(ownership, module, other)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return next((found for part in parts if (found := _stranger(ownership, module, part))), "")
        case _:
            return ""
