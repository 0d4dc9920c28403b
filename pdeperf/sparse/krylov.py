"""Where a program solves by a Krylov method, and how many iterations that took."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Measurement, Span
from pdeperf.source import Module
from pdeperf.sparse.solves import Loop, loops_around

METHODS = frozenset(f"scipy.sparse.linalg.{name}" for name in ("cg", "bicgstab", "gmres", "lgmres", "minres"))
MANY_COUNT = 40
"""Iterations a solve from which a preconditioner is worth a try."""


@dataclass(frozen=True, slots=True)
class Krylov:
    """One call of an iterative solver without a preconditioner.

    Attributes
    ----------
    iterations
        A solve, as far as seen.
    """

    call: ast.Call
    method: str
    matrix: ast.expr
    loops: tuple[Loop, ...]
    iterations: float


def slow_krylov(
    meaning: Meaning, module: Module, where: Span, facts: Sequence[Measurement]
) -> Iterator[Krylov]:
    """The calls in some lines that took many iterations with a matrix of an elliptic operator."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not where.first <= node.lineno <= where.last:
            continue
        if isinstance(node.func, ast.Attribute) and f"scipy.sparse.linalg.{node.func.attr}" not in METHODS:
            continue
        name = meaning.full(module, node.func)
        if name not in METHODS or len(node.args) < 2:
            continue
        if any(keyword.arg in ("M", None) for keyword in node.keywords) or len(node.args) > 3:
            continue
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        seen: dict[str, set[float | str]] = {}
        for fact in facts:
            if fact.subject == name and fact.where.first in lines:
                seen.setdefault(fact.metric, set()).add(fact.value)
        solves = sum(float(value) for value in seen.get("krylov_solves_count", ()))
        total = sum(float(value) for value in seen.get("iterations_total_count", ()))
        elliptic = seen.get("positive_diagonal") == {1.0} and bool(
            seen.get("symmetry", set()) & {"values", "pattern"}
        )
        if solves and elliptic and total / solves >= MANY_COUNT:
            yield Krylov(node, name, node.args[0], loops_around(module, node), total / solves)
