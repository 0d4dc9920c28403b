"""Factors of a matrix, in place of its inverse."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import on_one_line
from pdeperf.model import Candidate, Diagnosis, Measurement, Patch, Refusal, Safety
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, replace, segment
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.inverses import Inverse, inverses_in
from pdeperf.sparse.methods import methods_for
from pdeperf.sparse.solves import Form, facts_at
from pdeperf.sparse.written import Additions

from . import Backend


class SolveByFactors:
    """Solves with a matrix's factors where the script multiplies by its inverse.

    Why it is slow
    --------------
    The inverse of a matrix with a few diagonals is full.

    Slow
    ----
    ::

        A_inv = np.linalg.inv(A)
        for step in range(steps):
            u = A_inv @ u

    Faster
    ------
    ::

        factors_A_inv = splu(csc_matrix(A))
        for step in range(steps):
            u = factors_A_inv.solve(u)

    When it is wrong
    ----------------
    Only an inverse that is multiplied by and used for nothing else is replaced. Results agree up to
    rounding, which grows with the matrix's condition number. A singular matrix is found at the first product.

    References
    ----------
    N. J. Higham, "Accuracy and Stability of Numerical Algorithms", SIAM 2002, chapter 14.
    """

    name = "solve-by-factors"
    answers = frozenset(("explicit-inverse",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All inverses of the file at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        meaning = Meaning(project)
        found = [one for one in inverses_in(meaning, module) if not _is_nested(one)]
        if not found:
            return
        added = Additions(module)
        edits = [edit for one in found for edit in _edits(meaning, module, one, diagnosis.facts, added)]
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        yield Candidate(
            backend=self.name,
            title=f"solve with factors in place of {', '.join(f'`{one.path}`' for one in found)}",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.ROUNDING,
            forgets=tuple(sorted({name for one in found for name in _forgotten(meaning, module, one)})),
        )


def _is_nested(inverse: Inverse) -> bool:
    """Does one product stand in another, or in the matrix itself?"""
    wholes = {id(whole) for whole, _ in inverse.uses}
    nodes = [*(right for _, right in inverse.uses), inverse.call]
    return any(id(inner) in wholes for node in nodes for inner in ast.walk(node))


def _edits(
    meaning: Meaning, module: Module, inverse: Inverse, facts: Sequence[Measurement], added: Additions
) -> Iterator[Edit]:
    (matrix,) = inverse.call.args
    seen = facts_at(meaning.full(module, inverse.call.func), inverse.call.lineno, facts)
    method = methods_for(module, Form.DENSE, "", "", seen)[0]
    stem = added.name(f"{method.stem}_{inverse.path.rpartition('.')[2]}")
    name = f"{inverse.path.rpartition('.')[0]}.{stem}" if "." in inverse.path else stem
    made, more = on_one_line(module, matrix), ""
    if method.definition:
        more = f", lambda A, b: {segment(module, inverse.call.func)}(A) @ b"
        if not isinstance(matrix, ast.BinOp):  # which may change afterwards
            made = f"{added.alias('numpy')}.array({made})"
    yield replace(module, inverse.statement.targets[0], name)
    yield replace(module, inverse.call, method.made(added, made, more))
    for whole, right in inverse.uses:
        owner = ast.unparse(_inverse_of(whole)).rpartition(".")[0]
        factors = f"{owner}.{stem}" if owner else stem
        yield replace(module, whole, method.solved(added, factors, segment(module, right)))


def _inverse_of(whole: ast.expr) -> ast.expr:
    match whole:
        case ast.BinOp(left=left):
            return left
        case ast.Call(func=ast.Attribute(value=value, attr="dot"), args=[_]):
            return value
        case ast.Call(args=[first, _]):
            return first
        case _:
            return whole


def _forgotten(meaning: Meaning, module: Module, inverse: Inverse) -> Iterator[str]:
    """The inverse as results are named: a global, or a local of its function."""
    yield inverse.path
    home = meaning.home(module, inverse.statement)
    if isinstance(home, FUNCTIONS) and isinstance(home.body, list):
        yield f"{module.scope_name(home.body[0])}():{inverse.path}"


BACKEND: Backend = SolveByFactors()
