"""Work arrays that a loop makes anew, made once before it."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.buffers import Allocation, allocations
from pdeperf.lifetimes.meaning import LOOPS, Meaning, loops_at
from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.text import Loop, before, on_one_line, taken_out
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, replace
from pdeperf.source.flow import reads
from pdeperf.sparse.at_once import is_in_turns_at_once

from . import Backend


class HoistAllocation:
    """Makes work arrays once, before the loop, and refills them in every turn.

    Why it is slow
    --------------
    Memory that goes back at the end of each turn comes anew in the next: page faults and cache misses
    for an array whose size never changes.

    Slow
    ----
    ::

        while t < t_end:
            rhs = np.zeros_like(x)
            rhs[1:-1] = forces(u)[1:-1]
            u += dt * rhs
            t += dt

    Faster
    ------
    ::

        rhs = np.zeros_like(x)
        while t < t_end:
            rhs.fill(0)
            rhs[1:-1] = forces(u)[1:-1]
            u += dt * rhs
            t += dt

    When it is wrong
    ----------------
    Only arrays that nobody else may hold when the next turn begins are kept: none that is appended,
    returned in the loop, stored, viewed or bound to another name. What ``np.empty`` leaves in cells that the
    loop never writes is not the same as before.

    References
    ----------
    Gorelick, Ozsvald, "High Performance Python", chapter 6 (memory allocations and in-place operations).
    """

    name = "hoist-allocation"
    answers = frozenset(("allocation-in-loop",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All arrays of the diagnosed places that one array can stand for, at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        places = [p for p in (diagnosis.where, *diagnosis.alike) if p.file == module.file]
        loops = dict.fromkeys(loop for place in places for loop in loops_at(module, place))
        every = allocations(Ownership.of(project), module, list(loops))
        found = [one for one in every if module.span(one.statement) in places]
        for one in found:
            if one.problem:
                yield Refusal(
                    backend=self.name,
                    diagnosis=diagnosis,
                    where=Span(file=module.file, first=one.statement.lineno, last=one.statement.lineno),
                    reason=f"`{one.name}` must be new in every turn: {one.problem}",
                )
        meaning = Meaning(project)
        kept = [
            one
            for one in found
            if not one.problem
            and not is_in_turns_at_once(meaning, module, one.statement.lineno, fills=True)  # which is faster
        ]
        if not kept:
            return
        kept = _with_patterns(kept, every)
        text = apply(module.text, _hoisted(module, kept))
        ast.parse(text)
        yield Candidate(
            backend=self.name,
            title=f"make {', '.join(f'`{one.name}`' for one in kept)} before the loop, and refill",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=text),),
            safety=Safety.EXACT,
            assumes=("names held values of the same types in every iteration, as in this run",),
        )


def _with_patterns(kept: list[Allocation], every: list[Allocation]) -> list[Allocation]:
    """With the arrays like which they are made, in the order of the lines: these must be there before."""
    made = {(one.loop, one.name): one for one in every if not one.problem}
    wanted = {one.statement for one in kept}
    waiting = [*kept]
    while waiting:
        one = waiting.pop()
        like = [made.get((one.loop, name)) for name in reads(one.statement.value)]
        more = [other for other in like if other is not None and other.statement not in wanted]
        wanted |= {other.statement for other in more}
        waiting += more
    return [one for one in every if one.statement in wanted]


def _hoisted(module: Module, kept: list[Allocation]) -> Iterator[Edit]:
    first: dict[Loop, list[str]] = {}
    for one in kept:
        lines = first.setdefault(one.loop, [])
        if one.fill:
            lines.append(f"{one.name} = {on_one_line(module, one.statement.value)}")
            yield replace(module, one.statement, f"{one.name}.fill({one.fill})")
        else:
            inner = module.parents[one.statement]
            assert isinstance(inner, LOOPS)
            moved, edits = taken_out(module, inner, [one.statement])
            lines += moved
            yield from edits
    yield from (before(module, loop, lines) for loop, lines in first.items())


BACKEND: Backend = HoistAllocation()
