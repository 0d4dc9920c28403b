"""A script with its lists of records in arrays: states as tuples, named tuples, small objects and dicts.

::

    U[i] = State(U[i].rho - c * (F[i].rho - F[i - 1].rho), ...)

    U[i, 0], U[i, 1], U[i, 2] = float(U[i, 0]) - c * (float(F[i, 0]) - float(F[i - 1, 0])), ...

First classes and dicts go, then lists that grow get their length, then lists become arrays. Each step is
a script that does the same as the one before.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.placement import numpy_name_in
from pdeperf.kernel.provable import Provable
from pdeperf.kernel.record_changes import StaysError
from pdeperf.kernel.record_fields import Fields
from pdeperf.kernel.record_groups import Groups, KeptError, has_lists
from pdeperf.kernel.record_growth import grown, separated
from pdeperf.kernel.record_lists import RecordLists
from pdeperf.kernel.record_makers import Record, classes, dicts
from pdeperf.kernel.record_numbers import RecordNumbers
from pdeperf.kernel.record_seen import Key, Seen, check_numbers, key_of, kinds_of, slot_seen
from pdeperf.kernel.record_unrolled import written_out
from pdeperf.kernel.records import Records, RecordTypes
from pdeperf.kernel.rendering import Rendering
from pdeperf.model import Measurement
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, OverlappingEditsError, after_imports, apply, offset
from pdeperf.source.scopes import FUNCTIONS, parameters

Moves = tuple[tuple[int, int], ...]
_OF_RECORDS = re.compile(r"list\[(tuple|dict|__main__\.|list\[(float|numpy.float64))")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A project in which lists of records have become arrays.

    Attributes
    ----------
    groups
        Names of the variables that have, each with those that it meets.
    moves
        Step by step, the lines from which on lines are so many later.
    """

    project: Project
    groups: tuple[frozenset[str], ...]
    moves: tuple[Moves, ...]


def moved(line: int, moves: Sequence[tuple[int, int]]) -> int:
    """Where a line has gone."""
    return line + sum(shift for first, shift in moves if first <= line)


def moves_of(module: Module, edits: Iterable[Edit]) -> Iterator[tuple[int, int]]:
    """Lines from which on the lines of the new text are so many later."""
    for edit in sorted(edits):
        shift = edit.text.count("\n") - module.text.count("\n", edit.start, edit.end)
        if shift:
            line = 1 + module.text.count("\n", 0, edit.end)
            yield line if edit.end == offset(module, line, 0) else line + 1, shift


def records_in_arrays(module: Module, project: Project, near: frozenset[str]) -> Recorded | None:
    """The project with the lists of records that are named made arrays; None where there are none."""
    seen = any(row.metric == "type" and _OF_RECORDS.match(str(row.value)) for row in project.observed)
    if not seen and not any(classes(module)) and not dicts(module):
        return None
    try:
        return _recorded(module, project, near)
    except (NoArrayError, OverlappingEditsError, SyntaxError, ValueError):
        return None


def _recorded(module: Module, project: Project, near: frozenset[str]) -> Recorded | None:
    plain = _plain(module, project, near)
    if plain is None:
        return None
    first, records, is_alone = plain
    bare = _again(module, first)
    plain_types = _types(bare)
    second = (*separated(plain_types), *written_out(plain_types))
    made = _again(bare, second)
    kept: frozenset[str] = frozenset()
    while True:
        longer = grown(_types(made), _values(made), kept)
        fixed = _again(made, longer.edits)
        lists = _lists(fixed, project, near, longer.built)
        if lists is None:
            return _told_of_tuples(module, project, first, bare, second, made, records) if is_alone else None
        names = {slot.name for slot in lists.types.types if lists.groups.head(slot) in lists.active}
        touched = {name for name in longer.names if name not in names}
        if not touched:
            break
        kept |= touched  # what stays a list goes on as the user wrote it
    numpy = numpy_name_in(fixed)
    last = [
        replace(edit, text=re.sub(r"(?<![\w.])np\.", f"{numpy}.", edit.text))
        for edit in lists.rendering.edits()
    ]
    if not any(
        isinstance(part, ast.Import) and any((one.asname or one.name) == numpy for one in part.names)
        for part in fixed.tree.body
    ):
        at = after_imports(fixed)
        lead = "" if not at or fixed.text[at - 1] == "\n" else "\n"
        last.append(Edit(at, at, f"{lead}import numpy{f' as {numpy}' if numpy != 'numpy' else ''}\n"))
    final = _again(fixed, last)
    steps = ((module, first), (bare, second), (made, longer.edits), (fixed, last))
    moves = tuple(tuple(moves_of(one, edits)) for one, edits in steps)
    told = _Told(module, _arrays(lists), records, moves, kinds_of(module, project, records))
    observed = tuple(row for old in project.observed for row in told.rows(old))
    changed = replace(project, modules=MappingProxyType({module.file: final}), observed=observed)
    groups: dict[Slot, set[str]] = {}
    for slot in lists.types.types:
        if (head := lists.groups.head(slot)) in lists.active and slot.form != "result":
            groups.setdefault(head, set()).add(slot.name)
    return Recorded(changed, tuple(map(frozenset, groups.values())), moves)


