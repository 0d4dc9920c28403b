"""Matrices that earlier rewrites keep while they stay the same: known by identity."""

import ast

from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.sparse.solves import Solve

HELD = '''
class FactorisedWhileSameObject:
    """Solves with the factors of the last three matrices, which are told apart by identity.

    That is enough for matrices that are kept while they stay the same, and that nothing changes.
    """

    def __init__(self, *given):
        self.given, self.kept = given, []

    def __call__(self, A, b, **options):
        for known, known_options, solve in self.kept:
            if known is A and known_options == options:
                return solve(b)
        solve = FactorisedOnce(A, *self.given, **options)
        self.kept = [(A, options, solve), *self.kept[:2]]
        return solve(b)
'''


def is_held(module: Module, solve: Solve) -> bool:
    """Is the matrix of a solve only ever what was kept, of which nobody changes anything?"""
    keepers = {
        statement.targets[0].id
        for statement in module.tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Call)
        and ast.unparse(statement.value.func).startswith(("KeptWhileSame", "KeptForNumbers"))
    }
    matrix, conversion = solve.matrix, ""
    match matrix:
        case ast.Call(func=ast.Attribute(value=ast.Name() as held, attr="tocsr" | "tocsc" as form), args=[]):
            matrix, conversion = held, f".{form}()"
    match matrix:
        case ast.Name(id=name):
            home = next(
                (one for one in module.ancestors(solve.node) if isinstance(one, FUNCTIONS)), module.tree
            )
            every: list[ast.Name | ast.Attribute] = [
                one for one in own_nodes(home) if isinstance(one, ast.Name) and one.id == name
            ]
        case ast.Attribute(value=ast.Name(id="self"), attr=attr):
            every = [
                one for one in ast.walk(module.tree) if isinstance(one, ast.Attribute) and one.attr == attr
            ]
        case _:
            return False
    bound = [_value(module, one) for one in every if not isinstance(one.ctx, ast.Load)]
    kept = [one for one in bound if isinstance(one, ast.Call) and ast.unparse(one.func) in keepers]
    kept = [one for one in kept if not conversion or _built(module, one).endswith(conversion)]
    others = [one for one in bound if one not in kept]
    return bool(kept) and all(isinstance(one, ast.Constant) and one.value is None for one in others)


def _built(module: Module, keeper: ast.Call) -> str:
    """The text of what a keeper is given to build."""
    match keeper.args[0] if keeper.args else None:
        case ast.Lambda(body=body):
            return ast.unparse(body)
        case ast.Name(id=name):
            home = next((one for one in module.ancestors(keeper) if isinstance(one, FUNCTIONS)), module.tree)
            ends = [
                ast.unparse(one.body[-1])
                for one in own_nodes(home)
                if isinstance(one, ast.FunctionDef) and one.name == name
            ]
            return ends[0] if len(ends) == 1 else ""
    return ""


def _value(module: Module, target: ast.AST) -> ast.expr | None:
    """What a target of an assignment is bound to, or is a part of."""
    above = module.parents.get(target)
    if isinstance(above, ast.Tuple):
        above = module.parents.get(above)
    return above.value if isinstance(above, ast.Assign) else None
