"""The kernels that a region becomes, worked out once for all the places in it."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar, cast

from pdeperf.arrays.conditions import if_there
from pdeperf.arrays.expand import Expansion, expansion
from pdeperf.arrays.lifted import Lifted, lifted
from pdeperf.arrays.loops.schedule import Form, Recompute
from pdeperf.kernel.emit import emit
from pdeperf.kernel.few_things import counted_first
from pdeperf.kernel.lowering import Problem
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.plan import Plan
from pdeperf.kernel.region import Regions
from pdeperf.kernel.type_guards import TypeGuard, merged
from pdeperf.model import Measurement, Patch, Span
from pdeperf.source import Module, Project, parsed
from pdeperf.source.edits import apply

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The files with a region's loops compiled.

    Attributes
    ----------
    names
        Of the kernels.
    conditions
        Under which they are called.
    is_whole
        The region is one kernel.
    """

    patches: tuple[Patch, ...]
    names: tuple[str, ...]
    conditions: tuple[str, ...]
    forgets: tuple[str, ...]
    exact: bool
    is_whole: bool


class Plans:
    """What the regions of one project become, each worked out when it is first asked for."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], object] = {}
        self._types: dict[tuple[str, int, int, int], tuple[TypeGuard, ...]] = {}
        """What is checked on entry to a region, as its first form needed it."""

    def _once(self, key: tuple[object, ...], work: Callable[[], Found]) -> Found:
        if key not in self._found:
            self._found[key] = work()
        return cast(Found, self._found[key])

    def loops(
        self,
        project: Project,
        module: Module,
        region: Sequence[ast.stmt],
        recompute: Recompute,
        form: Form,
        late: frozenset[str] = frozenset(),
    ) -> Expansion | list[Problem]:
        """A region's array statements as loops, or why not; see :func:`pdeperf.arrays.expand.expansion`."""
        key = "loops", *_place(module, region), recompute, form, late

        def lift(late: frozenset[str]) -> Lifted | list[Problem]:
            key = "lifted", *_place(module, region), late
            return self._once(key, lambda: lifted(project, module, region, late))

        return self._once(
            key,
            lambda: expansion(project, module, region, recompute=recompute, form=form, late=late, lift=lift),
        )

    def rewrite(
        self, project: Project, module: Module, region: Sequence[ast.stmt], recompute: Recompute, form: Form
    ) -> tuple[Rewrite | None, Sequence[Problem]]:
        """The files with a region's loops compiled, and what stood in the way, of all of it or of parts."""
        key = "rewrite", *_place(module, region), recompute, form
        return self._once(key, lambda: self._rewrite(project, module, region, recompute, form))

    def _rewrite(
        self, project: Project, module: Module, region: Sequence[ast.stmt], recompute: Recompute, form: Form
    ) -> tuple[Rewrite | None, Sequence[Problem]]:
        problems: list[Problem] = []
        found = self.loops(project, module, region, recompute, form)
        types = self._types.get(_place(module, region))
        if isinstance(found, Expansion) and types and (known := _ready_under(found, types)) is not None:
            return _emitted(*known, project), ()
        ready = _ready(found, problems) if isinstance(found, Expansion) else None
        if ready is not None and (late := _unchecked(ready[0], ready[1])):
            found = self.loops(project, module, region, recompute, form, late)
            ready = _ready(found, problems) if isinstance(found, Expansion) else None
        if ready is None:
            return None, problems
        plan, expanded, checked = ready
        self._types.setdefault(_place(module, region), checked)
        return _emitted(plan, expanded, project), problems


def plans_of(project: Project) -> Plans:
    """What is known already of a project's regions."""
    texts = tuple((file, module.text) for file, module in project.modules.items())
    return _plans_of(texts, project.observed)


@lru_cache(maxsize=2)
def _plans_of(texts: tuple[tuple[str, str], ...], observed: tuple[Measurement, ...]) -> Plans:
    return Plans()


def _place(module: Module, region: Sequence[ast.stmt]) -> tuple[str, int, int, int]:
    """Where a region stands."""
    return module.file, region[0].lineno, region[0].col_offset, len(region)


def _emitted(plan: Plan, found: Expansion, project: Project) -> Rewrite:
    rows = found.project[found.where.file].lines[found.where.first - 1 : found.where.last]
    conditions = " and ".join((*found.conditions, *rows))
    emitted = emit(plan.kernels, plan.callees, plan.variants, conditions_elsewhere=conditions)
    patches = tuple(
        Patch(file=file, before=project[file].text, after=apply(found.project[file].text, edits))
        for file, edits in emitted.edits.items()
        if edits
    )
    for patch in patches:
        parsed(patch.file, patch.after, is_script=project[patch.file].is_script)
    forgets = {*found.forgets, *(name for kernel in plan.kernels for name in kernel.forgets)}
    return Rewrite(
        patches,
        tuple(emitted.names),
        found.conditions,
        tuple(sorted(forgets)),
        exact=found.exact and all(kernel.exact for kernel in plan.kernels),
        is_whole=len(plan.kernels) == 1,
    )


