"""Why solving the same system again costs as much as the first time."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.sparse.factors import factors_again, factors_in
from pdeperf.sparse.solves import come_again, is_repeated, narrow_bands, solves_in

from . import Detector, diagnosis


class RepeatedFactorisation:
    """A matrix is factorised again for every right side.

    Why it is slow
    --------------
    A direct solver first factorises the matrix, and then solves two triangular systems. In an implicit
    time step the matrix depends on the grid and on the time step alone, but ``spsolve`` and
    ``np.linalg.solve`` factorise it anew in each step: that takes 10 to 20 times as long as the solves.
    Dense matrices that hold a band are worse: their factors cost the cube of their size.

    Slow
    ----
    ::

        for step in range(steps):
            u = spsolve(A, u + dt * f)

    Faster
    ------
    ::

        factors = splu(A)
        for step in range(steps):
            u = factors.solve(u + dt * f)

    When it is wrong
    ----------------
    When the matrix changes: with an adaptive time step, with the solution in a nonlinear problem, under
    another name, or in a function that the loop calls.

    References
    ----------
    T. A. Davis, "Direct Methods for Sparse Linear Systems", SIAM 2006, chapter 6.
    X. S. Li, "An overview of SuperLU", ACM TOMS 31 (2005), 302-325.
    """

    rule = "repeated-factorisation"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each call in a hotspot that factorises again and again."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        meaning = Meaning(project)
        others = {
            solve.node.lineno for solve, _ in narrow_bands(meaning, module, hotspot.where, hotspot.facts)
        }
        for solve in solves_in(meaning, module, hotspot.where):
            if not is_repeated(meaning, module, solve) or solve.node.lineno in others:
                continue
            if not come_again(solve, hotspot.facts):
                continue
            counts = _counts(hotspot, solve.node.lineno)
            seen = (
                f": of {counts['solves_count']:.0f} solves, "
                f"{counts['same_values_count']:.0f} had the values of an earlier one"
                if len(counts) == 2
                else ""
            )
            what = f"`{solve.function.rpartition('.')[2]}` factorises its matrix in every call{seen}"
            yield self._diagnosis(hotspot, module.file, solve.node, what)
        for factors in factors_in(meaning, module):
            if hotspot.where.first <= factors.statement.lineno <= hotspot.where.last:
                what = f"`{ast.unparse(factors.call.func)}` makes factors in every turn of the loop"
                yield self._diagnosis(hotspot, module.file, factors.call, what)
        moved = {factors.call for factors in factors_in(meaning, module)}
        for call in factors_again(meaning, module, (*hotspot.facts, *project.observed)):
            if hotspot.where.first <= call.lineno <= hotspot.where.last and call not in moved:
                what = f"`{ast.unparse(call.func)}` makes the factors of matrices that were there before"
                yield self._diagnosis(hotspot, module.file, call, what)

    def _diagnosis(self, hotspot: Hotspot, file: str, node: ast.expr, message: str) -> Diagnosis:
        return diagnosis(
            self,
            hotspot,
            where=Span(file=file, first=node.lineno, last=node.end_lineno or node.lineno),
            message=message,
        )


def _counts(hotspot: Hotspot, line: int) -> dict[str, float]:
    """How often a line solved, and how often with a matrix that had been there before."""
    return {
        fact.metric: float(fact.value)
        for fact in hotspot.facts
        if fact.where.first == line and fact.metric in ("solves_count", "same_values_count")
    }


DETECTOR: Detector = RepeatedFactorisation()
