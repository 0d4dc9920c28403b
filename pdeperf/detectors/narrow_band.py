"""Why solving a tridiagonal system takes longer than it should."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.sparse.banded import banded
from pdeperf.sparse.solves import narrow_bands

from . import Detector, diagnosis


class NarrowBand:
    """Systems of narrow band, another matrix each time, are solved by a general solver.

    Why it is slow
    --------------
    ``spsolve`` looks for an order of the unknowns, and for a pattern of the factors, at every call, and
    ``np.linalg.solve`` eliminates zeros, n**3 of them. For a matrix with a few diagonals LAPACK factorises
    the band as it stands, in a few operations for each unknown.

    Slow
    ----
    ::

        for step in range(steps):
            A = diags([-D[1:], 1 + D[:-1] + D[1:], -D[1:]], [-1, 0, 1], format="csc")
            u = spsolve(A, u)

    Faster
    ------
    ::

        for step in range(steps):
            u = solve_banded((1, 1), bands, u)

    When it is wrong
    ----------------
    When the matrix is wider in another run: a rewrite looks at its width in every call.

    References
    ----------
    E. Anderson et al., "LAPACK Users' Guide", SIAM 1999, section 2.3.
    """

    rule = "narrow-band"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each solve in a hotspot with matrices of narrow band that are mostly made anew."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        meaning = Meaning(project)
        found = [*narrow_bands(meaning, module, hotspot.where, hotspot.facts)]
        if again := [*narrow_bands(meaning, module, hotspot.where, hotspot.facts, again=True)]:
            filled = banded(meaning, module)
            found += [one for one in again if filled is not None and one[0].node.lineno in filled.lines]
        for solve, width in found:
            last, name = solve.node.end_lineno or solve.node.lineno, solve.function.rpartition(".")[2]
            yield diagnosis(
                self,
                hotspot,
                where=Span(file=module.file, first=solve.node.lineno, last=last),
                message=f"`{name}` solves with matrices of bandwidth {width:.0f}, made anew each time",
            )


DETECTOR: Detector = NarrowBand()
