"""Algebraic multigrid as the preconditioner of an iterative solver."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import before, on_one_line
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, extent, owns_lines
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.constancy import Constancy, runs_always
from pdeperf.sparse.krylov import Krylov, slow_krylov
from pdeperf.sparse.solves import Loop
from pdeperf.sparse.written import Additions

from . import Backend

_MULTIGRID = '''
def multigrid(A):
    """Preconditioner by algebraic multigrid; none for what is no real sparse matrix."""
    if not {sparse}.issparse(A) or A.dtype != float:
        return None
    return {pyamg}.ruge_stuben_solver({sparse}.csr_matrix(A)).aspreconditioner()
'''


class Amg:
    """Gives CG and GMRES a multigrid preconditioner (package ``pyamg``, ``pip install pdeperf[amg]``).

    Why it is slow
    --------------
    Without a preconditioner the iterations carry information from one cell to the next at a time; on a
    hundred cells a side, that takes hundreds of them.

    Slow
    ----
    ::

        for step in range(steps):
            u, info = cg(A, u, rtol=1e-10)

    Faster
    ------
    ::

        A_multigrid = multigrid(A)
        for step in range(steps):
            u, info = cg(A, u, rtol=1e-10, M=A_multigrid)

    When it is wrong
    ----------------
    The script's own tolerance stays as it is, and the solution stays within what it allows, which is
    tried: the results are compared with those at a tenth of the tolerance. Well conditioned matrices
    (implicit steps in time) gain little; such a rewrite is measured and dropped.

    References
    ----------
    N. Bell, L. Olson, J. Schroder, "PyAMG: Algebraic Multigrid Solvers in Python", JOSS 7 (2022), 4142.
    """

    name = "amg"
    answers = frozenset(("unpreconditioned-krylov",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """A preconditioner for every slow iterative solve in the place."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        meaning = Meaning(project)
        found = list(slow_krylov(meaning, module, diagnosis.where, diagnosis.facts))
        if not found:
            return
        if find_spec("pyamg") is None:
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=diagnosis.where,
                reason="the package pyamg is not installed",
                advice="pip install pyamg: multigrid needs about ten iterations where this takes "
                f"{max(solve.iterations for solve in found):.0f}",
            )
            return
        constancy = Constancy(meaning)
        added = Additions(module)
        function = added.definition(_MULTIGRID)
        edits = [
            edit for solve in found for edit in _preconditioned(constancy, module, solve, function, added)
        ]
        text = apply(module.text, [*added.edits(), *edits])
        ast.parse(text)
        yield Candidate(
            backend=self.name,
            title=f"precondition `{found[0].method.rpartition('.')[2]}` by multigrid",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=text),),
            safety=Safety.ROUNDING,
            assumes=("the solver's own tolerance is what its result is held to",),
            forgets=tuple(sorted({name for solve in found for name in _counted(meaning, module, solve)})),
        )


def _preconditioned(
    constancy: Constancy, module: Module, solve: Krylov, function: str, added: Additions
) -> list[Edit]:
    matrix = on_one_line(module, solve.matrix)
    loop = _loop(constancy, module, solve)
    made = f"{function}({matrix})"
    edits: list[Edit] = []
    if loop is not None:
        name = added.name(f"{ast.unparse(solve.matrix).rpartition('.')[2]}_multigrid")
        edits.append(before(module, loop, [f"{name} = {made}"]))
        made = name
    nodes = [*solve.call.args, *(keyword.value for keyword in solve.call.keywords)]
    _, end = extent(module, max(nodes, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0)))
    return [*edits, Edit(end, end, f", M={made}")]


def _counted(meaning: Meaning, module: Module, solve: Krylov) -> Iterator[str]:
    """What a callback keeps of the iterations: counters and lists, which then say something else."""
    for keyword in solve.call.keywords:
        if keyword.arg != "callback":
            continue
        functions: list[ast.AST] = [keyword.value]
        if isinstance(keyword.value, ast.Name):
            functions = [function for _, function in meaning.functions.get(keyword.value.id, ())]
            yield from _as_observed(meaning, module, solve.call, keyword.value.id)
        for function in functions:
            for node in ast.walk(function):
                kept: list[str] = []
                match node:
                    case ast.Global(names=names) | ast.Nonlocal(names=names):
                        kept = names
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append")):
                        kept = [name]
                    case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name))):
                        kept = [name]
                for name in kept:
                    yield from _as_observed(meaning, module, solve.call, name)


def _as_observed(meaning: Meaning, module: Module, at: ast.AST, name: str) -> Iterator[str]:
    """A name as the results are named: a global, and a local of the function around."""
    yield name
    home = meaning.home(module, at)
    if isinstance(home, FUNCTIONS) and isinstance(home.body, list):
        yield f"{module.scope_name(home.body[0])}():{name}"


def _loop(constancy: Constancy, module: Module, solve: Krylov) -> Loop | None:
    """The outermost loop throughout which the matrix stays as it is."""
    for loop in solve.loops:
        plain = isinstance(solve.matrix, ast.Name)
        if (
            not constancy.why_not(module, loop, solve.matrix)
            and owns_lines(module, [loop])
            and constancy.is_known(module, loop, solve.matrix)
            and (plain or runs_always(module, loop, solve.call))
        ):
            return loop
    return None


BACKEND: Backend = Amg()
