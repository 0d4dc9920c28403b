"""Matrices kept for as long as what they were built of stays the same."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety
from pdeperf.source import Project
from pdeperf.source.edits import apply
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.at_once import is_in_turns_at_once
from pdeperf.sparse.built_again import built_again
from pdeperf.sparse.built_again_text import hoisted, kept
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
        meaning = Meaning(project)
        for found in built_again(Constancy(meaning), module):
            if found.where != diagnosis.where:
                continue
            if is_in_turns_at_once(meaning, module, found.where.first):
                continue  # all that it builds in a loop over elements, as one array of them
            names = ", ".join(f"`{name}`" for name in found.results)
            if found.is_constant:
                edits, forgotten = hoisted(found), list[str]()
                title = f"build {names} before the loop"
            else:
                added = Additions(found.module)
                edits, forgotten = kept(found.module, found, added)
                edits = [*added.edits(), *edits]
                title = f"build {names} once for the same values"
            after = apply(found.module.text, edits)
            ast.parse(after)
            around = (found.home, *found.module.ancestors(found.home))
            is_inside = any(isinstance(above, FUNCTIONS) for above in around)
            prefix = f"{found.module.scope_name(found.statements[0])}():" if is_inside else ""
            yield Candidate(
                backend=self.name,
                title=title,
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=after),),
                safety=Safety.EXACT,
                forgets=tuple(f"{prefix}{name}" for name in forgotten),
            )


BACKEND: Backend = BuildOnce()
