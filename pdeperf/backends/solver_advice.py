"""Another solver, where choosing it is the user's business."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate, Diagnosis, Refusal
from pdeperf.source import Project
from pdeperf.sparse.costs import CostlySolve, costly_solves
from pdeperf.sparse.stationary import iterations_in

from . import Backend

_MULTIGRID_PAYS = 20_000
"""Unknowns from which multigrid beats a direct solve of a two-dimensional problem."""
_ONE_MACHINE = 5_000_000
_NARROW = 4
_DIRECT = ("spsolve", "splu", "factorized")


class SolverAdvice:
    """Names the cheaper solver for a matrix, with the numbers that speak for it; rewrites nothing.

    Why it is slow
    --------------
    The default solver of a library suits every matrix, and is the fastest for few.

    Slow
    ----
    ::

        equation.solve(var=u, dt=dt)

    Faster
    ------
    ::

        equation.solve(var=u, dt=dt, solver=LinearCGSolver(tolerance=1e-10, precon=JacobiPreconditioner()))

    When it is wrong
    ----------------
    Always compare the results: a solver with a tolerance answers within that tolerance.

    References
    ----------
    Y. Saad, "Iterative Methods for Sparse Linear Systems", SIAM 2003.
    The documentation of FiPy, "Solvers".
    """

    name = "solver-advice"
    answers = frozenset(("costly-solve", "stationary-iteration", "dense-jacobian"))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Advice for every solver in the diagnosed line."""
        if diagnosis.rule == "stationary-iteration":
            if diagnosis.where.file in project:
                yield from self._iterations(diagnosis, project)
            return
        if diagnosis.rule == "dense-jacobian":
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=diagnosis.where,
                reason=diagnosis.message,
                advice="give `jac_sparsity` the pattern of the neighbours (`scipy.sparse.diags_array`), or "
                "`jac` the derivatives as a sparse matrix; LSODA takes `lband` and `uband`",
            )
            return
        for solve in costly_solves(diagnosis.facts):
            if solve.where == diagnosis.where and (advice := _advice(solve)):
                yield Refusal(
                    backend=self.name,
                    diagnosis=diagnosis,
                    where=solve.where,
                    reason=diagnosis.message,
                    advice=advice,
                )

    def _iterations(self, diagnosis: Diagnosis, project: Project) -> Iterator[Refusal]:
        module = project[diagnosis.where.file]
        for found in iterations_in(Meaning(project), module, diagnosis.where, diagnosis.facts):
            advice = "`scipy.sparse.linalg.eigsh(A, k=1)` finds it in some tens of products"
            if found.kind == "jacobi":
                advice = (
                    "a direct solve of the band (`scipy.linalg.solve_banded`) takes as long as a few products"
                    if found.bandwidth <= _NARROW
                    else f"`cg` or `bicgstab` need some {max(10, round(found.products**0.5))} products where "
                    "this takes the square; multigrid (pyamg) some ten at any size"
                )
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=diagnosis.where,
                reason=diagnosis.message,
                advice=advice,
            )


def _advice(solve: CostlySolve) -> str:
    found = []
    if solve.method in _DIRECT and solve.is_elliptic and solve.rows >= _MULTIGRID_PAYS:
        found.append(
            f"the matrix looks elliptic: {'CG' if solve.is_symmetric else 'BiCGSTAB'} with algebraic "
            "multigrid (pyamg) takes some ten iterations at any size, and no fill-in"
        )
    if solve.iterations > 50 * solve.solves:
        found.append(
            f"{solve.iterations // solve.solves} iterations a solve: give it a preconditioner (pyamg)"
        )
    if solve.framework == "FiPy":
        found += _fipy(solve)
    elif solve.framework and solve.method in _DIRECT and solve.same_values:
        found.append("the matrix is the same again: condense and factorise it once, before the loop (`splu`)")
    if solve.rows >= _ONE_MACHINE:
        found.append("PETSc (petsc4py) spreads it over several machines")
    return "; ".join(found)


def _fipy(solve: CostlySolve) -> Iterator[str]:
    if solve.method in _DIRECT:
        yield "FiPy solves by LU here (SciPy's suite)"
        if solve.is_elliptic and solve.is_symmetric:
            yield "try `solver=LinearCGSolver(tolerance=1e-10)`, or PETSc's suite (FIPY_SOLVERS=petsc)"
        elif solve.is_elliptic:
            yield (
                "the matrix is not symmetric, try `solver=LinearBicgstabSolver(tolerance=1e-10)`, or PETSc's "
                "suite (FIPY_SOLVERS=petsc)"
            )
    else:
        yield f"FiPy solves by `{solve.method}` here (SciPy's suite); PETSc's preconditioners are faster"
    if 2 * solve.same_values >= solve.solves:
        yield "the matrix is the same in most steps: assembling and factorising it once would do"


BACKEND: Backend = SolverAdvice()
