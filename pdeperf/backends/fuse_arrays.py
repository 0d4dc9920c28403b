"""NumPy statements, fused into loops and compiled."""

import ast
import time
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import replace
from typing import cast

from pdeperf.arrays.callbacks import calls_of
from pdeperf.arrays.expand import PART, Expansion
from pdeperf.arrays.loops.schedule import Form
from pdeperf.arrays.named_results import Named, with_named_results
from pdeperf.arrays.one_name import with_one_name
from pdeperf.arrays.planned import Rewrite, plans_of
from pdeperf.arrays.regions import functions_without_loops, known_as, regions_of, runs_within
from pdeperf.arrays.reshaped import with_reshaped
from pdeperf.arrays.rivals import has_cells, on_all_cores, with_staggered_rows
from pdeperf.arrays.shared_bodies import with_shared_bodies
from pdeperf.arrays.ways import WAYS, Choice, Found, promising
from pdeperf.kernel.float_arguments import with_float_arguments
from pdeperf.kernel.lowering import Problem
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project, float_errors

from . import Backend

_OF_OUR_OWN = ("no array is computed here", "numpy.may_share_memory", "`are_arrays`")
"""What stops a second rewrite of a place that has been rewritten: nothing that the user wrote."""
_MORE_THAN_ANYBODY_READS = "lines long, more than anybody reads"
_PLANNING_S = 30
"""Of a processor. A step that has begun is finished."""
_LONG, _LONGER, _LONGEST = 450, 750, 900
"""Lines of loops in place of a region: more than each only where nothing narrower can be written."""


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

    def __init__(self, chosen: Choice = promising) -> None:
        self._chosen = chosen

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The outermost loop first, then what is inside it."""
        if diagnosis.where.file not in project:
            return
        if (watched := float_errors.refusal(self.name, diagnosis, project)) is not None:
            yield watched
            return
        project = with_reshaped(project, diagnosis.where.file)
        problems: list[Problem] = []
        found: bool | None = None
        module, is_plain = project[diagnosis.where.file], False
        for function in reversed(functions_without_loops(project, module, diagnosis.where)):
            named = with_named_results(project, module, function)
            if named is not None:
                found = yield from self._with_names(project, named, diagnosis, problems)
            elif not is_plain:
                found, is_plain = (yield from self._of_project(project, diagnosis, problems)), True
            if found is not None:
                break
        if found is None and not is_plain:
            found = yield from self._of_project(project, diagnosis, problems)
        if not found:
            lines = {problem.line for problem in problems if problem.reason.endswith(PART)}
            for each in self._by_one_name(project, diagnosis, lines):
                problems = [problem for problem in problems if not problem.reason.endswith(PART)]
                yield each
        for problem in _first_of_each_line(problems):
            if any(part in problem.reason for part in _OF_OUR_OWN):
                continue
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=Span(file=diagnosis.where.file, first=problem.line, last=problem.line),
                reason=problem.reason,
                advice=problem.advice,
            )

    def _with_names(
        self, project: Project, named: Named, diagnosis: Diagnosis, problems: list[Problem]
    ) -> Generator[Candidate, None, bool | None]:
        """The candidates where results that are returned have names."""
        file, own = diagnosis.where.file, list[Problem]()
        where = replace(
            diagnosis.where, first=named.line(diagnosis.where.first), last=named.line(diagnosis.where.last)
        )
        steps = self._of_project(named.project, replace(diagnosis, where=where), own)
        while True:
            try:
                each = next(steps)
            except StopIteration as stop:
                problems += (replace(each, line=named.line_of_user(each.line)) for each in own)
                return cast("bool | None", stop.value)
            yield replace(each, diagnosis=diagnosis, patches=_of_text(project, file, each.patches))

    def _of_project(
        self, project: Project, diagnosis: Diagnosis, problems: list[Problem]
    ) -> Generator[Candidate, None, bool | None]:
        """The candidates of the outermost region that can be written; is that one kernel?"""
        module = project[diagnosis.where.file]
        until_s = time.thread_time() + _PLANNING_S
        regions = list(regions_of(project, module, diagnosis.where))
        is_whole: bool | None = None
        for most_lines in (_LONG, _LONGER, _LONGEST):
            for region in regions:
                found = yield from self._of_region(
                    project, module, region, diagnosis, problems, most_lines, until_s
                )
                is_whole = is_whole if found is None else found
                if is_whole:
                    break
                if time.thread_time() > until_s:
                    problems.insert(0, _too_slow(region))  # of what stands in one line, the first is said
                    return is_whole
            if is_whole is not None or not any(_is_length(problem) for problem in problems):
                return is_whole
        for run in runs_within(module, diagnosis.where):
            if not is_whole and time.thread_time() < until_s:
                found = yield from self._of_region(project, module, run, diagnosis, problems, _LONG, until_s)
                is_whole = is_whole if found is None else found
        return is_whole

    def _by_one_name(
        self, project: Project, diagnosis: Diagnosis, lines: Collection[int]
    ) -> Iterator[Candidate]:
        """The same, where arrays that have two names after a loop are read by one of them."""
        file = diagnosis.where.file
        other = with_one_name(project, file, lines) if lines else None
        if other is None:
            return
        for each in self._of_project(other, diagnosis, []):
            yield replace(each, patches=_of_text(project, file, each.patches))

    def _of_region(
        self,
        project: Project,
        module: Module,
        region: Sequence[ast.stmt],
        diagnosis: Diagnosis,
        problems: list[Problem],
        most_lines: int,
        until_s: float,
    ) -> Generator[Candidate, None, bool | None]:
        """The loops of a region, in several ways; are they one kernel? None if there are none."""
        plans = plans_of(project)
        plain = WAYS[0]
        found = plans.loops(project, module, region, plain.recompute, plain.form)
        if not isinstance(found, Expansion):
            problems += found
            return None
        if not _takes_in(found, diagnosis.where, module):
            problems += found.problems
            return None
        if _length(found) > most_lines:
            problems.append(_too_long(region, _length(found)))
            return None
        rewrite, in_the_way = plans.rewrite(project, module, region, plain.recompute, plain.form)
        problems += in_the_way
        if rewrite is None:
            return None
        if not rewrite.is_whole:
            yield from self._in_turn(self._candidate(rewrite, diagnosis), region, project)
            return False
        is_any: bool | None = None
        for number, (way, each) in enumerate(self._chosen(self._ways(project, module, region, most_lines))):
            is_any = is_any or False
            if number and time.thread_time() > until_s:
                break  # what is known already goes to its trial
            other, _ = plans.rewrite(project, module, region, way.recompute, way.form)
            if other is None or not other.is_whole:
                continue
            candidate = self._candidate(other, diagnosis)
            if not way.is_shared:
                is_any = True
                yield from self._in_turn(candidate, region, project)
            elif (parallel := on_all_cores(candidate, project, each.shared)) is not None:
                is_any = True
                yield _finished(parallel, project)
        if is_any is False:  # all that were looked at came to nothing
            yield from self._in_turn(self._candidate(rewrite, diagnosis), region, project)
        return True

    def _ways(
        self, project: Project, module: Module, region: Sequence[ast.stmt], most_lines: int
    ) -> list[Found]:
        """The ways in which a region's loops can be written."""
        plans = plans_of(project)
        known: dict[tuple[str, bool], Found] = {}
        for way in WAYS:
            found = plans.loops(project, module, region, way.recompute, way.form)
            if not isinstance(found, Expansion) or _length(found) > most_lines:
                continue
            if way.form is Form.BLOCKS and not found.shared:
                continue
            if way.form is Form.LINES and not found.has_lines:
                continue
            known.setdefault((found.project[module.file].text, way.is_shared), (way, found))
        return list(known.values())

    def _in_turn(
        self, candidate: Candidate, region: Sequence[ast.stmt], project: Project
    ) -> Iterator[Candidate]:
        """A candidate, after one in which rows of sweeps advance together, if it has such."""
        if has_cells(region) and (staggered := with_staggered_rows(candidate, project)):
            yield _finished(staggered, project)
        yield _finished(candidate, project)

    def _candidate(self, rewrite: Rewrite, diagnosis: Diagnosis) -> Candidate:
        return Candidate(
            backend=self.name,
            title=f"fuse the array statements at line {diagnosis.where.first} in {', '.join(rewrite.names)}",
            diagnosis=diagnosis,
            patches=rewrite.patches,
            safety=Safety.EXACT if rewrite.exact else Safety.ROUNDING,
            assumes=tuple(f"{condition}, checked at run time" for condition in rewrite.conditions),
            forgets=rewrite.forgets,
            has_rivals=True,
        )


