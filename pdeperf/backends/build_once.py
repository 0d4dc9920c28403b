"""Matrices kept for as long as what they were built of stays the same."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety
from pdeperf.source import Project
from pdeperf.source.edits import Edit, apply
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.built_again import built_again
from pdeperf.sparse.built_again_text import kept
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.written import Additions

from . import Backend


class BuildOnce:
    """Keeps a matrix, and builds it again only if what it is made of has changed.

    Why it is slow
    --------------
    Building a matrix takes longer than solving with it, and gives the same matrix in every step.

    Slow
    ----
    ::

        def step(self):
            A = self.build_matrix()
            self.u = spsolve(A, self.u)

    Faster
    ------
    ::

        def step(self):
            A = kept_A(self.build_matrix, self.n, self.kappa, self.dt, self.dx)
            self.u = spsolve(A, self.u)

    When it is wrong
    ----------------
    All that the matrix depends on is found by data flow, through the functions that build it, and compared
    to the bit in every call. Functions that do more than compute (print, draw random numbers, change an
    object), and matrices that are changed or handed on after they were built, are left alone.

    References
    ----------
    D. Michie, "'Memo' functions and machine learning", Nature 218 (1968), 19-22.
    """

    name = "build-once"
    answers = frozenset(("assembled-again",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The place of the diagnosis."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        for found in built_again(Constancy(Meaning(project)), module):
            if found.statements[0].lineno != diagnosis.where.first:
                continue
            added = Additions(module)
            edits, forgotten = kept(module, found, added)
            every: list[Edit] = [*added.edits(), *edits]
            after = apply(module.text, every)
            ast.parse(after)
            home = next(
                (
                    above
                    for above in (found.home, *module.ancestors(found.home))
                    if isinstance(above, FUNCTIONS)
                ),
                None,
            )
            prefix = f"{module.scope_name(found.statements[0])}():" if home is not None else ""
            names = ", ".join(f"`{name}`" for name in found.results)
            yield Candidate(
                backend=self.name,
                title=f"build {names} once for the same values",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=after),),
                safety=Safety.EXACT,
                forgets=tuple(f"{prefix}{name}" for name in forgotten),
            )


BACKEND: Backend = BuildOnce()
