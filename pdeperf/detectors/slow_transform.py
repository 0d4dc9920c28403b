"""Why Fourier transforms take longer than they must."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.vocabulary import TRANSFORMS
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project

from . import Detector, diagnosis


class SlowTransform:
    """Transforms by numpy.fft, where scipy.fft does the same in less time.

    Why it is slow
    --------------
    ``numpy.fft`` transforms one axis after the other, line by line, and treats real data as complex. The
    library behind ``scipy.fft`` is the same at heart, but takes several lines at once into vector registers
    and computes half of the transform of real data, since the other half is its mirror image.

    Slow
    ----
    ::

        u_hat = np.fft.fft2(u)

    Faster
    ------
    ::

        u_hat = scipy.fft.fft2(u)

    When it is wrong
    ----------------
    Small transforms gain little. The last digit may differ. With NumPy before version 2, ``numpy.fft`` turns
    single precision into double, which ``scipy.fft`` does not.

    References
    ----------
    SciPy reference, ``scipy.fft``; M. Reinecke, pocketfft.
    """

    rule = "slow-transform"
    kind = Kind.ALLOCATION

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on a hotspot that transforms by numpy.fft."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        meaning = Ownership.of(project).meaning
        called = [
            node
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call)
            and hotspot.where.first <= node.lineno <= hotspot.where.last
            and meaning.full(module, node.func) in TRANSFORMS
        ]
        if not called:
            return
        names = ", ".join(sorted({f"`{ast.unparse(node.func)}`" for node in called}))
        yield diagnosis(
            self,
            hotspot,
            where=hotspot.where,
            message=f"{len(called)} transforms by {names}, which scipy.fft does faster",
        )


DETECTOR: Detector = SlowTransform()
