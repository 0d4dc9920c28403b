"""Why a Python loop over cells is slow."""

import ast
from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Module, Project

from . import Detector

_LOOPS = (ast.For, ast.While)


class ScalarLoop:
    """A Python loop computes with one array element, or one number, at a time.

    Why it is slow
    --------------
    Each element read from a NumPy array is boxed into a Python object, each operation is a
    dispatch on types: 50 to 100 ns for what takes the processor less than one.

    Slow
    ----
    ::

        for i in range(1, n - 1):
            u[i] = un[i] - c * (un[i] - un[i - 1])

    Faster
    ------
    The loop as it stands, in a function that Numba compiles.

    When it is wrong
    ----------------
    When the loop's time goes into library calls on whole arrays, or into input and output.

    References
    ----------
    NumPy user guide, "Indexing on ndarrays"; Numba user manual, "A ~5 minute guide to Numba".
    """

    rule = "scalar-loop"
    kind = Kind.LOOP

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on a hotspot that holds element accesses or scalar arithmetic inside a loop."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        lines = _scalar_lines(module, hotspot.where.first, hotspot.where.last)
        if not lines:
            return
        hits = sum(float(row.value) for row in hotspot.values("hits_count") if row.where.first in lines)
        spent = f"{hits:,.0f} line executions, " if hits else ""
        yield Diagnosis(
            rule=self.rule,
            kind=self.kind,
            where=hotspot.where,
            message=f"{spent}{len(lines)} lines compute one element at a time in the interpreter",
            share=hotspot.share,
            headroom=hotspot.headroom,
            scope=hotspot.scope,
            facts=hotspot.facts,
        )


def _scalar_lines(module: Module, first: int, last: int) -> frozenset[int]:
    """Lines of the span that handle single elements inside a loop, or in a function without one."""
    found: set[int] = set()
    for node in ast.walk(module.tree):
        line = getattr(node, "lineno", 0)
        if not first <= line <= last or not isinstance(node, ast.Subscript | ast.BinOp | ast.Compare):
            continue
        loops = [above for above in module.ancestors(node) if isinstance(above, _LOOPS)]
        functions = [above for above in module.ancestors(node) if isinstance(above, ast.FunctionDef)]
        if isinstance(node, ast.Subscript) and not _is_element(node):
            continue
        if loops or functions:
            found.add(line)
    return frozenset(found)


def _is_element(node: ast.Subscript) -> bool:
    return not any(isinstance(part, ast.Slice) for part in ast.walk(node.slice))


DETECTOR: Detector = ScalarLoop()
