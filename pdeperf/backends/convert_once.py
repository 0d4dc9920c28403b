"""One conversion before the loop, in place of one in every turn."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import before, on_one_line
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project
from pdeperf.source.edits import Edit, apply, replace
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.conversions import Conversion, conversions_in
from pdeperf.sparse.solves import Loop
from pdeperf.sparse.written import Additions

from . import Backend


class ConvertOnce:
    """Converts a sparse matrix to the format that a loop needs before the loop begins.

    Why it is slow
    --------------
    A conversion goes through all entries of the matrix, as often as the loop turns.

    Slow
    ----
    ::

        for j in range(n):
            norms[j] = np.linalg.norm(A[:, j].toarray())

    Faster
    ------
    ::

        A_tocsc = A.tocsc()
        for j in range(n):
            norms[j] = np.linalg.norm(A_tocsc[:, j].toarray())

    When it is wrong
    ----------------
    Only where data flow proves that the loop leaves the matrix as it is, under any name, and that what
    the conversion gave is read and not kept. Sums over columns may be taken in another order.

    References
    ----------
    The documentation of ``scipy.sparse``, "Usage information".
    """

    name = "convert-once"
    answers = frozenset(("repeated-conversion",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All repeated conversions of the file at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        meaning = Meaning(project)
        whole = Span(file=module.file, first=1, last=len(module.lines))
        added = Additions(module)
        edits: list[Edit] = []
        names: dict[tuple[Loop, str], str] = {}
        cuts = False
        for found in conversions_in(meaning, module, whole, Constancy(meaning)):
            if not isinstance(found, Conversion):
                node, reason = found
                if node.lineno == diagnosis.where.first:
                    where = diagnosis.where
                    yield Refusal(backend=self.name, diagnosis=diagnosis, where=where, reason=reason)
                continue
            text = on_one_line(module, found.node) + found.made
            if (found.loop, text) not in names:
                name = names[found.loop, text] = added.name(_word(text))
                edits.append(before(module, found.loop, [f"{name} = {text}"]))
            edits.append(replace(module, found.node, names[found.loop, text]))
            cuts = cuts or bool(found.made)
        if not names:
            return
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        yield Candidate(
            backend=self.name,
            title=f"compute {', '.join(f'`{text}`' for _, text in names)} once",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.ROUNDING if cuts else Safety.EXACT,
        )


def _word(text: str) -> str:
    """``A_T_tocsr`` for ``self.A.T.tocsr()``."""
    return text.removeprefix("self.").replace("()", "").replace(".", "_")


BACKEND: Backend = ConvertOnce()
