"""How far a place is from what this machine could do: an estimate from counts, sizes and rates."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from pdeperf.model import Environment, Measurement, Span
from pdeperf.source import Module, Project

CACHE_BYTES = 8_000_000
"""Arrays that fit together into this many bytes are taken to stay in the cache."""

_ITEM_BYTES = 8
_ELEMENTARY_OPERATIONS = 10
"""What a square root, an exponential or a sine counts, in additions."""


@dataclass(frozen=True, slots=True)
class _Array:
    elements_count: float
    bytes_count: float


def headroom(
    where: Span, time_s: float, rows: Sequence[Measurement], project: Project, environment: Environment
) -> float:
    """Time over the floor, at least 1; 0 if the work of the place cannot be counted.

    The floor is the larger of the bytes touched over the memory's bandwidth, and the arithmetic
    over the rate of compiled code, on one core. It is an estimate: hits and sizes are measured,
    operations are counted in the source.
    """
    if (
        not environment.scalar_rate_per_s
        or not environment.memory_bandwidth_bytes_per_s
        or where.file not in project
    ):
        return 0.0
    inside = [row for row in rows if where.contains(row.where)]
    arrays = _arrays(inside)
    hits = {
        row.where.first: float(row.value)
        for row in inside
        if row.metric == "hits_count" and row.where.first == row.where.last
    }
    operations = sum(
        hits[statement.lineno] * _operations(statement, arrays)
        for statement in _simple_statements(project[where.file], where)
        if statement.lineno in hits
    )
    if not operations:
        return 0.0
    floor_s = operations / environment.scalar_rate_per_s
    streamed = sum(array.bytes_count for array in arrays.values())
    if streamed > CACHE_BYTES:
        floor_s = max(floor_s, _sweeps(inside, where) * streamed / environment.memory_bandwidth_bytes_per_s)
    return max(1.0, time_s / floor_s)


def _arrays(rows: Sequence[Measurement]) -> dict[str, _Array]:
    shapes = {row.subject: str(row.value) for row in rows if row.metric == "shape"}
    dtypes = {row.subject: str(row.value) for row in rows if row.metric == "dtype"}
    return {
        subject: _Array(count, count * _item_bytes(dtypes.get(subject, "")))
        for subject, shape in shapes.items()
        if (count := float(prod(int(size) for size in shape.split("x") if size)))
    }


def _item_bytes(dtype: str) -> int:
    digits = "".join(character for character in dtype if character.isdigit())
    return max(1, int(digits) // 8) if digits else _ITEM_BYTES


def _sweeps(rows: Sequence[Measurement], where: Span) -> float:
    """How often the arrays are gone through: entries of the nest, at least once."""
    counts = [float(row.value) for row in rows if row.metric == "entries_count" and row.where == where]
    return max([1.0, *counts])


def _simple_statements(module: Module, where: Span) -> Iterator[ast.stmt]:
    for node in ast.walk(module.tree):
        if isinstance(
            node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return | ast.If | ast.While
        ) and (where.first <= node.lineno <= where.last):
            yield node


def _operations(statement: ast.stmt, arrays: dict[str, _Array]) -> float:
    """Arithmetic of one statement: its operators, times the elements where whole arrays are combined."""
    root: ast.AST = statement.test if isinstance(statement, ast.If | ast.While) else statement
    count = float(isinstance(statement, ast.AugAssign))
    for node in ast.walk(root):
        if isinstance(node, ast.BinOp | ast.Compare | ast.UnaryOp):
            count += 1
        elif isinstance(node, ast.Call):
            count += _ELEMENTARY_OPERATIONS
    return max(count, 1.0) * _elements(root, arrays)


def _elements(node: ast.AST, arrays: dict[str, _Array]) -> float:
    """Elements that a statement works on: 1 where its arrays are indexed by scalars."""
    sizes = [1.0]
    scalars: set[ast.AST] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Subscript) and not any(
            isinstance(part, ast.Slice) for part in ast.walk(inner.slice)
        ):
            scalars |= set(ast.walk(inner))
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name | ast.Attribute) and inner not in scalars:
            array = arrays.get(ast.unparse(inner))
            sizes.append(array.elements_count if array else 1.0)
    return max(sizes)