def _told_of_tuples(
    module: Module,
    project: Project,
    first: Sequence[Edit],
    bare: Module,
    second: Sequence[Edit],
    made: Module,
    records: Mapping[Key, int],
) -> Recorded:
    """The project in which functions hand about plain tuples, though no list becomes an array."""
    moves = tuple(moves_of(module, first)), tuple(moves_of(bare, second))
    told = _Told(module, {}, records, moves, kinds_of(module, project, records))
    observed = tuple(row for old in project.observed for row in told.rows(old))
    return Recorded(
        replace(project, modules=MappingProxyType({module.file: made}), observed=observed), (), moves
    )


def _again(module: Module, edits: Iterable[Edit]) -> Module:
    text = apply(module.text, edits)
    return Module(module.file, text, is_script=True, local_modules=module.local_modules)


def _types(module: Module) -> RecordTypes:
    """What the variables of a file without named records are made of."""
    types = RecordTypes(module=module, inside=frozenset(), quiet=frozenset(), makers={})
    types.settle()
    return types


def _values(module: Module) -> ListValues:
    project = Project.from_texts({module.file: module.text})
    return ListValues(
        module, Provable(replace(project, modules=MappingProxyType({module.file: module}))), "float64"
    )


def _plain(
    module: Module, project: Project, near: frozenset[str]
) -> tuple[tuple[Edit, ...], dict[Key, int], bool] | None:
    """The edits that make plain tuples of named records, and the variables that stand for one.

    The third says whether functions that are named return such, and nothing changes one.
    """
    makers = {one.maker: one for one in classes(module)}
    by_keys = dicts(module)
    rows = frozenset(range(2, 13))
    while True:
        types = RecordTypes(
            module=module, inside=frozenset(), quiet=frozenset(), makers=makers, dicts=by_keys, rows=rows
        )
        types.settle()
        if alone := rows - _handed(types):
            rows -= alone
            continue
        listed = {found.of for found in types.types.values() if isinstance(found, Records)}
        returned = {found for slot, found in types.types.items() if slot.form == "result"}
        idle = {keys for keys, one in by_keys.items() if one not in listed | returned}
        if idle:
            by_keys = {keys: one for keys, one in by_keys.items() if keys not in idle}
            continue
        fields = Fields(types, Rendering(module))
        try:
            fields.write()
            check_numbers(types, project)
        except StaysError as error:
            makers = {name: one for name, one in makers.items() if one != error.record}
            by_keys = {keys: one for keys, one in by_keys.items() if one != error.record}
            rows -= {error.record.width} if error.record.maker == "[]" else set()
            continue
        functions = {
            getattr(types.nodes[slot.owner], "name", ""): found
            for slot, found in types.types.items()
            if slot.form == "result"
        }
        made = {found for name, found in functions.items() if name in near and isinstance(found, Record)}
        is_alone = any(one.maker for one in made) and not fields.changed
        if not listed - {None} and not is_alone:
            return None
        named = {
            key_of(module, slot): found.width
            for slot, found in types.types.items()
            if isinstance(found, Record) and found.maker and slot.form == "name"
        }
        return tuple(fields.rendering.edits()), named, is_alone


