"""Independent loops of a kernel, shared out over the cores."""

from collections.abc import Iterator

from pdeperf.kernel.compiled import Compiled, Judged, compiled
from pdeperf.kernel.multicore import in_parallel
from pdeperf.kernel.shared_loops import Hindrance, shared_out
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project

from . import Backend


class Prange:
    """Runs a compiled kernel's outermost independent loop on all cores with Numba's ``prange``.

    Why it is slow
    --------------
    A kernel under ``@njit`` uses one core, and half of the memory bandwidth or less.

    Slow
    ----
    ::

        @njit(cache=True)
        def residual(u, r, nx, ny):
            for i in range(1, nx - 1):
                for j in range(1, ny - 1):
                    r[i, j] = u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4 * u[i, j]

    Faster
    ------
    The same with ``prange`` and ``parallel=True``. Where two arrays could be one and the same, the
    serial kernel is kept and a function of the old name chooses: it runs the parallel one only if
    ``np.may_share_memory`` finds the arrays apart.

    When it is wrong
    ----------------
    The iterations must be independent, which is proved, not guessed; sums change in the last bits,
    since they are added in another order. Under ``prange`` Numba drops the error of a division by
    zero: zeros are counted, and the error is raised after the loop.

    References
    ----------
    Numba user manual, "Automatic parallelization with @jit", section "Explicit Parallel Loops".
    """

    name = "prange"
    answers = frozenset(("serial-kernel",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Put prange on every independent loop with work in it, or say what stands in the way."""
        item = _kernel_at(diagnosis, project)
        if item is None:
            return
        chosen = shared_out(item, project)
        if isinstance(chosen, Hindrance):
            node = chosen.node
            where = Span(file=item.module.file, first=node.lineno, last=node.end_lineno or node.lineno)
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=where,
                reason=chosen.reason,
                advice=chosen.advice,
            )
            return
        text = in_parallel(item, chosen, project)
        reductions = sorted({name for one in chosen for name in one.proof.reductions})
        lines = ", ".join(str(one.loop.lineno) for one in chosen)
        yield Candidate(
            backend=self.name,
            title=f"run the loop{'s' if len(chosen) > 1 else ''} at {lines} of `{item.name}` on all cores",
            diagnosis=diagnosis,
            patches=(Patch(file=item.module.file, before=item.module.text, after=text),),
            safety=Safety.ROUNDING if reductions else Safety.EXACT,
            assumes=tuple(_assumptions(chosen, reductions)),
        )


def _kernel_at(diagnosis: Diagnosis, project: Project) -> Compiled | None:
    """The kernel that a diagnosis lies in."""
    if diagnosis.where.file not in project:
        return None
    module = project[diagnosis.where.file]
    for item in compiled(module):
        if item.is_serial and module.span(item.node).contains(diagnosis.where):
            return item
    return None


def _assumptions(chosen: list[Judged], reductions: list[str]) -> Iterator[str]:
    for one, other in sorted({pair for found in chosen for pair in found.proof.distinct}):
        yield f"{one} and {other} do not share memory (checked at each call)"
    if reductions:
        yield f"{', '.join(reductions)} may be added up in another order"


BACKEND: Backend = Prange()
