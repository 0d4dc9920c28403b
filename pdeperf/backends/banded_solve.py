"""LAPACK's solvers for bands, in place of a general sparse one."""

import ast
from collections.abc import Collection, Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import apply, replace
from pdeperf.sparse.banded import Banded, banded
from pdeperf.sparse.built_sparse import written_sparse
from pdeperf.sparse.filled_sparse import filled_sparse
from pdeperf.sparse.solver_texts import BANDED, DENSE_BANDED, solver_class
from pdeperf.sparse.solves import Form, narrow_bands
from pdeperf.sparse.written import Additions

from . import Backend


class BandedSolve:
    """Solves systems of narrow band by LAPACK's factors of the band.

    Why it is slow
    --------------
    A general sparse solver orders the unknowns and looks for the pattern of the factors at every call.

    Slow
    ----
    ::

        u = spsolve(A, u)

    Faster
    ------
    ::

        u = solved_by_band(A, u)

    and where the matrix is only solved with, and its entries are seen to lie near the diagonal, no sparse
    matrix is made at all::

        A = BandMatrix(np.zeros((3, n)), csr_matrix)
        A.set_diagonal(-1, 1, n - 1, west)

    When it is wrong
    ----------------
    The width is looked at in every call: wider matrices, singular ones and other types are left to
    what solved before, ``spsolve`` or ``np.linalg.solve``. Results agree up to rounding.

    References
    ----------
    E. Anderson et al., "LAPACK Users' Guide", SIAM 1999, section 2.3.
    """

    name = "banded-solve"
    answers = frozenset(("narrow-band",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All such solves of the file that were seen in the hotspot, at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        whole = Span(file=module.file, first=1, last=len(module.lines))
        meaning = Meaning(project)
        found = [solve for solve, _ in narrow_bands(meaning, module, whole, diagnosis.facts)]
        filled = banded(meaning, module)
        gone: tuple[str, ...] = ()
        named: tuple[str, ...] = ()
        dense = all(solve.form is Form.DENSE for solve in found) and "spsolve" not in module.text
        if filled is None and found and dense:
            lines = {solve.node.lineno for solve in found}
            thin = filled_sparse(meaning, module, diagnosis.facts)
            if thin is not None and thin.lines & lines:
                filled, gone = _as_bands(project, module, thin.text), thin.forgets
            elif (made := _made_sparse(meaning, module, lines)) is not None:
                filled = _as_bands(project, module, made)
                named = tuple(dict.fromkeys(ast.unparse(solve.matrix) for solve in found))
        if filled is not None and (found or diagnosis.where.first in filled.lines):
            ast.parse(filled.text)
            names = ", ".join(f"`{one}`" for one in named or filled.names)
            yield Candidate(
                backend=self.name,
                title=f"fill the band of {names} and solve by its factors",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=filled.text),),
                safety=Safety.ROUNDING,
                forgets=tuple(sorted({*filled.forgets, *gone})),
            )
        added = Additions(module)
        edits = []
        for solve in found:
            if isinstance(solve.node, ast.Call):
                text = DENSE_BANDED.replace("SOLVE", solve.otherwise).replace(
                    "np.linalg.solve", solve.otherwise
                )
                name = solver_class(added, BANDED if solve.form is Form.SPARSE else text)
                edits.append(replace(module, solve.node.func, name))
        if not edits:
            return
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        yield Candidate(
            backend=self.name,
            title="solve by the factors of the band",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.ROUNDING,
        )


def _as_bands(project: Project, module: Module, text: str) -> Banded | None:
    """A file whose dense matrices were written as sparse ones, with those filled as bands."""
    new = Module(module.file, text, is_script=module.is_script, local_modules=module.local_modules)
    others = {file: new if one is module else one for file, one in project.modules.items()}
    return banded(Meaning(Project(others, ())), new, was_dense=True)


def _made_sparse(meaning: Meaning, module: Module, lines: Collection[int]) -> str | None:
    """The file with matrices of diagonals made sparse, if that concerns only the solves in some lines."""
    added = Additions(module)
    written = written_sparse(meaning, module, added)
    if written is None or not written.lines <= set(lines):
        return None
    return apply(module.text, [*added.edits(), *written.edits])


BACKEND: Backend = BandedSolve()
