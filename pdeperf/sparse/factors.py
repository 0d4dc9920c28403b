"""Factors that are made again and again of the same matrix: ``lu = splu(A)`` in a loop or a function."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Measurement
from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import reach
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.solves import Loop, facts_at, loops_around, runs_again

_MAKERS = {
    "scipy.sparse.linalg.splu": "solve",
    "scipy.sparse.linalg.spilu": "solve",
    "scipy.sparse.linalg.factorized": "",
    "scipy.linalg.lu_factor": "lu_solve",
    "scipy.linalg.cho_factor": "cho_solve",
}
"""What makes factors, and the method or the function that solves with them; empty if they are called."""

_OFTEN_ENOUGH = 0.25
"""The share of calls with a matrix that was there before from which on factors are worth keeping."""
_NUMBERS = frozenset({"float64", "complex128"})


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


def factors_again(meaning: Meaning, module: Module, facts: Sequence[Measurement]) -> Iterator[ast.Call]:
    """Calls that were seen to make factors of matrices that had been there before.

    The factors are told apart by the entries of their matrix, so it does not matter where that comes from.
    Those of dense matrices are arrays, which nothing but solves may know.
    """
    for node in ast.walk(module.tree):
        name = meaning.full(module, node.func) if isinstance(node, ast.Call) else ""
        if not isinstance(node, ast.Call) or name not in _MAKERS or not runs_again(meaning, module, node):
            continue
        if (
            len(node.args) != 1
            or isinstance(node.args[0], ast.Starred)
            or not all(map(_is_told, node.keywords))
        ):
            continue
        seen = facts_at(name, node.lineno, facts)
        calls, same = (
            sum(map(float, seen.get(metric, ()))) for metric in ("solves_count", "same_values_count")
        )
        is_dense = name.startswith("scipy.linalg.")
        formats = {"dense"} if is_dense else {"csr", "csc"}
        known = seen.get("matrix_format", set())
        if calls < 2 or same < _OFTEN_ENOUGH * calls or not known or not known <= formats:
            continue
        if not seen.get("matrix_dtype", set()) <= _NUMBERS:
            continue
        if not is_dense or _is_only_solved_with(meaning, module, node, _MAKERS[name]):
            yield node


def _is_told(keyword: ast.keyword) -> bool:
    """Is an option the same at each call, and none that lets the matrix be overwritten?"""
    plain = all(isinstance(node, ast.Constant | ast.Dict | ast.Load) for node in ast.walk(keyword.value))
    return keyword.arg is not None and not keyword.arg.startswith("overwrite") and plain


def _is_only_solved_with(meaning: Meaning, module: Module, call: ast.Call, solver: str) -> bool:
    """Are factors handed to the function that solves with them, and to nobody else?"""
    match module.parents.get(call):
        case ast.Assign(targets=[ast.Name() as target]):
            return _only_solves(meaning, module, target, solver)
        case ast.Call(func=func, args=[first, *_]) if first is call:
            return meaning.full(module, func) == f"scipy.linalg.{solver}"
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=one), ast.Name(id=other)])]) as statement:
            names = [one, other]
        case _:
            return False
    home = meaning.home(module, call)
    within = {id(node) for node in ast.walk(statement)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Global | ast.Nonlocal) and {*names} & {*node.names}:
            return False
    for node in ast.walk(home):
        if not isinstance(node, ast.Name) or node.id not in names or id(node) in within:
            continue
        pair = module.parents.get(node)
        match module.parents.get(pair) if isinstance(pair, ast.Tuple) else None:
            case ast.Call(func=func, args=[first, *_]) if first is pair:
                if meaning.full(module, func) == f"scipy.linalg.{solver}":
                    continue
        return False
    return isinstance(home, FUNCTIONS)


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
