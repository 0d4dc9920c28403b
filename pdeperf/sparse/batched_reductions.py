"""Names in which a loop sums up numbers, or keeps the largest or smallest of them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import statement_of
from pdeperf.sparse.batched_lists import lists_added_to

LARGEST = '''
def largest(values, start):
    """What max(start, value) leaves, taken with one value after the other: nan is never larger."""
    top = {numpy}.fmax.reduce(values) if len(values) else start
    return top if top > start else start
'''

SMALLEST = '''
def smallest(values, start):
    """What min(start, value) leaves, taken with one value after the other: nan is never smaller."""
    least = {numpy}.fmin.reduce(values) if len(values) else start
    return least if least < start else start
'''

LARGER = '''
def larger(one, other):
    """max(one, other) at each place: nan is never larger, and a number is not larger than nan."""
    return {numpy}.where(other > one, other, one)
'''

SMALLER = '''
def smaller(one, other):
    """min(one, other) at each place: nan is never smaller, and a number is not smaller than nan."""
    return {numpy}.where(other < one, other, one)
'''


@dataclass(frozen=True, slots=True)
class Reduction:
    """A statement that takes a number into a sum, a maximum or a minimum.

    Attributes
    ----------
    kind
        ``sum``, ``max`` or ``min``.
    value
        What is taken in.
    negative
        It is taken off.
    """

    name: str
    kind: str
    value: ast.expr
    negative: bool = False

    @property
    def is_attribute(self) -> bool:
        """Is it a number that an object holds?"""
        return "." in self.name


def reductions(meaning: Meaning, module: Module, loop: ast.For) -> dict[ast.stmt, Reduction]:
    """The statements of a loop that reduce, each to a name that the loop does not mention elsewhere."""
    found: dict[ast.stmt, Reduction] = {}
    for node in ast.walk(loop):
        if isinstance(node, ast.stmt) and (one := _reduced(meaning, module, node)) is not None:
            found[node] = one
    lists = lists_added_to(meaning, module, loop)
    return {
        node: one
        for node, one in found.items()
        if one.name not in lists and _is_alone(meaning, module, loop, node, one)
    }


def _is_alone(
    meaning: Meaning, module: Module, loop: ast.For, statement: ast.stmt, reduction: Reduction
) -> bool:
    """Does the rest of the loop, and the value, leave the name alone?"""
    if reduction.is_attribute:
        return _is_attribute_alone(meaning, module, loop, statement, reduction)
    own = {id(node) for node in ast.walk(statement)}
    mentioned = any(
        isinstance(node, ast.Name) and node.id == reduction.name
        for node in ast.walk(loop)
        if id(node) not in own
    )
    within = any(
        isinstance(node, ast.Name) and node.id == reduction.name for node in ast.walk(reduction.value)
    )
    return not mentioned and not within


def _is_attribute_alone(
    meaning: Meaning, module: Module, loop: ast.For, statement: ast.stmt, reduction: Reduction
) -> bool:
    """Is a number that an object holds not looked at by anything else that the loop runs?"""
    root, _, attribute = reduction.name.partition(".")
    kinds = meaning.values(module, loop, reduction.name, "type")
    special = {attribute, "__setattr__", "__getattr__", "__getattribute__"}
    is_number = bool(kinds) and kinds <= {"int", "float", "numpy.int64", "numpy.float64"}
    if not is_number or special & meaning.functions.keys() or root in writes(loop):
        return False
    pending, seen = list(ast.walk(loop)), set[int]()
    mentions, reflected = 0, ("setattr", "getattr", "vars", "__dict__")
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        mentions += isinstance(node, ast.Attribute) and node.attr == attribute
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in reflected:
            return False
        for _, function in meaning.functions.get(name, ()):
            pending += ast.walk(function)
    within = [node for node in ast.walk(statement) if isinstance(node, ast.Attribute)]
    return mentions == sum(node.attr == attribute for node in within) == 1


def _reduced(meaning: Meaning, module: Module, statement: ast.stmt) -> Reduction | None:
    match statement:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub() as op, value=value):
            return Reduction(name, "sum", value, isinstance(op, ast.Sub))
        case ast.AugAssign(
            target=ast.Attribute(value=ast.Name()) as held, op=ast.Add() | ast.Sub() as op, value=value
        ):
            return Reduction(ast.unparse(held), "sum", value, isinstance(op, ast.Sub))
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=ast.Name(id=left), op=ast.Add() | ast.Sub() as op, right=value),
        ) if left == name:
            return Reduction(name, "sum", value, isinstance(op, ast.Sub))
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=value, op=ast.Add(), right=ast.Name(id=right)),
        ) if right == name:
            return Reduction(name, "sum", value)
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Call(func=func, args=[ast.Name(id=first), value], keywords=[]),
        ) if first == name:
            kind = meaning.full(module, func).removeprefix("builtins.")
            return Reduction(name, kind, value) if kind in ("max", "min") else None
        case ast.If(
            test=ast.Compare(left=left, ops=[op], comparators=[right]),
            body=[ast.Assign(targets=[ast.Name(id=name)], value=value)],
            orelse=[],
        ):
            kind = _kept(name, left, op, right, value)
            return Reduction(name, kind, value) if kind else None
    return None


def _kept(name: str, left: ast.expr, op: ast.cmpop, right: ast.expr, value: ast.expr) -> str:
    """Which of two numbers ``if left > right: name = value`` keeps; empty if that is no choice of two."""
    texts = [ast.unparse(left), ast.unparse(right)]
    other = ast.unparse(value)
    if sorted(texts) != sorted([name, other]) or name == other:
        return ""
    is_first = texts[0] == other
    match op:
        case ast.Gt():
            return "max" if is_first else "min"
        case ast.Lt():
            return "min" if is_first else "max"
    return ""


def distinct_places(
    meaning: Meaning, module: Module, loops: Sequence[ast.For], stored: frozenset[str]
) -> dict[str, str]:
    """Arrays of which each turn of a nest stores into one place that is its own: the texts of the places.

    Every counter stands alone in an index, and no index is negative, so that none counts from the end.
    """
    starts = _starts(meaning, module, loops)
    places: dict[str, dict[str, ast.expr]] = {}
    for node in ast.walk(loops[0]):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            places.setdefault(ast.unparse(node.value), {})[ast.unparse(node.slice)] = node.slice
    found = {}
    for path in sorted(stored & set(places)):
        if len(places[path]) == 1:
            ((text, index),) = places[path].items()
            if _is_own(index, starts):
                found[path] = text
    return found


def stored_apart(
    meaning: Meaning, module: Module, loops: Sequence[ast.For], stored: frozenset[str]
) -> frozenset[str]:
    """Arrays into which each turn of a nest stores at places of its own: ``A[i, i - 1]``, ``A[i, i]``.

    In all stores the same indices hold every counter alone, and none of these is negative.
    """
    starts = _starts(meaning, module, loops)
    places: dict[str, list[list[ast.expr]]] = {}
    for node in ast.walk(loops[0]):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            places.setdefault(ast.unparse(node.value), []).append(indices)
    found = set()
    for path in stored & set(places):
        if len({len(indices) for indices in places[path]}) == 1:
            axes = [
                same[0] for same in zip(*places[path], strict=True) if len({*map(ast.unparse, same)}) == 1
            ]
            if _is_own(ast.Tuple([one for one in axes if _counter(one, starts)], ast.Load()), starts):
                found.add(path)
    return frozenset(found)


def _starts(meaning: Meaning, module: Module, loops: Sequence[ast.For]) -> dict[str, int | None]:
    """The least value of each counter; None of one that counts otherwise, or that the body binds anew."""
    stores = [
        node.id
        for node in ast.walk(loops[0])
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return {
        one.target.id: _start(meaning, module, one) if stores.count(one.target.id) == 1 else None
        for one in loops
        if isinstance(one.target, ast.Name)
    }


def _start(meaning: Meaning, module: Module, loop: ast.For) -> int | None:
    """The least value of a counter, where it is written out and the loop counts upwards."""
    match loop.iter:
        case ast.Call(func=func, args=arguments, keywords=[]) if (
            meaning.full(module, func) == "builtins.range"
        ):
            pass
        case _:
            return None
    match arguments:
        case [_]:
            return 0
        case [ast.Constant(value=int(start)), _] | [
            ast.Constant(value=int(start)),
            _,
            ast.Constant(value=int()),
        ]:
            return start
    return None


def _is_own(index: ast.expr, starts: dict[str, int | None]) -> bool:
    indices = index.elts if isinstance(index, ast.Tuple) else [index]
    met = [counter for one in indices if (counter := _counter(one, starts))]
    plain = all(isinstance(one, ast.Constant) for one in indices if not _counter(one, starts))
    return bool(met) and plain and sorted(met) == sorted(starts)


def _counter(index: ast.expr, starts: dict[str, int | None]) -> str:
    """The counter in ``i``, ``i + 1`` and ``i - 1``, if that is never negative."""
    match index:
        case ast.Name(id=name):
            shift = 0
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=ast.Constant(value=int(shift))):
            pass
        case ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=ast.Constant(value=int(back))):
            shift = -back
        case _:
            return ""
    start = starts.get(name)
    return name if start is not None and start + shift >= 0 else ""


def own_reads(
    module: Module, loops: Sequence[ast.For], places: dict[str, str]
) -> Iterator[tuple[str, str, bool]]:
    """Elements that a turn reads and no other turn stores into: arrays, texts, and whether after a store."""
    for path, text in places.items():
        nodes = list(ast.walk(loops[0]))
        mentions = [
            node for node in nodes if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == path
        ]
        elements = [
            node for node in nodes if isinstance(node, ast.Subscript) and ast.unparse(node.value) == path
        ]
        if len(mentions) != len(elements) or any(ast.unparse(node.slice) != text for node in elements):
            continue
        stores = [statement_of(module, node) for node in elements if not isinstance(node.ctx, ast.Load)]
        if any(_turns_again(module, loops, store) for store in stores):
            continue
        first = min(stores, key=_place)
        within = {id(node) for node in ast.walk(first)}
        loads = [node for node in elements if isinstance(node.ctx, ast.Load)]
        is_before = all(id(node) in within or _place(node) < _place(first) for node in loads)
        yield path, ast.unparse(elements[0]), not is_before


def _place(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _turns_again(module: Module, loops: Sequence[ast.For], statement: ast.stmt) -> bool:
    """Does a statement lie in a loop within a turn?"""
    for above in module.ancestors(statement):
        if above in loops:
            return False
        if isinstance(above, ast.For | ast.While):
            return True
    return True
