"""The rest of a function's arguments, ``def rk4(f, u, dt, *args)``, passed on by ``f(u, *args)``."""

import ast
import copy
from collections.abc import Collection, Sequence

from pdeperf.source.scopes import parameters


def rest_of(call: ast.Call, spec: ast.arguments) -> list[str] | None:
    """A name for each further argument of a call; None if it has too few of the others."""
    if spec.vararg is None:
        return []
    count = len(call.args) + isinstance(call.func, ast.Attribute) - len(spec.args)
    return [f"{spec.vararg.arg}_{at}" for at in range(count)] if count >= 0 else None


def written_out(
    function: ast.FunctionDef, given: Collection[str], body: list[ast.stmt], result: ast.expr | None
) -> tuple[list[ast.stmt], ast.expr | None] | None:
    """A function's body with its further arguments written out in calls; None if it needs them otherwise.

    Parameters
    ----------
    given
        Names of all its arguments.
    """
    if function.args.vararg is None:
        return body, result
    name = function.args.vararg.arg
    parts = [part for part in given if part not in parameters(function)]
    passed_on = _PassedOn(name, parts)
    every = [*body, *([result] if result is not None else [])]
    taken = {node.id for each in every for node in ast.walk(each) if isinstance(node, ast.Name)}
    new = [passed_on.visit(copy.deepcopy(part)) for part in body]
    returned = passed_on.visit(copy.deepcopy(result)) if result is not None else None
    left = [*new, *([returned] if returned is not None else [])]
    is_left = any(isinstance(node, ast.Name) and node.id == name for each in left for node in ast.walk(each))
    return None if is_left or taken.intersection(parts) else (new, returned)


class _PassedOn(ast.NodeTransformer):
    def __init__(self, name: str, parts: Sequence[str]) -> None:
        self._name, self._parts = name, parts

    def visit_Call(self, node: ast.Call) -> ast.AST:
        given: list[ast.expr] = []
        for each in node.args:
            match each:
                case ast.Starred(value=ast.Name(id=name)) if name == self._name:
                    given += (ast.Name(id=part, ctx=ast.Load()) for part in self._parts)
                case _:
                    given.append(each)
        node.args = given
        return self.generic_visit(node)
