"""Regions that become kernels together."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from pdeperf.kernel.callees import Callees
from pdeperf.kernel.outline import Kernel
from pdeperf.source import Module, Project
from pdeperf.source.scopes import statement_of


@dataclass(frozen=True, slots=True)
class Plan:
    """Regions of one file that are compiled together, with the functions they call.

    Attributes
    ----------
    variants
        The same region again, for the other functions that it was seen to be given.
    """

    kernels: tuple[Kernel, ...]
    callees: Callees
    variants: tuple[Kernel, ...] = ()

    @property
    def lines(self) -> tuple[int, int]:
        """First and last line."""
        rows = [part for kernel in self.kernels for part in kernel.statements]
        return min(part.lineno for part in rows), max(part.end_lineno or part.lineno for part in rows)


def covers(plan: Plan, module: Module, statement: ast.stmt) -> bool:
    """Does a plan compile a statement?"""
    spans = ((one.statements[0].lineno, one.statements[-1].end_lineno or 0) for one in plan.kernels)
    return plan.callees.home is module and any(low <= statement.lineno <= high for low, high in spans)


def misses(plan: Plan, module: Module, loop: ast.stmt, inside: ast.stmt) -> bool:
    """Does a plan compile other parts of a loop only, not the statement that leads to the hot place?"""
    stays_inside = plan.callees.home is module and all(is_within(kernel, [loop]) for kernel in plan.kernels)
    return stays_inside and not covers(plan, module, inside)


def leaves_most(plan: Plan, calls: Sequence[tuple[Module, ast.Call]], project: Project) -> bool:
    """Do most calls of a hot function stay Python's, as those of a V-cycle that calls itself?"""
    compiled = {id(part) for callee in plan.callees.built.values() for part in ast.walk(callee.node)}
    covered: list[tuple[Module, ast.Call]] = []
    left: list[tuple[Module, ast.Call]] = []
    for module, call in calls:
        is_covered = id(call) in compiled or covers(plan, module, statement_of(module, call))
        (covered if is_covered else left).append((module, call))
    counts = {row.where: float(row.value) for row in project.observed if row.metric == "hits_count"}
    hits = [
        [counts.get(module.span(statement_of(module, call))) for module, call in group]
        for group in (covered, left)
    ]
    known = [[count for count in group if count is not None] for group in hits]
    if hits == known and all(known):
        return sum(known[1]) > sum(known[0])
    return any(_calls_itself(above) for module, call in left for above in module.ancestors(call))


def _calls_itself(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(part, ast.Call) and ast.unparse(part.func).rpartition(".")[2] == node.name
        for part in ast.walk(node)
    )


def is_within(kernel: Kernel, statements: Sequence[ast.stmt]) -> bool:
    """Does a kernel stand in some statements?"""
    first, last = statements[0].lineno, statements[-1].end_lineno or 0
    return first <= kernel.statements[0].lineno and (kernel.statements[-1].end_lineno or 0) <= last
