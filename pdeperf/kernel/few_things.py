"""Loops over a few things that are no numbers, written out: ``for bc in self.bcs: bc.apply(u)``.

Objects of several classes, functions, fields by name and dicts have no common type that a kernel could
loop over. Where there are a few, each turn of the loop is written down with the things it is about; that
they are these is a condition.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pdeperf.kernel.columns import DICTS
from pdeperf.kernel.made_functions import held_depth
from pdeperf.kernel.paths import is_path, root_name
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, indentation, lines_extent, owns_lines
from pdeperf.source.kept_turns import binds_within
from pdeperf.source.repeating import RepeatingModule
from pdeperf.source.scopes import statement_of
from pdeperf.source.short_loops import MOST_TURNS, Row, Turn, Walk, substituted, walk_of

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

_MOST_ALIKE = 4
"""More objects of one class are a mesh, whose loop nobody would write out."""
_MOST_LINES = 48
"""More lines than this are no longer read with pleasure: the loop stays as it is."""
_LENGTH = re.compile(r"len\((?P<list>.+)\) == (?P<count>\d+)")
_WHOLE = re.compile(r"(list\(map\(type, .+\)\)|\[\*.+\]) == \[.*\]")
_PLACE = re.compile(r"(?P<list>.+)\[(?P<at>\d+)\](?P<of>\.__class__)? is (?P<what>[\w.]+)")


@dataclass(frozen=True, slots=True)
class Copy:
    """One turn of a loop, written out.

    Attributes
    ----------
    start, end
        Where its text stands.
    shift
        Columns that it is moved to the left.
    before, after
        Text around it.
    """

    start: int
    end: int
    shift: int = 0
    before: str = ""
    after: str = ""


def find_turns(statements: Sequence[ast.stmt], lowering: "Lowering") -> None:
    """Which loops are written out; their variables are names of things from now on."""
    found: dict[int, tuple[Walk, tuple[Turn, ...]]] = {}
    for part in statements:
        for node in ast.walk(part):
            walk = walk_of(node)
            turns = [] if walk is None else _turns(walk, lowering)
            if walk is not None and turns and isinstance(node, ast.For) and _is_short(node, len(turns)):
                found[id(node)] = walk, tuple(turns)
    names = frozenset[str]().union(*(walk.names for walk, _ in found.values()))
    names = frozenset(name for name in names if _is_only_of(name, statements, found.values()))
    for key, (walk, written) in found.items():
        if walk.names <= names:
            lowering.turns[key] = written
            lowering.own -= walk.names
            lowering.assigned -= walk.names
            lowering.turned |= walk.names


def _is_short(loop: ast.For, turns_count: int) -> bool:
    return turns_count * ((loop.end_lineno or loop.lineno) - loop.lineno) <= _MOST_LINES


def _is_only_of(
    name: str, statements: Sequence[ast.stmt], found: Iterable[tuple[Walk, tuple[Turn, ...]]]
) -> bool:
    """Does a name stand nowhere but in the loops that are written out?"""
    inside = {
        id(node)
        for walk, _ in found
        if name in walk.names
        for part in (walk.loop, *walk.body)
        for node in ast.walk(part)
    }
    return not any(
        isinstance(node, ast.Name) and node.id == name and id(node) not in inside
        for part in statements
        for node in ast.walk(part)
    )


def _turns(walk: Walk, lowering: "Lowering") -> list[Turn]:
    """The turns of a loop that is to be written out; none where it stays a loop."""
    loop, module = walk.loop, lowering.module
    if not isinstance(module, RepeatingModule):
        return []
    if isinstance(loop, ast.For) and not owns_lines(module, [loop]):
        return []
    if isinstance(loop, ast.For) and not (owns_lines(module, loop.body) or _is_inline(loop)):
        return []
    if any(lowering.scope.resolve(name) is not None for name in walk.calls) or binds_within(walk, module):
        return []
    keys = [_keys(row, lowering) for row in walk.rows]
    things = [_are_things(row, walk, lowering) for row in walk.rows]
    if any(
        len(places) > _MOST_ALIKE and _is_of_one_class(row, lowering)
        for row, places in zip(walk.rows, keys, strict=True)
    ):
        return []
    return walk.turns(keys) if all(keys) and any(things) else []


def _is_of_one_class(row: Row, lowering: "Lowering") -> bool:
    return row.written is None and lowering.list_class(row.source) not in ("", DICTS)


def _keys(row: Row, lowering: "Lowering") -> Sequence[object]:
    """Keys, texts or places of what a loop runs over, where these never changed; none if they are many."""
    if row.written is not None:
        return range(len(row.written)) if len(row.written) <= MOST_TURNS else ()
    if not is_path(row.source) or root_name(row.source) in lowering.own | lowering.assigned:
        return ()
    seen = lowering.look(ast.unparse(row.source))
    return () if seen is None or seen.is_property else seen.keys


def _are_things(row: Row, walk: Walk, lowering: "Lowering") -> bool:
    """Are these no numbers, and nothing that becomes arrays?"""
    if row.written is not None:
        return any(map(_is_text_in, row.written))
    seen = lowering.look(ast.unparse(row.source))
    if seen is None or seen.kind.base != "object":
        return False
    stays = isinstance(walk.loop, ast.For) and (seen.columns or _is_column_list(row, walk, lowering))
    return not stays


def _is_text_in(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node))


def _is_column_list(row: Row, walk: Walk, lowering: "Lowering") -> bool:
    """Do arrays hold all that the loop asks of its objects?"""
    home = lowering.list_class(row.source)
    if not home or home == DICTS or not isinstance(row.target, ast.Name) or len(walk.rows) > 1:
        return False
    name = row.target.id
    asked = {
        node.attr
        for part in walk.body
        for node in ast.walk(part)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }
    return all(_is_columnar(home, attribute, lowering) for attribute in asked)


def _is_columnar(home: str, attribute: str, lowering: "Lowering") -> bool:
    method = lowering.method(home, attribute)
    if method is None:
        return lowering.has_column(home, attribute)
    _, node = method
    first = node.args.args[0].arg if node.args.args else ""
    return all(
        lowering.method(home, part.attr) is not None or lowering.has_column(home, part.attr)
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == first
    )


def written_out(node: ast.stmt, lowering: "Lowering") -> ast.stmt | None:
    """The turns of a loop, one after the other; nothing if it stays a loop."""
    turns = lowering.turns.get(id(node))
    module = lowering.module
    if turns is None or not isinstance(node, ast.For) or not isinstance(module, RepeatingModule):
        return None
    walk = walk_of(node)
    assert walk is not None
    _require(walk, turns, lowering)
    place = lines_extent(module, [node])
    shift = node.body[0].col_offset - node.col_offset
    body: list[ast.stmt] = []
    copies: list[Copy] = []
    renamed = dict(lowering.renamed)
    for at, turn in enumerate(turns):
        values = {name: value for name, value in turn.items() if _is_fixed(value)}
        things = {name: value for name, value in turn.items() if name not in values}
        again = module.again(node.body, at, partial(substituted, turn=values))
        lowering.renamed |= {name: lowering.canonical(ast.unparse(thing)) for name, thing in things.items()}
        lowering.repeated.extend(again)
        find_turns(again, lowering)
        lowering.find_elements(again)
        body += [lowering.statement(part) for part in again]
        lowering.renamed = dict(renamed)
        told = ", ".join(f"{name} is {ast.unparse(value)}" for name, value in turn.items())
        note, (start, end) = f"{indentation(module, node)}# {told}\n", module.extent_of(again)
        if _is_inline(node):
            start, shift, note = extent(module, again[0])[0], 0, note + indentation(module, node)
        copies.append(Copy(start, end, shift, note))
    lowering.edits.append(Edit(*place, ""))
    lowering.copies[place] = tuple(copies)
    test = ast.copy_location(ast.Constant(True), node)
    return ast.copy_location(ast.If(test=test, body=body, orelse=[]), node)


def _is_inline(loop: ast.For) -> bool:
    """Does the body stand on the line of its header?"""
    return loop.lineno == loop.body[0].lineno == loop.end_lineno


def _is_fixed(value: ast.expr) -> bool:
    """Is it a number or a text that is written there?"""
    return all(
        isinstance(part, ast.Constant | ast.UnaryOp | ast.BinOp | ast.operator | ast.unaryop)
        for part in ast.walk(value)
    )


def folded_out(node: ast.Call, function: str, lowering: "Lowering") -> ast.expr | None:
    """``sum(s(x) for s in sources)`` as ``(0 + ... + ...)``; nothing if it stays a loop."""
    module, folds = lowering.module, node.args[0]
    walk = walk_of(folds)
    turns = _turns(walk, lowering) if walk is not None and len(node.args) == 1 and not node.keywords else []
    if walk is None or len(turns) < 2 or not isinstance(module, RepeatingModule):
        return None
    _require(walk, turns, lowering)
    statement = statement_of(module, node)
    kept = lowering.renamed, lowering.own, lowering.assigned, lowering.turned
    lowering.own, lowering.assigned = lowering.own - walk.names, lowering.assigned - walk.names
    lowering.turned |= walk.names
    values: list[ast.expr] = []
    copies: list[Copy] = []
    is_sum = function == "builtins.sum"
    for at, turn in enumerate(turns):
        constants = {name: value for name, value in turn.items() if _is_fixed(value)}
        again = module.again([statement], (id(folds), at), partial(substituted, turn=constants))
        lowering.renamed = kept[0] | {
            name: lowering.canonical(ast.unparse(thing))
            for name, thing in turn.items()
            if name not in constants
        }
        element = _counterpart(walk.body[0], statement, again[0], module)
        values.append(lowering.expression(element))
        before = (" + " if is_sum else ", ") if at else ("(0 + " if is_sum else f"{ast.unparse(node.func)}(")
        copies.append(Copy(*extent(module, element), before=before, after=")" * (at == len(turns) - 1)))
    lowering.renamed, lowering.own, lowering.assigned, lowering.turned = kept
    place = extent(module, node)
    lowering.edits.append(Edit(*place, ""))
    lowering.copies[place] = tuple(copies)
    if not is_sum:
        return ast.copy_location(ast.Call(func=node.func, args=values, keywords=[]), node)
    total: ast.expr = ast.copy_location(ast.Constant(0), node)
    for value in values:
        total = ast.copy_location(ast.BinOp(total, ast.Add(), value), node)
    return total


def _counterpart(node: ast.AST, tree: ast.AST, other: ast.AST, module: Module) -> ast.expr:
    """The expression of one tree that stands where another does in a tree of the same form."""
    steps: list[tuple[str, int]] = []
    while node is not tree:
        above = module.parents[node]
        for name, value in ast.iter_fields(above):
            if value is node:
                steps.append((name, -1))
            elif isinstance(value, list) and any(part is node for part in value):
                steps.append((name, next(at for at, part in enumerate(value) if part is node)))
        node = above
    for name, at in reversed(steps):
        value = getattr(other, name)
        other = value[at] if at >= 0 else value
    assert isinstance(other, ast.expr)
    return other


def _require(walk: Walk, turns: Sequence[Turn], lowering: "Lowering") -> None:
    """Let the call site check that the loop has these turns."""
    for row in walk.rows:
        if row.written is not None:
            continue
        text = lowering.canonical(ast.unparse(row.source))
        keys = _keys(row, lowering)
        if keys == tuple(range(len(turns))) and row.view == "elements":
            lowering.conditions.add(f"len({text}) == {len(turns)}")
        else:
            lowering.conditions.add(f"[*{text}] == {list(keys)!r}")


def with_copies(edits: Sequence[Edit], lowering: "Lowering") -> list[Edit]:
    """Edits in which the loops that are written out have their text."""
    return list(_resolved(edits, 0, len(lowering.module.text), lowering))


def _resolved(edits: Sequence[Edit], start: int, end: int, lowering: "Lowering") -> Iterator[Edit]:
    """The edits of one part of the text; a loop's turns stand elsewhere, with edits of their own."""
    for edit in edits:
        if start <= edit.start and edit.end <= end:
            turns = lowering.copies.get((edit.start, edit.end))
            text = edit.text if turns is None else "".join(_text(turn, edits, lowering) for turn in turns)
            yield replace(edit, text=text)


