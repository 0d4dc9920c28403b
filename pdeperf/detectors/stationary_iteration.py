"""Why a loop of matrix products takes so many turns."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.sparse.stationary import OFTEN_COUNT, iterations_in

from . import Detector, diagnosis

_CALLED = {"jacobi": "Jacobi's iteration", "power": "the power iteration"}


class StationaryIteration:
    """A system or an eigenvalue problem is iterated upon by hand, with products alone.

    Why it is slow
    --------------
    Jacobi's iteration damps a smooth error by a factor that tends to one with the square of the points
    along a side; the power iteration by the ratio of two eigenvalues. Krylov methods make use of all the
    products so far, and need the square root of their number, or fewer.

    Slow
    ----
    ::

        while np.linalg.norm(x_new - x) > tol:
            x = x_new
            x_new = (b - R @ x) / d

    Faster
    ------
    ::

        x, info = cg(A, b, rtol=1e-10)

    When it is wrong
    ----------------
    When the iteration itself is the subject: a smoother, or a lecture. The rule only advises.

    References
    ----------
    Y. Saad, "Iterative Methods for Sparse Linear Systems", SIAM 2003, chapters 4 and 6.
    """

    rule = "stationary-iteration"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each such iteration in a hotspot that was seen to take many turns."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        for found in iterations_in(Meaning(project), module, hotspot.where, hotspot.facts):
            if found.products < OFTEN_COUNT:
                continue
            node = found.product
            yield diagnosis(
                self,
                hotspot,
                where=module.span(node),
                message=f"{_CALLED[found.kind]} on {found.rows} unknowns: {found.products} products seen",
            )


DETECTOR: Detector = StationaryIteration()
