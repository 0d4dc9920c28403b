"""Why solving with ever new matrices of one pattern costs more than their factors."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.sparse.orders import of_one_pattern

from . import Detector, diagnosis


class RepeatedOrdering:
    """The same order of the unknowns is looked for again at every solve, and not the one that fills in least.

    Why it is slow
    --------------
    In Newton's method, with coefficients that lag behind, and with steps that change, the matrix has other
    values at every solve and the same pattern. ``spsolve`` orders its columns each time, by a method for
    matrices without any symmetry. On grids and meshes the order for symmetric patterns, with pivots on the
    diagonal, leaves half the entries in the factors.

    Slow
    ----
    ::

        for iteration in range(20):
            J = L - sp.diags(np.exp(u))
            u -= spsolve(J, residual(u))

    Faster
    ------
    ::

        on_diagonal = dict(diag_pivot_thresh=0.001, options={"SymmetricMode": True})
        factors = splu(J, permc_spec="MMD_AT_PLUS_A", **on_diagonal)
        u -= factors.solve(residual(u))

    When it is wrong
    ----------------
    Small pivots on the diagonal (saddle points, indefinite matrices) spoil the answer, or fill in more: the
    residual must be looked at.

    References
    ----------
    X. S. Li, "An overview of SuperLU", ACM TOMS 31 (2005), 302-325.
    M. Arioli, J. Demmel, I. S. Duff, "Solving sparse linear systems with sparse backward error", SIAM J.
    Matrix Anal. Appl. 10 (1989), 165-190.
    """

    rule = "repeated-ordering"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each sparse solve in a hotspot with new values in a pattern that was there before."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        for solve, count in of_one_pattern(Meaning(project), module, hotspot.where, hotspot.facts):
            last = solve.node.end_lineno or solve.node.lineno
            yield diagnosis(
                self,
                hotspot,
                where=Span(file=module.file, first=solve.node.lineno, last=last),
                message=f"`spsolve` orders the unknowns anew in each of {count} solves with one pattern",
            )


DETECTOR: Detector = RepeatedOrdering()
