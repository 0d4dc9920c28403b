"""Why a compiled sweep in order waits at every cell."""

from collections.abc import Iterator

from pdeperf.kernel.compiled import callers, is_fallback, reached
from pdeperf.kernel.wavefront import Staggering, sweeps
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project

from . import Detector, diagnosis

_HEADROOM = 3.0
"""Measured on Gauss-Seidel and SOR: 2.5 to 3.5 times."""


class InOrderSweep:
    """A compiled sweep in order (Gauss-Seidel, SOR) waits at each cell for the one before.

    Why it is slow
    --------------
    The value of a cell needs its left neighbour's, just computed. The processor could start several
    cells at once, but each must wait the 10 to 30 cycles until the one before is known: most of the
    time nothing happens.

    Slow
    ----
    ::

        for i in range(1, n - 1):
            for j in range(1, m - 1):
                u[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - f[i, j])

    Faster
    ------
    Eight rows advance together, each one column behind the row above it::

        for i_top in range(1, n - 1, 8):
            for j_top in range(1, m + 6):
                for k in range(8):
                    if i_top + k < n - 1 and 1 <= j_top - k < m - 1:
                        sweep_cell(u, f, i_top + k, j_top - k)

    When it is wrong
    ----------------
    Where a row needs what the row above computes last (a periodic sweep), or where which elements
    are written depends on the data. Then nothing is changed.

    References
    ----------
    Lamport, "The parallel execution of DO loops", 1974 (the hyperplane method); Wolfe, "Loop
    skewing: the wavefront method revisited", 1986.
    """

    rule = "in-order-sweep"
    kind = Kind.LOOP

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each compiled sweep in or under a hotspot whose rows can be staggered."""
        for item in reached(hotspot.where, project):
            if not item.is_serial or is_fallback(item, project):
                continue
            if any(not other.is_serial for other in callers(item, project)):
                continue
            found = [sweep for sweep in sweeps(item, project) if isinstance(sweep, Staggering)]
            if not found:
                continue
            first = found[0].rows.loop
            yield diagnosis(
                self,
                hotspot,
                where=item.module.span(first),
                message=f"each cell of the sweep in `{item.name}` waits for the one before it",
                headroom=_HEADROOM,
                scope=item.name,
            )


DETECTOR: Detector = InOrderSweep()
