"""Sparse matrices from triplets, in place of stores one at a time."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Span
from pdeperf.source import Project
from pdeperf.sparse.assemblies import assemblies
from pdeperf.sparse.filling import Filling, Problem
from pdeperf.sparse.made_elsewhere import Filled, filled_in
from pdeperf.sparse.triplets import unwritable

from . import Backend


class CooAssembly:
    """Gathers the entries of a sparse matrix in arrays, and builds the matrix from these at once.

    Why it is slow
    --------------
    A store into a LIL, DOK or CSR matrix costs microseconds of index checks and searches. A store into
    an array costs a tenth of that, and nothing once Numba compiles the loop, as the next step may do.

    Slow
    ----
    ::

        A = lil_matrix((n, n))
        for i in range(1, n - 1):
            A[i, i - 1] = 1.0
            A[i, i] = -2.0
            A[i, i + 1] = 1.0

    Faster
    ------
    ::

        for i in range(1, n - 1):
            A_rows[A_count] = i
            A_columns[A_count] = i - 1
            A_values[A_count] = 1.0
            A_count += 1
            ...
        A = assembled(A_rows[:A_count], A_columns[:A_count], A_values[:A_count], (n, n), 0)

    When it is wrong
    ----------------
    The order of the stores is kept: what is set replaces what was there, what is added adds up in the
    same order, and cleared rows forget what came before. A matrix that is read while it is filled, or
    seen by a function that is called meanwhile, is left alone.

    References
    ----------
    T. A. Davis, "Direct Methods for Sparse Linear Systems", SIAM 2006, section 2.4.
    """

    name = "coo-assembly"
    answers = frozenset(("incremental-sparse-assembly",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All matrices that the loops of the diagnosis fill, at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        filled = filled_in(Meaning(project), module)
        if paths := {one.path for one in _chosen(filled, diagnosis.where)}:
            filled = filled_in(Meaning(project), module, paths)
        for one in filled.found:
            if isinstance(one, Problem):
                if filled.line(one.line) == diagnosis.where.first:
                    yield self._refusal(diagnosis, one.reason)
            elif diagnosis.where in filled.spans(one) and (reason := unwritable(filled.module, one)):
                yield self._refusal(diagnosis, reason)
        fills = _chosen(filled, diagnosis.where)
        if not fills:
            return
        names = ", ".join(dict.fromkeys(f"`{filling.path}`" for filling in fills))
        for way in assemblies(filled.meaning, filled.module, fills):
            ast.parse(way.text)
            yield Candidate(
                backend=self.name,
                title=f"compute the entries of {names} at once"
                if way.is_at_once
                else f"assemble {names} from triplets",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=way.text),),
                safety=way.safety,
                assumes=("indices are single integers, as in this run",),
                forgets=(*way.forgets, *filled.forgets),
            )

    def _refusal(self, diagnosis: Diagnosis, reason: str) -> Refusal:
        return Refusal(backend=self.name, diagnosis=diagnosis, where=diagnosis.where, reason=reason)


def _chosen(filled: Filled, where: Span) -> list[Filling]:
    """What loops in a place fill, with all that must be written anew together with it."""
    found = [one for one in filled.found if isinstance(one, Filling) and not unwritable(filled.module, one)]
    loops = {loop for one in found if where in filled.spans(one) for loop in one.loops}
    paths = {one.path for one in found if loops & set(one.loops)}
    return [one for one in found if loops & set(one.loops) or ("." in one.path and one.path in paths)]


BACKEND: Backend = CooAssembly()
