"""NumPy statements, fused into loops and compiled."""

import ast
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from pdeperf.arrays.callbacks import calls_of
from pdeperf.arrays.expand import Expansion, expansion
from pdeperf.arrays.regions import known_as, regions_of
from pdeperf.arrays.schedule import Form, Recompute
from pdeperf.kernel.compiled import compiled
from pdeperf.kernel.emit import emit
from pdeperf.kernel.lowering import Problem
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.region import Plan, Regions
from pdeperf.kernel.staggered import staggered, writable
from pdeperf.kernel.type_guards import TypeGuard, merged
from pdeperf.kernel.wavefront import Staggering, sweeps
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project, float_errors
from pdeperf.source.edits import apply

from . import Backend

_OF_OUR_OWN = ("no array is computed here", "numpy.may_share_memory", "`are_arrays`")
"""What stops a second rewrite of a place that has been rewritten: nothing that the user wrote."""
_SCHEDULES = (
    (Recompute.CHEAP, Form.NESTS),
    (Recompute.CHEAP, Form.ROWS),
    (Recompute.CHEAP, Form.SWEEPS),
    (Recompute.CHEAP, Form.LINES),
    (Recompute.ALWAYS, Form.NESTS),
    (Recompute.NEVER, Form.SWEEPS),
    (Recompute.NEVER, Form.NESTS),
)
"""The schedules that are tried, so that the fastest can be kept; what comes out alike counts once."""
_MORE_THAN_ANYBODY_READS = "lines long, more than anybody reads"
_LONG, _LONGEST = 450, 1500
"""Lines of loops in place of a region: more than the first only where nothing narrower can be written."""


