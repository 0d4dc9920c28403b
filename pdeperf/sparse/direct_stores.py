"""What a loop stores into one array, as one assignment where the order of its turns cannot matter."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.source.flow import writes


@dataclass(frozen=True, slots=True)
class Entry:
    """A store that all turns make at once.

    Attributes
    ----------
    line
        Which of the written lines has it.
    mask
        The turns that make it, a name; empty for all.
    """

    line: int
    places: tuple[ast.expr, ...]
    varies: tuple[bool, ...]
    value: ast.expr
    value_varies: bool
    mask: str
    adds: bool


@dataclass(slots=True)
class ArrayStores:
    """Stores into one array.

    Attributes
    ----------
    name
        The list that gathers them where they are made in order.
    is_direct
        Each is made once, whatever the elements are.
    is_distinct
        No two turns store into the same place.
    """

    name: str
    adds: bool
    axes: int
    is_mixed: bool = False
    is_direct: bool = True
    is_distinct: bool = False
    entries: list[Entry] = field(default_factory=list)


def written_directly(
    path: str,
    stores: ArrayStores,
    lines: Sequence[str],
    halves: Mapping[frozenset[str], str],
    numpy: str,
    values: str,
) -> dict[int, list[str]] | None:
    """What stands in the place of some lines, with the stores made by assignments; None if order matters.

    Parameters
    ----------
    halves
        Pairs of conditions of which one holds wherever some other does, and no two at once.
    values
        A free name.
    """
    entries = stores.entries
    if not stores.is_direct or not entries or not all(any(one.varies) for one in entries):
        return None
    if all(one.adds for one in entries) or stores.is_distinct or len(entries) == 1:
        return {one.line: [_alone(path, stores, one, numpy)] for one in entries}
    if any(one.adds for one in entries):
        return None
    return _merged(path, entries, lines, halves, numpy, values)


def _alone(path: str, stores: ArrayStores, one: Entry, numpy: str) -> str:
    places = _index(one.places, one.varies, one.mask)
    value = _part(one.value, one.value_varies, one.mask)
    if one.adds and not stores.is_distinct:
        at = f"({places})" if len(one.places) > 1 else places
        return f"{numpy}.add.at({path}, {at}, {value})"
    if one.adds and isinstance(one.value, ast.UnaryOp) and isinstance(one.value.op, ast.USub):
        value = _part(one.value.operand, one.value_varies, one.mask)
        return f"{path}[{places}] -= {value}"
    return f"{path}[{places}] {'+=' if one.adds else '='} {value}"


def _merged(
    path: str,
    entries: Sequence[Entry],
    lines: Sequence[str],
    halves: Mapping[frozenset[str], str],
    numpy: str,
    values: str,
) -> dict[int, list[str]] | None:
    """One assignment for stores into the same places: what a turn stores last counts."""
    first, last = entries[0], entries[-1]
    if len({_index(one.places, one.varies, "") for one in entries}) > 1:
        return None
    if any(_changed(one, lines[one.line : last.line]) for one in entries):
        return None
    found: dict[int, list[str]] = {one.line: [] for one in entries}
    total = _whole({one.mask for one in entries}, halves)
    value = ast.unparse(first.value)
    for one in entries[1:]:
        value = (
            f"{numpy}.where({one.mask}, {ast.unparse(one.value)}, {value})"
            if one.mask
            else ast.unparse(one.value)
        )
        found[last.line].append(f"{values} = {value}")
        value = values
    *before, line = found[last.line]
    value = line.removeprefix(f"{values} = ")
    if "" not in total:
        before, value = [*before, line], values
        mask = " | ".join(sorted(total))
        before.append(f"{path}[{_index(first.places, first.varies, mask)}] = {value}[{mask}]")
    else:
        before.append(f"{path}[{_index(first.places, first.varies, '')}] = {value}")
    found[last.line] = before
    return found


def _whole(masks: set[str], halves: Mapping[frozenset[str], str]) -> set[str]:
    """Conditions that hold where one of some others does, as few as they can be."""
    while True:
        pair = next((pair for pair in halves if pair <= masks and halves[pair] not in masks), None)
        if pair is None:
            return masks
        masks = (masks - pair) | {halves[pair]}


def _changed(one: Entry, lines: Sequence[str]) -> bool:
    """Is a name in a store bound anew, or changed in place, by some lines?"""
    tree = ast.parse("\n".join(["if True:", "    pass", *(f"    {line}" for line in lines)]))
    nodes = (*one.places, one.value, *([ast.Name(one.mask)] if one.mask else []))
    names = {node.id for part in nodes for node in ast.walk(part) if isinstance(node, ast.Name)}
    stored = {
        inner.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
        for inner in ast.walk(node.value)
        if isinstance(inner, ast.Name)
    }
    return bool(names & (writes(tree) | stored))


def _index(places: Sequence[ast.expr], varies: Sequence[bool], mask: str) -> str:
    return ", ".join(_part(place, differs, mask) for place, differs in zip(places, varies, strict=True))


def _part(node: ast.expr, varies: bool, mask: str) -> str:
    """An expression, for the turns of a condition alone."""
    text = ast.unparse(node)
    if not mask or not varies:
        return text
    plain = isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.Attribute)
    return f"{text}[{mask}]" if plain else f"({text})[{mask}]"
