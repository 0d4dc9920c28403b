"""A script with its lists of numbers stored in arrays, before anything of it is compiled.

Code over arrays compiles better than code over lists: rows have names, ``row = u[i]``, are walked, added
up and handed to functions; grids are made, copied and returned within kernels; and nothing is copied
where a kernel is called. So lists of which every use can be followed become arrays in the whole file
first, hot or not, and the regions around a hotspot are those of the file written so.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pdeperf.kernel.built_lists import Building
from pdeperf.kernel.dict_flow import DICT, Dicts
from pdeperf.kernel.held_lists import HELD, holders_of
from pdeperf.kernel.kinds import Kind, join_all
from pdeperf.kernel.list_flow import ListFlow
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.observed import Observed, is_empty_list, list_kind, scope_seen
from pdeperf.kernel.placement import numpy_name_in
from pdeperf.kernel.provable import Provable
from pdeperf.kernel.record_storage import Moves, moved, moves_of, records_in_arrays
from pdeperf.model import Measurement, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, OverlappingEditsError, after_imports, apply
from pdeperf.source.scopes import scope_of

_ENTRY = re.compile(r"(\w+(?:\.\w+)*)\['([^']+)'\]")
_LIST_FACTS = frozenset(("length", "rows_distinct", "columns", "keys", "value"))
"""What is told of lists, not of arrays."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A project in which lists have become arrays.

    Attributes
    ----------
    groups
        The variables and attributes that have, each with those that it meets.
    lists
        Variables that are lists still in these lines, where they are built.
    moves
        Step by step, the lines from which on lines are so many later.
    """

    project: Project
    file: str
    groups: tuple[frozenset[str], ...]
    lists: Mapping[str, Span]
    moves: tuple[Moves, ...]

    @property
    def names(self) -> frozenset[str]:
        """The variables and attributes that have."""
        return frozenset[str]().union(*self.groups)

    def idle(self, compiled: Sequence[ast.AST]) -> frozenset[str]:
        """Those that nothing compiled sees as arrays, nor any that they meet."""
        used: set[str] = set()
        for node in (node for part in compiled for node in ast.walk(part)):
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
            built = self.lists.get(name)
            if built is None or not built.first <= getattr(node, "lineno", 0) <= built.last:
                used.add(name)
        return frozenset[str]().union(*(group for group in self.groups if group.isdisjoint(used)))

    def span(self, where: Span) -> Span:
        """Where lines of the original have gone."""
        if where.file != self.file:
            return where
        return replace(where, first=self._moved(where.first), last=self._moved(where.last))

    def line(self, line: int) -> int:
        """The line of the original that a line comes from."""
        return next((old for old in range(line, 0, -1) if self._moved(old) <= line), line)

    def _moved(self, line: int) -> int:
        for moves in self.moves:
            line = moved(line, moves)
        return line


def stored_in_arrays(where: Span, project: Project, but: frozenset[str] = frozenset()) -> Stored | None:
    """The project with the lists that a hotspot works on made arrays; None where there are none.

    ``but`` names lists that stay: a history that is appended to beside the loops is as good as a list.
    """
    if len(project.modules) != 1 or where.file not in project or not project[where.file].is_script:
        return None
    module, provable = project[where.file], Provable(project)
    if provable.program.is_dynamic:
        return None
    recorded = records_in_arrays(module, project, named_around(module, where) - but)
    if recorded is None:
        return _lists_stored(where, project, but, provable)
    first = Stored(recorded.project, where.file, recorded.groups, {}, recorded.moves)
    found = _lists_stored(first.span(where), recorded.project, but, Provable(recorded.project))
    if found is None:
        return first
    return replace(found, groups=(*first.groups, *found.groups), moves=(*first.moves, *found.moves))


def _lists_stored(where: Span, project: Project, but: frozenset[str], provable: Provable) -> Stored | None:
    """The project with its lists of numbers made arrays; None where there are none."""
    module = project[where.file]
    observed = Observed(project)
    seen = dict(_lists_seen(module, project))
    dicts = dicts_seen(module, project)
    near = named_around(module, where) - but
    nodes = {id(node): node for node in module.nodes}
    found: list[_Group] = []
    for slot, kind in seen.items():
        if slot.name not in near or any(slot in group.arrays for group in found):
            continue
        if slot.owner in nodes:
            scope = scope_of(module, nodes[slot.owner])
            if observed.tables.named(slot.name, module, scope) is not None:
                continue  # kernels read it as a constant
        group = _followed(slot, kind, ListValues(module, provable, kind.dtype), nodes, seen, dicts)
        if group is not None:
            # A copy leads to what it is a copy of, not the other way round: the later group is the larger.
            found = [one for one in found if one.arrays.keys().isdisjoint(group.arrays)]
            found.append(group)
    for slot in sorted(dicts.entries, key=lambda one: one.name):
        for kind in dicts.lists(slot):
            if slot.name not in near or any((slot, kind.dtype) in group.dicts for group in found):
                continue
            whole = Kind("dict", kind.dtype, DICT)
            group = _followed(slot, whole, ListValues(module, provable, kind.dtype), nodes, seen, dicts)
            if group is not None:
                found = [one for one in found if one.arrays.keys().isdisjoint(group.arrays)]
                found.append(group)
    if not found:
        return None
    try:
        return _written(project, module, found, dicts)
    except (OverlappingEditsError, SyntaxError):
        return None


@dataclass(frozen=True, slots=True)
class _Group:
    """Lists that become arrays together, and the edits that make them."""

    arrays: Mapping[Slot, Kind]
    edits: frozenset[Edit]
    built: Mapping[Slot, Building]
    counters: Mapping[Slot, tuple[str, ...]]
    dicts: frozenset[tuple[Slot, str]] = frozenset()
    holders: frozenset[Slot] = frozenset()


def _followed(
    slot: Slot,
    kind: Kind,
    values: ListValues,
    nodes: Mapping[int, ast.AST],
    seen: Mapping[Slot, Kind],
    dicts: Dicts,
) -> _Group | None:
    """A list and all that it meets, if every use of them can be written for arrays."""
    flow = _flow(slot, kind, values, nodes, seen, dicts) or _flow(
        slot, kind, values, nodes, seen, dicts, are_held=True
    )
    if flow is None:
        return None
    met = {one: depth for one, depth in flow.depths.items() if one in seen and depth < HELD}
    if not flow.edits or any((seen[one].dtype, seen[one].ndim) != (kind.dtype, met[one]) for one in met):
        return None
    arrays = {one: Kind("array", kind.dtype, depth) for one, depth in flow.depths.items() if depth < DICT}
    holders = frozenset(one for one, depth in flow.depths.items() if depth >= HELD)
    held = frozenset((one, kind.dtype) for one, depth in flow.depths.items() if depth == DICT)
    return _Group(arrays, frozenset(flow.edits), flow.built, flow.counters, held, holders)


def _flow(
    slot: Slot,
    kind: Kind,
    values: ListValues,
    nodes: Mapping[int, ast.AST],
    seen: Mapping[Slot, Kind],
    dicts: Dicts,
    *,
    are_held: bool = False,
) -> ListFlow | None:
    """Where a list goes, perhaps into lists that hold lists; again where it meets dicts that tell more."""
    met = frozenset((slot,) if kind.ndim == DICT else ())
    while (keys := dicts.together(met)) is not None:
        flow = ListFlow(
            module=values.module,
            inside=frozenset(),
            quiet=frozenset(),
            values=values,
            nodes=dict(nodes),
            seen=seen,
            dicts=dicts,
            keys=keys,
        )
        if are_held:
            flow.holders = holders_of(kind.ndim, flow, seen)
            if not flow.holders:
                return None
        failed = False
        try:
            flow.follow(slot, kind.ndim)
        except NoArrayError:
            failed = True
        more = met | {one for one, depth in flow.depths.items() if depth == DICT}
        if dicts.together(more) == keys:
            return None if failed else flow
        met = more
    return None


def _lists_seen(module: Module, project: Project) -> Iterator[tuple[Slot, Kind]]:
    """The lists of numbers that were seen, and how deep they are nested."""
    kinds: dict[Slot, list[Kind]] = {}
    shaped: set[Slot] = set()
    shared: set[Slot] = set()
    for row in project.observed:
        slot = _slot(module, row) if row.where.file == module.file else None
        if slot is None:
            continue
        if row.metric == "shape":
            shaped.add(slot)
        elif row.metric == "rows_distinct" and str(row.value) in ("0", "0.0"):
            shared.add(slot)
        elif row.metric == "type" and not is_empty_list(str(row.value)):
            kinds.setdefault(slot, []).append(list_kind(str(row.value)))
    for slot, several in kinds.items():
        kind = join_all(several)
        is_grid = kind.base == "list" and (kind.ndim == 1 or slot in shaped) and slot not in shared
        if is_grid and kind.dtype in ("float64", "int64"):
            yield slot, kind


def dicts_seen(module: Module, project: Project) -> Dicts:
    """The dicts that were seen, and what they held under their keys."""
    kinds: dict[Slot, dict[str, set[Kind]]] = {}
    grids: set[tuple[Slot, str]] = set()
    for row in project.observed:
        entry = _ENTRY.fullmatch(row.subject)
        root = replace(row, subject=entry[1] if entry else row.subject)
        if row.where.file != module.file or (slot := _slot(module, root)) is None:
            continue
        if entry is None:
            if row.metric == "type" and row.value == "dict":
                kinds.setdefault(slot, {})
            continue
        several = kinds.setdefault(slot, {}).setdefault(entry[2], set())
        if row.metric == "shape":
            grids.add((slot, entry[2]))
        elif row.metric == "rows_distinct" and str(row.value) in ("0", "0.0"):
            several.add(Kind("object", "shared rows"))
        elif row.metric == "type" and not is_empty_list(str(row.value)):
            kind = list_kind(str(row.value))
            several.add(kind if kind.base == "list" else Kind("object"))
    return Dicts(
        {
            slot: {
                key: only if len(several) == 1 and (only.ndim < 2 or (slot, key) in grids) else None
                for key, several in keys.items()
                for only in several
            }
            for slot, keys in kinds.items()
        }
    )


def _slot(module: Module, row: Measurement) -> Slot | None:
    """What stands for what was seen: a name, or an attribute of whatever has one of that name."""
    if not re.fullmatch(r"\w+(\.\w+)*", row.subject):
        return None
    root, _, attribute = row.subject.rpartition(".")
    if root:
        return Slot("attribute", 0, attribute)
    owner = scope_of(module, scope_seen(module, row)).resolve(attribute)
    return Slot("name", id(owner.node), attribute) if owner is not None else None


def named_around(module: Module, where: Span) -> frozenset[str]:
    """Names in the loop or the function around a hotspot, and in what it calls, however deep."""
    waiting: list[ast.AST] = [
        part
        for part in module.tree.body
        if part.lineno <= where.last and where.first <= (part.end_lineno or part.lineno)
    ]
    functions: dict[str, list[ast.AST]] = {}
    for function in module.all(ast.FunctionDef):
        functions.setdefault(function.name, []).append(function)
    names: set[str] = set()
    while waiting:
        for node in ast.walk(waiting.pop()):
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
            if name and name not in names:
                names.add(name)
                waiting += functions.get(name, ())
    return frozenset(names)


def _written(project: Project, module: Module, groups: Sequence[_Group], dicts: Dicts) -> Stored:
    arrays = {slot: kind for group in groups for slot, kind in group.arrays.items()}
    built = {slot: place for group in groups for slot, place in group.built.items()}
    counters = {slot: names for group in groups for slot, names in group.counters.items()}
    numpy = numpy_name_in(module)
    every = {edit for group in groups for edit in group.edits}
    edits = [replace(edit, text=re.sub(r"(?<![\w.])np\.", f"{numpy}.", edit.text)) for edit in sorted(every)]
    if not _imports_numpy(module, numpy):
        at = after_imports(module)
        lead = "" if not at or module.text[at - 1] == "\n" else "\n"
        imported = "import numpy" if numpy == "numpy" else f"import numpy as {numpy}"
        edits.append(Edit(at, at, f"{lead}{imported}\n"))
    text = apply(module.text, edits)
    made = Module(module.file, text, is_script=True, local_modules=module.local_modules)
    moves = tuple(moves_of(module, edits))
    held = frozenset(one for group in groups for one in group.dicts)
    holders = frozenset(one for group in groups for one in group.holders)
    told = _Told(module, arrays, built, counters, moves, held, dicts, holders)
    observed = tuple(row for old in project.observed for row in told.rows(old))
    changed = replace(project, modules=MappingProxyType({module.file: made}), observed=observed)
    met = [(*group.arrays, *(slot for slot, _ in group.dicts)) for group in groups]
    names = tuple(
        frozenset(slot.name for slot in slots if slot.name and slot.form != "result") for slots in met
    )
    lists = {slot.name: _within(place.statements, module, moves) for slot, place in built.items()}
    return Stored(changed, module.file, names, lists, (moves,))


def _within(statements: Sequence[ast.stmt], module: Module, moves: Sequence[tuple[int, int]]) -> Span:
    first, last = statements[0].lineno, statements[-1].end_lineno or statements[-1].lineno
    return Span(file=module.file, first=moved(first, moves), last=moved(last, moves))


def _imports_numpy(module: Module, name: str) -> bool:
    return any(
        isinstance(part, ast.Import)
        and any(alias.name == "numpy" and (alias.asname or alias.name) == name for alias in part.names)
        for part in module.tree.body
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What was seen of lists, told of the arrays that they have become."""

    module: Module
    arrays: Mapping[Slot, Kind]
    built: Mapping[Slot, Building]
    counters: Mapping[Slot, tuple[str, ...]]
    moves: Sequence[tuple[int, int]]
    held: frozenset[tuple[Slot, str]]
    dicts: Dicts
    holders: frozenset[Slot]

    def rows(self, row: Measurement) -> Iterator[Measurement]:
        if row.where.file != self.module.file:
            yield row
            return
        base = re.sub(r"(\[\])+$", "", row.subject)
        slot = _slot(self.module, replace(row, subject=base))
        kind = self.arrays.get(slot) if slot is not None else None
        if entry := _ENTRY.fullmatch(base):
            slot = _slot(self.module, replace(row, subject=entry[1]))
            known = self.dicts.entries.get(slot, {}).get(entry[2]) if slot is not None else None
            if slot is not None and known is not None and (slot, known.dtype) in self.held:
                kind = Kind("array", known.dtype, known.ndim)
        moved = self._at_its_place(row)
        if slot in self.holders:
            if base == row.subject and row.metric == "type":
                yield replace(moved, value="list[numpy.ndarray]")
            return
        if slot is None or kind is None:
            yield moved
            return
        if base != row.subject or row.metric in _LIST_FACTS:
            return
        if slot in self.built and self.built[slot].holds(row.where.first):
            return  # a list there, and an array in the rest of the scope
        if row.metric != "type" or not (str(row.value).startswith("list[") or is_empty_list(str(row.value))):
            yield moved
            return
        for counter in self.counters.get(slot, ()) if base == slot.name else ():
            yield replace(moved, subject=counter, value="int")
        yield replace(moved, value="numpy.ndarray")
        yield replace(moved, metric="dtype", value=kind.dtype)
        yield replace(moved, metric="ndim", value=float(kind.ndim))

    def _at_its_place(self, row: Measurement) -> Measurement:
        value = row.value
        found = re.fullmatch(rf"{re.escape(self.module.file)}:(\d+):(.*)", str(value))
        if row.metric == "function" and found:
            value = f"{self.module.file}:{moved(int(found[1]), self.moves)}:{found[2]}"
        first, last = (moved(line, self.moves) for line in (row.where.first, row.where.last))
        return replace(row, value=value, where=replace(row.where, first=first, last=last))
