"""How far a place is from what this machine could do: an estimate from counts, sizes and rates."""

import ast
from collections.abc import Iterator, Sequence
from math import prod

from pdeperf.model import Environment, Measurement, Span
from pdeperf.source import Module, Project

CACHE_BYTES = 8_000_000
"""Arrays that fit together into this many bytes are taken to stay in the cache."""

_ITEM_BYTES = 8
_ELEMENTARY_OPERATIONS = 10
"""What a square root, an exponential or a sine counts, in additions; any other call counts one."""
_ELEMENTARY = frozenset(
    {
        "sqrt", "exp", "expm1", "log", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan",
        "arctan2", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "pow", "power", "hypot", "erf",
    }
)  # fmt: skip
_NUMBERS = ("int", "float", "bool", "complex", "numpy.float64", "numpy.float32", "numpy.int64")
_LEAST_OPERATIONS = 1e4
"""A hot line outside of loops with less arithmetic in sight spends its time on something else."""

_MOST_S = 5e-6
"""An operation that seems to take longer, in the interpreter and on its own, is one on more than is seen."""

_FOREIGN_PART = 0.3
"""With more than this part of its time in libraries whose work cannot be counted, a place has no floor."""


def headroom(
    where: Span, time_s: float, facts: Sequence[Measurement], project: Project, environment: Environment
) -> float:
    """Time over the floor, at least 1; 0 if the work of the place cannot be counted.

    The floor is the larger of the bytes touched over the memory's bandwidth, and the arithmetic
    over the rate of compiled code, on one core. It is an estimate: hits and sizes are measured,
    operations are counted in the source.

    Parameters
    ----------
    time_s
        What the place takes now.
    facts
        The place's rows, and those of the user's functions that it calls.
    """
    if not environment.scalar_rate_per_s or not environment.memory_bandwidth_bytes_per_s:
        return 0.0
    inside = [row for row in facts if where.contains(row.where)]
    if _foreign_share(inside) > _FOREIGN_PART * sum(_shares(inside, "line_share")):
        return 0.0
    work = _Work(facts)
    counted = [
        (statement, count)
        for file in sorted({row.where.file for row in facts if row.where.file in project})
        for statement in _statements(project[file])
        if (count := _hits(file, statement.lineno, facts))
    ]
    operations = sum(count * work.operations(statement) for statement, count in counted)
    alone = not any(row.metric == "entries_count" and row.where == where for row in facts)
    if not operations or (alone and operations <= _LEAST_OPERATIONS) or time_s > _MOST_S * operations:
        return 0.0
    floor_s = operations / environment.scalar_rate_per_s
    if work.bytes_count > CACHE_BYTES:
        whole_arrays = sum(count * work.streamed_bytes(statement) for statement, count in counted)
        streamed_bytes = max(whole_arrays, _sweeps(where, facts) * work.bytes_count)
        floor_s = max(floor_s, streamed_bytes / environment.memory_bandwidth_bytes_per_s)
    return max(1.0, time_s / floor_s)


def _shares(rows: Sequence[Measurement], metric: str) -> Iterator[float]:
    return (float(row.value) for row in rows if row.metric == metric)


def _foreign_share(rows: Sequence[Measurement]) -> float:
    """Share in libraries other than numpy's elementwise loops: solvers, plots, files, imports."""
    named = [row for row in rows if row.metric == "library_share" and row.subject != "numpy"]
    dense = [
        row for row in rows if row.metric == "native_library_share" and row.subject in ("OpenBLAS", "MKL")
    ]
    return max(sum(_shares(named, "library_share")), sum(_shares(dense, "native_library_share")))


