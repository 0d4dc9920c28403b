"""One factorisation for all systems with the same matrix."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import before, on_one_line, taken_out
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.factorised import kept_while_same, loop_of, options_of, remaking, written
from pdeperf.sparse.factors import factors_again, factors_in, why_not_before
from pdeperf.sparse.methods import methods_for
from pdeperf.sparse.solves import Form, Loop, Solve, come_again, facts_of, is_repeated, is_tiny, solves_in

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

        factors_A = splu(A)
        for step in range(steps):
            u = factors_A.solve(B @ u)

    When it is wrong
    ----------------
    The factors are made before the loop only where data flow proves that nothing in it changes the
    matrix, under any name. Elsewhere every call compares the matrix with those that were factorised, and
    factorises it again if an entry differs. Sparse solves keep their bits, unless a narrow band is
    factorised as such or a symmetric pattern is put in a better order (both are tried, the faster is kept);
    dense ones are equal up to rounding.

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
        found = [
            solve
            for solve in solves_in(meaning, module, whole)
            if is_repeated(meaning, module, solve) and come_again(solve, diagnosis.facts)
        ]
        found = [solve for solve in found if not is_tiny(meaning, module, solve, diagnosis.facts)] or found
        here = [solve for solve in found if diagnosis.where.first == solve.node.lineno]
        watched = [row for row in project.observed if row.collector == "sparse" and row.subject]
        if any(facts_of(solve, diagnosis.facts) for solve in here):  # what was not looked at takes no time
            found = [
                solve
                for solve in found
                if solve in here
                or facts_of(solve, diagnosis.facts)
                or (
                    facts_of(solve, watched)
                    and any(_same_matrix(meaning, module, solve, one) for one in here)
                )
            ]
        constancy = Constancy(meaning)
        if not here:
            yield from self._moved(constancy, module, diagnosis)
            return
        reasons: dict[Solve, str] = {}
        remade: dict[Loop, tuple[ast.Assign, ...]] = {}
        loops = {
            solve: loop_of(constancy, module, solve, reasons)
            or remaking(constancy, module, solve, found, remade)
            for solve in found
        }
        guessed = [
            solve
            for solve in found
            if loops[solve] is None and solve.form is Form.DENSE and not facts_of(solve, diagnosis.facts)
        ]  # what is compared in every call on suspicion must be worth it alone
        found = here if set(here) & set(guessed) else [solve for solve in found if solve not in guessed]
        compared = [solve for solve in found if loops[solve] is None]
        seen = {solve: facts_of(solve, (*diagnosis.facts, *watched)) for solve in found}
        every = {
            solve: methods_for(module, solve.form, solve.structure, options_of(module, solve), seen[solve])
            for solve in found
        }
        fitting, plain = ({solve: ways[place] for solve, ways in every.items()} for place in (0, -1))
        for chosen in (fitting, plain) if fitting != plain else (plain,):
            edits, exact = written(module, found, loops, remade, chosen)
            after = apply(module.text, edits)
            ast.parse(after)
            how = ", as its pattern suits" if chosen is fitting and fitting != plain else ""
            yield Candidate(
                backend=self.name,
                title=f"factorise {_texts(module, found)} once{how}",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=after),),
                safety=Safety.EXACT if exact else Safety.ROUNDING,
                assumes=tuple(
                    f"line {solve.node.lineno}: {reasons[solve]}, so every call compares the matrix"
                    for solve in compared
                ),
                has_rivals=fitting != plain,
            )

    def _moved(
        self, constancy: Constancy, module: Module, diagnosis: Diagnosis
    ) -> Iterator[Candidate | Refusal]:
        """``lu = splu(A)`` before the loop, where the script has it inside; else once for each matrix."""
        edits: list[Edit] = []
        names: list[str] = []
        refused: list[Refusal] = []
        moved: dict[Loop, list[ast.Assign]] = {}
        for factors in factors_in(constancy.meaning, module):
            why = why_not_before(constancy, module, factors)
            if not why:
                moved.setdefault(factors.loop, []).append(factors.statement)
                names.append(f"`{on_one_line(module, factors.call.args[0])}`")
            elif factors.call.lineno == diagnosis.where.first:
                refused.append(
                    Refusal(backend=self.name, diagnosis=diagnosis, where=diagnosis.where, reason=why)
                )
        for loop, statements in moved.items():
            lines, removed = taken_out(module, loop, sorted(statements, key=lambda one: one.lineno))
            edits += [before(module, loop, lines), *removed]
        if edits:
            yield self._factorised(
                module, diagnosis, edits, f"{', '.join(dict.fromkeys(names))} before the loop"
            )
            return
        facts = (*diagnosis.facts, *constancy.meaning.project.observed)
        again = [*factors_again(constancy.meaning, module, facts)]
        if diagnosis.where.first not in {call.lineno for call in again}:
            yield from refused
            return
        edits = kept_while_same(constancy.meaning, module, again)
        names = [f"`{on_one_line(module, call.args[0])}`" for call in again]
        yield self._factorised(module, diagnosis, edits, f"{', '.join(dict.fromkeys(names))} once")

    def _factorised(self, module: Module, diagnosis: Diagnosis, edits: list[Edit], what: str) -> Candidate:
        after = apply(module.text, edits)
        ast.parse(after)
        return Candidate(
            backend=self.name,
            title=f"factorise {what}",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.EXACT,
        )


def _same_matrix(meaning: Meaning, module: Module, one: Solve, other: Solve) -> bool:
    """Do two expressions solve with what goes by one name in one function?"""
    texts = {ast.unparse(solve.matrix) for solve in (one, other)}
    homes = {meaning.home(module, solve.node) for solve in (one, other)}
    return one.form is other.form and len(texts) == len(homes) == 1 and isinstance(other.matrix, ast.Name)


def _texts(module: Module, solves: list[Solve]) -> str:
    names = dict.fromkeys(f"`{on_one_line(module, solve.matrix)}`" for solve in solves)
    return ", ".join(names)


BACKEND: Backend = FactoriseOnce()
