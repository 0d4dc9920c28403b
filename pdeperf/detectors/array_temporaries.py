"""Why array expressions are slow."""

import ast
from collections.abc import Iterator, Mapping

from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.whole_arrays import arrays_at
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Module, Project
from pdeperf.source.scopes import scope_of

from . import Detector, diagnosis, share_without_libraries

_ELSEWHERE = ("numpy.linalg.", "numpy.fft.", "numpy.random.")


class ArrayTemporaries:
    """Array expressions pass over memory once for every operation.

    Why it is slow
    --------------
    NumPy evaluates an expression one operation at a time. Each reads its operands from memory and
    writes its result to a new array, which the next one reads again; new arrays cost page faults
    as well. The arithmetic itself takes a fraction of the time.

    Slow
    ----
    ::

        u[1:-1] = un[1:-1] + c * (un[2:] - 2 * un[1:-1] + un[:-2])

    Faster
    ------
    One loop that reads each value once and writes each result once, in a function that Numba compiles.

    When it is wrong
    ----------------
    When the time goes into few operations on arrays that fit into the cache's innermost level, or
    into linear algebra and transforms, which libraries do well.

    References
    ----------
    NumPy user guide, "Broadcasting"; McCalpin, "Memory bandwidth and machine balance" (STREAM).
    """

    rule = "array-temporaries"
    kind = Kind.ALLOCATION

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on a hotspot with expressions of several operations on whole arrays."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        arrays = arrays_at(hotspot, project)
        on_device = frozenset(
            row.subject
            for row in (*project.observed, *hotspot.values("type"))
            if row.metric == "type" and row.value == "cupy.ndarray" and row.where.file == module.file
        )
        lines, operations, operands = _measure(module, hotspot, arrays, on_device)
        if not lines:
            return
        churn = sum(float(row.value) for row in hotspot.values("allocated_bytes"))
        made = f", {churn / 1e9:.2g} GB allocated" if churn > 1e8 else ""
        yield diagnosis(
            self,
            hotspot,
            where=hotspot.where,
            share=share_without_libraries(hotspot),
            message=(
                f"{operations} array operations on {lines} lines pass over memory some {3 * operations} "
                f"times, where {operands} would do{made}"
            ),
        )


def _measure(
    module: Module, hotspot: Hotspot, arrays: Mapping[str, int], on_device: frozenset[str]
) -> tuple[int, int, int]:
    """Lines with array expressions, operations in them, and arrays that they read or write."""
    where = hotspot.where
    lines: set[int] = set()
    operations = 0
    operands: set[str] = set()
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
            continue
        if not where.first <= node.lineno <= where.last:
            continue
        bases = {id(part.value) for part in ast.walk(node) if isinstance(part, ast.Subscript)}
        whole = [
            part
            for part in ast.walk(node)
            if isinstance(part, ast.expr)
            and id(part) not in bases
            and _is_whole(part, arrays)
            and _root(part) not in on_device
        ]
        count = sum(
            _is_operation(part, module, arrays)
            and any(inner in whole for inner in ast.iter_child_nodes(part))
            for part in ast.walk(node)
        ) + isinstance(node, ast.AugAssign)
        if whole and count:
            lines.add(node.lineno)
            operations += count
            operands |= {_root(part) for part in whole}
    return len(lines), operations, len(operands)


def _is_operation(node: ast.AST, module: Module, arrays: Mapping[str, int]) -> bool:
    """Is it arithmetic, or a function of NumPy's that works element by element?"""
    match node:
        case ast.BinOp() | ast.UnaryOp() | ast.Compare():
            return True
        case ast.Call(func=ast.Attribute(value=owner)) if ast.unparse(owner) in arrays:
            return True
        case ast.Call(func=func):
            name = qualified(func, module, scope_of(module, node))
            return name.startswith("numpy.") and not name.startswith(_ELSEWHERE)
        case _:
            return False


def _is_whole(node: ast.expr, arrays: Mapping[str, int]) -> bool:
    """A slice of an array, an array by its name, or one by fewer indices than it has dimensions."""
    if isinstance(node, ast.Subscript):
        if any(isinstance(part, ast.Slice) for part in ast.walk(node.slice)):
            return True
        count = len(node.slice.elts) if isinstance(node.slice, ast.Tuple) else 1
        return count < arrays.get(ast.unparse(node.value), 0)
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in arrays


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return ast.unparse(node)


DETECTOR: Detector = ArrayTemporaries()
