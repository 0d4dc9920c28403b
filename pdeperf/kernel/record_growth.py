"""Lists of records that are built by ``append``, written as lists that have their length from the start.

What is built once, of so many elements as may come, ends with ``U = list(U)``: the list becomes an array
there.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pdeperf.kernel.built_lists import building, is_repeated
from pdeperf.kernel.counted_lists import Append, Counting, Filled
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.records import Records, RecordTypes
from pdeperf.source.edits import Edit, extent, indentation, lines_extent, owns_lines, segment
from pdeperf.source.scopes import uses_of


@dataclass(frozen=True, slots=True)
class _RecordValues(ListValues):
    """What may be an element of a list of records."""

    types: RecordTypes | None = None

    def is_made_of(self, node: ast.expr) -> bool:
        return self.types is not None and isinstance(self.types.of(node), Record)


@dataclass(slots=True)
class _CountingRecords(Counting):
    """One place where a list of records is built again and again."""

    width: int = 0

    def unfilled(self) -> str:
        """``[(0.0, 0.0)] * n``."""
        zeros = ", ".join(["0.0"] * self.width)
        size = self.size if self.size.isidentifier() or self.size.isdecimal() else f"({self.size})"
        return f"[({zeros})] * {size}"

    def stored(self, found: Append, place: str) -> Iterator[Edit]:
        """``new[i] = (a, b)`` for ``new.append((a, b))``."""
        whole, function = extent(self.module, found.call), extent(self.module, found.call.func)
        start, end = extent(self.module, found.value)
        between = self.module.text[function[1] : start] + self.module.text[end : whole[1]]
        if (
            isinstance(found.value, ast.Tuple)
            and not set(between) - set("( ,)\n")
            and between.count("(") == 1
        ):
            yield Edit(function[0], start, f"{self.name}[{place}] = ")
            yield Edit(end, whole[1], "")
        else:
            yield from super(_CountingRecords, self).stored(found, place)


def separated(types: RecordTypes) -> Iterator[Edit]:
    """``left, right = [a], [b]`` on two lines, where these are lists of records that grow."""
    module = types.module
    for node in module.all(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
                targets
            ) == len(values) and owns_lines(module, [node]):
                pass
            case _:
                continue
        names = {one.id for one in targets if isinstance(one, ast.Name)}
        plain = len(names) == len(targets) and all(isinstance(one, ast.List) for one in values)
        read = {one.id for value in values for one in ast.walk(value) if isinstance(one, ast.Name)}
        grow = any(_grows(use, types) for name in names for use in uses_of(name, module))
        if plain and grow and not names & read and all(isinstance(types.of(one), Records) for one in targets):
            indent = indentation(module, node)
            pairs = zip(targets, values, strict=True)
            lines = (f"{indent}{segment(module, one)} = {segment(module, value)}\n" for one, value in pairs)
            yield Edit(*lines_extent(module, [node]), "".join(lines))


@dataclass(frozen=True, slots=True)
class Grown:
    """The edits that give lists their length, their names, and those that end as copies of themselves."""

    edits: frozenset[Edit]
    built: frozenset[str]
    names: frozenset[str]


def grown(types: RecordTypes, values: ListValues, but: frozenset[str]) -> Grown:
    """Lists of records of a file that grow, except some of these names."""
    edits: set[Edit] = set()
    built: set[str] = set()
    names: set[str] = set()
    for slot, found in types.types.items():
        if slot.form != "name" or slot.name in but or not isinstance(found, Records) or found.of is None:
            continue
        uses = [node for node in uses_of(slot.name, types.module) if types.slot_of(node) == slot]
        if not any(_grows(node, types) for node in uses):
            continue
        known = _RecordValues(types.module, values.provable, "float64", types=types)
        try:
            made = _filled(uses, known, found.of.width)
            if made:
                edits |= frozenset[Edit]().union(*(one.edits for one in made))
                names.add(slot.name)
                continue
            once = building(Slot("name", slot.owner, slot.name), 1, uses, types, known)
        except NoArrayError:
            continue
        if once is not None:
            indent = indentation(types.module, once.statements[-1])
            lead = "\n" if once.edit.text.startswith("\n") else ""
            edits.add(replace(once.edit, text=f"{lead}{indent}{slot.name} = list({slot.name})\n"))
            built.add(slot.name)
    return Grown(frozenset(edits), frozenset(built), frozenset(names | built))


def _grows(node: ast.Name, types: RecordTypes) -> bool:
    above = types.module.parents[node]
    return isinstance(above, ast.Attribute) and above.attr == "append"


def _filled(uses: Sequence[ast.Name], values: ListValues, width: int) -> tuple[Filled, ...]:
    """The places where a list is built again and again; none if it is built once."""
    module = values.module
    starts = [
        home
        for node in uses
        if isinstance(home := module.parents[node], ast.Assign)
        and home.targets == [node]
        and isinstance(home.value, ast.List)
    ]
    first = starts[0].value if starts else None
    if not isinstance(first, ast.List):
        return ()
    if len(starts) == 1 and not first.elts and not is_repeated(module, starts[0], frozenset()):
        return ()
    made = [_CountingRecords(module, one, starts, values, width=width).filled(uses) for one in starts]
    growing = [node for node in uses if isinstance(module.parents[node], ast.Attribute)]
    if not all(any(one.holds(node) for one in made) for node in growing):
        raise NoArrayError("a list grows elsewhere")
    return tuple(made)
