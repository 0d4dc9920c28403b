"""What a matrix is: format, size, density, bandwidth, symmetry; and marks by which it is known again.

Standard library only: this is imported by the user's interpreter; the matrix brings its library along.
"""

import importlib
import zlib
from collections.abc import Iterator
from typing import Any

Fact = tuple[str, str | float]
"""Metric and value."""

_LARGEST_SYMMETRY = 4_000_000
"""Entries beyond which symmetry is not looked at: it costs a transposed copy."""


def is_sparse(value: object) -> bool:
    """Is it one of SciPy's sparse matrices?"""
    return type(value).__module__.startswith("scipy.sparse") and hasattr(value, "format")


def is_dense(value: object) -> bool:
    """Is it an array of two dimensions?"""
    return type(value).__module__ == "numpy" and getattr(value, "ndim", 0) == 2


def is_same(one: Any, other: Any) -> bool:
    """Have two dense matrices the same type and values?"""
    return one.dtype == other.dtype and bool(importlib.import_module("numpy").array_equal(one, other))


def marks(matrix: Any) -> tuple[int, int]:
    """Marks of a matrix's pattern and of its values: the same matrix has the same."""
    if is_dense(matrix):
        values = zlib.crc32(importlib.import_module("numpy").ascontiguousarray(matrix))
        return hash(matrix.shape), values
    if matrix.format not in ("csr", "csc"):
        matrix = matrix.tocsr()
    pattern = zlib.crc32(matrix.indices, zlib.crc32(matrix.indptr))
    return hash((matrix.shape, matrix.format, pattern)), zlib.crc32(matrix.data, pattern)


def right_side(value: Any) -> str:
    """What a system is solved for: ``vector real``, ``block complex``, ``other``."""
    shape: tuple[int, ...] = getattr(value, "shape", ())
    if type(value).__module__ != "numpy" or type(value).__name__ != "ndarray" or len(shape) not in (1, 2):
        return "other"
    form = "vector" if len(shape) == 1 else "column" if shape[1] == 1 else "block"
    kind = {"f": "real", "i": "real", "u": "real", "c": "complex"}.get(value.dtype.kind, "other")
    plain = kind != "other" and value.dtype.itemsize >= 8 and is_finite(value)
    return f"{form} {kind}" if plain else "other"


def is_finite(array: Any) -> bool:
    """Does an array hold numbers alone, not what singular matrices and steps that are too long give?"""
    return array.dtype.kind not in "fc" or bool(importlib.import_module("numpy").isfinite(array).all())


def facts(matrix: Any) -> Iterator[Fact]:
    """Everything worth knowing about a matrix before another way to store or solve it is chosen."""
    yield "matrix_shape", "x".join(map(str, matrix.shape))
    yield "matrix_dtype", str(matrix.dtype)
    if is_dense(matrix):
        yield "matrix_format", "dense" if type(matrix).__name__ == "ndarray" else "matrix"
        numpy = importlib.import_module("numpy")
        rows, columns = numpy.nonzero(matrix)
    else:
        yield "matrix_format", str(matrix.format)
        entries = matrix.tocoo()
        rows, columns = entries.row, entries.col
    yield "nnz_count", float(rows.size)
    yield "density", rows.size / max(1, matrix.shape[0] * matrix.shape[1])
    if rows.size:
        yield "bandwidth", float(abs(rows.astype(int) - columns).max())
    if matrix.shape[0] == matrix.shape[1] and rows.size <= _LARGEST_SYMMETRY:
        yield from _symmetry(matrix)


def _symmetry(matrix: Any) -> Iterator[Fact]:
    """``values``, ``pattern`` or ``none``; and whether the diagonal is positive."""
    own = matrix if is_dense(matrix) else matrix.tocsr()
    other = own.T if is_dense(matrix) else own.T.tocsr()
    if _differ(own, other) == 0:
        yield "symmetry", "values"
    else:
        yield "symmetry", "pattern" if _differ(own != 0, other != 0) == 0 else "none"
    diagonal = own.diagonal()
    if diagonal.dtype.kind in "fiu":
        yield "positive_diagonal", float((diagonal > 0).all())


def _differ(one: Any, other: Any) -> int:
    """How many entries differ."""
    different = one != other
    return int(different.sum() if is_dense(different) else different.nnz)
