"""Elements at the counters of a nest, ``u[i + 1, j]``, as a part of the array where that is all they are."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from pdeperf.sparse.batched_values import Value, made

WINDOW = '''
def window(array, *ranges):
    """The elements array[i, j] for all i and j of some ranges, each as (first, end)."""
    if all(0 <= first <= end <= size for (first, end), size in zip(ranges, array.shape)):
        return array[tuple(slice(first, end) for first, end in ranges)].flatten()
    return array[{numpy}.ix_(*({numpy}.arange(first, end) for first, end in ranges))].flatten()
'''


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of a nest: the first number, and the one after the last."""

    name: str
    value: Value
    first: ast.expr
    end: ast.expr


def counters_of(loops: Sequence[ast.For], values: Sequence[Value]) -> tuple[Counter, ...]:
    """The counters of a nest of several loops that go up by ones; none where one does not."""
    found = []
    for loop, value in zip(loops, values, strict=True):
        match loop:
            case ast.For(target=ast.Name(id=name), iter=ast.Call(args=[end])):
                found.append(Counter(name, value, ast.Constant(0), end))
            case ast.For(target=ast.Name(id=name), iter=ast.Call(args=[first, end])):
                found.append(Counter(name, value, first, end))
    return tuple(found) if len(found) == len(loops) > 1 else ()


def ranges_of(
    counters: Sequence[Counter], indices: Sequence[ast.expr], places: Sequence[Value | None]
) -> list[ast.expr] | None:
    """The ranges of some indices, if each is the counter of its loop, moved by a number or not.

    Parameters
    ----------
    places
        What the indices hold for all elements.
    """
    if not counters or len(indices) != len(counters):
        return None
    ranges: list[ast.expr] = []
    for counter, index, place in zip(counters, indices, places, strict=True):
        if place is None or not place.varies or place.rank != 0:
            return None
        match index:
            case ast.Name(id=name):
                moved: ast.expr = counter.value.node
            case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub(), right=ast.Constant(value=int())):
                moved = ast.BinOp(counter.value.node, index.op, index.right)
            case _:
                return None
        if name != counter.name or ast.unparse(place.node) != ast.unparse(moved):
            return None
        ranges.append(ast.Tuple([_moved(end, index) for end in (counter.first, counter.end)], ast.Load()))
    return ranges


def _moved(end: ast.expr, index: ast.expr) -> ast.expr:
    """An end of a range where it is moved by a number: ``N - 1`` by 1 is ``N``."""
    by, base = _number(index), end
    match end:
        case ast.Constant(value=int(number)):
            return ast.Constant(number + by)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=int())):
            by, base = by + _number(end), left
    if not by:
        return base
    sign = ast.Add() if by > 0 else ast.Sub()
    return made("X", X=ast.BinOp(base, sign, ast.Constant(abs(by))))


def _number(node: ast.expr) -> int:
    """What is added to the left side of an expression."""
    match node:
        case ast.BinOp(op=op, right=ast.Constant(value=int(number))):
            return number if isinstance(op, ast.Add) else -number
    return 0
