"""Which kinds operators return for certain, whatever the input of the script."""

import ast
from collections.abc import Iterable

from pdeperf.kernel.kinds import BOOL, FLOAT, INT, NPFLOAT, UNKNOWN, Kind, arithmetic

Kinds = frozenset[Kind]
ANYTHING: Kinds = frozenset((UNKNOWN,))
NOTHING: Kinds = frozenset()
NO_NDIM = -1
"""Dimensions of an array that are not known."""

REAL = frozenset(("int", "float", "bool", "npint", "npfloat"))


def combined(left: Kinds, op: ast.operator, right: Kinds, exponent: ast.expr | None = None) -> Kinds:
    """Kinds of ``left op right``."""
    return union(_combined(one, op, other, exponent) for one in left for other in right)


def _combined(one: Kind, op: ast.operator, other: Kind, exponent: ast.expr | None) -> Kinds:
    if UNKNOWN in (one, other) or isinstance(op, ast.MatMult):
        return ANYTHING
    if one.base == "str" and isinstance(op, ast.Mod | ast.Add):
        return frozenset((Kind("str"),))
    if one.is_array or other.is_array:
        if isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor):
            return frozenset((one,)) if one == other and one.dtype == "bool" else ANYTHING
        return frozenset((array_kind(one, other, division=isinstance(op, ast.Div)),))
    if not (one.is_scalar and other.is_scalar):
        return ANYTHING
    if isinstance(op, ast.Pow):
        return _power(one, other, exponent)
    return frozenset((arithmetic(one, other, division=isinstance(op, ast.Div)),))


def _power(base: Kind, power: Kind, exponent: ast.expr | None) -> Kinds:
    if "npfloat" in (base.base, power.base) and {base.base, power.base} <= REAL:
        return frozenset((NPFLOAT,))
    if base.base in ("int", "bool") and power.base == "int":
        if isinstance(exponent, ast.Constant):
            return frozenset((INT,))
        return frozenset((INT, FLOAT))
    if base.base == "float" and power.base in ("int", "bool"):
        return frozenset((FLOAT,))
    if {base.base, power.base} <= {"int", "float", "bool"}:
        return frozenset((FLOAT, Kind("complex")))
    return frozenset((arithmetic(base, power),))


def array_kind(one: Kind, other: Kind, *, division: bool = False) -> Kind:
    arrays = [side for side in (one, other) if side.is_array]
    ndims = {side.ndim for side in arrays}
    ndim = NO_NDIM if NO_NDIM in ndims else max(ndims)
    types = [side.dtype if side.is_array else side.base for side in (one, other)]
    dtype = joint_type(frozenset(types), {side.dtype for side in arrays}, division=division)
    return Kind("array", dtype, ndim) if dtype else UNKNOWN


def joint_type(types: frozenset[str], arrays: set[str], *, division: bool) -> str:
    if "float64" in arrays:
        if types <= REAL | {"float64", "float32", "int64", "int32", "f32"}:
            return "float64"
        return "complex128" if types <= {"float64", "complex", "complex128"} else ""
    if "float32" in arrays:
        return "float32" if types <= {"float32", "f32", "int", "float", "bool"} else ""
    if "int64" in arrays and types <= {"int64", "int", "npint", "bool"}:
        return "float64" if division else "int64"
    if "int64" in arrays and types <= {"int64", "float", "npfloat"}:
        return "float64"
    if "complex128" in arrays and types <= REAL | {"complex", "complex128", "int64"}:
        return "complex128"
    if types <= {"bool", "float", "npfloat"} and types & {"float", "npfloat"}:
        return "float64"
    return ""


def union(found: Iterable[Kinds]) -> Kinds:
    every = NOTHING.union(*found)
    return ANYTHING if UNKNOWN in every else every


def compared(sides: Kinds) -> Kinds:
    """Kinds of a comparison."""
    if not all(side.is_scalar or side.is_array for side in sides):
        return ANYTHING
    ndims = {side.ndim for side in sides if side.is_array}
    if not ndims:
        return frozenset((BOOL,))
    return frozenset((Kind("array", "bool", NO_NDIM if NO_NDIM in ndims else max(ndims)),))
