"""Why building a sparse matrix takes longer than solving with it."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.sparse.filling import Filling
from pdeperf.sparse.made_elsewhere import filled_in

from . import Detector, diagnosis

_SLOW = ("lil", "dok")
_MANY_COUNT = 1000


class IncrementalSparseAssembly:
    """A sparse matrix is filled one entry at a time.

    Why it is slow
    --------------
    Every store into a LIL, DOK or CSR matrix passes through index checks, conversions and a search in
    Python: 2 to 40 microseconds an entry, and in CSR the whole matrix moves. The same entries as three
    arrays (rows, columns, values) are converted at once: 70 to 700 times as fast on a five-point stencil.

    Slow
    ----
    ::

        A = lil_matrix((n * n, n * n))
        for i in range(n):
            for j in range(n):
                A[i * n + j, i * n + j] = 4.0
        A = A.tocsr()

    Faster
    ------
    ::

        k = np.arange(n * n)
        A = csr_matrix((np.full(n * n, 4.0), (k, k)), shape=(n * n, n * n))

    When it is wrong
    ----------------
    Triplets at the same place are added up, whereas a store replaces what was there. A rewrite must
    keep the order of stores and additions.

    References
    ----------
    T. A. Davis, "Direct Methods for Sparse Linear Systems", SIAM 2006, section 2.4.
    The documentation of ``scipy.sparse``, "Usage information".
    """

    rule = "incremental-sparse-assembly"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each loop in or around a hotspot that stores entries of a sparse matrix."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        known: list[Span] = []
        filled = filled_in(Meaning(project), module)
        for found in filled.found:
            if isinstance(found, Filling):
                spans = [*filled.spans(found)]
                what = f"`{found.path}`, in {found.form.upper()} format, is filled entry by entry"
            else:
                spans = [Span(file=module.file, first=filled.line(found.line), last=filled.line(found.line))]
                what = found.reason
            known += [one for span in spans for one in filled.reached(span)]
            where = next(
                (span for span in spans if any(_meet(one, hotspot.where) for one in filled.reached(span))),
                None,
            )
            if where is not None:
                yield self._diagnosis(hotspot, where, what)
        for fact in hotspot.facts:
            if fact.metric != "inserts_count" or fact.subject not in _SLOW or fact.where.file != module.file:
                continue
            if float(fact.value) < _MANY_COUNT or not _meet(fact.where, hotspot.where):
                continue
            if not any(_meet(span, fact.where) for span in known):
                form = fact.subject.upper()
                what = f"{float(fact.value):.0f} entries or more are stored into a {form} matrix here"
                yield self._diagnosis(hotspot, fact.where, what)

    def _diagnosis(self, hotspot: Hotspot, where: Span, what: str) -> Diagnosis:
        return diagnosis(
            self,
            hotspot,
            where=where,
            message=what,
        )


def _meet(one: Span, other: Span) -> bool:
    return one.first <= other.last and other.first <= one.last


DETECTOR: Detector = IncrementalSparseAssembly()
