"""One order of the unknowns for all systems of a pattern."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import on_one_line
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project
from pdeperf.source.edits import apply, replace
from pdeperf.sparse.factorised import word_for
from pdeperf.sparse.order_text import IN_KEPT_ORDER
from pdeperf.sparse.orders import costly, of_one_pattern
from pdeperf.sparse.written import Additions

from . import Backend


class KeepOrder:
    """Orders the unknowns once for all matrices of one pattern, so that their factors fill in least.

    Why it is slow
    --------------
    A sparse solver orders the columns at every call, by a method for matrices without any symmetry: the
    factors of a large matrix from a grid have twice the entries that they need.

    Slow
    ----
    ::

        u -= spsolve(J, residual(u))

    Faster
    ------
    ::

        solve_J = SolvesInKeptOrder()
        ...
        u -= solve_J(J, residual(u))

    When it is wrong
    ----------------
    The patterns are compared at every call. Pivots stay on the diagonal where they are not small; the
    residual is looked at in every row after every solve, and where it is not at the level of rounding, the
    system is solved as ``spsolve`` does. Results agree up to rounding.

    References
    ----------
    X. S. Li, "An overview of SuperLU", ACM TOMS 31 (2005), 302-325.
    """

    name = "keep-order"
    answers = frozenset(("repeated-ordering", "costly-solve"))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All such solves of the file that were seen, at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        whole = Span(file=module.file, first=1, last=len(module.lines))
        meaning = Meaning(project)
        if diagnosis.rule == "costly-solve":
            found = [*costly(meaning, module, diagnosis.where, diagnosis.facts)]
        else:
            found = [one for one, _ in of_one_pattern(meaning, module, whole, diagnosis.facts)]
        added = Additions(module)
        edits = []
        names: dict[str, str] = {}
        for solve in found:
            matrix = ast.unparse(solve.matrix)  # systems with one matrix share its factors
            if matrix not in names:
                names[matrix] = added.name(f"solve_{word_for(solve.matrix)}")
                added.line(f"{names[matrix]} = {added.definition(IN_KEPT_ORDER)}()")
            if isinstance(solve.node, ast.Call):
                edits.append(replace(module, solve.node.func, names[matrix]))
        if not edits:
            return
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        texts = dict.fromkeys(f"`{on_one_line(module, solve.matrix)}`" for solve in found)
        yield Candidate(
            backend=self.name,
            title=f"keep the order of the unknowns of {', '.join(texts)}",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.ROUNDING,
        )


BACKEND: Backend = KeepOrder()