def _item_bytes(dtype: str) -> int:
    digits = "".join(character for character in dtype if character.isdigit())
    return max(1, int(digits) // 8) if digits else _ITEM_BYTES


def _sweeps(where: Span, facts: Sequence[Measurement]) -> float:
    """How often the arrays are gone through: entries of the nest, or hits of the line; at least once."""
    counts = [
        float(row.value)
        for row in facts
        if row.metric in ("entries_count", "hits_count") and row.where == where
    ]
    return max([1.0, *counts])


def _statements(module: Module) -> Iterator[ast.stmt]:
    kinds = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.If | ast.While
    return (node for node in ast.walk(module.tree) if isinstance(node, kinds))


def _hits(file: str, line: int, facts: Sequence[Measurement]) -> float:
    """How often a line runs: as line_profiler saw it, or as often as the innermost loop around it turns."""
    here = [row for row in facts if row.where.file == file and row.where.first <= line <= row.where.last]
    exact = [float(row.value) for row in here if row.metric == "hits_count"]
    if exact or any(row.metric == "hits_count" and row.where.file == file for row in facts):
        return max(exact, default=0.0)
    around = [row for row in here if row.metric == "iterations_count" and row.where.first < line]
    inner = max(around, key=lambda row: row.where.first, default=None)
    return float(inner.value) if inner is not None else 0.0


class _Work:
    """Counts the arithmetic of statements, knowing the sizes of the arrays that they name."""

    def __init__(self, facts: Sequence[Measurement]) -> None:
        # A name that is an array here and a number in a function that is called counts as a number.
        numbers = {row.subject for row in facts if row.metric == "type" and row.value in _NUMBERS}
        self._shapes = {
            row.subject: tuple(map(int, str(row.value).split("x")))
            for row in facts
            if row.metric == "shape" and row.value and row.subject not in numbers
        }
        dtypes = {row.subject: str(row.value) for row in facts if row.metric == "dtype"}
        self._bytes = {
            name: float(prod(shape) * _item_bytes(dtypes.get(name, "")))
            for name, shape in self._shapes.items()
        }
        self.bytes_count = sum(self._bytes.values())
        # The work inside a user's function is counted there.
        self._own = {row.subject for row in facts if row.metric == "function" and ":" in str(row.value)}

    def operations(self, statement: ast.stmt) -> float:
        """Arithmetic of one statement: its operators, times the elements where arrays are combined."""
        if isinstance(statement, ast.If | ast.While):
            return self._operations(statement.test)
        count = self._operations(statement)
        if isinstance(statement, ast.AugAssign):
            count += self._elements(statement.target)
        elif isinstance(statement, ast.Assign):
            count = max(count, self._elements(statement.targets[0]))
        return max(count, 1.0)

    def streamed_bytes(self, statement: ast.stmt) -> float:
        """Bytes of the arrays that a statement goes through as wholes; 0 if it takes single elements."""
        if isinstance(statement, ast.If | ast.While) or self._elements(statement) <= 1:
            return 0.0
        names = {
            ast.unparse(node) for node in ast.walk(statement) if isinstance(node, ast.Name | ast.Attribute)
        }
        return sum(self._bytes.get(name, 0.0) for name in names)

    def _operations(self, node: ast.AST) -> float:
        if isinstance(node, ast.Subscript):
            return 0.0  # index arithmetic becomes part of an address
        count = sum(self._operations(child) for child in ast.iter_child_nodes(node))
        if isinstance(node, ast.BinOp | ast.Compare):
            return count + self._elements(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in self._own:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            return count + (_ELEMENTARY_OPERATIONS if name in _ELEMENTARY else 1) * self._elements(node)
        return count

    def _elements(self, node: ast.AST) -> float:
        """Elements of an expression's value, as far as the source and the shapes tell."""
        if isinstance(node, ast.Name | ast.Attribute):
            return float(prod(self._shapes.get(ast.unparse(node), ())))
        if isinstance(node, ast.Subscript):
            return self._selected(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in self._own:
            return 1.0
        return max([1.0, *(self._elements(child) for child in ast.iter_child_nodes(node))])

    def _selected(self, node: ast.Subscript) -> float:
        shape = self._shapes.get(ast.unparse(node.value), ())
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if any(isinstance(index, ast.Constant) and index.value is Ellipsis for index in indices):
            return float(prod(shape))
        kept = [size for index, size in zip(indices, shape, strict=False) if isinstance(index, ast.Slice)]
        return float(prod(kept) * prod(shape[len(indices) :]))
