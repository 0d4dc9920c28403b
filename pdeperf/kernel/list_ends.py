"""Lists that end as arrays: ``T = np.array(T)`` behind the loops."""

import ast
from collections.abc import Sequence

from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, scope_of


def before_array(
    nodes: Sequence[ast.Name | ast.Attribute], name: str, owner: ast.AST, module: Module
) -> list[ast.Name | ast.Attribute]:
    """The uses of a name until an array is made of the list for good; all of them where that never happens.

    Parameters
    ----------
    nodes
        Uses of the name.
    owner
        The module or the function that has it.
    """
    body = getattr(owner, "body", [])
    end = next((statement for statement in body if _makes_array(statement, name, module)), None)
    if end is None:
        return [*nodes]
    after = body[body.index(end) :]
    may_run = _may_run(after, name, module)
    kept: list[ast.Name | ast.Attribute] = []
    for node in nodes:
        around = list(module.ancestors(node))
        within = around[: around.index(owner)]
        is_deferred = any(isinstance(part, (*FUNCTIONS, ast.ClassDef)) for part in within)
        is_later = any(part in after for part in within)
        is_bound = not isinstance(node.ctx, ast.Load)
        if is_bound and (is_deferred or (is_later and end not in within)):
            return [*nodes]
        if is_deferred and may_run:  # it may read the array
            return [*nodes]
        if is_deferred or not is_later:
            kept.append(node)
    return kept


def _may_run(statements: Sequence[ast.stmt], name: str, module: Module) -> bool:
    """May a function of this file run there? Library calls and T's methods do not."""
    own = {part.name for part in module.nodes if isinstance(part, ast.FunctionDef | ast.ClassDef)}
    for statement in statements:
        for node in ast.walk(statement):
            match node:
                case ast.Lambda():
                    return True
                case ast.Name(id=found) | ast.Attribute(attr=found) if found in own:
                    return True
                case ast.Call(func=ast.Attribute(value=ast.Name(id=found))) if found == name:
                    pass
                case ast.Call(func=func) if not qualified(func, module, scope_of(module, statement)):
                    return True
    return False


def _makes_array(statement: ast.stmt, name: str, module: Module) -> bool:
    match statement:
        case ast.Assign(
            targets=[ast.Name(id=target)],
            value=ast.Call(func=func, args=[ast.Name(id=given)], keywords=[]),
        ) if target == given == name:
            return qualified(func, module, scope_of(module, statement)) == "numpy.array"  # a copy
    return False