def _handed(types: RecordTypes) -> frozenset[int]:
    """Lengths of lists of numbers that are elements of lists, and that functions are given or return.

    Others are rows of grids, unless records of that length are written in another way, too, or unpacked.
    """
    listed = {found.of for found in types.types.values() if isinstance(found, Records)}
    rows = {one for one in listed if isinstance(one, Record) and one.maker == "[]"}
    known = {one.width for one in listed - rows if isinstance(one, Record)}
    handed = {found for slot, found in types.types.items() if _is_handed(slot, types)}
    for node in types.module.all(ast.Assign):
        if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Subscript):
            handed.add(types.of(node.value))
    return frozenset(one.width for one in rows if one in handed or one.width in known)


def _is_handed(slot: Slot, types: RecordTypes) -> bool:
    owner = types.nodes.get(slot.owner)
    return slot.form == "result" or (isinstance(owner, FUNCTIONS) and slot.name in parameters(owner))


def _lists(
    module: Module, project: Project, near: frozenset[str], built: frozenset[str]
) -> RecordLists | None:
    """The lists that become arrays, written."""
    types = _types(module)
    groups = Groups(types)
    heads: dict[Slot, list[Slot]] = {}
    for slot, found in types.types.items():
        if has_lists(found):
            heads.setdefault(groups.head(slot), []).append(slot)
    seen = Seen(project)
    active = {
        head
        for head, slots in heads.items()
        if any(slot.name in near for slot in slots)
        and all(seen.are_floats(slot.name) for slot in slots if slot.form in ("name", "attribute"))
    }
    values = _values(module)
    while active:
        lists = RecordLists(
            types,
            groups,
            RecordNumbers(types, values),
            frozenset(active),
            built,
            seen.indexed,
            Rendering(module),
        )
        try:
            lists.write()
        except KeptError as error:
            active.discard(groups.head(error.slot))
            continue
        if lists.numbers.has_failed:
            return None
        if unused := active - lists.used:
            active -= unused
            continue
        return lists
    return None


def _arrays(lists: RecordLists) -> dict[Key, int]:
    return {
        key_of(lists.types.module, slot): found.of.width
        for slot, found in lists.types.types.items()
        if isinstance(found, Records) and found.of is not None and lists.groups.head(slot) in lists.active
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """What was seen of records and of lists of them, told of tuples and of arrays."""

    module: Module
    arrays: Mapping[Key, int]
    tuples: Mapping[Key, int]
    moves: tuple[Moves, ...]
    kinds: Mapping[Key, str]

    def rows(self, row: Measurement) -> Iterator[Measurement]:
        if row.where.file != self.module.file:
            yield row
            return
        placed = self._at_its_place(row)
        root = re.match(r"\w+", row.subject)
        key = slot_seen(self.module, row, row.subject)
        if key in self.arrays:
            if row.metric == "type":
                yield replace(placed, value="numpy.ndarray")
                yield replace(placed, metric="dtype", value="float64")
                yield replace(placed, metric="ndim", value=2.0)
            return
        if key in self.tuples:
            if row.metric == "type":
                yield replace(placed, value=f"tuple[{self.kinds.get(key, 'float')}]")
                yield replace(placed, metric="length", value=float(self.tuples[key]))
            return
        base = re.sub(r"(\[[^\]]*\]|\.\w+)$", "", row.subject)
        while base != row.subject and base:
            if slot_seen(self.module, row, base) in (*self.arrays, *self.tuples):
                return
            shorter = re.sub(r"(\[[^\]]*\]|\.\w+)$", "", base)
            if shorter == base:
                break
            base = shorter
        if root is not None or not row.subject:
            yield placed

    def _at_its_place(self, row: Measurement) -> Measurement:
        value = row.value
        found = re.fullmatch(rf"{re.escape(self.module.file)}:(\d+):(.*)", str(value))
        if row.metric == "function" and found:
            value = f"{self.module.file}:{self._line(int(found[1]))}:{found[2]}"
        where = replace(row.where, first=self._line(row.where.first), last=self._line(row.where.last))
        return replace(row, value=value, where=where)

    def _line(self, line: int) -> int:
        for moves in self.moves:
            line = moved(line, moves)
        return line
