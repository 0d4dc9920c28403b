"""LAPACK's solver in functions that eliminate in tridiagonal systems."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import after as behind
from pdeperf.lifetimes.text import before
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, indentation, offset, owns_lines
from pdeperf.sparse.elimination import SOLVED, eliminations
from pdeperf.sparse.written import Additions

from . import Backend


class TridiagonalSolver:
    """Asks LAPACK first where a function of the user's is the Thomas algorithm.

    Why it is slow
    --------------
    Elimination in order has a dozen operations of Python for each unknown. It cannot be computed at once,
    and a compiler takes half a second to import; LAPACK does the same in some microseconds.

    Slow
    ----
    ::

        def thomas(a, b, c, d):
            n = len(d)
            cp, dp, x = np.zeros(n), np.zeros(n), np.zeros(n)
            cp[0], dp[0] = c[0] / b[0], d[0] / b[0]
            for i in range(1, n):
                m = b[i] - a[i] * cp[i - 1]
                cp[i] = c[i] / m
                dp[i] = (d[i] - a[i] * dp[i - 1]) / m
            x[-1] = dp[-1]
            for i in range(n - 2, -1, -1):
                x[i] = dp[i] - cp[i] * x[i + 1]
            return x

    Faster
    ------
    ::

        def thomas(a, b, c, d):
            solution = solved_by_lapack(a[1:], b, c[:-1], d, "d")
            if solution is None:
                n = len(d)
                ...
                return x
            return solution

    When it is wrong
    ----------------
    That a function is this algorithm is found by evaluating it in fractions. LAPACK chooses pivots, which
    rounds otherwise: it is asked only for systems whose diagonal dominates, where both are accurate. This is
    checked in each call, and the user's own lines run where it does not hold.

    References
    ----------
    N. J. Higham, "Accuracy and Stability of Numerical Algorithms", section 9.6. LAPACK's ``dgtsv``.
    """

    name = "tridiagonal-solver"
    answers = frozenset(("scalar-loop",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All such functions of the file, where the place is in one of them."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        found = list(eliminations(Meaning(project), module))
        if not any(_meet(module.span(one.function), diagnosis.where) for one in found):
            return
        added = Additions(module)
        helper, edits, titles = added.definition(SOLVED), [], []
        for one in found:
            body = one.function.body
            first = body[1] if ast.get_docstring(one.function) is not None and len(body) > 1 else body[0]
            if f"{helper}(" in ast.unparse(first) or not owns_lines(module, [first, body[-1]]):
                return
            result = added.name("solution")
            given = ", ".join((*one.texts, repr(one.kinds)))
            edits.append(before(module, first, [f"{result} = {helper}({given})", f"if {result} is None:"]))
            edits += _indented(module, one.function, first)
            edits.append(behind(module, body[-1], [f"return {result}"]))
            titles.append(f"`{one.function.name}`")
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        yield Candidate(
            backend=self.name,
            title=f"ask LAPACK in {', '.join(titles)}",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.ROUNDING,
        )


def _indented(module: Module, function: ast.FunctionDef, first: ast.stmt) -> Iterator[Edit]:
    """What moves the lines of a function, from a statement to its last, one step to the right."""
    lead = indentation(module, first)
    step = lead.removeprefix(indentation(module, function)) or "    "
    for line in range(first.lineno, (function.end_lineno or first.lineno) + 1):
        text = module.lines[line - 1]
        if text.strip():
            at = offset(module, line, min(len(lead), len(text) - len(text.lstrip())))
            yield Edit(at, at, step)


def _meet(one: Span, other: Span) -> bool:
    return one.first <= other.last and other.first <= one.last


BACKEND: Backend = TridiagonalSolver()
