"""What kind of value an expression has: as much typing as soundness needs, no more.

Python and Numba agree on most arithmetic. Where they do not, the kind of the operands decides:
a Python float divides by zero with an exception and a NumPy float with inf; a float32 times a
Python float stays float32 in NumPy 2 and becomes float64 in Numba; a uint8 wraps.
"""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

CONSTANT_NAMES = frozenset(("e", "inf", "nan", "pi"))
"""Of numbers that libraries offer."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Attributes
    ----------
    base
        ``int float bool complex`` (Python's), ``npint npfloat f32`` (NumPy scalars), ``number``
        (a float, Python's or NumPy's), ``small`` (of a small integer type, which wraps), ``array``,
        ``list``, ``tuple``, ``str``, ``none``,
        ``generator`` (of random numbers, NumPy's), ``function``, ``module``, ``object``, ``unknown``.
    dtype, ndim
        Of an array; of a list, its elements' and its depth; of a tuple of numbers, their bases,
        ``float npint``, or the one that all have.
    """

    base: str
    dtype: str = ""
    ndim: int = 0

    @property
    def is_array(self) -> bool:
        """Is it an array?"""
        return self.base == "array"

    @property
    def is_scalar(self) -> bool:
        """Is it a single number?"""
        return self.base in NUMBERS

    @property
    def is_value(self) -> bool:
        """Can it be an argument of a kernel, as it is or converted?"""
        return self.base in NUMBERS or self.base in ("array", "list", "tuple", "str", "none", "generator")


NUMBERS = frozenset(("int", "float", "bool", "complex", "npint", "npfloat", "f32", "number"))
UNKNOWN = Kind("unknown")
FLOAT, INT, BOOL, NPFLOAT, F32 = Kind("float"), Kind("int"), Kind("bool"), Kind("npfloat"), Kind("f32")
COMPLEX = Kind("complex")

SMALL: Mapping[str, range] = {
    "int8": range(-(2**7), 2**7),
    "int16": range(-(2**15), 2**15),
    "uint8": range(2**8),
    "uint16": range(2**16),
    "uint32": range(2**32),
}
"""Integer types whose arithmetic wraps in NumPy, not in Numba: they are compared, stored and looked up."""
COMPILED_DTYPES = frozenset(("float64", "float32", "int64", "int32", "bool", "complex128", *SMALL))
"""Array types whose scalar arithmetic means the same in NumPy and in Numba, with the care taken here."""

_ELEMENTS = {
    "float64": NPFLOAT,
    "float32": F32,
    "int64": Kind("npint"),
    "int32": Kind("npint"),
    "bool": BOOL,
    "complex128": Kind("complex"),
    **{dtype: Kind("small", dtype) for dtype in SMALL},
}


def element(array: Kind) -> Kind:
    """Kind of one element of an array or a list."""
    if array.base == "list":
        elements = {"float64": FLOAT, "npfloat": NPFLOAT, "int64": INT, "bool": BOOL, "complex128": COMPLEX}
        return elements.get(array.dtype, UNKNOWN)
    return _ELEMENTS.get(array.dtype, UNKNOWN)


def join(one: Kind, other: Kind) -> Kind:
    """Kind of a name that is sometimes the one, sometimes the other."""
    if one == other:
        return one
    bases = {one.base, other.base}
    if "small" in bases:
        return Kind("small")
    if bases == {"tuple"} and one.ndim == other.ndim == 0:
        return _joined_tuples(one, other)
    if bases == {"list"} and one.ndim == other.ndim and {one.dtype, other.dtype} == {"int64", "float64"}:
        return Kind("list", "float64", one.ndim)
    if bases <= {"int", "bool", "npint"}:
        return Kind("npint") if "npint" in bases else INT
    if "f32" in bases:
        return UNKNOWN
    if bases <= {"int", "bool", "float"}:
        return FLOAT
    if bases <= {"int", "bool", "npint", "float", "npfloat", "number"}:
        return Kind("number")
    if bases <= NUMBERS:
        return Kind("complex")
    return UNKNOWN


def _joined_tuples(one: Kind, other: Kind) -> Kind:
    parts = one.dtype.split(), other.dtype.split()
    if len(parts[0]) != len(parts[1]):
        return Kind("tuple")
    return tuple_of([join(Kind(a), Kind(b)) for a, b in zip(*parts, strict=True)])


