"""Sums along a long axis, and running sums, as loops over it in NumPy's order."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pdeperf.arrays.ir import reads
from pdeperf.arrays.lifting.along import Asked, asked
from pdeperf.arrays.lifting.reduce import replaced
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.values import Cells

_RUNNING = {"cumsum": "+=", "cumprod": "*="}
_STEMS = {"sum": "total", "mean": "mean", "max": "largest", "min": "smallest"}
_STEMS |= {"cumsum": "running", "cumprod": "running"}


@dataclass(frozen=True, slots=True)
class _Scan:
    """A call, the statements that do its work, and what stands for its value then."""

    call: ast.Call
    statements: list[ast.stmt]
    value: ast.expr


def scanned(
    statement: ast.stmt, names: Names, cells: Callable[[ast.expr], Cells | None]
) -> list[ast.stmt] | None:
    """An assignment with such calls as loops before it; None if there are none.

    Parameters
    ----------
    cells
        The elements of an array expression where the statement stands; None for anything else.
    """
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return None
    found = list(_scans(statement.value, names, cells))
    if not found:
        return None
    rest = replaced(statement, {id(each.call): each.value for each in found})
    assert isinstance(rest, ast.stmt)
    made = [part for each in found for part in each.statements]
    for part in made:
        for node in ast.walk(part):
            ast.copy_location(node, statement)
    return [*made, ast.fix_missing_locations(rest)]


def _scans(node: ast.expr, names: Names, cells: Callable[[ast.expr], Cells | None]) -> Iterator[_Scan]:
    """The outermost of such calls in an expression."""
    if isinstance(node, ast.Call) and (found := asked(node, names.called, _RUNNING)) is not None:
        made = _scan(node, found, names, cells(found.operand))
        if made is not None:
            yield made
            return
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            yield from _scans(part, names, cells)


def _scan(call: ast.Call, wanted: Asked, names: Names, cells: Cells | None) -> _Scan | None:
    if cells is None or cells.dtype != "float64" or not cells.shape:
        return None
    rank, axis = len(cells.shape), wanted.axis
    if axis is None:
        axis = 0 if rank == 1 and wanted.kind in _RUNNING else None
    if axis is None or not -rank <= axis < rank or (rank == 1 and wanted.kind not in _RUNNING):
        return None
    for each in reads(cells.expr):
        axes = [index.axis for index in each.index if index.axis is not None]
        if axes != sorted(axes) or any(index.step < 0 for index in each.index):
            return None
    axis %= rank
    is_last = axis == rank - 1
    if is_last and rank > 2:
        return None
    lines: list[str] = []
    whole = ast.unparse(wanted.operand)
    if not is_path(wanted.operand):
        lines.append(f"{(name := names.fresh_inside('values'))} = {whole}")
        whole = name
    made, k = names.fresh_inside(_STEMS[wanted.kind]), names.fresh_inside("k")
    lead = ":, " * axis
    here, length = f"{lead}{k}", f"{whole}.shape[{axis}]"
    if wanted.kind in _RUNNING:
        lines += [
            f"{made} = {whole}.copy()",
            f"for {k} in range(1, {length}):",
            f"    {made}[{here}] {_RUNNING[wanted.kind]} {made}[{here} - 1]",
        ]
    elif is_last:
        kind = "sum" if wanted.kind == "mean" else wanted.kind
        lines += [
            f"{made} = {whole}[:, 0].copy()",
            f"for {k} in range({whole}.shape[0]):",
            f"    {made}[{k}] = {whole}[{k}, :].{kind}()",
        ]
    else:
        of_two = f"{names.library}.{wanted.kind}imum({made}, {whole}[{here}])"
        is_sum = wanted.kind in ("sum", "mean")
        lines += [
            f"{made} = 0.0 + {whole}[{lead}0]" if is_sum else f"{made} = {whole}[{lead}0].copy()",
            f"for {k} in range(1, {length}):",
            f"    {made} += {whole}[{here}]" if is_sum else f"    {made}[...] = {of_two}",
        ]
    if wanted.kind == "mean":
        lines.append(f"{made} /= {length}")
    kept = f"{made}[{lead}None]" if wanted.keeps_axis else made
    return _Scan(call, ast.parse("\n".join(lines)).body, ast.parse(kept, mode="eval").body)
