"""Independent loops of a kernel, shared out over the cores."""

import ast
from collections.abc import Iterator

from pdeperf.kernel.compiled import Compiled, Judged, compiled, definition, judged
from pdeperf.kernel.dependence import Answer
from pdeperf.kernel.multicore import in_parallel
from pdeperf.kernel.unsigned import negated_counter
from pdeperf.kernel.vocabulary import qualified
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project
from pdeperf.source.scopes import own_nodes, parameters, scope_of

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
    since they are added in another order. Under ``prange`` a division by zero gives inf or nan
    where the serial kernel would raise ZeroDivisionError.

    References
    ----------
    Numba user manual, "Automatic parallelization with @jit", section "Explicit Parallel Loops".
    """

    name = "prange"
    answers = frozenset(("serial-kernel",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Put prange on every independent loop with work in it, or say what stands in the way."""
        found = _kernel_at(diagnosis, project)
        if found is None:
            return
        item, loops = found
        chosen = _chosen(loops)
        problem = _obstacle(item, chosen, loops, project)
        if problem is not None:
            node, reason, advice = problem
            where = Span(file=item.module.file, first=node.lineno, last=node.end_lineno or node.lineno)
            yield Refusal(backend=self.name, diagnosis=diagnosis, where=where, reason=reason, advice=advice)
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


def _kernel_at(diagnosis: Diagnosis, project: Project) -> tuple[Compiled, list[Judged]] | None:
    """The kernel that a diagnosis lies in, with its loops."""
    if diagnosis.where.file not in project:
        return None
    module = project[diagnosis.where.file]
    for item in compiled(module):
        if item.is_serial and module.span(item.node).contains(diagnosis.where):
            return item, list(judged(item, project))
    return None


def _chosen(loops: list[Judged]) -> list[Judged]:
    """Independent loops that prange can express, with steps of one.

    Beside loops over planes or rows those over the cells of an edge stay serial: starting the threads
    costs more than they take.
    """
    fitting = [
        found
        for found in loops
        if found.proof.answer is Answer.YES
        and isinstance(found.loop.iter, ast.Call)
        and len(found.loop.iter.args) < 3
    ]
    return [found for found in fitting if _is_nest(found.loop)] or fitting


def _is_nest(loop: ast.stmt) -> bool:
    return any(
        isinstance(part, ast.For | ast.While | ast.Call) for part in ast.walk(loop) if part is not loop
    )


def _obstacle(
    item: Compiled, chosen: list[Judged], loops: list[Judged], project: Project
) -> tuple[ast.stmt, str, str] | None:
    """What stands in the way: the place, the reason, the advice."""
    node, module = item.node, item.module
    if not chosen:
        stepped = [found for found in loops if found.proof.answer is Answer.YES]
        if stepped:
            return stepped[0].loop, "prange counts in steps of one only", "write the loop with a step of one"
        blocked = loops[0] if loops else None
        if blocked is None:
            return node, "it has no loop over range", ""
        return blocked.loop, blocked.proof.reason, ""
    names = {inner.id for inner in ast.walk(module.tree) if isinstance(inner, ast.Name)}
    if "prange" in names and qualified(_name("prange"), module, scope_of(module, node)) != "numba.prange":
        return node, "the name prange means something else in this file", "rename it"
    if any(found.proof.branches for found in chosen) and {"max", "min"} & {*parameters(node), *_bound(node)}:
        return node, "the names max and min mean something else in this function", "rename them"
    for found in chosen:
        if (negated := negated_counter(found.loop)) is not None:
            return (
                found.loop,
                f"the counter of prange is unsigned: `{ast.unparse(negated)}` errs (line {negated.lineno})",
                "write a difference, `0 - i`, in place of a negated counter",
            )
        for call in (inner for inner in ast.walk(found.loop) if isinstance(inner, ast.Call)):
            called = definition(call.func, module, project)
            if called and any(
                other.node is called[1] and not other.is_serial for other in compiled(called[0])
            ):
                return found.loop, f"`{called[1].name}`, which it calls, is parallel already", ""
    if not any(found.proof.distinct for found in chosen):
        return None
    for statement in ast.walk(node):
        if isinstance(statement, ast.Name) and statement.id == node.name:
            return node, f"`{node.name}` calls itself", ""
    for other in project.modules.values():
        for inner in ast.walk(other.tree):
            if (
                isinstance(inner, ast.Attribute)
                and isinstance(inner.value, ast.Name)
                and inner.value.id == node.name
            ):
                return node, f"`{node.name}.{inner.attr}` is used, which only the compiled function has", ""
    if node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        return node, "its arguments are starred or keyword-only", "give it plain arguments"
    return None


def _name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def _bound(node: ast.FunctionDef) -> Iterator[str]:
    for inner in own_nodes(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id


def _assumptions(chosen: list[Judged], reductions: list[str]) -> Iterator[str]:
    for one, other in sorted({pair for found in chosen for pair in found.proof.distinct}):
        yield f"{one} and {other} do not share memory (checked at each call)"
    if reductions:
        yield f"{', '.join(reductions)} may be added up in another order"
    yield "no iteration divides by zero: under prange that gives inf or nan where it raised before"


BACKEND: Backend = Prange()