def tuple_of(parts: Sequence[Kind]) -> Kind:
    """Kind of a tuple of several things."""
    bases = [part.base for part in parts]
    return Kind("tuple", " ".join(bases) if NUMBERS.issuperset(bases) else "")


def parts_of(whole: Kind, count: int) -> list[Kind]:
    """Kinds of what a tuple is unpacked to."""
    if whole.base in ("list", "array") and whole.ndim == 1:
        return [element(whole)] * count
    bases = whole.dtype.split() if whole.base == "tuple" else []
    bases = bases * count if len(bases) == 1 else bases
    return [Kind(base) for base in bases] if len(bases) == count else [UNKNOWN] * count


def join_all(kinds: Iterable[Kind]) -> Kind:
    """Join of several kinds; unknown of none."""
    result: Kind | None = None
    for kind in kinds:
        result = kind if result is None else join(result, kind)
    return result or UNKNOWN


def arithmetic(left: Kind, right: Kind, *, division: bool = False) -> Kind:
    """Kind of a sum, product or quotient under NumPy 2's promotion."""
    if left.is_array or right.is_array:
        return _array_arithmetic(left, right, division=division)
    if "small" in (left.base, right.base):
        return NPFLOAT if {left.base, right.base} & {"float", "npfloat", "number"} else Kind("small")
    if UNKNOWN in (left, right) or not (left.is_scalar and right.is_scalar):
        return UNKNOWN
    bases = {left.base, right.base}
    if "complex" in bases:
        return UNKNOWN if "f32" in bases else Kind("complex")
    if "f32" in bases:
        return (
            F32
            if bases <= {"f32", "float", "int", "bool"}
            else (NPFLOAT if bases <= {"f32", "npfloat"} else UNKNOWN)
        )
    if "npfloat" in bases:
        return NPFLOAT
    if bases <= {"int", "bool", "npint"}:
        if division:
            return NPFLOAT if "npint" in bases else FLOAT
        return Kind("npint") if "npint" in bases else INT
    if "npint" in bases:
        return NPFLOAT
    return Kind("number") if "number" in bases else FLOAT


def _array_arithmetic(left: Kind, right: Kind, *, division: bool) -> Kind:
    ndim = max(left.ndim if left.is_array else 0, right.ndim if right.is_array else 0)
    scalars = [element(side) if side.is_array else side for side in (left, right)]
    result = arithmetic(scalars[0], scalars[1], division=division)
    dtype = {
        "npfloat": "float64",
        "f32": "float32",
        "npint": "int64",
        "complex": "complex128",
        "bool": "bool",
    }
    return Kind("array", dtype[result.base], ndim) if result.base in dtype else UNKNOWN


def is_small(kind: Kind) -> bool:
    """Is it a number, or are its elements, of a small integer type?"""
    return kind.base == "small" or (kind.is_array and kind.dtype in SMALL)


def product(left: Kind, right: Kind) -> Kind:
    """Kind of a matrix product of arrays of float64, one or two dimensions each."""
    if not all(side.is_array and side.dtype == "float64" and side.ndim in (1, 2) for side in (left, right)):
        return UNKNOWN
    ndim = left.ndim + right.ndim - 2
    return Kind("array", "float64", ndim) if ndim else NPFLOAT


Names = Mapping[str, Kind]
Calls = Callable[[ast.Call, list[Kind]], Kind]