class FuseArrays:
    """Writes NumPy statements out as fused loops over cells, and compiles them.

    Why it is slow
    --------------
    Every operation of an array expression reads its operands from memory and writes a new array:
    a five-point stencil passes over memory some ten times where once is enough.

    Slow
    ----
    ::

        for n in range(nt):
            un = u.copy()
            u[1:-1, 1:-1] = un[1:-1, 1:-1] + c * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, :-2])

    Faster
    ------
    ::

        for n in range(nt):
            for i in range(1, u.shape[0] - 1):
                for j in range(1, u.shape[1] - 1):
                    u_next[i, j] = u[i, j] + c * (u[i, j + 1] - 2 * u[i, j] + u[i, j - 1])
            u, u_next = u_next, u

    When it is wrong
    ----------------
    NumPy evaluates a right side before it stores; where a loop would read what it has just written,
    a second array is kept. Arrays that overlap, sizes that do not fit together and element types
    whose arithmetic Numba does otherwise keep the code as it is.

    References
    ----------
    NumPy user guide, "Broadcasting"; NEP 50; Allen and Kennedy, "Optimizing Compilers for Modern
    Architectures", chapters 6 and 13 (loop fusion, compiling array assignments).
    """

    name = "fuse-arrays"
    answers = frozenset(("array-temporaries",))

    def __init__(self) -> None:
        self._lengths: WeakKeyDictionary[Module, dict[ast.stmt, int]] = WeakKeyDictionary()

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The outermost loop first, then what is inside it."""
        if diagnosis.where.file not in project:
            return
        if (watched := float_errors.refusal(self.name, diagnosis, project)) is not None:
            yield watched
            return
        module = project[diagnosis.where.file]
        problems: list[Problem] = []
        regions = list(regions_of(project, module, diagnosis.where))
        for most_lines in (_LONG, _LONGEST):
            is_whole: bool | None = None
            for region in regions:
                found = yield from self._of_region(project, module, region, diagnosis, problems, most_lines)
                is_whole = is_whole if found is None else found
                if is_whole:
                    break
            if is_whole is not None or not any(_is_length(problem) for problem in problems):
                break
        for problem in _first_of_each_line(problems):
            if any(part in problem.reason for part in _OF_OUR_OWN):
                continue
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=Span(file=module.file, first=problem.line, last=problem.line),
                reason=problem.reason,
                advice=problem.advice,
            )

    def _of_region(
        self,
        project: Project,
        module: Module,
        region: Sequence[ast.stmt],
        diagnosis: Diagnosis,
        problems: list[Problem],
        most_lines: int,
    ) -> Generator[Candidate, None, bool | None]:
        """The loops of a region by each schedule; are they one kernel? None if there are none."""
        seen: set[str] = set()
        is_whole: bool | None = None
        lengths = self._lengths.setdefault(module, {})
        for recompute, form in _SCHEDULES:
            if lengths.get(region[0], 0) > most_lines:
                problems.append(_too_long(region, lengths[region[0]]))
                break
            found = expansion(project, module, region, recompute=recompute, form=form)
            if not isinstance(found, Expansion):
                problems += found
                break
            if not _takes_in(found, diagnosis.where, module):
                problems += found.problems
                break
            if not seen:
                lengths[region[0]] = found.where.last - found.where.first + 1
            loops = found.project[module.file].text
            if loops in seen or found.where.last - found.where.first >= most_lines:
                continue
            seen.add(loops)
            ready = _ready(found, problems)
            if ready is not None and (late := _unchecked(*ready)):
                found = expansion(project, module, region, recompute=recompute, form=form, late=late)
                ready = _ready(found, problems) if isinstance(found, Expansion) else None
            if ready is None:
                break
            is_whole = len(ready[0].kernels) == 1
            candidate = self._candidate(*ready, diagnosis, project)
            if _has_cells(region) and (in_turn := _with_staggered_rows(candidate, project)):
                yield in_turn
            yield candidate
            if not is_whole:
                break
        return is_whole

    def _candidate(self, plan: Plan, found: Expansion, diagnosis: Diagnosis, project: Project) -> Candidate:
        rows = found.project[found.where.file].lines[found.where.first - 1 : found.where.last]
        conditions = " and ".join((*found.conditions, *rows))
        emitted = emit(plan.kernels, plan.callees, plan.variants, conditions_elsewhere=conditions)
        patches = tuple(
            Patch(file=file, before=project[file].text, after=apply(found.project[file].text, edits))
            for file, edits in emitted.edits.items()
            if edits
        )
        for patch in patches:
            ast.parse(patch.after)
        exact = found.exact and all(kernel.exact for kernel in plan.kernels)
        return Candidate(
            backend=self.name,
            title=f"fuse the array statements at line {diagnosis.where.first} in {', '.join(emitted.names)}",
            diagnosis=diagnosis,
            patches=patches,
            safety=Safety.EXACT if exact else Safety.ROUNDING,
            assumes=tuple(f"{condition}, checked at run time" for condition in found.conditions),
            forgets=tuple(
                sorted({*found.forgets, *(name for kernel in plan.kernels for name in kernel.forgets)})
            ),
            has_rivals=True,
        )


def _has_cells(region: Sequence[ast.stmt]) -> bool:
    """Does the user write loops over cells beside array statements?"""
    loops = (node for part in region for node in ast.walk(part) if isinstance(node, ast.For))
    return any(isinstance(node, ast.For) for loop in loops for part in loop.body for node in ast.walk(part))


def _with_staggered_rows(candidate: Candidate, project: Project) -> Candidate | None:
    """The same with the rows of sweeps that run in order advancing together; None without such sweeps."""
    for patch in candidate.patches:
        before = project[patch.file]
        module = Module(patch.file, patch.after, is_script=before.is_script)
        after = Project({**project.modules, patch.file: module}, ())
        known = {item.name for item in compiled(before)}
        for item in compiled(module):
            if not item.is_serial or item.name in known:
                continue
            found = [each for each in sweeps(item, after) if isinstance(each, Staggering)]
            if chosen := [each for each in found if not writable(item, each)]:
                pairs = sorted({pair for each in chosen for pair in each.distinct})
                apart = (
                    f"{one} and {other} do not share memory (checked at each call)" for one, other in pairs
                )
                text = staggered(item, chosen)
                others = (other for other in candidate.patches if other is not patch)
                return replace(
                    candidate,
                    title=f"{candidate.title}, rows of sweeps staggered",
                    patches=(replace(patch, after=text), *others),
                    assumes=(*candidate.assumes, *apart),
                )
    return None


def _too_long(region: Sequence[ast.stmt], length: int) -> Problem:
    reason = f"its loops would be {length} {_MORE_THAN_ANYBODY_READS}"
    return Problem(region[0].lineno, reason, "functions that it calls are rewritten on their own")


def _is_length(problem: Problem) -> bool:
    return problem.reason.endswith(_MORE_THAN_ANYBODY_READS)


def _name_called(call: ast.Call) -> str:
    func = call.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _plan(found: Expansion, problems: list[Problem]) -> Plan | None:
    """The kernels of an expanded region; None unless they take in every new loop."""
    module = found.project[found.where.file]
    new = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.For)
        and isinstance(node.target, ast.Name)
        and node.target.id in found.counters
        and found.where.first <= node.lineno <= found.where.last
    ]
    regions = Regions(found.project)
    statements = _statements(module, found)
    whole = regions.exactly(module, statements, found.private)
    if isinstance(whole, Plan):
        return whole
    problems += whole[:1]
    last = statements[-1].end_lineno or statements[-1].lineno
    where = Span(file=module.file, first=statements[0].lineno, last=last)
    for plan in regions.plans(where):
        if isinstance(plan, Problem):
            problems.append(plan)
        elif all(_is_inside(node, plan) for node in new):
            return plan
    return None


def _takes_in(found: Expansion, where: Span, module: Module) -> bool:
    """Has the hot place become loops, where the region calls its function?"""
    first, last = found.replaced
    if first <= where.first and where.last <= last:
        return True
    function = next(
        (
            node
            for node in ast.walk(module.tree)
            if isinstance(node, ast.FunctionDef) and node.lineno <= where.first <= (node.end_lineno or 0)
        ),
        None,
    )
    if function is None:
        return True
    new = found.project[found.where.file]
    return not any(
        found.where.first <= call.lineno <= found.where.last
        for call in calls_of(function, new, known_as(found.project, module, function))
    )


def _ready(found: Expansion, problems: list[Problem]) -> tuple[Plan, Expansion] | None:
    """The kernels, called where what they assume holds; elsewhere the user's statements stand.

    What is checked on entry need not be checked at each call.
    """
    plan = _plan(found, problems)
    if plan is None:
        return None
    module = found.project[found.where.file]
    region = _statements(module, found)
    is_whole = len(plan.kernels) == 1 and list(plan.kernels[0].statements) == region
    stored = {
        ast.unparse(node)
        for part in region
        for node in ast.walk(part)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
    }

    def is_settled(path: str) -> bool:
        return is_whole or (path.isidentifier() and path not in found.open)

    def can_be_checked(path: str) -> bool:
        root = path.split(".")[0].split("[")[0]
        if path in found.private or is_whole:
            return path not in found.private
        return root in found.entering and path not in stored and path not in found.open

    kernels = (*plan.kernels, *plan.variants)
    guards = (guard.only(can_be_checked) for kernel in kernels for guard in kernel.type_guards)
    unread = (TypeGuard(paths=(each.name,), dtype=each.dtype, ndim=len(each.shape)) for each in found.unread)
    types = merged(guard for guard in (*guards, *unread) if guard is not None)
    conditions = (*(guard.text for guard in types), *found.conditions)
    again: Plan | None = plan
    if conditions:
        found = found.under(conditions)
        again = _plan(found, problems)
    if again is None:
        return None

    new = found.project[found.where.file]

    def settled(kernel: Kernel) -> Kernel:
        tested = _tested(kernel, new)
        rest = (
            guard.only(lambda path: not is_settled(path) and path not in tested)
            for guard in kernel.type_guards
        )
        return replace(kernel, type_guards=tuple(guard for guard in rest if guard is not None))

    kernels_now, variants = (tuple(map(settled, part)) for part in (again.kernels, again.variants))
    return replace(again, kernels=kernels_now, variants=variants), found


def _tested(kernel: Kernel, module: Module) -> frozenset[str]:
    """Arrays whose types are checked where the loops of a kernel stand."""
    match module.parents.get(kernel.statements[0]):
        case ast.If(test=test, body=body) if kernel.statements[0] in body:
            calls = [node for node in ast.walk(test) if isinstance(node, ast.Call)]
        case _:
            return frozenset()
    return frozenset(
        ast.unparse(path) for call in calls if _name_called(call) == "are_arrays" for path in call.args
    )


def _unchecked(plan: Plan, found: Expansion) -> frozenset[str]:
    """What is to be checked where it is used: arrays of kernels' that the region binds in its own ways.

    Elsewhere the loops that the kernels are made of run as they are, and these suit one type.
    """
    paths = {
        path
        for kernel in (*plan.kernels, *plan.variants)
        for guard in kernel.type_guards
        if guard.dtype
        for path in guard.paths
    }
    return found.open if paths & found.open else frozenset()


def _statements(module: Module, found: Expansion) -> list[ast.stmt]:
    """The statements that the region has become."""
    inside = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.stmt) and found.where.first <= node.lineno <= found.where.last
    ]
    first = min(inside, key=lambda node: (node.lineno, node.col_offset))
    parent = module.parents[first]
    block = next(
        block
        for name in ("body", "orelse", "finalbody")
        if isinstance(block := getattr(parent, name, None), list) and first in block
    )
    return [node for node in block if found.where.first <= node.lineno <= found.where.last]


def _is_inside(node: ast.stmt, plan: Plan) -> bool:
    return any(
        kernel.statements[0].lineno <= node.lineno <= (kernel.statements[-1].end_lineno or 0)
        for kernel in plan.kernels
    )


def _first_of_each_line(problems: Sequence[Problem]) -> list[Problem]:
    found: dict[int, Problem] = {}
    for problem in problems:
        found.setdefault(problem.line, problem)
    return list(found.values())


BACKEND: Backend = FuseArrays()