def _text(turn: Copy, edits: Sequence[Edit], lowering: "Lowering") -> str:
    moved = [
        Edit(edit.start - turn.start, edit.end - turn.start, edit.text)
        for edit in _resolved(edits, turn.start, turn.end, lowering)
    ]
    rows = apply(lowering.module.text[turn.start : turn.end], moved).splitlines(keepends=True)
    text = "".join(row[min(turn.shift, len(row) - len(row.lstrip(" \t"))) :] for row in rows)
    return f"{turn.before}{text}{turn.after}"


def condensed(conditions: Iterable[str]) -> Iterator[str]:
    """Conditions on each thing in a list, as one on the list: ``list(map(type, bcs)) == [Wall, Inlet]``."""
    every = sorted(set(conditions))
    counts = {found["list"]: int(found["count"]) for text in every if (found := _LENGTH.fullmatch(text))}
    of_list: dict[tuple[str, str], dict[int, str]] = {}
    for text in every:
        if (found := _PLACE.fullmatch(text)) and found["list"] in counts:
            of_list.setdefault((found["list"], found["of"] or ""), {})[int(found["at"])] = found["what"]
    whole = {key: kinds for key, kinds in of_list.items() if len(kinds) == counts[key[0]]}
    sizes: dict[str, str] = {}
    others = []
    for text in every:
        found, length = _PLACE.fullmatch(text), _LENGTH.fullmatch(text)
        if found and (found["list"], found["of"] or "") in whole:
            continue
        if length is None:
            others.append(text)
        elif not any(name == length["list"] for name, _ in whole):
            sizes[length["list"]] = text
    for (name, of), kinds in whole.items():
        told = ", ".join(kinds[at] for at in range(len(kinds)))
        text = f"list(map(type, {name})) == [{told}]" if of else f"[*{name}] == [{told}]"
        sizes[name] = f"{sizes[name]} and {text}" if name in sizes else text
    # How many there are comes before the first that is asked for; a list in one of them has a longer name.
    first = [sizes[name] for name in sorted(sizes, key=lambda name: (len(name), name))]
    yield from sorted((*first, *others), key=held_depth)


def counted_first(conditions: Iterable[str]) -> list[str]:
    """Conditions in an order in which no element of a list is asked before how many there are."""
    return sorted(conditions, key=lambda text: not (_LENGTH.fullmatch(text) or _WHOLE.fullmatch(text)))
