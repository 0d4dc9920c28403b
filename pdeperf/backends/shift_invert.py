"""The smallest eigenvalues, sought as the largest of the inverse."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project
from pdeperf.source.edits import Edit, apply, replace, segment
from pdeperf.sparse.eigenvalues import NEAR_ZERO, smallest_in
from pdeperf.sparse.written import Additions

from . import Backend


class ShiftInvert:
    """Finds the smallest eigenvalues of a symmetric matrix through its factors.

    Why it is slow
    --------------
    Eigenvalues that lie close together, as the smallest of a differential operator do for an iteration
    with the matrix itself, take thousands of products.

    Slow
    ----
    ::

        values, vectors = eigsh(A, k=6, which="SM")

    Faster
    ------
    ::

        values, vectors = eigsh_near_zero(A, k=6)

    When it is wrong
    ----------------
    Eigenvalues agree within ARPACK's tolerance; eigenvectors do so up to their sign, which a random start
    changes from run to run anyway. Singular matrices are left to the slow way.

    References
    ----------
    R. B. Lehoucq, D. C. Sorensen, C. Yang, "ARPACK Users' Guide", SIAM 1998, section 3.2.
    """

    name = "shift-invert"
    answers = frozenset(("smallest-eigenvalues",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All such calls of the file at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        whole = Span(file=module.file, first=1, last=len(module.lines))
        added = Additions(module)
        edits: list[Edit] = []
        for call in smallest_in(Meaning(project), module, whole):
            if any("#" in line for line in segment(module, call).splitlines()):
                continue
            kept = [segment(module, node) for node in call.args]
            kept += [
                f"{keyword.arg}={segment(module, keyword.value)}"
                for keyword in call.keywords
                if keyword.arg != "which"
            ]
            edits.append(replace(module, call, f"{added.definition(NEAR_ZERO)}({', '.join(kept)})"))
        if not edits:
            return
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        yield Candidate(
            backend=self.name,
            title="seek the smallest eigenvalues through the factors of the matrix",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.ROUNDING,
        )


BACKEND: Backend = ShiftInvert()