def _ready_under(found: Expansion, known: tuple[TypeGuard, ...]) -> tuple[Plan, Expansion] | None:
    """One kernel, called where some types hold; None unless these are all that it needs."""
    if found.read_first:
        return None
    under = found.under(counted_first((*_asked(known, found.made_late), *found.conditions)))
    plan = _plan(under, [])
    if plan is None or len(plan.kernels) != 1 or _unchecked(plan, found):
        return None
    if list(plan.kernels[0].statements) != _statements(under.project[under.where.file], under):
        return None
    kernels = (*plan.kernels, *plan.variants)
    needed = {each for kernel in kernels for guard in kernel.type_guards for each in _of_paths(guard)}
    needed = {(path, guard) for path, guard in needed if path not in found.private}
    needed |= {each for guard in found.unread for each in _of_paths(guard)}
    if not needed <= {each for guard in known for each in _of_paths(guard)}:
        return None
    plain, variants = (
        tuple(replace(kernel, type_guards=()) for kernel in part) for part in (plan.kernels, plan.variants)
    )
    return replace(plan, kernels=plain, variants=variants), under


def _of_paths(guard: TypeGuard) -> Iterator[tuple[str, TypeGuard]]:
    """A condition on each of its paths by itself."""
    alone = replace(guard, paths=())
    yield from ((path, alone) for path in guard.paths)


def _ready(found: Expansion, problems: list[Problem]) -> tuple[Plan, Expansion, tuple[TypeGuard, ...]] | None:
    """The kernels, called where what they assume holds; elsewhere the user's statements stand.

    What is checked on entry need not be checked at each call. Last of all, what is asked of types then.
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

    def is_read_first(path: str) -> bool:
        return path in stored & found.read_first and path not in found.open

    kernels = (*plan.kernels, *plan.variants)
    every = [guard for kernel in kernels for guard in kernel.type_guards]
    guards = [guard.only(can_be_checked) for guard in every]
    guards += [guard.only(is_read_first) for guard in every if guard.dtype]
    types = merged(guard for guard in (*guards, *found.unread) if guard is not None)
    conditions = counted_first((*_asked(types, found.made_late), *found.conditions))
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
    return replace(again, kernels=kernels_now, variants=variants), found, types if is_whole else ()


def _asked(guards: Sequence[TypeGuard], made_late: frozenset[str]) -> Iterator[str]:
    """The conditions as texts, those on attributes that are made late for as soon as they are there."""
    for guard in guards:
        if (sure := guard.only(lambda path: path not in made_late)) is not None:
            yield sure.text
        for path in made_late.intersection(guard.paths):
            yield if_there(replace(guard, paths=(path,)).text, made_late)


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


def _plan(found: Expansion, problems: list[Problem]) -> Plan | None:
    """The kernels of an expanded region; None unless they take in every new loop."""
    module = found.project[found.where.file]
    new = [
        node
        for node in module.nodes
        if isinstance(node, ast.For)
        and isinstance(node.target, ast.Name)
        and node.target.id in found.counters
        and found.where.first <= node.lineno <= found.where.last
    ]
    # The loops stand for statements about arrays, whose shapes the conditions ask for.
    regions = Regions(found.project, found.private | found.own, checks=False)
    statements = _statements(module, found)
    whole = regions.exactly(module, statements)
    if isinstance(whole, Plan):
        return whole
    problems += (replace(each, line=found.line_of_user(each.line)) for each in whole[:1])
    last = statements[-1].end_lineno or statements[-1].lineno
    where = Span(file=module.file, first=statements[0].lineno, last=last)
    for plan in regions.plans(where):
        if isinstance(plan, Problem):
            problems.append(replace(plan, line=found.line_of_user(plan.line)))
        elif all(_is_inside(node, plan) for node in new):
            return plan
    loops = list(_outermost(statements))
    while loops:
        together = regions.together([module.span(loop) for loop in loops]) if len(loops) > 1 else None
        if together and all(_is_inside(node, together) for node in new):
            return together
        # One after the other where a loop around them does more than they do.
        inside = [part for loop in loops for part in _outermost(getattr(loop, "body", []))]
        loops = inside if not any(loop in new for loop in loops) else []
    return None


def _outermost(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The loops among some statements and in their branches."""
    for statement in statements:
        if isinstance(statement, ast.For | ast.While):
            yield statement
        elif isinstance(statement, ast.If | ast.With):
            yield from _outermost([*statement.body, *getattr(statement, "orelse", [])])


def _statements(module: Module, found: Expansion) -> list[ast.stmt]:
    """The statements that the region has become."""
    inside = [
        node
        for node in module.nodes
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


def _name_called(call: ast.Call) -> str:
    func = call.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
