"""How long the loops of a region would take, roughly: which of its forms are worth a trial.

Counted are the operations of innermost loops, four at a time where a compiler makes vectors of them, and
the rows of memory that they go through. Sizes are those of the run that was observed.
"""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pdeperf.arrays.loops.row_loops import MOST_CHECKS

_NS_PER_OPERATION = 0.35
_NS_PER_BYTE = 0.1
"""Of what does not stay in a core's own cache."""
_LANES = 4
_OPERATIONS = {"sqrt": 6, "exp": 15, "log": 15, "sin": 15, "cos": 15, "tanh": 20, "arctan2": 25, "power": 25}
_DIVISION = 5
_UNKNOWN = 100
"""Turns of a loop whose bounds were not seen."""
_OWN_CACHE_BYTES = 500_000
"""What a core keeps to itself."""
_FORK_NS = 15_000
_FAR = 10
"""Operations in the time of an access that is far from the one before."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What some loops take.

    Attributes
    ----------
    busy_ns
        Of one core.
    memory_ns
        To move what is in no core's cache.
    forks_count
        How often loops would be shared out.
    """

    busy_ns: float = 0.0
    memory_ns: float = 0.0
    forks_count: float = 0.0

    def on(self, cores: int) -> float:
        """Nanoseconds on so many cores."""
        if cores == 1:
            return max(self.busy_ns, self.memory_ns)
        return max(self.busy_ns / cores, self.memory_ns) + self.forks_count * _FORK_NS


def cost_of(
    rows: Sequence[str], counters: Collection[str], seen: Mapping[str, int], bytes_count: int
) -> Cost:
    """What the loops in some lines take.

    Parameters
    ----------
    counters
        Variables of the loops over cells.
    seen
        Values of names and of ``u.shape[0]`` and the like.
    bytes_count
        Of all arrays.
    """
    tree = tree_of(tuple(rows))
    known = {**seen, **dict(_limits(tree))}
    busy = memory = forks = 0.0
    outermost: set[int] = set()
    for loops in _innermost(tree.body, ()):
        turns = 1.0
        for loop in loops:
            if (
                isinstance(loop.target, ast.Name)
                and loop.target.id in counters
                and not outermost & {*map(id, loops)}
            ):
                outermost.add(id(loop))
                forks += turns
            turns *= turns_of(loop, known)
        body = loops[-1]
        if not isinstance(body.target, ast.Name):
            continue
        streams = _streams(body, body.target.id)
        operations = max(sum(map(_weight, ast.walk(body))), 1) + _FAR * _far_count(body, body.target.id)
        busy += (
            turns
            * operations
            * _NS_PER_OPERATION
            / (_LANES if _is_vector(body, body.target.id, streams) else 1)
        )
        memory += turns * 8 * len(streams)
    return Cost(busy, memory * _NS_PER_BYTE if bytes_count > _OWN_CACHE_BYTES else 0.0, forks)


@lru_cache(maxsize=4)
def tree_of(rows: tuple[str, ...]) -> ast.Module:
    """Lines of Python as a tree, which nobody changes."""
    return ast.parse("\n".join(rows))


def _limits(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Numbers that names are no greater than: ``width = min(16, n - first)``."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="min"), args=[ast.Constant(value=int() as most), _]),
            ):
                yield name, most


def _innermost(body: Sequence[ast.stmt], around: tuple[ast.For, ...]) -> Iterator[tuple[ast.For, ...]]:
    """Each loop that has no loop in it, after those around it."""
    for node in body:
        if isinstance(node, ast.For):
            inner = list(_innermost(node.body, (*around, node)))
            yield from inner or [(*around, node)]
        else:
            for block in ("body", "orelse"):
                yield from _innermost(getattr(node, block, []), around)