def infer(node: ast.expr, names: Names, calls: Calls) -> Kind:
    """Kind of an expression, given its names' kinds and what calls return."""
    match node:
        case ast.Constant(value=value):
            by_type = {bool: BOOL, int: INT, float: FLOAT, complex: Kind("complex"), str: Kind("str")}
            return Kind("none") if value is None else by_type.get(type(value), UNKNOWN)
        case ast.Name(id=name):
            return names.get(name, UNKNOWN)
        case ast.BinOp(left=left, op=op, right=right):
            kinds = infer(left, names, calls), infer(right, names, calls)
            if isinstance(op, ast.Pow):
                return _power(kinds[0], kinds[1], right)
            if isinstance(op, ast.MatMult):
                return product(*kinds)
            if isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.RShift) and kinds[0].base == "small":
                return kinds[0]
            return arithmetic(*kinds, division=isinstance(op, ast.Div))
        case ast.UnaryOp(op=op, operand=operand):
            kind = infer(operand, names, calls)
            if isinstance(op, ast.Not):
                return BOOL
            return INT if kind == BOOL and isinstance(op, ast.USub | ast.UAdd) else kind
        case ast.BoolOp(values=values):
            return join_all(infer(value, names, calls) for value in values)
        case ast.Compare(left=left, comparators=others):
            sides = [infer(side, names, calls) for side in (left, *others)]
            ndim = max((side.ndim for side in sides if side.is_array), default=-1)
            return Kind("array", "bool", ndim) if ndim >= 0 else BOOL
        case ast.IfExp(body=body, orelse=orelse):
            return join(infer(body, names, calls), infer(orelse, names, calls))
        case ast.Subscript(value=ast.List(elts=parts) | ast.Tuple(elts=parts)):
            return join_all(infer(part, names, calls) for part in parts)
        case ast.Subscript(value=value, slice=index):
            return _subscript(infer(value, names, calls), index, names, calls)
        case ast.Attribute(value=ast.Name(id=home), attr=attr) if attr in CONSTANT_NAMES:
            return names.get(f"{home}.{attr}", UNKNOWN)
        case ast.Attribute(value=value, attr=attr):
            return _attribute(infer(value, names, calls), attr)
        case ast.Call(args=arguments):
            return calls(node, [_argument(argument, names, calls) for argument in arguments])
        case ast.Tuple(elts=parts):
            return tuple_of([infer(part, names, calls) for part in parts])
        case _:
            return UNKNOWN


def _argument(node: ast.expr, names: Names, calls: Calls) -> Kind:
    """Kind of what a call is given: of a list made for it, too."""
    made = {"int": "int64", "float": "float64", "npfloat": "npfloat", "number": "float64"}
    if isinstance(node, ast.List) and node.elts:
        rows = {_argument(part, names, calls) for part in node.elts}
        one = join_all(rows)
        if all(row.base == "list" and row.ndim == 1 for row in rows):
            dtypes = {row.dtype for row in rows}
            return Kind("list", dtypes.pop() if len(dtypes) == 1 else "float64", 2)
        return Kind("list", made[one.base], 1) if one.base in made else UNKNOWN
    if not isinstance(node, ast.ListComp):
        return infer(node, names, calls)
    dtype = made.get(infer(node.elt, names, calls).base, "")
    return Kind("list", dtype, 1) if dtype else UNKNOWN


def _power(base: Kind, exponent: Kind, node: ast.expr) -> Kind:
    if base.base in ("int", "bool") and exponent.base == "int":
        return INT if isinstance(node, ast.Constant) else UNKNOWN
    return arithmetic(base, exponent)


def _subscript(value: Kind, index: ast.expr, names: Names, calls: Calls) -> Kind:
    if value.base == "tuple":
        return _of_tuple(value.dtype.split(), index)
    if value.base == "list":
        return Kind("list", value.dtype, value.ndim - 1) if value.ndim > 1 else element(value)
    if not value.is_array:
        return UNKNOWN
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    ndim = value.ndim
    for part in parts:
        if isinstance(part, ast.Slice):
            continue
        if isinstance(part, ast.Constant) and part.value is Ellipsis:
            continue
        if isinstance(part, ast.Constant) and part.value is None:
            ndim += 1
            continue
        kind = infer(part, names, calls)
        if kind.is_array:
            return (
                Kind("array", value.dtype, max(1, ndim - kind.ndim + 1)) if kind.dtype == "bool" else UNKNOWN
            )
        if kind.base == "tuple" and not kind.ndim:
            return UNKNOWN
        ndim -= max(1, kind.ndim)
    return Kind("array", value.dtype, ndim) if ndim > 0 else element(value)


def _of_tuple(bases: Sequence[str], index: ast.expr) -> Kind:
    """Kind of one number of a tuple of numbers; of one, ``bases`` may tell what all are."""
    match index:
        case ast.Constant(value=int(at)) if len(bases) > 1 and 0 <= at < len(bases):
            return Kind(bases[at])
        case ast.Slice():
            return UNKNOWN
    return Kind(bases[0]) if len(set(bases)) == 1 else UNKNOWN


def _attribute(value: Kind, attr: str) -> Kind:
    if not value.is_array:
        return UNKNOWN
    match attr:
        case "shape":
            return Kind("tuple", "int")
        case "size" | "ndim" | "itemsize" | "nbytes":
            return INT
        case "T":
            return value
        case "real" | "imag" if value.dtype == "complex128":
            return Kind("array", "float64", value.ndim)
        case _:
            return UNKNOWN
