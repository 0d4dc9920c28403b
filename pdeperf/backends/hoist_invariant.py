"""What a loop computes again and again, computed once before it."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.invariants import Invariants, invariants
from pdeperf.lifetimes.meaning import loops_at
from pdeperf.lifetimes.text import (
    before,
    describing,
    fresh_name,
    in_place_of,
    names_of,
    on_one_line,
    taken_out,
)
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project, float_errors
from pdeperf.source.edits import Edit, apply, owns_lines

from . import Backend


class HoistInvariant:
    """Moves what stays the same throughout a loop in front of it.

    Why it is slow
    --------------
    Each iteration makes the same array again: its arithmetic, memory and page faults are for nothing.

    Slow
    ----
    ::

        while t < t_end:
            X, Y = np.meshgrid(x, y)
            u = u + dt * np.sin(X) * np.cos(Y)
            t += dt

    Faster
    ------
    ::

        X, Y = np.meshgrid(x, y)
        fixed_dt_X = dt * np.sin(X) * np.cos(Y)
        while t < t_end:
            u = u + fixed_dt_X
            t += dt

    When it is wrong
    ----------------
    Only functions that are known to compute from their arguments alone are moved, and only where
    nothing in the loop binds or changes these arguments, under any name. Products are not regrouped:
    in ``dt * u * k`` nothing stays the same, since Python multiplies from the left.

    References
    ----------
    Aho, Lam, Sethi, Ullman, "Compilers", section 9.1 (code motion).
    """

    name = "hoist-invariant"
    answers = frozenset(("loop-invariant",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Everything in the diagnosed loop that stays the same, at once."""
        if diagnosis.where.file not in project:
            return
        if (watched := float_errors.refusal(self.name, diagnosis, project)) is not None:
            yield watched
            return
        module = project[diagnosis.where.file]
        loop = next(
            (one for one in loops_at(module, diagnosis.where) if module.span(one) == diagnosis.where), None
        )
        if loop is None:
            return
        found = invariants(project, module, loop)
        for node, why in found.kept:
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=Span(file=module.file, first=node.lineno, last=node.lineno),  # type: ignore[attr-defined]
                reason=f"`{ast.unparse(node)}` looks constant, but {why}",
            )
        if not owns_lines(module, [loop]) or found.first is None:
            return
        lines, edits = _moved(module, found)
        after = apply(module.text, [before(module, loop, lines), *edits])
        ast.parse(after)
        count = len(found.statements) + len(found.expressions)
        yield Candidate(
            backend=self.name,
            title=f"compute {count} thing{'s' if count > 1 else ''} before the loop at line {loop.lineno}",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.EXACT,
            assumes=("names held values of the same types in every iteration, as in this run",),
        )


def _moved(module: Module, found: Invariants) -> tuple[list[str], list[Edit]]:
    lines, edits = taken_out(module, found.loop, found.statements)
    taken = names_of(module)
    known = {
        ast.unparse(statement.value): ast.unparse(statement.targets[0])
        for statement in found.statements
        if isinstance(statement.targets[0], ast.Name)
    }
    for group in found.expressions:
        name = known.get(ast.unparse(group[0]), "")
        if not name:
            name = fresh_name(describing(group[0]), taken)
            taken |= {name}
            lines.append(f"{name} = {on_one_line(module, group[0])}")
        edits += [in_place_of(module, node, name) for node in group]
    return lines, edits


BACKEND: Backend = HoistInvariant()
