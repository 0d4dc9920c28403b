"""Why a few eigenvalues take so long."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.sparse.eigenvalues import smallest_in

from . import Detector, diagnosis


class SmallestEigenvalues:
    """The smallest eigenvalues are sought by products with the matrix alone.

    Why it is slow
    --------------
    The Lanczos iteration finds the ends of a spectrum that lie apart from the rest. A differential
    operator's smallest eigenvalues lie close together, next to its largest ones' size: ``which="SM"`` takes
    thousands of products. For the inverse they are the largest, and stand well apart.

    Slow
    ----
    ::

        values, vectors = eigsh(A, k=6, which="SM")

    Faster
    ------
    ::

        values, vectors = eigsh(A, k=6, sigma=0, which="LM")

    When it is wrong
    ----------------
    When the matrix is singular, or too large to be factorised.

    References
    ----------
    R. B. Lehoucq, D. C. Sorensen, C. Yang, "ARPACK Users' Guide", SIAM 1998, section 3.2.
    """

    rule = "smallest-eigenvalues"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each ``eigsh(..., which="SM")`` in a hotspot."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        for call in smallest_in(Meaning(project), module, hotspot.where):
            yield diagnosis(
                self,
                hotspot,
                where=module.span(call),
                message="`eigsh` seeks the smallest eigenvalues without the matrix's inverse",
            )


DETECTOR: Detector = SmallestEigenvalues()
