"""NumPy's types of results, for the element types that are compiled."""

from collections.abc import Iterable

from pdeperf.arrays.ir import Buffer, Counter, Definition, Expr, Op, Read, Reduction, Scalar, walk

FLOATS = ("float32", "float64")
KNOWN = frozenset(("bool", "int32", "int64", "float32", "float64", "complex128"))
_RANK = {"bool": 0, "int32": 1, "int64": 2, "float32": 3, "float64": 4, "complex128": 5}


class Unliftable(Exception):  # noqa: N818 - a reason, not a fault
    """Why a statement does not become loops."""


def promoted(args: tuple[Expr, ...]) -> str:
    """Type of a sum or product of elements (NEP 50: Python numbers do not widen arrays).

    Raises
    ------
    Unliftable
        If Numba would compute in another type than NumPy.
    """
    strong = [part.dtype for part in args if not (isinstance(part, Scalar) and part.weak)]
    weak = [part.dtype for part in args if isinstance(part, Scalar) and part.weak]
    if any(name not in KNOWN for name in [*strong, *weak]):
        raise Unliftable("an array of a type that is not compiled")
    if not strong:
        return max(weak, key=_RANK.__getitem__)
    result = max(strong, key=_RANK.__getitem__)
    if result == "float32" and any(name in ("int32", "int64") for name in strong):
        result = "float64"
    for name in weak:
        if _kind(name) > _kind(result):
            wide = {"bool": "bool", "int64": "int64", "complex128": "complex128"}.get(name, "float64")
            if result == "float32" and wide == "complex128":
                raise Unliftable("single precision meets a complex number")
            result = wide
    if result == "float32" and "bool" in strong:
        raise Unliftable("single precision meets bool")
    return result


def _kind(name: str) -> int:
    return {"bool": 0, "int32": 1, "int64": 1, "float32": 2, "float64": 2}.get(name, 3)


def arithmetic(name: str, args: tuple[Expr, ...]) -> str:
    """Type of ``a + b`` and the like, where Numba's loops mean the same.

    Raises
    ------
    Unliftable
        If they do not.
    """
    result = promoted(args)
    if name == "/":
        if result == "int32":
            raise Unliftable("division of 32-bit integers")
        return result if result in (*FLOATS, "complex128") else "float64"
    if result == "bool":
        raise Unliftable("arithmetic of bool arrays")
    if result == "int32":
        raise Unliftable("arithmetic of 32-bit integers, which wrap")
    if name in ("//", "%") and result not in ("float64", "int64"):
        raise Unliftable(f"`{name}` of {result}")
    return result


def of_function(last: str, args: tuple[Expr, ...]) -> str:
    """Type of a function applied to elements."""
    if last.startswith(("is", "logical")):
        return "bool"
    result = promoted(args)
    if last in ("maximum", "minimum", "fmax", "fmin", "abs", "absolute", "sign", "negative", "square"):
        if result in ("bool", "int32"):
            raise Unliftable(f"`{last}` of {result}")
        if result == "complex128" and last in ("abs", "absolute"):
            return "float64"
        return result
    if result == "float32" and len({part.dtype for part in args}) > 1:
        raise Unliftable("single precision mixed with other numbers")
    return result if result in (*FLOATS, "complex128") else "float64"


def widened_by_a_number(steps: Iterable[Definition | Reduction]) -> bool:
    """Does single precision meet ``np.ones(n)``, which is Python's 1.0 in a loop and does not widen there?"""
    filled: set[Buffer] = set()

    def is_number(expr: Expr) -> bool:
        """Is the text made of numbers that are written out, at least one of them as an array's element?"""
        parts = list(walk(expr))
        if any(isinstance(part, Counter) for part in parts):
            return False
        read = [part.version.buffer in filled for part in parts if isinstance(part, Read)]
        literal = [isinstance(part, Scalar) and not part.weak and not part.names for part in parts]
        return all(read) and (any(read) or any(literal))

    for step in steps:
        for part in walk(step.expr):
            single = isinstance(part, Op) and any(arg.dtype == "float32" for arg in part.args)
            if isinstance(part, Op) and single and any(is_number(arg) for arg in part.args):
                return True
        if isinstance(step, Definition) and is_number(step.expr):
            filled.add(step.target.buffer)
    return False
