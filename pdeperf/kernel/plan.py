"""Regions that become kernels together."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from pdeperf.kernel.callees import Callees
from pdeperf.kernel.outline import Kernel
from pdeperf.source import Module


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


def is_within(kernel: Kernel, statements: Sequence[ast.stmt]) -> bool:
    """Does a kernel stand in some statements?"""
    first, last = statements[0].lineno, statements[-1].end_lineno or 0
    return first <= kernel.statements[0].lineno and (kernel.statements[-1].end_lineno or 0) <= last
