"""How much around a hot loop becomes one kernel: the nest first, then outwards as far as it compiles."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from pdeperf.kernel.blocks import (
    LOOPS,
    Block,
    block_of,
    comprehensions,
    half_way,
    inner_loops,
    is_bookkeeping,
    is_climbable,
    is_documentation,
    is_start,
    is_tiny,
    loops_at,
    may_leave,
    whole_if,
    with_lists_made,
)
from pdeperf.kernel.callees import Callees
from pdeperf.kernel.callers import calls_of
from pdeperf.kernel.list_making import grows, made_lists
from pdeperf.kernel.lowering import Problem
from pdeperf.kernel.made_functions import CHECKED
from pdeperf.kernel.observed import Observed
from pdeperf.kernel.outline import Kernel, outline
from pdeperf.kernel.plan import Plan, covers, is_within, leaves_most, misses
from pdeperf.model import Span
from pdeperf.source import Module, Project
from pdeperf.source.repeating import RepeatingModule
from pdeperf.source.scopes import FUNCTIONS, statement_of
from pdeperf.source.short_loops import walk_of

_ENDS = (ast.Return, ast.Break, ast.Continue, ast.Import, ast.ImportFrom, *FUNCTIONS, ast.ClassDef)
"""Where a region simply ends: nothing that a user could change."""
_MOST_VARIANTS = 4


def _taken(module: Module) -> frozenset[str]:
    names = {node.id for node in module.all(ast.Name)}
    names |= {node.arg for node in module.all(ast.arg)}
    names |= {node.name for node in module.all(ast.FunctionDef)}
    names |= {node.name for node in module.all(ast.ClassDef)}
    names |= {(node.asname or node.name).split(".")[0] for node in module.all(ast.alias)}
    return frozenset(names) | {"njit", "prange", "numba"}


class Regions:
    """The regions around a hotspot.

    Parameters
    ----------
    project
        The user's files with the observed types.
    private
        Names that the regions alone know: nobody looks at them afterwards.
    checks
        Do the kernels check how far their indices reach? Not where that is known by other means.
    """

    def __init__(self, project: Project, private: frozenset[str] = frozenset(), checks: bool = True) -> None:
        self._private, self._checks_indices = private, checks
        modules = {file: RepeatingModule(module) for file, module in project.modules.items()}
        self.project = replace(project, modules=modules)
        self.observed = Observed(self.project)

    def _callees(self, module: Module) -> Callees:
        return Callees(self.project, self.observed, module, module.once(_taken, module))

    def _outline(
        self, module: Module, statements: Sequence[ast.stmt], callees: Callees
    ) -> Kernel | list[Problem]:
        return outline(module, statements, callees, self._private, checks_indices=self._checks_indices)

    def _try(self, module: Module, statements: Sequence[ast.stmt]) -> Plan | list[Problem]:
        callees = self._callees(module)
        self.observed.optional.clear()
        found = self._outline(module, statements, callees)
        if not isinstance(found, Kernel):
            absent = self._without(module, statements)
            return absent or found
        variants = [*self._variants(found, callees)]
        if self.observed.optional and (absent := self._without(module, statements, callees)):
            variants += absent.kernels
        return Plan((found,), callees, tuple(variants))

    def _without(
        self, module: Module, statements: Sequence[ast.stmt], callees: Callees | None = None
    ) -> Plan | None:
        """The same where what was None at times is None."""
        if not self.observed.optional or self.observed.is_absent:
            return None
        callees = callees or self._callees(module)
        self.observed.is_absent = True
        try:
            found = self._outline(module, statements, callees)
        finally:
            self.observed.is_absent = False
        return Plan((found,), callees) if isinstance(found, Kernel) else None

    def _variants(self, kernel: Kernel, callees: Callees) -> Iterator[Kernel]:
        """Kernels for the other functions, and classes of objects, that were seen."""
        names = {guard.split(" is ")[0] for guard in kernel.guards}
        names |= {made["path"] for guard in kernel.guards if (made := CHECKED.match(guard))}
        several = [name for name in sorted(names) if len(callees.options.get(name, ())) > 1]
        chosen = product(*(callees.options[name] for name in several))
        seen = {kernel.guards}
        for choice in islice(chosen, 1, _MOST_VARIANTS):
            callees.choices.update(zip(several, choice, strict=True))
            found = self._outline(kernel.module, kernel.statements, callees)
            if isinstance(found, Kernel) and found.guards not in seen:
                seen.add(found.guards)
                yield found
        for name in several:
            callees.choices.pop(name, None)

    def exactly(self, module: Module, statements: Sequence[ast.stmt]) -> Plan | list[Problem]:
        """A plan for these statements and no others, or what stands in the way."""
        return self._try(module, statements)

    def plans(self, where: Span) -> Iterator[Plan | Problem]:
        """Ways to compile a hotspot, the widest first; the reasons of what stopped each climb between them.

        Parameters
        ----------
        where
            The hot loop, or a hot line.
        """
        module = self.project[where.file]
        loops = loops_at(module, where)
        if not loops:
            yield from self._from_calls(module, where)
            return
        seen: set[tuple[int, int]] = set()
        stops: list[Problem] = []
        for plan in self._around(module, [loops[0]], stops):
            if plan.lines not in seen:
                seen.add(plan.lines)
                yield plan
        for stop in stops:
            yield replace(stop, line=module.line_in_file(stop.line))

    def together(self, places: Sequence[Span]) -> Plan | None:
        """One plan for several hotspots of one file; None if fewer than two join."""
        chosen: list[tuple[int, int, tuple[ast.stmt, ...]]] = []
        module = self.project[places[0].file]
        for where in places:
            if where.file != module.file:
                continue
            plan = next((found for found in self.plans(where) if isinstance(found, Plan)), None)
            if plan is None or plan.callees.home is not module:
                continue
            for kernel in plan.kernels:
                first, last = kernel.statements[0].lineno, kernel.statements[-1].end_lineno or 0
                if any(low <= first and last <= high for low, high, _ in chosen):
                    continue
                chosen = [one for one in chosen if not (first <= one[0] and one[1] <= last)]
                chosen.append((first, last, kernel.statements))
        if len(chosen) < 2 or len({region[0] for region in chosen}) < len(chosen):
            return None
        callees = self._callees(module)
        kernels: list[Kernel] = []
        for _, _, statements in sorted(chosen, key=lambda one: one[0]):
            found = self._outline(module, statements, callees)
            if not isinstance(found, Kernel):
                return None
            kernels.append(found)
        inside = {
            id(node)
            for _, _, statements in chosen
            for part in statements
            for node in ast.walk(part)
            if isinstance(node, ast.stmt)  # operators and contexts are the same objects everywhere
        }
        compiled = [callee.node for callee in callees.built.values() if callee.module is module]
        if any(id(part) in inside for node in compiled for part in ast.walk(node)):
            return None
        if any(statements[0] in ast.walk(node) for node in compiled for _, _, statements in chosen):
            return None
        variants = [variant for kernel in kernels for variant in self._variants(kernel, callees)]
        return Plan(tuple(kernels), callees, tuple(variants))

    def _around(self, module: Module, start: Block, stops: list[Problem]) -> Iterator[Plan]:
        first = self._try(module, start)
        if not isinstance(first, Plan):
            made = with_lists_made(block_of(module, start[0])[0], start[0])
            wider = self._try(module, made) if len(made) > 1 else first
            if isinstance(wider, Plan):
                first, start = wider, made
        outer = start[0]
        while not isinstance(first, Plan) and isinstance(outer, LOOPS):
            # What the loop alone cannot be, the loop around it may: `b = bodies[i]` stands between them.
            outer = block_of(module, outer)[1]  # type: ignore[assignment]
            if not isinstance(outer, LOOPS):
                break
            made = with_lists_made(block_of(module, outer)[0], outer)
            runs: list[Block] = [[outer], made] if len(made) > 1 else [made]
            for run in runs:
                wider = self._try(module, run)
                if isinstance(wider, Plan):
                    first, start = wider, run
                    break
        if not isinstance(first, Plan):
            stops.extend(first[:1])
            yield from self._inside(module, start[0], stops)
            return
        found = [first]
        current = start
        while True:
            block, parent = block_of(module, current[0])
            if isinstance(parent, ast.For) and walk_of(parent) is not None:
                # What names the thing of a turn has a meaning only with the loop that is written out.
                wider = self._try(module, [parent])
                if isinstance(wider, Plan):
                    found.append(wider)
                    current = [parent]
                    continue
            run = self._extend(module, block, current, stops)
            is_whole = (len(run) == len(block) or may_leave(block)) and is_climbable(module, parent)
            parent = whole_if(module, parent)
            if is_whole and isinstance(parent, ast.stmt):
                wider = self._try(module, [parent])
                if not isinstance(wider, Plan) and isinstance(parent, ast.If):
                    # What only a branch binds is a variable of the loop around it, if it is one of any.
                    above = block_of(module, parent)[1]
                    whole = self._try(module, [above]) if isinstance(above, ast.For | ast.While) else wider
                    parent, wider = (above, whole) if isinstance(whole, Plan) else (parent, wider)
                if isinstance(wider, Plan):
                    found.append(wider)
                    current = [parent]  # type: ignore[list-item]
                    continue
                stops.extend(wider[:1])
            while isinstance(parent, (*LOOPS, ast.FunctionDef)) and len(run) > len(current):
                wider = self._try(module, run)
                if isinstance(wider, Plan):
                    found.append(wider)
                    break
                run = half_way(run, current)  # each can be compiled, all together cannot
            break
        function = block_of(module, current[0])[1]
        partly: list[Plan] = []
        if isinstance(function, ast.FunctionDef):
            calls = [*calls_of(function, module.file, self.project)]
            for plan in self._in_callers(function, stops):
                if leaves_most(plan, calls, self.project):
                    partly.append(plan)
                else:
                    yield plan
        yield from (*reversed(found), *partly)

    def _extend(self, module: Module, block: Block, current: Block, stops: list[Problem]) -> Block:
        """Neighbours that can be compiled too; plain bookkeeping at the ends stays outside."""
        index, end = block.index(current[0]), block.index(current[-1])
        first, last = index, end
        lists = made_lists(block)
        first -= self._joining(module, block[:first][::-1], stops, lists)
        first += first < index and is_documentation(block[first], block_of(module, block[0])[1])
        lists = made_lists(block[first:])
        last += self._joining(module, block[last + 1 :], stops, lists)
        is_whole = first == 0 and last == len(block) - 1
        if is_whole and not isinstance(block_of(module, block[0])[1], FUNCTIONS):
            return block  # what stands around it may be compiled with it
        widest = first
        while first < index and is_bookkeeping(block[first]):
            first += 1
        while first > widest and is_start(block[first - 1], block[first : last + 1]):
            first -= 1
        while last > end and is_bookkeeping(block[last]):
            last -= 1
        return block[first : last + 1]

    def _joining(self, module: Module, neighbours: Block, stops: list[Problem], lists: frozenset[str]) -> int:
        """How many neighbours, the nearest first, can be compiled too: asked for many of them at once."""
        count, at_once = 0, len(neighbours)
        while count < len(neighbours):
            several = neighbours[count : count + at_once]
            if len(several) > 1 and self._are_kernel(module, several, lists):
                count += len(several)
            elif len(several) > 1:
                at_once = len(several) // 2
            elif self._joins(module, several[0], stops, lists):
                count += 1
            else:
                break
        return count

    def _are_kernel(self, module: Module, several: Block, lists: frozenset[str]) -> bool:
        """Can several statements, in either order, be compiled as they follow one another?"""
        if any(isinstance(each, _ENDS) or grows(each) & lists for each in several):
            return False
        in_order = sorted(several, key=lambda each: (each.lineno, each.col_offset))
        callees = self._callees(module)
        return isinstance(outline(module, in_order, callees, self._private, checks_indices=False), Kernel)

    def _joins(
        self, module: Module, statement: ast.stmt, stops: list[Problem], lists: frozenset[str]
    ) -> bool:
        if grows(statement) & lists:
            return True  # made beside it: the whole run is outlined again
        if isinstance(statement, _ENDS):
            return False
        found = outline(module, [statement], self._callees(module), self._private, checks_indices=False)
        if isinstance(found, Kernel):
            return True
        # A name that the neighbours bind is no obstacle: the whole run is outlined again.
        passing = ("was not seen", "unassigned", "shares its line")
        real = [problem for problem in found if not any(part in problem.reason for part in passing)]
        stops.extend(real[:1])
        return not real

    def _inside(self, module: Module, loop: ast.stmt, stops: list[Problem]) -> Iterator[Plan]:
        """The inner loops of a nest that cannot be compiled whole, all in one plan."""
        callees = self._callees(module)
        kernels: list[Kernel] = []
        for inner in inner_loops(loop) or comprehensions(loop):
            self._collect(module, inner, callees, kernels, stops)
        if kernels:
            yield Plan(tuple(kernels), callees)

    def _collect(
        self, module: Module, loop: ast.stmt, callees: Callees, kernels: list[Kernel], stops: list[Problem]
    ) -> None:
        if any(
            loop.lineno >= k.statements[0].lineno
            and (loop.end_lineno or 0) <= (k.statements[-1].end_lineno or 0)
            for k in kernels
        ):
            return
        if is_tiny(loop):
            return
        if isinstance(self._try(module, [loop]), Plan):
            block, _ = block_of(module, loop)
            run = self._extend(module, block, [loop], stops)
            for statements in (run, [loop]):
                found = self._outline(module, statements, callees)
                if isinstance(found, Kernel):
                    # A run that reaches back over an earlier kernel takes it in.
                    kernels[:] = [kernel for kernel in kernels if not is_within(kernel, statements)]
                    kernels.append(found)
                    return
            return
        for inner in inner_loops(loop):
            self._collect(module, inner, callees, kernels, stops)

    def _in_callers(self, function: ast.FunctionDef, stops: list[Problem]) -> Iterator[Plan]:
        tried: set[ast.stmt] = set()
        for home, loop, call in self._loops_that_call(function, (function,)):
            inside = statement_of(home, call)
            if inside in tried:
                continue
            plans = [] if loop in tried else [*self._around(home, [loop], stops)]
            tried |= {loop, inside}
            yield from (plan for plan in plans if not misses(plan, home, loop, inside))
            if inside is not loop and not any(covers(plan, home, inside) for plan in plans):
                yield from self._around(home, [inside], stops)  # what else the loop does is no kernel's

    def _loops_that_call(
        self, function: ast.FunctionDef, known: tuple[ast.FunctionDef, ...]
    ) -> Iterator[tuple[Module, ast.stmt, ast.Call]]:
        """The loops that call a function, themselves or through other functions."""
        for home, call in calls_of(function, self._file_of(function), self.project):
            for above in home.ancestors(call):
                if isinstance(above, LOOPS) and isinstance(above, ast.stmt):
                    if not any(outer in known for outer in home.ancestors(above)):
                        yield home, above, call
                    break
                if isinstance(above, ast.FunctionDef):
                    if above not in known:
                        yield from self._loops_that_call(above, (*known, above))
                    break

    def _from_calls(self, module: Module, where: Span) -> Iterator[Plan | Problem]:
        """A hot line without a loop of its own: the loops that call its function."""
        functions = [
            node
            for node in module.nodes
            if isinstance(node, ast.FunctionDef) and node.lineno <= where.first <= (node.end_lineno or 0)
        ]
        stops: list[Problem] = []
        if functions:
            innermost = max(functions, key=lambda node: node.lineno)
            yield from self._in_callers(innermost, stops)
        yield from stops

    def _file_of(self, function: ast.FunctionDef) -> str:
        return next(one.file for one in self.project.modules.values() if function in one.parents)