def _finished(candidate: Candidate, project: Project) -> Candidate:
    return with_float_arguments(with_shared_bodies(candidate, project), project)


def _of_text(project: Project, file: str, patches: Sequence[Patch]) -> tuple[Patch, ...]:
    """Patches to a file as the user wrote it."""
    return tuple(replace(each, before=project[file].text) if each.file == file else each for each in patches)


def _length(found: Expansion) -> int:
    return found.where.last - found.where.first + 1


def _too_long(region: Sequence[ast.stmt], length: int) -> Problem:
    reason = f"its loops would be {length} {_MORE_THAN_ANYBODY_READS}"
    return Problem(region[0].lineno, reason, "functions that it calls are rewritten on their own")


def _too_slow(region: Sequence[ast.stmt]) -> Problem:
    reason = f"planning it took more than {_PLANNING_S} s: what is inside it was not looked into"
    return Problem(region[0].lineno, reason, "put parts of it in functions: these are planned on their own")


def _is_length(problem: Problem) -> bool:
    return problem.reason.endswith(_MORE_THAN_ANYBODY_READS)


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
    left = [
        call
        for call in calls_of(function, new, known_as(found.project, module, function))
        if found.where.first <= call.lineno <= found.where.last and not _is_otherwise(call, new)
    ]
    before = calls_of(function, module, known_as(found.project, module, function))
    if all(_is_now_and_then(call, module) for call in before):
        return not left
    return all(_is_now_and_then(call, new) for call in left)


def _is_now_and_then(call: ast.Call, module: Module) -> bool:
    """Does it stand on a condition in a loop, as what is printed every so many steps?"""
    for above in module.ancestors(call):
        if isinstance(above, ast.For | ast.While | ast.FunctionDef):
            return False
        if isinstance(above, ast.If) and "are_arrays" not in ast.unparse(above.test):
            return True
    return False


def _is_otherwise(call: ast.Call, module: Module) -> bool:
    """Does it stand where arrays are of other types than they were, beside the loops?"""
    below: ast.AST = call
    for above in module.ancestors(call):
        match above:
            case ast.If(test=test, orelse=orelse) if below in orelse and any(
                isinstance(node, ast.Name) and node.id in ("are_arrays", "type") for node in ast.walk(test)
            ):
                return True
        below = above
    return False


def _first_of_each_line(problems: Sequence[Problem]) -> list[Problem]:
    found: dict[int, Problem] = {}
    for problem in problems:
        found.setdefault(problem.line, problem)
    return list(found.values())


BACKEND: Backend = FuseArrays()
