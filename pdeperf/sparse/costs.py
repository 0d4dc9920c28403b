"""Which solves with sparse matrices take a place's time, and what the matrices were."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.model import Measurement, Span

LEAST_SHARE = 0.1
"""Part of the run below which the choice of a solver is not worth a thought."""


@dataclass(frozen=True, slots=True)
class CostlySolve:
    """The solves of one line.

    Attributes
    ----------
    method
        ``splu``, ``cg``, as SciPy calls it.
    rows, nnz
        Of the first matrix that was looked at.
    is_elliptic
        It has a symmetric pattern and a positive diagonal.
    is_symmetric
        Its values are symmetric, too: without that the conjugate gradient method fails.
    framework
        The framework that the line calls; empty for SciPy itself.
    """

    where: Span
    method: str
    share: float
    rows: int
    nnz: int
    solves: int
    same_values: int
    iterations: int
    is_elliptic: bool
    is_symmetric: bool
    framework: str


def costly_solves(facts: Sequence[Measurement]) -> Iterator[CostlySolve]:
    """The lines that spend their time in sparse solvers."""
    lines = {fact.where for fact in facts if fact.metric in ("solves_count", "krylov_solves_count")}
    for where in sorted(lines):
        here = [fact for fact in facts if fact.where == where]
        shares = {fact.subject: float(fact.value) for fact in here if fact.metric == "library_share"}
        spent = sum(
            share
            for name, share in shares.items()
            if name.startswith("scipy.sparse") or name.endswith("(solve)")
        )
        framework = next((name.partition(" (")[0] for name in shares if name.endswith("(solve)")), "")
        for subject in sorted({f.subject for f in here if f.subject.startswith("scipy.sparse.linalg.")}):
            seen = {f.metric: f.value for f in here if f.subject == subject}
            rows = int(str(seen.get("matrix_shape", "0x0")).partition("x")[0])
            solves = float(seen.get("solves_count", seen.get("krylov_solves_count", 0)))
            if spent >= LEAST_SHARE and rows and solves:
                yield CostlySolve(
                    where=where,
                    method=subject.rpartition(".")[2],
                    share=spent,
                    rows=rows,
                    nnz=int(float(seen.get("nnz_count", 0))),
                    solves=int(solves),
                    same_values=int(float(seen.get("same_values_count", 0))),
                    iterations=int(float(seen.get("iterations_total_count", 0))),
                    is_elliptic=seen.get("positive_diagonal") == 1.0
                    and seen.get("symmetry") in ("values", "pattern"),
                    is_symmetric=seen.get("symmetry") == "values",
                    framework=framework,
                )
