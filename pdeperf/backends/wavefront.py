"""Sweeps in order, their rows staggered so that the processor does not wait."""

from collections.abc import Iterator

from pdeperf.kernel.compiled import compiled
from pdeperf.kernel.staggered import staggered, writable
from pdeperf.kernel.wavefront import Obstacle, Staggering, sweeps
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project

from . import Backend


class Wavefront:
    """Lets eight rows of an in-order sweep advance together, each some columns behind the one above.

    Why it is slow
    --------------
    In Gauss-Seidel and SOR each cell needs the cell to its left, so one core does one cell at a time
    and waits for each result. Cells on a slanted line do not need each other.

    Slow
    ----
    ::

        for i in range(1, n - 1):
            for j in range(1, m - 1):
                u[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - f[i, j])

    Faster
    ------
    ::

        for i_top in range(1, n - 1, 8):
            for j_top in range(1, m + 6):
                if i_top + 8 <= n - 1 and 8 <= j_top < m - 1:
                    for k in range(8):
                        sweep_cell(u, f, i_top + k, j_top - k)
                else:
                    for k in range(8):
                        if i_top + k < n - 1 and 1 <= j_top - k < m - 1:
                            sweep_cell(u, f, i_top + k, j_top - k)

    When it is wrong
    ----------------
    Never by rounding: every cell is computed from the same values by the same operations, which is
    proved from the indices. The largest change, if the sweep keeps it, is the same too. If an array
    comes under two names, which is checked, cells come one by one.

    References
    ----------
    Wolfe, "Loop skewing: the wavefront method revisited", 1986.
    """

    name = "wavefront"
    answers = frozenset(("in-order-sweep",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Stagger every sweep of the kernel that can be."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        for item in compiled(module):
            if not item.is_serial or not module.span(item.node).contains(diagnosis.where):
                continue
            chosen: list[Staggering] = []
            for sweep in sweeps(item, project):
                loop = sweep.loop if isinstance(sweep, Obstacle) else sweep.rows.loop
                reason = sweep.reason if isinstance(sweep, Obstacle) else writable(item, sweep)
                if not reason:
                    assert isinstance(sweep, Staggering)
                    chosen.append(sweep)
                    continue
                where = Span(file=module.file, first=loop.lineno, last=loop.end_lineno or loop.lineno)
                yield Refusal(backend=self.name, diagnosis=diagnosis, where=where, reason=reason)
            if not chosen:
                return
            yield Candidate(
                backend=self.name,
                title=f"stagger the rows of the sweep{'s' if len(chosen) > 1 else ''} in `{item.name}`",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=staggered(item, chosen)),),
                safety=Safety.EXACT,
                assumes=tuple(
                    f"{one} and {other} do not share memory (checked at each call)"
                    for one, other in sorted({pair for sweep in chosen for pair in sweep.distinct})
                ),
            )


BACKEND: Backend = Wavefront()
