"""Factors that a loop makes in every turn of the same matrix: ``lu = splu(A)``."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import reach
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.solves import Loop, loops_around

_MAKERS = {
    "scipy.sparse.linalg.splu": "solve",
    "scipy.sparse.linalg.spilu": "solve",
    "scipy.sparse.linalg.factorized": "",
    "scipy.linalg.lu_factor": "lu_solve",
    "scipy.linalg.cho_factor": "cho_solve",
}
"""What makes factors, and the method or the function that solves with them; empty if they are called."""


@dataclass(frozen=True, slots=True)
class Factors:
    """One statement ``lu = splu(A)`` in a loop."""

    statement: ast.Assign
    call: ast.Call
    loop: Loop


def factors_in(meaning: Meaning, module: Module) -> Iterator[Factors]:
    """Every such statement whose factors are used for nothing but solving."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Assign(targets=[ast.Name() as target], value=ast.Call(args=[_, *_]) as call):
                name = meaning.full(module, call.func)
                loops = loops_around(module, node)
                plain = not any(
                    keyword.arg is None or keyword.arg.startswith("overwrite") for keyword in call.keywords
                )
                solves = name in _MAKERS and _only_solves(meaning, module, target, _MAKERS[name])
                if loops and plain and len(call.args) == 1 and solves and node in loops[-1].body:
                    yield Factors(node, call, loops[-1])


def why_not_before(constancy: Constancy, module: Module, factors: Factors) -> str:
    """Empty if the factors are the same in every turn and can be made before the loop; or what forbids it."""
    nodes = [factors.call.args[0], *(keyword.value for keyword in factors.call.keywords)]
    for node in nodes:
        if why := constancy.why_not(module, factors.loop, node):
            return why
        if not constancy.is_known(module, factors.loop, node):
            return "the matrix may not be there yet when the loop begins"
    target = factors.statement.targets[0]
    if isinstance(target, ast.Name) and target.id in reach(factors.loop.body).exposed:
        return f"`{target.id}` is read before it is bound"
    if not owns_lines(module, [factors.statement]) or not owns_lines(module, [factors.loop]):
        return "it shares its line with another statement"
    return ""


def _only_solves(meaning: Meaning, module: Module, target: ast.Name, solver: str) -> bool:
    """Is a name bound once in its scope, and only ever solved with?"""
    scope = meaning.scope(module, target)
    owner = scope.resolve(target.id)
    home = meaning.home(module, target)
    if owner is None or owner.node is not home:
        return False
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Global | ast.Nonlocal) and target.id in node.names:
            return False
    for node in own_nodes(home):
        if not isinstance(node, ast.Name) or node.id != target.id or node is target:
            continue
        parent = module.parents.get(node)
        match parent:
            case ast.Attribute(attr=attr) if solver == "solve" and attr == solver:
                continue
            case ast.Call(func=func) if not solver and func is node:
                continue
            case ast.Call(func=func, args=[first, *_]) if solver.endswith("_solve") and first is node:
                if meaning.full(module, func) == f"scipy.linalg.{solver}":
                    continue
                return False
            case _:
                return False
    return True
