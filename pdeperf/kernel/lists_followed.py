"""Lists that become arrays wherever they go: handed to functions, returned, held by attributes."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.kernel.arrays_for_lists import Conversion, conversion, with_arrays
from pdeperf.kernel.built_lists import is_repeated
from pdeperf.kernel.callees import Callees
from pdeperf.kernel.callsite import conditions
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.list_flow import ListFlow
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.lowering import Problem
from pdeperf.kernel.outline import Kernel
from pdeperf.kernel.paths import is_column
from pdeperf.kernel.plan import Plan
from pdeperf.source.edits import Edit, lines_extent
from pdeperf.source.scopes import Scope


def arrays_first(plans: Sequence[Plan | Problem], *, copies_lists: bool = True) -> list[Plan | Problem]:
    """The same ways to compile a place; those that copy lists at many calls come last, or not at all."""
    copying = {id(plan) for plan in plans if isinstance(plan, Plan) and _copies_often(plan)}
    if not copies_lists:
        return [plan for plan in plans if id(plan) not in copying]
    return sorted(plans, key=lambda plan: id(plan) in copying) if copying else [*plans]


def as_arrays(plan: Plan) -> Conversion | None:
    """The lists of a plan's kernels that become arrays where they are made."""
    kernels = [*plan.kernels, *plan.variants]
    return conversion(kernels) or followed(kernels, plan.callees)


def _copies_often(plan: Plan) -> bool:
    """Are lists turned into arrays, or arrays into lists, whenever one of many calls is made?"""
    found = as_arrays(plan)
    known = found.names if found else frozenset[str]()
    return any(
        (any(name not in known for name, _ in _lists_of(kernel)) or _makes_lists(kernel))
        and is_repeated(kernel.module, kernel.statements[0], frozenset())
        for kernel in plan.kernels
    )


def _makes_lists(kernel: Kernel) -> bool:
    kinds = [kernel.kinds.get(name, Kind("")) for name in kernel.results if name not in kernel.arguments]
    return any(kind.base == "list" for kind in kinds)


def followed(kernels: Sequence[Kernel], callees: Callees) -> Conversion | None:
    """Turn the lists that kernels receive into arrays, those of which every use in the file allows it."""
    first = kernels[0]
    alone = len(callees.project.modules) == 1 and first.module.is_script
    if not alone or first.lowering.observed.provable.program.is_dynamic:
        return None
    inside = frozenset(_inside(kernels))
    found = _flows(kernels, inside, inside)
    if found is None:
        return None
    if any(conditions(kernel) for kernel in with_arrays(kernels, found.names)):
        # Where a condition does not hold, the regions' own text runs, with arrays in it.
        found = _flows(kernels, inside, frozenset())
    return found


def _flows(kernels: Sequence[Kernel], inside: frozenset[int], quiet: frozenset[int]) -> Conversion | None:
    first = kernels[0]
    provable = first.lowering.observed.provable
    depths: dict[Slot, int] = {}
    edits: set[Edit] = set()
    lists = [(kernel, name, kind) for kernel in kernels for name, kind in _lists_of(kernel)]
    every = {slot: kind for kernel, name, kind in lists if (slot := _slot(kernel, name)) is not None}
    for slot, kind in every.items():
        if slot in depths:
            continue
        values = ListValues(first.module, provable, kind.dtype)
        flow = ListFlow(module=first.module, inside=inside, quiet=quiet, values=values)
        flow.nodes |= {id(owner.node): owner.node for kernel in kernels for owner in _owners(kernel)}
        try:
            flow.follow(slot, kind.ndim)
        except NoArrayError:
            continue
        types = {other.dtype for one, other in every.items() if one in flow.depths}
        if len(types) == 1 and flow.edits and not depths.keys() & flow.depths.keys():
            depths |= flow.depths
            edits |= flow.edits
    names = {name for kernel, name, _ in lists if _slot(kernel, name) in depths}
    kept = {name for kernel, name, _ in lists if _slot(kernel, name) not in depths}
    if not names or names & kept:
        return None
    spans = [lines_extent(kernel.module, kernel.statements) for kernel in kernels]
    within = {edit for edit in edits if any(start <= edit.start and edit.end <= end for start, end in spans)}
    return Conversion(frozenset(names), tuple(sorted(edits - within)), True, tuple(sorted(within)))


def _owners(kernel: Kernel) -> Iterator[Scope]:
    scope: Scope | None = kernel.scope
    while scope is not None:
        yield scope
        scope = scope.parent


def _lists_of(kernel: Kernel) -> Iterator[tuple[str, Kind]]:
    for name in kernel.arguments:
        kind = kernel.kinds.get(name, Kind(""))
        is_list = kind.base == "list" and kind.dtype in ("float64", "int64")
        if is_list and name not in kernel.arrays and not is_column(kernel.lowering.sources.get(name, "")):
            yield name, kind


def _slot(kernel: Kernel, name: str) -> Slot | None:
    """What stands in the file for an argument of a kernel."""
    path = ast.parse(kernel.lowering.sources.get(name, name), mode="eval").body
    match path:
        case ast.Name(id=text):
            owner = kernel.scope.resolve(text)
            return Slot("name", id(owner.node), text) if owner is not None else None
        case ast.Attribute(attr=text):
            return Slot("attribute", 0, text)
    return None


def _inside(kernels: Sequence[Kernel]) -> Iterator[int]:
    """Nodes of compiled code, which is not written again."""
    for kernel in kernels:
        for part in kernel.statements:
            yield from (id(node) for node in ast.walk(part))
