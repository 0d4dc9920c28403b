"""Which closer looks a script calls for: at memory churn, at linear algebra, at transfers."""

import ast
from collections.abc import Sequence

from pdeperf.collectors.loops import source_maps
from pdeperf.model import Measurement
from pdeperf.source import Project

_HOT = 0.02
_FAULTS_PER_S = 30_000
_SYSTEM_PART = 0.15
_SYSTEMS = (
    "scipy.sparse", "scipy.linalg", "numpy.linalg", "SuperLU", "UMFPACK", "CHOLMOD", "LAPACK", "OpenBLAS",
    "BLAS", "MKL", "FiPy", "scikit-fem", "PyAMG",
)  # fmt: skip
_ALLOCATING = frozenset(
    {
        "append", "array", "concatenate", "copy", "diff", "empty", "empty_like", "full", "gradient", "hstack",
        "ones", "pad", "roll", "stack", "vstack", "where", "zeros", "zeros_like",
    }
)  # fmt: skip


def suspects_faults(rows: Sequence[Measurement], elapsed_s: float) -> bool:
    """Does the script spend time on getting memory from the operating system?"""
    process = {row.metric: float(row.value) for row in rows if row.collector == "process"}
    faults_per_s = process.get("minor_faults_count", 0.0) / max(elapsed_s, 1.0)
    return faults_per_s > _FAULTS_PER_S or process.get("system_s", 0.0) > _SYSTEM_PART * max(elapsed_s, 1.0)


def suspects_allocation(rows: Sequence[Measurement], project: Project, elapsed_s: float) -> bool:
    """Is there reason to count allocations?"""
    if suspects_faults(rows, elapsed_s):
        return True
    arrays = frozenset(row.subject for row in rows if row.metric == "ndim" and float(row.value) >= 1)
    maps = source_maps(project)
    hot = [row.where for row in rows if row.metric == "line_share" and float(row.value) >= _HOT]
    statements = (maps[where.file].statement_at(where.first) for where in hot)
    return any(_combines(statement, arrays) for statement in statements if statement is not None)


def suspects_systems(rows: Sequence[Measurement]) -> bool:
    """Does the script spend time in sparse matrices, or in dense linear algebra?"""
    return any(
        row.metric in ("library_share", "native_library_share")
        and row.subject.startswith(_SYSTEMS)
        and float(row.value) >= _HOT
        for row in rows
    )


def suspects_transfers(rows: Sequence[Measurement], project: Project) -> bool:
    """Does the script keep arrays on a GPU?"""
    return _imports_cupy(project) or any(
        (row.metric == "type" and str(row.value).startswith("cupy"))
        or (row.metric == "library_share" and row.subject.startswith("cupy") and float(row.value) >= _HOT)
        for row in rows
    )


def _imports_cupy(project: Project) -> bool:
    """Does one of the files import CuPy?"""
    return any(
        alias.name.split(".")[0] == "cupy"
        if isinstance(node, ast.Import)
        else (node.module or "").split(".")[0] == "cupy"
        for module in project.modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def _combines(statement: ast.stmt, arrays: frozenset[str]) -> bool:
    if hasattr(statement, "body"):
        return False
    for node in ast.walk(statement):
        if isinstance(node, ast.BinOp) and any(_whole(side, arrays) for side in (node.left, node.right)):
            return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _ALLOCATING
        ):
            return True
    return False


def _whole(node: ast.expr, arrays: frozenset[str]) -> bool:
    """Is it an array, or a slice of one, rather than one element?"""
    if isinstance(node, ast.Subscript):
        sliced = any(isinstance(part, ast.Slice) for part in ast.walk(node.slice))
        return sliced and ast.unparse(node.value) in arrays
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in arrays
