"""Where a program solves linear systems by factorising, and whether it does so again and again."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pdeperf.lifetimes.meaning import LOOPS, Meaning
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS

Loop = ast.For | ast.While


class Form(Enum):
    """How the matrix is stored."""

    SPARSE = "sparse"
    DENSE = "dense"


_DENSE = {
    "numpy.linalg.solve": frozenset[str](),
    "scipy.linalg.solve": frozenset(("assume_a", "check_finite")),
}
_SPARSE_OPTIONS = frozenset(("permc_spec", "use_umfpack"))


@dataclass(frozen=True, slots=True)
class Solve:
    """One call that factorises a matrix and solves with it.

    Attributes
    ----------
    function
        Full name, ``scipy.sparse.linalg.spsolve``.
    loops
        The loops around it in its own function, the outermost first.
    """

    call: ast.Call
    form: Form
    function: str
    matrix: ast.expr
    right: ast.expr
    loops: tuple[Loop, ...]


def solves_in(meaning: Meaning, module: Module, where: Span) -> Iterator[Solve]:
    """The calls in some lines that factorise and solve, in order."""
    calls = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and where.first <= node.lineno <= where.last
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(call.func, ast.Attribute) and call.func.attr not in ("spsolve", "solve"):
            continue  # what a name means is costly to ask
        name = meaning.full(module, call.func)
        options = {keyword.arg for keyword in call.keywords}
        if len(call.args) != 2 or any(isinstance(argument, ast.Starred) for argument in call.args):
            continue
        if name.startswith("scipy.sparse.linalg") and name.endswith(".spsolve"):
            form, name, allowed = Form.SPARSE, "scipy.sparse.linalg.spsolve", _SPARSE_OPTIONS
        elif name in _DENSE:
            form, allowed = Form.DENSE, _DENSE[name]
        else:
            continue
        if options <= allowed:
            yield Solve(call, form, name, call.args[0], call.args[1], loops_around(module, call))


def loops_around(module: Module, node: ast.AST) -> tuple[Loop, ...]:
    """The loops around a node in its own function, the outermost first."""
    found: list[Loop] = []
    for above in module.ancestors(node):
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            break
        if isinstance(above, LOOPS):
            found.append(above)
    return tuple(reversed(found))


def is_repeated(meaning: Meaning, module: Module, solve: Solve) -> bool:
    """Does a call run again and again: in a loop, or in a function that was called more than once?"""
    if solve.loops:
        return True
    spans = [
        module.span(above)
        for above in module.ancestors(solve.call)
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return any(
        row.metric == "calls_count" and row.where in spans and float(row.value) > 1
        for row in meaning.project.observed
    )