def turns_of(loop: ast.For, seen: Mapping[str, int]) -> float:
    """How often a loop turns, as far as its bounds were seen."""
    match loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=[stop]):
            bounds = [ast.Constant(0), stop, ast.Constant(1)]
        case ast.Call(func=ast.Name(id="range"), args=[start, stop]):
            bounds = [start, stop, ast.Constant(1)]
        case ast.Call(func=ast.Name(id="range"), args=[start, stop, step]):
            bounds = [start, stop, step]
        case _:
            return _UNKNOWN
    low, high, stride = (_value(each, seen) for each in bounds)
    if low is None or high is None or not stride:
        return _UNKNOWN
    return max((high - low) / stride, 0.0)


def _value(node: ast.expr, seen: Mapping[str, int]) -> float | None:
    """An integer expression's value, as far as it was seen."""
    match node:
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            found = _value(operand, seen)
            return None if found is None else -found
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() as op, right=right):
            one, other = _value(left, seen), _value(right, seen)
            if one is None or other is None:
                return None
            if isinstance(op, ast.FloorDiv):
                return one // other if other else None
            return (
                one + other
                if isinstance(op, ast.Add)
                else one - other
                if isinstance(op, ast.Sub)
                else one * other
            )
        case ast.Call(func=ast.Name(id="min" | "max" as which), args=args):
            values = [value for each in args if (value := _value(each, seen)) is not None]
            return (min if which == "min" else max)(values) if len(values) == len(args) else None
    return seen.get(ast.unparse(node))


def _streams(loop: ast.For, counter: str) -> dict[str, bool]:
    """Rows of memory that a loop goes through cell by cell, and whether it writes them."""
    found: dict[str, bool] = {}
    for node in ast.walk(loop):
        if not isinstance(node, ast.Subscript):
            continue
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not _mentions(places[-1], counter):
            continue
        row = ast.unparse(node.value) + ", ".join(map(ast.unparse, places[:-1]))
        found[row] = found.get(row, False) or isinstance(node.ctx, ast.Store)
    return found


def _far_count(loop: ast.For, counter: str) -> int:
    """Accesses of a cell that are in another row for each turn."""
    places = (
        node.slice.elts[:-1]
        for node in ast.walk(loop)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple)
    )
    return sum(any(_mentions(each, counter) for each in one) for one in places)


def _is_vector(loop: ast.For, counter: str, streams: Mapping[str, bool]) -> bool:
    """Does a compiler make vectors of a loop?"""
    stored: dict[str, set[str]] = {}
    for node in ast.walk(loop):
        if isinstance(node, ast.If | ast.Break | ast.While | ast.AugAssign):
            return False
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            stored.setdefault(ast.unparse(node.targets[0].value), set()).add(ast.unparse(node.targets[0]))
        if isinstance(node, ast.Subscript):
            places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if any(_mentions(each, counter) for each in places[:-1]):
                return False
            if _mentions(places[-1], counter) and any(
                isinstance(part, ast.BinOp) and not isinstance(part.op, ast.Add | ast.Sub)
                for part in ast.walk(places[-1])
            ):
                return False
    for node in ast.walk(loop):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            known = stored.get(ast.unparse(node.value))
            if known is not None and ast.unparse(node) not in known and _is_before(node, known):
                return False
    written = sum(streams.values())
    read = len(streams) - written
    return written * read + written * (written - 1) // 2 <= MOST_CHECKS


def _is_before(node: ast.Subscript, stored: set[str]) -> bool:
    """Is it an element of the row that is written, of a turn before?"""
    rows = {each.rpartition(",")[0] or each.partition("[")[0] for each in stored}
    text = ast.unparse(node)
    return (text.rpartition(",")[0] or text.partition("[")[0]) in rows and " - " in text.rpartition(",")[2]


def _mentions(node: ast.expr, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


def _weight(node: ast.AST) -> float:
    match node:
        case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod()):
            return _DIVISION
        case ast.BinOp() | ast.Compare() | ast.IfExp():
            return 1
        case ast.Call(func=func):
            return _OPERATIONS.get(ast.unparse(func).rpartition(".")[2], 1)
        case ast.Subscript():
            return 0.5
    return 0
