"""Updates that change the array itself instead of making a new one."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.text import newline
from pdeperf.lifetimes.updates import Update, updates
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety
from pdeperf.source import Module, Project, float_errors
from pdeperf.source.edits import Edit, apply, indentation, replace, segment

from . import Backend


class UpdateInPlace:
    """Writes ``u += x`` for ``u = u + x`` where nobody else holds the array.

    Why it is slow
    --------------
    A new array for every update costs memory traffic and page faults, and throws the old one away.

    Slow
    ----
    ::

        for step in range(steps):
            u = u + dt * rhs(u) - sink

    Faster
    ------
    ::

        for step in range(steps):
            u += dt * rhs(u)
            u -= sink

    When it is wrong
    ----------------
    Only arrays of double precision that keep their type, shape and order are changed in place, and only
    where no other name, container, attribute, plot, closure or caller may hold the same array.

    References
    ----------
    NumPy user guide, "Copies and views"; Python reference, "Augmented assignment statements".
    """

    name = "update-in-place"
    answers = frozenset(("array-rebound",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All updates of the diagnosed places that may be done in place, at once."""
        if diagnosis.where.file not in project:
            return
        if (watched := float_errors.refusal(self.name, diagnosis, project)) is not None:
            yield watched
            return
        module = project[diagnosis.where.file]
        places = [place for place in (diagnosis.where, *diagnosis.alike) if place.file == module.file]
        statements = [
            node
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Assign) and module.span(node) in places
        ]
        found = list(updates(Ownership.of(project), module, list(statements)))
        for one in found:
            if one.problem:
                yield Refusal(
                    backend=self.name,
                    diagnosis=diagnosis,
                    where=module.span(one.statement),
                    reason=f"`{one.target}` must not be changed in place: {one.problem}",
                )
        kept = [one for one in found if not one.problem]
        if not kept:
            return
        text = apply(module.text, [_in_place(module, one) for one in kept])
        ast.parse(text)
        targets = ", ".join(dict.fromkeys(f"`{one.target}`" for one in kept))
        yield Candidate(
            backend=self.name,
            title=f"change {targets} in place",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=text),),
            safety=Safety.EXACT,
            assumes=("names held values of the same types in every iteration, as in this run",),
        )


def _in_place(module: Module, one: Update) -> Edit:
    glue = newline(module) + indentation(module, one.statement)
    lines = [f"{one.target} {symbol}= {_text(module, operand)}" for symbol, operand in one.operations]
    return replace(module, one.statement, glue.join(lines))


def _text(module: Module, operand: ast.expr) -> str:
    """The operand as the user wrote it; what spans lines keeps its parentheses."""
    text = segment(module, operand)
    return f"({text})" if "\n" in text else text


BACKEND: Backend = UpdateInPlace()
