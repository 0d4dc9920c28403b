"""What a loop collects, gathered in a list and made an array once."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.additions import Growth, Problem
from pdeperf.lifetimes.gathering import gathering
from pdeperf.lifetimes.growth import GrowthSearch, growths, search_in
from pdeperf.lifetimes.meaning import loops_at
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project
from pdeperf.source.edits import Edit, apply

from . import Backend


class GatherPieces:
    """Appends to a list in the loop and makes the array after it.

    Why it is slow
    --------------
    Each turn allocates an array one element longer and copies all that was collected before.

    Slow
    ----
    ::

        frames = u.copy()
        for step in range(steps):
            u = advance(u)
            frames = np.vstack((frames, u))

    Faster
    ------
    ::

        frames = u.copy()
        frames_pieces = [frames]
        for step in range(steps):
            u = advance(u)
            frames_pieces.append(u.copy())
        frames = np.vstack(frames_pieces)

    When it is wrong
    ----------------
    Where the loop reads the array as a whole, or may be left by an error that is caught, or
    where a function sees the array of the file. What may change before the loop ends is copied into the
    list. Numbers that the loop reads back keep NumPy's type.

    References
    ----------
    NumPy user guide, "NumPy: the absolute basics for beginners".
    """

    name = "gather-pieces"
    answers = frozenset(("growing-array",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Every array that grows in the diagnosed places, at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        search = search_in(project, module)
        edits: list[Edit] = []
        names: list[str] = []
        for growth in _diagnosed(search, diagnosis):
            found = gathering(search, module, growth) if growth.problem is None else growth.problem
            if isinstance(found, Problem):
                yield Refusal(
                    backend=self.name,
                    diagnosis=diagnosis,
                    where=Span(file=module.file, first=found.line, last=found.line),
                    reason=found.reason,
                    advice=found.advice,
                )
            else:
                edits += found
                names.append(f"`{growth.name}`")
        if not edits:
            return
        text = apply(module.text, edits)
        ast.parse(text)
        places = "a list, and make the array" if len(names) == 1 else "lists, and make the arrays"
        yield Candidate(
            backend=self.name,
            title=f"gather {', '.join(names)} in {places} after the loop",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=text),),
            safety=Safety.EXACT,
            assumes=("names held values of the same types in every iteration, as in this run",),
        )


def _diagnosed(search: GrowthSearch, diagnosis: Diagnosis) -> list[Growth]:
    """What grows at the places of a diagnosis, by the loops around them."""
    module = search.module
    places = [p for p in (diagnosis.where, *diagnosis.alike) if p.file == module.file]
    loops = dict.fromkeys(loop for place in places for loop in loops_at(module, place))
    lines = {place.first for place in places}
    return [
        growth
        for growth in growths(search, list(loops))
        if any(one.statement.lineno in lines for one in growth.additions)
    ]


BACKEND: Backend = GatherPieces()
