"""Why a loop spends its time on changing a matrix's format."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.sparse.conversions import Conversion, conversions_in

from . import Detector, diagnosis

_PARTS = {
    ".tocsc()": "columns are cut out of a CSR",
    ".tocsr()": "rows are cut out of a CSC",
}


class RepeatedConversion:
    """A loop converts the same sparse matrix in every turn, or cuts columns out of a matrix stored by rows.

    Why it is slow
    --------------
    ``tocsr``, ``tocsc`` and ``toarray`` go through all entries, and ``A[:, j]`` of a CSR matrix searches
    every row, ``A[i, :]`` of a CSC matrix every column. Done once, before the loop, it costs the time of
    one turn.

    Slow
    ----
    ::

        for step in range(steps):
            u = u + dt * (A.T.tocsr() @ u)

    Faster
    ------
    ::

        At = A.T.tocsr()
        for step in range(steps):
            u = u + dt * (At @ u)

    When it is wrong
    ----------------
    When the matrix changes in the loop, or the loop changes what the conversion gave.

    References
    ----------
    The documentation of ``scipy.sparse``, "Usage information".
    """

    rule = "repeated-conversion"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each conversion in a hotspot that stands in a loop."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        for found in conversions_in(Meaning(project), module, hotspot.where):
            assert isinstance(found, Conversion)
            node = found.node
            what = (
                f"{_PARTS[found.made]} matrix in every turn"
                if found.made
                else "a matrix is converted in every turn"
            )
            yield diagnosis(
                self,
                hotspot,
                where=module.span(node),
                message=f"{what} of the loop",
            )


DETECTOR: Detector = RepeatedConversion()
