"""Why computing a small matrix of others takes longer than solving with it."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.sparse.patterns import computed_again

from . import Detector, diagnosis


class RepeatedPattern:
    """Sums and blocks of sparse matrices find the same pattern again at every step.

    Why it is slow
    --------------
    Jacobians and implicit operators are sums of matrices, diagonals and blocks whose entries stand at the
    same places in every step. SciPy finds these places again each time, with conversions and checks, which
    for some hundred unknowns takes several times what the solution takes.

    Slow
    ----
    ::

        while err > tol:
            J = bmat([[A - diags(v**2), C], [diags(v**2), B + diags(2 * u * v)]], format="csc")
            d = spsolve(J, -R)

    Faster
    ------
    ::

        J.data[places_of_diagonal] = A_diagonal - v**2
        ...
        d = spsolve(J, -R)

    When it is wrong
    ----------------
    When the pattern changes: an entry of a sum that becomes zero is not stored.

    References
    ----------
    F. G. Gustavson, "Two fast algorithms for sparse matrices", ACM TOMS 4 (1978), 250-269.
    """

    rule = "repeated-pattern"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each matrix in a hotspot that is computed of others where one pattern is solved with."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        facts = [*project.observed, *hotspot.facts]
        for found, where in computed_again(Meaning(project), module, facts):
            if where.first <= hotspot.where.last and hotspot.where.first <= where.last:
                yield diagnosis(
                    self,
                    hotspot,
                    where=where,
                    message=f"the pattern of `{_short(found.node)}` is found again in every step",
                )


def _short(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else f"{text[:57]}..."


DETECTOR: Detector = RepeatedPattern()
