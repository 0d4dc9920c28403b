"""Why a Python loop over cells is slow."""

import ast
from collections.abc import Iterator, Mapping

from pdeperf.kernel.whole_arrays import arrays_at, computes_with_arrays
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Module, Project
from pdeperf.transfers.on_device import OnDevice
from pdeperf.transfers.turns import device_of

from . import Detector, diagnosis, share_without_libraries

_LOOPS = (ast.For, ast.While)
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)


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
        arrays = arrays_at(hotspot, project)
        device = device_of(hotspot, project)
        lines = _scalar_lines(module, hotspot.where, arrays, device) | set(
            _cell_calls(module, hotspot.where, project)
        )
        if not lines:
            return
        hits = sum(float(row.value) for row in hotspot.values("hits_count") if row.where.first in lines)
        spent = f"{hits:,.0f} line executions, " if hits else ""
        counted = "1 line computes" if len(lines) == 1 else f"{len(lines)} lines compute"
        yield diagnosis(
            self,
            hotspot,
            where=hotspot.where,
            share=share_without_libraries(hotspot),
            message=f"{spent}{counted} one element at a time in the interpreter",
        )


def _scalar_lines(
    module: Module, where: Span, arrays: Mapping[str, int], device: OnDevice | None
) -> frozenset[int]:
    """Lines of the span that handle single elements inside a loop, or in a function without one."""
    found: set[int] = set()
    for node in ast.walk(module.tree):
        if not isinstance(node, _SIMPLE) or not where.first <= node.lineno <= where.last:
            continue
        above = list(module.ancestors(node))
        inside = any(isinstance(each, (*_LOOPS, ast.FunctionDef)) for each in above)
        loop = next((each for each in above if isinstance(each, _LOOPS)), node)
        if device is not None and device.launches_with_calls(loop):
            continue  # the GPU works there
        if inside and _is_scalar(node, arrays):
            found.add(node.lineno)
    return frozenset(found)


def _cell_calls(module: Module, where: Span, project: Project) -> Iterator[int]:
    """Lines of the span that call, in a loop, a function of the user's for one cell."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not where.first <= node.lineno <= where.last:
            continue
        inside = any(isinstance(each, _LOOPS) for each in module.ancestors(node))
        if inside and any(map(_is_of_a_cell, _called(node, project))):
            yield node.lineno


def _called(call: ast.Call, project: Project) -> Iterator[ast.FunctionDef]:
    """The functions of the project that have the name which is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            for module in project.modules.values():
                for node in ast.walk(module.tree):
                    if isinstance(node, ast.FunctionDef) and node.name == name:
                        yield node


def _is_of_a_cell(function: ast.FunctionDef) -> bool:
    """Does a function handle single elements, without a loop of its own?"""
    parts = [part for statement in function.body for part in ast.walk(statement)]
    if any(isinstance(part, (*_LOOPS, ast.Slice, ast.ListComp)) for part in parts):
        return False
    return any(isinstance(part, ast.Subscript) and _is_at_a_counter(part) for part in parts)


def _is_at_a_counter(node: ast.Subscript) -> bool:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return any(isinstance(part, ast.Name | ast.BinOp) for part in parts)


def _is_scalar(statement: ast.stmt, arrays: Mapping[str, int]) -> bool:
    """Does it read or write one element, or compute with numbers alone?"""
    parts = list(ast.walk(statement))
    if any(isinstance(part, ast.Slice) for part in parts):
        return False
    elements = [part for part in parts if isinstance(part, ast.Subscript) and _is_element(part)]
    whole = computes_with_arrays(statement, arrays)
    if elements:
        return not whole or not all(_is_written_out(part) for part in elements)  # c[1] * (u - v)
    computes = any(isinstance(part, ast.BinOp | ast.Compare | ast.AugAssign) for part in parts)
    return computes and not any(isinstance(part, ast.Name) and part.id in arrays for part in parts)


def _is_element(node: ast.Subscript) -> bool:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return any(not isinstance(part, ast.Constant) or isinstance(part.value, int) for part in parts)


def _is_written_out(node: ast.Subscript) -> bool:
    return isinstance(node.slice, ast.Constant)


DETECTOR: Detector = ScalarLoop()
