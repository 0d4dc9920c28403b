"""Why a script waits for its linear solver."""

from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.sparse.costs import costly_solves

from . import Detector, diagnosis


class CostlySolve:
    """A sparse solver takes the time, by its method and by the size of its matrix.

    Why it is slow
    --------------
    The factors of a sparse matrix fill in: on a grid of n unknowns a direct solve costs n to the power
    of 1.5 in two dimensions and n squared in three. CG without a preconditioner needs iterations in
    proportion to the points along a side. Multigrid costs time in proportion to n.

    Slow
    ----
    ::

        u = spsolve(A, b)

    Faster
    ------
    ::

        M = pyamg.ruge_stuben_solver(A).aspreconditioner()
        u, info = cg(A, b, rtol=1e-10, M=M)

    When it is wrong
    ----------------
    Another solver gives another answer within its tolerance, and may not converge at all where the
    matrix is not symmetric, or not positive definite. The choice is the user's: this rule advises.

    References
    ----------
    Y. Saad, "Iterative Methods for Sparse Linear Systems", SIAM 2003, chapters 10 and 13.
    """

    rule = "costly-solve"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each line of a hotspot that spends a good part of the run in sparse solvers."""
        if hotspot.where.file not in project:
            return
        for solve in costly_solves(hotspot.facts):
            if not hotspot.where.contains(solve.where):
                continue
            what = f"{solve.framework}'s " if solve.framework else ""
            often = f", {solve.iterations} iterations in all" if solve.iterations else ""
            same = (
                f", {solve.same_values} of them with the values of an earlier matrix"
                if solve.same_values
                else ""
            )
            yield diagnosis(
                self,
                hotspot,
                where=solve.where,
                message=f"{what}`{solve.method}` on {solve.rows} unknowns ({solve.nnz} entries) takes "
                f"{solve.share:.0%} of the run; {solve.solves} solves seen{often}{same}",
                share=solve.share,
            )


DETECTOR: Detector = CostlySolve()
