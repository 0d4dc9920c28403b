"""NumPy statements as CUDA kernels, through CuPy."""

import ast
from collections.abc import Iterator

from pdeperf.gpu.offload import Offload, offload, regions, uses_cupy
from pdeperf.guest import accelerator
from pdeperf.kernel.lowering import Problem
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project

from . import Backend


class Cupy:
    """Writes NumPy statements as fused CUDA kernels, and keeps arrays on the GPU for the whole loop.

    Why it is slow
    --------------
    Array expressions are bound by the memory's bandwidth, and a GPU's is ten to a hundred times a
    processor's. Writing ``cupy`` for ``numpy`` gets a tenth of that: every operation still reads and
    writes whole arrays. One kernel for a whole step reads each value once.

    Slow
    ----
    ::

        for n in range(nt):
            un = u.copy()
            u[1:-1] = un[1:-1] + c * (un[2:] - 2 * un[1:-1] + un[:-2])

    Faster
    ------
    ::

        u_gpu = cp.asarray(u)
        for n in range(nt):
            on_cells(update_u, (u_gpu.shape[0],), (u_old, u_gpu.shape[0], float(c), u_new))
            u_old, u_new = u_new, u_old
        u[...] = u_old.get()

    When it is wrong
    ----------------
    With arrays of fewer than some 1e5 cells a kernel's launch takes longer than its work. Where the
    script looks at whole arrays every step, the transfers take longest. Sums are added up in another
    order than NumPy's. Without a GPU, or without room on it, the statements run as they were.

    References
    ----------
    CuPy user guide, "User-defined kernels"; NVIDIA, "CUDA C++ Best Practices Guide", chapters 9 and 10.
    """

    name = "cupy"
    answers = frozenset(
        "array-temporaries allocation-in-loop array-rebound loop-invariant slow-transform "
        "unpreconditioned-krylov costly-solve".split()
    )

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The widest loop first: what surrounds it pays for the transfers."""
        if diagnosis.where.file not in project or not accelerator.is_present():
            return
        module = project[diagnosis.where.file]
        if uses_cupy(module):
            return
        problems: list[Problem] = []
        for region in regions(module, diagnosis.where):
            found = offload(project, module, region)
            if not isinstance(found, Offload):
                problems += found
                continue
            ast.parse(found.text)
            if reason := _loses(diagnosis, found):
                problems.append(Problem(found.line, reason))
                continue
            yield _candidate(diagnosis, module.text, found)
            if accelerator.is_single():
                single = offload(project, module, region, is_single=True)
                if isinstance(single, Offload):
                    ast.parse(single.text)
                    yield _candidate(diagnosis, module.text, single, is_single=True)
            return
        seen: set[int] = set()
        for problem in problems:
            if problem.line not in seen:
                seen.add(problem.line)
                yield Refusal(
                    backend=self.name,
                    diagnosis=diagnosis,
                    where=Span(file=module.file, first=problem.line, last=problem.line),
                    reason=problem.reason,
                    advice=problem.advice,
                )


def _loses(diagnosis: Diagnosis, found: Offload) -> str:
    """Why the processor is expected to do as well, compiled; empty if it is not, or nobody knows."""
    rates = accelerator.kept()
    turns = max(
        (
            float(fact.value)
            for fact in diagnosis.facts
            if fact.metric == "iterations_count" and fact.where.first == found.line
        ),
        default=0.0,
    )
    if rates is None or not turns or not found.step_bytes:
        return ""
    there_s = rates.on_gpu_s(turns, found.kernels_count, found.step_bytes, found.moved_bytes)
    here_s = rates.on_host_s(turns, found.step_bytes)
    if there_s < here_s:
        return ""
    return (
        f"{turns:.0f} steps of {found.step_bytes / 1e6:.3g} MB: {there_s:.2g} s on the GPU, "
        f"{sum(found.moved_bytes) / 1e6:.3g} MB of transfers counted, {here_s:.2g} s compiled here"
    )


def _candidate(diagnosis: Diagnosis, before: str, found: Offload, *, is_single: bool = False) -> Candidate:
    there, back = found.moved
    return Candidate(
        backend=Cupy.name,
        title=f"run line {diagnosis.where.first}'s arrays on the GPU, {found.cells:.2g} cells a step"
        + (", in single precision" if is_single else ""),
        diagnosis=diagnosis,
        patches=(Patch(file=diagnosis.where.file, before=before, after=found.text),),
        safety=Safety.EXACT if found.exact else Safety.ROUNDING,
        assumes=(
            f"{there} arrays go to the GPU before the loop, {back} come back after it",
            "types, sizes, a GPU and room on it: checked at run time, else the statements run as they were",
        ),
        forgets=found.forgets,
        has_rivals=True,
    )


BACKEND: Backend = Cupy()
