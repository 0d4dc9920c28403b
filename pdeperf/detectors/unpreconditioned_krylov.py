"""Why an iterative solver needs hundreds of iterations."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.sparse.krylov import slow_krylov

from . import Detector, diagnosis


class UnpreconditionedKrylov:
    """An elliptic system is solved by CG or GMRES without a preconditioner.

    Why it is slow
    --------------
    The number of iterations grows with the square root of the matrix's condition number, for a Laplacian with
    the number of points along a side. Algebraic multigrid needs about ten iterations on any grid.

    Slow
    ----
    ::

        u, info = cg(A, b, rtol=1e-8)

    Faster
    ------
    ::

        M = pyamg.ruge_stuben_solver(A).aspreconditioner()
        u, info = cg(A, b, rtol=1e-8, M=M)

    When it is wrong
    ----------------
    When the matrix is no elliptic operator: multigrid may then not converge. Where the matrix changes all
    the time, making the coarse grids may cost more than it saves.

    References
    ----------
    N. Bell, L. Olson, J. Schroder, "PyAMG: Algebraic Multigrid Solvers in Python", JOSS 7 (2022), 4142.
    """

    rule = "unpreconditioned-krylov"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each iterative solve in a hotspot that took many iterations."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        for solve in slow_krylov(Meaning(project), module, hotspot.where, hotspot.facts):
            last = solve.call.end_lineno or solve.call.lineno
            yield diagnosis(
                self,
                hotspot,
                where=Span(file=module.file, first=solve.call.lineno, last=last),
                message=f"`{solve.method.rpartition('.')[2]}` takes {solve.iterations:.0f} iterations "
                "a solve, without a preconditioner",
            )


DETECTOR: Detector = UnpreconditionedKrylov()
