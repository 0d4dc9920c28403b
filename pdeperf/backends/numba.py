"""Loops over cells, compiled."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pdeperf.kernel.array_storage import Stored, stored_in_arrays
from pdeperf.kernel.arrays_for_lists import Conversion, with_arrays
from pdeperf.kernel.emit import emit
from pdeperf.kernel.float_arguments import with_float_arguments
from pdeperf.kernel.generators_in_place import Placed, in_place
from pdeperf.kernel.kinds import UNKNOWN
from pdeperf.kernel.lists_followed import arrays_first, as_arrays
from pdeperf.kernel.lowering import Problem
from pdeperf.kernel.plan import Plan
from pdeperf.kernel.rare_branches import splits
from pdeperf.kernel.region import Regions
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project, float_errors
from pdeperf.source.edits import Edit, OverlappingEditsError, apply

from . import Backend

_MOST_PLANS = 4
_OF_ARRAYS = (
    "lists that become arrays hold numbers, their rows stay of one length, and whole numbers among floats "
    "show as 1.0"
)


class Numba:
    """Outlines the hot loops into functions that Numba compiles to machine code.

    Why it is slow
    --------------
    The interpreter spends some 50 to 100 ns on every array element that it reads or writes: it
    makes an index tuple, a boxed number and several calls for what the processor does in one
    instruction.

    Slow
    ----
    ::

        for i in range(1, nx - 1):
            for j in range(1, ny - 1):
                u[i, j] = un[i, j] + c * (un[i + 1, j] - 2 * un[i, j] + un[i - 1, j])

    Faster
    ------
    ::

        @njit(cache=True, error_model="numpy")
        def update_u(u, un, nx, ny, c):
            for i in range(1, nx - 1):
                for j in range(1, ny - 1):
                    u[i, j] = un[i, j] + c * (un[i + 1, j] - 2 * un[i, j] + un[i - 1, j])

        update_u(u, un, nx, ny, c)

    When it is wrong
    ----------------
    Python integers never overflow, small integer types wrap, ``math.sqrt(-1)`` raises, an index
    out of range raises, and a global may change between calls. Code that could meet one of the
    first two is refused; globals are passed as arguments. How far the indices of loops reach is compared
    with the arrays' sizes before the loop, where the source does not prove that they are large enough;
    places that are computed, or looked at in a branch, are checked in a trial only.

    References
    ----------
    Numba documentation, "Deviations from Python semantics" and "Performance Tips".
    """

    name = "numba"
    answers = frozenset(("scalar-loop",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Compile the widest region first, then narrower ones."""
        if (watched := float_errors.refusal(self.name, diagnosis, project)) is not None:
            yield watched
            return
        if (placed := _placed(diagnosis, project)) is not None:
            alike = tuple(map(placed.span, diagnosis.alike))
            moved = replace(diagnosis, where=placed.span(diagnosis.where), alike=alike)
            for found in self._with_lists(moved, placed.project):
                if isinstance(found, Candidate):
                    yield _of_original(found, diagnosis, project, placed)
        yield from self._with_lists(diagnosis, project)

    def _with_lists(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        stored = _stored(diagnosis, project)
        is_found = False
        if stored is not None:
            alike = tuple(map(stored.span, diagnosis.alike))
            moved = replace(diagnosis, where=stored.span(diagnosis.where), alike=alike)
            for found in self._proposed(moved, stored.project, copies_lists=False):
                if isinstance(found, Candidate):
                    is_found = True
                    yield _stored_alike(_of_original(found, diagnosis, project, stored), stored)
        yield from self._proposed(diagnosis, project, copies_lists=not is_found)

    def _proposed(
        self, diagnosis: Diagnosis, project: Project, *, copies_lists: bool = True
    ) -> Iterator[Candidate | Refusal]:
        count = 0
        regions = Regions(project)
        if diagnosis.alike and (joint := regions.together([diagnosis.where, *diagnosis.alike])):
            yield from self._candidates(joint, diagnosis, project)
        plans = list(regions.plans(diagnosis.where))
        for split in splits(diagnosis.where, project):
            if any(_covers(plan, split.loop) for plan in plans):
                continue
            within = Regions(split.project)
            whole = within.exactly(within.project[split.loop.file], [split.part])
            if isinstance(whole, Plan):
                yield from self._candidates(whole, diagnosis, split.project, project)
                break
        for plan in arrays_first(plans, copies_lists=copies_lists):
            if isinstance(plan, Problem):
                yield _refusal(self.name, diagnosis, plan)
            elif count < _MOST_PLANS:
                count += 1
                yield from self._candidates(plan, diagnosis, project)

    def _candidates(
        self, plan: Plan, diagnosis: Diagnosis, project: Project, original: Project | None = None
    ) -> Iterator[Candidate | Refusal]:
        """A plan with its lists made arrays where that can be, then with copies around each call."""
        found = as_arrays(plan)
        if found is not None:
            arrays = replace(
                plan,
                kernels=with_arrays(plan.kernels, found.names),
                variants=with_arrays(plan.variants, found.names),
            )
            yield self._candidate(arrays, diagnosis, project, found, original=original)
        yield self._candidate(plan, diagnosis, project, original=original)

    def _candidate(
        self,
        plan: Plan,
        diagnosis: Diagnosis,
        project: Project,
        lists: Conversion | None = None,
        *,
        original: Project | None = None,
    ) -> Candidate | Refusal:
        edits, within = (lists.edits, lists.within) if lists else ((), ())
        try:
            emitted = emit(plan.kernels, plan.callees, plan.variants, edits, within=within)
            patches = _patches(emitted.edits, project, original or project)
        except (SyntaxError, OverlappingEditsError) as error:
            problem = Problem(plan.lines[0], f"its text cannot be taken apart ({error})")
            return _refusal(self.name, diagnosis, problem)
        exact = all(kernel.exact for kernel in plan.kernels) and (lists is None or lists.exact)
        first, last = plan.lines
        built = [callee.name for callee in plan.callees.built.values() if not callee.ready]
        functions = [name for name in built if name not in emitted.names]
        made = f", {', '.join(sorted(lists.names))} made arrays" if lists else ""
        with_functions = f" with {', '.join(functions)}" if functions else ""
        candidate = Candidate(
            backend=self.name,
            title=f"compile lines {first}-{last} as {', '.join(emitted.names)}{with_functions}{made}",
            diagnosis=diagnosis,
            patches=patches,
            safety=Safety.EXACT if exact else Safety.ROUNDING,
            assumes=(*_assumptions(plan), *([_OF_ARRAYS] if lists else ())),
            forgets=tuple(sorted({name for kernel in plan.kernels for name in kernel.forgets})),
        )
        return with_float_arguments(candidate, project)


def _patches(edits: Mapping[str, tuple[Edit, ...]], project: Project, original: Project) -> tuple[Patch, ...]:
    after = {file: apply(project[file].text, found) for file, found in edits.items()}
    patches = tuple(
        Patch(file=file, before=original[file].text, after=text)
        for file, text in after.items()
        if text != original[file].text
    )
    for patch in patches:
        ast.parse(patch.after)
    return patches


def _assumptions(plan: Plan) -> Iterator[str]:
    yield "places that are computed, or looked at in a branch, are in range: tried once with bounds checks on"
    arrays = {
        f"{name} {kind.dtype} {kind.ndim}-D"
        for kernel in plan.kernels
        for name, kind in kernel.kinds.items()
        if kind.is_array and name in kernel.arguments
    }
    if arrays:
        yield f"arrays keep the types that were seen: {', '.join(sorted(arrays))}"
    names = {name for kernel in plan.kernels for name in kernel.lowering.library}
    if any(name in ("math.sqrt", "math.log", "math.pow", "math.exp") for name in names):
        yield "math functions stay inside their domain: what is not checked gives nan or inf, no error"
    powers = [
        node
        for kernel in plan.kernels
        for part in kernel.lowered
        for node in ast.walk(part)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
    ]
    if not all(isinstance(node.right, ast.Constant) and type(node.right.value) is int for node in powers):
        yield "no negative number is raised to a fraction: that is an error or nan, not complex"
    if any(
        kernel.kinds.get(name, UNKNOWN).base == "int" for kernel in plan.kernels for name in kernel.results
    ):
        yield "integers that are added up stay below 2**63"
    others = {callee.module.file for callee in plan.callees.built.values()} | plan.callees.frozen
    if others := others - {plan.callees.home.file}:
        yield f"Numba's cache is cleared when {', '.join(sorted(others))} is edited"
    for guard in sorted({guard for kernel in plan.kernels for guard in kernel.guards}):
        yield f"{guard}, checked at run time"


def _stored(diagnosis: Diagnosis, project: Project) -> Stored | None:
    """The project with lists made arrays where something that is compiled uses them."""
    stored = stored_in_arrays(diagnosis.where, project)
    if stored is None:
        return None
    plans = Regions(stored.project).plans(stored.span(diagnosis.where))
    compiled = [part for plan in plans if isinstance(plan, Plan) for part in _compiled(plan)]
    idle = stored.idle(compiled) if compiled else frozenset[str]()
    return stored_in_arrays(diagnosis.where, project, but=idle) if idle else stored


def _compiled(plan: Plan) -> Iterator[ast.AST]:
    yield from (part for kernel in plan.kernels for part in kernel.statements)
    yield from (callee.node for callee in plan.callees.built.values())


def _placed(diagnosis: Diagnosis, project: Project) -> Placed | None:
    """The project with generators in place of the loops over them, where something of these is compiled."""
    placed = in_place(diagnosis.where, project)
    if placed is None:
        return None
    plans = Regions(placed.project).plans(placed.span(diagnosis.where))
    used = placed.used([part for plan in plans if isinstance(plan, Plan) for part in _compiled(plan)])
    return placed if used == placed.loops else in_place(diagnosis.where, project, only=used)


def _of_original(
    found: Candidate, diagnosis: Diagnosis, project: Project, changed: Stored | Placed
) -> Candidate:
    """What was found in a file that has been written otherwise first, for the file as it is."""
    patches = tuple(replace(patch, before=project[patch.file].text) for patch in found.patches)

    def lines_before(match: re.Match[str]) -> str:
        return f"{changed.line(int(match[1]))}-{changed.line(int(match[2]))}"

    title = re.sub(r"(?<=lines )(\d+)-(\d+)", lines_before, found.title)
    return replace(found, diagnosis=diagnosis, patches=patches, title=title)


def _stored_alike(found: Candidate, stored: Stored) -> Candidate:
    """What is told of lists that have become arrays."""
    names = ", ".join(sorted(stored.names))
    title = (
        f"{found.title}, {names} stored in arrays" if names else f"{found.title}, records handed on as tuples"
    )
    assumes = tuple(dict.fromkeys((*found.assumes, *([_OF_ARRAYS] if names else ()))))
    return replace(found, title=title, assumes=assumes)


def _covers(plan: Plan | Problem, loop: Span) -> bool:
    """Is a loop compiled whole?"""
    if isinstance(plan, Problem) or plan.callees.home.file != loop.file:
        return False
    first, last = plan.lines
    return first <= loop.first and loop.last <= last


def _refusal(backend: str, diagnosis: Diagnosis, problem: Problem) -> Refusal:
    return Refusal(
        backend=backend,
        diagnosis=diagnosis,
        where=Span(file=diagnosis.where.file, first=problem.line, last=problem.line),
        reason=problem.reason,
        advice=problem.advice,
    )


BACKEND: Backend = Numba()
