"""Why every step spends its time on building a matrix."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.sparse.built_again import built_again, is_never_the_same
from pdeperf.sparse.constancy import Constancy

from . import Detector, diagnosis


class AssembledAgain:
    """A matrix is built in every step of numbers that stay the same.

    Why it is slow
    --------------
    A step that builds its matrix itself reads well, and pays for it each time: sparse matrices are made,
    shifted, multiplied and added in many passes over their entries, in loops of Python even entry by
    entry, whereas solving with them takes a few passes.

    Slow
    ----
    ::

        class Heat:
            def step(self):
                A = self.build_matrix()
                self.u = spsolve(A, self.u)

    Faster
    ------
    ::

        class Heat:
            def __init__(self):
                ...
                self.A = self.build_matrix()

            def step(self):
                self.u = spsolve(self.A, self.u)

    When it is wrong
    ----------------
    When the numbers change after all: a time step that adapts, coefficients that depend on the solution.
    When somebody changes the matrix after it was built.

    References
    ----------
    Aho, Lam, Sethi, Ullman, "Compilers", section 9.1 (code motion).
    """

    rule = "assembled-again"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on statements that build a matrix, and on the functions that they call."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        facts = [row for row in project.observed if row.metric in _OF_SOLVES] or hotspot.facts
        for found in built_again(Constancy(Meaning(project)), module):
            where = next((span for span in found.spans if _meet(span, hotspot.where)), None)
            if where is None or is_never_the_same(found, facts):
                continue
            names = ", ".join(f"`{name}`" for name in found.results)
            yield diagnosis(
                self,
                hotspot,
                where=found.where,
                message=f"{names} is built anew each time, of {', '.join(f'`{key}`' for key in found.keys)}",
            )


_OF_SOLVES = ("solves_count", "same_values_count")
"""Counted where systems are solved, which may be another hotspot."""


def _meet(one: Span, other: Span) -> bool:
    return one.file == other.file and one.first <= other.last and other.first <= one.last


DETECTOR: Detector = AssembledAgain()
