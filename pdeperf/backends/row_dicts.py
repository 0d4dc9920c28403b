"""Dicts of rows, in place of the lists that a LIL matrix searches at every store."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety
from pdeperf.source import Project
from pdeperf.source.edits import apply
from pdeperf.sparse.row_dicts import creations, in_row_dicts, uses_dicts
from pdeperf.sparse.written import Additions

from . import Backend


class RowDictsInPlaceOfLists:
    """Gives a LIL or DOK matrix that is filled in many places a dict for each row.

    Why it is slow
    --------------
    A LIL matrix searches and moves a list at each store, a DOK matrix checks an index of tuples; both go
    through several calls in Python. A store into a dict is one step.

    Slow
    ----
    ::

        class Problem:
            def __init__(self, n):
                self.K = lil_matrix((n, n))

            def add(self, nodes, ke):
                for a in range(3):
                    for b in range(3):
                        self.K[nodes[a], nodes[b]] += ke[a, b]

    Faster
    ------
    ::

        class Problem:
            def __init__(self, n):
                self.K = RowDicts((n, n))

    When it is wrong
    ----------------
    The class is a LIL matrix with all its methods: reading entries, slices, products and conversions give
    what they gave. A DOK matrix of which something is asked as of a dict is left alone. Array expressions
    for all entries are faster still, and are tried first where the loops allow it.

    References
    ----------
    The documentation of ``scipy.sparse``, ``lil_array`` and ``dok_array``.
    """

    name = "row-dicts"
    answers = frozenset(("incremental-sparse-assembly",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All matrices of the file that are made to be filled, at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        meaning = Meaning(project)
        found = list(creations(meaning, module))
        if any(one.form == "dok" for one in found) and uses_dicts(meaning, module):
            found = [one for one in found if one.form != "dok"]
        if not found:
            return
        lines = {fact.where.first for fact in diagnosis.facts if fact.metric == "inserts_count"}
        added = Additions(module)
        edits = in_row_dicts(meaning, module, found, lines, added)
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        yield Candidate(
            backend=self.name,
            title="keep the entries in a dict for each row while they are stored",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.EXACT,
        )


BACKEND: Backend = RowDictsInPlaceOfLists()
