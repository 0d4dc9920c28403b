"""Statements of CuPy's, fused into one kernel for each pass that is needed."""

import ast
from collections.abc import Iterator

from pdeperf.gpu.cupy_script import Fused, fused
from pdeperf.gpu.offload import regions
from pdeperf.kernel.lowering import Problem
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project

from . import Backend


class FuseKernels:
    """Writes statements on CuPy arrays as fused CUDA kernels.

    Why it is slow
    --------------
    CuPy launches a kernel for every operation, and each reads and writes whole arrays: a step of a
    stencil passes over memory ten to twenty times where two passes are enough.

    Slow
    ----
    ::

        for n in range(nt):
            u = u + c * (cp.roll(u, 1) - 2 * u + cp.roll(u, -1))

    Faster
    ------
    ::

        for n in range(nt):
            u_new = cp.empty_like(u)
            on_cells(update_u, (u.shape[0],), (u, u.shape[0], float(c), u_new))
            u = u_new

    When it is wrong
    ----------------
    Where arrays are not contiguous, or of other types than in this run, the statements run as they
    were. What gives one number stays with CuPy.

    References
    ----------
    CuPy user guide, "User-defined kernels"; Allen and Kennedy, "Optimizing Compilers for Modern
    Architectures", chapter 6 (loop fusion).
    """

    name = "fuse-kernels"
    answers = frozenset(("many-launches",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The widest loop first."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        problems: list[Problem] = []
        for region in regions(module, diagnosis.where):
            found = fused(project, module, region)
            if not isinstance(found, Fused):
                problems += found
                continue
            ast.parse(found.text)
            yield Candidate(
                backend=self.name,
                title=f"fuse line {diagnosis.where.first}'s operations into {found.kernels_count} kernels",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=found.text),),
                safety=Safety.EXACT if found.exact else Safety.ROUNDING,
                assumes=("types, order in memory and sizes of the arrays: checked at run time",),
                forgets=found.forgets,
            )
            return
        for line, reason in {problem.line: problem.reason for problem in reversed(problems)}.items():
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=Span(file=module.file, first=line, last=line),
                reason=reason,
            )


BACKEND: Backend = FuseKernels()
