"""Why multiplying by an inverse is slow."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.sparse.inverses import inverses_in

from . import Detector, diagnosis


class ExplicitInverse:
    """A matrix is inverted, and systems are solved by products with the inverse.

    Why it is slow
    --------------
    The inverse of a banded or sparse matrix is full: making it costs the cube of its size, and each product
    reads the square. The factors of a tridiagonal matrix have three entries a row, and solve as many systems
    as one likes; they are more accurate as well.

    Slow
    ----
    ::

        A_inv = np.linalg.inv(A)
        for step in range(steps):
            u = A_inv @ (B @ u)

    Faster
    ------
    ::

        factors_A = splu(csc_matrix(A))
        for step in range(steps):
            u = factors_A.solve(B @ u)

    When it is wrong
    ----------------
    When the entries of the inverse are looked at themselves. A full matrix gains little.

    References
    ----------
    N. J. Higham, "Accuracy and Stability of Numerical Algorithms", SIAM 2002, chapter 14.
    """

    rule = "explicit-inverse"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each inverse that is made or multiplied by in a hotspot, and nothing else."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        for found in inverses_in(Meaning(project), module):
            for node in (found.call, *(whole for whole, _ in found.uses)):
                last = node.end_lineno or node.lineno
                if node.lineno > hotspot.where.last or last < hotspot.where.first:
                    continue
                what = "is made" if node is found.call else "is multiplied by"
                yield diagnosis(
                    self,
                    hotspot,
                    where=Span(file=module.file, first=node.lineno, last=last),
                    message=f"the inverse `{found.path}` {what}, where factors would do",
                )
                break


DETECTOR: Detector = ExplicitInverse()
