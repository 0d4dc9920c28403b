"""One factorisation for all systems with the same matrix."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import before, on_one_line, taken_out
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, extent, owns_lines
from pdeperf.sparse.constancy import Constancy, runs_always
from pdeperf.sparse.factors import factors_in, why_not_before
from pdeperf.sparse.solver_texts import (
    DENSE,
    DENSE_GUARDED,
    SPARSE,
    SPARSE_GUARDED,
    SPARSE_ORDERED,
    solver_class,
)
from pdeperf.sparse.solves import Form, Loop, Solve, is_repeated, solves_in
from pdeperf.sparse.written import Additions

from . import Backend


class FactoriseOnce:
    """Factorises a matrix once, and solves with its factors as often as it comes.

    Why it is slow
    --------------
    The factorisation costs many times what the two triangular solves cost, and gives the same factors
    each time. A dense matrix that is mostly zeros has a band or a sparse factorisation, far cheaper.

    Slow
    ----
    ::

        for step in range(steps):
            u = spsolve(A, B @ u)

    Faster
    ------
    ::

        solve_A = FactorisedOnce(A)
        for step in range(steps):
            u = solve_A(B @ u)

    When it is wrong
    ----------------
    The factors are made before the loop only where data flow proves that nothing in it changes the
    matrix, under any name. Elsewhere every call compares the matrix with those that were factorised, and
    factorises it again if an entry differs. Sparse solves keep their bits, unless the unknowns are put
    in a better order (tried first, where the diagonal dominates); dense ones are equal up to rounding.

    References
    ----------
    T. A. Davis, "Direct Methods for Sparse Linear Systems", SIAM 2006, chapter 6.
    """

    name = "factorise-once"
    answers = frozenset(("repeated-factorisation",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All repeated solves of the file at once: proven ones before their loops, others compared."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        meaning = Meaning(project)
        whole = Span(file=module.file, first=1, last=len(module.lines))
        found = [solve for solve in solves_in(meaning, module, whole) if is_repeated(meaning, module, solve)]
        here = [solve for solve in found if diagnosis.where.first == solve.node.lineno]
        constancy = Constancy(meaning)
        if not here:
            yield from self._moved(constancy, module, diagnosis)
            return
        reasons: dict[Solve, str] = {}
        loops = {solve: _loop(constancy, module, solve, reasons) for solve in found}
        compared = [solve for solve in found if loops[solve] is None]
        ordered = any(solve.form is Form.SPARSE and not _options(module, solve) for solve in found)
        for template in (SPARSE_ORDERED, SPARSE) if ordered else (SPARSE,):
            edits, exact = _written(module, found, loops, template)
            after = apply(module.text, edits)
            ast.parse(after)
            how = ", ordered by its pattern" if template is SPARSE_ORDERED else ""
            yield Candidate(
                backend=self.name,
                title=f"factorise {_texts(module, found)} once{how}",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=after),),
                safety=Safety.EXACT if exact and not how else Safety.ROUNDING,
                assumes=tuple(
                    f"line {solve.node.lineno}: {reasons[solve]}, so every call compares the matrix"
                    for solve in compared
                ),
            )

    def _moved(
        self, constancy: Constancy, module: Module, diagnosis: Diagnosis
    ) -> Iterator[Candidate | Refusal]:
        """``lu = splu(A)`` before the loop, where the script has it inside."""
        edits: list[Edit] = []
        names: list[str] = []
        moved: dict[Loop, list[ast.Assign]] = {}
        for factors in factors_in(constancy.meaning, module):
            why = why_not_before(constancy, module, factors)
            if not why:
                moved.setdefault(factors.loop, []).append(factors.statement)
                names.append(f"`{on_one_line(module, factors.call.args[0])}`")
            elif factors.call.lineno == diagnosis.where.first:
                yield Refusal(backend=self.name, diagnosis=diagnosis, where=diagnosis.where, reason=why)
        for loop, statements in moved.items():
            lines, removed = taken_out(module, loop, sorted(statements, key=lambda one: one.lineno))
            edits += [before(module, loop, lines), *removed]
        if not edits:
            return
        after = apply(module.text, edits)
        ast.parse(after)
        yield Candidate(
            backend=self.name,
            title=f"factorise {', '.join(dict.fromkeys(names))} before the loop",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.EXACT,
        )


def _texts(module: Module, solves: list[Solve]) -> str:
    names = dict.fromkeys(f"`{on_one_line(module, solve.matrix)}`" for solve in solves)
    return ", ".join(names)


def _loop(constancy: Constancy, module: Module, solve: Solve, reasons: dict[Solve, str]) -> Loop | None:
    """The outermost loop throughout which a matrix stays the same and that can have the factors before it."""
    reasons[solve] = "the matrix may differ from call to call of the function"
    for loop in solve.loops:
        why = constancy.why_not(module, loop, solve.matrix)
        if not why and not owns_lines(module, [loop]):
            why = "the loop shares its line"
        if not why and not constancy.is_known(module, loop, solve.matrix):
            why = "the matrix may not be there yet when the loop begins"
        plain = isinstance(solve.matrix, ast.Name)
        if not why and not plain and not runs_always(module, loop, solve.node):
            why = "the solve does not run in every iteration"
        if not why:
            return loop
        reasons[solve] = why
    return None


def _written(
    module: Module, solves: list[Solve], loops: dict[Solve, Loop | None], sparse: str
) -> tuple[list[Edit], bool]:
    """The edits, and whether they keep every bit."""
    added = Additions(module)
    edits: list[Edit] = []
    before_loops: dict[Loop, list[str]] = {}
    names: dict[tuple[object, ...], str] = {}
    for solve in solves:
        loop = loops[solve]
        once = solver_class(added, sparse if solve.form is Form.SPARSE else DENSE)
        matrix, options = on_one_line(module, solve.matrix), _options(module, solve)
        given = ", ".join(solve.given)
        key = (loop, solve.form, matrix if loop else solve.node, options, given)
        if loop is None:
            guarded = SPARSE_GUARDED if solve.form is Form.SPARSE else DENSE_GUARDED
            kind = added.definition(guarded, {"FactorisedOnce": once})
            names[key] = added.name(f"solve_{_word(solve.matrix)}")
            added.line(f"{names[key]} = {kind}({given})")
            edits.append(_solved(module, solve, names[key], f"{matrix}, ", options))
            continue
        if key not in names:
            names[key] = added.name(f"solve_{_word(solve.matrix)}")
            more = options + "".join(f", {part}" for part in solve.given)
            before_loops.setdefault(loop, []).append(f"{names[key]} = {once}({matrix}{more})")
        edits.append(_solved(module, solve, names[key], "", ""))
    edits += [before(module, loop, lines) for loop, lines in before_loops.items()]
    exact = all(solve.form is Form.SPARSE for solve in solves)
    return [*added.edits(), *edits], exact


def _options(module: Module, solve: Solve) -> str:
    """The order of the columns, where the user gives one."""
    keywords = solve.node.keywords if isinstance(solve.node, ast.Call) else []
    return "".join(
        f", {keyword.arg}={on_one_line(module, keyword.value)}"
        for keyword in keywords
        if keyword.arg == "permc_spec"
    )


def _word(node: ast.expr) -> str:
    names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    attributes = [inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=attr):
            return attr
        case _:
            return next((name for name in names if name not in attributes), "system")


def _solved(module: Module, solve: Solve, name: str, matrix: str, options: str) -> Edit:
    """The call, with the user's text of the right side, comments included."""
    start, end = extent(module, solve.node)
    right = solve.right[-1]
    right_start, right_end = extent(module, right)
    is_pair = isinstance(solve.node, ast.Call) and solve.node.args == [solve.matrix, right]
    if not is_pair:
        return Edit(start, end, f"{name}({matrix}{solve.right_text(module)}{options})")
    assert isinstance(solve.node, ast.Call)
    text = f"{module.text[right_start:right_end]}{options})"
    if not solve.node.keywords:
        text = module.text[right_start:end]
    lead = module.text[extent(module, solve.matrix)[1] : right_start]
    # A parenthesis around the right side alone belongs to it.
    opened = lead.count("(")
    return Edit(start, end, f"{name}({matrix}{'(' * opened}{text}")


BACKEND: Backend = FactoriseOnce()
